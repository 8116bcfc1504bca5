# SPDX-License-Identifier: GPL-2.0-or-later
#
# peer6-sim, and the benchmarks that are runs of it.

SIM_DIR		:= userspace/sim
SIM_OUT		:= build/sim
SIM_CFLAGS	:= -std=gnu11 -Wall -Wextra -Wno-missing-field-initializers \
		   -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
		   -Wformat-security -Iinclude -Ibuild/userspace
SIM_OBJS	:= $(patsubst $(SIM_DIR)/%.c,$(SIM_OUT)/%.o, \
		     $(wildcard $(SIM_DIR)/*.c))
# The world without the program around it: tests make their own.
SIM_WORLD	:= $(addprefix $(SIM_OUT)/,sim.o net.o timer.o random.o \
		     crypto.o)

USERSPACE	+= build/peer6-sim

$(SIM_OUT)/%.o: $(SIM_DIR)/%.c | build/userspace/version.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SIM_CFLAGS) -MMD -c -o $@ $<

build/peer6-sim: $(SIM_OBJS) build/libpeer6/libpeer6.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIB_LIBS) -lm

-include $(wildcard $(SIM_OUT)/*.d)

install:: build/peer6-sim
	install -D -m 755 build/peer6-sim $(DESTDIR)$(PREFIX)/bin/peer6-sim

uninstall::
	rm -f $(DESTDIR)$(PREFIX)/bin/peer6-sim
