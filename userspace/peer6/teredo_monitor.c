// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include <netlink/genl/genl.h>

#include "reasons.h"
#include "teredo.h"
#include "teredo_args.h"
#include "teredo_events.h"

/* What was last known of a device, so that a change has a "from". */
struct known {
	int ifindex;
	unsigned int state;
	struct teredo_addr mapped;
};

struct monitor {
	struct p6 *p6;
	struct teredo_events events;
	char dev[IFNAMSIZ];
	unsigned long shown;
	size_t n;
	struct known known[64];
};

static struct known *known_of(struct monitor *m, int ifindex)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (m->known[i].ifindex == ifindex)
			return &m->known[i];
	/* More devices than that share the last place. */
	if (m->n < P6_ARRAY_SIZE(m->known))
		m->n++;
	memset(&m->known[m->n - 1], 0, sizeof(m->known[0]));
	m->known[m->n - 1].ifindex = ifindex;
	return &m->known[m->n - 1];
}

static int note_dev(const struct teredo_dev *dev, void *arg)
{
	struct known *known = known_of(arg, dev->ifindex);

	known->state = dev->state;
	known->mapped = dev->mapped;
	return 0;
}

static bool more(const struct monitor *m)
{
	return !m->p6->count || m->shown < m->p6->count;
}

