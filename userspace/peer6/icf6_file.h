/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PEER6_ICF6_FILE_H
#define PEER6_ICF6_FILE_H

#include "icf6_conf.h"

/* Every port that there may be, with the longest of names. */
#define ICF6_FILE_MAX	(16 << 20)

/*
 * Reads @text of @len bytes into @conf, which is empty before. Whatever is
 * wrong, the first line that is wrong is named. 0, or -1 and @e.
 */
int icf6_file_parse(const char *text, size_t len, struct icf6_conf *conf,
		    struct icf6_error *e);

/* The text that reads back as @conf, which it sorts; NULL: no memory. */
char *icf6_file_print(struct icf6_conf *conf);

/*
 * The whole of @path into @conf; "-" is standard input. No such file is an
 * error unless @absent is given, which then tells. The exit status.
 */
int icf6_file_read(struct p6 *p6, const char *path, struct icf6_conf *conf,
		   bool *absent);

/* Whole or not at all, in place of what was there; "-": standard output. */
int icf6_file_write(struct p6 *p6, const char *path, struct icf6_conf *conf);

#endif
