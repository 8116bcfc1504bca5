// SPDX-License-Identifier: GPL-2.0 OR LGPL-2.1-or-later
#include "addr.h"
#include "trailer.h"

/* RFC 6081 section 4 */
enum {
	NONCE_LEN	= 4,
	ND_LEN		= 4,
	PORT_LEN	= 2,
	LIST_HLEN	= 2,		/* reserved */
	ENTRY_LEN	= 6,

	ND_SOLICITATION	= 0,
	ND_ADVERTISEMENT = 1,
};

static __be16 get_be16(const u8 *p)
{
	return htons(teredo_get16(p));
}

static void parse_alternates(struct teredo_trailers *t, const u8 *value,
			     u8 len)
{
	unsigned int i, n = (len - LIST_HLEN) / ENTRY_LEN;

	if (len < LIST_HLEN + ENTRY_LEN || (len - LIST_HLEN) % ENTRY_LEN ||
	    n > TEREDO_ALTERNATES) {
		t->alternates_bad = true;
		return;
	}
	for (i = 0; i < n; i++) {
		const u8 *entry = value + LIST_HLEN + i * ENTRY_LEN;
		struct teredo_endpoint e = {
			.ip = htonl(teredo_get32(entry)),
			.port = get_be16(entry + 4),
		};

		/* Private ones are what the list is for. */
		if (!e.port || !teredo_ip_is_global(e.ip, true)) {
			memset(t->alternate, 0, sizeof(t->alternate));
			t->alternates_bad = true;
			return;
		}
		t->alternate[i] = e;
	}
	t->n_alternates = (u8)n;
}

void teredo_trailers_parse(const struct teredo_packet *pkt, const u8 *data,
			   struct teredo_trailers *t)
{
	struct teredo_trailer one;
	u16 pos = 0;

	memset(t, 0, sizeof(*t));
	while (teredo_trailer_next(pkt, data, &pos, &one)) {
		const u8 *value = data + one.off;

		switch (one.type) {
		case TEREDO_TRAILER_NONCE:
			if (one.len != NONCE_LEN || t->has_nonce)
				break;
			t->has_nonce = true;
			t->nonce = teredo_get32(value);
			t->any = true;
			break;
		case TEREDO_TRAILER_ALT_ADDRESS:
			if (t->n_alternates || t->alternates_bad)
				break;
			parse_alternates(t, value, one.len);
			t->any = true;
			break;
		case TEREDO_TRAILER_ND_OPTION:
			if (one.len != ND_LEN || t->nd != TEREDO_ND_NONE ||
			    value[0] > ND_ADVERTISEMENT)
				break;
			t->nd = value[0] == ND_SOLICITATION ?
				TEREDO_ND_SOLICIT : TEREDO_ND_ADVERT;
			t->any = true;
			break;
		case TEREDO_TRAILER_RANDOM_PORT:
		case TEREDO_TRAILER_RANDOM_PORT_ALT:
			/* RFC 6081 names one in its text, one in its table. */
			if (one.len != PORT_LEN || t->random_port)
				break;
			t->random_port = get_be16(value);
			t->any |= t->random_port != 0;
			break;
		}
	}
}

static u8 *put_header(u8 *p, u8 type, u8 len)
{
	*p++ = type;
	*p++ = len;
	return p;
}

size_t teredo_trailers_build(u8 *buf, const struct teredo_trailers *t)
{
	unsigned int i;
	u8 *p = buf;

	if (t->has_nonce) {
		p = put_header(p, TEREDO_TRAILER_NONCE, NONCE_LEN);
		teredo_put32(p, t->nonce);
		p += NONCE_LEN;
	}
	if (t->n_alternates) {
		p = put_header(p, TEREDO_TRAILER_ALT_ADDRESS,
			       (u8)(LIST_HLEN + t->n_alternates * ENTRY_LEN));
		teredo_put16(p, 0);
		p += LIST_HLEN;
	}
	for (i = 0; i < t->n_alternates; i++) {
		teredo_put32(p, ntohl(t->alternate[i].ip));
		teredo_put16(p + 4, ntohs(t->alternate[i].port));
		p += ENTRY_LEN;
	}
	if (t->nd != TEREDO_ND_NONE) {
		p = put_header(p, TEREDO_TRAILER_ND_OPTION, ND_LEN);
		teredo_put32(p, 0);
		p[0] = t->nd == TEREDO_ND_SOLICIT ? ND_SOLICITATION :
						    ND_ADVERTISEMENT;
		p += ND_LEN;
	}
	if (t->random_port) {
		p = put_header(p, TEREDO_TRAILER_RANDOM_PORT, PORT_LEN);
		teredo_put16(p, ntohs(t->random_port));
		p += PORT_LEN;
	}
	return (size_t)(p - buf);
}
