// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "icf6_file.h"

static int fail_errno(struct p6 *p6, const char *verb, const char *path,
		      int err)
{
	enum p6_code code = err == EACCES || err == EPERM ? P6_PERMISSION :
			    err == ENOENT ? P6_NOT_FOUND : P6_FAILED;

	p6_fail(p6, code, "cannot %s %s", verb, path);
	p6_fail_why(p6, "%s.", strerror(err));
	if (err == ENOSPC || err == EDQUOT)
		return p6_fail_do(p6, "df -h %s", path);
	if (code == P6_PERMISSION && geteuid())
		return p6_fail_do(p6, "sudo %s", p6->line);
	if (code == P6_NOT_FOUND && !strcmp(verb, "read"))
		return p6_fail_do(p6, "sudo peer6 icf6 save");
	return p6_fail_do(p6, "ls -ld %s", path);
}

/* All of it, or NULL and errno. */
static char *read_all(int fd, size_t *len)
{
	size_t room = 0;
	char *text = NULL, *more;
	ssize_t n;

	for (*len = 0;;) {
		if (*len == room) {
			room = room ? 2 * room : 1 << 16;
			more = room > 2 * ICF6_FILE_MAX ? NULL :
			       realloc(text, room);
			if (!more) {
				free(text);
				errno = EFBIG;
				return NULL;
			}
			text = more;
		}
		n = read(fd, text + *len, room - *len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int err = errno;

			free(text);
			errno = err;
			return NULL;
		}
		if (!n)
			return text;
		*len += n;
	}
}

static int bad_line(struct p6 *p6, const char *path,
		    const struct icf6_error *e)
{
	if (e->line)
		p6_fail(p6, e->code, "%s, line %u: %s", path, e->line,
			e->what);
	else
		p6_fail(p6, e->code, "%s: %s", path, e->what);
	p6_fail_why(p6, "%s", e->why);
	return p6_fail_do(p6, "sudo editor +%u %s; man icf6.conf", e->line,
			  path);
}

int icf6_file_read(struct p6 *p6, const char *path, struct icf6_conf *conf,
		   bool *absent)
{
	bool standard = !strcmp(path, "-");
	struct icf6_error e = { 0 };
	size_t len = 0;
	char *text;
	int fd, err;

	icf6_conf_init(conf);
	if (absent)
		*absent = false;
	fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && absent) {
		*absent = true;
		return 0;
	}
	if (fd < 0)
		return fail_errno(p6, "read", path, errno);
	text = read_all(fd, &len);
	err = errno;
	if (!standard)
		close(fd);
	if (!text)
		return fail_errno(p6, "read", path, err);
	err = icf6_file_parse(text, len, conf, &e);
	free(text);
	return err ? bad_line(p6, standard ? "standard input" : path, &e) : 0;
}

/* Beside the file, and then in its place: a reader sees the one or the other. */
static int replace(const char *path, const char *text)
{
	char name[ICF6_PATH_MAX + 8];
	int fd, err;

	if (snprintf(name, sizeof(name), "%s.XXXXXX", path) >=
	    (int)sizeof(name))
		return ENAMETOOLONG;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0)
		return errno;
	/* Everyone may read what is open; nobody but root may say it. */
	err = fchmod(fd, 0644) || files_write_all(fd, text) ? errno : 0;
	if (close(fd) && !err)
		err = errno;
	if (!err && rename(name, path))
		err = errno;
	if (err)
		unlink(name);
	else
		files_sync_folder(path);
	return err;
}

int icf6_file_write(struct p6 *p6, const char *path, struct icf6_conf *conf)
{
	char *text = icf6_file_print(conf), *copy;
	int err;

	if (!text)
		return p6_fail_memory(p6);
	if (!strcmp(path, "-")) {
		/* What cannot be written is noticed at the end of main(). */
		fputs(text, stdout);
		free(text);
		return 0;
	}
	err = replace(path, text);
	if (err == ENOENT && !strcmp(path, ICF6_CONF_PATH)) {
		copy = strdup(path);
		if (copy && !mkdir(dirname(copy), 0755))
			err = replace(path, text);
		free(copy);
	}
	free(text);
	return err ? fail_errno(p6, "write", path, err) : 0;
}
