/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer6-portmap: asks one gateway for one UDP port, or takes that back, and
 * ends. The libraries it uses wait for the gateway as long as that likes, and
 * read XML that anybody in the network may have written; so they live in a
 * process of their own, without privileges, that peer6d can end at any time.
 */
#ifndef PEER6_PORTMAP_H
#define PEER6_PORTMAP_H

#include <stdbool.h>
#include <stdint.h>

#include <netinet/in.h>

/* The service is one of a handful of names; a URL longer than this is a lie. */
#define PORTMAP_URL_MAX		256
#define PORTMAP_SERVICE_MAX	128
#define PORTMAP_WHY_MAX		200

/* RFC 6081 section 5.3.3. */
#define PORTMAP_DESCRIPTION	"TEREDO"

/*
 * NAT-PMP: requests are repeated after 250 ms, 500 ms, 1 s (RFC 6886 section
 * 3.1); who has not answered when the fourth is due has not heard of it.
 */
#define NATPMP_WAIT_MS		1700
/*
 * PCP: a request is repeated after 3 s (RFC 6887 section 8.1.1). Who does not
 * speak it says so at once.
 */
#define PCP_AGAIN_MS		3000
#define PCP_WAIT_MS		5000
/* Of both. */
#define PORTMAP_PORT		5351
/* SSDP: the time a gateway has to answer a search, twice at most. */
#define UPNP_DISCOVER_MS	2000
/*
 * All of it. The protocols fail in turn within 11 s; a gateway that answers
 * drop by drop would hold the libraries for longer.
 */
#define PORTMAP_TIME_S		15

enum portmap_protocol {
	PORTMAP_NATPMP	= 1 << 0,
	PORTMAP_UPNP	= 1 << 1,
	PORTMAP_PCP	= 1 << 2,
	PORTMAP_ANY	= PORTMAP_NATPMP | PORTMAP_UPNP | PORTMAP_PCP,
};

/* RFC 6887 section 11.1: who does not know it cannot end or change a mapping. */
#define PORTMAP_NONCE_LEN	12

struct portmap_request {
	bool		remove;
	unsigned int	protocols;	/* NAT-PMP, PCP, UPnP: in that order */
	struct in_addr	gateway;
	struct in_addr	local;		/* asks from here */
	struct in_addr	owner;		/* remove: who had asked */
	uint16_t	port;		/* host byte order, as all of them */
	uint16_t	external;	/* the one that is wanted */
	uint32_t	lease;		/* seconds */
	const char	*url, *service;	/* of UPnP, if known; else NULL */
	uint8_t		nonce[PORTMAP_NONCE_LEN];	/* of PCP */
};

struct portmap_answer {
	const char	*reason;	/* NULL: done */
	char		why[PORTMAP_WHY_MAX];
	bool		asked;		/* for a port: it may be there */
	enum portmap_protocol protocol;
	struct in_addr	external;
	uint16_t	port;
	uint32_t	lease;		/* 0: for ever */
	char		url[PORTMAP_URL_MAX];
	char		service[PORTMAP_SERVICE_MAX];
};

int64_t portmap_now_ms(void);

/*
 * A socket from the request's address to the gateway's PORTMAP_PORT, as the
 * mapping is made for the source of the request; -1: the answer says why.
 */
int portmap_connect(const struct portmap_request *req,
		    struct portmap_answer *answer);

/* All fill in the answer; true: done. */
bool portmap_natpmp(const struct portmap_request *req,
		    struct portmap_answer *answer);
bool portmap_pcp(const struct portmap_request *req,
		 struct portmap_answer *answer);
bool portmap_upnp(const struct portmap_request *req,
		  struct portmap_answer *answer);

/* Fills in why; returns false. */
bool portmap_fail(struct portmap_answer *answer, const char *reason,
		  const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
