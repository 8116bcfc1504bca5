// SPDX-License-Identifier: GPL-2.0-or-later
/* Events, as a stream of replies. */
#include <stdlib.h>
#include <string.h>

#include "daemon.h"
#include "rpc.h"

struct monitor {
	struct call	*call;
	unsigned int	kinds;		/* 1 << enum event_kind */
	json_t		*clouds;	/* of the parameters, or NULL */
};

/* These come by the hundred. */
#define KINDS_DEFAULT	(~(1u << EVENT_CACHE_ADDED | \
			   1u << EVENT_CACHE_REMOVED | 1u << EVENT_DROPPED))

static void stop(void *op)
{
	free(op);
}

static void send_event(struct monitor *m, enum event_kind kind,
		       const char *cloud, json_t *event)
{
	json_t *name;
	size_t i;

	if (!(m->kinds & 1u << kind))
		return;
	if (cloud && m->clouds) {
		json_array_foreach(m->clouds, i, name)
			if (!strncasecmp(cloud, json_string_value(name),
					 json_string_length(name)))
				break;
		if (i == json_array_size(m->clouds))
			return;
	}
	call_part(m->call, json_pack("{s:O,s:O}", "event", event, "seq",
				     json_object_get(event, "seq")));
}

void monitor_event(struct call *call, enum event_kind kind, const char *cloud,
		   json_t *event)
{
	if (call->abort == stop)
		send_event(call->op, kind, cloud, event);
}

static bool take_kinds(struct monitor *m, json_t *kinds)
{
	enum event_kind kind;
	json_t *name;
	size_t i;

	if (!kinds)
		return true;
	m->kinds = 0;
	json_array_foreach(kinds, i, name) {
		kind = event_kind_find(json_string_value(name));
		if (kind == EVENT_KINDS)
			return false;
		m->kinds |= 1u << kind;
	}
	return true;
}

void rpc_monitor(struct call *call)
{
	struct events *events = call->daemon->events;
	json_t *clouds = NULL, *kinds = NULL, *event;
	json_int_t since = -1;
	enum event_kind kind;
	const struct arg args[] = {
		{ "since", ARG_INT, false, &since },
		{ "clouds", ARG_STRINGS, false, &clouds },
		{ "kinds", ARG_STRINGS, false, &kinds },
	};
	struct monitor *m;
	const char *cloud;
	unsigned int i;

	if (!call_args(call, args, 3))
		return;
	if (!call->more) {
		call_error(call, "org.varlink.service.ExpectedMore",
			   json_object());
		return;
	}
	m = calloc(1, sizeof(*m));
	if (!m) {
		call_fail(call, PEER6_E_NOMEM, NULL, NULL, NULL);
		return;
	}
	m->call = call;
	m->kinds = KINDS_DEFAULT;
	m->clouds = clouds;
	if (!take_kinds(m, kinds)) {
		free(m);
		call_bad_parameter(call, "kinds");
		return;
	}
	call->op = m;
	call->abort = stop;
	call_part(call, json_pack("{s:I}", "seq",
				  (json_int_t)events_seq(events)));
	for (i = 0; since >= 0 && i < EVENTS_HELD; i++) {
		event = events_held(events, i, &kind);
		if (!event)
			break;
		cloud = json_string_value(json_object_get(event, "cloud"));
		if (json_integer_value(json_object_get(event, "seq")) > since)
			send_event(m, kind, cloud, event);
	}
}
