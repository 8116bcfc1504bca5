/* SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later */
#ifndef _TEREDO_REASONS_H
#define _TEREDO_REASONS_H

/*
 * The words for the enumerations of uapi/linux/teredo.h, shared by the module's
 * netlink messages, the ip plug-in and the peer6 command. Names are stable and
 * made for programs, texts for people. All functions are total.
 */
const char *teredo_reason_name(unsigned int reason);
const char *teredo_reason_text(unsigned int reason);
const char *teredo_count_name(unsigned int count);
const char *teredo_state_name(unsigned int state);
const char *teredo_nat_name(unsigned int nat);
const char *teredo_role_name(unsigned int role);
const char *teredo_peer_event_name(unsigned int event);
/* Of the extension 1 << @bit, RFC 6081 section 3. */
const char *teredo_extension_name(unsigned int bit);

#ifndef __KERNEL__
#include <stdbool.h>

/*
 * "all", "none" or names with commas between them, as users write and read
 * them. The longest text is all names.
 */
#define TEREDO_EXTENSIONS_TEXT	48
bool teredo_extensions_parse(const char *text, unsigned int *extensions);
const char *teredo_extensions_text(unsigned int extensions,
				   char buf[TEREDO_EXTENSIONS_TEXT]);
#endif

#endif /* _TEREDO_REASONS_H */
