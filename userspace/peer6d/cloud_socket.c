// SPDX-License-Identifier: GPL-2.0-or-later
/* The UDP sockets of a cloud: one for each address, all with one port. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "cloud.h"
#include "daemon.h"

struct cloud_socket {
	uv_udp_t	udp;
	struct cloud	*cloud;		/* NULL: closing */
	char		buf[PEER6_PNRP_DATAGRAM_MAX + 1];
};

static void to_sockaddr(struct sockaddr_in6 *sa,
			const struct peer6_endpoint *ep)
{
	memset(sa, 0, sizeof(*sa));
	sa->sin6_family = AF_INET6;
	sa->sin6_port = htons(ep->port);
	sa->sin6_scope_id = ep->scope_id;
	memcpy(&sa->sin6_addr, ep->addr, 16);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct cloud_socket *s = handle->data;

	(void)suggested;
	*buf = uv_buf_init(s->buf, sizeof(s->buf));
}

static void on_receive(uv_udp_t *udp, ssize_t n, const uv_buf_t *buf,
		       const struct sockaddr *from, unsigned int flags)
{
	struct cloud_socket *s = udp->data;
	const struct sockaddr_in6 *sa = (const void *)from;
	struct peer6_endpoint ep;

	/*
	 * An error is what ICMPv6 said of something sent before: the engine
	 * finds out by itself. Longer than the longest is cut by the kernel,
	 * and no message of PNRP.
	 */
	if (n <= 0 || !from || sa->sin6_family != AF_INET6 || !s->cloud ||
	    (flags & UV_UDP_PARTIAL))
		return;
	memset(&ep, 0, sizeof(ep));
	memcpy(ep.addr, &sa->sin6_addr, 16);
	ep.port = ntohs(sa->sin6_port);
	ep.scope_id = sa->sin6_scope_id;
	cloud_input(s->cloud, buf->base, n, &ep);
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void socket_close(struct cloud_socket *s)
{
	if (!s)
		return;
	s->cloud = NULL;
	uv_close((uv_handle_t *)&s->udp, on_closed);
}

/* 0, or a negative errno. *port 0: any; it is what was got. */
static int socket_open(struct cloud_socket **out, struct cloud *cloud,
		       const struct peer6_endpoint *ep, uint16_t *port)
{
	struct cloud_socket *s = calloc(1, sizeof(*s));
	struct peer6_endpoint local = *ep;
	struct sockaddr_in6 sa;
	int len = sizeof(sa), ret;

	if (!s)
		return -ENOMEM;
	uv_udp_init(cloud->daemon->loop, &s->udp);
	s->udp.data = s;
	s->cloud = cloud;
	local.port = *port;
	to_sockaddr(&sa, &local);
	ret = uv_udp_bind(&s->udp, (struct sockaddr *)&sa, UV_UDP_IPV6ONLY);
	if (!ret)
		ret = uv_udp_recv_start(&s->udp, on_alloc, on_receive);
	if (!ret)
		ret = uv_udp_getsockname(&s->udp, (struct sockaddr *)&sa, &len);
	if (ret) {
		socket_close(s);
		return ret;
	}
	*port = ntohs(sa.sin6_port);
	*out = s;
	return 0;
}

static bool same_address(const struct peer6_endpoint *a,
			 const struct peer6_endpoint *b)
{
	return !memcmp(a->addr, b->addr, 16) && a->scope_id == b->scope_id;
}

struct binding {
	struct peer6_endpoint	local[PEER6_PNRP_LOCAL_ADDRS];
	struct cloud_socket	*sockets[PEER6_PNRP_LOCAL_ADDRS];
	bool			kept[PEER6_PNRP_LOCAL_ADDRS];
	unsigned int		n;
	bool			missed;		/* one could not be had */
};

static void binding_drop(struct binding *b)
{
	unsigned int i;

	for (i = 0; i < b->n; i++)
		if (!b->kept[i])
			socket_close(b->sockets[i]);
	b->n = 0;
}

static struct cloud_socket *existing(const struct cloud *cloud,
				     const struct peer6_endpoint *ep,
				     uint16_t port)
{
	unsigned int i;

	for (i = 0; i < cloud->n_local; i++)
		if (cloud->local[i].port == port &&
		    same_address(&cloud->local[i], ep))
			return cloud->sockets[i];
	return NULL;
}

/*
 * All of @want on one port, or -EADDRINUSE. An address that is not there (any
 * more) is left out.
 */
static int bind_all(struct binding *b, struct cloud *cloud,
		    const struct peer6_endpoint *want, unsigned int n,
		    uint16_t port)
{
	unsigned int i;
	int ret;

	memset(b, 0, sizeof(*b));
	for (i = 0; i < n; i++) {
		b->sockets[b->n] = existing(cloud, &want[i], port);
		b->kept[b->n] = b->sockets[b->n];
		if (!b->kept[b->n]) {
			ret = socket_open(&b->sockets[b->n], cloud, &want[i],
					  &port);
			if (ret == UV_EADDRINUSE) {
				binding_drop(b);
				return -EADDRINUSE;
			}
			if (ret) {
				b->missed = true;
				continue;
			}
		}
		b->local[b->n] = want[i];
		b->local[b->n].port = port;
		b->n++;
	}
	return 0;
}

int cloud_sockets_set(struct cloud *cloud, const struct peer6_endpoint *want,
		      unsigned int n)
{
	/* The port in use, the one that is wished for, then any. */
	uint16_t ports[10] = { cloud->port, cloud->daemon->conf.port };
	struct binding b;
	unsigned int i, k;
	bool found = false;

	for (i = cloud->port ? 0 : 1; i < 10 && !found; i++)
		found = !bind_all(&b, cloud, want, n, ports[i]);
	if (!found)
		return PEER6_E_IO;
	for (i = 0; i < cloud->n_local; i++) {
		for (k = 0; k < b.n; k++)
			if (b.sockets[k] == cloud->sockets[i])
				break;
		if (k == b.n)
			socket_close(cloud->sockets[i]);
	}
	memcpy(cloud->local, b.local, sizeof(cloud->local));
	memcpy(cloud->sockets, b.sockets, sizeof(cloud->sockets));
	cloud->n_local = b.n;
	if (b.n)
		cloud->port = b.local[0].port;
	memset(cloud->sources, 0, sizeof(cloud->sources));
	return b.missed ? PEER6_E_NO_ADDRESS : 0;
}

/*
 * Which of the cloud's addresses the kernel would send from: it knows routes,
 * rules and RFC 6724. Index, 0 if it would use none of ours.
 */
static unsigned int ask_source(const struct cloud *cloud,
			       const struct peer6_endpoint *to)
{
	struct sockaddr_in6 sa;
	socklen_t len = sizeof(sa);
	unsigned int i;
	int fd;

	fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return 0;
	to_sockaddr(&sa, to);
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) ||
	    getsockname(fd, (struct sockaddr *)&sa, &len))
		memset(&sa, 0, sizeof(sa));
	close(fd);
	for (i = 0; i < cloud->n_local; i++)
		if (!memcmp(cloud->local[i].addr, &sa.sin6_addr, 16))
			return i;
	return 0;
}

