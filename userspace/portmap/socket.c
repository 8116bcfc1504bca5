// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/socket.h>

#include "portmap.h"

int64_t portmap_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

int portmap_connect(const struct portmap_request *req,
		    struct portmap_answer *answer)
{
	struct sockaddr_in sa = {
		.sin_family = AF_INET, .sin_addr = req->local,
	};
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (s < 0) {
		portmap_fail(answer, "io-error", "%s", strerror(errno));
		return -1;
	}
	if (bind(s, (struct sockaddr *)&sa, sizeof(sa))) {
		portmap_fail(answer, "no-route",
			     "this host no longer has the address: %s",
			     strerror(errno));
		close(s);
		return -1;
	}
	sa.sin_addr = req->gateway;
	sa.sin_port = htons(PORTMAP_PORT);
	if (connect(s, (struct sockaddr *)&sa, sizeof(sa))) {
		portmap_fail(answer, "no-route",
			     "there is no way to the gateway: %s",
			     strerror(errno));
		close(s);
		return -1;
	}
	return s;
}
