// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "teredo_link.h"

/* A request about a device; NULL when out of memory. */
static struct nl_msg *request(int type, int flags, int ifindex, bool change,
			      bool up)
{
	struct ifinfomsg info = {
		.ifi_family = AF_UNSPEC,
		.ifi_index = ifindex,
		.ifi_change = change ? IFF_UP : 0,
		.ifi_flags = change && up ? IFF_UP : 0,
	};
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);

	if (msg && nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static int on_link(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[IFLA_MAX + 1], *info[IFLA_INFO_MAX + 1];
	struct teredo_link *link = arg;
	struct ifinfomsg *ifi;

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(*ifi), tb, IFLA_MAX, NULL) ||
	    !tb[IFLA_IFNAME] || link->msg)
		return NL_OK;
	ifi = nlmsg_data(nlmsg_hdr(msg));
	link->ifindex = ifi->ifi_index;
	link->up = ifi->ifi_flags & IFF_UP;
	nla_strlcpy(link->name, tb[IFLA_IFNAME], sizeof(link->name));
	if (!tb[IFLA_LINKINFO] ||
	    nla_parse_nested(info, IFLA_INFO_MAX, tb[IFLA_LINKINFO], NULL) ||
	    !info[IFLA_INFO_KIND] ||
	    nla_strcmp(info[IFLA_INFO_KIND], TEREDO_LINK_KIND))
		return NL_OK;
	link->teredo = true;
	if (info[IFLA_INFO_DATA] &&
	    !nla_parse_nested(link->data, IFLA_TEREDO_MAX,
			      info[IFLA_INFO_DATA], NULL)) {
		nlmsg_get(msg);
		link->msg = msg;
	}
	return NL_OK;
}

int teredo_link_get(struct p6 *p6, struct nl_sock *sk, const char *name,
		    struct teredo_link *link)
{
	struct nl_answer answer;
	struct nl_msg *msg;
	int err;

	memset(link, 0, sizeof(*link));
	msg = request(RTM_GETLINK, NLM_F_REQUEST, 0, false, false);
	if (!msg || nla_put_string(msg, IFLA_IFNAME, name)) {
		nlmsg_free(msg);
		return p6_fail_memory(p6);
	}
	err = p6_nl_talk(p6, sk, msg, on_link, link, &answer);
	if (err)
		return err;
	if (answer.err && answer.err != ENODEV)
		return p6_nl_fail(p6, &answer, "cannot look up device %s",
				  name);
	return 0;
}

void teredo_link_put(struct teredo_link *link)
{
	nlmsg_free(link->msg);
	link->msg = NULL;
}

int teredo_link_role(const struct teredo_link *link)
{
	struct nlattr *role = link->data[IFLA_TEREDO_ROLE];

	return role && nla_len(role) >= 1 ? nla_get_u8(role) :
	       TEREDO_ROLE_CLIENT;
}

bool teredo_link_has(const struct teredo_link *link, int attr,
		     const struct teredo_value *value)
{
	static const uint8_t zero[sizeof(value->data)];
	struct nlattr *have = link->data[attr];

	if (!value->given)
		return true;
	if (attr == IFLA_TEREDO_SECRET) {
		have = link->data[IFLA_TEREDO_SECURE];
		return !value->len && have && nla_len(have) >= 1 &&
		       !nla_get_u8(have);
	}
	/* What is at its zero value may be left out of a dump. */
	if (!have)
		return !memcmp(value->data, zero, value->len);
	return nla_len(have) == value->len &&
	       !memcmp(nla_data(have), value->data, value->len);
}

static int put_info(struct nl_msg *msg, const struct teredo_args *args)
{
	struct nlattr *info, *data;
	int i;

	info = nla_nest_start(msg, IFLA_LINKINFO);
	if (!info || nla_put_string(msg, IFLA_INFO_KIND, TEREDO_LINK_KIND))
		return -1;
	data = nla_nest_start(msg, IFLA_INFO_DATA);
	if (!data)
		return -1;
	for (i = 1; i <= IFLA_TEREDO_MAX; i++)
		if (args->attr[i].given &&
		    nla_put(msg, i, args->attr[i].len, args->attr[i].data))
			return -1;
	/* libnl takes back a nest that holds nothing, which is right here. */
	nla_nest_end(msg, data);
	nla_nest_end(msg, info);
	return 0;
}

int teredo_link_create(struct p6 *p6, struct nl_sock *sk,
		       const struct teredo_args *args,
		       struct nl_answer *answer)
{
	struct nl_msg *msg;

	msg = request(RTM_NEWLINK, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL,
		      0, true, true);
	if (!msg || nla_put_string(msg, IFLA_IFNAME, args->dev) ||
	    put_info(msg, args)) {
		nlmsg_free(msg);
		return p6_fail_memory(p6);
	}
	return p6_nl_talk(p6, sk, msg, NULL, NULL, answer);
}

int teredo_link_change(struct p6 *p6, struct nl_sock *sk, int ifindex,
		       const struct teredo_args *args,
		       struct nl_answer *answer)
{
	struct nl_msg *msg;

	msg = request(RTM_NEWLINK, NLM_F_REQUEST, ifindex, false, false);
	if (!msg || put_info(msg, args)) {
		nlmsg_free(msg);
		return p6_fail_memory(p6);
	}
	return p6_nl_talk(p6, sk, msg, NULL, NULL, answer);
}

int teredo_link_delete(struct p6 *p6, struct nl_sock *sk, int ifindex,
		       struct nl_answer *answer)
{
	struct nl_msg *msg;

	msg = request(RTM_DELLINK, NLM_F_REQUEST, ifindex, false, false);
	if (!msg)
		return p6_fail_memory(p6);
	return p6_nl_talk(p6, sk, msg, NULL, NULL, answer);
}

int teredo_link_up(struct p6 *p6, struct nl_sock *sk, int ifindex, bool up,
		   struct nl_answer *answer)
{
	struct nl_msg *msg;

	msg = request(RTM_NEWLINK, NLM_F_REQUEST, ifindex, true, up);
	if (!msg)
		return p6_fail_memory(p6);
	return p6_nl_talk(p6, sk, msg, NULL, NULL, answer);
}

int teredo_link_rename(struct p6 *p6, struct nl_sock *sk, int ifindex,
		       const char *name, struct nl_answer *answer)
{
	struct nl_msg *msg;

	msg = request(RTM_NEWLINK, NLM_F_REQUEST, ifindex, false, false);
	if (!msg || nla_put_string(msg, IFLA_IFNAME, name)) {
		nlmsg_free(msg);
		return p6_fail_memory(p6);
	}
	return p6_nl_talk(p6, sk, msg, NULL, NULL, answer);
}
