// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>

#include <peer6/base.h>

#include "links.h"

struct links {
	struct nl_sock	*events;	/* multicast */
	struct nl_sock	*dumps;		/* blocking: answered at once */
	uv_poll_t	poll;
	uv_timer_t	settle;
	unsigned int	handles;	/* still to be closed */
	links_changed	changed;
	void		*ctx;
	struct host	host;
};

static int by_index(const void *a, const void *b)
{
	const struct host_link *x = a, *y = b;

	return x->index < y->index ? -1 : x->index > y->index;
}

static void take_link(struct nl_object *object, void *ctx)
{
	struct rtnl_link *link = (struct rtnl_link *)object;
	struct host *host = ctx;
	unsigned int flags = rtnl_link_get_flags(link);
	struct host_link *l;

	l = &host->links[host->n_links++];
	l->index = rtnl_link_get_ifindex(link);
	l->up = (flags & IFF_UP) && (flags & IFF_RUNNING);
	/* Loopback says it can, but there is nobody to be heard. */
	l->multicast = (flags & IFF_MULTICAST) && !(flags & IFF_LOOPBACK);
	strncpy(l->name, rtnl_link_get_name(link), sizeof(l->name) - 1);
}

static void take_address(struct nl_object *object, void *ctx)
{
	struct rtnl_addr *a = (struct rtnl_addr *)object;
	struct nl_addr *local = rtnl_addr_get_local(a);
	unsigned int flags = rtnl_addr_get_flags(a);
	struct host *host = ctx;
	struct host_address *h = &host->addresses[host->n_addresses];
	uint8_t *p = h->addr;

	if (host->n_addresses == ADDRESSES_MAX ||
	    rtnl_addr_get_family(a) != AF_INET6 || !local ||
	    nl_addr_get_len(local) != 16 ||
	    (flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED) &&
	     !(flags & IFA_F_OPTIMISTIC)))
		return;
	memset(h, 0, sizeof(*h));
	memcpy(p, nl_addr_get_binary_addr(local), 16);
	h->link_local = p[0] == 0xfe && (p[1] & 0xc0) == 0x80;
	if (!h->link_local &&
	    (rtnl_addr_get_scope(a) != RT_SCOPE_UNIVERSE ||
	     (p[0] == 0xfe && (p[1] & 0xc0) == 0xc0)))
		return;
	h->index = rtnl_addr_get_ifindex(a);
	h->prefix_len = nl_addr_get_prefixlen(local);
	h->temporary = flags & IFA_F_TEMPORARY;
	h->deprecated = flags & IFA_F_DEPRECATED;
	host->n_addresses++;
}

/*
 * An address on a link that is down is of no use, nor one whose link is not
 * there (the two dumps are not one).
 */
static void drop_orphans(struct host *host)
{
	unsigned int i, k, n = 0;

	for (i = 0; i < host->n_addresses; i++) {
		for (k = 0; k < host->n_links; k++)
			if (host->links[k].up &&
			    host->links[k].index == host->addresses[i].index)
				break;
		if (k < host->n_links)
			host->addresses[n++] = host->addresses[i];
	}
	host->n_addresses = n;
}

static int dump(struct links *links)
{
	struct nl_cache *all_links = NULL, *all_addresses = NULL;
	struct host host = { };
	int ret = PEER6_E_IO;

	if (rtnl_link_alloc_cache(links->dumps, AF_UNSPEC, &all_links) < 0 ||
	    rtnl_addr_alloc_cache(links->dumps, &all_addresses) < 0)
		goto out;
	host.links = calloc(nl_cache_nitems(all_links) + 1,
			    sizeof(*host.links));
	host.addresses = calloc(ADDRESSES_MAX + 1, sizeof(*host.addresses));
	ret = PEER6_E_NOMEM;
	if (!host.links || !host.addresses)
		goto out;
	nl_cache_foreach(all_links, take_link, &host);
	nl_cache_foreach(all_addresses, take_address, &host);
	qsort(host.links, host.n_links, sizeof(*host.links), by_index);
	drop_orphans(&host);
	free(links->host.links);
	free(links->host.addresses);
	links->host = host;
	memset(&host, 0, sizeof(host));
	ret = 0;
out:
	free(host.links);
	free(host.addresses);
	nl_cache_put(all_links);
	nl_cache_put(all_addresses);
	return ret;
}

static void on_settled(uv_timer_t *timer)
{
	struct links *links = timer->data;

	/* On failure the old picture stays, and is looked at again. */
	if (dump(links))
		uv_timer_start(timer, on_settled, BIND_RETRY_MS, 0);
	else
		links->changed(links->ctx, &links->host);
}

void links_look(struct links *links)
{
	if (!uv_is_active((uv_handle_t *)&links->settle))
		uv_timer_start(&links->settle, on_settled, ADDRESS_SETTLE_MS,
			       0);
}

static int take_event(struct nl_msg *msg, void *ctx)
{
	(void)msg;
	(void)ctx;
	return NL_OK;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct links *links = poll->data;

	(void)status;
	(void)events;
	/* Whatever they say, or if some were lost: look again. */
	nl_recvmsgs_default(links->events);
	links_look(links);
}

const struct host *links_host(const struct links *links)
{
	return &links->host;
}

static void free_now(struct links *links)
{
	nl_socket_free(links->events);
	nl_socket_free(links->dumps);
	free(links->host.links);
	free(links->host.addresses);
	free(links);
}

static void on_closed(uv_handle_t *handle)
{
	struct links *links = handle->data;

	if (!--links->handles)
		free_now(links);
}

void links_free(struct links *links)
{
	if (!links)
		return;
	uv_close((uv_handle_t *)&links->poll, on_closed);
	uv_close((uv_handle_t *)&links->settle, on_closed);
}

int links_new(struct links **out, uv_loop_t *loop, links_changed changed,
	      void *ctx)
{
	struct links *links = calloc(1, sizeof(*links));

	if (!links)
		return PEER6_E_NOMEM;
	links->changed = changed;
	links->ctx = ctx;
	links->events = nl_socket_alloc();
	links->dumps = nl_socket_alloc();
	if (!links->events || !links->dumps) {
		free_now(links);
		return PEER6_E_NOMEM;
	}
	nl_socket_disable_seq_check(links->events);
	nl_socket_modify_cb(links->events, NL_CB_VALID, NL_CB_CUSTOM,
			    take_event, NULL);
	/* Listening comes before the first dump: nothing falls between. */
	if (nl_connect(links->events, NETLINK_ROUTE) < 0 ||
	    nl_connect(links->dumps, NETLINK_ROUTE) < 0 ||
	    nl_socket_add_memberships(links->events, RTNLGRP_LINK,
				      RTNLGRP_IPV6_IFADDR, 0) < 0 ||
	    nl_socket_set_nonblocking(links->events) < 0 || dump(links) ||
	    uv_poll_init(loop, &links->poll,
			 nl_socket_get_fd(links->events)) < 0) {
		free_now(links);
		return PEER6_E_IO;
	}
	uv_timer_init(loop, &links->settle);
	links->handles = 2;
	links->poll.data = links;
	links->settle.data = links;
	uv_poll_start(&links->poll, UV_READABLE, on_readable);
	*out = links;
	return 0;
}
