// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "files.h"

static int fail_errno(struct p6 *p6, const char *what, const char *kind,
		      const char *path)
{
	int err = errno;

	p6_fail(p6, err == EEXIST ? P6_IN_USE : P6_FAILED, "cannot %s the %s",
		what, kind);
	if (err == ENOSPC || err == EDQUOT)
		p6_fail_reason(p6, "disk-full");
	else if (err == EEXIST)
		p6_fail_reason(p6, "exists");
	p6_fail_why(p6, "%s: %s.", path, strerror(err));
	if (err == EEXIST)
		return p6_fail_do(p6, "ls -l %s; choose another name", path);
	if (err == ENOSPC || err == EDQUOT)
		return p6_fail_do(p6, "df -h");
	return p6_fail_do(p6, "ls -ld %s", path);
}

/* Up to a NUL or the end; errno EFBIG, EILSEQ for what is no text. */
static char *read_all(int fd, size_t max)
{
	char *text = malloc(max + 2);
	size_t len = 0;
	ssize_t n;

	while (text && len <= max) {
		n = read(fd, text + len, max + 1 - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			free(text);
			return NULL;
		}
		if (!n)
			break;
		len += n;
	}
	if (!text)
		return NULL;
	text[len] = '\0';
	if (len <= max && strlen(text) == len)
		return text;
	explicit_bzero(text, len);
	free(text);
	errno = len > max ? EFBIG : EILSEQ;
	return NULL;
}

char *files_read(struct p6 *p6, const char *kind, const char *path)
{
	int fd = STDIN_FILENO, err;
	char *text = NULL;

	if (strcmp(path, "-"))
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		text = read_all(fd, FILES_TEXT_MAX);
	err = errno;
	if (fd > STDIN_FILENO)
		close(fd);
	errno = err;
	if (!text)
		fail_errno(p6, "read", kind, path);
	return text;
}

int files_write_all(int fd, const char *text)
{
	size_t left = strlen(text);
	ssize_t n;

	for (; left; text += n, left -= n) {
		n = write(fd, text, left);
		if (n < 0 && errno != EINTR)
			return -1;
		if (n < 0)
			n = 0;
	}
	return fsync(fd);
}

void files_sync_folder(const char *path)
{
	char *copy = strdup(path);
	int fd = copy ? open(dirname(copy), O_RDONLY | O_CLOEXEC) : -1;

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(copy);
}

static int move_in_place(const char *from, const char *to)
{
	struct stat st;

	if (!renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE))
		return 0;
	if (errno != EINVAL)
		return -1;
	/* A file system without that flag; the gap is as small as can be. */
	if (!lstat(to, &st)) {
		errno = EEXIST;
		return -1;
	}
	return rename(from, to);
}

int files_write(struct p6 *p6, const char *kind, const char *path,
		const char *text)
{
	struct stat st;
	char *name;
	int fd, err;

	if (!strcmp(path, "-")) {
		/* What cannot be written is noticed at the end of main(). */
		fputs(text, stdout);
		return 0;
	}
	if (!lstat(path, &st)) {
		errno = EEXIST;
		return fail_errno(p6, "write", kind, path);
	}
	if (asprintf(&name, "%s.XXXXXX", path) < 0)
		return p6_fail_memory(p6);
	/* Made with mode 0600. */
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0) {
		fail_errno(p6, "write", kind, path);
		free(name);
		return p6_code_exit(p6->failure.code);
	}
	err = files_write_all(fd, text);
	if (close(fd))
		err = -1;
	if (!err)
		err = move_in_place(name, path);
	if (err) {
		err = errno;
		unlink(name);
		errno = err;
		fail_errno(p6, "write", kind, path);
	} else {
		files_sync_folder(path);
	}
	free(name);
	return err ? p6_code_exit(p6->failure.code) : 0;
}

void files_forget(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	free(secret);
}

/* A line without its end. */
static char *take_line(char *text)
{
	size_t len = strcspn(text, "\r\n");

	text[len] = '\0';
	return text;
}

static char *from_file(struct p6 *p6)
{
	const char *path = p6->password_file;
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) :
		 STDIN_FILENO;
	char *text = fd < 0 ? NULL : read_all(fd, FILES_PASSWORD_MAX);
	int err = errno;

	if (fd > STDIN_FILENO)
		close(fd);
	errno = err;
	if (!text) {
		fail_errno(p6, "read", "password", path);
		return NULL;
	}
	return take_line(text);
}

/*
 * The terminal shall echo again whatever ends the reading. So ^C is no signal here,
 * which would leave a blind shell behind.
 */
static char *ask_once(int tty, const char *prompt)
{
	struct termios old, quiet;
	char *text = calloc(1, FILES_PASSWORD_MAX + 1);
	size_t len = 0;
	ssize_t n;

	if (!text || tcgetattr(tty, &old)) {
		free(text);
		return NULL;
	}
	quiet = old;
	quiet.c_lflag &= ~(ECHO | ISIG);
	quiet.c_lflag |= ECHONL | ICANON;
	/* A line ends with them, too, so that they are read at once. */
	quiet.c_cc[VEOL] = old.c_cc[VINTR];
	quiet.c_cc[VEOL2] = old.c_cc[VQUIT];
	/* In this order, or what is typed at once after the prompt is lost. */
	if (tcsetattr(tty, TCSAFLUSH, &quiet) ||
	    write(tty, prompt, strlen(prompt)) < 0) {
		free(text);
		return NULL;
	}
	while (len < FILES_PASSWORD_MAX) {
		n = read(tty, text + len, 1);
		/* ^C and ^\ are bytes now. */
		if (n <= 0 || text[len] == old.c_cc[VINTR] ||
		    text[len] == old.c_cc[VQUIT]) {
			files_forget(text);
			text = NULL;
			errno = EINTR;
			break;
		}
		if (text[len] == '\n')
			break;
		len++;
	}
	n = errno;
	tcsetattr(tty, TCSAFLUSH, &old);
	errno = n;
	return text ? take_line(text) : NULL;
}

static char *from_terminal(struct p6 *p6, bool again)
{
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY), err;
	char *first, *second;

	if (tty < 0) {
		p6_fail(p6, P6_MISSING, "a password is needed");
		p6_fail_why(p6, "There is no terminal to ask on, and a command line is no place for secrets.");
		p6_fail_do(p6, "peer6 %s ... --password-file=FILE",
			   p6->command);
		return NULL;
	}
	first = ask_once(tty, "Password: ");
	err = errno;
	if (first && again) {
		second = ask_once(tty, "Once more: ");
		if (!second || strcmp(first, second)) {
			p6_fail(p6, P6_BAD_VALUE, "the passwords differ");
			p6_fail_why(p6, "Nothing was done.");
			p6_fail_do(p6, "%s", p6->line);
			files_forget(first);
			first = NULL;
		}
		files_forget(second);
	} else if (!first) {
		p6_fail(p6, err == EINTR ? P6_INTERRUPTED : P6_FAILED,
			"no password was given");
		p6_fail_why(p6, "Terminal: %s.", strerror(err));
		p6_fail_do(p6, "peer6 %s ... --password-file=FILE",
			   p6->command);
	}
	close(tty);
	return first;
}

char *files_password(struct p6 *p6, bool again)
{
	char *password = p6->password_file ? from_file(p6) :
			 from_terminal(p6, again);

	if (password && !*password) {
		p6_fail(p6, P6_BAD_VALUE, "the password is empty");
		p6_fail_why(p6, "An empty one would protect nothing.");
		p6_fail_do(p6, "%s", p6->line);
		files_forget(password);
		return NULL;
	}
	return password;
}
