/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is at the other end of a socket, and who may call. What counts are the
 * credentials of the process that connected, as the kernel knows them: no
 * database is asked to decide, which could block.
 */
#ifndef PEER6D_ACCESS_H
#define PEER6D_ACCESS_H

#include <stdbool.h>
#include <sys/types.h>

/* More supplementary groups than this are not looked at. */
#define CALLER_GROUPS_MAX	1024
#define USER_TEXT_MAX		64

struct caller {
	uid_t		uid;
	gid_t		gid;
	gid_t		*groups;
	unsigned int	n_groups;
};

struct group_id {
	bool	known;
	gid_t	gid;
};

/* 0 or PEER6_E_IO, PEER6_E_NOMEM. */
int caller_get(struct caller *caller, int fd);
void caller_free(struct caller *caller);
bool caller_is_admin(const struct caller *caller);
bool caller_may(const struct caller *caller, const struct group_id *group);
/* A user's name, or "the user 1000". */
void caller_text(const struct caller *caller, char text[USER_TEXT_MAX]);

/* Asks the database: at start and on reload only. */
void group_find(struct group_id *group, const char *name);

#endif
