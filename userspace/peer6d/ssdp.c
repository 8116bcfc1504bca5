// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "daemon.h"
#include "ssdp.h"
#include "ssdp_text.h"

#define SSDP_PORT	1900

static const struct in6_addr group = {
	.s6_addr = { 0xff, 0x02, [15] = 0x0c },
};

struct joined {
	uint32_t	index;
	char		name[IFNAMSIZ];
	unsigned int	taken;		/* searches in this second */
	uint64_t	second;
};

struct reply {
	struct reply		*next;
	uint64_t		due;	/* ms of the loop */
	struct sockaddr_in6	to;
	char			key[CLOUD_KEY_MAX];
};

struct ssdp {
	struct daemon	*daemon;
	int		group_fd;	/* [::]:1900, hears searches */
	int		search_fd;	/* any port: asks, hears answers */
	uv_poll_t	group_poll, search_poll;
	uv_timer_t	timer;		/* answers that wait */
	uv_timer_t	alive;
	unsigned int	handles;
	struct joined	joined[CLOUDS_MAX];
	unsigned int	n_joined;
	struct reply	*replies;	/* by due */
	unsigned int	n_replies;
};

static bool usable(const struct ssdp *ssdp)
{
	return ssdp->group_fd >= 0 && ssdp->daemon->conf.multicast;
}

static void put(int fd, uint32_t index, const struct sockaddr_in6 *to,
		const char *data, size_t len)
{
	union {
		struct cmsghdr	align;
		char		buf[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	} control = { };
	struct iovec iov = { .iov_base = (void *)data, .iov_len = len };
	struct msghdr msg = {
		.msg_name = (void *)to,
		.msg_namelen = sizeof(*to),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	struct in6_pktinfo info = { .ipi6_ifindex = index };

	c->cmsg_level = IPPROTO_IPV6;
	c->cmsg_type = IPV6_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(c), &info, sizeof(info));
	/*
	 * A search that cannot be sent is repeated by the engine's discovery.
	 */
	while (sendmsg(fd, &msg, MSG_DONTWAIT) < 0 && errno == EINTR)
		;
}

/* To the group, on the cloud's link, or for the global cloud on all. */
static void announce(struct ssdp *ssdp, const struct cloud *cloud,
		     const struct ssdp_text *text)
{
	struct sockaddr_in6 to = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(SSDP_PORT),
		.sin6_addr = group,
	};
	char buf[SSDP_DATAGRAM_MAX];
	size_t len = ssdp_format(text, buf, sizeof(buf));
	unsigned int i;

	for (i = 0; i < ssdp->n_joined; i++) {
		if (cloud->index && cloud->index != ssdp->joined[i].index)
			continue;
		to.sin6_scope_id = ssdp->joined[i].index;
		put(ssdp->search_fd, ssdp->joined[i].index, &to, buf, len);
	}
}

void ssdp_search(struct ssdp *ssdp, struct cloud *cloud)
{
	struct ssdp_text text = {
		.kind = SSDP_SEARCH,
		.scope = cloud->scope,
		.mx = 3,
	};
	struct events *events = ssdp->daemon->events;

	if (!usable(ssdp))
		return;
	cloud->searches++;
	announce(ssdp, cloud, &text);
	event_begin(events, EVENT_SSDP_SEARCH, LOG_DEBUG);
	event_cloud(events, cloud->name);
	event_send(events, "looked for others by multicast");
}

static void notify(struct ssdp *ssdp, struct cloud *cloud, enum ssdp_kind kind)
{
	struct ssdp_text text = { .kind = kind, .scope = cloud->scope };

	if (!usable(ssdp) || !cloud->n_local)
		return;
	text.al = cloud->local[0];
	announce(ssdp, cloud, &text);
}

void ssdp_advertise(struct ssdp *ssdp, struct cloud *cloud, bool on)
{
	if (!on && cloud->advertising)
		notify(ssdp, cloud, SSDP_BYEBYE);
	cloud->advertising = on;
	if (on)
		notify(ssdp, cloud, SSDP_ALIVE);
}

