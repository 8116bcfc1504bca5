/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PEER6_IPROUTE2_H
#define PEER6_IPROUTE2_H

/*
 * What a link plug-in and the ip binary have to agree on. iproute2 installs no
 * header for it and promises no stable layout, yet struct link_util has only
 * ever grown at its end (last in 4.18), ip looks a plug-in up by the symbol
 * <kind>_link_util, and it is linked with -export-dynamic, so that the
 * functions below resolve when ip opens the plug-in. Members that a newer ip
 * knows and this header does not would be read past the end of our object:
 * hence the spare words, which keep them NULL, that is to say absent.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

struct link_util {
	struct link_util *next;
	const char *id;
	int maxattr;
	int (*parse_opt)(struct link_util *lu, int argc, char **argv,
			 struct nlmsghdr *n);
	void (*print_opt)(struct link_util *lu, FILE *f, struct rtattr *tb[]);
	void (*print_xstats)(struct link_util *lu, FILE *f,
			     struct rtattr *xstats);
	void (*print_help)(struct link_util *lu, int argc, char **argv,
			   FILE *f);
	int (*parse_ifla_xstats)(struct link_util *lu, int argc, char **argv);
	int (*print_ifla_xstats)(struct nlmsghdr *n, void *arg);
	void *spare[8];
};

enum output_type {
	PRINT_FP = 1,
	PRINT_JSON = 2,
	PRINT_ANY = 4,
};

enum color_attr {
	COLOR_INTERFACE,
	COLOR_MAC,
	COLOR_INET,
	COLOR_INET6,
	COLOR_OPERSTATE_UP,
	COLOR_OPERSTATE_DOWN,
	COLOR_NONE,
};

extern const char *_SL_;

int addattr_l(struct nlmsghdr *n, int maxlen, int type, const void *data,
	      int len);
int get_unsigned(unsigned int *val, const char *arg, int base);
void duparg(const char *key, const char *arg) __attribute__((noreturn));
void incomplete_command(void) __attribute__((noreturn));
bool is_json_context(void);
void open_json_object(const char *name);
void close_json_object(void);
void open_json_array(enum output_type type, const char *name);
void close_json_array(enum output_type type, const char *delim);
int print_color_string(enum output_type type, enum color_attr color,
		       const char *key, const char *fmt, const char *value);
int print_color_uint(enum output_type type, enum color_attr color,
		     const char *key, const char *fmt, unsigned int value);
int print_color_lluint(enum output_type type, enum color_attr color,
		       const char *key, const char *fmt,
		       unsigned long long value);
int print_color_bool(enum output_type type, enum color_attr color,
		     const char *key, const char *fmt, bool value);

#endif
