// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "teredo.h"
#include "teredo_args.h"
#include "teredo_dev.h"

struct target {
	char name[IFNAMSIZ];
	uint32_t peers;
};

struct targets {
	size_t n;
	struct target at[64];
};

static int note_dev(const struct teredo_dev *dev, void *arg)
{
	struct targets *targets = arg;
	struct target *t = &targets->at[targets->n];

	if (targets->n == P6_ARRAY_SIZE(targets->at))
		return 0;
	targets->n++;
	strcpy(t->name, dev->name);
	t->peers = dev->peers;
	return 0;
}

static int flush_dev(struct p6 *p6, const struct teredo_genl *genl,
		     const char *dev, const struct in6_addr *peer,
		     struct nl_answer *answer)
{
	struct nl_msg *msg;

	msg = teredo_genl_request(genl, TEREDO_CMD_PEER_FLUSH, 0, dev);
	if (!msg || (peer && nla_put(msg, TEREDO_A_PEER_ADDRESS, sizeof(*peer),
				     peer))) {
		nlmsg_free(msg);
		return p6_fail_memory(p6);
	}
	return p6_nl_talk(p6, genl->sk, msg, NULL, NULL, answer);
}

static int flush_all(struct p6 *p6, const struct teredo_genl *genl,
		     const struct targets *targets, const char *word,
		     const struct in6_addr *peer)
{
	json_t *list = json_array();
	struct nl_answer answer;
	size_t i, hits = 0;
	int err;

	for (i = 0; i < targets->n; i++) {
		const struct target *t = &targets->at[i];

		err = flush_dev(p6, genl, t->name, peer, &answer);
		if (err) {
			json_decref(list);
			return err;
		}
		if (peer && (answer.err == ENOENT || answer.err == ESRCH))
			continue;
		if (answer.err) {
			json_decref(list);
			p6_nl_fail(p6, &answer, "cannot flush %s", t->name);
			return teredo_fail_do(p6, &answer);
		}
		hits++;
		if (p6->json)
			json_array_append_new(list, json_pack("{s:s,s:i}",
				"dev", t->name, "peers",
				peer ? 1 : (int)t->peers));
		else if (peer)
			printf("%s: %s is forgotten\n", t->name, word);
		else
			printf("%s: %u %s forgotten\n", t->name, t->peers,
			       t->peers == 1 ? "peer is" : "peers are");
	}
	if (peer && !hits) {
		json_decref(list);
		p6_fail(p6, P6_NO_PEER, "no peer %s", word);
		p6_fail_why(p6, "It is in no peer table; %zu %s asked.",
			    targets->n,
			    targets->n == 1 ? "device was" : "devices were");
		return p6_fail_do(p6, "peer6 teredo show peers");
	}
	if (!p6->json) {
		json_decref(list);
		return 0;
	}
	return p6_print_json(p6, json_pack("{s:s,s:o}", "schema",
					   "peer6.teredo-flush/1",
					   "flushed", list));
}

int teredo_flush(struct p6 *p6, int argc, char **argv)
{
	struct targets targets = { 0 };
	struct teredo_genl genl;
	const char *word = NULL;
	struct in6_addr peer;
	char dev[IFNAMSIZ];
	int err;

	err = teredo_dev_args(p6, argc, argv, dev, &word);
	if (err)
		return err;
	if (word && inet_pton(AF_INET6, word, &peer) != 1) {
		p6_fail(p6, P6_BAD_VALUE, "cannot flush peer \"%s\"", word);
		p6_fail_why(p6, "A peer is named by its IPv6 address; a device as dev=NAME.");
		return p6_fail_do(p6, "peer6 teredo show peers");
	}
	err = teredo_genl_open(p6, &genl);
	if (err)
		return err;
	err = teredo_devs(p6, &genl, dev, note_dev, &targets);
	if (!err)
		err = flush_all(p6, &genl, &targets, word,
				word ? &peer : NULL);
	teredo_genl_close(&genl);
	return err;
}
