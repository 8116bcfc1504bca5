// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include <linux/teredo.h>

#include <peer6/base.h>

#include "peer6.h"
#include "pnrp_decode.h"
#include "reasons.h"

#define GLOBAL_OPTIONS							\
	"  -j, --json         one JSON object; errors as JSON on stderr\n" \
	"  -v, --verbose      more\n"					\
	"  -q, --quiet        no remarks\n"				\
	"      --no-color     as with NO_COLOR set\n"			\
	"      --netns=NAME   in another network namespace\n"		\
	"  -h, --help         this\n"

const char p6_help_main[] =
	"Windows Peer-to-Peer Networking for Linux.\n"
	"\n"
	"  sudo peer6 teredo set servername=teredo.example.net\n"
	"  peer6 teredo show state --wait\n"
	"  peer6 publish alice.pnrp.net\n"
	"  peer6 resolve alice.pnrp.net\n"
	"\n"
	"Usage: peer6 [OPTIONS] COMMAND ...    every word may be abbreviated\n"
	"\n"
	"  teredo set|show|monitor|flush   the IPv6 tunnel through NATs\n"
	"  publish|unpublish|resolve       names that other hosts can find\n"
	"  pnrp cloud|peer|diagnostics|monitor|decode   more, in netsh's words\n"
	"  id create|list|export|...       keys that own names\n"
	"  icf6 show|set|add|delete|...    the IPv6 firewall; also \"firewall\"\n"
	"  help [TOPIC]                    commands, and: errors, netsh, server\n"
	"  version, --version\n"
	"\n"
	GLOBAL_OPTIONS
	"\n"
	"Exit status: 0 done, 1 failed, 2 usage, 3 no daemon, 4 no permission, 5 no such\n"
	"  thing, 6 time ran out, 7 not connected, 9 not trusted, 10 exists or in use,\n"
	"  11 module, 130 interrupted. More: peer6 help errors, man peer6-teredo,\n"
	"  peer6-pnrp, peer6-id and peer6-icf6\n";

const char p6_help_help[] =
	"  peer6 help\n"
	"  peer6 help teredo set\n"
	"  peer6 help errors\n"
	"\n"
	"Usage: peer6 help [COMMAND ... | errors | netsh | server]\n";

const char p6_help_version[] =
	"  peer6 version\n"
	"  peer6 version --json\n"
	"\n"
	"Usage: peer6 version\n";

const char p6_help_teredo[] =
	"  sudo peer6 teredo set type=client servername=teredo.example.net\n"
	"  peer6 teredo show state --wait=20\n"
	"  peer6 teredo show peers\n"
	"  peer6 teredo monitor\n"
	"  sudo peer6 teredo set type=disabled\n"
	"\n"
	"Usage: peer6 teredo COMMAND ...\n"
	"\n"
	"  set       make, change or delete a Teredo device\n"
	"  show      state (the default), peers or portmap\n"
	"  monitor   print changes of state, mapping and peers as they happen\n"
	"  flush     forget peers, so that their paths are opened anew\n"
	"\n"
	"Each has a --help of its own. Options:\n"
	GLOBAL_OPTIONS;

const char p6_help_teredo_set[] =
	"  sudo peer6 teredo set servername=teredo.example.net\n"
	"  sudo peer6 teredo set client 192.0.2.1 30 34567       netsh's order\n"
	"  sudo peer6 teredo set refreshinterval=default clientport=default\n"
	"  sudo peer6 teredo set dev=server0 type=server servername=192.0.2.1\n"
	"  sudo peer6 teredo set type=disabled                   delete the device\n"
	"\n"
	"Usage: peer6 teredo set [dev=NAME] [type=]TYPE [servername=]NAME|IPv4\n"
	"       [refreshinterval=]SECONDS [clientport=]PORT [servervirtualip=]IPv4\n"
	"       [TAG=VALUE ...]\n"
	"\n"
	"TYPE is client, server, relay, host-relay, disabled or default (client). A\n"
	"device (teredo0 unless dev= names another) is made when there is none. What is\n"
	"not named stays as it is; \"default\" resets. Further tags:\n"
	"\n"
	"  server=NAME|IPv4     short for servername=\n"
	"  server2=IPv4         second server address; default: the one after the first\n"
	"  local=IPv4           send from this address; default: any\n"
	"  clientid=TEXT        identifier for the server's authentication\n"
	"  secretfile=FILE      first line: the secret, text or hex:BYTES\n"
	"  allowprivate=yes|no  private IPv4 addresses, for closed networks\n"
	"  defaultroute=yes|no  route ::/0 here too, while qualified\n"
	"  discovery=yes|no     find peers on the same link\n"
	"  coneprobe=yes|no     probe for a cone NAT first\n"
	"  singleserver=yes|no  do without the second server address\n"
	"  maxpeers=N           size of the peer table\n"
	"  ratelimit=N          answers a second to one IPv4 /24; 0: no limit\n"
	"  bubblettl=N          TTL of the first direct bubble; 0: the usual one\n"
	"  extensions=LIST      of RFC 6081: all, none or sns,upnp,pp,sp,hp,slr in part\n"
	"  prefix=X:Y::/32      prefix of Teredo addresses\n"
	"\n"
	"Options:\n"
	GLOBAL_OPTIONS;

