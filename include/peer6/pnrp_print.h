/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PNRP for people to read: each field of a message or record with its place,
 * also of what cannot be decoded, with a mark where it goes wrong. Portable
 * and without state, as the codec is.
 */
#ifndef PEER6_PNRP_PRINT_H
#define PEER6_PNRP_PRINT_H

#include <peer6/pnrp_wire.h>

#ifdef __cplusplus
extern "C" {
#endif

enum peer6_pnrp_kind {
	PEER6_PNRP_KIND_MSG,		/* a datagram */
	PEER6_PNRP_KIND_AUTHORITY,	/* an AUTHORITY_BUFFER */
	PEER6_PNRP_KIND_CPA,		/* Encoded CPA */
	PEER6_PNRP_KIND_PAYLOAD,	/* EXTENDED_PAYLOAD */
};

/* What is said of @len bytes at @offset; nothing of it outlives the call. */
struct peer6_pnrp_line {
	size_t		offset;
	size_t		len;		/* 0: something is missing here */
	unsigned int	depth;		/* 0 a field, 1 what is in it, ... */
	const char	*name;		/* "PNRP_HEADER" */
	const char	*value;		/* UTF-8 without control characters */
	int		error;		/* PEER6_E_*: wrong here, else 0 */
};

typedef void (*peer6_pnrp_line_fn)(void *ctx,
				   const struct peer6_pnrp_line *line);

/*
 * Calls @fn for each line, in the order of the bytes. An AUTHORITY that has all
 * of its buffer is followed into it, and a buffer into its records. @dialect
 * may be NULL. Returns what the decoders do: 0, or the first error; at least
 * one line then has one.
 */
int peer6_pnrp_print(enum peer6_pnrp_kind kind,
		     const struct peer6_pnrp_dialect *dialect,
		     const void *buf, size_t len,
		     peer6_pnrp_line_fn fn, void *ctx);

/* The line as text, cut to @size with its NUL. Returns its length. */
#define PEER6_PNRP_LINE_MAX	1024
size_t peer6_pnrp_line_text(const struct peer6_pnrp_line *line, char *text,
			    size_t size);

/* RFC 5952, with its NUL: "2001:db8::1". Returns @text. */
#define PEER6_PNRP_ADDRESS_MAX	46
char *peer6_pnrp_address_text(const uint8_t addr[16],
			      char text[PEER6_PNRP_ADDRESS_MAX]);

#ifdef __cplusplus
}
#endif

#endif
