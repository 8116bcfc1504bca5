// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "pnrp.h"

#define GLOBAL_CLOUD	"Global_"

static int ping(struct p6 *p6, const char *host, const char *cloud)
{
	const json_t *pongs, *pong, *took;
	char buf[PNRP_ENDPOINT_MAX];
	size_t i, answered = 0;
	json_t *reply, *call;
	int err;

	if (!cloud)
		cloud = GLOBAL_CLOUD;
	err = daemon_check_text(p6, "cloud", cloud);
	if (!err && host)
		err = daemon_check_text(p6, "host", host);
	if (err)
		return err;
	call = json_pack("{s:s}", "cloud", cloud);
	pnrp_put(call, "host", host);
	if (p6->timeout)
		pnrp_put_new(call, "timeout", json_real(p6->timeout_time));
	err = daemon_call(p6, "io.peer6.Pnrp.Ping", call, &reply);
	if (err)
		return err;
	pongs = json_object_get(reply, "pongs");
	json_array_foreach(pongs, i, pong)
		answered += json_object_get(pong, "took") != NULL;
	if (!answered) {
		pong = json_array_get(pongs, 0);
		p6_fail(p6, P6_TIMEOUT, "%s does not answer in %s",
			pong ? daemon_text(pong, "host") : "no seed", cloud);
		if (pong)
			p6_fail_why(p6, "%zu asked, none answered; the first: %s.",
				    json_array_size(pongs),
				    daemon_text(pong, "reason"));
		else
			p6_fail_why(p6, "There is no seed to ask: none is built in, and none configured.");
		p6_fail_do(p6, "peer6 pnrp cloud show initialization");
		json_decref(reply);
		return p6_code_exit(p6->failure.code);
	}
	if (p6->json)
		return daemon_print(p6, "peer6.pnrp-ping/1", reply);
	json_array_foreach(pongs, i, pong) {
		took = json_object_get(pong, "took");
		if (took)
			printf("%s: %s answered after %.1f ms\n",
			       daemon_text(pong, "host"),
			       pnrp_endpoint(json_object_get(pong, "endpoint"),
					     buf),
			       json_number_value(took) * 1000);
		else
			printf("%s: no answer  %s\n", daemon_text(pong, "host"),
			       daemon_text(pong, "reason"));
	}
	json_decref(reply);
	return 0;
}

int pnrp_ping_host(struct p6 *p6, int argc, char **argv)
{
	static const struct p6_tag tags[] = {
		{ "host", P6_TAG_NEEDED, "an address or a host name" },
		{ "cloud", P6_TAG_ORDERED, "a cloud" },
	};
	const char *values[2];
	int err;

	err = p6_args(p6, argc, argv, tags, 2, values);
	return err ? err : ping(p6, values[0], values[1]);
}

int pnrp_ping_seed(struct p6 *p6, int argc, char **argv)
{
	static const struct p6_tag tags[] = {
		{ "cloud", P6_TAG_ORDERED, "a cloud" },
	};
	const char *cloud;
	int err;

	err = p6_args(p6, argc, argv, tags, 1, &cloud);
	return err ? err : ping(p6, NULL, cloud);
}
