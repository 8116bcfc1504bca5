// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A mapping (struct portmap) belongs to a device that is there: what is wanted
 * for it, and what it has. What is no longer wanted goes to the leftovers, and
 * the device does not ask a gateway that still has to take one back: it may hold
 * the port for the old one.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <arpa/inet.h>
#include <netlink/netlink.h>
#include <sys/random.h>

#include "../portmap/policy.h"
#include "../portmap/protocol.h"
#include "daemon.h"
#include "kernel.h"
#include "leftovers.h"
#include "portmaps.h"
#include "route.h"
#include "rpc.h"
#include "store.h"
#include "teredo.h"

enum held {
	HELD_NONE,
	HELD_ASKED,	/* the gateway may have made one */
	HELD_MADE,
};

struct portmap {
	struct portmaps	*all;
	char		dev[IFNAMSIZ];
	int		ifindex;
	bool		seen;
	/* What is wanted: one for this, or none because. */
	bool		wanted;
	const char	*unwanted;
	struct in_addr	gateway, local;
	uint16_t	port;
	/* What the server sees; 0.0.0.0: the device is not qualified. */
	struct in_addr	mapped;
	uint16_t	mapped_port;
	/* What there is. */
	enum held	held;
	struct portmap_record have;
	bool		in_kernel;
	bool		refused;	/* by the kernel, as it is */
	/* Asking. */
	struct question	*question;
	uv_timer_t	timer;
	uint64_t	next;		/* uv_now() */
	uint64_t	asked;		/* when it was asked the last time */
	unsigned int	failures;	/* in a row */
	unsigned int	conflicts;
	uint16_t	wish;		/* outside port; 0: as inside */
	char		reason[24];	/* of the last failure; "": none */
	char		why[PORTMAP_WHY_MAX];
};

struct portmaps {
	struct daemon	*daemon;
	struct teredo	*teredo;
	struct kernel	*kernel;
	const char	*forbidden;	/* why the kernel cannot be told */
	struct nl_sock	*routes;
	bool		leaving;
	unsigned int	n;
	struct portmap	*maps[PORTMAPS_MAX];
	struct leftovers *leftovers;
};

static void step(struct portmap *m);

static const char *text(struct in_addr addr, char *buf)
{
	return inet_ntop(AF_INET, &addr, buf, INET_ADDRSTRLEN);
}

/* Before a gateway is asked, and after it has answered. */
static bool save(struct portmaps *p)
{
	const struct portmap_record *list[PORTMAPS_MAX +
					  PORTMAP_LEFTOVERS_MAX];
	unsigned int i, n = leftovers_list(p->leftovers, list);
	int ret;

	for (i = 0; i < p->n; i++)
		if (p->maps[i]->held)
			list[n++] = &p->maps[i]->have;
	ret = portmap_records_save(p->daemon->store, list, n);
	if (ret)
		event_log(p->daemon->events, LOG_ERROR,
			  "the port mappings cannot be saved: %s",
			  peer6_strerror(ret));
	return !ret;
}

/* The kernel. */

static void tell_kernel(struct portmap *m)
{
	struct portmaps *p = m->all;
	bool ready = m->held == HELD_MADE && m->have.external.s_addr;
	struct in_addr none = { };

	if (ready == m->in_kernel || (ready && m->refused) ||
	    !kernel_works(p->kernel))
		return;
	m->in_kernel = ready;
	kernel_set(p->kernel, m->ifindex, ready ? m->have.external : none,
		   ready ? m->have.external_port : 0);
}

static struct portmap *find_index(struct portmaps *p, int ifindex)
{
	unsigned int i;

	for (i = 0; i < p->n; i++)
		if (p->maps[i]->ifindex == ifindex)
			return p->maps[i];
	return NULL;
}