static void on_alive(uv_timer_t *timer)
{
	struct ssdp *ssdp = timer->data;
	struct cloud *cloud;

	for (cloud = ssdp->daemon->clouds; cloud; cloud = cloud->next)
		if (cloud->advertising)
			notify(ssdp, cloud, SSDP_ALIVE);
}

static void schedule(struct ssdp *ssdp);

static void on_due(uv_timer_t *timer)
{
	struct ssdp *ssdp = timer->data;
	uint64_t now = uv_now(ssdp->daemon->loop);
	struct ssdp_text text = { .kind = SSDP_ANSWER };
	char buf[SSDP_DATAGRAM_MAX];
	struct cloud *cloud;
	struct reply *reply;

	while (ssdp->replies && ssdp->replies->due <= now) {
		reply = ssdp->replies;
		ssdp->replies = reply->next;
		ssdp->n_replies--;
		cloud = cloud_by_key(ssdp->daemon, reply->key);
		if (cloud && cloud->advertising && cloud->n_local) {
			text.scope = cloud->scope;
			text.al = cloud->local[0];
			put(ssdp->search_fd, reply->to.sin6_scope_id,
			    &reply->to, buf,
			    ssdp_format(&text, buf, sizeof(buf)));
		}
		free(reply);
	}
	schedule(ssdp);
}

static void schedule(struct ssdp *ssdp)
{
	uint64_t now = uv_now(ssdp->daemon->loop);

	if (ssdp->replies)
		uv_timer_start(&ssdp->timer, on_due,
			       ssdp->replies->due <= now ? 0 :
			       ssdp->replies->due - now, 0);
}

/* Answers at a random time within MX, so that a link full of peers survives. */
static void queue(struct ssdp *ssdp, const struct cloud *cloud,
		  const struct sockaddr_in6 *to, uint32_t index,
		  unsigned int mx)
{
	struct reply *reply, **p;
	uint32_t chance;

	if (ssdp->n_replies == SSDP_REPLIES_MAX ||
	    daemon_random(NULL, &chance, sizeof(chance)))
		return;
	reply = calloc(1, sizeof(*reply));
	if (!reply)
		return;
	if (mx > SSDP_MX_MAX_S)
		mx = SSDP_MX_MAX_S;
	/* Half of it: the answer has to be back in time. */
	reply->due = uv_now(ssdp->daemon->loop) + chance % (mx * 500 + 1);
	reply->to = *to;
	reply->to.sin6_scope_id = index;
	strcpy(reply->key, cloud->key);
	for (p = &ssdp->replies; *p && (*p)->due <= reply->due;
	     p = &(*p)->next)
		;
	reply->next = *p;
	*p = reply;
	ssdp->n_replies++;
	schedule(ssdp);
}

static struct cloud *cloud_of(struct ssdp *ssdp, enum peer6_pnrp_scope scope,
			      uint32_t index)
{
	struct cloud *cloud;

	for (cloud = ssdp->daemon->clouds; cloud; cloud = cloud->next)
		if (cloud->scope == scope &&
		    (scope == PEER6_PNRP_GLOBAL || cloud->index == index))
			break;
	return cloud;
}

static bool is_own(const struct cloud *cloud, const struct peer6_endpoint *ep)
{
	unsigned int i;

	for (i = 0; i < cloud->n_local; i++)
		if (cloud->local[i].port == ep->port &&
		    !memcmp(cloud->local[i].addr, ep->addr, 16))
			return true;
	return false;
}

static void found(struct ssdp *ssdp, struct cloud *cloud,
		  struct peer6_endpoint ep)
{
	struct events *events = ssdp->daemon->events;
	bool link_local = ep.addr[0] == 0xfe && (ep.addr[1] & 0xc0) == 0x80;
	char text[ENDPOINT_TEXT_MAX];

	if (link_local != (cloud->scope == PEER6_PNRP_LINK_LOCAL) ||
	    is_own(cloud, &ep))
		return;
	ep.scope_id = cloud->index;
	cloud->answers++;
	event_begin(events, EVENT_SSDP_ANSWER, LOG_DEBUG);
	event_cloud(events, cloud->name);
	event_string(events, "endpoint", endpoint_text(text, &ep));
	event_send(events, "heard of %s by multicast", text);
	cloud_enter(cloud);
	peer6_pnrp_ssdp_found(cloud->node, &ep, cloud_now());
	cloud_leave(cloud);
}

