# SPDX-License-Identifier: GPL-2.0-or-later
#
# The firewall's commands without its module: their words and files, and the
# parts that need no kernel as unit tests, under ASan and UBSan.

I6T_OBJ		:= $(addprefix build/userspace/asan/icf6_,conf.o file.o \
		     flow.o log.o) build/userspace/asan/words.o
I6T_LIB		:= build/libpeer6/asan/base/name_utf.o

CHECK_BUILD	+= build/userspace/asan/icf6_unit
CHECK_HOST	+= check-icf6-unit check-icf6-cli

.PHONY: check-icf6-unit check-icf6-cli
check-icf6-unit: build/userspace/asan/icf6_unit
	@$<
check-icf6-cli: build/userspace/asan/peer6
	@PEER6=$< tests/userspace/icf6.sh

build/userspace/asan/icf6_unit: tests/userspace/icf6_unit.c $(I6T_OBJ) \
		$(I6T_LIB)
	$(CC) $(US_SANITIZE) $(US_CFLAGS) -Iuserspace/peer6 -o $@ $^ \
		$(US_LIBS) -lcmocka