const char p6_help_teredo_show[] =
	"  peer6 teredo show\n"
	"  peer6 teredo show state --wait=20 --quiet && ping -6 ...\n"
	"  peer6 teredo show state --check || echo not connected\n"
	"  peer6 teredo show peers --json\n"
	"\n"
	"Usage: peer6 teredo show [state] [dev=NAME] [--check] [--wait[=SEC]]\n"
	"       peer6 teredo show peers [dev=NAME]\n"
	"       peer6 teredo show portmap [dev=NAME]\n"
	"\n"
	"  --check            exit status 7 unless all devices shown are qualified\n"
	"  --wait[=SEC]       until they are, 30 s or SEC at most; exit status 6 then\n"
	"  -v                 counters that are zero, too\n"
	"\n"
	"Options:\n"
	GLOBAL_OPTIONS;

const char p6_help_teredo_monitor[] =
	"  peer6 teredo monitor\n"
	"  peer6 teredo monitor --json dev=teredo0 | jq .event\n"
	"  peer6 teredo monitor --count=1 --timeout=10\n"
	"\n"
	"Usage: peer6 teredo monitor [dev=NAME] [--count=N] [--timeout=SEC]\n"
	"\n"
	"  --count=N          end after N events\n"
	"  --timeout=SEC      end after SEC seconds; exit status 6 if --count was not\n"
	"                     reached\n"
	"\n"
	"With --json, one object a line; a gap in \"seq\" means that events were lost.\n"
	"\n"
	"Options:\n"
	GLOBAL_OPTIONS;

const char p6_help_teredo_flush[] =
	"  sudo peer6 teredo flush\n"
	"  sudo peer6 teredo flush 2001:0:c000:201:18a3:5fc1:34ff:8ef8\n"
	"\n"
	"Usage: peer6 teredo flush [PEER] [dev=NAME]\n"
	"\n"
	"Forgets a peer, or all: the next packet to it opens the path anew.\n"
	"\n"
	"Options:\n"
	GLOBAL_OPTIONS;

static const char help_netsh[] =
	"netsh interface teredo                  peer6\n"
	"  show state                              teredo show state\n"
	"  set state type=client                   teredo set type=client\n"
	"  set state type=enterpriseclient         teredo set type=client\n"
	"  set state type=natawareclient           (none; natawareness is not known)\n"
	"  set state type=server                   teredo set type=server\n"
	"  set state type=disabled                 teredo set type=disabled\n"
	"  set state type=default                  teredo set type=default\n"
	"  set state servername=NAME               teredo set servername=NAME\n"
	"  set state refreshinterval=N             teredo set refreshinterval=N\n"
	"  set state clientport=N                  teredo set clientport=N\n"
	"  set state servervirtualip=IPv4          teredo set servervirtualip=IPv4\n"
	"\n"
	"\"set state\" is taken too. servername=default has no meaning here: no server\n"
	"is built in. Settings last until the device is deleted or the host restarts.\n";

static const char help_server[] =
	"A Teredo client needs a server: a host with two public IPv4 addresses in a row\n"
	"that answers on UDP port 3544. It sees a few packets of each new path and none\n"
	"of the data. None is built in, since public servers come and go. To run one on\n"
	"a host with the addresses 192.0.2.1 and 192.0.2.2:\n"
	"\n"
	"  sudo peer6 teredo set dev=server0 type=server servername=192.0.2.1\n"
	"\n"
	"and on the clients:\n"
	"\n"
	"  sudo peer6 teredo set type=client servername=192.0.2.1\n";

/* No error of libpeer6 is below this. */
#define ERROR_LAST	(-127)

