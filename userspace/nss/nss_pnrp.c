// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libnss_pnrp.so.2: host names under pnrp.net for getaddrinfo() and its elders,
 * asked of peer6d. The guest in somebody else's process: it keeps no state, so
 * threads and fork() do not matter to it; leaves errno, signals and the
 * environment as they were; links nothing but libc; starts nothing; and waits
 * for a daemon only while that shows that it lives.
 *
 * Any other name is UNAVAIL, not NOTFOUND, and so is an absent daemon, so that
 * "pnrp [!UNAVAIL=return] dns" keeps names under pnrp.net from DNS servers and
 * nothing else.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <nss.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <peer6/base.h>

#include "../libpeer6/client/varlink.h"
#include "nss_pnrp.h"

/*
 * What libjansson.a's json_loadf() takes for stdin (see nss.mk). Nothing here
 * reads a FILE.
 */
extern void *const __wrap_stdin;
void *const __wrap_stdin;

struct address {
	uint8_t addr[16];
	uint32_t scope_id;
};

struct answer {
	struct address address[NSS_PNRP_ADDRS_MAX];
	size_t n;
};

struct verdict {
	enum nss_status status;
	int err;
	int h_err;
};

static const struct verdict found = { NSS_STATUS_SUCCESS, 0, NETDB_SUCCESS };
static const struct verdict no_such_host = {
	NSS_STATUS_NOTFOUND, ESRCH, HOST_NOT_FOUND
};
static const struct verdict no_data = { NSS_STATUS_NOTFOUND, ESRCH, NO_DATA };
static const struct verdict not_ours = {
	NSS_STATUS_UNAVAIL, EINVAL, NO_RECOVERY
};
static const struct verdict no_daemon = {
	NSS_STATUS_UNAVAIL, ECONNREFUSED, NO_RECOVERY
};
static const struct verdict try_again = {
	NSS_STATUS_TRYAGAIN, EAGAIN, TRY_AGAIN
};
/* glibc comes again with a larger buffer. */
static const struct verdict more_room = {
	NSS_STATUS_TRYAGAIN, ERANGE, NETDB_INTERNAL
};

/* What is put aside while the module works: errno, and signals' handlers. */
struct guest {
	int err;
	sigset_t mask;
};

static void enter(struct guest *g)
{
	/* Those that programs live by (^C, kill, faults) stay open. */
	static const int blocked[] = {
		SIGALRM, SIGVTALRM, SIGPIPE, SIGCHLD, SIGTSTP, SIGIO, SIGHUP,
		SIGUSR1, SIGUSR2, SIGPROF, SIGURG, SIGWINCH,
	};
	sigset_t set;
	size_t i;

	g->err = errno;
	sigemptyset(&set);
	for (i = 0; i < sizeof(blocked) / sizeof(blocked[0]); i++)
		sigaddset(&set, blocked[i]);
	pthread_sigmask(SIG_BLOCK, &set, &g->mask);
}

static enum nss_status leave(const struct guest *g, const struct verdict *v,
			     int *errnop, int *h_errnop)
{
	pthread_sigmask(SIG_SETMASK, &g->mask, NULL);
	/* errnop mostly is &errno, so it is written last. */
	errno = g->err;
	if (v->status != NSS_STATUS_SUCCESS)
		*errnop = v->err;
	*h_errnop = v->h_err;
	return v->status;
}

/* "x.pnrp.net" and "x.pnrp.net.", whatever the case. */
static bool is_ours(const char *name)
{
	static const char tail[] = ".pnrp.net";
	size_t len = strlen(name), n = sizeof(tail) - 1;

	if (len && name[len - 1] == '.')
		len--;
	return len > n && len <= NSS_PNRP_NAME_MAX &&
	       !strncasecmp(name + len - n, tail, n) && name[0] != '.';
}

/* Whole seconds, since what a point is depends on the host's locale. */
static int timeout_seconds(void)
{
	const char *text = secure_getenv("PEER6_TIMEOUT");
	char *end;
	long n;

	if (!text || !*text)
		return NSS_PNRP_TIMEOUT;
	n = strtol(text, &end, 10);
	return !*end && n > 0 && n < NSS_PNRP_TIMEOUT ? n : NSS_PNRP_TIMEOUT;
}

/* A daemon that asks for its own names would wait for itself. */
static bool in_daemon(const struct varlink *v)
{
	const char *text = getenv("PEER6_NSS");

	return v->peer == getpid() || (text && !strcmp(text, "no"));
}

