// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/socket.h>

#include <peer6/base.h>

#include "access.h"

int caller_get(struct caller *caller, int fd)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		return PEER6_E_IO;
	caller->uid = cred.uid;
	caller->gid = cred.gid;
	caller->n_groups = 0;
	caller->groups = calloc(CALLER_GROUPS_MAX, sizeof(gid_t));
	if (!caller->groups)
		return PEER6_E_NOMEM;
	len = CALLER_GROUPS_MAX * sizeof(gid_t);
	if (!getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, caller->groups, &len))
		caller->n_groups = len / sizeof(gid_t);
	return 0;
}

void caller_free(struct caller *caller)
{
	free(caller->groups);
	caller->groups = NULL;
	caller->n_groups = 0;
}

bool caller_is_admin(const struct caller *caller)
{
	return !caller->uid || caller->uid == geteuid();
}

bool caller_may(const struct caller *caller, const struct group_id *group)
{
	unsigned int i;

	if (caller_is_admin(caller))
		return true;
	if (!group->known)
		return false;
	if (caller->gid == group->gid)
		return true;
	for (i = 0; i < caller->n_groups; i++)
		if (caller->groups[i] == group->gid)
			return true;
	return false;
}

void caller_text(const struct caller *caller, char text[USER_TEXT_MAX])
{
	struct passwd *pw = getpwuid(caller->uid);

	if (pw)
		snprintf(text, USER_TEXT_MAX, "%s", pw->pw_name);
	else
		snprintf(text, USER_TEXT_MAX, "uid %u", caller->uid);
}

void group_find(struct group_id *group, const char *name)
{
	struct group *gr = getgrnam(name);

	group->known = gr;
	group->gid = gr ? gr->gr_gid : 0;
}
