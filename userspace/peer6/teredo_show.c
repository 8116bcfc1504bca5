// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "reasons.h"
#include "teredo.h"
#include "teredo_args.h"
#include "teredo_dev.h"
#include "teredo_events.h"
#include "teredo_link.h"

/* "rs-tx" as a JSON key. */
static const char *counter_key(const struct teredo_counter *counter, char *buf)
{
	size_t i;

	for (i = 0; counter->name[i]; i++)
		buf[i] = counter->name[i] == '-' ? '_' : counter->name[i];
	buf[i] = '\0';
	return buf;
}

static void counters_json(const struct teredo_dev *dev, bool all,
			  json_t *object)
{
	json_t *counters = json_object(), *drops = json_array();
	char key[sizeof(dev->counters[0].name)];
	size_t i;

	for (i = 0; i < dev->n_counters; i++)
		json_object_set_new(counters,
				    counter_key(&dev->counters[i], key),
				    json_integer(dev->counters[i].value));
	for (i = 0; i < dev->n_drops; i++)
		json_array_append_new(drops,
			json_pack("{s:s,s:I}", "reason", dev->drops[i].name,
				  "packets", (json_int_t)dev->drops[i].value));
	/* The module leaves out what did not occur. */
	for (i = 1; all && i < __TEREDO_REASON_MAX; i++)
		if (!teredo_dev_drops(dev, teredo_reason_name(i)))
			json_array_append_new(drops,
				json_pack("{s:s,s:i}", "reason",
					  teredo_reason_name(i), "packets", 0));
	json_object_set_new(object, "counters", counters);
	json_object_set_new(object, "drops", drops);
}

static void row(const char *name, const char *fmt, ...) P6_PRINTF(2);

static void row(const char *name, const char *fmt, ...)
{
	va_list args;

	printf("%-23s : ", name);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
}

static void row_ip(const char *name, struct in_addr ip, const char *else_text)
{
	char text[INET_ADDRSTRLEN];

	row(name, "%s", ip.s_addr ? inet_ntop(AF_INET, &ip, text, sizeof(text)) :
	    else_text);
}

static void row_addr(const char *name, const struct teredo_addr *addr)
{
	char text[TEREDO_ADDR_MAX];

	row(name, "%s", addr->known ? teredo_addr_text(addr, text) : "unknown");
}

static void row_counters(const char *name,
			 const struct teredo_counter *counters, size_t n,
			 bool all)
{
	bool any = false;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!all && !counters[i].value)
			continue;
		row(any ? "" : name, "%s %llu", counters[i].name,
		    (unsigned long long)counters[i].value);
		any = true;
	}
	if (!any)
		row(name, "none");
}

static void row_drops(const struct teredo_dev *dev, bool all)
{
	size_t i;

	row_counters("Dropped", dev->drops, dev->n_drops, false);
	/* The module leaves out what did not occur. */
	for (i = 1; all && i < __TEREDO_REASON_MAX; i++)
		if (!teredo_dev_drops(dev, teredo_reason_name(i)))
			row("", "%s 0", teredo_reason_name(i));
}

static enum p6_color state_color(const struct teredo_dev *dev)
{
	return teredo_dev_qualified(dev) ? P6_GREEN :
	       dev->state == TEREDO_STATE_OFFLINE ? P6_RED : P6_YELLOW;
}

static void client_rows(const struct teredo_dev *dev)
{
	bool both = dev->local.known && dev->mapped.known;
	char extensions[TEREDO_EXTENSIONS_TEXT];

	row("Client Type", "teredo client");
	/* No domain controller is looked for: nothing here is managed. */
	row("Network", "unmanaged");
	row("NAT", "%s", teredo_nat_name(dev->nat));
	row("NAT Special Behaviour", "UPNP: %s, PortPreserving: %s",
	    dev->portmap.known ? "Yes" : "No",
	    !both ? "unknown" : dev->local.port == dev->mapped.port ?
	    "Yes" : "No");
	row_addr("Local Mapping", &dev->local);
	row_addr("External NAT Mapping", &dev->mapped);
	if (dev->portmap.known)
		row_addr("Gateway's Mapping", &dev->portmap);
	if (dev->extensions_told)
		row("Extensions", "%s",
		    teredo_extensions_text(dev->extensions, extensions));
}

