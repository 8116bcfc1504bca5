// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writes the log. Two sources: the module's records, and the connection
 * tracking's word of flows that ended. The module says OPEN, never CLOSE; the
 * tracking tells of every flow's end, without the module's label. So flows that
 * were said to be open are remembered, and their end is CLOSE.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

#include "args.h"
#include "icf6.h"
#include "icf6_ct.h"
#include "icf6_file.h"
#include "icf6_record.h"

/* While something is lost and nothing comes, how often writing is tried. */
#define RETRY_MS	5000

struct logd {
	struct p6 *p6;
	struct icf6_log log;
	char path[ICF6_PATH_MAX];
	uint32_t size;			/* KiB */
	const char *file_said, *size_said;
	struct nl_sock *records, *ends, *list;
	struct icf6_flows *flows;
	bool complained;
};

static volatile sig_atomic_t stop, again;

static void on_stop(int number)
{
	(void)number;
	stop = 1;
}

static void on_hangup(int number)
{
	(void)number;
	again = 1;
}

/* Once for each time that it begins or ends: a full disk fills no journal. */
static void complain(struct logd *d)
{
	if (d->log.err && !d->complained)
		fprintf(stderr, "peer6: cannot write %s: %s; records are counted until it can be\n",
			d->path, d->log.err == EINVAL ?
			"it is no regular file" : strerror(d->log.err));
	else if (!d->log.err && d->complained)
		fprintf(stderr, "peer6: %s is written again\n", d->path);
	d->complained = d->log.err;
}

static void put(struct logd *d, const struct icf6_record *r)
{
	icf6_log_write(&d->log, r);
	complain(d);
}

static void put_close(const struct icf6_flow *flow, void *arg)
{
	struct icf6_record r = {
		.time = icf6_record_now(),
		.action = ICF6_LOG_CLOSE,
		.dir = __ICF6_DIR_MAX,
		.has_packet = true,
		.proto = flow->proto,
		.src = flow->src,
		.dst = flow->dst,
		.has_ports = flow->sport,
		.sport = flow->sport,
		.dport = flow->dport,
	};

	put(arg, &r);
}

static int join(struct nl_sock *sk)
{
	struct nl_sock *ask = nl_socket_alloc();
	int group, err;

	if (!ask)
		return -NLE_NOMEM;
	err = nl_connect(ask, NETLINK_GENERIC);
	group = err ? err : genl_ctrl_resolve_grp(ask, ICF6_GENL_NAME,
						  ICF6_MCGRP_LOG);
	nl_socket_free(ask);
	return group < 0 ? group : nl_socket_add_membership(sk, group);
}

/* The module was loaded anew: what we had joined is no more. */
static void on_control(struct logd *d, struct nl_msg *msg)
{
	struct genlmsghdr *genl = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *name;

	name = nlmsg_find_attr(nlmsg_hdr(msg), GENL_HDRLEN,
			       CTRL_ATTR_FAMILY_NAME);
	if (genl->cmd != CTRL_CMD_NEWFAMILY || !name ||
	    strcmp(nla_get_string(name), ICF6_GENL_NAME))
		return;
	if (join(d->records))
		fprintf(stderr, "peer6: the icf6 module came back, but not its log\n");
}

static int on_record(struct nl_msg *msg, void *arg)
{
	struct icf6_flow flow, forgotten;
	struct icf6_record r;
	struct logd *d = arg;

	if (nlmsg_hdr(msg)->nlmsg_type == GENL_ID_CTRL) {
		on_control(d, msg);
		return NL_OK;
	}
	if (!icf6_record_parse(msg, &r))
		return NL_OK;
	put(d, &r);
	if ((r.action != ICF6_ACTION_OPEN &&
	     r.action != ICF6_ACTION_OPEN_INBOUND) || !r.has_packet)
		return NL_OK;
	memset(&flow, 0, sizeof(flow));
	flow.src = r.src;
	flow.dst = r.dst;
	flow.sport = r.sport;
	flow.dport = r.dport;
	flow.proto = r.proto;
	/* Its CLOSE will not be there, as if it had not been written. */
	if (!icf6_flows_add(d->flows, &flow, &forgotten)) {
		d->log.lost++;
		d->log.lost_ever++;
	}
	return NL_OK;
}

static int ignore(struct nl_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	return NL_OK;
}

