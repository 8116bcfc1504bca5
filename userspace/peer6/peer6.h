/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PEER6_H
#define PEER6_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include "words.h"

#define P6_ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/*
 * Why a command failed. Names and exit statuses are an interface; what a
 * device's own state explains has a name of enum teredo_reason instead, and
 * what the daemon explains one of enum peer6_error.
 */
enum p6_code {
	P6_OK,
	P6_FAILED,
	P6_REFUSED,
	P6_UNKNOWN_WORD,
	P6_AMBIGUOUS_WORD,
	P6_BAD_VALUE,
	P6_MISSING,
	P6_DUPLICATE,
	P6_SERVER_MISSING,
	P6_PERMISSION,
	P6_NO_DEVICE,
	P6_NO_PEER,
	P6_NO_NETNS,
	P6_NAME_NOT_RESOLVED,
	P6_TIMEOUT,
	P6_NOT_QUALIFIED,
	P6_IN_USE,
	P6_NOT_TEREDO,
	P6_MODULE_MISSING,
	P6_MODULE_REFUSED,
	P6_MODULE_VERSION,
	P6_INTERRUPTED,
	P6_NO_DAEMON,
	P6_WRONG_VERSION,
	P6_NOT_FOUND,
	P6_NOT_CONNECTED,
	P6_NOT_TRUSTED,

	__P6_CODE_MAX
};

const char *p6_code_name(enum p6_code code);
const char *p6_code_text(enum p6_code code);
int p6_code_exit(enum p6_code code);

/* What failed, why, and what to do: printed once, at the end, by main(). */
struct p6_failure {
	enum p6_code code;
	const char *reason;	/* instead of the code's name */
	char reason_text[48];	/* where reason has no static place */
	char what[256];
	char why[640];
	char todo[256];
};

enum {
	P6_OPT_CHECK	= 1 << 0,
	P6_OPT_WAIT	= 1 << 1,
	P6_OPT_TIMEOUT	= 1 << 2,
	P6_OPT_COUNT	= 1 << 3,
	P6_OPT_PASSWORD	= 1 << 4,
};

struct p6 {
	/* options */
	bool json;
	bool quiet;
	bool verbose;
	bool no_color;
	bool help;
	bool version;
	bool check;
	bool wait;
	double wait_time;
	bool timeout;
	double timeout_time;
	unsigned long count;
	const char *netns;
	const char *socket;
	const char *password_file;
	unsigned int given;	/* P6_OPT_* */

	bool color;
	const char *command;	/* its words, as in "teredo set" */
	char line[512];		/* as it was typed, to be pasted */
	struct p6_failure failure;
};

struct p6_command {
	const char *word;
	const char *summary;
	const struct p6_command *sub;	/* ends with an empty element */
	int (*run)(struct p6 *p6, int argc, char **argv);
	const char *help;
	unsigned int options;		/* P6_OPT_* */
	const char *standard;		/* the sub-command without a word */
};

#define P6_PRINTF(n)	__attribute__((format(printf, n, n + 1)))

/* Each gives the exit status, so that "return p6_fail...(...)" is all. */
int p6_fail(struct p6 *p6, enum p6_code code, const char *what, ...)
	P6_PRINTF(3);
int p6_fail_why(struct p6 *p6, const char *why, ...) P6_PRINTF(2);
int p6_fail_do(struct p6 *p6, const char *todo, ...) P6_PRINTF(2);
int p6_fail_memory(struct p6 *p6);
/* Another name than the code's; copied. */
int p6_fail_reason(struct p6 *p6, const char *reason);
void p6_failure_print(const struct p6 *p6);

/* The index, or < 0 after p6_fail(): @kind is "command", "type", ... */
int p6_word(struct p6 *p6, const char *kind, struct words words,
	    const char *given, size_t len);

/* Remarks on stderr, which quiet silences. */
void p6_note(const struct p6 *p6, const char *fmt, ...) P6_PRINTF(2);

/* Durations to the nanosecond, without the noise of binary fractions. */
#define P6_JSON_REAL	JSON_REAL_PRECISION(9)

/* Prints and frees it; NULL is a lack of memory. 0, or the exit status. */
int p6_print_json(struct p6 *p6, json_t *object);

enum p6_color {
	P6_GREEN = 32,
	P6_YELLOW = 33,
	P6_RED = 31,
};

/* "\033[..m" and its end, or empty strings where there is no colour. */
const char *p6_color(const struct p6 *p6, enum p6_color color);
const char *p6_color_end(const struct p6 *p6);

/* A number of seconds with a fraction; false when it is none. */
bool p6_seconds(const char *text, double *seconds);

/* RFC 3339, UTC. */
#define P6_TIME_MAX	32
const char *p6_time_utc(char *buf);
const char *p6_time_local(char *buf);

/* Seconds on a clock that also runs during suspend. */
double p6_now(void);

/* "300 ms", "12 s", "5 min". */
#define P6_AGE_MAX	24
const char *p6_age(char *buf, double seconds);

extern const struct p6_command p6_teredo_commands[];
extern const struct p6_command p6_pnrp_commands[];
extern const struct p6_command p6_id_commands[];
extern const struct p6_command p6_icf6_commands[];

int p6_publish(struct p6 *p6, int argc, char **argv);
int p6_unpublish(struct p6 *p6, int argc, char **argv);
int p6_resolve(struct p6 *p6, int argc, char **argv);

int p6_help(struct p6 *p6, int argc, char **argv);
extern const char p6_help_main[];
extern const char p6_help_help[];
extern const char p6_help_version[];
extern const char p6_help_teredo[];
extern const char p6_help_teredo_set[];
extern const char p6_help_teredo_show[];
extern const char p6_help_teredo_monitor[];
extern const char p6_help_teredo_flush[];
extern const char p6_help_pnrp[];
extern const char p6_help_pnrp_cloud[];
extern const char p6_help_pnrp_peer[];
extern const char p6_help_pnrp_diagnostics[];
extern const char p6_help_pnrp_monitor[];
extern const char p6_help_publish[];
extern const char p6_help_unpublish[];
extern const char p6_help_resolve[];
extern const char p6_help_id[];
extern const char p6_help_netsh_pnrp[];
extern const char p6_help_icf6[];

#endif
