// SPDX-License-Identifier: GPL-2.0-or-later
#include "icf6.h"

static const struct p6_command show_commands[] = {
	{ "config", "what is on, and how",
	  .run = icf6_show_config, .help = p6_help_icf6_show },
	{ "globalport", "the ports that are open",
	  .run = icf6_show_globalport, .help = p6_help_icf6_show },
	{ "adapter", "how each device is treated",
	  .run = icf6_show_adapter, .help = p6_help_icf6_show },
	{ "icmp", "which ICMPv6 is allowed",
	  .run = icf6_show_icmp, .help = p6_help_icf6_show },
	{ "logging", "what is logged, and where",
	  .run = icf6_show_logging, .help = p6_help_icf6_show },
	{ "stats", "packets, by the reason",
	  .run = icf6_show_stats, .help = p6_help_icf6_show },
	{ "flows", "connections that are tracked",
	  .run = icf6_show_flows, .help = p6_help_icf6_show },
	{ 0 }
};

static const struct p6_command set_commands[] = {
	{ "config", "switches and numbers",
	  .run = icf6_set_config, .help = p6_help_icf6_set },
	{ "icmp", "which ICMPv6 is allowed",
	  .run = icf6_set_icmp, .help = p6_help_icf6_set },
	{ "logging", "what is logged, and where",
	  .run = icf6_set_logging, .help = p6_help_icf6_set },
	{ "adapter", "how a device is treated",
	  .run = icf6_set_adapter, .help = p6_help_icf6_set },
	{ "globalport", "open or close a port, in netsh's words",
	  .run = icf6_set_globalport, .help = p6_help_icf6_set },
	{ 0 }
};

static const struct p6_command add_commands[] = {
	{ "port", "open one",
	  .run = icf6_add_port, .help = p6_help_icf6_ports },
	{ "ignore", "close a global one on one device",
	  .run = icf6_add_ignore, .help = p6_help_icf6_ports },
	{ 0 }
};

static const struct p6_command delete_commands[] = {
	{ "port", "close one",
	  .run = icf6_delete_port, .help = p6_help_icf6_ports },
	{ "ignore", "let the global one count again",
	  .run = icf6_delete_ignore, .help = p6_help_icf6_ports },
	{ 0 }
};

const struct p6_command p6_icf6_commands[] = {
	{ "show", "configuration, ports, devices, counters, flows",
	  .sub = show_commands, .standard = "config",
	  .help = p6_help_icf6_show },
	{ "set", "change what show shows", .sub = set_commands,
	  .help = p6_help_icf6_set },
	{ "add", "open a port, or ignore it", .sub = add_commands,
	  .help = p6_help_icf6_ports },
	{ "delete", "close a port, or observe it", .sub = delete_commands,
	  .help = p6_help_icf6_ports },
	{ "p2p", "open what peer-to-peer needs, or close it",
	  .run = icf6_p2p, .help = p6_help_icf6_state },
	{ "reset", "all as after loading",
	  .run = icf6_reset, .help = p6_help_icf6_state },
	{ "flush", "end inbound flows to closed ports",
	  .run = icf6_flush, .help = p6_help_icf6_state },
	{ "attach", "filter this network namespace",
	  .run = icf6_attach, .help = p6_help_icf6_state },
	{ "detach", "do not",
	  .run = icf6_detach, .help = p6_help_icf6_state },
	{ "save", "write the configuration to a file",
	  .run = icf6_save, .help = p6_help_icf6_file },
	{ "restore", "take it from a file",
	  .run = icf6_restore, .help = p6_help_icf6_file },
	{ "check", "say whether a file is good",
	  .run = icf6_check, .help = p6_help_icf6_file },
	{ "monitor", "changes as they happen",
	  .run = icf6_monitor, .help = p6_help_icf6_monitor,
	  .options = P6_OPT_TIMEOUT | P6_OPT_COUNT },
	{ "logd", "write the log",
	  .run = icf6_logd, .help = p6_help_icf6_logd },
	{ 0 }
};

int icf6_usage(struct p6 *p6, const struct icf6_error *e)
{
	p6_fail(p6, e->code, "%s", e->what);
	p6_fail_why(p6, "%s", e->why);
	return p6_fail_do(p6, "peer6 %s --help", p6->command);
}

int icf6_done(struct p6 *p6, bool changed, json_t *detail,
	      const char *words, ...)
{
	json_t *object;
	va_list args;

	if (!p6->json) {
		json_decref(detail);
		va_start(args, words);
		vprintf(words, args);
		va_end(args);
		putchar('\n');
		return 0;
	}
	object = json_pack("{s:s,s:s}", "schema", "peer6.icf6-set/1",
			   "result", changed ? "changed" : "unchanged");
	if (object && detail)
		json_object_update(object, detail);
	json_decref(detail);
	return p6_print_json(p6, object);
}