static void on_kernel(void *ctx, int ifindex, int error, const char *words)
{
	struct portmaps *p = ctx;
	struct portmap *m = find_index(p, ifindex);
	unsigned int i;

	if (!ifindex) {
		p->forbidden = "the part of peer6d that tells the kernel has ended";
		event_log(p->daemon->events, LOG_ERROR,
			  "no more port mappings: %s", p->forbidden);
		for (i = 0; i < p->n; i++)
			p->maps[i]->wanted = false;
		teredo_look(p->teredo);
		return;
	}
	/* A device that is gone has taken its mapping along. */
	if (!error || !m || !m->in_kernel)
		return;
	m->in_kernel = false;
	m->refused = true;
	snprintf(m->reason, sizeof(m->reason), "kernel");
	snprintf(m->why, sizeof(m->why), "the kernel does not take it: %s",
		 words[0] ? words : strerror(error));
	event_log(p->daemon->events, LOG_WARNING, "%s: port mapping: %s",
		  m->dev, m->why);
}

static void step_all(void *ctx)
{
	struct portmaps *p = ctx;
	unsigned int i;

	for (i = 0; i < p->n && !p->leaving; i++)
		step(p->maps[i]);
}

/* Mappings. */

/* What the device has is nobody's any more. */
static void retire(struct portmap *m)
{
	enum held held = m->held;

	gateway_forget(m->question);
	m->question = NULL;
	m->held = HELD_NONE;
	tell_kernel(m);
	m->held = held;
	if (!held)
		return;
	leftovers_add(m->all->leftovers, &m->have);
	m->held = HELD_NONE;
	memset(&m->have, 0, sizeof(m->have));
	save(m->all);
	leftovers_look(m->all->leftovers);
}

static void on_timer(uv_timer_t *timer)
{
	step(timer->data);
}

static void sleep_until(struct portmap *m, uint64_t when)
{
	uint64_t now = uv_now(m->all->daemon->loop);

	m->next = when;
	uv_timer_start(&m->timer, on_timer, when > now ? when - now : 0, 0);
}

static void sleep_for(struct portmap *m, uint64_t ms)
{
	sleep_until(m, uv_now(m->all->daemon->loop) + ms);
}

static void failed(struct portmap *m, const char *reason, const char *why)
{
	struct events *events = m->all->daemon->events;
	bool news = strcmp(m->reason, reason) || strcmp(m->why, why);
	uint64_t ms = PORTMAP_RETRY_MS;
	unsigned int i;

	for (i = 0; i < m->failures && ms < PORTMAP_RETRY_MAX_MS; i++)
		ms *= 2;
	if (ms > PORTMAP_RETRY_MAX_MS)
		ms = PORTMAP_RETRY_MAX_MS;
	m->failures++;
	snprintf(m->reason, sizeof(m->reason), "%s", reason);
	snprintf(m->why, sizeof(m->why), "%s", why);
	event_log(events, news ? LOG_INFO : LOG_DEBUG,
		  "%s: no port mapping: %s [%s]", m->dev, m->why, m->reason);
	sleep_for(m, ms);
}

static uint64_t renewal(uint32_t lease)
{
	uint64_t ms = (uint64_t)lease * 1000 / 2;

	/* For ever: looked at all the same, for gateways forget. */
	if (!lease || ms > PORTMAP_CHECK_MS)
		return PORTMAP_CHECK_MS;
	return ms < PORTMAP_RENEW_MIN_MS ? PORTMAP_RENEW_MIN_MS : ms;
}

/* In words, why this cannot be it; NULL: it can. */
static const char *disbelieve(const struct portmap *m,
			      const struct gateway_answer *answer)
{
	struct in_addr any = { };
	struct route route;
	const char *lie;

	if (!answer->port)
		return "it gave no port";
	lie = portmap_lie(answer->external, m->gateway, m->local);
	if (lie)
		return lie;
	/* An address of the network that we are in ourselves is not outside. */
	if (route_get(m->all->routes, answer->external, any, &route) &&
	    (route.local || !route.gateway.s_addr))
		return "that is an address of the inside";
	return portmap_contradiction(answer->external, m->mapped);
}