/* All that has arrived; whether some of it had been thrown away. */
static bool drain(struct nl_sock *sk, nl_recvmsg_msg_cb_t each, void *arg)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	bool lost = false;
	int err;

	if (!cb)
		return false;
	nl_cb_set(cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, ignore, NULL);
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, each, arg);
	do {
		err = nl_recvmsgs(sk, cb);
		lost |= err == -NLE_NOMEM;
	} while (err >= 0 || err == -NLE_NOMEM);
	nl_cb_put(cb);
	return lost;
}

static int on_end(struct nl_msg *msg, void *arg)
{
	struct icf6_flow_info info;
	struct logd *d = arg;

	if (!icf6_flow_parse(nlmsg_hdr(msg), &info))
		return NL_OK;
	if (!icf6_flows_take(d->flows, &info.flow)) {
		/* A short one: its beginning waits on the other socket. */
		drain(d->records, on_record, d);
		if (!icf6_flows_take(d->flows, &info.flow))
			return NL_OK;
	}
	put_close(&info.flow, d);
	return NL_OK;
}

static void still_there(const struct icf6_flow_info *info, void *arg)
{
	struct logd *d = arg;

	icf6_flows_sweep_mark(d->flows, &info->flow);
}

/* Ends that nobody told us of: whatever is not listed any more has ended. */
static void look_again(struct logd *d)
{
	icf6_flows_sweep_begin(d->flows);
	if (!icf6_ct_list(d->p6, d->list, still_there, d))
		icf6_flows_sweep_end(d->flows, put_close, d);
}

static int read_conf(struct logd *d)
{
	struct icf6_conf file;
	struct icf6_error e;
	bool absent;
	int err;

	err = icf6_file_read(d->p6, ICF6_CONF_PATH, &file, &absent);
	if (err)
		return err;
	icf6_conf_free(&file);
	strcpy(d->path, file.log_file);
	d->size = file.log_size;
	if (d->size_said &&
	    icf6_number_parse("size", d->size_said, 0, 1 << 22, &d->size, &e))
		return icf6_usage(d->p6, &e);
	if (!d->file_said)
		return 0;
	if (strlen(d->file_said) >= sizeof(d->path) || !*d->file_said) {
		p6_fail(d->p6, P6_BAD_VALUE, "file=%s cannot be set",
			d->file_said);
		p6_fail_why(d->p6, "A path has 1 to %d bytes.",
			    ICF6_PATH_MAX - 1);
		return p6_fail_do(d->p6, "peer6 icf6 logd --help");
	}
	strcpy(d->path, d->file_said);
	return 0;
}

static int open_log(struct logd *d)
{
	struct p6 *p6 = d->p6;
	int err;

	if (!strcmp(d->path, ICF6_LOG_PATH))
		mkdir("/var/log/peer6", 0755);
	err = icf6_log_open(&d->log, d->path, d->size * 1024ULL);
	if (!err)
		return 0;
	p6_fail(p6, err == EACCES || err == EPERM ? P6_PERMISSION : P6_FAILED,
		"cannot write the log %s", d->path);
	p6_fail_why(p6, "%s.", err == EINVAL ? "It is no regular file" :
		    err == ELOOP ? "It is a symbolic link" : strerror(err));
	if ((err == EACCES || err == EPERM) && geteuid())
		return p6_fail_do(p6, "sudo %s", p6->line);
	return p6_fail_do(p6, "sudo peer6 icf6 set logging file=/PATH, or size=KIB; df -h; ls -ld %s",
			  d->path);
}