/* @port: as it was set, 0 = chosen by the kernel. */
static void print_dev(const struct p6 *p6, const struct teredo_dev *dev,
		      unsigned int port)
{
	bool client = dev->role == TEREDO_ROLE_CLIENT;
	char text[INET6_ADDRSTRLEN];
	char age[P6_AGE_MAX];

	row("Device", "%s", dev->name);
	row("Type", "%s", teredo_role_name(dev->role));
	if (client || dev->role == TEREDO_ROLE_SERVER) {
		row_ip("Server Name", dev->server, "none");
		row_ip("Second Server Address", dev->server2, "none");
	}
	if (client)
		row("Client Refresh Interval", "%u seconds", dev->refresh);
	if (port)
		row("Client Port", "%u", port);
	else
		row("Client Port", "unspecified");
	row("State", "%s%s%s", p6_color(p6, state_color(dev)),
	    teredo_state_name(dev->state), p6_color_end(p6));
	if (client) {
		client_rows(dev);
	} else {
		if (dev->role == TEREDO_ROLE_HOST_RELAY)
			row("Client Type", "teredo host-specific relay");
		/* Any address, where none was set. */
		if (!dev->local.known && dev->local.port)
			row("Local Mapping", "any:%u", dev->local.port);
		else
			row_addr("Local Mapping", &dev->local);
	}
	if (client)
		row("Address", "%s",
		    IN6_IS_ADDR_UNSPECIFIED(&dev->address) ? "none" :
		    inet_ntop(AF_INET6, &dev->address, text, sizeof(text)));
	if (client && dev->server_age >= 0)
		row("Server Heard", "%s ago",
		    p6_age(age, dev->server_age / 1000.0));
	else if (client)
		row("Server Heard", "never");
	if (dev->error)
		row("Error", "%s [%s]", dev->error_text[0] ? dev->error_text :
		    teredo_reason_text(dev->error),
		    teredo_reason_name(dev->error));
	else
		row("Error", "none");
	row("Error Code", "%u", dev->error);
	if (dev->role != TEREDO_ROLE_SERVER)
		row("Peers", "%u of at most %u", dev->peers, dev->max_peers);
	row_counters("Counters", dev->counters, dev->n_counters, p6->verbose);
	row_drops(dev, p6->verbose);
}

struct show {
	struct p6 *p6;
	struct nl_sock *rtnl;
	json_t *devices;
	struct teredo_dev worst;	/* the first that is not qualified */
	size_t n;
};

static int show_dev(const struct teredo_dev *dev, void *arg)
{
	struct show *show = arg;
	struct teredo_link link;
	unsigned int port = 0;
	struct nlattr *a;
	json_t *object;
	int err;

	if (!show->worst.ifindex && !teredo_dev_qualified(dev))
		show->worst = *dev;
	err = teredo_link_get(show->p6, show->rtnl, dev->name, &link);
	if (err)
		return err;
	a = link.data[IFLA_TEREDO_PORT];
	if (a && nla_len(a) >= 2)
		port = ntohs(nla_get_u16(a));
	teredo_link_put(&link);
	if (!show->p6->json) {
		if (show->n++)
			putchar('\n');
		print_dev(show->p6, dev, port);
		return 0;
	}
	show->n++;
	object = teredo_dev_json(dev);
	if (!object)
		return p6_fail_memory(show->p6);
	if (port)
		json_object_set_new(object, "client_port", json_integer(port));
	json_object_set_new(object, "peers", json_integer(dev->peers));
	json_object_set_new(object, "max_peers", json_integer(dev->max_peers));
	counters_json(dev, show->p6->verbose, object);
	json_array_append_new(show->devices, object);
	return 0;
}

static int not_qualified(struct p6 *p6, const struct show *show,
			 const char *dev)
{
	const struct teredo_dev *worst = &show->worst;

	if (!show->n) {
		p6_fail(p6, P6_NOT_QUALIFIED, "no Teredo device%s%s",
			*dev ? " " : "", dev);
		p6_fail_why(p6, "None has been made, or its module is not loaded.");
		return p6_fail_do(p6, "sudo peer6 teredo set type=client servername=NAME");
	}
	p6_fail(p6, P6_NOT_QUALIFIED, "%s is not qualified", worst->name);
	if (worst->error) {
		p6->failure.reason = teredo_reason_name(worst->error);
		p6_fail_why(p6, "State %s: %s.",
			    teredo_state_name(worst->state),
			    worst->error_text[0] ? worst->error_text :
			    teredo_reason_text(worst->error));
	} else {
		p6_fail_why(p6, "State %s; no error has been found so far.",
			    teredo_state_name(worst->state));
	}
	if (worst->state == TEREDO_STATE_DORMANT)
		return p6_fail_do(p6, "sudo ip link set %s up", worst->name);
	return p6_fail_do(p6, "peer6 teredo show state dev=%s --wait",
			  worst->name);
}

