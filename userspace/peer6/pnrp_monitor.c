// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "pnrp.h"

static void put_event(struct p6 *p6, const json_t *event)
{
	const char *level = daemon_text(event, "level");
	char at[P6_TIME_MAX];
	json_t *line;

	if (!p6->json) {
		printf("%s  %-14s %s%s%s\n", p6_time_local(at),
		       daemon_text(event, "kind"),
		       !strcmp(level, "error") ? p6_color(p6, P6_RED) :
		       !strcmp(level, "warning") ? p6_color(p6, P6_YELLOW) : "",
		       daemon_text(event, "message"), p6_color_end(p6));
		return;
	}
	line = json_pack("{s:s,s:s,s:s}", "schema", "peer6.event/1",
			 "source", "pnrp", "event",
			 daemon_text(event, "kind"));
	if (line) {
		json_object_update(line, (json_t *)event);
		json_object_del(line, "kind");
		json_dumpf(line, stdout, JSON_COMPACT);
	}
	putchar('\n');
	json_decref(line);
}

int pnrp_monitor(struct p6 *p6, int argc, char **argv)
{
	static const struct p6_tag tag[] = {
		{ "cloud", P6_TAG_ORDERED, "a cloud" },
	};
	int64_t end = VARLINK_NEVER;
	unsigned long shown = 0;
	const char *cloud;
	const json_t *event;
	struct daemon d;
	json_t *reply;
	bool last = false;
	int err;

	err = p6_args(p6, argc, argv, tag, 1, &cloud);
	if (!err && cloud)
		err = daemon_check_text(p6, "cloud", cloud);
	if (!err)
		err = daemon_open(p6, &d);
	if (err)
		return err;
	if (p6->timeout)
		end = varlink_deadline(p6->timeout_time * 1000);
	err = daemon_start(&d, "io.peer6.Service.Monitor", pnrp_clouds(cloud));
	while (!err && !last && (!p6->count || shown < p6->count)) {
		err = daemon_next(&d, end, &reply, &last);
		if (err || !reply)
			break;
		event = json_object_get(reply, "event");
		if (event) {
			put_event(p6, event);
			fflush(stdout);
			shown++;
		}
		json_decref(reply);
	}
	daemon_close(&d);
	if (!err && p6->count && shown < p6->count) {
		p6_fail(p6, P6_TIMEOUT, "%lu of %lu events came", shown,
			p6->count);
		p6_fail_why(p6, "The time that --timeout gave is over.");
		return p6_fail_do(p6, "peer6 pnrp cloud show list");
	}
	return err;
}
