// SPDX-License-Identifier: GPL-2.0-or-later
#include "pnrp.h"
#include "pnrp_decode.h"

static const struct p6_command cloud_show_commands[] = {
	{ "list", "the clouds of this host",
	  .run = pnrp_cloud_show_list, .help = p6_help_pnrp_cloud },
	{ "names", "what is published here, with IDs",
	  .run = pnrp_cloud_show_names, .help = p6_help_pnrp_cloud },
	{ "statistics", "counters",
	  .run = pnrp_cloud_show_statistics, .help = p6_help_pnrp_cloud },
	{ "initialization", "how the first node is found",
	  .run = pnrp_cloud_show_initialization, .help = p6_help_pnrp_cloud },
	{ "seed", "the configured seeds",
	  .run = pnrp_cloud_show_seed, .help = p6_help_pnrp_cloud },
	{ "pnrpmode", "default or resolve only",
	  .run = pnrp_cloud_show_pnrpmode, .help = p6_help_pnrp_cloud },
	{ "cache", "the nodes that are known",
	  .run = pnrp_cloud_show_cache, .help = p6_help_pnrp_cloud },
	{ 0 }
};

static const struct p6_command cloud_set_commands[] = {
	{ "pnrpmode", "default or resolve only",
	  .run = pnrp_cloud_set_pnrpmode, .help = p6_help_pnrp_cloud },
	{ 0 }
};

static const struct p6_command cloud_synchronize_commands[] = {
	{ "host", "with one node",
	  .run = pnrp_cloud_synchronize_host, .help = p6_help_pnrp_cloud },
	{ "seed", "with the seeds",
	  .run = pnrp_cloud_synchronize_seed, .help = p6_help_pnrp_cloud },
	{ 0 }
};

static const struct p6_command cloud_commands[] = {
	{ "show", "state, names, counters", .sub = cloud_show_commands,
	  .standard = "list", .help = p6_help_pnrp_cloud },
	{ "set", "the mode", .sub = cloud_set_commands,
	  .help = p6_help_pnrp_cloud },
	{ "start", "open a cloud and keep it open",
	  .run = pnrp_cloud_start, .help = p6_help_pnrp_cloud,
	  .options = P6_OPT_TIMEOUT },
	{ "synchronize", "fill the cache from a node or the seeds",
	  .sub = cloud_synchronize_commands, .help = p6_help_pnrp_cloud },
	{ "flush", "forget the cache",
	  .run = pnrp_cloud_flush, .help = p6_help_pnrp_cloud },
	{ "repair", "look for a split and mend it",
	  .run = pnrp_cloud_repair, .help = p6_help_pnrp_cloud },
	{ 0 }
};

static const struct p6_command peer_add_commands[] = {
	{ "registration", "publish a name",
	  .run = p6_publish, .help = p6_help_pnrp_peer },
	{ 0 }
};

static const struct p6_command peer_delete_commands[] = {
	{ "registration", "take a name back",
	  .run = p6_unpublish, .help = p6_help_pnrp_peer },
	{ 0 }
};

static const struct p6_command peer_show_commands[] = {
	{ "registration", "what this user has published",
	  .run = pnrp_peer_show_registration, .help = p6_help_pnrp_peer },
	{ "convertedname", "peer name to host name and back",
	  .run = pnrp_peer_show_convertedname, .help = p6_help_pnrp_peer },
	{ "machinename", "the name of this host",
	  .run = pnrp_peer_show_machinename, .help = p6_help_pnrp_peer },
	{ 0 }
};

static const struct p6_command peer_set_commands[] = {
	{ "machinename", "the name of this host",
	  .run = pnrp_peer_set_machinename, .help = p6_help_pnrp_peer },
	{ 0 }
};

static const struct p6_command peer_commands[] = {
	{ "resolve", "find who publishes a name",
	  .run = p6_resolve, .help = p6_help_pnrp_peer,
	  .options = P6_OPT_TIMEOUT },
	{ "traceroute", "and show each node that was asked",
	  .run = pnrp_peer_traceroute, .help = p6_help_pnrp_peer,
	  .options = P6_OPT_TIMEOUT },
	{ "enumerate", "all instances of a name",
	  .run = pnrp_peer_enumerate, .help = p6_help_pnrp_peer,
	  .options = P6_OPT_TIMEOUT },
	{ "add", "registration", .sub = peer_add_commands,
	  .help = p6_help_pnrp_peer },
	{ "delete", "registration", .sub = peer_delete_commands,
	  .help = p6_help_pnrp_peer },
	{ "show", "registrations, names", .sub = peer_show_commands,
	  .standard = "registration", .help = p6_help_pnrp_peer },
	{ "set", "machinename", .sub = peer_set_commands,
	  .help = p6_help_pnrp_peer },
	{ 0 }
};

static const struct p6_command ping_commands[] = {
	{ "host", "one node",
	  .run = pnrp_ping_host, .help = p6_help_pnrp_diagnostics,
	  .options = P6_OPT_TIMEOUT },
	{ "seed", "all seeds",
	  .run = pnrp_ping_seed, .help = p6_help_pnrp_diagnostics,
	  .options = P6_OPT_TIMEOUT },
	{ 0 }
};

static const struct p6_command diagnostics_commands[] = {
	{ "ping", "ask nodes whether they are there", .sub = ping_commands,
	  .help = p6_help_pnrp_diagnostics },
	{ 0 }
};

const struct p6_command p6_pnrp_commands[] = {
	{ "cloud", "the clouds of this host", .sub = cloud_commands,
	  .help = p6_help_pnrp_cloud },
	{ "peer", "names: resolve and publish", .sub = peer_commands,
	  .help = p6_help_pnrp_peer },
	{ "diagnostics", "ping", .sub = diagnostics_commands,
	  .help = p6_help_pnrp_diagnostics },
	{ "decode", "the messages of a capture",
	  .run = p6_pnrp_decode_run, .help = p6_help_pnrp_decode },
	{ "monitor", "events as they happen",
	  .run = pnrp_monitor, .help = p6_help_pnrp_monitor,
	  .options = P6_OPT_TIMEOUT | P6_OPT_COUNT },
	{ 0 }
};
