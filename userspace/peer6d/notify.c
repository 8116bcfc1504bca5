// SPDX-License-Identifier: GPL-2.0-or-later
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/socket.h>
#include <sys/un.h>

#include "notify.h"

void notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct timespec now;
	char text[128];
	int fd;

	if (!path || strlen(path) >= sizeof(sa.sun_path) ||
	    (path[0] != '/' && path[0] != '@'))
		return;
	strcpy(sa.sun_path, path);
	/* An abstract socket's name begins with a NUL. */
	if (path[0] == '@')
		sa.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	/* Type=notify-reload wants the time of a reload. */
	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(text, sizeof(text), "%s\nMONOTONIC_USEC=%llu", state,
		 now.tv_sec * 1000000ULL + now.tv_nsec / 1000);
	/* A supervisor that is gone is nothing to end for. */
	if (sendto(fd, text, strlen(text), MSG_NOSIGNAL,
		   (struct sockaddr *)&sa, offsetof(struct sockaddr_un,
						    sun_path) +
		   strlen(path)) < 0)
		fprintf(stderr, "peer6d: the supervisor does not listen\n");
	close(fd);
}
