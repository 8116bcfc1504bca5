// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "protocol.h"

static const struct {
	enum portmap_protocol protocol;
	const char *word, *name;
} names[] = {
	{ PORTMAP_NATPMP, "nat-pmp", "NAT-PMP" },
	{ PORTMAP_PCP, "pcp", "PCP" },
	{ PORTMAP_UPNP, "upnp", "UPnP" },
};

#define N_NAMES	(sizeof(names) / sizeof(names[0]))

const char *portmap_protocol_name(enum portmap_protocol protocol)
{
	size_t i;

	for (i = 0; i < N_NAMES; i++)
		if (names[i].protocol == protocol)
			return names[i].name;
	return "no protocol";
}

const char *portmap_protocol_word(enum portmap_protocol protocol)
{
	size_t i;

	for (i = 0; i < N_NAMES; i++)
		if (names[i].protocol == protocol)
			return names[i].word;
	return "auto";
}

enum portmap_protocol portmap_protocol_parse(const char *word)
{
	size_t i;

	for (i = 0; i < N_NAMES; i++)
		if (!strcmp(names[i].word, word))
			return names[i].protocol;
	return 0;
}

void portmap_nonce_format(const uint8_t nonce[PORTMAP_NONCE_LEN],
			  char text[PORTMAP_NONCE_TEXT])
{
	int i;

	for (i = 0; i < PORTMAP_NONCE_LEN; i++)
		snprintf(text + 2 * i, 3, "%02x", nonce[i]);
}

bool portmap_nonce_parse(const char *text, uint8_t nonce[PORTMAP_NONCE_LEN])
{
	int i;

	if (strlen(text) != 2 * PORTMAP_NONCE_LEN ||
	    strspn(text, "0123456789abcdef") != 2 * PORTMAP_NONCE_LEN)
		return false;
	for (i = 0; i < PORTMAP_NONCE_LEN; i++)
		sscanf(text + 2 * i, "%2hhx", &nonce[i]);
	return true;
}