static void made(struct portmap *m, const struct gateway_answer *answer)
{
	struct portmap_record *r = &m->have;
	bool news = m->held != HELD_MADE ||
		    r->external.s_addr != answer->external.s_addr ||
		    r->external_port != answer->port;
	char gateway[INET_ADDRSTRLEN], external[INET_ADDRSTRLEN];

	/* Another address or port: the kernel is told anew. */
	if (news) {
		m->in_kernel = false;
		m->refused = false;
	}
	m->held = HELD_MADE;
	r->protocol = answer->protocol;
	r->external = answer->external;
	r->external_port = answer->port;
	r->until = answer->lease ? time(NULL) + answer->lease : 0;
	memcpy(r->url, answer->url, sizeof(r->url));
	memcpy(r->service, answer->service, sizeof(r->service));
	save(m->all);
	m->failures = 0;
	m->conflicts = 0;
	m->reason[0] = '\0';
	m->why[0] = '\0';
	if (answer->lease)
		event_log(m->all->daemon->events, news ? LOG_INFO : LOG_DEBUG,
			  "%s: the gateway %s maps %s:%u to its port %u for %u s (%s)",
			  m->dev, text(m->gateway, gateway),
			  text(r->external, external), r->external_port,
			  m->port, answer->lease, portmap_protocol_name(r->protocol));
	else
		event_log(m->all->daemon->events, news ? LOG_INFO : LOG_DEBUG,
			  "%s: the gateway %s maps %s:%u to its port %u until it is taken back (%s)",
			  m->dev, text(m->gateway, gateway),
			  text(r->external, external), r->external_port,
			  m->port, portmap_protocol_name(r->protocol));
	tell_kernel(m);
	sleep_for(m, renewal(answer->lease));
}

/*
 * Another has the port at the gateway. Any other one will do: peers are told
 * which it is.
 */
static void conflict(struct portmap *m, const struct gateway_answer *answer)
{
	uint16_t any = 0;

	m->held = HELD_NONE;
	tell_kernel(m);
	save(m->all);
	if (++m->conflicts > PORTMAP_CONFLICTS_MAX ||
	    getrandom(&any, sizeof(any), 0) != sizeof(any)) {
		m->conflicts = 0;
		m->wish = 0;
		failed(m, answer->reason, answer->why);
		return;
	}
	m->wish = 49152 + any % 16384;
	sleep_for(m, 0);
}

static void not_renewed(struct portmap *m, const struct gateway_answer *answer)
{
	int64_t left = m->have.until - time(NULL);

	if (m->have.until ? left > 0 : m->failures++ < PORTMAP_SILENT_MAX) {
		snprintf(m->reason, sizeof(m->reason), "%s", answer->reason);
		snprintf(m->why, sizeof(m->why), "%s", answer->why);
		event_log(m->all->daemon->events, LOG_DEBUG,
			  "%s: the port mapping is not renewed: %s [%s]",
			  m->dev, m->why, m->reason);
		/* Each time half of what is left, as RFC 6887 section 11.2.1. */
		sleep_for(m, m->have.until ? renewal((uint32_t)left) :
			  PORTMAP_RETRY_MS);
		return;
	}
	/* Nobody keeps it any more; asked for anew, in any protocol. */
	m->held = HELD_ASKED;
	m->have.protocol = 0;
	tell_kernel(m);
	save(m->all);
	failed(m, answer->reason, answer->why);
}

static void on_answer(void *ctx, const struct gateway_answer *answer)
{
	struct portmap *m = ctx;
	char why[PORTMAP_WHY_MAX], external[INET_ADDRSTRLEN];
	const char *lie;

	m->question = NULL;
	if (answer->ok) {
		lie = disbelieve(m, answer);
		if (!lie) {
			made(m, answer);
			return;
		}
		snprintf(why, sizeof(why),
			 "the gateway says that its outside address is %s: %s",
			 text(answer->external, external), lie);
		/* It has made one nevertheless. */
		m->have.protocol = answer->protocol;
		m->have.external_port = answer->port ? answer->port : m->port;
		retire(m);
		failed(m, "bad-address", why);
		return;
	}
	if (!strcmp(answer->reason, "conflict")) {
		conflict(m, answer);
		return;
	}
	if (m->held == HELD_MADE && gateway_silent(answer)) {
		not_renewed(m, answer);
		return;
	}
	/*
	 * An answer that makes no sense may have left something there, and so
	 * may a request without any. PCP's has its address with the port.
	 */
	if (!strcmp(answer->reason, "bad-answer") ||
	    (answer->asked && !strcmp(answer->reason, "bad-address"))) {
		retire(m);
	} else if (!answer->asked) {
		m->held = HELD_NONE;
		tell_kernel(m);
		save(m->all);
	}
	failed(m, answer->reason, answer->why);
}

