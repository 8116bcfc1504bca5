// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * peer6d. The order of starting: configuration, the child that keeps a
 * privilege, user, state (which nobody else may have), keys, registrations, the
 * socket, port mappings, then the clouds, which publish what was registered
 * before. It ends the other way round, and tells the clouds and the gateways
 * first.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/stat.h>

#include "daemon.h"
#include "kernel.h"
#include "keys.h"
#include "notify.h"
#include "portmaps.h"
#include "privilege.h"
#include "registrations.h"
#include "rpc.h"
#include "seeds.h"
#include "server.h"
#include "ssdp.h"
#include "store.h"
#include "version.h"

struct signals {
	struct daemon	*daemon;
	uv_signal_t	term, interrupt, hup;
};

static int64_t wall_offset(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec -
	       (int64_t)uv_hrtime();
}

static void save_known(struct daemon *d)
{
	struct peer6_endpoint ep[KNOWN_MAX];
	struct cloud *cloud;
	unsigned int n;

	for (cloud = d->clouds; cloud; cloud = cloud->next) {
		memset(ep, 0, sizeof(ep));
		n = peer6_pnrp_get_known(cloud->node, ep, KNOWN_MAX);
		/* Nobody known is no reason to forget who once was. */
		if (!n || (n == cloud->n_known &&
			   !memcmp(ep, cloud->known, n * sizeof(*ep))))
			continue;
		if (store_set_known(d->store, cloud->key, ep, n))
			continue;
		memcpy(cloud->known, ep, n * sizeof(*ep));
		cloud->n_known = n;
	}
}

/* A clock that was set, and a chance to save who was seen. */
static void on_clock(uv_timer_t *timer)
{
	struct daemon *d = timer->data;
	int64_t offset = wall_offset(), moved = offset - d->clock_offset;
	struct cloud *cloud;
	static unsigned int turns;
	bool unsaved = false;

	for (cloud = d->clouds; cloud; cloud = cloud->next) {
		/* Routes may have changed. */
		memset(cloud->sources, 0, sizeof(cloud->sources));
		unsaved |= !cloud->n_known;
		if (moved < 1000000000 && moved > -1000000000)
			continue;
		cloud_enter(cloud);
		peer6_pnrp_set_clock(cloud->node, cloud_now(), filetime_now());
		cloud_leave(cloud);
	}
	if (moved >= 1000000000 || moved <= -1000000000)
		d->clock_offset = offset;
	/* The first ones soon, then seldom: each time is a write to the disk. */
	if (unsaved || ++turns % (KNOWN_SAVE_MS / CLOCK_CHECK_MS) == 0)
		save_known(d);
}

static void on_host(void *ctx, const struct host *host)
{
	struct daemon *d = ctx;

	if (!d->stopping)
		clouds_update(d, host);
}

int daemon_reload(struct daemon *d, struct config_error *error)
{
	struct config conf;
	int ret = config_read(&conf, &d->opt, error);

	if (ret)
		return ret;
	d->conf = conf;
	server_reload(d->server);
	seeds_reload(d->seeds);
	clouds_update(d, links_host(d->links));
	portmaps_reload(d->portmaps);
	event_begin(d->events, EVENT_RELOADED, LOG_INFO);
	event_send(d->events, "the configuration was read again");
	return 0;
}

static void on_hup(uv_signal_t *handle, int number)
{
	struct signals *s = handle->data;
	struct config_error error;

	(void)number;
	notify("RELOADING=1");
	if (daemon_reload(s->daemon, &error))
		event_log(s->daemon->events, LOG_ERROR,
			  "%s is not taken: line %u: %s", s->daemon->opt.config,
			  error.line, error.text);
	notify("READY=1");
}

static void leave_now(struct daemon *d)
{
	uv_close((uv_handle_t *)&d->leave, NULL);
	uv_close((uv_handle_t *)&d->clock, NULL);
	server_free(d->server);
	links_free(d->links);
	portmaps_free(d->portmaps);
	clouds_free(d);
	/* The server goes before the last handle does. */
	events_listen(d->events, NULL, NULL);
	seeds_free(d->seeds);
	ssdp_free(d->ssdp);
}

