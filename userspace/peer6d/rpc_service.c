// SPDX-License-Identifier: GPL-2.0-or-later
/* org.varlink.service and io.peer6.Service. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon.h"
#include "portmaps.h"
#include "rpc.h"
#include "varlink_text.h"
#include "version.h"

#define INTERFACE_VERSION	1

static void get_info(struct call *call)
{
	if (!call_args(call, NULL, 0))
		return;
	call_reply(call, json_pack("{s:s,s:s,s:s,s:s,s:[s,s,s,s]}",
				   "vendor", "peer6", "product", "peer6d",
				   "version", PEER6_VERSION, "url",
				   "https://varlink.org/Service",
				   "interfaces", interface_varlink.name,
				   interface_service.name, interface_pnrp.name,
				   interface_identity.name));
}

static void get_description(struct call *call)
{
	static const struct interface *const all[] = {
		&interface_varlink, &interface_service, &interface_pnrp,
		&interface_identity,
	};
	const char *name = NULL;
	const struct arg args[] = {
		{ "interface", ARG_STRING, true, &name },
	};
	unsigned int i;

	if (!call_args(call, args, 1))
		return;
	for (i = 0; i < 4; i++) {
		if (strcmp(all[i]->name, name))
			continue;
		call_reply(call, json_pack("{s:s}", "description",
					   all[i]->description));
		return;
	}
	call_error(call, "org.varlink.service.InterfaceNotFound",
		   json_pack("{s:s}", "interface", name));
}

static const struct method varlink_methods[] = {
	{ "GetInfo", RIGHT_NONE, get_info },
	{ "GetInterfaceDescription", RIGHT_NONE, get_description },
};

const struct interface interface_varlink = {
	.name = "org.varlink.service",
	.description = TEXT_org_varlink_service,
	.methods = varlink_methods,
	.n_methods = 2,
};

static json_t *version(void)
{
	return json_pack("{s:s,s:s,s:i}", "program", "peer6d", "version",
			 PEER6_VERSION, "interface_version",
			 INTERFACE_VERSION);
}

static void get_version(struct call *call)
{
	if (call_args(call, NULL, 0))
		call_reply(call, json_pack("{s:o}", "version", version()));
}

static void get_status(struct call *call)
{
	struct daemon *d = call->daemon;
	const struct cloud *cloud;
	int n = 0;

	if (!call_args(call, NULL, 0))
		return;
	for (cloud = d->clouds; cloud; cloud = cloud->next)
		n++;
	call_reply(call, json_pack("{s:o,s:i,s:f,s:s,s:s,s:s,s:i,s:i,s:i}",
				   "version", version(), "pid", (int)getpid(),
				   "uptime", (uv_hrtime() - d->started) / 1e9,
				   "config", d->opt.config,
				   "state", d->opt.state,
				   "socket", d->opt.socket, "clouds", n,
				   "registrations",
				   registrations_count(d->registrations),
				   "clients", server_clients(d->server)));
}

static void list_port_mappings(struct call *call)
{
	if (call_args(call, NULL, 0))
		call_reply(call, json_pack("{s:o}", "mappings",
					   portmaps_json(call->daemon->portmaps)));
}

static void reload(struct call *call)
{
	struct config_error error;
	char message[400], why[300];
	int ret;

	if (!call_args(call, NULL, 0))
		return;
	ret = daemon_reload(call->daemon, &error);
	if (!ret) {
		call_reply(call, json_object());
		return;
	}
	snprintf(message, sizeof(message), "%s is not taken",
		 call->daemon->opt.config);
	if (error.line)
		snprintf(why, sizeof(why), "Line %u: %s.", error.line,
			 error.text);
	else
		snprintf(why, sizeof(why), "%s.", error.text);
	call_fail(call, ret, message, why, "man peer6.conf");
}

static const struct method service_methods[] = {
	{ "GetVersion", RIGHT_NONE, get_version },
	{ "GetStatus", RIGHT_GROUP, get_status },
	{ "ListPortMappings", RIGHT_GROUP, list_port_mappings },
	{ "Reload", RIGHT_GROUP, reload },
	{ "Monitor", RIGHT_GROUP, rpc_monitor },
};

const struct interface interface_service = {
	.name = "io.peer6.Service",
	.description = TEXT_io_peer6_Service,
	.methods = service_methods,
	.n_methods = 5,
};
