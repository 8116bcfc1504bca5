# SPDX-License-Identifier: GPL-2.0-or-later
#
# Clouds of engines on the simulator's clock, with fixed seeds, under ASan and
# UBSan; and the arguments of peer6-sim.

SIMT_DIR	:= tests/sim
SIMT_OUT	:= build/tests/sim
SIMT_WORLD	:= $(addprefix $(SIMT_OUT)/,sim.o net.o timer.o random.o \
		     crypto.o)
SIMT_BIN	:= $(SIMT_OUT)/test_clouds

CHECK_BUILD	+= $(SIMT_BIN) build/peer6-sim
CHECK_HOST	+= check-sim check-sim-cli

.PHONY: check-sim check-sim-cli
check-sim: $(SIMT_BIN)	## Scripts of many nodes in the simulator
	@CMOCKA_MESSAGE_OUTPUT=TAP $<
check-sim-cli: build/peer6-sim
	@PEER6_SIM=$< tests/sim/cli.sh

$(SIMT_OUT)/%.o: userspace/sim/%.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 $(LIB_WARN) -Wno-missing-field-initializers -Werror \
		$(LIB_ASAN) -Iinclude -MMD -c -o $@ $<

$(SIMT_OUT)/%.o: $(SIMT_DIR)/%.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 $(LIB_WARN) -Wno-missing-field-initializers -Werror \
		$(LIB_ASAN) -Iinclude -Iuserspace/sim -MMD -c -o $@ $<

$(SIMT_BIN): $(addprefix $(SIMT_OUT)/,test_clouds.o clouds.o test_liars.o) \
		$(SIMT_WORLD) build/libpeer6/libpeer6-asan.a
	$(CC) $(LIB_ASAN) -o $@ $^ -lcmocka $(LIB_LIBS)

-include $(wildcard $(SIMT_OUT)/*.d)