/* Over when all that was sent is answered or given up. */
static void on_leave(uv_timer_t *timer)
{
	struct daemon *d = timer->data;
	struct peer6_pnrp_stats stats;
	struct cloud *cloud;
	unsigned int pending = 0;

	for (cloud = d->clouds; cloud; cloud = cloud->next) {
		peer6_pnrp_get_stats(cloud->node, &stats);
		pending += stats.pending;
	}
	if ((pending || portmaps_busy(d->portmaps)) &&
	    uv_now(d->loop) < d->leave_deadline)
		return;
	leave_now(d);
}

void daemon_stop(struct daemon *d)
{
	if (d->stopping)
		return;
	d->stopping = true;
	notify("STOPPING=1");
	event_begin(d->events, EVENT_STOPPING, LOG_INFO);
	event_send(d->events, "ends");
	save_known(d);
	registrations_leave(d->registrations);
	portmaps_leave(d->portmaps);
	d->leave_deadline = uv_now(d->loop) + LEAVE_MS;
	uv_timer_start(&d->leave, on_leave, 20, 20);
}

static void on_end(uv_signal_t *handle, int number)
{
	struct signals *s = handle->data;

	(void)number;
	daemon_stop(s->daemon);
}

static int complain_config(const struct daemon *d,
			   const struct config_error *error)
{
	char what[300], why[300];

	snprintf(what, sizeof(what), "%s is not valid", d->opt.config);
	if (error->line)
		snprintf(why, sizeof(why), "Line %u: %s.", error->line,
			 error->text);
	else
		snprintf(why, sizeof(why), "%s.", error->text);
	complain(what, "bad-value", why, "man peer6.conf");
	return 2;
}

static int complain_store(const struct daemon *d, int error, pid_t holder,
			  const char *words)
{
	char what[300], why[400], todo[300] = "";

	snprintf(what, sizeof(what), "the state in %s cannot be used",
		 d->opt.state);
	switch (error) {
	case PEER6_E_IN_USE:
		snprintf(what, sizeof(what), "another peer6d has the state in %s",
			 d->opt.state);
		snprintf(why, sizeof(why), "Process %d holds %s/lock.",
			 (int)holder, d->opt.state);
		snprintf(todo, sizeof(todo),
			 "systemctl stop peer6d, or start this one with --state DIR --socket PATH");
		break;
	case PEER6_E_PROTOCOL:
		snprintf(why, sizeof(why),
			 "A newer version of peer6d wrote it.");
		snprintf(todo, sizeof(todo), "install that version again");
		break;
	case PEER6_E_CORRUPT:
		snprintf(why, sizeof(why), "%s/peer6.db is damaged: %s.",
			 d->opt.state, words);
		snprintf(todo, sizeof(todo),
			 "mv %s/peer6.db{,.damaged}; registered names have to be registered again, keys are kept apart",
			 d->opt.state);
		break;
	case PEER6_E_DISK_FULL:
		snprintf(why, sizeof(why), "The disk is full.");
		snprintf(todo, sizeof(todo), "df -h %s", d->opt.state);
		break;
	default:
		snprintf(why, sizeof(why), "%s: %s.", peer6_strerror(error),
			 words);
		snprintf(todo, sizeof(todo), "ls -ld %s", d->opt.state);
	}
	complain(what, peer6_reason(error), why, todo);
	return 1;
}

static int complain_keys(const struct daemon *d, int error)
{
	char what[300], why[400], todo[300];

	snprintf(what, sizeof(what), "the key %s/host.key cannot be used",
		 d->opt.state);
	snprintf(why, sizeof(why), "%s%s%s.", peer6_strerror(error),
		 error == PEER6_E_IO ? ": " : "",
		 error == PEER6_E_IO ? strerror(errno) : "");
	snprintf(todo, sizeof(todo), error == PEER6_E_KEY_ACCESS ?
		 "chmod 600 %s/host.key, and see who owns it" :
		 "ls -l %s/host.key", d->opt.state);
	complain(what, peer6_reason(error), why, todo);
	return 1;
}

static int complain_socket(const struct daemon *d, int error)
{
	char what[300], why[300];

	snprintf(what, sizeof(what), "cannot listen on %s", d->opt.socket);
	if (error == PEER6_E_IN_USE)
		snprintf(why, sizeof(why), "Another program listens there.");
	else
		snprintf(why, sizeof(why), "%s.", strerror(errno));
	complain(what, peer6_reason(error), why,
		 "start it with --socket PATH, or stop the other one");
	return 1;
}

