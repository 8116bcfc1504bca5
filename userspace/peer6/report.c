// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <peer6/name.h>

#include "peer6.h"

static const struct {
	const char *name;
	int exit;
	const char *text;
} codes[__P6_CODE_MAX] = {
	[P6_OK]			= { "ok", 0, "done" },
	[P6_FAILED]		= { "failed", 1,
		"a system call failed, for the reason that is shown" },
	[P6_REFUSED]		= { "refused", 1,
		"the kernel or the daemon refused, in the words that are shown" },
	[P6_UNKNOWN_WORD]	= { "unknown-word", 2,
		"a command, option or value that does not exist" },
	[P6_AMBIGUOUS_WORD]	= { "ambiguous-word", 2,
		"an abbreviation that could be several words" },
	[P6_BAD_VALUE]		= { "bad-value", 2,
		"a value of the wrong form or out of range" },
	[P6_MISSING]		= { "missing", 2, "a word or a value is missing" },
	[P6_DUPLICATE]		= { "duplicate", 2, "the same thing said twice" },
	[P6_SERVER_MISSING]	= { "server-missing", 2,
		"a client needs a server, and none is built in" },
	[P6_PERMISSION]		= { "permission", 4,
		"this needs a right that the user does not have" },
	[P6_NO_DEVICE]		= { "no-device", 5, "there is no such device" },
	[P6_NO_PEER]		= { "no-peer", 5, "there is no such peer" },
	[P6_NO_NETNS]		= { "no-netns", 5,
		"there is no such network namespace" },
	[P6_NAME_NOT_RESOLVED]	= { "name-not-resolved", 5,
		"the server's name has no IPv4 address" },
	[P6_TIMEOUT]		= { "timeout", 6, "time ran out" },
	[P6_NOT_QUALIFIED]	= { "not-qualified", 7,
		"the device has no address yet" },
	[P6_IN_USE]		= { "in-use", 10,
		"it exists already, or its port is taken" },
	[P6_NOT_TEREDO]		= { "not-teredo", 10,
		"a device of this name exists and is no Teredo device" },
	[P6_MODULE_MISSING]	= { "module-missing", 11,
		"this kernel has no such module" },
	[P6_MODULE_REFUSED]	= { "module-refused", 11,
		"the kernel does not accept the module" },
	[P6_MODULE_VERSION]	= { "module-version", 11,
		"the module was built for another kernel" },
	[P6_NO_DAEMON]		= { "no-daemon", 3, "peer6d does not run" },
	[P6_WRONG_VERSION]	= { "wrong-version", 3,
		"the daemon is of another version" },
	[P6_NOT_FOUND]		= { "not-found", 5,
		"there is no such name, cloud, registration or identity" },
	[P6_NOT_CONNECTED]	= { "not-connected", 7,
		"the cloud has no address here, or nobody is in it" },
	[P6_NOT_TRUSTED]	= { "not-trusted", 9,
		"a password, key, certificate or signature is not right" },
	[P6_INTERRUPTED]	= { "interrupted", 130, "ended by a signal" },
};

const char *p6_code_name(enum p6_code code)
{
	return codes[code].name;
}

const char *p6_code_text(enum p6_code code)
{
	return codes[code].text;
}

int p6_code_exit(enum p6_code code)
{
	return codes[code].exit;
}

/*
 * Errors quote what was typed, and what the daemon says; cut to length. Whatever
 * that was, it becomes one line of UTF-8 that leaves terminals alone.
 */
static void make_line(char *s)
{
	size_t left = strlen(s), len;

	for (; left; s += len, left -= len) {
		for (len = 1; len < 4 && len < left &&
		     peer6_utf8_to_utf16(s, len, NULL, 0) < 0; len++)
			;
		if (peer6_utf8_to_utf16(s, len, NULL, 0) >= 0 &&
		    (unsigned char)*s >= 0x20 && *s != 0x7f &&
		    !(len == 2 && (unsigned char)s[0] == 0xc2 &&
		      (unsigned char)s[1] < 0xa0))
			continue;
		*s = '?';
		len = 1;
	}
}

int p6_fail(struct p6 *p6, enum p6_code code, const char *what, ...)
{
	struct p6_failure *f = &p6->failure;
	va_list args;

	memset(f, 0, sizeof(*f));
	f->code = code;
	va_start(args, what);
	vsnprintf(f->what, sizeof(f->what), what, args);
	va_end(args);
	make_line(f->what);
	return p6_code_exit(code);
}

int p6_fail_why(struct p6 *p6, const char *why, ...)
{
	struct p6_failure *f = &p6->failure;
	va_list args;

	va_start(args, why);
	vsnprintf(f->why, sizeof(f->why), why, args);
	va_end(args);
	make_line(f->why);
	return p6_code_exit(f->code);
}