static bool is_link_local(const uint8_t *addr)
{
	return addr[0] == 0xfe && (addr[1] & 0xc0) == 0x80;
}

/* No packet can be sent to what is not filtered out here but by mistake. */
static bool is_usable(const uint8_t *addr)
{
	static const uint8_t any[16];

	return addr[0] != 0xff && memcmp(addr, any, sizeof(any));
}

static void note_address(struct answer *answer, const json_t *application)
{
	const char *text = json_string_value(json_object_get(application,
							     "address"));
	struct address a = { .scope_id = 0 };
	size_t i;

	if (!text || inet_pton(AF_INET6, text, a.addr) != 1 ||
	    !is_usable(a.addr) || answer->n == NSS_PNRP_ADDRS_MAX)
		return;
	/* A zone means something for link-local addresses only. */
	if (is_link_local(a.addr))
		a.scope_id = json_integer_value(json_object_get(application,
								"scope_id"));
	/* One per port of the service; a host is wanted here. */
	for (i = 0; i < answer->n; i++)
		if (!memcmp(&answer->address[i], &a, sizeof(a)))
			return;
	answer->address[answer->n++] = a;
}

static const struct verdict *read_answer(const json_t *reply,
					 struct answer *answer)
{
	const json_t *results, *result, *applications, *application;
	struct varlink_fault fault;
	size_t i, k;

	switch (varlink_fault(reply, &fault)) {
	case 0:
		break;
	case PEER6_E_NOT_FOUND:
	case PEER6_E_NAME:
	case PEER6_E_AUTHORITY:
	case PEER6_E_CLASSIFIER:
	case PEER6_E_HOST_NAME:
		return &no_such_host;
	case PEER6_E_TIMEOUT:
	case PEER6_E_NO_ADDRESS:
	case PEER6_E_BUSY:
	case PEER6_E_LIMIT:
		return &try_again;
	default:
		return &no_daemon;
	}
	results = json_object_get(json_object_get(reply, "parameters"),
				  "results");
	json_array_foreach(results, i, result) {
		applications = json_object_get(result, "applications");
		json_array_foreach(applications, k, application)
			note_address(answer, application);
	}
	/* Found, but it has a payload only. */
	return answer->n ? &found : &no_data;
}

static const struct verdict *converse(struct varlink *v, const char *name,
				      int64_t greeting, struct answer *answer)
{
	const struct verdict *verdict;
	int timeout = timeout_seconds();
	json_t *reply = NULL;
	int err;

	err = varlink_greet(v);
	if (!err)
		err = varlink_wait(v, &reply, greeting);
	if (!err)
		err = varlink_greeted(reply);
	json_decref(reply);
	reply = NULL;
	if (!err)
		err = varlink_put(v, "io.peer6.Pnrp.Resolve",
				  json_pack("{s:s,s:i}", "name", name,
					    "timeout", timeout), 0);
	if (!err)
		err = varlink_wait(v, &reply, varlink_deadline(timeout * 1000 +
						NSS_PNRP_GREETING_MS));
	verdict = err ? &no_daemon : read_answer(reply, answer);
	json_decref(reply);
	return verdict;
}

/* @name is_ours(), and so of a limited length. */
static const struct verdict *ask(const char *name, struct answer *answer)
{
	int64_t greeting = varlink_deadline(NSS_PNRP_GREETING_MS);
	const struct verdict *verdict = &no_daemon;
	char lower[NSS_PNRP_NAME_MAX + 2];
	struct varlink v;
	size_t i;

	/* Host names are the same in either case, peer names are not. */
	for (i = 0; name[i]; i++)
		lower[i] = name[i] >= 'A' && name[i] <= 'Z' ?
			   name[i] - 'A' + 'a' : name[i];
	lower[i] = '\0';
	answer->n = 0;
	/* It waits where many ask at once; an absent daemon is absent at once. */
	if (varlink_open(&v, varlink_path(), NSS_PNRP_GREETING_MS))
		return &no_daemon;
	if (!in_daemon(&v))
		verdict = converse(&v, lower, greeting, answer);
	varlink_close(&v);
	return verdict;
}

static size_t align(size_t n)
{
	const size_t unit = _Alignof(max_align_t);

	return (n + unit - 1) / unit * unit;
}

/* How much of the buffer is lost to its own alignment. */
static size_t skew(const char *buffer)
{
	return align((uintptr_t)buffer) - (uintptr_t)buffer;
}

