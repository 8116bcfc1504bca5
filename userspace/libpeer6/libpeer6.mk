# SPDX-License-Identifier: GPL-2.0-or-later
#
# libpeer6. What is in base and pnrp is portable C11 and needs no other library;
# the rest is for Linux. Two builds: the one that is installed, and an archive
# under ASan and UBSan for the tests.

LIB_DIR		:= userspace/libpeer6
LIB_OUT		:= build/libpeer6
LIB_SRCS	:= $(wildcard $(LIB_DIR)/*/*.c)
LIB_PORTABLE	:= $(wildcard $(LIB_DIR)/base/*.c $(LIB_DIR)/pnrp/*.c)
LIB_WARN	:= -Wall -Wextra -Wshadow -Wstrict-prototypes \
		   -Wmissing-prototypes -Wformat-security
LIB_CFLAGS	:= -std=c11 -pedantic $(LIB_WARN) -D_GNU_SOURCE -Iinclude \
		   -Iinclude/uapi $(shell pkg-config --cflags libxml-2.0)
LIB_LIBS	:= -lcrypto -lsqlite3 -lxml2 -ljansson
LIB_ASAN	:= -g -O1 -fsanitize=address,undefined \
		   -fno-sanitize-recover=all -fno-omit-frame-pointer

LIB_OBJS	:= $(LIB_SRCS:$(LIB_DIR)/%.c=$(LIB_OUT)/obj/%.o)
LIB_ASAN_OBJS	:= $(LIB_SRCS:$(LIB_DIR)/%.c=$(LIB_OUT)/asan/%.o)

$(LIB_OUT)/obj/%.o: $(LIB_DIR)/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LIB_CFLAGS) -fPIC -MMD -c -o $@ $<

$(LIB_OUT)/asan/%.o: $(LIB_DIR)/%.c
	@mkdir -p $(@D)
	$(CC) $(LIB_CFLAGS) -Werror $(LIB_ASAN) -MMD -c -o $@ $<

$(LIB_OUT)/libpeer6.a: $(LIB_OBJS)
	@rm -f $@
	$(AR) rcs $@ $^

$(LIB_OUT)/libpeer6-asan.a: $(LIB_ASAN_OBJS)
	@rm -f $@
	$(AR) rcs $@ $^

-include $(wildcard $(LIB_OUT)/*/*/*.d)
