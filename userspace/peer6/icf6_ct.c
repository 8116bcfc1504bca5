// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <netlink/errno.h>

#include "icf6_ct.h"
#include "module.h"

enum { REQUEST = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET };

int icf6_ct_open(struct p6 *p6, struct nl_sock **sk)
{
	return p6_nl_open(p6, NETLINK_NETFILTER, sk);
}

int icf6_ct_listen(struct p6 *p6, struct nl_sock **sk)
{
	int size = 4 << 20, err;

	err = icf6_ct_open(p6, sk);
	if (err)
		return err;
	err = nl_socket_add_membership(*sk, NFNLGRP_CONNTRACK_DESTROY);
	if (!err)
		err = nl_socket_set_nonblocking(*sk);
	if (err) {
		nl_socket_free(*sk);
		*sk = NULL;
		p6_fail(p6, err == -NLE_PERM ? P6_PERMISSION : P6_FAILED,
			"cannot listen to the connection tracking");
		p6_fail_why(p6, "Netlink: %s; it takes CAP_NET_ADMIN.",
			    nl_geterror(err));
		return p6_fail_do(p6, "sudo %s", p6->line);
	}
	nl_socket_disable_seq_check(*sk);
	setsockopt(nl_socket_get_fd(*sk), SOL_SOCKET, SO_RCVBUFFORCE, &size,
		   sizeof(size));
	return 0;
}

struct list {
	void (*each)(const struct icf6_flow_info *info, void *arg);
	void *arg;
};

static int on_flow(struct nl_msg *msg, void *arg)
{
	struct icf6_flow_info info;
	struct list *list = arg;

	if (icf6_flow_parse(nlmsg_hdr(msg), &info))
		list->each(&info, list->arg);
	return NL_OK;
}

static struct nl_msg *request(void)
{
	struct nfgenmsg nf = { .nfgen_family = AF_INET6 };
	struct nl_msg *msg;

	msg = nlmsg_alloc_simple(REQUEST, NLM_F_DUMP);
	if (msg && nlmsg_append(msg, &nf, sizeof(nf), NLMSG_ALIGNTO)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

int icf6_ct_list(struct p6 *p6, struct nl_sock *sk,
		 void (*each)(const struct icf6_flow_info *info, void *arg),
		 void *arg)
{
	struct list list = { each, arg };
	struct nl_answer answer;
	struct nl_msg *msg = request();
	int err;

	if (!msg)
		return p6_fail_memory(p6);
	err = p6_nl_talk(p6, sk, msg, on_flow, &list, &answer);
	/* Nobody has asked for the connection tracking's messages so far. */
	if (!err && answer.err == EINVAL) {
		err = p6_module_load(p6, "nf_conntrack_netlink");
		msg = err ? NULL : request();
		if (!err && !msg)
			err = p6_fail_memory(p6);
		if (!err)
			err = p6_nl_talk(p6, sk, msg, on_flow, &list, &answer);
	}
	if (!err && answer.err)
		err = p6_nl_fail(p6, &answer, "cannot list the flows");
	return err;
}
