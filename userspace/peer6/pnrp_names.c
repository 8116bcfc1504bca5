// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "pnrp.h"

/*
 * What the daemon would say of a name, but for the ID: names are converted by
 * rule, and whoever has no daemon may want to know, too.
 */
static json_t *convert(const char *text)
{
	char buf[PEER6_NAME_SIZE], host[PEER6_HOST_NAME_SIZE];
	struct peer6_name name;
	json_t *object;

	if (peer6_host_is_pnrp(text) ? peer6_name_from_host(&name, text) :
	    peer6_name_parse(&name, text))
		return NULL;
	peer6_name_format(&name, buf, sizeof(buf));
	object = json_pack("{s:s,s:b,s:s#,s:s}", "name", buf, "secure",
			   name.secure, "authority", buf,
			   (int)strcspn(buf, "."), "classifier",
			   strchr(buf, '.') + 1);
	if (peer6_name_to_host(&name, host, sizeof(host)) >= 0)
		pnrp_put(object, "host_name", host);
	return object;
}

int pnrp_peer_show_convertedname(struct p6 *p6, int argc, char **argv)
{
	static const struct p6_tag tags[] = {
		{ "name", P6_TAG_NEEDED, "a name" },
	};
	const char *host, *text;
	json_t *reply;
	int err;

	err = p6_args(p6, argc, argv, tags, 1, &text);
	if (!err)
		err = pnrp_check_name(p6, text, NULL);
	if (err)
		return err;
	err = daemon_call(p6, "io.peer6.Pnrp.ConvertName",
			  json_pack("{s:s}", "name", text), &reply);
	if (err && p6->failure.code == P6_NO_DAEMON) {
		memset(&p6->failure, 0, sizeof(p6->failure));
		reply = convert(text);
		err = reply ? 0 : p6_fail_memory(p6);
	}
	if (err)
		return err;
	host = daemon_text(reply, "host_name");
	if (!*host)
		host = daemon_text(reply, "long_host_name");
	if (!*host) {
		p6_fail(p6, P6_BAD_VALUE, "no host name can stand for \"%s\"",
			text);
		p6_fail_reason(p6, peer6_reason(PEER6_E_NOT_CONVERTIBLE));
		p6_fail_why(p6, "Its label would have over 63 characters or begin with a digit.");
		p6_fail_do(p6, "peer6 resolve %s", text);
		json_decref(reply);
		return p6_code_exit(p6->failure.code);
	}
	if (p6->json)
		return daemon_print(p6, "peer6.pnrp-name/1", reply);
	printf("Peer name: %s  %s\n", daemon_text(reply, "name"),
	       pnrp_unsecured(daemon_true(reply, "secure")));
	printf("Host name: %s\n", host);
	text = daemon_text(reply, "long_host_name");
	if (*text && strcmp(text, host))
		printf("Long form: %s\n", text);
	if (p6->verbose && *daemon_text(reply, "p2p_id"))
		printf("P2P ID   : %s\n", daemon_text(reply, "p2p_id"));
	json_decref(reply);
	return 0;
}

static int put_machine(struct p6 *p6, json_t *reply)
{
	if (p6->json)
		return daemon_print(p6, "peer6.pnrp-machinename/1", reply);
	printf("%s  %s\n", daemon_text(reply, "name"),
	       pnrp_unsecured(*daemon_text(reply, "name") != '0'));
	pnrp_row("Published", "%s", daemon_true(reply, "published") ?
		 "Yes" : "No");
	pnrp_row("Published at each start", "%s",
		 daemon_true(reply, "auto_publish") ? "Yes" : "No");
	json_decref(reply);
	return 0;
}

int pnrp_peer_show_machinename(struct p6 *p6, int argc, char **argv)
{
	json_t *reply;
	int err;

	err = p6_args(p6, argc, argv, NULL, 0, NULL);
	if (!err)
		err = daemon_call(p6, "io.peer6.Pnrp.GetMachineName",
				  json_object(), &reply);
	return err ? err : put_machine(p6, reply);
}

int pnrp_peer_set_machinename(struct p6 *p6, int argc, char **argv)
{
	static const struct p6_tag tags[] = {
		{ "name", P6_TAG_ORDERED, "a name" },
		{ "publish", P6_TAG_ORDERED, "start or stop" },
		{ "autopublish", P6_TAG_ORDERED, "enable or disable" },
	};
	static const struct { const char *word; } publish[] = {
		{ "start" }, { "stop" },
	}, automatic[] = {
		{ "enable" }, { "disable" },
	};
	const char *values[P6_ARRAY_SIZE(tags)];
	json_t *call, *reply;
	int err, start = -1, enable = -1;

	err = p6_args(p6, argc, argv, tags, P6_ARRAY_SIZE(tags), values);
	if (err)
		return err;
	if (!argc) {
		p6_fail(p6, P6_MISSING, "nothing to set");
		p6_fail_why(p6, "One of name, publish and autopublish is needed.");
		return p6_fail_do(p6, "peer6 pnrp peer set machinename publish=start");
	}
	/* "" is none, as after name= in a script. */
	if (values[0] && *values[0])
		err = pnrp_check_name(p6, values[0], NULL);
	if (err)
		return err;
	if (values[1]) {
		start = p6_word(p6, "value", WORDS(publish), values[1],
				strlen(values[1]));
		if (start < 0)
			return p6_fail_do(p6, "peer6 pnrp peer set machinename publish=start");
	}
	if (values[2]) {
		enable = p6_word(p6, "value", WORDS(automatic), values[2],
				 strlen(values[2]));
		if (enable < 0)
			return p6_fail_do(p6, "peer6 pnrp peer set machinename autopublish=enable");
	}
	call = json_object();
	if (values[0] && *values[0])
		pnrp_put(call, "name", values[0]);
	if (start >= 0)
		pnrp_put_new(call, "publish", json_boolean(!start));
	if (enable >= 0)
		pnrp_put_new(call, "auto_publish", json_boolean(!enable));
	err = daemon_call(p6, "io.peer6.Pnrp.SetMachineName", call, &reply);
	return err ? err : put_machine(p6, reply);
}
