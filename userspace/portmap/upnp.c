// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#include <miniupnpc/miniupnpc.h>
#include <miniupnpc/upnpcommands.h>
#include <miniupnpc/upnperrors.h>

#include "policy.h"
#include "portmap.h"

/* UPnP IGD 1.0, WANIPConnection. */
#define UPNP_NO_SUCH_ENTRY	714
#define UPNP_CONFLICT		718
#define UPNP_PERMANENT_ONLY	725

/* A gateway as UPnP shows it. */
struct igd {
	char	url[PORTMAP_URL_MAX];
	char	service[PORTMAP_SERVICE_MAX];
};

/*
 * Only the gateway's own addresses: anybody in the network may answer a search,
 * and a description may point anywhere.
 */
static bool is_at(const char *url, struct in_addr gateway)
{
	char host[INET_ADDRSTRLEN];
	struct in_addr addr;
	size_t len;

	if (strncmp(url, "http://", 7))
		return false;
	url += 7;
	len = strcspn(url, ":/");
	if (len >= sizeof(host))
		return false;
	memcpy(host, url, len);
	host[len] = '\0';
	return inet_pton(AF_INET, host, &addr) == 1 &&
	       addr.s_addr == gateway.s_addr;
}

/* What goes into a request line and back to peer6d: nothing that ends a line. */
static bool take(char *out, size_t size, const char *in)
{
	size_t i, len = in ? strlen(in) : 0;

	if (!len || len >= size)
		return false;
	for (i = 0; i < len; i++)
		if (in[i] <= ' ' || in[i] > '~')
			return false;
	memcpy(out, in, len + 1);
	return true;
}

static bool take_service(struct igd *igd, const struct UPNPUrls *urls,
			 const struct IGDdatas *data, struct in_addr gateway)
{
	return urls->controlURL && is_at(urls->controlURL, gateway) &&
	       take(igd->url, sizeof(igd->url), urls->controlURL) &&
	       take(igd->service, sizeof(igd->service),
		    data->first.servicetype);
}

/* One description: the first connection that is up, of the two it may have. */
static bool describe(struct igd *igd, const char *root, struct in_addr gateway)
{
	struct UPNPUrls urls = { };
	struct IGDdatas data = { };
	char lan[64] = "";
	bool ok;

	if (!UPNP_GetIGDFromUrl(root, &urls, &data, lan, sizeof(lan)))
		return false;
	ok = take_service(igd, &urls, &data, gateway);
	if (ok && data.second.servicetype[0] &&
	    !UPNPIGD_IsConnected(&urls, &data)) {
		FreeUPNPUrls(&urls);
		memset(&urls, 0, sizeof(urls));
		data.first = data.second;
		GetUPNPUrls(&urls, &data, root, 0);
		ok = take_service(igd, &urls, &data, gateway);
	}
	FreeUPNPUrls(&urls);
	return ok;
}

static bool discover(struct igd *igd, const struct portmap_request *req,
		     struct portmap_answer *answer)
{
	/* A gateway of version 2 answers for 1; some do not. */
	static const char *const types[] = {
		"urn:schemas-upnp-org:device:InternetGatewayDevice:1",
		"urn:schemas-upnp-org:device:InternetGatewayDevice:2",
		NULL
	};
	char local[INET_ADDRSTRLEN];
	struct UPNPDev *list, *dev;
	bool other = false, found = false;
	int error = 0;

	inet_ntop(AF_INET, &req->local, local, sizeof(local));
	list = upnpDiscoverDevices(types, UPNP_DISCOVER_MS, local, NULL,
				   UPNP_LOCAL_PORT_ANY, 0, 2, &error, 0);
	for (dev = list; dev && !found; dev = dev->pNext) {
		if (is_at(dev->descURL, req->gateway))
			found = describe(igd, dev->descURL, req->gateway);
		else
			other = true;
	}
	freeUPNPDevlist(list);
	if (found)
		return true;
	return portmap_fail(answer, "no-answer", other ?
			    "others than the gateway answered to UPnP" :
			    "the gateway did not answer to UPnP");
}

static bool from_gateway(struct portmap_answer *answer, const char *action,
			 int error)
{
	const char *words = strupnperror(error);

	/* A refusal: then it is not there. */
	answer->asked &= error < 0;
	if (error < 0)
		return portmap_fail(answer, "no-answer",
				    "the gateway did not answer to UPnP's %s",
				    action);
	return portmap_fail(answer, error == UPNP_CONFLICT ? "conflict" :
			    "refused", "the gateway refuses UPnP's %s: %s (%d)",
			    action, words ? words : "no reason known", error);
}

struct entry {
	char	client[16], port[6], description[80], enabled[4], lease[16];
};

static int get_entry(const struct igd *igd, const char *port, struct entry *e)
{
	memset(e, 0, sizeof(*e));
	return UPNP_GetSpecificPortMappingEntry(igd->url, igd->service, port,
						"UDP", NULL, e->client,
						e->port, e->description,
						e->enabled, e->lease);
}

static bool remove_port(const struct igd *igd,
			const struct portmap_request *req,
			struct portmap_answer *answer)
{
	char port[6], own_port[6], owner[INET_ADDRSTRLEN];
	struct entry e;
	int ret;

