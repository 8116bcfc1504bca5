# SPDX-License-Identifier: GPL-2.0
#
# What icf6.ko decides, in user space under ASan and UBSan, and that its
# netlink interface is what is specified. "make check-icf6-NAME" runs one.

ICF6_CORE	:= kernel/icf6/core
ICF6_OUT	:= build/icf6
ICF6_CFLAGS	:= -std=gnu11 -g -O1 -Wall -Wextra -Werror \
		   -fsanitize=address,undefined -fno-sanitize-recover=all \
		   -fno-omit-frame-pointer -Iinclude/uapi -I$(ICF6_CORE) \
		   -Itests/icf6/unit
ICF6_NAMES	:= $(patsubst tests/icf6/unit/test_%.c,%, \
		     $(wildcard tests/icf6/unit/test_*.c))
ICF6_BINS	:= $(ICF6_NAMES:%=$(ICF6_OUT)/test_%)
ICF6_COMMON	:= $(patsubst $(ICF6_CORE)/%.c,$(ICF6_OUT)/core-%.o, \
		     $(wildcard $(ICF6_CORE)/*.c))

CHECK_BUILD	+= $(ICF6_BINS)
CHECK_HOST	+= $(ICF6_NAMES:%=check-icf6-%) check-icf6-header

.PHONY: check-icf6-header $(ICF6_NAMES:%=check-icf6-%)
$(ICF6_NAMES:%=check-icf6-%): check-icf6-%: $(ICF6_OUT)/test_%
	@$<

check-icf6-header:
	@tests/icf6/unit/ynl_header.py

$(ICF6_OUT):
	@mkdir -p $@

$(ICF6_OUT)/core-%.o: $(ICF6_CORE)/%.c | $(ICF6_OUT)
	$(CC) $(ICF6_CFLAGS) -MMD -c -o $@ $<

$(ICF6_OUT)/%.o: tests/icf6/unit/%.c | $(ICF6_OUT)
	$(CC) $(ICF6_CFLAGS) -MMD -c -o $@ $<

$(ICF6_OUT)/test_%: $(ICF6_OUT)/test_%.o $(ICF6_COMMON)
	$(CC) $(ICF6_CFLAGS) -o $@ $^ -lcmocka

.SECONDARY: $(ICF6_COMMON) $(addsuffix .o,$(ICF6_BINS))

-include $(wildcard $(ICF6_OUT)/*.d)
