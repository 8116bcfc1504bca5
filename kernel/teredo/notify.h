/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TEREDO_NOTIFY_H
#define _TEREDO_NOTIFY_H

#include <net/neighbour.h>

/* Of the link address of @n as much as fits, not 0 if there is one. */
u64 teredo_hwaddr(const struct neighbour *n);

int teredo_notify_init(void);
void teredo_notify_exit(void);

#endif /* _TEREDO_NOTIFY_H */
