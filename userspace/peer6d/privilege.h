/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PEER6D_PRIVILEGE_H
#define PEER6D_PRIVILEGE_H

#include "options.h"

/*
 * Makes the folders of state and socket, and, as root, becomes the user of the
 * options with no capability left: nothing that peer6d does needs one. Returns
 * 0 or the exit status (the reason has been said).
 */
int privilege_drop(const struct options *opt);

/* Whether this process has the capability now. */
bool privilege_has(int cap);

/*
 * For a child: becomes that user too, and keeps one capability. False: it could
 * not, and has to end.
 */
bool privilege_keep(const struct options *opt, int cap);

#endif