static void ask(struct portmap *m)
{
	struct portmaps *p = m->all;
	const struct config *conf = &p->daemon->conf;
	struct portmap_request req = {
		.gateway = m->gateway, .local = m->local, .owner = m->local,
		.port = m->port, .lease = conf->port_mapping_lease,
		.protocols = conf->port_mapping,
		.url = m->have.url, .service = m->have.service,
	};

	if (m->held == HELD_NONE) {
		memset(&m->have, 0, sizeof(m->have));
		strcpy(m->have.dev, m->dev);
		m->have.gateway = m->gateway;
		m->have.local = m->local;
		m->have.port = m->port;
		m->have.external_port = m->wish ? m->wish : m->port;
		if (getrandom(m->have.nonce, sizeof(m->have.nonce), 0) !=
		    sizeof(m->have.nonce)) {
			failed(m, "io-error", "there are no random numbers");
			return;
		}
		m->held = HELD_ASKED;
	}
	if (m->held == HELD_ASKED) {
		m->have.until = time(NULL) + req.lease;
		/* A mapping that would be forgotten is not asked for. */
		if (!save(p)) {
			m->held = HELD_NONE;
			failed(m, "io-error", "it cannot be saved");
			return;
		}
	}
	req.external = m->have.external_port;
	memcpy(req.nonce, m->have.nonce, sizeof(req.nonce));
	if (m->held == HELD_MADE)
		req.protocols = m->have.protocol;
	m->asked = uv_now(p->daemon->loop);
	m->question = gateway_ask(p->daemon->loop, &req, PORTMAP_ASK_MS,
				  on_answer, m);
	if (!m->question)
		failed(m, "no-memory", "no memory");
}

static bool fits(const struct portmap *m)
{
	unsigned int protocols = m->all->daemon->conf.port_mapping;

	return m->wanted &&
	       (!m->have.protocol || m->have.protocol & protocols) &&
	       m->have.gateway.s_addr == m->gateway.s_addr &&
	       m->have.local.s_addr == m->local.s_addr &&
	       m->have.port == m->port;
}

static void step(struct portmap *m)
{
	struct portmaps *p = m->all;
	bool over;

	if (m->held && !fits(m)) {
		retire(m);
		m->next = 0;
	}
	if (!m->wanted || p->leaving) {
		uv_timer_stop(&m->timer);
		return;
	}
	if (m->question || leftovers_busy(p->leftovers, &m->gateway))
		return;
	/* Timers stand still while the machine sleeps, leases do not. */
	over = m->held == HELD_MADE && m->have.until &&
	       m->have.until <= time(NULL);
	if (!over && uv_now(p->daemon->loop) < m->next) {
		sleep_until(m, m->next);
		return;
	}
	ask(m);
}

static void on_timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void remove_map(struct portmaps *p, unsigned int i)
{
	struct portmap *m = p->maps[i];

	m->wanted = false;
	retire(m);
	p->maps[i] = p->maps[--p->n];
	uv_close((uv_handle_t *)&m->timer, on_timer_closed);
}

static struct portmap *add_map(struct portmaps *p, const struct teredo_dev *dev)
{
	struct portmap *m;

	if (p->n == PORTMAPS_MAX)
		return NULL;
	m = calloc(1, sizeof(*m));
	if (!m)
		return NULL;
	m->all = p;
	m->ifindex = dev->ifindex;
	uv_timer_init(p->daemon->loop, &m->timer);
	m->timer.data = m;
	p->maps[p->n++] = m;
	/* Of an earlier life, which is taken back: then it is not this one's. */
	if (dev->portmap.known && kernel_works(p->kernel) &&
	    leftovers_have_port(p->leftovers, dev->portmap.port))
		kernel_set(p->kernel, m->ifindex, (struct in_addr){ }, 0);
	return m;
}

/* Why no gateway is asked for this device; NULL, and who it is, if one is. */
static const char *choose(struct portmaps *p, const struct teredo_dev *dev,
			  struct in_addr *gateway)
{
	struct route route;

