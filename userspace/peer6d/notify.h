/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PEER6D_NOTIFY_H
#define PEER6D_NOTIFY_H

/* sd_notify(3), if somebody listens at $NOTIFY_SOCKET. */
void notify(const char *state);

#endif
