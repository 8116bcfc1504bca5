// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The Port Control Protocol, RFC 6887: as much of it as one UDP port needs, for
 * there is no library in Debian. Gateways that speak it mostly answer NAT-PMP on
 * the same port (appendix A); this is for those that do not.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <sys/socket.h>

#include "policy.h"
#include "portmap.h"

enum {
	PCP_VERSION	= 2,
	PCP_MAP		= 1,
	PCP_RESPONSE	= 0x80,
	PCP_MAP_LEN	= 60,		/* request or response, section 11.1 */
	PCP_MAX		= 1100,		/* section 7 */
};

/* Offsets, in bytes: section 7.1, 7.2 and, from NONCE on, 11.1. */
enum {
	AT_VERSION	= 0,
	AT_OPCODE	= 1,
	AT_RESULT	= 3,
	AT_LIFETIME	= 4,
	AT_CLIENT	= 8,		/* of a request */
	AT_NONCE	= 24,
	AT_PROTOCOL	= 36,
	AT_INTERNAL	= 40,
	AT_EXTERNAL	= 42,
	AT_ADDRESS	= 44,
};

/* Section 7.4 */
enum {
	PCP_SUCCESS		= 0,
	PCP_UNSUPP_VERSION	= 1,
	PCP_NOT_AUTHORIZED	= 2,
	PCP_UNSUPP_OPCODE	= 4,
	PCP_NETWORK_FAILURE	= 7,
	PCP_NO_RESOURCES	= 8,
	PCP_UNSUPP_PROTOCOL	= 9,
	PCP_USER_EX_QUOTA	= 10,
	PCP_ADDRESS_MISMATCH	= 12,
};

static void put16(uint8_t *p, uint16_t v)
{
	p[0] = v >> 8;
	p[1] = v & 0xff;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

/* ::ffff:@addr; of 0.0.0.0: any of IPv4. */
static void put_addr(uint8_t *p, struct in_addr addr)
{
	memset(p, 0, 10);
	p[10] = 0xff;
	p[11] = 0xff;
	memcpy(p + 12, &addr, 4);
}

static bool get_addr(const uint8_t *p, struct in_addr *addr)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	memcpy(addr, p + 12, 4);
	return !memcmp(p, mapped, sizeof(mapped));
}

static void build(uint8_t *p, const struct portmap_request *req)
{
	struct in_addr any = { };

	memset(p, 0, PCP_MAP_LEN);
	p[AT_VERSION] = PCP_VERSION;
	p[AT_OPCODE] = PCP_MAP;
	put32(p + AT_LIFETIME, req->remove ? 0 : req->lease);
	put_addr(p + AT_CLIENT, req->local);
	memcpy(p + AT_NONCE, req->nonce, PORTMAP_NONCE_LEN);
	p[AT_PROTOCOL] = IPPROTO_UDP;
	put16(p + AT_INTERNAL, req->port);
	put16(p + AT_EXTERNAL, req->remove ? 0 : req->external);
	put_addr(p + AT_ADDRESS, any);
}

/* Section 8.3 and 11.4; what does not belong to the request is nobody's. */
static bool is_answer(const uint8_t *p, size_t len, const uint8_t *request)
{
	if (len < 4 || len > PCP_MAX || !(p[AT_OPCODE] & PCP_RESPONSE))
		return false;
	/* Another version may have any form. */
	if (p[AT_VERSION] != PCP_VERSION)
		return true;
	return len >= PCP_MAP_LEN && !(len % 4) &&
	       p[AT_OPCODE] == (PCP_RESPONSE | PCP_MAP) &&
	       !memcmp(p + AT_NONCE, request + AT_NONCE, PORTMAP_NONCE_LEN) &&
	       p[AT_PROTOCOL] == IPPROTO_UDP &&
	       get16(p + AT_INTERNAL) == get16(request + AT_INTERNAL);
}

static bool from_socket(struct portmap_answer *answer)
{
	if (errno != ECONNREFUSED)
		return portmap_fail(answer, "no-route",
				    "there is no way to the gateway: %s",
				    strerror(errno));
	answer->asked = false;
	return portmap_fail(answer, "not-supported",
			    "the gateway does not speak PCP");
}

