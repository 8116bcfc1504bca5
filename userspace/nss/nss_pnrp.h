/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef NSS_PNRP_H
#define NSS_PNRP_H

#include <netdb.h>
#include <nss.h>
#include <stddef.h>
#include <stdint.h>

/* A name in DNS form, without its last dot (RFC 1035 section 2.3.4). */
#define NSS_PNRP_NAME_MAX	253

/* As many as a CPA of four instances has; more only delay connecting. */
#define NSS_PNRP_ADDRS_MAX	40

/* Seconds: the standard of a resolve, after which it has failed anyway. */
#define NSS_PNRP_TIMEOUT	30

/*
 * A daemon that lives answers within a few ms, on a busy host within a second or
 * two. One that has not after this time hangs, and names are not worth waiting
 * for it.
 */
#define NSS_PNRP_GREETING_MS	5000

#define NSS_PNRP_PUBLIC		__attribute__((visibility("default")))

/* What glibc calls, by these names (nss/nss.h has no prototypes for them). */
enum nss_status
_nss_pnrp_gethostbyname4_r(const char *name, struct gaih_addrtuple **pat,
			   char *buffer, size_t buflen, int *errnop,
			   int *h_errnop, int32_t *ttlp);
enum nss_status
_nss_pnrp_gethostbyname3_r(const char *name, int af, struct hostent *host,
			   char *buffer, size_t buflen, int *errnop,
			   int *h_errnop, int32_t *ttlp, char **canonp);
enum nss_status
_nss_pnrp_gethostbyname2_r(const char *name, int af, struct hostent *host,
			   char *buffer, size_t buflen, int *errnop,
			   int *h_errnop);
enum nss_status
_nss_pnrp_gethostbyname_r(const char *name, struct hostent *host, char *buffer,
			  size_t buflen, int *errnop, int *h_errnop);

#endif
