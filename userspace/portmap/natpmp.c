// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>

#include <natpmp.h>

#include "policy.h"
#include "portmap.h"

/*
 * The library's own socket has the source that the route gives. The mapping is
 * made for the source of the request, which has to be the device's.
 */
static bool open_gateway(natpmp_t *p, const struct portmap_request *req,
			 struct portmap_answer *answer)
{
	int ret = initnatpmp(p, 1, req->gateway.s_addr);

	if (ret)
		return portmap_fail(answer, "no-route",
				    "there is no way to the gateway");
	close(p->s);
	p->s = portmap_connect(req, answer);
	return p->s >= 0;
}

static bool from_library(struct portmap_answer *answer, int error)
{
	/* Whatever it says, it does not say that there is a port. */
	answer->asked = false;
	switch (error) {
	case NATPMP_ERR_NOGATEWAYSUPPORT:
		return portmap_fail(answer, "not-supported",
				    "the gateway does not speak NAT-PMP");
	case NATPMP_ERR_UNSUPPORTEDVERSION:
	case NATPMP_ERR_UNSUPPORTEDOPCODE:
		return portmap_fail(answer, "not-supported",
				    "the gateway speaks another version than NAT-PMP's");
	case NATPMP_ERR_NOTAUTHORIZED:
		return portmap_fail(answer, "refused",
				    "the gateway does not allow it");
	case NATPMP_ERR_NETWORKFAILURE:
		return portmap_fail(answer, "refused",
				    "the gateway has no outside address");
	case NATPMP_ERR_OUTOFRESOURCES:
		return portmap_fail(answer, "refused",
				    "the gateway has no port left");
	}
	return portmap_fail(answer, "bad-answer",
			    "NAT-PMP failed with the library's code %d",
			    error);
}

/* Until the answer of that type; later ones of an earlier request are passed over. */
static bool receive(natpmp_t *p, unsigned int type, natpmpresp_t *resp,
		    struct portmap_answer *answer)
{
	int64_t end = portmap_now_ms() + NATPMP_WAIT_MS, left;
	struct pollfd fd = { p->s, POLLIN, 0 };
	struct timeval wait;
	int ret;

	for (;;) {
		left = end - portmap_now_ms();
		if (left <= 0)
			return portmap_fail(answer, "no-answer",
					    "the gateway did not answer to NAT-PMP");
		if (!getnatpmprequesttimeout(p, &wait) &&
		    wait.tv_sec * 1000 + wait.tv_usec / 1000 < left)
			left = wait.tv_sec * 1000 + wait.tv_usec / 1000 + 1;
		poll(&fd, 1, left > 0 ? (int)left : 0);
		ret = readnatpmpresponseorretry(p, resp);
		if (!ret && resp->type == type)
			return true;
		if (!ret)
			p->has_pending_request = 1;
		else if (ret != NATPMP_TRYAGAIN)
			return from_library(answer, ret);
	}
}

static bool ask_address(natpmp_t *p, const struct portmap_request *req,
			struct portmap_answer *answer)
{
	char text[INET_ADDRSTRLEN];
	natpmpresp_t resp;
	const char *lie;

	if (sendpublicaddressrequest(p) != 2)
		return portmap_fail(answer, "no-route", "cannot send: %s",
				    strerror(errno));
	if (!receive(p, NATPMP_RESPTYPE_PUBLICADDRESS, &resp, answer))
		return false;
	answer->external = resp.pnu.publicaddress.addr;
	lie = portmap_lie(answer->external, req->gateway, req->local);
	if (!lie)
		return true;
	inet_ntop(AF_INET, &answer->external, text, sizeof(text));
	return portmap_fail(answer, "bad-address",
			    "the gateway says that its outside address is %s: %s",
			    text, lie);
}

static bool ask_port(natpmp_t *p, const struct portmap_request *req,
		     uint32_t lease, struct portmap_answer *answer)
{
	natpmpresp_t resp;

	answer->asked = true;
	if (sendnewportmappingrequest(p, NATPMP_PROTOCOL_UDP, req->port,
				      lease ? req->external : 0, lease) != 12)
		return portmap_fail(answer, "no-route", "cannot send: %s",
				    strerror(errno));
	if (!receive(p, NATPMP_RESPTYPE_UDPPORTMAPPING, &resp, answer))
		return false;
	if (!lease)
		return true;
	answer->port = resp.pnu.newportmapping.mappedpublicport;
	answer->lease = resp.pnu.newportmapping.lifetime;
	if (resp.pnu.newportmapping.privateport != req->port)
		return portmap_fail(answer, "bad-answer",
				    "the gateway speaks of the port %u, which is not the device's",
				    resp.pnu.newportmapping.privateport);
	if (!answer->port || !answer->lease)
		return portmap_fail(answer, "bad-answer",
				    "the gateway gives the port %u for %u s",
				    answer->port, answer->lease);
	return true;
}

bool portmap_natpmp(const struct portmap_request *req,
		    struct portmap_answer *answer)
{
	natpmp_t p = { .s = -1 };
	bool ok;

	answer->protocol = PORTMAP_NATPMP;
	ok = open_gateway(&p, req, answer);
	/* The address comes first: so nothing is to be undone if it is a lie. */
	if (ok && !req->remove)
		ok = ask_address(&p, req, answer);
	if (ok)
		ok = ask_port(&p, req, req->remove ? 0 : req->lease, answer);
	if (p.s >= 0)
		closenatpmp(&p);
	return ok;
}
