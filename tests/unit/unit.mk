# SPDX-License-Identifier: GPL-2.0
#
# Unit tests of the protocol code, in user space under ASan and UBSan. Each
# binary prints one TAP stream: "make check-unit-NAME" runs one, "make
# check-unit" all.

UNIT_CORE	:= kernel/teredo/core
UNIT_OUT	:= build/unit
UNIT_CFLAGS	:= -std=gnu11 -g -O1 -Wall -Wextra -Werror \
		   -fsanitize=address,undefined -fno-sanitize-recover=all \
		   -fno-omit-frame-pointer -Iinclude/uapi -I$(UNIT_CORE) \
		   -Itests/unit
UNIT_LIBS	:= -lcmocka -lcrypto

UNIT_NAMES	:= $(patsubst tests/unit/test_%.c,%,$(wildcard tests/unit/test_*.c))
UNIT_BINS	:= $(addprefix $(UNIT_OUT)/test_,$(UNIT_NAMES))
UNIT_COMMON	:= $(patsubst tests/unit/%.c,$(UNIT_OUT)/%.o, \
		     $(filter-out tests/unit/test_%.c,$(wildcard tests/unit/*.c))) \
		   $(patsubst $(UNIT_CORE)/%.c,$(UNIT_OUT)/core-%.o, \
		     $(wildcard $(UNIT_CORE)/*.c))

CHECK_BUILD	+= unit
CHECK_HOST	+= $(addprefix check-unit-,$(UNIT_NAMES))

.PHONY: unit check-unit $(addprefix check-unit-,$(UNIT_NAMES))
unit: $(UNIT_BINS)

check-unit: $(addprefix check-unit-,$(UNIT_NAMES))

$(addprefix check-unit-,$(UNIT_NAMES)): check-unit-%: $(UNIT_OUT)/test_%
	@$<

$(UNIT_OUT):
	@mkdir -p $@

$(UNIT_OUT)/core-%.o: $(UNIT_CORE)/%.c | $(UNIT_OUT)
	$(CC) $(UNIT_CFLAGS) -MMD -c -o $@ $<

$(UNIT_OUT)/%.o: tests/unit/%.c | $(UNIT_OUT)
	$(CC) $(UNIT_CFLAGS) -MMD -c -o $@ $<

$(UNIT_OUT)/test_%: $(UNIT_OUT)/test_%.o $(UNIT_COMMON)
	$(CC) $(UNIT_CFLAGS) -o $@ $^ $(UNIT_LIBS)

.SECONDARY: $(UNIT_COMMON) $(addsuffix .o,$(UNIT_BINS))

-include $(wildcard $(UNIT_OUT)/*.d)
