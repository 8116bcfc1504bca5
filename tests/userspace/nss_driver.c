// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calls the NSS module as glibc does, built with it under ASan, and says what
 * came of it: what getaddrinfo() hides (status, errno, h_errno, how much of a
 * buffer is needed) and what it would not survive.
 *
 * usage: driver MODE [NAME]
 *   call	status, errno, h_errno and addresses of NAME, by 4_r and by 3_r
 *   sizes	the smallest buffer that does, tried byte by byte, at each alignment
 *   guest	errno, the signals' mask and open files are as before
 *   signals	NAME is asked for while a signal interrupts every call
 *   threads	8 threads ask at once; the parent and a child ask
 *   nomem	one allocation after the other fails
 *   daemon	the process that asks is the one that listens on PEER6_SOCKET
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "nss_pnrp.h"

#define BUFFER_MAX	8192
#define ALIGNMENTS	16

struct outcome {
	enum nss_status status;
	int err;
	int h_err;
};

/* The buffer ends where the heap object ends: ASan sees a byte too much. */
static struct outcome by4(const char *name, size_t size, size_t offset,
			  char *text)
{
	struct gaih_addrtuple *tuple = NULL;
	char *block = malloc(offset + size + !(offset + size));
	struct outcome o = { 0, 0, 0 };
	char addr[INET6_ADDRSTRLEN];

	o.status = _nss_pnrp_gethostbyname4_r(name, &tuple, block + offset,
					      size, &o.err, &o.h_err, NULL);
	for (; text && o.status == NSS_STATUS_SUCCESS && tuple;
	     tuple = tuple->next) {
		inet_ntop(AF_INET6, tuple->addr, addr, sizeof(addr));
		text += sprintf(text, " %s%%%u/%s/%d", addr, tuple->scopeid,
				tuple->name, tuple->family == AF_INET6);
	}
	free(block);
	return o;
}

static struct outcome by3(const char *name, int af, size_t size, size_t offset,
			  char *text)
{
	char *block = malloc(offset + size + !(offset + size)), *canon = NULL;
	struct outcome o = { 0, 0, 0 };
	char addr[INET6_ADDRSTRLEN];
	struct hostent host;
	int32_t ttl = -1;
	char **list;

	o.status = _nss_pnrp_gethostbyname3_r(name, af, &host, block + offset,
					      size, &o.err, &o.h_err, &ttl,
					      &canon);
	for (list = host.h_addr_list;
	     text && o.status == NSS_STATUS_SUCCESS && *list; list++) {
		inet_ntop(AF_INET6, *list, addr, sizeof(addr));
		text += sprintf(text, " %s/%s", addr, host.h_name);
	}
	if (o.status == NSS_STATUS_SUCCESS &&
	    (*host.h_aliases || host.h_length != 16 || strcmp(canon, name)))
		printf("bad hostent\n");
	free(block);
	return o;
}

static const char *status_name(enum nss_status status)
{
	return status == NSS_STATUS_SUCCESS ? "SUCCESS" :
	       status == NSS_STATUS_NOTFOUND ? "NOTFOUND" :
	       status == NSS_STATUS_UNAVAIL ? "UNAVAIL" :
	       status == NSS_STATUS_TRYAGAIN ? "TRYAGAIN" : "RETURN";
}

static void say(const char *how, struct outcome o, const char *text)
{
	printf("%s %s err %d h_err %d%s\n", how, status_name(o.status), o.err,
	       o.h_err, text);
}

static int call(const char *name)
{
	char text[BUFFER_MAX] = "";

	say("4", by4(name, BUFFER_MAX, 0, text), text);
	*text = '\0';
	say("3", by3(name, AF_INET6, BUFFER_MAX, 0, text), text);
	say("inet", by3(name, AF_INET, BUFFER_MAX, 0, NULL), "");
	return 0;
}

static bool is_short(struct outcome o)
{
	return o.status == NSS_STATUS_TRYAGAIN && o.err == ERANGE &&
	       o.h_err == NETDB_INTERNAL;
}

static int sizes(const char *name)
{
	size_t offset, size;
	struct outcome o;
	int which;

	for (which = 3; which <= 4; which++) {
		for (offset = 0; offset < ALIGNMENTS; offset++) {
			for (size = 0; size < BUFFER_MAX; size++) {
				o = which == 4 ? by4(name, size, offset, NULL) :
				    by3(name, AF_INET6, size, offset, NULL);
				if (!is_short(o))
					break;
			}
			if (o.status != NSS_STATUS_SUCCESS) {
				say("sizes", o, "");
				return 1;
			}
			if (!offset)
				printf("%d needs %zu\n", which, size);
		}
	}
	return 0;
}

