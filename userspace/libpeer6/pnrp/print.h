/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Within the printer: where it is, and values as text. */
#ifndef PEER6_PRINT_H
#define PEER6_PRINT_H

#include <peer6/pnrp_print.h>

#include "wire_record.h"

#define PRINT_VALUE_MAX		700
#define PRINT_BYTES_MAX		32	/* of what is not understood */

#if defined(__GNUC__)
#define PRINT_FORMAT(n)		__attribute__((format(printf, n, n + 1)))
#else
#define PRINT_FORMAT(n)
#endif

/*
 * One structure: its bytes, its place in the whole, and what its decoder said
 * of it. The line that covers the byte at which the decoder gave up gets the
 * error; p6out_end() makes one if there was none.
 */
struct print {
	peer6_pnrp_line_fn	fn;
	void			*ctx;
	const struct peer6_pnrp_dialect *dialect;
	const uint8_t		*p;
	size_t			len;
	size_t			base;	/* offset of p in the whole */
	unsigned int		depth;
	int			err;
	size_t			at;
	bool			marked;
	int			inner;	/* first error of what is inside */
};

void p6out_line(struct print *pr, size_t pos, size_t len, unsigned int depth,
		const char *name, const char *fmt, ...) PRINT_FORMAT(6);
/* As hexadecimal digits, the first of them. */
void p6out_bytes(struct print *pr, size_t pos, size_t len, unsigned int depth,
		 const char *name);
void p6out_id(struct print *pr, size_t pos, unsigned int depth,
	      const char *name);
void p6out_text(struct print *pr, size_t pos, size_t len, unsigned int depth,
		const char *name, const uint16_t *units, size_t n);
void p6out_end(struct print *pr);

/* Text of values; each returns its buffer. */
#define PRINT_ID_MAX	(2 * PEER6_PNRP_ID_LEN + 2)
char *p6out_id_text(const uint8_t id[PEER6_PNRP_ID_LEN],
		    char text[PRINT_ID_MAX]);
#define PRINT_ENDPOINT_MAX	(PEER6_PNRP_ADDRESS_MAX + 16)
char *p6out_endpoint(const uint8_t addr[16], unsigned int port,
		     char text[PRINT_ENDPOINT_MAX]);
#define PRINT_TIME_MAX	48
char *p6out_time(peer6_filetime time, char text[PRINT_TIME_MAX]);

/* Bits that have names, "0x0014 (A C)". */
struct print_bit {
	uint16_t	bit;
	char		name;
};
#define PRINT_FLAGS_MAX	64
char *p6out_flags(unsigned int flags, unsigned int digits,
		  const struct print_bit *bits, size_t n,
		  char text[PRINT_FLAGS_MAX]);

/* The structures within @outer at @pos; print_record.c has the records. */
void p6out_authority(struct print *outer, size_t pos, size_t len);
void p6out_cpa(struct print *outer, size_t pos, size_t len);
void p6out_payload(struct print *outer, size_t pos, size_t len);

#endif