	if (p->forbidden)
		return p->forbidden;
	if (!p->daemon->conf.port_mapping)
		return "port-mapping is off in peer6.conf";
	if (!(dev->extensions & TEREDO_EXT_SNS) ||
	    !(dev->extensions & TEREDO_EXT_UPNP))
		return "the device's extensions have not both of sns and upnp";
	if (dev->state == TEREDO_STATE_DORMANT)
		return "the device is down";
	if (!dev->local.known)
		return "the device has no way to its server";
	if (!portmap_private(dev->local.ip))
		return "its address is not private, so there is no gateway to ask";
	if (dev->nat == TEREDO_NAT_NONE)
		return "there is no NAT";
	if (!route_get(p->routes, dev->server, dev->local.ip, &route))
		return "there is no route to the server";
	if (!route.gateway.s_addr)
		return "there is no gateway on the way to the server";
	if (!portmap_private(route.gateway))
		return "the gateway's address is not private";
	*gateway = route.gateway;
	return NULL;
}

static void update(struct portmap *m, const struct teredo_dev *dev)
{
	struct portmaps *p = m->all;
	bool qualified = teredo_dev_qualified(dev) && dev->mapped.known;
	struct in_addr gateway = { }, mapped = { };
	uint16_t mapped_port = 0;
	bool moved;

	snprintf(m->dev, sizeof(m->dev), "%s", dev->name);
	m->seen = true;
	m->unwanted = choose(p, dev, &gateway);
	m->wanted = !m->unwanted;
	/* A new network is asked at once, however often the old one failed. */
	if (m->gateway.s_addr != gateway.s_addr ||
	    m->local.s_addr != dev->local.ip.s_addr) {
		m->next = 0;
		m->failures = 0;
	}
	m->gateway = gateway;
	m->local = dev->local.ip;
	m->port = dev->local.port;
	if (qualified) {
		mapped = dev->mapped.ip;
		mapped_port = dev->mapped.port;
	}
	moved = mapped.s_addr && (mapped.s_addr != m->mapped.s_addr ||
				  mapped_port != m->mapped_port);
	m->mapped = mapped;
	m->mapped_port = mapped_port;
	if (!moved)
		return;
	m->refused = false;
	/* The gateway may have restarted, or have another address now. */
	if (m->next > m->asked + PORTMAP_AGAIN_MS)
		m->next = m->asked + PORTMAP_AGAIN_MS;
	if (m->held == HELD_MADE &&
	    portmap_contradiction(m->have.external, mapped)) {
		retire(m);
		failed(m, "bad-address",
		       portmap_contradiction(m->have.external, mapped));
	}
}

static void on_device(void *ctx, const struct teredo_dev *dev)
{
	struct portmaps *p = ctx;
	struct portmap *m = find_index(p, dev->ifindex);

	if (dev->role != TEREDO_ROLE_CLIENT || p->leaving)
		return;
	if (!m)
		m = add_map(p, dev);
	if (m)
		update(m, dev);
}

static void on_looked(void *ctx)
{
	struct portmaps *p = ctx;
	unsigned int i;

	if (p->leaving)
		return;
	for (i = p->n; i-- > 0; ) {
		if (!p->maps[i]->seen)
			remove_map(p, i);
		else
			p->maps[i]->seen = false;
	}
	leftovers_look(p->leftovers);
	for (i = 0; i < p->n; i++) {
		tell_kernel(p->maps[i]);
		step(p->maps[i]);
	}
}

void portmaps_reload(struct portmaps *p)
{
	unsigned int i;

	for (i = 0; i < p->n; i++) {
		p->maps[i]->next = 0;
		p->maps[i]->failures = 0;
	}
	teredo_look(p->teredo);
}

void portmaps_leave(struct portmaps *p)
{
	unsigned int i;

	p->leaving = true;
	for (i = 0; i < p->n; i++) {
		p->maps[i]->wanted = false;
		step(p->maps[i]);
	}
	leftovers_look(p->leftovers);
}

bool portmaps_busy(const struct portmaps *p)
{
	return leftovers_busy(p->leftovers, NULL);
}