static int count_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static int guest(const char *name)
{
	sigset_t before, after;
	char text[BUFFER_MAX];
	struct outcome o;
	int i, files = count_files(), bad = 0;

	sigemptyset(&before);
	sigaddset(&before, SIGUSR2);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_sigmask(SIG_SETMASK, NULL, &before);
	errno = EXDEV;
	o = by4(name, BUFFER_MAX, 0, text);
	if (errno != EXDEV)
		printf("errno is %d\n", errno), bad = 1;
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	for (i = 1; i < NSIG; i++)
		if (sigismember(&before, i) != sigismember(&after, i))
			printf("signal %d\n", i), bad = 1;
	if (count_files() != files)
		printf("a file stays open\n"), bad = 1;
	say("guest", o, "");
	return bad;
}

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted++;
}

/* Of the signals that the module lets through, 500 a second. */
static int signals(const char *name)
{
	struct sigaction act = { .sa_handler = on_signal };
	struct sigevent event = {
		.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGINT,
	};
	struct itimerspec often = {
		.it_interval.tv_nsec = 2000000, .it_value.tv_nsec = 2000000,
	};
	struct outcome o;
	timer_t timer;

	sigaction(SIGINT, &act, NULL);
	timer_create(CLOCK_MONOTONIC, &event, &timer);
	timer_settime(timer, 0, &often, NULL);
	o = by4(name, BUFFER_MAX, 0, NULL);
	timer_delete(timer);
	say("signals", o, interrupted > 50 ? " many" : " few");
	return 0;
}

static void *asks(void *arg)
{
	long good = 0;
	int i;

	for (i = 0; i < 20; i++)
		good += by4(arg, BUFFER_MAX, 0, NULL).status ==
			NSS_STATUS_SUCCESS;
	return (void *)good;
}

static int threads(char *name)
{
	pthread_t thread[8];
	long good = 0, n;
	int i, status;
	pid_t child;
	void *got;

	/* First the child: ASan's own locks do not outlive a fork of threads. */
	child = fork();
	if (!child)
		_exit((long)asks(name) != 20);
	for (i = 0; i < 8; i++)
		pthread_create(&thread[i], NULL, asks, name);
	for (i = 0; i < 8; i++) {
		pthread_join(thread[i], &got);
		n = (long)got;
		good += n;
	}
	waitpid(child, &status, 0);
	printf("threads %ld of 160, child %d\n", good, status);
	return good != 160 || status;
}

/*
 * The linker gives these in place of malloc() and its like to the module and to
 * what is linked into it (see nss.mk).
 */
void *__real_malloc(size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_calloc(size_t n, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_calloc(size_t n, size_t size);

static long fail_at = -1, allocations;

static bool fails_now(void)
{
	return fail_at >= 0 && allocations++ == fail_at;
}

void *__wrap_malloc(size_t size)
{
	return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails_now() ? NULL : __real_realloc(p, size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails_now() ? NULL : __real_calloc(n, size);
}

static int nomem(const char *name)
{
	static char buffer[BUFFER_MAX];
	struct outcome o = { 0, 0, 0 };
	int files = count_files();
	long n, found = 0, unavail = 0, other = 0;

	for (n = 0; n < 10000; n++) {
		struct gaih_addrtuple *tuple = NULL;

		o = (struct outcome){ 0, 0, 0 };
		fail_at = n;
		allocations = 0;
		o.status = _nss_pnrp_gethostbyname4_r(name, &tuple, buffer,
						      sizeof(buffer), &o.err,
						      &o.h_err, NULL);
		fail_at = -1;
		/* No allocation was left to fail. */
		if (allocations <= n)
			break;
		if (o.status == NSS_STATUS_SUCCESS)
			found++;
		else if (o.status == NSS_STATUS_UNAVAIL)
			unavail++;
		else
			other++;
	}
	say("at last", o, "");
	printf("failed in turn: %s, %s other\n", unavail > 20 ? "many" : "few",
	       other ? "some" : "no");
	return count_files() != files || found + unavail != n;
}

static int is_daemon(const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strncpy(addr.sun_path, getenv("PEER6_SOCKET"),
		sizeof(addr.sun_path) - 1);
	unlink(addr.sun_path);
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 1))
		return 1;
	/* Nobody accepts: to come back at all is the proof. */
	alarm(20);
	return call(name);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	if (!strcmp(argv[1], "call"))
		return call(argv[2]);
	if (!strcmp(argv[1], "sizes"))
		return sizes(argv[2]);
	if (!strcmp(argv[1], "guest"))
		return guest(argv[2]);
	if (!strcmp(argv[1], "signals"))
		return signals(argv[2]);
	if (!strcmp(argv[1], "threads"))
		return threads(argv[2]);
	if (!strcmp(argv[1], "nomem"))
		return nomem(argv[2]);
	if (!strcmp(argv[1], "daemon"))
		return is_daemon(argv[2]);
	return 2;
}
