// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Host names under pnrp.net. Windows' PeerNameToPeerHostName() has published
 * samples but no published rule; this reproduces all of the samples
 * (Documentation/identity.md has the rules and where they are our own):
 *
 *	0.alice			alice.pnrp.net
 *	AUTHORITY.alice		palice-p.pAUTHORITY.pnrp.net
 *	AUTHORITY.		p.pAUTHORITY.pnrp.net
 *	anything else		Punycode below, in place of "palice-p"
 */
#include <string.h>

#include <peer6/name.h>

#define DOMAIN		".pnrp.net"
#define DOMAIN_LEN	(sizeof(DOMAIN) - 1)
#define LABEL_MAX	63	/* RFC 1035 section 2.3.4 */

static bool is_basic(uint32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

static bool is_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

/*
 * Punycode (RFC 3492) with two changes: only the characters of a lower-case
 * host name are basic, and all others count up from U+0001 - capitals are
 * "extended" here, so that a host name, which has no case, still carries them.
 * Basic characters count as placed from the start.
 */
enum {
	BASE		= 36,
	TMIN		= 1,
	TMAX		= 26,
	SKEW		= 38,
	DAMP		= 700,
	INITIAL_BIAS	= 72,
	INITIAL_N	= 1,
};

static uint32_t adapt(uint32_t delta, uint32_t n, bool first)
{
	uint32_t k = 0;

	delta = first ? delta / DAMP : delta / 2;
	delta += delta / n;
	for (; delta > (BASE - TMIN) * TMAX / 2; k += BASE)
		delta /= BASE - TMIN;
	return k + (BASE - TMIN + 1) * delta / (delta + SKEW);
}

static uint32_t threshold(uint32_t k, uint32_t bias)
{
	if (k <= bias + TMIN)
		return TMIN;
	return k >= bias + TMAX ? TMAX : k - bias;
}

static char digit_put(uint32_t d)
{
	return (char)(d < 26 ? 'a' + d : '0' + d - 26);
}

static int digit_get(char c)
{
	if (is_letter(c))
		return c - 'a';
	return c >= '0' && c <= '9' ? c - '0' + 26 : -1;
}

/* Returns the length, or -1 when it is over LABEL_MAX. */
static int puny_encode(const uint32_t *cp, size_t n_cp, char label[LABEL_MAX])
{
	uint32_t n = INITIAL_N, delta = 0, bias = INITIAL_BIAS;
	size_t i, done, basic, len = 0;

	for (i = 0; i < n_cp; i++) {
		if (!is_basic(cp[i]))
			continue;
		if (len == LABEL_MAX)
			return -1;
		label[len++] = (char)cp[i];
	}
	done = basic = len;
	if (basic) {
		if (len == LABEL_MAX)
			return -1;
		label[len++] = '-';
	}
	while (done < n_cp) {
		uint32_t next = UINT32_MAX;

		for (i = 0; i < n_cp; i++)
			if (!is_basic(cp[i]) && cp[i] >= n && cp[i] < next)
				next = cp[i];
		/* Below 2^21 times 150: no overflow. */
		delta += (next - n) * ((uint32_t)done + 1);
		n = next;
		for (i = 0; i < n_cp; i++) {
			uint32_t q = delta, k;

			if (is_basic(cp[i]) || cp[i] < n)
				delta++;
			if (cp[i] != n)
				continue;
			for (k = BASE;; k += BASE) {
				uint32_t t = threshold(k, bias);

				if (len == LABEL_MAX)
					return -1;
				if (q < t)
					break;
				label[len++] = digit_put(t + (q - t) %
							 (BASE - t));
				q = (q - t) / (BASE - t);
			}
			label[len++] = digit_put(q);
			bias = adapt(delta, (uint32_t)done + 1,
				     done == basic);
			delta = 0;
			done++;
		}
		delta++;
		n++;
	}
	return (int)len;
}

/* Returns the number of code points (at most LABEL_MAX), -1 if it is none. */
static int puny_decode(const char *label, size_t len, uint32_t cp[LABEL_MAX])
{
	uint32_t n = INITIAL_N, i = 0, bias = INITIAL_BIAS;
	size_t at = 0, out = 0, j;

	for (j = len; j > 0; j--)
		if (label[j - 1] == '-')
			break;
	if (j) {
		for (; out < j - 1; out++)
			cp[out] = (unsigned char)label[out];
		at = j;
	}
	while (at < len) {
		uint32_t before = i, w = 1, k;

		for (k = BASE;; k += BASE) {
			int d = at < len ? digit_get(label[at++]) : -1;
			uint32_t t = threshold(k, bias);

			if (d < 0 || (uint32_t)d > (UINT32_MAX - i) / w)
				return -1;
			i += (uint32_t)d * w;
			if ((uint32_t)d < t)
				break;
			if (w > UINT32_MAX / (BASE - t))
				return -1;
			w *= BASE - t;
		}
		bias = adapt(i - before, (uint32_t)out + 1, before == 0);
		if (i / (out + 1) > 0x10ffff - n)
			return -1;
		n += (uint32_t)(i / (out + 1));
		i %= (uint32_t)out + 1;
		memmove(cp + i + 1, cp + i, (out - i) * sizeof(*cp));
		cp[i++] = n;
		out++;
	}
	return (int)out;
}

/* The label that stands for a classifier; its length, or -1. */
static int label_encode(const struct peer6_name *name, char label[LABEL_MAX])
{
	uint32_t cp[PEER6_CLASSIFIER_MAX];
	size_t i, n = 0;
	bool plain = true;
	int len;

	for (i = 0; i < name->n_classifier; i++) {
		uint32_t c = name->classifier[i];

		if ((c & 0xfc00) == 0xd800) {
			c = 0x10000 + ((c & 0x3ff) << 10 |
				       (name->classifier[++i] & 0x3ffU));
		}
		cp[n++] = c;
		plain = plain && is_basic(c);
	}
	if (!plain) {
		len = puny_encode(cp, n, label);
		return len > 0 && is_letter(label[0]) ? len : -1;
	}
	if (n && n + 3 > LABEL_MAX)
		return -1;
	label[0] = 'p';
	for (i = 0; i < n; i++)
		label[i + 1] = (char)cp[i];
	if (!n)
		return 1;
	memcpy(label + 1 + n, "-p", 2);
	return (int)n + 3;
}

/* An unsecured name that is its own label. */
static bool is_short(const struct peer6_name *name)
{
	size_t i, n = name->n_classifier;

	if (name->secure || !n || n > LABEL_MAX)
		return false;
	for (i = 0; i < n; i++)
		if (!is_basic(name->classifier[i]))
			return false;
	/*
	 * RFC 1123 section 2.1 wants no hyphen at the ends, RFC 5890 section
	 * 2.3.1 none in both of the third and fourth place (xn--).
	 */
	if (name->classifier[0] == '-' || name->classifier[n - 1] == '-')
		return false;
	return n < 4 || name->classifier[2] != '-' ||
	       name->classifier[3] != '-';
}

static ptrdiff_t to_host(const struct peer6_name *name, char *buf,
			 size_t size, bool may_short)
{
	char text[PEER6_NAME_SIZE], host[PEER6_HOST_NAME_SIZE];
	ptrdiff_t error = peer6_name_format(name, text, sizeof(text));
	size_t len, authority;
	int n;

	if (error < 0)
		return error;
	if (may_short && is_short(name)) {
		len = name->n_classifier;
		memcpy(host, text + 2, len);
	} else {
		n = label_encode(name, host);
		if (n < 0)
			return PEER6_E_NOT_CONVERTIBLE;
		len = (size_t)n;
		memcpy(host + len, ".p", 2);
		authority = strcspn(text, ".");
		memcpy(host + len + 2, text, authority);
		len += 2 + authority;
	}
	memcpy(host + len, DOMAIN, DOMAIN_LEN + 1);
	len += DOMAIN_LEN;
	if (size <= len)
		return PEER6_E_SPACE;
	memcpy(buf, host, len + 1);
	return (ptrdiff_t)len;
}

ptrdiff_t peer6_name_to_host(const struct peer6_name *name, char *buf,
			     size_t size)
{
	return to_host(name, buf, size, true);
}

ptrdiff_t peer6_name_to_long_host(const struct peer6_name *name, char *buf,
				  size_t size)
{
	return to_host(name, buf, size, false);
}

/* Lower case, without the final dot and the domain; its length, or -1. */
static int host_fold(const char *host, char out[PEER6_HOST_NAME_SIZE])
{
	size_t i, len = strlen(host);

	if (len && host[len - 1] == '.')
		len--;
	if (len >= PEER6_HOST_NAME_SIZE || len <= DOMAIN_LEN)
		return -1;
	for (i = 0; i < len; i++)
		out[i] = host[i] >= 'A' && host[i] <= 'Z' ?
			 (char)(host[i] - 'A' + 'a') : host[i];
	len -= DOMAIN_LEN;
	if (memcmp(out + len, DOMAIN, DOMAIN_LEN))
		return -1;
	out[len] = '\0';
	return (int)len;
}

bool peer6_host_is_pnrp(const char *host)
{
	size_t i, len = strlen(host);

	if (len && host[len - 1] == '.')
		len--;
	if (len <= DOMAIN_LEN)
		return false;
	host += len - DOMAIN_LEN;
	for (i = 0; i < DOMAIN_LEN; i++) {
		char c = host[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (c != DOMAIN[i])
			return false;
	}
	return true;
}

static int classifier_put(struct peer6_name *name, const uint32_t *cp, int n)
{
	int i;

	/* A label has 63 characters: 63 pairs fit, too. */
	for (i = 0; i < n; i++) {
		uint32_t c = cp[i];

		if (c >= 0xd800 && c < 0xe000)
			return -1;
		if (c > 0xffff) {
			c -= 0x10000;
			name->classifier[name->n_classifier++] =
				(uint16_t)(0xd800 | c >> 10);
			c = 0xdc00 | (c & 0x3ff);
		}
		name->classifier[name->n_classifier++] = (uint16_t)c;
	}
	return 0;
}

/* The opposite of label_encode(). */
static int label_decode(struct peer6_name *name, const char *label, size_t len)
{
	uint32_t cp[LABEL_MAX];
	char again[LABEL_MAX];
	size_t i;
	int n = 0;

	if (len > 3 && label[0] == 'p' && !memcmp(label + len - 2, "-p", 2)) {
		/* No Punycode: a first digit "p" is never the last one. */
		for (i = 1; i < len - 2; i++)
			cp[n++] = (unsigned char)label[i];
	} else if (len != 1 || label[0] != 'p') {
		n = puny_decode(label, len, cp);
	}
	if (n < 0 || classifier_put(name, cp, n))
		return -1;
	/* One name has one host name: two would be two doors to one house. */
	n = label_encode(name, again);
	return n == (int)len && !memcmp(again, label, len) ? 0 : -1;
}

int peer6_name_from_host(struct peer6_name *name, const char *host)
{
	struct peer6_name made = { 0 }, authority;
	char buf[PEER6_HOST_NAME_SIZE], text[PEER6_HOST_NAME_SIZE + 1];
	const char *dot;
	size_t i;
	int len = host_fold(host, buf);

	if (len < 0)
		return PEER6_E_HOST_NAME;
	dot = strchr(buf, '.');
	if (!dot) {
		if (len > LABEL_MAX)
			return PEER6_E_HOST_NAME;
		for (i = 0; i < (size_t)len; i++)
			made.classifier[i] = (unsigned char)buf[i];
		made.n_classifier = (uint8_t)len;
		if (!is_short(&made))
			return PEER6_E_HOST_NAME;
		*name = made;
		return 0;
	}
	if (dot[1] != 'p' || dot == buf || dot - buf > LABEL_MAX ||
	    strchr(dot + 1, '.'))
		return PEER6_E_HOST_NAME;
	len = (int)strlen(dot + 2);
	memcpy(text, dot + 2, (size_t)len);
	memcpy(text + len, ".", 2);
	if (peer6_name_parse(&authority, text))
		return PEER6_E_HOST_NAME;
	made.secure = authority.secure;
	memcpy(made.authority, authority.authority, sizeof(made.authority));
	if (label_decode(&made, buf, (size_t)(dot - buf)))
		return PEER6_E_HOST_NAME;
	*name = made;
	return 0;
}