static struct joined *joined_link(struct ssdp *ssdp, uint32_t index)
{
	unsigned int i;

	for (i = 0; i < ssdp->n_joined; i++)
		if (ssdp->joined[i].index == index)
			return &ssdp->joined[i];
	return NULL;
}

static bool too_many(struct ssdp *ssdp, uint32_t index)
{
	struct joined *j = joined_link(ssdp, index);
	uint64_t second = uv_now(ssdp->daemon->loop) / 1000;

	if (!j)
		return true;
	if (j->second != second) {
		j->second = second;
		j->taken = 0;
	}
	return j->taken++ >= SSDP_RATE;
}

/*
 * News are for those who know few others: were all of a big link to greet every
 * newcomer, he would be flooded.
 */
static bool is_looking(const struct cloud *cloud)
{
	struct peer6_pnrp_stats stats;

	if (cloud->state == PEER6_PNRP_VIRTUAL)
		return false;
	peer6_pnrp_get_stats(cloud->node, &stats);
	return stats.cached < SSDP_ENOUGH;
}

static void take(struct ssdp *ssdp, const char *data, size_t len,
		 const struct sockaddr_in6 *from, uint32_t index, bool grouped)
{
	struct ssdp_text text;
	struct cloud *cloud;

	if (!ssdp_parse(&text, data, len))
		return;
	cloud = cloud_of(ssdp, text.scope, index);
	if (!cloud)
		return;
	switch (text.kind) {
	case SSDP_SEARCH:
		if (grouped && cloud->advertising && cloud->n_local &&
		    ntohs(from->sin6_port) > 1024 && !too_many(ssdp, index))
			queue(ssdp, cloud, from, index, text.mx);
		break;
	case SSDP_ANSWER:
		if (!grouped)
			found(ssdp, cloud, text.al);
		break;
	case SSDP_ALIVE:
		if (grouped && is_looking(cloud) && !too_many(ssdp, index))
			found(ssdp, cloud, text.al);
		break;
	case SSDP_BYEBYE:
		/* A revoke and the cache's checks tell better. */
		break;
	}
}

static void receive(struct ssdp *ssdp, int fd)
{
	char data[SSDP_DATAGRAM_MAX];
	union {
		struct cmsghdr	align;
		char		buf[256];
	} control;
	struct sockaddr_in6 from;
	struct in6_pktinfo info;
	struct iovec iov = { .iov_base = data, .iov_len = sizeof(data) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	struct cmsghdr *c;
	bool known = false;
	ssize_t n;

	msg.msg_name = &from;
	msg.msg_namelen = sizeof(from);
	msg.msg_control = control.buf;
	msg.msg_controllen = sizeof(control.buf);
	n = recvmsg(fd, &msg, MSG_DONTWAIT);
	if (n <= 0 || (msg.msg_flags & MSG_TRUNC))
		return;
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		if (c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&info, CMSG_DATA(c), sizeof(info));
			known = true;
		}
	}
	if (known)
		take(ssdp, data, n, &from, info.ipi6_ifindex,
		     !memcmp(&info.ipi6_addr, &group, sizeof(group)));
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct ssdp *ssdp = poll->data;

	(void)events;
	if (!status)
		receive(ssdp, poll == &ssdp->group_poll ? ssdp->group_fd :
							  ssdp->search_fd);
}

