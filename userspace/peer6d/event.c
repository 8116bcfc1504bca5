// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <peer6/name.h>

#include "event.h"

static const char *const kinds[EVENT_KINDS] = {
	"started", "reloaded", "stopping", "cloud_added", "cloud_removed",
	"cloud_state", "addresses", "registered", "unregistered", "revoked",
	"split", "cache_added", "cache_removed", "dropped", "resolved",
	"ssdp_search", "ssdp_answer", "log",
};

static const char *const levels[] = { "error", "warning", "info", "debug" };

struct events {
	bool		json;
	bool		journal;
	enum log_level	level;
	event_listener	listener;
	void		*listener_ctx;
	uint64_t	seq;
	json_t		*held[EVENTS_HELD];
	enum event_kind	held_kind[EVENTS_HELD];
	/* the one in the making */
	json_t		*now;
	enum event_kind	kind;
	enum log_level	now_level;
	char		cloud[CLOUD_NAME_MAX];
};

const char *event_kind_name(enum event_kind kind)
{
	return kinds[kind];
}

enum event_kind event_kind_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < EVENT_KINDS && strcmp(kinds[i], name); i++)
		;
	return i;
}

const char *time_text(char buf[TIME_TEXT_MAX], int64_t unix_ms)
{
	time_t seconds = unix_ms / 1000;
	struct tm tm;
	size_t n;

	/* A year of five digits is beyond RFC 3339. */
	if (unix_ms < 0 || unix_ms > INT64_C(253402300799000))
		seconds = 253402300799;
	gmtime_r(&seconds, &tm);
	n = strftime(buf, TIME_TEXT_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + n, TIME_TEXT_MAX - n, ".%03dZ", (int)(unix_ms % 1000));
	return buf;
}

const char *time_text_now(char buf[TIME_TEXT_MAX])
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return time_text(buf, now.tv_sec * INT64_C(1000) +
			 now.tv_nsec / 1000000);
}

struct events *events_new(bool json, enum log_level level)
{
	struct events *events = calloc(1, sizeof(*events));

	if (!events)
		return NULL;
	events->json = json;
	events->level = level;
	/* The journal has the time already and wants the level as a number. */
	events->journal = getenv("JOURNAL_STREAM");
	setvbuf(stderr, NULL, _IOLBF, 0);
	return events;
}

void events_free(struct events *events)
{
	unsigned int i;

	if (!events)
		return;
	for (i = 0; i < EVENTS_HELD; i++)
		json_decref(events->held[i]);
	json_decref(events->now);
	free(events);
}

void events_listen(struct events *events, event_listener listener, void *ctx)
{
	events->listener = listener;
	events->listener_ctx = ctx;
}

uint64_t events_seq(const struct events *events)
{
	return events->seq;
}

json_t *events_held(const struct events *events, unsigned int i,
		    enum event_kind *kind)
{
	uint64_t first = events->seq < EVENTS_HELD ?
			 0 : events->seq - EVENTS_HELD;

	if (first + i >= events->seq)
		return NULL;
	*kind = events->held_kind[(first + i) % EVENTS_HELD];
	return events->held[(first + i) % EVENTS_HELD];
}

void event_begin(struct events *events, enum event_kind kind,
		 enum log_level level)
{
	char at[TIME_TEXT_MAX];

	json_decref(events->now);
	events->kind = kind;
	events->now_level = level;
	events->cloud[0] = '\0';
	events->now = json_pack("{s:s,s:s,s:s}", "at", time_text_now(at),
				"kind", kinds[kind], "level", levels[level]);
}

void event_json(struct events *events, const char *key, json_t *value)
{
	if (events->now)
		json_object_set_new(events->now, key, value);
	else
		json_decref(value);
}

void event_string(struct events *events, const char *key, const char *value)
{
	event_json(events, key, json_string(value));
}

void event_cloud(struct events *events, const char *cloud)
{
	snprintf(events->cloud, sizeof(events->cloud), "%s", cloud);
	event_string(events, "cloud", cloud);
}

void event_value(struct events *events, long long value)
{
	event_json(events, "value", json_integer(value));
}

void event_reason(struct events *events, int error)
{
	event_string(events, "reason", peer6_reason(error));
}

/*
 * Names and hosts' answers come from outside: no control characters. And what
 * was cut within a character is no UTF-8 any more, which JSON has to be.
 */
static void clean(char *s)
{
	bool utf8 = peer6_utf8_to_utf16(s, strlen(s), NULL, 0) >= 0;

	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f ||
		    (!utf8 && (*s & 0x80)))
			*s = '?';
}

static void write_log(struct events *events, const char *message)
{
	static const int priority[] = { 3, 4, 6, 7 };
	char *text;

	if (events->now_level > events->level)
		return;
	if (!events->json) {
		if (events->journal)
			fprintf(stderr, "<%d>", priority[events->now_level]);
		else
			fprintf(stderr, "%s %s: ",
				json_string_value(json_object_get(events->now,
								  "at")) ?: "",
				levels[events->now_level]);
		if (events->cloud[0])
			fprintf(stderr, "%s: ", events->cloud);
		fprintf(stderr, "%s\n", message);
		return;
	}
	text = json_dumps(events->now, JSON_COMPACT);
	if (text)
		fprintf(stderr, "%s\n", text);
	free(text);
}

static void event_end(struct events *events, char *message)
{
	json_t *event = events->now;
	unsigned int slot;

	clean(message);
	events->seq++;
	event_string(events, "message", message);
	event_json(events, "seq", json_integer(events->seq));
	write_log(events, message);
	/* A listener may make events of its own. */
	events->now = NULL;
	slot = (events->seq - 1) % EVENTS_HELD;
	json_decref(events->held[slot]);
	events->held[slot] = json_incref(event);
	events->held_kind[slot] = events->kind;
	if (event && events->listener)
		events->listener(events->listener_ctx, events->kind,
				 events->cloud[0] ? events->cloud : NULL,
				 event);
	json_decref(event);
}

void event_send(struct events *events, const char *format, ...)
{
	char message[EVENT_TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	event_end(events, message);
}

void event_log(struct events *events, enum log_level level,
	       const char *format, ...)
{
	char message[EVENT_TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	event_begin(events, EVENT_LOG, level);
	event_end(events, message);
}
