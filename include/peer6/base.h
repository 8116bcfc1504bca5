/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What all parts of libpeer6 share: errors, memory, random numbers, time and
 * endpoints. Portable C11 without system headers beyond the language's own, so
 * that the engines build wherever there is a compiler.
 *
 * Threads: nothing in libpeer6 keeps global state. An object may be used by any
 * thread, by one at a time.
 */
#ifndef PEER6_BASE_H
#define PEER6_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Every function that can fail returns 0 or one of these, all negative. The
 * list is only ever appended to. peer6_reason() gives the name that programs
 * compare ("not-found"), peer6_strerror() the sentence that people read.
 */
enum peer6_error {
	PEER6_OK		= 0,
	PEER6_E_NOMEM		= -1,	/* no memory */
	PEER6_E_INVAL		= -2,	/* the caller broke a rule of the call */
	PEER6_E_RANDOM		= -3,	/* the random source failed */
	PEER6_E_CRYPTO		= -4,	/* the crypto library failed */
	PEER6_E_CALLBACK	= -5,	/* a callback of the caller failed */
	PEER6_E_SPACE		= -6,	/* the caller's buffer is too small */
	PEER6_E_LIMIT		= -7,	/* a bounded table is full */
	PEER6_E_NOT_FOUND	= -8,	/* no such name, entry or object */
	PEER6_E_EXISTS		= -9,	/* there already */
	PEER6_E_TIMEOUT		= -10,	/* nobody answered in time */
	PEER6_E_CANCELED	= -11,	/* ended by the caller */
	PEER6_E_NO_ADDRESS	= -12,	/* the cloud has no local address */
	PEER6_E_RESOLVE_ONLY	= -13,	/* the cloud may only be asked */
	PEER6_E_BUSY		= -14,	/* too much load */
	/* names */
	PEER6_E_NAME		= -20,	/* no peer name: AUTHORITY.CLASSIFIER */
	PEER6_E_AUTHORITY	= -21,	/* neither "0" nor 40 digits 0-9 a-f */
	PEER6_E_CLASSIFIER	= -22,	/* over 149 units, or no Unicode */
	PEER6_E_HOST_NAME	= -23,	/* no name under pnrp.net */
	PEER6_E_NOT_CONVERTIBLE	= -24,	/* no host name can stand for it */
	/* identities */
	PEER6_E_KEY		= -30,	/* no key of the wanted kind */
	PEER6_E_KEY_ACCESS	= -31,	/* others may read or write the store */
	PEER6_E_PASSWORD	= -32,	/* wrong password */
	PEER6_E_CORRUPT		= -33,	/* damaged or cut short */
	PEER6_E_CERTIFICATE	= -34,	/* no valid identity certificate */
	PEER6_E_PROFILE		= -35,	/* the format takes RSA-1024 only */
	PEER6_E_FRIENDLY_NAME	= -36,	/* over 255 units, or no Unicode */
	PEER6_E_DISK_FULL	= -37,
	PEER6_E_STORE		= -38,	/* the store cannot be used */
	PEER6_E_IN_USE		= -39,	/* another process has it */
	/* the wire */
	PEER6_E_TRUNCATED	= -50,	/* ends within a field */
	PEER6_E_HEADER		= -51,	/* no PNRP 4.0 header */
	PEER6_E_MESSAGE_TYPE	= -52,	/* no message of PNRP 4.0 */
	PEER6_E_FIELD		= -53,	/* a field that is wrong there */
	PEER6_E_LENGTH		= -54,	/* lengths and counts disagree */
	PEER6_E_VALUE		= -55,	/* a value that the format forbids */
	PEER6_E_TRAILING	= -56,	/* bytes behind the last field */
	PEER6_E_SIGNATURE	= -57,
	PEER6_E_EXPIRED		= -58,
	PEER6_E_NONCE		= -59,	/* not the nonce that was sent */
	PEER6_E_ID_MISMATCH	= -60,	/* the record is of another ID */
	PEER6_E_CHAIN		= -61,	/* certificate chain not valid */
	PEER6_E_SOURCE		= -62,	/* a source that is not answered */
	PEER6_E_UNEXPECTED	= -63,	/* an answer nobody waits for */
	PEER6_E_RATE		= -64,	/* more than the rate limit allows */
	/* the service */
	PEER6_E_NO_DAEMON	= -80,	/* nobody listens on the socket */
	PEER6_E_ACCESS		= -81,	/* not in the group peer6 */
	PEER6_E_PROTOCOL	= -82,	/* the other side is no peer6d */
	PEER6_E_NO_CLOUD	= -83,	/* no such cloud */
	PEER6_E_IO		= -84,	/* a system call failed; see errno */
};

/* "not-found" for PEER6_E_NOT_FOUND; "unknown-error" for what is not listed. */
const char *peer6_reason(int error);
/* A sentence without a full stop, in English. Static storage. */
const char *peer6_strerror(int error);

/*
 * Where an object takes its memory. NULL for malloc() and free(). The struct is
 * not copied: it has to outlive the objects made with it.
 * realloc(NULL, n) allocates, realloc(p, 0) frees and returns NULL.
 */
struct peer6_mem {
	void *(*realloc)(void *ctx, void *p, size_t size);
	void *ctx;
};

/* Fills buf with unpredictable bytes. Returns 0, or negative on failure. */
typedef int (*peer6_random_fn)(void *ctx, void *buf, size_t len);

/* Monotonic nanoseconds from any start. */
typedef uint64_t peer6_time;
#define PEER6_NEVER	UINT64_MAX
#define PEER6_MS	UINT64_C(1000000)
#define PEER6_SECOND	UINT64_C(1000000000)

/* 100 ns since 1601-01-01 UTC, as on the wire (Windows' FILETIME). */
typedef uint64_t peer6_filetime;
#define PEER6_FILETIME_UNIX	UINT64_C(116444736000000000)	/* of 1970 */

/*
 * An IPv6 address in network order with a port in host order. scope_id is the
 * interface index of a link-local address on this host, else 0; it never
 * travels.
 */
struct peer6_endpoint {
	uint8_t		addr[16];
	uint16_t	port;
	uint32_t	scope_id;
};

#ifdef __cplusplus
}
#endif

#endif
