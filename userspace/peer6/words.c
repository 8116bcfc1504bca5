// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "words.h"

#define WORD_MAX	32

const char *word_at(struct words words, size_t i)
{
	const char *at = (const char *)words.first + i * words.stride;

	return *(const char *const *)at;
}

static int begins(const char *word, const char *given, size_t len)
{
	return word && !strncasecmp(word, given, len);
}

int word_find(struct words words, const char *given, size_t len)
{
	int found = WORD_NONE;
	size_t i;

	if (!len)
		return WORD_NONE;
	for (i = 0; i < words.n; i++) {
		const char *word = word_at(words, i);

		if (!begins(word, given, len))
			continue;
		if (!word[len])
			return i;
		found = found == WORD_NONE ? (int)i : WORD_AMBIGUOUS;
	}
	return found;
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Letters added, left out, replaced or swapped with their neighbour. */
static size_t distance(const char *word, const char *given, size_t len)
{
	size_t d[WORD_MAX + 1][WORD_MAX + 1];
	size_t n = strlen(word), i, j;

	if (n > WORD_MAX || len > WORD_MAX)
		return WORD_MAX;
	for (i = 0; i <= n; i++)
		d[i][0] = i;
	for (j = 0; j <= len; j++)
		d[0][j] = j;
	for (i = 1; i <= n; i++) {
		for (j = 1; j <= len; j++) {
			int a = tolower((unsigned char)word[i - 1]);
			int b = tolower((unsigned char)given[j - 1]);

			d[i][j] = min3(d[i - 1][j] + 1, d[i][j - 1] + 1,
				       d[i - 1][j - 1] + (a != b));
			if (i > 1 && j > 1 && d[i][j] > d[i - 2][j - 2] + 1 &&
			    a == tolower((unsigned char)given[j - 2]) &&
			    b == tolower((unsigned char)word[i - 2]))
				d[i][j] = d[i - 2][j - 2] + 1;
		}
	}
	return d[n][len];
}

const char *word_nearest(struct words words, const char *given, size_t len)
{
	const char *nearest = NULL;
	size_t best = len / 3 + 1, i;

	for (i = 0; i < words.n; i++) {
		const char *word = word_at(words, i);
		size_t d;

		if (!word)
			continue;
		d = distance(word, given, len);
		/* Sharing no letter at all is not being near. */
		if (d <= best && d < len && d < strlen(word)) {
			if (d == best && nearest)
				continue;
			best = d;
			nearest = word;
		}
	}
	return nearest;
}

void word_list(struct words words, const char *given, size_t len, char *buf,
	       size_t size)
{
	size_t n = 0, k = 0, at = 0, i;

	for (i = 0; i < words.n; i++)
		n += begins(word_at(words, i), given, len);
	buf[0] = '\0';
	for (i = 0; i < words.n && at < size; i++) {
		if (!begins(word_at(words, i), given, len))
			continue;
		k++;
		at += snprintf(buf + at, size - at, "%s%s",
			       k == 1 ? "" : k == n ? " or " : ", ",
			       word_at(words, i));
	}
}
