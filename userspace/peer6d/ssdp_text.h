/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SSDP as PNRP uses it ([MS-PNRP] sections 3.1.4.2.2 and 3.1.5.1), text <->
 * struct. The search target contains blanks and the location is no URL, so
 * stacks made for UPnP refuse it. Reading is total: whatever comes gives a
 * struct or false; what is unknown is skipped. Keeps no state, allocates
 * nothing.
 */
#ifndef PEER6D_SSDP_TEXT_H
#define PEER6D_SSDP_TEXT_H

#include <peer6/pnrp_engine.h>

enum ssdp_kind {
	SSDP_SEARCH,	/* M-SEARCH * */
	SSDP_ANSWER,	/* 200 OK to it */
	SSDP_ALIVE,	/* NOTIFY */
	SSDP_BYEBYE,
};

struct ssdp_text {
	enum ssdp_kind		kind;
	enum peer6_pnrp_scope	scope;
	unsigned int		mx;	/* search: seconds, 0 if not said */
	struct peer6_endpoint	al;	/* the others; scope_id is 0 */
};

/* False: nothing of PNRP's, or without a usable AL. */
bool ssdp_parse(struct ssdp_text *out, const char *data, size_t len);
/*
 * Bytes written, without a NUL; 0: size is too small (SSDP_DATAGRAM_MAX is
 * not).
 */
size_t ssdp_format(const struct ssdp_text *text, char *buf, size_t size);

#endif