static int help_errors(struct p6 *p6)
{
	const char *none = peer6_reason(ERROR_LAST - 1);
	unsigned int i;
	int e;

	if (p6->json) {
		json_t *codes = json_array(), *reasons = json_array();
		json_t *daemon = json_array();

		for (i = P6_FAILED; i < __P6_CODE_MAX; i++)
			json_array_append_new(codes, json_pack("{s:s,s:i,s:s}",
				"code", p6_code_name(i), "exit",
				p6_code_exit(i), "text", p6_code_text(i)));
		for (i = 1; i < __TEREDO_REASON_MAX; i++)
			json_array_append_new(reasons, json_pack("{s:s,s:s}",
				"reason", teredo_reason_name(i), "text",
				teredo_reason_text(i)));
		for (e = -1; e >= ERROR_LAST; e--)
			if (strcmp(peer6_reason(e), none))
				json_array_append_new(daemon, json_pack(
					"{s:s,s:s}", "reason", peer6_reason(e),
					"text", peer6_strerror(e)));
		return p6_print_json(p6, json_pack("{s:s,s:o,s:o,s:o}",
						   "schema", "peer6.errors/1",
						   "codes", codes,
						   "reasons", reasons,
						   "daemon", daemon));
	}
	printf("Errors of commands\n%-20s %-4s %s\n", "CODE", "EXIT", "MEANING");
	for (i = P6_FAILED; i < __P6_CODE_MAX; i++)
		printf("%-20s %-4d %s\n", p6_code_name(i), p6_code_exit(i),
		       p6_code_text(i));
	printf("\nErrors of devices, and why packets were dropped\n%-20s %s\n",
	       "REASON", "MEANING");
	for (i = 1; i < __TEREDO_REASON_MAX; i++)
		printf("%-20s %s\n", teredo_reason_name(i),
		       teredo_reason_text(i));
	printf("\nErrors of the daemon\n%-20s %s\n", "REASON", "MEANING");
	for (e = -1; e >= ERROR_LAST; e--)
		if (strcmp(peer6_reason(e), none))
			printf("%-20s %s\n", peer6_reason(e),
			       peer6_strerror(e));
	return 0;
}

/* The last word of a command's own, so that each "monitor" is its own. */
static const char *help_of(const struct p6_command *table, int argc,
			   char **argv)
{
	const char *text = NULL;
	size_t n;
	int i;

	for (; argc && table; argc--, argv++, table = table[i].sub) {
		for (n = 0; table[n].word; n++)
			;
		i = word_find((struct words){ table, n, sizeof(*table) },
			      *argv, strlen(*argv));
		if (i < 0)
			return NULL;
		text = table[i].help;
	}
	return argc ? NULL : text;
}

static const struct {
	const char *word;
	const char *text;		/* NULL: help_errors() */
} topics[] = {
	{ "errors", NULL },
	{ "netsh", help_netsh },
	{ "server", help_server },
	{ "teredo", p6_help_teredo },
	{ "set", p6_help_teredo_set },
	{ "show", p6_help_teredo_show },
	{ "state", p6_help_teredo_show },
	{ "peers", p6_help_teredo_show },
	{ "portmap", p6_help_teredo_show },
	{ "monitor", p6_help_teredo_monitor },
	{ "flush", p6_help_teredo_flush },
	{ "pnrp", p6_help_pnrp },
	{ "cloud", p6_help_pnrp_cloud },
	{ "peer", p6_help_pnrp_peer },
	{ "diagnostics", p6_help_pnrp_diagnostics },
	{ "decode", p6_help_pnrp_decode },
	{ "publish", p6_help_publish },
	{ "unpublish", p6_help_unpublish },
	{ "resolve", p6_help_resolve },
	{ "id", p6_help_id },
	{ "icf6", p6_help_icf6 },
	{ "firewall", p6_help_icf6 },
	{ "help", p6_help_help },
	{ "version", p6_help_version },
};

static const struct {
	const char *word;
	const struct p6_command *table;
} trees[] = {
	{ "pnrp", p6_pnrp_commands },
	{ "id", p6_id_commands },
	{ "icf6", p6_icf6_commands },
	{ "firewall", p6_icf6_commands },
};

int p6_help(struct p6 *p6, int argc, char **argv)
{
	const char *text = p6_help_main;
	int i;

	i = argc > 1 ? word_find(WORDS(trees), *argv, strlen(*argv)) : -1;
	if (i >= 0) {
		const char *own = help_of(trees[i].table, argc - 1, argv + 1);

		if (own) {
			fputs(own, stdout);
			return 0;
		}
	}
	/* The last word says it: "teredo set" is about "set". */
	for (; argc > 0; argc--, argv++) {
		i = p6_word(p6, "topic", WORDS(topics), *argv, strlen(*argv));
		if (i < 0)
			return p6_fail_do(p6, "peer6 help");
		text = topics[i].text;
	}
	if (!text)
		return help_errors(p6);
	fputs(text, stdout);
	if (text == help_netsh)
		fputs(p6_help_netsh_pnrp, stdout);
	return 0;
}