	snprintf(port, sizeof(port), "%u", req->external);
	snprintf(own_port, sizeof(own_port), "%u", req->port);
	inet_ntop(AF_INET, &req->owner, owner, sizeof(owner));
	ret = get_entry(igd, port, &e);
	if (ret == UPNP_NO_SUCH_ENTRY)
		return true;
	/* The port has gone to somebody else: then ours is no more. */
	if (!ret && (strcmp(e.client, owner) || strcmp(e.port, own_port) ||
		     strcmp(e.description, PORTMAP_DESCRIPTION)))
		return true;
	ret = UPNP_DeletePortMapping(igd->url, igd->service, port, "UDP",
				     NULL);
	if (!ret || ret == UPNP_NO_SUCH_ENTRY)
		return true;
	return from_gateway(answer, "DeletePortMapping", ret);
}

static bool ask_address(const struct igd *igd,
			const struct portmap_request *req,
			struct portmap_answer *answer)
{
	char text[40] = "";
	const char *lie;
	int ret;

	ret = UPNP_GetExternalIPAddress(igd->url, igd->service, text);
	if (ret)
		return from_gateway(answer, "GetExternalIPAddress", ret);
	/* Nothing at all is how some say that they have none. */
	if (text[0] && inet_pton(AF_INET, text, &answer->external) != 1)
		return portmap_fail(answer, "bad-address",
				    "what the gateway says is its outside address is none");
	lie = portmap_lie(answer->external, req->gateway, req->local);
	if (!lie)
		return true;
	return portmap_fail(answer, "bad-address",
			    "the gateway says that its outside address is %s: %s",
			    text[0] ? text : "none", lie);
}

/* What was asked for is looked at: that port, for this host, for so long. */
static bool check_port(const struct igd *igd,
		       const struct portmap_request *req, const char *port,
		       struct portmap_answer *answer)
{
	char own_port[6], local[INET_ADDRSTRLEN];
	struct entry e;
	unsigned long lease;
	int ret;

	ret = get_entry(igd, port, &e);
	/* Not all of them can say; that alone is no reason. */
	if (ret && ret != UPNP_NO_SUCH_ENTRY)
		return true;
	snprintf(own_port, sizeof(own_port), "%u", req->port);
	inet_ntop(AF_INET, &req->local, local, sizeof(local));
	if (ret || strcmp(e.client, local) || strcmp(e.port, own_port))
		return portmap_fail(answer, "bad-answer",
				    "the gateway gave the port %s, and then says it is %s%.15s%s%.5s",
				    port, ret ? "nobody's" : "of ", e.client,
				    ret ? "" : " port ", e.port);
	lease = strtoul(e.lease, NULL, 10);
	if (lease && lease < answer->lease)
		answer->lease = lease;
	return true;
}

static bool add_port(const struct igd *igd, const struct portmap_request *req,
		     struct portmap_answer *answer)
{
	char port[6], own_port[6], lease[12], local[INET_ADDRSTRLEN];
	int ret;

	snprintf(port, sizeof(port), "%u", req->external);
	snprintf(own_port, sizeof(own_port), "%u", req->port);
	snprintf(lease, sizeof(lease), "%u", req->lease);
	inet_ntop(AF_INET, &req->local, local, sizeof(local));
	answer->port = req->external;
	answer->lease = req->lease;
	answer->asked = true;
	ret = UPNP_AddPortMapping(igd->url, igd->service, port, own_port,
				  local, PORTMAP_DESCRIPTION, "UDP", NULL,
				  lease);
	if (ret == UPNP_PERMANENT_ONLY) {
		answer->lease = 0;
		ret = UPNP_AddPortMapping(igd->url, igd->service, port,
					  own_port, local,
					  PORTMAP_DESCRIPTION, "UDP", NULL,
					  "0");
	}
	if (ret)
		return from_gateway(answer, "AddPortMapping", ret);
	return check_port(igd, req, port, answer);
}

static bool act(const struct igd *igd, const struct portmap_request *req,
		struct portmap_answer *answer)
{
	if (req->remove)
		return remove_port(igd, req, answer);
	return ask_address(igd, req, answer) && add_port(igd, req, answer);
}

bool portmap_upnp(const struct portmap_request *req,
		  struct portmap_answer *answer)
{
	struct igd igd = { };
	bool ok;

	answer->protocol = PORTMAP_UPNP;
	/* Where it was the last time; a gateway that restarted may be elsewhere. */
	if (req->url && req->service && is_at(req->url, req->gateway) &&
	    take(igd.url, sizeof(igd.url), req->url) &&
	    take(igd.service, sizeof(igd.service), req->service)) {
		ok = act(&igd, req, answer);
		if (ok || strcmp(answer->reason, "no-answer"))
			goto out;
		answer->reason = NULL;
	}
	ok = discover(&igd, req, answer) && act(&igd, req, answer);
out:
	if (ok) {
		memcpy(answer->url, igd.url, sizeof(igd.url));
		memcpy(answer->service, igd.service, sizeof(igd.service));
	}
	return ok;
}
