// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/teredo.h>

#include "peer6.h"
#include "version.h"

static int run_version(struct p6 *p6, int argc, char **argv)
{
	(void)argv;
	if (argc) {
		p6_fail(p6, P6_UNKNOWN_WORD, "version takes no argument");
		return p6_fail_do(p6, "peer6 version");
	}
	if (p6->json)
		return p6_print_json(p6, json_pack("{s:s,s:s,s:i}",
						   "schema", "peer6.version/1",
						   "version", PEER6_VERSION,
						   "netlink_version",
						   TEREDO_GENL_VERSION));
	printf("peer6 %s\n", PEER6_VERSION);
	return 0;
}

static const struct p6_command commands[] = {
	{ "teredo", "the tunnel: set, show, monitor, flush",
	  .sub = p6_teredo_commands, .help = p6_help_teredo },
	{ "pnrp", "names: cloud, peer, diagnostics, monitor",
	  .sub = p6_pnrp_commands, .help = p6_help_pnrp },
	{ "publish", "a name of this host",
	  .run = p6_publish, .help = p6_help_publish },
	{ "unpublish", "take it back",
	  .run = p6_unpublish, .help = p6_help_unpublish },
	{ "resolve", "find who publishes a name",
	  .run = p6_resolve, .help = p6_help_resolve,
	  .options = P6_OPT_TIMEOUT },
	{ "id", "identities: keys that own names",
	  .sub = p6_id_commands, .help = p6_help_id },
	{ "icf6", "the firewall: show, set, add, delete, save, restore",
	  .sub = p6_icf6_commands, .help = p6_help_icf6 },
	{ "firewall", "another name for icf6",
	  .sub = p6_icf6_commands, .help = p6_help_icf6 },
	{ "version", "which peer6 this is",
	  .run = run_version, .help = p6_help_version },
	{ "help", "explain a command or a topic",
	  .run = p6_help, .help = p6_help_help },
	{ 0 }
};

enum {
	OPT_NO_COLOR = 256,
	OPT_CHECK,
	OPT_WAIT,
	OPT_TIMEOUT,
	OPT_COUNT,
	OPT_NETNS,
	OPT_SOCKET,
	OPT_PASSWORD_FILE,
	OPT_VERSION,
};

static const struct option options[] = {
	{ "json",	no_argument,		NULL, 'j' },
	{ "quiet",	no_argument,		NULL, 'q' },
	{ "verbose",	no_argument,		NULL, 'v' },
	{ "help",	no_argument,		NULL, 'h' },
	{ "no-color",	no_argument,		NULL, OPT_NO_COLOR },
	{ "check",	no_argument,		NULL, OPT_CHECK },
	{ "wait",	optional_argument,	NULL, OPT_WAIT },
	{ "timeout",	required_argument,	NULL, OPT_TIMEOUT },
	{ "count",	required_argument,	NULL, OPT_COUNT },
	{ "netns",	required_argument,	NULL, OPT_NETNS },
	{ "socket",	required_argument,	NULL, OPT_SOCKET },
	{ "password-file", required_argument,	NULL, OPT_PASSWORD_FILE },
	{ "version",	no_argument,		NULL, OPT_VERSION },
	{ 0 }
};

#define WAIT_STANDARD	30.0	/* seconds, for --wait without a number */

static int bad_option_value(struct p6 *p6, const char *option,
			    const char *value, const char *want)
{
	p6_fail(p6, P6_BAD_VALUE, "--%s=%s is not %s", option, value, want);
	p6_fail_why(p6, "The value of --%s is %s.", option, want);
	return p6_fail_do(p6, "peer6 help");
}

/* What getopt_long() did not take, in our words. */
static int bad_option(struct p6 *p6, int c, const char *arg)
{
	static const char shorts[][2] = { "j", "q", "v", "h" };
	const char *name = arg, *nearest = NULL;
	size_t len;

	if (c == ':') {
		p6_fail(p6, P6_MISSING, "option %s needs a value", arg);
		p6_fail_why(p6, "The value follows an equals sign.");
		return p6_fail_do(p6, "peer6 help");
	}
	p6_fail(p6, P6_UNKNOWN_WORD, "option %s is not known or takes no value",
		arg);
	if (strncmp(name, "--", 2)) {
		p6_fail_why(p6, "The short options are -%s, -%s, -%s and -%s.",
			    shorts[0], shorts[1], shorts[2], shorts[3]);
	} else {
		name += 2;
		len = strcspn(name, "=");
		nearest = word_nearest((struct words){
			options, P6_ARRAY_SIZE(options) - 1,
			sizeof(options[0]) }, name, len);
		if (nearest)
			p6_fail_why(p6, "Did you mean --%s?", nearest);
		else
			p6_fail_why(p6, "No option has a name like it.");
	}
	return p6_fail_do(p6, "peer6 help");
}

