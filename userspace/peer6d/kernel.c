// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <linux/capability.h>
#include <linux/teredo.h>
#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "kernel.h"
#include "privilege.h"

/* One datagram each way; both ends are this program. */
struct request {
	int		ifindex;
	struct in_addr	addr;
	uint16_t	port;
};

struct reply {
	int	ifindex;
	int	error;
	char	words[KERNEL_WORDS_MAX];
};

/* The child. */

struct child {
	int		fd;
	struct nl_sock	*sk;
	int		set[PORTMAPS_MAX];	/* interfaces with a mapping */
};

static int take_error(struct sockaddr_nl *from, struct nlmsgerr *e, void *ctx)
{
	struct nlmsghdr *header = (void *)((char *)e - NLMSG_HDRLEN);
	struct reply *reply = ctx;
	struct nlattr *words;
	int offset = sizeof(*e);

	(void)from;
	reply->error = -e->error;
	/* The request is echoed by its header only: NETLINK_CAP_ACK. */
	if (!(header->nlmsg_flags & NLM_F_ACK_TLVS))
		return NL_STOP;
	if (!(header->nlmsg_flags & NLM_F_CAPPED))
		offset += NLMSG_ALIGN(e->msg.nlmsg_len) - NLMSG_HDRLEN;
	if (offset > nlmsg_datalen(header))
		return NL_STOP;
	words = nla_find((struct nlattr *)((char *)e + offset),
			 nlmsg_datalen(header) - offset, NLMSGERR_ATTR_MSG);
	if (words)
		nla_strlcpy(reply->words, words, sizeof(reply->words));
	return NL_STOP;
}

static void set(struct child *c, const struct request *req,
		struct reply *reply)
{
	struct nl_msg *msg = nlmsg_alloc();
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int family = genl_ctrl_resolve(c->sk, TEREDO_GENL_NAME);

	memset(reply, 0, sizeof(*reply));
	reply->ifindex = req->ifindex;
	reply->error = family < 0 ? ENODEV : ENOMEM;
	if (msg && cb && family > 0 &&
	    genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, 0,
			TEREDO_CMD_PORTMAP_SET, TEREDO_GENL_VERSION) &&
	    !nla_put_u32(msg, TEREDO_A_IFINDEX, req->ifindex) &&
	    (!req->port ||
	     (!nla_put_u32(msg, TEREDO_A_PORTMAP_ADDR, req->addr.s_addr) &&
	      !nla_put_u16(msg, TEREDO_A_PORTMAP_PORT, htons(req->port))))) {
		reply->error = EIO;
		nl_cb_err(cb, NL_CB_CUSTOM, take_error, reply);
		if (nl_send_auto(c->sk, msg) >= 0 &&
		    nl_recvmsgs(c->sk, cb) >= 0)
			reply->error = 0;
	}
	nl_cb_put(cb);
	nlmsg_free(msg);
}

static void remember(struct child *c, const struct request *req)
{
	unsigned int i, at = PORTMAPS_MAX;

	for (i = 0; i < PORTMAPS_MAX; i++) {
		if (c->set[i] == req->ifindex) {
			at = i;
			break;
		}
		if (!c->set[i] && at == PORTMAPS_MAX)
			at = i;
	}
	if (at < PORTMAPS_MAX)
		c->set[at] = req->port ? req->ifindex : 0;
}

static void __attribute__((noreturn)) child_run(int fd)
{
	struct child c = { .fd = fd };
	struct request req = { };
	struct reply reply;
	int on = 1;
	unsigned int i;

	prctl(PR_SET_NAME, "peer6d-kernel");
	/* A supervisor ends all of a service at once; we end after peer6d. */
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	c.sk = nl_socket_alloc();
	if (!c.sk || nl_connect(c.sk, NETLINK_GENERIC) < 0)
		_exit(1);
	setsockopt(nl_socket_get_fd(c.sk), SOL_NETLINK, NETLINK_EXT_ACK, &on,
		   sizeof(on));
	setsockopt(nl_socket_get_fd(c.sk), SOL_NETLINK, NETLINK_CAP_ACK, &on,
		   sizeof(on));
	while (recv(fd, &req, sizeof(req), 0) == sizeof(req)) {
		set(&c, &req, &reply);
		/* A device that is gone has none: that need not be said. */
		if (!reply.error || !req.port)
			remember(&c, &req);
		if (send(fd, &reply, sizeof(reply), MSG_NOSIGNAL) < 0)
			break;
	}
	memset(&req, 0, sizeof(req));
	for (i = 0; i < PORTMAPS_MAX; i++) {
		req.ifindex = c.set[i];
		if (req.ifindex)
			set(&c, &req, &reply);
	}
	_exit(0);
}

int kernel_fork(const struct options *opt)
{
	int pair[2];
	pid_t pid;

	if (!privilege_has(CAP_NET_ADMIN)) {
		errno = EPERM;
		return -1;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -1;
	pid = fork();
	if (!pid) {
		close(pair[0]);
		if (!privilege_keep(opt, CAP_NET_ADMIN))
			_exit(1);
		child_run(pair[1]);
	}
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return -1;
	}
	return pair[0];
}

/* The parent. */

struct kernel {
	int		fd;
	bool		gone;
	uv_poll_t	poll;
	kernel_reply	reply;
	void		*ctx;
};

static void on_reply(uv_poll_t *poll, int status, int events)
{
	struct kernel *k = poll->data;
	struct reply reply;
	ssize_t n;

	(void)status;
	(void)events;
	n = recv(k->fd, &reply, sizeof(reply), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n != sizeof(reply)) {
		k->gone = true;
		uv_poll_stop(poll);
		k->reply(k->ctx, 0, EPIPE, "the child that may is gone");
		return;
	}
	reply.words[KERNEL_WORDS_MAX - 1] = '\0';
	k->reply(k->ctx, reply.ifindex, reply.error, reply.words);
}

struct kernel *kernel_new(uv_loop_t *loop, int fd, kernel_reply reply,
			  void *ctx)
{
	struct kernel *k = calloc(1, sizeof(*k));

	if (!k)
		return NULL;
	k->fd = fd;
	k->reply = reply;
	k->ctx = ctx;
	uv_poll_init(loop, &k->poll, fd);
	k->poll.data = k;
	uv_poll_start(&k->poll, UV_READABLE, on_reply);
	return k;
}

bool kernel_set(struct kernel *k, int ifindex, struct in_addr addr,
		uint16_t port)
{
	struct request req;

	memset(&req, 0, sizeof(req));
	req.ifindex = ifindex;
	req.addr = addr;
	req.port = port;
	/* It answers at once; a full socket means that it does not at all. */
	return !k->gone && send(k->fd, &req, sizeof(req),
				MSG_DONTWAIT | MSG_NOSIGNAL) == sizeof(req);
}

bool kernel_works(const struct kernel *k)
{
	return k && !k->gone;
}

static void on_closed(uv_handle_t *handle)
{
	struct kernel *k = handle->data;

	close(k->fd);
	free(k);
}

void kernel_free(struct kernel *k)
{
	if (k)
		uv_close((uv_handle_t *)&k->poll, on_closed);
}
