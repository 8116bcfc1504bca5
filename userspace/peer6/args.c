// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <string.h>

#include "args.h"

/*
 * The length of what looks like a tag, 0 if it is a value. With digits in it, it
 * has to be one: peer names have them, too.
 */
static size_t tag_length(const char *arg, struct words words)
{
	bool digits = false;
	size_t i;

	for (i = 0; isalnum((unsigned char)arg[i]); i++)
		digits |= !isalpha((unsigned char)arg[i]);
	if (arg[i] != '=' || (digits && word_find(words, arg, i) < 0))
		return 0;
	return i;
}

static int too_many(struct p6 *p6, const char *arg, struct words words)
{
	char list[200];

	p6_fail(p6, P6_UNKNOWN_WORD, "\"%s\" is one word too many", arg);
	word_list(words, "", 0, list, sizeof(list));
	if (words.n)
		p6_fail_why(p6, "The command takes %s.", list);
	else
		p6_fail_why(p6, "The command takes no more words.");
	return p6_fail_do(p6, "peer6 %s --help", p6->command);
}

static int next_ordered(const struct p6_tag *tags, size_t n,
			const char **values)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (tags[i].kind != P6_TAG_NAMED && !values[i])
			return i;
	return -1;
}

static int missing(struct p6 *p6, const struct p6_tag *tag)
{
	p6_fail(p6, P6_MISSING, "%s: %s is missing", p6->command, tag->want);
	p6_fail_why(p6, "It is given as %s=VALUE, or alone.", tag->tag);
	return p6_fail_do(p6, "peer6 %s --help", p6->command);
}

int p6_args(struct p6 *p6, int argc, char **argv, const struct p6_tag *tags,
	    size_t n, const char **values)
{
	struct words words = { tags, n, sizeof(*tags) };
	size_t len, i;
	int at;

	if (n)
		memset(values, 0, n * sizeof(*values));
	for (; argc; argc--, argv++) {
		len = tag_length(*argv, words);
		if (len) {
			at = p6_word(p6, "tag", words, *argv, len);
			if (at < 0)
				return p6_fail_do(p6, "peer6 %s --help",
						  p6->command);
		} else {
			at = next_ordered(tags, n, values);
			if (at < 0)
				return too_many(p6, *argv, words);
		}
		if (values[at]) {
			p6_fail(p6, P6_DUPLICATE, "%s is given twice",
				tags[at].tag);
			p6_fail_why(p6, "First as \"%s\", then as \"%s\".",
				    values[at], *argv + len + 1);
			return p6_fail_do(p6, "peer6 %s --help", p6->command);
		}
		values[at] = len ? *argv + len + 1 : *argv;
	}
	for (i = 0; i < n; i++)
		if (tags[i].kind == P6_TAG_NEEDED && !values[i])
			return missing(p6, &tags[i]);
	return 0;
}
