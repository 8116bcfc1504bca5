/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PEER6_WORDS_H
#define PEER6_WORDS_H

#include <stddef.h>

/*
 * A table of words: any array of structures that begin with the word. NULL
 * words are left out.
 */
struct words {
	const void *first;
	size_t n;
	size_t stride;
};

#define WORDS(array) ((struct words){					\
	.first = (array),						\
	.n = sizeof(array) / sizeof((array)[0]),			\
	.stride = sizeof((array)[0]),					\
})

enum {
	WORD_NONE = -1,
	WORD_AMBIGUOUS = -2,
};

const char *word_at(struct words words, size_t i);

/*
 * The index of the word that the first @len bytes of @given are, or abbreviate
 * without doubt, whatever their case.
 */
int word_find(struct words words, const char *given, size_t len);

/* The word that was probably meant, or NULL when none is near. */
const char *word_nearest(struct words words, const char *given, size_t len);

/* "a, b or c", of all words or, with @given, of those that begin so. */
void word_list(struct words words, const char *given, size_t len, char *buf,
	       size_t size);

#endif