int p6_fail_do(struct p6 *p6, const char *todo, ...)
{
	struct p6_failure *f = &p6->failure;
	va_list args;

	va_start(args, todo);
	vsnprintf(f->todo, sizeof(f->todo), todo, args);
	va_end(args);
	make_line(f->todo);
	return p6_code_exit(f->code);
}

int p6_fail_reason(struct p6 *p6, const char *reason)
{
	struct p6_failure *f = &p6->failure;

	snprintf(f->reason_text, sizeof(f->reason_text), "%s", reason);
	f->reason = f->reason_text;
	return p6_code_exit(f->code);
}

int p6_fail_memory(struct p6 *p6)
{
	p6_fail(p6, P6_FAILED, "out of memory");
	p6_fail_why(p6, "The system did not give this program any more memory.");
	return p6_fail_do(p6, "free -h");
}

void p6_failure_print(const struct p6 *p6)
{
	const struct p6_failure *f = &p6->failure;
	const char *name = f->reason ? f->reason : p6_code_name(f->code);
	json_t *object;

	if (p6->json) {
		object = json_pack("{s:s,s:s,s:i,s:s,s:s}",
				   "schema", "peer6.error/1", "code", name,
				   "exit", p6_code_exit(f->code),
				   "what", f->what, "why", f->why);
		if (f->todo[0])
			json_object_set_new(object, "do",
					    json_pack("[s]", f->todo));
		else
			json_object_set_new(object, "do", json_array());
		if (object)
			json_dumpf(object, stderr, JSON_COMPACT);
		fputc('\n', stderr);
		json_decref(object);
		return;
	}
	fprintf(stderr, "peer6: %s [%s]\n", f->what, name);
	if (f->why[0])
		fprintf(stderr, "%s\n", f->why);
	if (f->todo[0])
		fprintf(stderr, "Do: %s\n", f->todo);
}

int p6_word(struct p6 *p6, const char *kind, struct words words,
	    const char *given, size_t len)
{
	int i = word_find(words, given, len);
	const char *nearest;
	char list[400];

	if (i >= 0)
		return i;
	if (i == WORD_AMBIGUOUS) {
		p6_fail(p6, P6_AMBIGUOUS_WORD, "%s \"%.*s\" is ambiguous", kind,
			(int)len, given);
		word_list(words, given, len, list, sizeof(list));
		p6_fail_why(p6, "It could be %s.", list);
		return i;
	}
	p6_fail(p6, P6_UNKNOWN_WORD, "unknown %s \"%.*s\"", kind, (int)len,
		given);
	nearest = word_nearest(words, given, len);
	word_list(words, "", 0, list, sizeof(list));
	if (nearest)
		p6_fail_why(p6, "Did you mean \"%s\"? Known: %s.", nearest,
			    list);
	else
		p6_fail_why(p6, "Known: %s.", list);
	return i;
}

void p6_note(const struct p6 *p6, const char *fmt, ...)
{
	va_list args;

	if (p6->quiet)
		return;
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

int p6_print_json(struct p6 *p6, json_t *object)
{
	if (!object)
		return p6_fail_memory(p6);
	/* What cannot be written is noticed once, at the end of main(). */
	json_dumpf(object, stdout, JSON_COMPACT | P6_JSON_REAL);
	putchar('\n');
	json_decref(object);
	return 0;
}

const char *p6_color(const struct p6 *p6, enum p6_color color)
{
	if (!p6->color)
		return "";
	return color == P6_GREEN ? "\033[32m" :
	       color == P6_YELLOW ? "\033[33m" : "\033[31m";
}

const char *p6_color_end(const struct p6 *p6)
{
	return p6->color ? "\033[0m" : "";
}

bool p6_seconds(const char *text, double *seconds)
{
	char *end;

	errno = 0;
	*seconds = strtod(text, &end);
	return end != text && !*end && !errno && isfinite(*seconds) &&
	       *seconds >= 0 && *seconds <= 1e9;
}

const char *p6_time_utc(char *buf)
{
	struct timespec now;
	struct tm tm;
	size_t n;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	n = strftime(buf, P6_TIME_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + n, P6_TIME_MAX - n, ".%03ldZ", now.tv_nsec / 1000000);
	return buf;
}

const char *p6_time_local(char *buf)
{
	struct timespec now;
	struct tm tm;
	size_t n;

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	n = strftime(buf, P6_TIME_MAX, "%H:%M:%S", &tm);
	snprintf(buf + n, P6_TIME_MAX - n, ".%03ld", now.tv_nsec / 1000000);
	return buf;
}

double p6_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

const char *p6_age(char *buf, double seconds)
{
	if (seconds < 1)
		snprintf(buf, P6_AGE_MAX, "%.0f ms", seconds * 1000);
	else if (seconds < 120)
		snprintf(buf, P6_AGE_MAX, "%.0f s", seconds);
	else if (seconds < 7200)
		snprintf(buf, P6_AGE_MAX, "%.0f min", seconds / 60);
	else
		snprintf(buf, P6_AGE_MAX, "%.0f h", seconds / 3600);
	return buf;
}
