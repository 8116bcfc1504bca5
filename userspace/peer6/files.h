/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PEER6_FILES_H
#define PEER6_FILES_H

#include "peer6.h"

/* An identity in XML has a few KiB; more is no identity. */
#define FILES_TEXT_MAX		65536
#define FILES_PASSWORD_MAX	1024

/*
 * A text file, "-" for standard input, with a final NUL; to be freed. NULL
 * after p6_fail().
 */
char *files_read(struct p6 *p6, const char *kind, const char *path);

/*
 * Writes a file that was not there, whole or not at all, for its owner's eyes
 * only; "-" for standard output. 0, or the exit status.
 */
int files_write(struct p6 *p6, const char *kind, const char *path,
		const char *text);

/* Writes all of @text to @fd, and has it on the disk. 0, or -1 with errno. */
int files_write_all(int fd, const char *text);

/*
 * After a file got its name: the name is durable once its folder is. Where that
 * cannot be, it is not.
 */
void files_sync_folder(const char *path);

/*
 * The first line of --password-file, or what is typed (twice with @again) on
 * the terminal. To be wiped by files_forget(). NULL after p6_fail().
 */
char *files_password(struct p6 *p6, bool again);
void files_forget(char *secret);

#endif