/* What is done for it now; @why, where there is more to say. */
static const char *map_state(const struct portmap *m)
{
	if (!m->wanted)
		return "not_wanted";
	if (m->held == HELD_MADE && m->in_kernel)
		return "mapped";
	return m->question || !m->reason[0] ? "asking" : "failed";
}

static json_t *map_json(const struct portmap *m)
{
	char addr[INET_ADDRSTRLEN];
	bool made = m->held == HELD_MADE;
	json_t *object;

	object = json_pack("{s:s,s:s}", "device", m->dev, "state",
			   map_state(m));
	if (m->unwanted)
		put(object, "why", json_string(m->unwanted));
	else if (m->why[0])
		put(object, "why", json_string(m->why));
	if (m->wanted && m->reason[0])
		put(object, "reason", json_string(m->reason));
	if (!m->wanted)
		return object;
	put(object, "gateway", json_string(text(m->gateway, addr)));
	put(object, "local", json_string(text(m->local, addr)));
	put(object, "port", json_integer(m->port));
	if (!made)
		return object;
	put(object, "protocol",
	    json_string(m->have.protocol == PORTMAP_NATPMP ? "nat_pmp" :
			portmap_protocol_word(m->have.protocol)));
	put(object, "external", json_string(text(m->have.external, addr)));
	put(object, "external_port", json_integer(m->have.external_port));
	if (m->have.until)
		put(object, "until", json_ms(m->have.until * 1000));
	return object;
}

json_t *portmaps_json(const struct portmaps *p)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < p->n; i++)
		json_array_append_new(list, map_json(p->maps[i]));
	return list;
}

static const char *forbidden(int kernel, int error)
{
	if (kernel >= 0)
		return NULL;
	if (!error)
		return "port-mapping was off when peer6d was started";
	return error == EPERM ?
	       "peer6d was started without CAP_NET_ADMIN" :
	       "the part of peer6d that tells the kernel could not be started";
}

static void changed(void *ctx)
{
	save(ctx);
}

static bool find_local(void *ctx, struct in_addr gateway,
		       struct in_addr *local)
{
	const struct portmaps *p = ctx;
	unsigned int i;

	for (i = 0; i < p->n; i++) {
		if (!p->maps[i]->wanted ||
		    p->maps[i]->gateway.s_addr != gateway.s_addr)
			continue;
		*local = p->maps[i]->local;
		return true;
	}
	return false;
}

static int open_parts(struct portmaps *p)
{
	const struct teredo_watcher watcher = {
		.device = on_device, .done = on_looked, .ctx = p,
	};
	const struct leftovers_owner owner = {
		.changed = changed, .done = step_all, .local = find_local,
		.ctx = p,
	};

	p->routes = route_open();
	if (!p->routes)
		return PEER6_E_IO;
	p->leftovers = leftovers_new(p->daemon, p->routes, &owner);
	if (!p->leftovers)
		return PEER6_E_NOMEM;
	return teredo_new(&p->teredo, p->daemon->loop, &watcher);
}

int portmaps_new(struct portmaps **out, struct daemon *daemon, int kernel,
		 int kernel_error)
{
	struct portmaps *p = calloc(1, sizeof(*p));
	int ret;

	if (!p)
		return PEER6_E_NOMEM;
	p->daemon = daemon;
	p->forbidden = forbidden(kernel, kernel_error);
	ret = open_parts(p);
	if (ret) {
		leftovers_free(p->leftovers);
		nl_socket_free(p->routes);
		free(p);
		return ret;
	}
	if (kernel >= 0)
		p->kernel = kernel_new(daemon->loop, kernel, on_kernel, p);
	*out = p;
	return 0;
}

void portmaps_free(struct portmaps *p)
{
	unsigned int i;

	if (!p)
		return;
	for (i = 0; i < p->n; i++) {
		gateway_forget(p->maps[i]->question);
		uv_close((uv_handle_t *)&p->maps[i]->timer, on_timer_closed);
	}
	leftovers_free(p->leftovers);
	teredo_free(p->teredo);
	kernel_free(p->kernel);
	/* What is still closing calls none of us. */
	nl_socket_free(p->routes);
	free(p);
}
