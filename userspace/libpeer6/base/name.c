// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include <peer6/name.h>
#include <peer6/pnrp_engine.h>

/* 0, or why the units are no classifier. */
static int classifier_check(const struct peer6_name *name)
{
	size_t i;

	if (name->n_classifier > PEER6_CLASSIFIER_MAX)
		return PEER6_E_CLASSIFIER;
	for (i = 0; i < name->n_classifier; i++)
		if (!name->classifier[i])
			return PEER6_E_CLASSIFIER;
	if (peer6_utf16_to_utf8(name->classifier, name->n_classifier, NULL,
				0) < 0)
		return PEER6_E_CLASSIFIER;
	return 0;
}

static int classifier_set(struct peer6_name *name, const char *text)
{
	ptrdiff_t n = peer6_utf8_to_utf16(text, strlen(text), name->classifier,
					  PEER6_CLASSIFIER_MAX);

	if (n < 0)
		return PEER6_E_CLASSIFIER;
	name->n_classifier = (uint8_t)n;
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

static bool authority_set(struct peer6_name *name, const char *text,
			  size_t len)
{
	size_t i;

	if (len == 1 && *text == '0')
		return true;
	if (len != 2 * PEER6_AUTHORITY_LEN)
		return false;
	for (i = 0; i < PEER6_AUTHORITY_LEN; i++) {
		int hi = hex_digit(text[2 * i]);
		int lo = hex_digit(text[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		name->authority[i] = (uint8_t)(hi << 4 | lo);
	}
	name->secure = true;
	return true;
}

int peer6_name_parse(struct peer6_name *name, const char *text)
{
	struct peer6_name made = { 0 };
	const char *dot = strchr(text, '.');
	int error;

	if (!dot) {
		if (!authority_set(&made, text, strlen(text)) || !made.secure)
			return PEER6_E_NAME;
	} else {
		if (dot == text)
			return PEER6_E_NAME;
		if (!authority_set(&made, text, (size_t)(dot - text)))
			return PEER6_E_AUTHORITY;
		error = classifier_set(&made, dot + 1);
		if (error)
			return error;
	}
	*name = made;
	return 0;
}

ptrdiff_t peer6_name_classifier(const struct peer6_name *name, char *buf,
				size_t size)
{
	ptrdiff_t n;
	int error = classifier_check(name);

	if (error)
		return error;
	if (!size)
		return PEER6_E_SPACE;
	n = peer6_utf16_to_utf8(name->classifier, name->n_classifier, buf,
				size - 1);
	if (n >= 0)
		buf[n] = '\0';
	return n;
}

ptrdiff_t peer6_name_format(const struct peer6_name *name, char *buf,
			    size_t size)
{
	static const char digits[] = "0123456789abcdef";
	size_t i, len = name->secure ? 2 * PEER6_AUTHORITY_LEN : 1;
	ptrdiff_t n;

	if (size < len + 2)
		return PEER6_E_SPACE;
	if (name->secure) {
		for (i = 0; i < PEER6_AUTHORITY_LEN; i++) {
			buf[2 * i] = digits[name->authority[i] >> 4];
			buf[2 * i + 1] = digits[name->authority[i] & 15];
		}
	} else {
		buf[0] = '0';
	}
	buf[len++] = '.';
	n = peer6_name_classifier(name, buf + len, size - len);
	return n < 0 ? n : (ptrdiff_t)len + n;
}

int peer6_name_make(struct peer6_name *name, const uint8_t *authority,
		    const char *classifier)
{
	struct peer6_name made = { 0 };
	int error;

	if (authority) {
		made.secure = true;
		memcpy(made.authority, authority, sizeof(made.authority));
	}
	error = classifier ? classifier_set(&made, classifier) : 0;
	if (!error)
		*name = made;
	return error;
}

int peer6_name_authority(const struct peer6_crypto *crypto,
			 const void *rsa_public_key, size_t len,
			 uint8_t authority[PEER6_AUTHORITY_LEN])
{
	return crypto->sha1(crypto->ctx, rsa_public_key, len, authority);
}

bool peer6_name_equal(const struct peer6_name *a, const struct peer6_name *b)
{
	if (a->secure != b->secure || a->n_classifier != b->n_classifier)
		return false;
	if (a->secure && memcmp(a->authority, b->authority,
				sizeof(a->authority)))
		return false;
	return !memcmp(a->classifier, b->classifier,
		       a->n_classifier * sizeof(a->classifier[0]));
}

int peer6_name_classifier_hash(const struct peer6_name *name,
			       const struct peer6_crypto *crypto,
			       uint8_t hash[20])
{
	uint8_t le[2 * PEER6_CLASSIFIER_MAX];
	size_t i;
	int error = classifier_check(name);

	if (error)
		return error;
	for (i = 0; i < name->n_classifier; i++) {
		le[2 * i] = (uint8_t)name->classifier[i];
		le[2 * i + 1] = (uint8_t)(name->classifier[i] >> 8);
	}
	return crypto->sha1(crypto->ctx, le, 2 * i, hash);
}

int peer6_name_p2p_id(const struct peer6_name *name,
		      const struct peer6_crypto *crypto, uint8_t id[16])
{
	uint8_t in[20 + PEER6_AUTHORITY_LEN + 20 + 4] = { 0 };
	uint8_t out[20];
	int error = peer6_name_classifier_hash(name, crypto, in);

	if (error)
		return error;
	if (name->secure)
		memcpy(in + 20, name->authority, PEER6_AUTHORITY_LEN);
	memcpy(in + 40, in, 20);
	memcpy(in + 60, "PNRP", 4);
	error = crypto->sha1(crypto->ctx, in, sizeof(in), out);
	if (!error)
		memcpy(id, out, 16);
	return error;
}