static int open_records(struct logd *d)
{
	struct p6 *p6 = d->p6;
	int on = 1, size = 4 << 20, group, err, fd;

	err = p6_nl_open(p6, NETLINK_GENERIC, &d->records);
	if (err)
		return err;
	fd = nl_socket_get_fd(d->records);
	/*
	 * Makes the module's sending fail when this socket is full, which it
	 * counts and tells of; so nothing has to be told of here.
	 */
	setsockopt(fd, SOL_NETLINK, NETLINK_BROADCAST_ERROR, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	group = genl_ctrl_resolve_grp(d->records, "nlctrl", "notify");
	if (group >= 0)
		nl_socket_add_membership(d->records, group);
	err = join(d->records);
	if (!err)
		err = nl_socket_set_nonblocking(d->records);
	nl_socket_disable_seq_check(d->records);
	if (!err)
		return 0;
	p6_fail(p6, err == -NLE_PERM ? P6_PERMISSION : P6_FAILED,
		"cannot listen to the firewall's log");
	p6_fail_why(p6, "Netlink: %s; it takes CAP_NET_ADMIN.",
		    nl_geterror(err));
	return p6_fail_do(p6, "sudo %s", p6->line);
}

/* To systemd, if it is the one that has started us. */
static void tell_ready(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	static const char ready[] = "READY=1";
	size_t len = path ? strlen(path) : 0;
	int fd;

	if (!len || len >= sizeof(to.sun_path))
		return;
	memcpy(to.sun_path, path, len);
	if (*path == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	sendto(fd, ready, sizeof(ready) - 1, MSG_NOSIGNAL,
	       (struct sockaddr *)&to,
	       offsetof(struct sockaddr_un, sun_path) + len);
	close(fd);
}

/* After a hangup: a bad file leaves everything as it is. */
static void reopen(struct logd *d)
{
	struct icf6_log old = d->log;

	if (read_conf(d)) {
		p6_failure_print(d->p6);
		return;
	}
	/* What is there may have been moved away meanwhile. */
	icf6_log_close(&old);
	d->log.err = icf6_log_open(&d->log, d->path, d->size * 1024ULL);
	d->log.lost = old.lost;
	d->log.lost_ever = old.lost_ever;
	complain(d);
}

static int run(struct logd *d)
{
	struct sigaction action = { .sa_handler = on_stop };
	struct pollfd fds[] = {
		{ nl_socket_get_fd(d->records), POLLIN, 0 },
		{ nl_socket_get_fd(d->ends), POLLIN, 0 },
	};
	struct timespec retry = { RETRY_MS / 1000, 0 };
	sigset_t block, before;

	/* Let in only while waiting: a signal cannot fall in between. */
	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGTERM);
	sigaddset(&block, SIGHUP);
	sigprocmask(SIG_BLOCK, &block, &before);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	action.sa_handler = on_hangup;
	sigaction(SIGHUP, &action, NULL);
	sigdelset(&before, SIGINT);
	sigdelset(&before, SIGTERM);
	sigdelset(&before, SIGHUP);

	tell_ready();
	p6_note(d->p6, "writing %s", d->path);
	while (!stop) {
		if (ppoll(fds, 2, d->log.lost ? &retry : NULL, &before) < 0 &&
		    errno != EINTR) {
			p6_fail(d->p6, P6_FAILED, "cannot wait for records");
			return p6_fail_why(d->p6, "poll: %s.",
					   strerror(errno));
		}
		if (again) {
			again = 0;
			reopen(d);
		}
		drain(d->records, on_record, d);
		if (drain(d->ends, on_end, d))
			look_again(d);
		if (d->log.lost) {
			icf6_log_tell_lost(&d->log, icf6_record_now());
			complain(d);
		}
	}
	return 0;
}

int icf6_logd(struct p6 *p6, int argc, char **argv)
{
	static const struct p6_tag tags[] = {
		{ "file", P6_TAG_ORDERED, "a file" },
		{ "size", P6_TAG_ORDERED, "a number of KiB" },
	};
	struct logd d = { .p6 = p6, .log.fd = -1 };
	const char *values[2];
	struct icf6_genl genl;
	int err;

	err = p6_args(p6, argc, argv, tags, 2, values);
	if (err)
		return err;
	d.file_said = values[0];
	d.size_said = values[1];
	err = read_conf(&d);
	if (!err)
		err = open_log(&d);
	if (err)
		return err;
	d.flows = icf6_flows_new(ICF6_FLOWS_MAX);
	if (!d.flows)
		err = p6_fail_memory(p6);
	if (!err)
		err = icf6_genl_open(p6, &genl);
	if (!err)
		icf6_genl_close(&genl);
	/*
	 * Flows have no memory of events that nobody listened to when they
	 * began: this before the other, which is what makes the module say OPEN.
	 */
	if (!err)
		err = icf6_ct_listen(p6, &d.ends);
	if (!err)
		err = icf6_ct_open(p6, &d.list);
	if (!err)
		err = open_records(&d);
	if (!err)
		err = run(&d);
	nl_socket_free(d.records);
	nl_socket_free(d.ends);
	nl_socket_free(d.list);
	icf6_flows_free(d.flows);
	icf6_log_close(&d.log);
	return err;
}