static int parse_options(struct p6 *p6, int argc, char **argv)
{
	char *end;
	int c, at;

	opterr = 0;
	/* --json anywhere decides the form of every error, so it goes first. */
	for (at = 1; at < argc && strcmp(argv[at], "--"); at++)
		if (!strcmp(argv[at], "-j") || !strcmp(argv[at], "--json"))
			p6->json = true;

	while (at = optind,
	       (c = getopt_long(argc, argv, ":jqvh", options, NULL)) != -1) {
		switch (c) {
		case 'j':
			p6->json = true;
			break;
		case 'q':
			p6->quiet = true;
			break;
		case 'v':
			p6->verbose = true;
			break;
		case 'h':
			p6->help = true;
			break;
		case OPT_VERSION:
			p6->version = true;
			break;
		case OPT_NO_COLOR:
			p6->no_color = true;
			break;
		case OPT_CHECK:
			p6->check = true;
			p6->given |= P6_OPT_CHECK;
			break;
		case OPT_WAIT:
			p6->wait = true;
			p6->given |= P6_OPT_WAIT;
			p6->wait_time = WAIT_STANDARD;
			if (optarg && !p6_seconds(optarg, &p6->wait_time))
				return bad_option_value(p6, "wait", optarg,
							"a number of seconds");
			break;
		case OPT_TIMEOUT:
			p6->timeout = true;
			p6->given |= P6_OPT_TIMEOUT;
			if (!p6_seconds(optarg, &p6->timeout_time))
				return bad_option_value(p6, "timeout", optarg,
							"a number of seconds");
			break;
		case OPT_COUNT:
			p6->given |= P6_OPT_COUNT;
			errno = 0;
			p6->count = strtoul(optarg, &end, 10);
			if (errno || *end || *optarg == '-' || !p6->count)
				return bad_option_value(p6, "count", optarg,
							"a number from 1 on");
			break;
		case OPT_NETNS:
			p6->netns = optarg;
			break;
		case OPT_SOCKET:
			p6->socket = optarg;
			break;
		case OPT_PASSWORD_FILE:
			p6->given |= P6_OPT_PASSWORD;
			p6->password_file = optarg;
			break;
		default:
			/* A cluster of short options leaves optind behind. */
			return bad_option(p6, c, argv[optind > at ?
						      optind - 1 : optind]);
		}
	}
	return 0;
}

static int enter_netns(struct p6 *p6)
{
	char path[4096];
	int fd, err;

	if (strchr(p6->netns, '/') || !*p6->netns)
		return bad_option_value(p6, "netns", p6->netns,
					"a name that \"ip netns\" lists");
	snprintf(path, sizeof(path), "/run/netns/%s", p6->netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		p6_fail(p6, P6_NO_NETNS, "no network namespace \"%s\"",
			p6->netns);
		p6_fail_why(p6, "%s: %s.", path, strerror(errno));
		return p6_fail_do(p6, "ip netns list");
	}
	err = setns(fd, CLONE_NEWNET) ? errno : 0;
	close(fd);
	if (err) {
		p6_fail(p6, err == EPERM ? P6_PERMISSION : P6_FAILED,
			"cannot enter network namespace \"%s\"", p6->netns);
		p6_fail_why(p6, "To enter it takes CAP_SYS_ADMIN: %s.",
			    strerror(err));
		return p6_fail_do(p6, "sudo %s", p6->line);
	}
	return 0;
}

static const struct {
	const char *name;
	unsigned int bit;
} command_options[] = {
	{ "check", P6_OPT_CHECK },
	{ "wait", P6_OPT_WAIT },
	{ "timeout", P6_OPT_TIMEOUT },
	{ "count", P6_OPT_COUNT },
	{ "password-file", P6_OPT_PASSWORD },
};