/* @object is the event's own part. */
static void put_json(struct monitor *m, const char *event, const char *dev,
		     json_t *object)
{
	char at[P6_TIME_MAX];
	json_t *line;

	line = json_pack("{s:s,s:s,s:s,s:s,s:s,s:I}",
			 "schema", "peer6.event/1", "at", p6_time_utc(at),
			 "source", "teredo", "event", event, "dev", dev,
			 "seq", (json_int_t)m->events.seq);
	if (line && object)
		json_object_update(line, object);
	json_decref(object);
	if (line)
		json_dumpf(line, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(line);
}

static void put_text(const char *dev, const char *fmt, ...) P6_PRINTF(2);

static void put_text(const char *dev, const char *fmt, ...)
{
	char at[P6_TIME_MAX];
	va_list args;

	printf("%s  %s  ", p6_time_local(at), dev);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
}

static void on_state(struct monitor *m, const struct teredo_dev *dev)
{
	struct known *known = known_of(m, dev->ifindex);
	const char *from = teredo_state_name(known->state);
	const char *to = teredo_state_name(dev->state);
	json_t *object;

	known->state = dev->state;
	if (m->p6->json) {
		object = teredo_dev_json(dev);
		if (object) {
			json_object_set_new(object, "from", json_string(from));
			json_object_set_new(object, "to", json_string(to));
			json_object_set_new(object, "reason",
				json_string(teredo_reason_name(dev->error)));
		}
		put_json(m, "state", dev->name, object);
		return;
	}
	put_text(dev->name, "state    %s -> %s%s%s%s%s", from,
		 p6_color(m->p6, teredo_dev_qualified(dev) ? P6_GREEN :
			  dev->state == TEREDO_STATE_OFFLINE ? P6_RED :
			  P6_YELLOW),
		 to, p6_color_end(m->p6), dev->error ? "  " : "",
		 dev->error ? teredo_reason_name(dev->error) : "");
}

static void on_mapping(struct monitor *m, const struct teredo_dev *dev)
{
	struct known *known = known_of(m, dev->ifindex);
	char from[TEREDO_ADDR_MAX], to[TEREDO_ADDR_MAX];
	char address[INET6_ADDRSTRLEN];
	struct teredo_addr old = known->mapped;
	json_t *object;

	known->mapped = dev->mapped;
	if (m->p6->json) {
		object = teredo_dev_json(dev);
		if (object) {
			teredo_json_addr(object, "from", &old);
			teredo_json_addr(object, "to", &dev->mapped);
		}
		put_json(m, "mapping", dev->name, object);
		return;
	}
	put_text(dev->name, "mapping  %s -> %s  address %s",
		 old.known ? teredo_addr_text(&old, from) : "none",
		 dev->mapped.known ? teredo_addr_text(&dev->mapped, to) : "none",
		 IN6_IS_ADDR_UNSPECIFIED(&dev->address) ? "none" :
		 inet_ntop(AF_INET6, &dev->address, address, sizeof(address)));
}

static void on_peer(struct monitor *m, const char *name,
		    const struct teredo_peer *peer)
{
	const char *event = teredo_peer_event_name(peer->event);
	bool lost = peer->event == TEREDO_PEER_EVENT_UNREACHABLE;
	char text[INET6_ADDRSTRLEN], via[TEREDO_ADDR_MAX];
	const char *path = lost ? "unreachable" : teredo_peer_path(peer);
	json_t *object;

	inet_ntop(AF_INET6, &peer->addr, text, sizeof(text));
	if (m->p6->json) {
		object = json_pack("{s:s,s:s,s:s,s:s}", "peer", text,
				   "change", event, "to", path, "reason", lost ?
				   teredo_reason_name(TEREDO_REASON_PEER_UNREACHABLE) :
				   "ok");
		if (object)
			teredo_json_addr(object, "via", &peer->via);
		put_json(m, "peer-path", name, object);
		return;
	}
	put_text(name, "peer     %s %s%s%s", text, event,
		 peer->via.known ? "  via " : "",
		 peer->via.known ? teredo_addr_text(&peer->via, via) : "");
}

static int on_event(struct nl_msg *msg, void *arg)
{
	struct genlmsghdr *genl = nlmsg_data(nlmsg_hdr(msg));
	struct monitor *m = arg;
	struct teredo_peer peer;
	struct teredo_dev dev;
	char name[IFNAMSIZ];
	bool is_peer = genl->cmd == TEREDO_CMD_PEER_NTF;

	if (is_peer ? !teredo_peer_parse(msg, name, &peer) :
	    teredo_dev_parse(msg, &dev) != 0)
		return NL_OK;
	m->events.seq++;
	if (m->events.lost && !m->p6->json)
		p6_note(m->p6, "events were lost here");
	m->events.lost = false;
	if ((m->dev[0] && strcmp(m->dev, is_peer ? name : dev.name)) ||
	    !more(m))
		return NL_OK;
	m->shown++;
	if (is_peer)
		on_peer(m, name, &peer);
	else if (genl->cmd == TEREDO_CMD_STATE_NTF)
		on_state(m, &dev);
	else if (genl->cmd == TEREDO_CMD_MAPPING_NTF)
		on_mapping(m, &dev);
	else
		m->shown--;
	/* A reader at the other end of a pipe waits for each line. */
	fflush(stdout);
	return NL_OK;
}

static int watch(struct monitor *m)
{
	struct p6 *p6 = m->p6;
	double until = p6->timeout ? p6_now() + p6->timeout_time : INFINITY;
	int err;

	while (more(m)) {
		if (p6_now() >= until) {
			if (!p6->count)
				return 0;
			p6_fail(p6, P6_TIMEOUT, "%lu of %lu events came in %.1f s",
				m->shown, p6->count, p6->timeout_time);
			p6_fail_why(p6, "Nothing else happened to the Teredo devices.");
			return p6_fail_do(p6, "peer6 teredo show state");
		}
		err = teredo_events_wait(p6, &m->events, until);
		if (err)
			return err;
		teredo_events_drain(&m->events);
		if (ferror(stdout))
			return 0;
	}
	return 0;
}

int teredo_monitor(struct p6 *p6, int argc, char **argv)
{
	struct monitor m = { .p6 = p6 };
	struct teredo_genl genl;
	int err;

	err = teredo_dev_args(p6, argc, argv, m.dev, NULL);
	if (err)
		return err;
	err = teredo_genl_open(p6, &genl);
	if (err)
		return err;
	/* First subscribed, then looked: nothing falls between the two. */
	err = teredo_events_open(p6, &genl, &m.events);
	if (!err) {
		m.events.on_event = on_event;
		m.events.arg = &m;
		err = teredo_devs(p6, &genl, "", note_dev, &m);
		if (!err && !p6->quiet &&
		    (isatty(STDERR_FILENO) || p6->verbose))
			p6_note(p6, "watching; Ctrl-C ends it");
		if (!err)
			err = watch(&m);
		teredo_events_close(&m.events);
	}
	teredo_genl_close(&genl);
	return err;
}