struct await {
	size_t n;
	bool all;			/* qualified */
	char server[INET_ADDRSTRLEN];
	char name[IFNAMSIZ];
};

static int await_dev(const struct teredo_dev *dev, void *arg)
{
	struct await *await = arg;

	await->n++;
	if (teredo_dev_qualified(dev))
		return 0;
	if (await->all) {
		strcpy(await->name, dev->name);
		inet_ntop(AF_INET, &dev->server, await->server,
			  sizeof(await->server));
	}
	await->all = false;
	return 0;
}

/*
 * Subscribed before the first look, so that no change falls between the two.
 * Each event leads to another look: what it says is older than the device.
 */
static int await_qualified(struct p6 *p6, struct teredo_genl *genl,
			   const char *dev)
{
	double until = p6_now() + p6->wait_time, told = p6_now() + 0.5;
	struct teredo_events events;
	bool said = false;
	int err;

	err = teredo_events_open(p6, genl, &events);
	if (err)
		return err;
	for (;;) {
		struct await await = { .all = true };
		double now;

		err = teredo_devs(p6, genl, dev, await_dev, &await);
		if (err || (await.all && await.n))
			break;
		now = p6_now();
		if (!said && now >= told && !p6->quiet &&
		    (isatty(STDERR_FILENO) || p6->verbose)) {
			fprintf(stderr, "waiting for %s to qualify with %s, %.0f s at most\n",
				await.n ? await.name : "a Teredo device",
				await.n ? await.server : "a server",
				until - now);
			said = true;
		}
		if (now >= until) {
			p6_fail(p6, P6_TIMEOUT, "%s did not qualify in %.1f s",
				await.n ? await.name : "no device",
				p6->wait_time);
			p6_fail_why(p6, await.n ?
				    "The state is read with the command below." :
				    "There is no Teredo device.");
			err = p6_fail_do(p6, "peer6 teredo show state%s%s",
					 await.n ? " dev=" : "", await.name);
			break;
		}
		err = teredo_events_wait(p6, &events, said || told > until ?
					 until : told);
		if (err)
			break;
		teredo_events_drain(&events);
	}
	teredo_events_close(&events);
	return err;
}

static int print_state(struct p6 *p6, const struct teredo_genl *genl,
		       struct nl_sock *rtnl, const char *dev)
{
	struct show show = { .p6 = p6, .rtnl = rtnl };
	bool bad;
	int err;

	if (p6->json) {
		show.devices = json_array();
		if (!show.devices)
			return p6_fail_memory(p6);
	}
	err = teredo_devs(p6, genl, dev, show_dev, &show);
	bad = !show.n || show.worst.ifindex;
	if (err || (p6->json && p6->check && bad)) {
		json_decref(show.devices);
		return err ? err : not_qualified(p6, &show, dev);
	}
	if (p6->json)
		err = p6_print_json(p6, json_pack("{s:s,s:o}", "schema",
						  "peer6.teredo-state/1",
						  "devices", show.devices));
	else if (!show.n)
		row("Type", "disabled");
	return !err && p6->check && bad ? not_qualified(p6, &show, dev) : err;
}

int teredo_show_state(struct p6 *p6, int argc, char **argv)
{
	struct teredo_genl genl;
	struct nl_sock *rtnl;
	char dev[IFNAMSIZ];
	int err;

	err = teredo_dev_args(p6, argc, argv, dev, NULL);
	if (err)
		return err;
	err = teredo_genl_open(p6, &genl);
	if (err)
		return err;
	err = p6_nl_open(p6, NETLINK_ROUTE, &rtnl);
	if (!err) {
		if (p6->wait)
			err = await_qualified(p6, &genl, dev);
		if (!err)
			err = print_state(p6, &genl, rtnl, dev);
		nl_socket_free(rtnl);
	}
	teredo_genl_close(&genl);
	return err;
}

struct peers {
	struct p6 *p6;
	const struct teredo_genl *genl;
	json_t *list;
	size_t n;
};

static json_t *peer_json(const char *name, const struct teredo_peer *peer)
{
	char text[INET6_ADDRSTRLEN];
	json_t *object;

	inet_ntop(AF_INET6, &peer->addr, text, sizeof(text));
	object = json_pack("{s:s,s:s,s:s,s:b,s:b,s:b,s:b,s:b,s:i}",
			   "dev", name,
			   "peer", text, "path", teredo_peer_path(peer),
			   "local", !!(peer->flags & TEREDO_PEER_F_LOCAL),
			   "native", !!(peer->flags & TEREDO_PEER_F_NATIVE),
			   "symmetric",
			   !!(peer->flags & TEREDO_PEER_F_SYMMETRIC),
			   "extended",
			   !!(peer->flags & TEREDO_PEER_F_EXTENDED),
			   "random_port",
			   !!(peer->flags & TEREDO_PEER_F_RANDOM_PORT),
			   "queued", (int)peer->queued);
	if (!object)
		return NULL;
	teredo_json_addr(object, "via", &peer->via);
	teredo_json_age(object, "received", peer->rx_age);
	teredo_json_age(object, "sent", peer->tx_age);
	return object;
}