NSS_PNRP_PUBLIC enum nss_status
_nss_pnrp_gethostbyname4_r(const char *name, struct gaih_addrtuple **pat,
			   char *buffer, size_t buflen, int *errnop,
			   int *h_errnop, int32_t *ttlp)
{
	const struct verdict *verdict = &not_ours;
	size_t len = strlen(name) + 1, need, i;
	struct gaih_addrtuple *tuples;
	struct answer answer;
	struct guest g;

	enter(&g);
	if (is_ours(name))
		verdict = ask(name, &answer);
	if (verdict->status != NSS_STATUS_SUCCESS)
		return leave(&g, verdict, errnop, h_errnop);

	need = skew(buffer) + align(len) + answer.n * sizeof(*tuples);
	if (buflen < need)
		return leave(&g, &more_room, errnop, h_errnop);
	buffer += skew(buffer);
	memcpy(buffer, name, len);
	tuples = (struct gaih_addrtuple *)(buffer + align(len));
	for (i = 0; i < answer.n; i++) {
		tuples[i].next = i + 1 < answer.n ? &tuples[i + 1] : NULL;
		tuples[i].name = buffer;
		tuples[i].family = AF_INET6;
		tuples[i].scopeid = answer.address[i].scope_id;
		memcpy(tuples[i].addr, answer.address[i].addr, 16);
	}
	/* The caller may have brought the first one. */
	if (*pat)
		**pat = tuples[0];
	else
		*pat = tuples;
	if (ttlp)
		*ttlp = 0;
	return leave(&g, &found, errnop, h_errnop);
}

/*
 * struct hostent has no place for a zone, and without it a link-local address
 * leads nowhere: they are given only where there is no other.
 */
static void drop_link_local(struct answer *answer)
{
	size_t i, n = 0;

	for (i = 0; i < answer->n; i++)
		if (!is_link_local(answer->address[i].addr))
			answer->address[n++] = answer->address[i];
	if (n)
		answer->n = n;
}

NSS_PNRP_PUBLIC enum nss_status
_nss_pnrp_gethostbyname3_r(const char *name, int af, struct hostent *host,
			   char *buffer, size_t buflen, int *errnop,
			   int *h_errnop, int32_t *ttlp, char **canonp)
{
	const struct verdict *verdict = &not_ours;
	size_t len = strlen(name) + 1, i;
	struct answer answer;
	char **list, *addr;
	struct guest g;

	enter(&g);
	if (is_ours(name)) {
		/* There is no IPv4 in PNRP, which takes no asking to know. */
		verdict = &no_data;
		if (af == AF_INET6)
			verdict = ask(name, &answer);
	}
	if (verdict->status != NSS_STATUS_SUCCESS)
		return leave(&g, verdict, errnop, h_errnop);
	drop_link_local(&answer);

	/* Pointers to the addresses and a NULL, no aliases, addresses, name. */
	if (buflen < skew(buffer) + (answer.n + 2) * sizeof(char *) +
		     answer.n * 16 + len)
		return leave(&g, &more_room, errnop, h_errnop);
	list = (char **)(buffer + skew(buffer));
	addr = (char *)(list + answer.n + 2);
	for (i = 0; i < answer.n; i++, addr += 16) {
		memcpy(addr, answer.address[i].addr, 16);
		list[i] = addr;
	}
	list[answer.n] = NULL;
	list[answer.n + 1] = NULL;
	memcpy(addr, name, len);
	host->h_name = addr;
	host->h_aliases = list + answer.n + 1;
	host->h_addrtype = AF_INET6;
	host->h_length = 16;
	host->h_addr_list = list;
	if (ttlp)
		*ttlp = 0;
	if (canonp)
		*canonp = addr;
	return leave(&g, &found, errnop, h_errnop);
}

NSS_PNRP_PUBLIC enum nss_status
_nss_pnrp_gethostbyname2_r(const char *name, int af, struct hostent *host,
			   char *buffer, size_t buflen, int *errnop,
			   int *h_errnop)
{
	return _nss_pnrp_gethostbyname3_r(name, af, host, buffer, buflen,
					  errnop, h_errnop, NULL, NULL);
}

NSS_PNRP_PUBLIC enum nss_status
_nss_pnrp_gethostbyname_r(const char *name, struct hostent *host, char *buffer,
			  size_t buflen, int *errnop, int *h_errnop)
{
	return _nss_pnrp_gethostbyname3_r(name, AF_INET, host, buffer, buflen,
					  errnop, h_errnop, NULL, NULL);
}
