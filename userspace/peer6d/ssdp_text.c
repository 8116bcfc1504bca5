// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <arpa/inet.h>

#include "ssdp_text.h"

#define URN	"urn:Microsoft Windows Peer Name Resolution Protocol: V4:IPV6:"

/* A piece of the input; never NUL-terminated. */
struct piece {
	const char	*p;
	size_t		n;
};

static struct piece trim(struct piece s)
{
	while (s.n && (s.p[0] == ' ' || s.p[0] == '\t')) {
		s.p++;
		s.n--;
	}
	while (s.n && strchr(" \t\r", s.p[s.n - 1]))
		s.n--;
	return s;
}

static bool equals(struct piece s, const char *word)
{
	return s.n == strlen(word) && !strncasecmp(s.p, word, s.n);
}

static bool begins(struct piece s, const char *word)
{
	return s.n >= strlen(word) && !strncasecmp(s.p, word, strlen(word));
}

/* The next line without its end; false: there is none. */
static bool next_line(struct piece *rest, struct piece *line)
{
	const char *end;

	if (!rest->n)
		return false;
	end = memchr(rest->p, '\n', rest->n);
	line->p = rest->p;
	line->n = end ? (size_t)(end - rest->p) : rest->n;
	rest->p += line->n + !!end;
	rest->n -= line->n + !!end;
	*line = trim(*line);
	return true;
}

static bool parse_scope(enum peer6_pnrp_scope *scope, struct piece s)
{
	if (!begins(s, URN))
		return false;
	s.p += strlen(URN);
	s.n -= strlen(URN);
	if (equals(s, "Global"))
		*scope = PEER6_PNRP_GLOBAL;
	else if (equals(s, "LinkLocal"))
		*scope = PEER6_PNRP_LINK_LOCAL;
	else
		return false;
	return true;
}

static unsigned int parse_number(struct piece s, unsigned int max)
{
	unsigned int value = 0;
	size_t i;

	for (i = 0; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++) {
		value = value * 10 + (s.p[i] - '0');
		if (value > max)
			return max;
	}
	return value;
}

/* "[v6]:port"; a zone names a link of the sender's and is dropped. */
static bool parse_endpoint(struct peer6_endpoint *ep, struct piece s)
{
	char addr[INET6_ADDRSTRLEN];
	const char *close;
	unsigned int port;
	size_t n;

	if (!s.n || s.p[0] != '[')
		return false;
	close = memchr(s.p, ']', s.n);
	if (!close || close + 1 == s.p + s.n || close[1] != ':')
		return false;
	n = close - s.p - 1;
	if (memchr(s.p, '%', n + 1))
		n = (const char *)memchr(s.p, '%', n + 1) - s.p - 1;
	if (n >= sizeof(addr))
		return false;
	memcpy(addr, s.p + 1, n);
	addr[n] = '\0';
	memset(ep, 0, sizeof(*ep));
	s.n -= close + 2 - s.p;
	s.p = close + 2;
	port = parse_number(s, 65536);
	if (strlen(addr) != n || inet_pton(AF_INET6, addr, ep->addr) != 1 ||
	    port <= 1024 || port > 65535 || ep->addr[0] == 0xff)
		return false;
	ep->port = port;
	return true;
}

bool ssdp_parse(struct ssdp_text *out, const char *data, size_t len)
{
	struct piece rest = { data, len }, line, name, value;
	bool scope = false, al = false, nts = false;
	const char *colon;

	memset(out, 0, sizeof(*out));
	if (!next_line(&rest, &line))
		return false;
	if (begins(line, "M-SEARCH "))
		out->kind = SSDP_SEARCH;
	else if (begins(line, "NOTIFY "))
		out->kind = SSDP_ALIVE;
	else if (begins(line, "HTTP/1.") && line.n >= 12 &&
		 !memcmp(line.p + 8, " 200", 4))
		out->kind = SSDP_ANSWER;
	else
		return false;
	while (next_line(&rest, &line) && line.n) {
		colon = memchr(line.p, ':', line.n);
		if (!colon)
			continue;
		name = trim((struct piece){ line.p, colon - line.p });
		value = trim((struct piece){ colon + 1,
					     line.n - (colon + 1 - line.p) });
		if (equals(name, out->kind == SSDP_ALIVE ||
			   out->kind == SSDP_BYEBYE ? "NT" : "ST")) {
			scope = parse_scope(&out->scope, value);
		} else if (equals(name, "AL")) {
			al = parse_endpoint(&out->al, value);
		} else if (equals(name, "MX")) {
			out->mx = parse_number(value, 120);
		} else if (equals(name, "NTS")) {
			nts = equals(value, "ssdp:alive") ||
			      equals(value, "ssdp:byebye");
			if (equals(value, "ssdp:byebye") &&
			    out->kind == SSDP_ALIVE)
				out->kind = SSDP_BYEBYE;
		}
	}
	if (out->kind == SSDP_SEARCH)
		return scope;
	return scope && al && (nts || out->kind == SSDP_ANSWER);
}

size_t ssdp_format(const struct ssdp_text *text, char *buf, size_t size)
{
	const char *scope = text->scope == PEER6_PNRP_GLOBAL ? "Global" :
							       "LinkLocal";
	char al[INET6_ADDRSTRLEN];
	int n = 0;

	inet_ntop(AF_INET6, text->al.addr, al, sizeof(al));
	switch (text->kind) {
	case SSDP_SEARCH:
		n = snprintf(buf, size,
			     "M-SEARCH * HTTP/1.1\r\n"
			     "Host:[FF02::C]:1900\r\n"
			     "ST:" URN "%s\r\n"
			     "Man:\"ssdp:discover\"\r\n"
			     "MX:%u\r\n"
			     "\r\n", scope, text->mx);
		break;
	case SSDP_ANSWER:
		n = snprintf(buf, size,
			     "HTTP/1.1 200 OK\r\n"
			     "ST:" URN "%s\r\n"
			     "USN:[%s]:%u\r\n"
			     "Location:[%s]:%u\r\n"
			     "AL:[%s]:%u\r\n"
			     "Cache-Control:max-age=14400\r\n"
			     "Server:peer6\r\n"
			     "Ext:\r\n"
			     "\r\n", scope, al, text->al.port, al,
			     text->al.port, al, text->al.port);
		break;
	case SSDP_ALIVE:
	case SSDP_BYEBYE:
		n = snprintf(buf, size,
			     "NOTIFY * HTTP/1.1\r\n"
			     "Host:[FF02::C]:1900\r\n"
			     "NT:" URN "%s\r\n"
			     "NTS:ssdp:%s\r\n"
			     "USN:[%s]:%u\r\n"
			     "AL:[%s]:%u\r\n"
			     "Cache-Control:max-age=14400\r\n"
			     "Server:peer6\r\n"
			     "\r\n", scope,
			     text->kind == SSDP_ALIVE ? "alive" : "byebye",
			     al, text->al.port, al, text->al.port);
		break;
	}
	return n > 0 && (size_t)n < size ? n : 0;
}