static int start_parts(struct daemon *d, int kernel, int kernel_error)
{
	const char *words;
	pid_t holder;
	int ret;

	ret = store_open(&d->store, d->opt.state, &holder, &words);
	if (ret)
		return complain_store(d, ret, holder, words);
	ret = keys_new(&d->keys, d->opt.state);
	if (ret)
		return complain_keys(d, ret);
	ret = seeds_new(&d->seeds, d);
	if (!ret)
		ret = ssdp_new(&d->ssdp, d);
	if (!ret)
		ret = registrations_new(&d->registrations, d);
	if (!ret)
		ret = registrations_load(d->registrations);
	if (ret) {
		complain("cannot start", peer6_reason(ret),
			 peer6_strerror(ret), NULL);
		return 1;
	}
	ret = server_new(&d->server, d, d->opt.socket);
	if (ret)
		return complain_socket(d, ret);
	ret = links_new(&d->links, d->loop, on_host, d);
	if (ret) {
		complain("cannot follow this host's addresses",
			 peer6_reason(ret), strerror(errno), NULL);
		return 1;
	}
	ret = portmaps_new(&d->portmaps, d, kernel, kernel_error);
	if (ret) {
		complain("cannot follow this host's Teredo devices",
			 peer6_reason(ret), strerror(errno), NULL);
		return 1;
	}
	return 0;
}

static void start_signals(struct signals *s, struct daemon *d)
{
	s->daemon = d;
	s->term.data = s;
	s->interrupt.data = s;
	s->hup.data = s;
	uv_signal_init(d->loop, &s->term);
	uv_signal_init(d->loop, &s->interrupt);
	uv_signal_init(d->loop, &s->hup);
	uv_signal_start(&s->term, on_end, SIGTERM);
	uv_signal_start(&s->interrupt, on_end, SIGINT);
	uv_signal_start(&s->hup, on_hup, SIGHUP);
	/* They shall not keep the loop alive. */
	uv_unref((uv_handle_t *)&s->term);
	uv_unref((uv_handle_t *)&s->interrupt);
	uv_unref((uv_handle_t *)&s->hup);
	signal(SIGPIPE, SIG_IGN);
}

static void run(struct daemon *d)
{
	events_listen(d->events, server_event, d->server);
	d->clock_offset = wall_offset();
	uv_timer_init(d->loop, &d->clock);
	uv_timer_init(d->loop, &d->leave);
	d->clock.data = d;
	d->leave.data = d;
	uv_timer_start(&d->clock, on_clock, CLOCK_CHECK_MS, CLOCK_CHECK_MS);
	seeds_reload(d->seeds);
	machine_name_start(d);
	clouds_update(d, links_host(d->links));
	event_begin(d->events, EVENT_STARTED, LOG_INFO);
	event_send(d->events, "peer6d " PEER6_VERSION " is ready");
	notify("READY=1");
	uv_run(d->loop, UV_RUN_DEFAULT);
}

int main(int argc, char **argv)
{
	struct config_error error;
	struct daemon d = { };
	struct signals signals;
	int ret, kernel = -1, kernel_error = 0;

	/* Whom we look up for a seed must not be asked of ourselves. */
	setenv("PEER6_NSS", "no", 1);
	ret = options_read(&d.opt, argc, argv);
	if (ret >= 0)
		return ret;
	if (config_read(&d.conf, &d.opt, &error))
		return complain_config(&d, &error);
	if (d.opt.check)
		return 0;
	/* Off: then nobody keeps a privilege. */
	if (d.conf.port_mapping) {
		kernel = kernel_fork(&d.opt);
		kernel_error = errno;
	}
	ret = privilege_drop(&d.opt);
	if (ret)
		return ret;
	d.loop = uv_default_loop();
	d.started = uv_hrtime();
	d.events = events_new(d.opt.json, d.opt.level);
	if (!d.events)
		return 1;
	start_signals(&signals, &d);
	ret = start_parts(&d, kernel, kernel_error);
	if (!ret)
		run(&d);
	registrations_free(d.registrations);
	keys_free(d.keys);
	store_close(d.store);
	events_free(d.events);
	return ret;
}
