/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TEREDO_NOTIFY_H
#define _TEREDO_NOTIFY_H

int teredo_notify_init(void);
void teredo_notify_exit(void);

#endif /* _TEREDO_NOTIFY_H */
