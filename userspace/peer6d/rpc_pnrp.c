// SPDX-License-Identifier: GPL-2.0-or-later
#include "rpc.h"
#include "varlink_text.h"

static const struct method methods[] = {
	{ "ListClouds", RIGHT_GROUP, rpc_list_clouds },
	{ "ListRegistrations", RIGHT_GROUP, rpc_list_registrations },
	{ "GetStatistics", RIGHT_GROUP, rpc_get_statistics },
	{ "GetInitialization", RIGHT_GROUP, rpc_get_initialization },
	{ "ListSeeds", RIGHT_GROUP, rpc_list_seeds },
	{ "ListCache", RIGHT_GROUP, rpc_list_cache },
	{ "StartCloud", RIGHT_GROUP, rpc_start_cloud },
	{ "Synchronize", RIGHT_GROUP, rpc_synchronize },
	{ "Flush", RIGHT_GROUP, rpc_flush },
	{ "Repair", RIGHT_GROUP, rpc_repair },
	{ "SetMode", RIGHT_GROUP, rpc_set_mode },
	{ "Resolve", RIGHT_RESOLVE, rpc_resolve },
	{ "Register", RIGHT_GROUP, rpc_register },
	{ "Unregister", RIGHT_GROUP, rpc_unregister },
	{ "Ping", RIGHT_GROUP, rpc_ping },
	{ "ConvertName", RIGHT_RESOLVE, rpc_convert_name },
	{ "GetMachineName", RIGHT_GROUP, rpc_get_machine_name },
	{ "SetMachineName", RIGHT_GROUP, rpc_set_machine_name },
};

const struct interface interface_pnrp = {
	.name = "io.peer6.Pnrp",
	.description = TEXT_io_peer6_Pnrp,
	.methods = methods,
	.n_methods = sizeof(methods) / sizeof(methods[0]),
};