static int check_options(struct p6 *p6, const struct p6_command *cmd)
{
	size_t i;

	for (i = 0; i < P6_ARRAY_SIZE(command_options); i++) {
		if (!(p6->given & command_options[i].bit & ~cmd->options))
			continue;
		p6_fail(p6, P6_UNKNOWN_WORD, "%s has no option --%s",
			p6->command, command_options[i].name);
		p6_fail_why(p6, "The option belongs to another command.");
		return p6_fail_do(p6, "peer6 %s --help", p6->command);
	}
	return 0;
}

static struct words command_words(const struct p6_command *first)
{
	size_t n = 0;

	while (first[n].word)
		n++;
	return (struct words){ first, n, sizeof(*first) };
}

static const struct p6_command *pick(struct p6 *p6,
				     const struct p6_command *table,
				     const char *given)
{
	int i = p6_word(p6, "command", command_words(table), given,
			strlen(given));
	const char *nearest;

	if (i >= 0)
		return &table[i];
	nearest = word_nearest(command_words(table), given, strlen(given));
	if (nearest)
		p6_fail_do(p6, "peer6 %s%s%s", p6->command,
			   *p6->command ? " " : "", nearest);
	else
		p6_fail_do(p6, "peer6 %s%s--help", p6->command,
			   *p6->command ? " " : "");
	return NULL;
}

/* Quoted for the shell where it has to be. */
static void note_line(struct p6 *p6, int argc, char **argv)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=.,:/@%+";
	FILE *f = fmemopen(p6->line, sizeof(p6->line), "w");
	const char *c;
	int i;

	if (!f)
		return;
	fputs("peer6", f);
	for (i = 1; i < argc; i++) {
		if (*argv[i] && !argv[i][strspn(argv[i], plain)]) {
			fprintf(f, " %s", argv[i]);
			continue;
		}
		fputs(" '", f);
		for (c = argv[i]; *c; c++)
			fputs(*c == '\'' ? "'\\''" : (char[]){ *c, 0 }, f);
		fputc('\'', f);
	}
	fclose(f);
	p6->line[sizeof(p6->line) - 1] = '\0';
}

static int run(struct p6 *p6, int argc, char **argv)
{
	const struct p6_command *cmd = NULL, *table = commands;
	static char path[64];
	int err;

	note_line(p6, argc, argv);
	err = parse_options(p6, argc, argv);
	if (err)
		return err;
	argc -= optind;
	argv += optind;
	p6->color = isatty(STDOUT_FILENO) && !p6->no_color && !p6->json &&
		    !(getenv("NO_COLOR") && *getenv("NO_COLOR"));
	p6->command = path;
	if (p6->version && !argc)
		return run_version(p6, 0, NULL);

	while (table) {
		const char *word = argc ? *argv : cmd ? cmd->standard : NULL;

		/* "show dev=teredo0" is "show state dev=teredo0". */
		if (argc && cmd && cmd->standard && strchr(word, '='))
			word = cmd->standard;
		if (!word || (p6->help && !argc))
			break;
		cmd = pick(p6, table, word);
		if (!cmd)
			return p6_code_exit(p6->failure.code);
		if (argc && word == *argv) {
			argc--;
			argv++;
		}
		snprintf(path + strlen(path), sizeof(path) - strlen(path),
			 "%s%s", *path ? " " : "", cmd->word);
		table = cmd->sub;
	}
	if (p6->help) {
		fputs(cmd ? cmd->help : p6_help_main, stdout);
		return 0;
	}
	if (!cmd || table) {
		p6_fail(p6, P6_MISSING, "%s%sneeds a command", path,
			*path ? " " : "peer6 ");
		char list[200];

		word_list(command_words(table), "", 0, list, sizeof(list));
		p6_fail_why(p6, "One of: %s.", list);
		return p6_fail_do(p6, "peer6 %s%s--help", path,
				  *path ? " " : "");
	}
	err = check_options(p6, cmd);
	if (!err && p6->netns)
		err = enter_netns(p6);
	return err ? err : cmd->run(p6, argc, argv);
}

int main(int argc, char **argv)
{
	struct p6 p6 = { .command = "" };
	int status;

	setlocale(LC_ALL, "");
	/* Numbers in JSON and text have a point, whatever the language. */
	setlocale(LC_NUMERIC, "C");
	status = run(&p6, argc, argv);
	if ((fflush(stdout) || ferror(stdout)) && !status) {
		status = p6_fail(&p6, P6_FAILED, "cannot write the answer");
		p6_fail_why(&p6, "Standard output: %s.", strerror(errno));
	}
	if (status && p6.failure.code != P6_OK)
		p6_failure_print(&p6);
	return status;
}
