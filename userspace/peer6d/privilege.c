// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <grp.h>
#include <libgen.h>
#include <limits.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "privilege.h"

static int fail(const char *what, const char *reason, const char *why,
		const char *todo)
{
	complain(what, reason, why, todo);
	return 1;
}

/*
 * Made if it is not there; what is there is only given to the user if root owns
 * it, as it does after a first start as root.
 */
static int folder(const char *path, mode_t mode, const struct passwd *pw)
{
	char what[PATH_MAX + 64];
	struct stat st;

	if (mkdir(path, mode) && errno != EEXIST)
		goto failed;
	if (stat(path, &st))
		goto failed;
	if (pw && st.st_uid != pw->pw_uid && !st.st_uid && pw->pw_uid &&
	    chown(path, pw->pw_uid, pw->pw_gid))
		goto failed;
	return 0;
failed:
	snprintf(what, sizeof(what), "the folder %s cannot be made", path);
	return fail(what, "io-error", strerror(errno),
		    "make it, or start with --state DIR --socket PATH");
}

static int folders(const struct options *opt, const struct passwd *pw)
{
	char path[PATH_MAX];
	int ret;

	ret = folder(opt->state, 0700, pw);
	if (ret)
		return ret;
	if (strlen(opt->socket) >= sizeof(path))
		return fail("the socket's path is too long", "bad-value",
			    "A socket's path has up to 107 bytes.", NULL);
	strcpy(path, opt->socket);
	/* A folder that is shared with others is not taken over. */
	if (!access(dirname(path), F_OK))
		return 0;
	return folder(path, 0755, pw);
}

static bool get_caps(struct __user_cap_data_struct caps[2])
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};

	return !syscall(SYS_capget, &header, caps);
}

/* All that this process may: that set, or nothing. */
static bool set_caps(uint64_t set)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct caps[2] = { };

	caps[0].effective = caps[0].permitted = (uint32_t)set;
	caps[1].effective = caps[1].permitted = set >> 32;
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return !syscall(SYS_capset, &header, caps);
}

bool privilege_has(int cap)
{
	struct __user_cap_data_struct caps[2];

	return get_caps(caps) &&
	       caps[cap / 32].effective & UINT32_C(1) << cap % 32;
}

bool privilege_keep(const struct options *opt, int cap)
{
	const struct passwd *pw;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (!geteuid()) {
		pw = getpwnam(opt->user);
		if (!pw || prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) ||
		    initgroups(pw->pw_name, pw->pw_gid) ||
		    setgid(pw->pw_gid) || setuid(pw->pw_uid))
			return false;
	}
	return set_caps(UINT64_C(1) << cap);
}

/* As somebody else than root: what the supervisor gave us is the child's. */
static int drop_caps(void)
{
	struct __user_cap_data_struct caps[2];

	if (get_caps(caps) && !caps[0].permitted && !caps[1].permitted)
		return 0;
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (set_caps(0))
		return 0;
	return fail("capabilities cannot be given up", "io-error",
		    strerror(errno), NULL);
}

int privilege_drop(const struct options *opt)
{
	const struct passwd *pw;
	char what[200];

	if (geteuid())
		return drop_caps() || folders(opt, NULL);
	pw = getpwnam(opt->user);
	if (!pw) {
		snprintf(what, sizeof(what), "there is no user %.100s",
			 opt->user);
		return fail(what, "not-found",
			    "Started as root, peer6d becomes this user.",
			    "sudo systemd-sysusers, or start with --user NAME");
	}
	if (folders(opt, pw))
		return 1;
	/* Also keeps a program it might be tricked into from gaining any. */
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (!pw->pw_uid)
		return 0;
	if (initgroups(pw->pw_name, pw->pw_gid) || setgid(pw->pw_gid) ||
	    setuid(pw->pw_uid) || !setuid(0)) {
		snprintf(what, sizeof(what), "cannot become the user %.100s",
			 opt->user);
		return fail(what, "io-error", strerror(errno), NULL);
	}
	return 0;
}
