# SPDX-License-Identifier: GPL-2.0-or-later
#
# Unit tests of libpeer6 under ASan and UBSan. Each test_NAME.c is a program that
# prints one TAP stream: "make check-lib-NAME" runs one, "make check-lib" all.
# Other files here are linked to each.

LIBT_DIR	:= tests/libpeer6
LIBT_OUT	:= build/tests/libpeer6
LIBT_NAMES	:= $(patsubst $(LIBT_DIR)/test_%.c,%, \
		     $(wildcard $(LIBT_DIR)/test_*.c))
LIBT_BINS	:= $(addprefix $(LIBT_OUT)/test_,$(LIBT_NAMES))
LIBT_COMMON	:= $(patsubst $(LIBT_DIR)/%.c,$(LIBT_OUT)/%.o, \
		     $(filter-out $(LIBT_DIR)/test_%.c, \
		       $(wildcard $(LIBT_DIR)/*.c)))

CHECK_BUILD	+= lib-tests
CHECK_HOST	+= $(addprefix check-lib-,$(LIBT_NAMES))

.PHONY: lib-tests check-lib $(addprefix check-lib-,$(LIBT_NAMES))
lib-tests: $(LIBT_BINS)

check-lib: $(addprefix check-lib-,$(LIBT_NAMES))

$(addprefix check-lib-,$(LIBT_NAMES)): check-lib-%: $(LIBT_OUT)/test_%
	@CMOCKA_MESSAGE_OUTPUT=TAP $<

$(LIBT_OUT)/%.o: $(LIBT_DIR)/%.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 $(LIB_WARN) -Werror $(LIB_ASAN) -Iinclude \
		-I$(LIBT_DIR) -I$(LIB_DIR) \
		$(shell pkg-config --cflags libxml-2.0) -MMD -c -o $@ $<

$(LIBT_OUT)/test_%: $(LIBT_OUT)/test_%.o $(LIBT_COMMON) \
		build/libpeer6/libpeer6-asan.a
	$(CC) $(LIB_ASAN) -o $@ $^ -lcmocka $(LIB_LIBS)

.SECONDARY: $(LIBT_COMMON) $(addsuffix .o,$(LIBT_BINS))

-include $(wildcard $(LIBT_OUT)/*.d)