static unsigned int source_for(struct cloud *cloud,
			       const struct peer6_endpoint *to)
{
	unsigned int slot = 0, i;

	if (cloud->n_local == 1)
		return 0;
	for (i = 0; i < 16; i++)
		slot = slot * 31 + to->addr[i];
	slot %= SOURCES_HELD;
	if (!cloud->sources[slot].local ||
	    memcmp(cloud->sources[slot].addr, to->addr, 16)) {
		memcpy(cloud->sources[slot].addr, to->addr, 16);
		cloud->sources[slot].local = 1 + ask_source(cloud, to);
	}
	return cloud->sources[slot].local - 1;
}

void cloud_send(struct cloud *cloud, const void *data, size_t len,
		const struct peer6_endpoint *to)
{
	struct peer6_endpoint dest = *to;
	struct sockaddr_in6 sa;
	uv_buf_t buf = uv_buf_init((char *)data, len);

	if (!cloud->n_local)
		return;
	/* The scope never travels: within this cloud it is this link. */
	dest.scope_id = cloud->index;
	to_sockaddr(&sa, &dest);
	/*
	 * A datagram that the kernel does not take now is lost like one on the
	 * way: the engine repeats what matters.
	 */
	uv_udp_try_send(&cloud->sockets[source_for(cloud, to)]->udp, &buf, 1,
			(struct sockaddr *)&sa);
}
