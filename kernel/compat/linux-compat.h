/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Included before every source file: gives an older kernel the interfaces
 * that the drivers are written for. Which of them are missing is found out
 * by Kbuild.include from the target tree's headers.
 */

#ifndef _PEER6_LINUX_COMPAT_H
#define _PEER6_LINUX_COMPAT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "peer6 needs Linux 6.1 or newer"
#endif

#endif
