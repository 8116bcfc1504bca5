/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events: what happens in the daemon, told once and heard by the log and by the
 * clients that monitor. See Event in io.peer6.Service.varlink for the members.
 */
#ifndef PEER6D_EVENT_H
#define PEER6D_EVENT_H

#include <stdint.h>

#include <jansson.h>
#include <peer6/base.h>

#include "limits.h"
#include "options.h"

/* In the order of EventKind. */
enum event_kind {
	EVENT_STARTED, EVENT_RELOADED, EVENT_STOPPING, EVENT_CLOUD_ADDED,
	EVENT_CLOUD_REMOVED, EVENT_CLOUD_STATE, EVENT_ADDRESSES,
	EVENT_REGISTERED, EVENT_UNREGISTERED, EVENT_REVOKED, EVENT_SPLIT,
	EVENT_CACHE_ADDED, EVENT_CACHE_REMOVED, EVENT_DROPPED, EVENT_RESOLVED,
	EVENT_SSDP_SEARCH, EVENT_SSDP_ANSWER, EVENT_LOG,
	EVENT_KINDS
};

struct events;

/* Called for each event; the object is the events' own. */
typedef void (*event_listener)(void *ctx, enum event_kind kind,
			       const char *cloud, json_t *event);

/* NULL without memory. */
struct events *events_new(bool json, enum log_level level);
void events_free(struct events *events);
void events_listen(struct events *events, event_listener listener, void *ctx);

/* seq of the last event; 0: none yet. */
uint64_t events_seq(const struct events *events);
/* The i-th that is held, oldest first; NULL past the end. */
json_t *events_held(const struct events *events, unsigned int i,
		    enum event_kind *kind);

/*
 * Begins an event; the members come with event_*() and event_send() ends it.
 * Only one at a time can be in the making. A lack of memory loses members or
 * the event, and nothing else.
 */
void event_begin(struct events *events, enum event_kind kind,
		 enum log_level level);
void event_cloud(struct events *events, const char *cloud);
void event_string(struct events *events, const char *key, const char *value);
void event_value(struct events *events, long long value);
void event_reason(struct events *events, int error);
/* Steals @value. */
void event_json(struct events *events, const char *key, json_t *value);
void event_send(struct events *events, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* An event of the kind "log" with a message only. */
void event_log(struct events *events, enum log_level level,
	       const char *format, ...) __attribute__((format(printf, 3, 4)));

const char *event_kind_name(enum event_kind kind);
/* EVENT_KINDS if there is none of that name. */
enum event_kind event_kind_find(const char *name);

/* RFC 3339 in UTC with milliseconds. */
#define TIME_TEXT_MAX	32
const char *time_text(char buf[TIME_TEXT_MAX], int64_t unix_ms);
const char *time_text_now(char buf[TIME_TEXT_MAX]);

#endif