static bool exchange(int s, const uint8_t *request, uint8_t *p,
		     struct portmap_answer *answer)
{
	int64_t now = portmap_now_ms(), again = now, end = now + PCP_WAIT_MS;
	struct pollfd fd = { s, POLLIN, 0 };
	ssize_t len;

	for (; now < end; now = portmap_now_ms()) {
		if (now >= again) {
			if (send(s, request, PCP_MAP_LEN, 0) < 0)
				return from_socket(answer);
			again = now + PCP_AGAIN_MS;
		}
		poll(&fd, 1, (int)((again < end ? again : end) - now));
		/* More than fits is too much: section 8.3. */
		len = recv(s, p, PCP_MAX + 1, 0);
		if (len >= 0 && is_answer(p, (size_t)len, request))
			return true;
		if (len < 0 && errno != EAGAIN && errno != EINTR)
			return from_socket(answer);
	}
	return portmap_fail(answer, "no-answer",
			    "the gateway did not answer to PCP");
}

static bool from_gateway(struct portmap_answer *answer, int result)
{
	/* Whatever it says, it does not say that there is a port. */
	answer->asked = false;
	switch (result) {
	case PCP_UNSUPP_VERSION:
	case PCP_UNSUPP_OPCODE:
	case PCP_UNSUPP_PROTOCOL:
		return portmap_fail(answer, "not-supported",
				    "the gateway speaks PCP, but not what is needed of it (%d)",
				    result);
	case PCP_NOT_AUTHORIZED:
		return portmap_fail(answer, "refused",
				    "the gateway does not allow it");
	case PCP_NETWORK_FAILURE:
		return portmap_fail(answer, "refused",
				    "the gateway has no outside address");
	case PCP_NO_RESOURCES:
	case PCP_USER_EX_QUOTA:
		return portmap_fail(answer, "refused",
				    "the gateway has no port left");
	case PCP_ADDRESS_MISMATCH:
		return portmap_fail(answer, "refused",
				    "the gateway sees another address of this host: a NAT is between them");
	}
	return portmap_fail(answer, "refused",
			    "the gateway refuses PCP's MAP with result %d",
			    result);
}

static bool take(const uint8_t *p, const struct portmap_request *req,
		 struct portmap_answer *answer)
{
	char text[INET_ADDRSTRLEN];
	const char *lie;
	bool ipv4;

	answer->port = get16(p + AT_EXTERNAL);
	answer->lease = get32(p + AT_LIFETIME);
	ipv4 = get_addr(p + AT_ADDRESS, &answer->external);
	if (!answer->port || !answer->lease)
		return portmap_fail(answer, "bad-answer",
				    "the gateway gives the port %u for %u s",
				    answer->port, answer->lease);
	if (!ipv4)
		return portmap_fail(answer, "bad-address",
				    "the gateway's outside address is not of IPv4");
	lie = portmap_lie(answer->external, req->gateway, req->local);
	if (!lie)
		return true;
	inet_ntop(AF_INET, &answer->external, text, sizeof(text));
	return portmap_fail(answer, "bad-address",
			    "the gateway says that its outside address is %s: %s",
			    text, lie);
}

bool portmap_pcp(const struct portmap_request *req,
		 struct portmap_answer *answer)
{
	uint8_t request[PCP_MAP_LEN], p[PCP_MAX + 1];
	int s = portmap_connect(req, answer);
	bool ok;

	answer->protocol = PORTMAP_PCP;
	if (s < 0)
		return false;
	build(request, req);
	/* One message has address and port: what is not believed is there. */
	answer->asked = true;
	ok = exchange(s, request, p, answer);
	close(s);
	if (!ok)
		return false;
	if (p[AT_VERSION] != PCP_VERSION) {
		answer->asked = false;
		return portmap_fail(answer, "not-supported",
				    "the gateway speaks another version than PCP's");
	}
	if (p[AT_RESULT] != PCP_SUCCESS)
		return from_gateway(answer, p[AT_RESULT]);
	return req->remove || take(p, req, answer);
}