static const char *ago(int64_t ms, char *buf)
{
	return ms < 0 ? "never" : p6_age(buf, ms / 1000.0);
}

static int on_peer(struct nl_msg *msg, void *arg)
{
	char name[IFNAMSIZ], text[INET6_ADDRSTRLEN], via[TEREDO_ADDR_MAX];
	char rx[P6_AGE_MAX], tx[P6_AGE_MAX];
	struct teredo_peer peer;
	struct peers *peers = arg;

	if (!teredo_peer_parse(msg, name, &peer))
		return NL_OK;
	if (peers->p6->json) {
		json_array_append_new(peers->list, peer_json(name, &peer));
		return NL_OK;
	}
	if (!peers->n++)
		printf("%-39s  %-8s %-21s  %-8s %-8s %-6s %s\n", "PEER", "PATH",
		       "VIA", "RECEIVED", "SENT", "QUEUED", "DEVICE");
	printf("%-39s  %s%-8s%s %-21s  %-8s %-8s %-6u %s%s%s%s%s\n",
	       inet_ntop(AF_INET6, &peer.addr, text, sizeof(text)),
	       p6_color(peers->p6, peer.flags & TEREDO_PEER_F_TRUSTED ?
			P6_GREEN : P6_YELLOW),
	       teredo_peer_path(&peer), p6_color_end(peers->p6),
	       peer.via.known ? teredo_addr_text(&peer.via, via) : "-",
	       ago(peer.rx_age, rx), ago(peer.tx_age, tx), peer.queued, name,
	       peer.flags & TEREDO_PEER_F_LOCAL ? " local" : "",
	       peer.flags & TEREDO_PEER_F_NATIVE ? " native" : "",
	       peer.flags & TEREDO_PEER_F_SYMMETRIC ? " symmetric" : "",
	       peer.flags & TEREDO_PEER_F_RANDOM_PORT ? " random-port" : "");
	return NL_OK;
}

/*
 * A netlink socket has one request under way, so the peers are asked for after
 * the list of devices is read.
 */
struct names {
	size_t n;
	char name[64][IFNAMSIZ];
};

static int note_name(const struct teredo_dev *dev, void *arg)
{
	struct names *names = arg;

	if (names->n < P6_ARRAY_SIZE(names->name))
		strcpy(names->name[names->n++], dev->name);
	return 0;
}

static int show_peers(struct peers *peers, const char *dev)
{
	struct p6 *p6 = peers->p6;
	struct names names = { 0 };
	struct nl_answer answer;
	struct nl_msg *msg;
	size_t i;
	int err;

	err = teredo_devs(p6, peers->genl, dev, note_name, &names);
	for (i = 0; !err && i < names.n; i++) {
		msg = teredo_genl_request(peers->genl, TEREDO_CMD_PEER_GET,
					  NLM_F_DUMP, names.name[i]);
		if (!msg)
			return p6_fail_memory(p6);
		err = p6_nl_talk(p6, peers->genl->sk, msg, on_peer, peers,
				 &answer);
		if (!err && answer.err)
			err = p6_nl_fail(p6, &answer,
					 "cannot read the peers of %s",
					 names.name[i]);
	}
	return err;
}

int teredo_show_peers(struct p6 *p6, int argc, char **argv)
{
	struct peers peers = { .p6 = p6 };
	struct teredo_genl genl;
	char dev[IFNAMSIZ];
	int err;

	err = teredo_dev_args(p6, argc, argv, dev, NULL);
	if (err)
		return err;
	err = teredo_genl_open(p6, &genl);
	if (err)
		return err;
	peers.genl = &genl;
	peers.list = json_array();
	err = peers.list ? show_peers(&peers, dev) : p6_fail_memory(p6);
	if (!err && p6->json)
		err = p6_print_json(p6, json_pack("{s:s,s:O}", "schema",
						  "peer6.teredo-peers/1",
						  "peers", peers.list));
	else if (!err && !peers.n)
		p6_note(p6, "No peers.");
	json_decref(peers.list);
	teredo_genl_close(&genl);
	return err;
}
