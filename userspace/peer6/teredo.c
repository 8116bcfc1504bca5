// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "teredo.h"

static const struct p6_command show_commands[] = {
	{ "state", "state, NAT, mappings, counters",
	  .run = teredo_show_state, .help = p6_help_teredo_show,
	  .options = P6_OPT_CHECK | P6_OPT_WAIT },
	{ "peers", "the peers that are known",
	  .run = teredo_show_peers, .help = p6_help_teredo_show },
	{ "portmap", "what gateways were asked for",
	  .run = teredo_show_portmap, .help = p6_help_teredo_show },
	{ 0 }
};

const struct p6_command p6_teredo_commands[] = {
	{ "set", "make, change or delete a device",
	  .run = teredo_set, .help = p6_help_teredo_set },
	{ "show", "state, peers or port mappings", .sub = show_commands, .standard = "state",
	  .help = p6_help_teredo_show },
	{ "monitor", "events as they happen",
	  .run = teredo_monitor, .help = p6_help_teredo_monitor,
	  .options = P6_OPT_TIMEOUT | P6_OPT_COUNT },
	{ "flush", "forget peers",
	  .run = teredo_flush, .help = p6_help_teredo_flush },
	{ 0 }
};

int teredo_fail_do(struct p6 *p6, const struct nl_answer *answer)
{
	switch (answer->err) {
	case EPERM:
	case EACCES:
		return p6_code_exit(p6->failure.code);
	case EADDRINUSE:
		return p6_fail_do(p6, "ss -lunp; peer6 teredo show state");
	case EADDRNOTAVAIL:
		return p6_fail_do(p6, "ip -4 address show");
	case ENODEV:
		return p6_fail_do(p6, "ip link show type teredo");
	default:
		return p6_fail_do(p6, "peer6 %s --help", p6->command);
	}
}
