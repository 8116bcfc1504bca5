// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include <netlink/errno.h>
#include <netlink/handlers.h>

#include "nl.h"

struct talk {
	struct nl_answer *answer;
	bool done;
};

int p6_nl_open(struct p6 *p6, int protocol, struct nl_sock **sk)
{
	int on = 1, err;

	*sk = nl_socket_alloc();
	if (!*sk)
		return p6_fail_memory(p6);
	err = nl_connect(*sk, protocol);
	if (err) {
		nl_socket_free(*sk);
		*sk = NULL;
		p6_fail(p6, P6_FAILED, "cannot talk to the kernel");
		return p6_fail_why(p6, "Netlink: %s.", nl_geterror(err));
	}
	/*
	 * Kernels before 4.12 know neither option; they answer without words
	 * and with the whole request, which is well understood too.
	 */
	setsockopt(nl_socket_get_fd(*sk), SOL_NETLINK, NETLINK_EXT_ACK, &on,
		   sizeof(on));
	setsockopt(nl_socket_get_fd(*sk), SOL_NETLINK, NETLINK_CAP_ACK, &on,
		   sizeof(on));
	return 0;
}

/*
 * libnl 3.7 drops what comes with an acknowledgement, so it is read here: the
 * attributes follow the echoed request, of which a capped one has the header
 * alone.
 */
static void read_words(struct nl_answer *answer, struct nlmsghdr *nlh)
{
	struct nlmsgerr *e = nlmsg_data(nlh);
	struct nlattr *attr;
	int offset = sizeof(*e);

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) ||
	    nlmsg_datalen(nlh) < (int)sizeof(*e))
		return;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		offset += NLMSG_ALIGN(e->msg.nlmsg_len) - NLMSG_HDRLEN;
	if (offset > nlmsg_datalen(nlh))
		return;
	attr = nla_find((struct nlattr *)((char *)e + offset),
			nlmsg_datalen(nlh) - offset, NLMSGERR_ATTR_MSG);
	if (attr)
		nla_strlcpy(answer->text, attr, sizeof(answer->text));
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *e, void *arg)
{
	struct nlmsghdr *nlh = (void *)((char *)e - NLMSG_HDRLEN);
	struct talk *talk = arg;

	(void)from;
	talk->answer->err = -e->error;
	read_words(talk->answer, nlh);
	talk->done = true;
	return NL_STOP;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	struct talk *talk = arg;

	read_words(talk->answer, nlmsg_hdr(msg));
	talk->done = true;
	return NL_STOP;
}

/* A dump that went wrong half way says so at its end. */
static int on_finish(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	struct talk *talk = arg;
	struct nlattr *attr;
	int err;

	talk->done = true;
	if (nlmsg_datalen(nlh) < (int)sizeof(err))
		return NL_STOP;
	memcpy(&err, nlmsg_data(nlh), sizeof(err));
	talk->answer->err = err < 0 ? -err : 0;
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return NL_STOP;
	attr = nla_find((struct nlattr *)((char *)nlmsg_data(nlh) +
					  NLA_ALIGN(sizeof(err))),
			nlmsg_datalen(nlh) - NLA_ALIGN(sizeof(err)),
			NLMSGERR_ATTR_MSG);
	if (attr)
		nla_strlcpy(talk->answer->text, attr,
			    sizeof(talk->answer->text));
	return NL_STOP;
}

int p6_nl_talk(struct p6 *p6, struct nl_sock *sk, struct nl_msg *msg,
	       nl_recvmsg_msg_cb_t valid, void *arg, struct nl_answer *answer)
{
	struct talk talk = { .answer = answer };
	struct nl_cb *cb;
	int err;

	memset(answer, 0, sizeof(*answer));
	cb = nl_cb_alloc(NL_CB_DEFAULT);
	if (!cb) {
		nlmsg_free(msg);
		return p6_fail_memory(p6);
	}
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, &talk);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, &talk);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, &talk);
	if (valid)
		nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, valid, arg);

	err = nl_send_auto(sk, msg);
	nlmsg_free(msg);
	while (err >= 0 && !talk.done) {
		err = nl_recvmsgs(sk, cb);
		/* The list moved while it was read; each entry is whole. */
		if (err == -NLE_DUMP_INTR)
			err = 0;
	}
	nl_cb_put(cb);
	if (talk.done)
		return 0;
	p6_fail(p6, P6_FAILED, "the kernel did not answer");
	return p6_fail_why(p6, "Netlink: %s.", nl_geterror(err));
}

static enum p6_code code_of(int err)
{
	switch (err) {
	case EPERM:
	case EACCES:
		return P6_PERMISSION;
	case ENODEV:
		return P6_NO_DEVICE;
	case EEXIST:
	case EADDRINUSE:
		return P6_IN_USE;
	case EINVAL:
	case ERANGE:
	case EADDRNOTAVAIL:
		return P6_BAD_VALUE;
	default:
		return P6_REFUSED;
	}
}

int p6_nl_fail(struct p6 *p6, const struct nl_answer *answer,
	       const char *what, ...)
{
	char line[256];
	va_list args;
	int status;

	va_start(args, what);
	vsnprintf(line, sizeof(line), what, args);
	va_end(args);
	status = p6_fail(p6, code_of(answer->err), "%s", line);
	if (answer->err == EPERM || answer->err == EACCES) {
		p6_fail_why(p6, "%s.", answer->text[0] ? answer->text :
			    "It takes CAP_NET_ADMIN, which this process does not have");
		p6_fail_do(p6, "sudo %s", p6->line);
	} else if (answer->text[0]) {
		p6_fail_why(p6, "The kernel says: %s.", answer->text);
	} else {
		p6_fail_why(p6, "The kernel gives no other reason than: %s (%d).",
			    strerror(answer->err), answer->err);
	}
	return status;
}