void ssdp_links(struct ssdp *ssdp, const struct host *host)
{
	struct ipv6_mreq mreq = { .ipv6mr_multiaddr = group };
	struct joined now[CLOUDS_MAX];
	unsigned int i, n = 0;

	if (ssdp->group_fd < 0)
		return;
	for (i = 0; i < host->n_links && n < CLOUDS_MAX; i++) {
		const struct host_link *l = &host->links[i];
		struct joined *j = joined_link(ssdp, l->index);

		if (!l->multicast || !l->up)
			continue;
		memset(&now[n], 0, sizeof(now[n]));
		now[n].index = l->index;
		strcpy(now[n].name, l->name);
		/*
		 * A link that was gone for a moment may have lost what was
		 * joined; being there already is no error.
		 */
		mreq.ipv6mr_interface = l->index;
		if (setsockopt(ssdp->group_fd, IPPROTO_IPV6,
			       IPV6_JOIN_GROUP, &mreq, sizeof(mreq)) &&
		    errno != EADDRINUSE)
			continue;
		if (j)
			now[n] = *j;
		n++;
	}
	memcpy(ssdp->joined, now, n * sizeof(now[0]));
	ssdp->n_joined = n;
}

void ssdp_cloud_gone(struct ssdp *ssdp, struct cloud *cloud)
{
	if (cloud->advertising)
		ssdp_advertise(ssdp, cloud, false);
}

static int open_socket(uint16_t port)
{
	struct sockaddr_in6 sa = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(port),
	};
	/* One hop: what leaves the link is nobody's of this multicast. */
	int one = 1, hops = 1, fd;

	fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)) ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &one,
		       sizeof(one)) ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops,
		       sizeof(hops)) ||
	    bind(fd, (struct sockaddr *)&sa, sizeof(sa))) {
		close(fd);
		return -1;
	}
	return fd;
}

static void on_closed(uv_handle_t *handle)
{
	struct ssdp *ssdp = handle->data;
	struct reply *reply;

	if (--ssdp->handles)
		return;
	while (ssdp->replies) {
		reply = ssdp->replies;
		ssdp->replies = reply->next;
		free(reply);
	}
	if (ssdp->group_fd >= 0)
		close(ssdp->group_fd);
	if (ssdp->search_fd >= 0)
		close(ssdp->search_fd);
	free(ssdp);
}

void ssdp_free(struct ssdp *ssdp)
{
	if (!ssdp)
		return;
	uv_close((uv_handle_t *)&ssdp->timer, on_closed);
	uv_close((uv_handle_t *)&ssdp->alive, on_closed);
	if (ssdp->group_fd < 0)
		return;
	uv_close((uv_handle_t *)&ssdp->group_poll, on_closed);
	uv_close((uv_handle_t *)&ssdp->search_poll, on_closed);
}

static void start_polling(struct ssdp *ssdp)
{
	uv_loop_t *loop = ssdp->daemon->loop;

	uv_poll_init(loop, &ssdp->group_poll, ssdp->group_fd);
	uv_poll_init(loop, &ssdp->search_poll, ssdp->search_fd);
	ssdp->group_poll.data = ssdp;
	ssdp->search_poll.data = ssdp;
	ssdp->handles += 2;
	uv_poll_start(&ssdp->group_poll, UV_READABLE, on_readable);
	uv_poll_start(&ssdp->search_poll, UV_READABLE, on_readable);
}

int ssdp_new(struct ssdp **out, struct daemon *d)
{
	struct ssdp *ssdp = calloc(1, sizeof(*ssdp));

	if (!ssdp)
		return PEER6_E_NOMEM;
	ssdp->daemon = d;
	uv_timer_init(d->loop, &ssdp->timer);
	uv_timer_init(d->loop, &ssdp->alive);
	ssdp->timer.data = ssdp;
	ssdp->alive.data = ssdp;
	ssdp->handles = 2;
	uv_timer_start(&ssdp->alive, on_alive, SSDP_ALIVE_MS, SSDP_ALIVE_MS);
	ssdp->group_fd = open_socket(SSDP_PORT);
	ssdp->search_fd = ssdp->group_fd < 0 ? -1 : open_socket(0);
	if (ssdp->search_fd < 0) {
		event_log(d->events, LOG_WARNING,
			  "no SSDP: port %d cannot be had: %s", SSDP_PORT,
			  strerror(errno));
		if (ssdp->group_fd >= 0)
			close(ssdp->group_fd);
		ssdp->group_fd = -1;
	} else {
		start_polling(ssdp);
	}
	*out = ssdp;
	return 0;
}
