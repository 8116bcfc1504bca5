# SPDX-License-Identifier: GPL-2.0-or-later

# What "make install" puts in place, for tests/systemd/units.sh.
CHECK_BUILD	+= build/stage/.done
CHECK_VM_6.1	+= tests/systemd/units.sh

# As scripts/vm/common.sh has it.
SYSTEMD_CACHE	= $(or $(PEER6_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/peer6)

build/stage/.done: userspace modules
	@rm -rf build/stage
	@$(MAKE) -s --no-print-directory install DESTDIR=$(CURDIR)/build/stage \
		KDIR=$(SYSTEMD_CACHE)/kernel/6.1/build >build/stage.log 2>&1 || \
		{ cat build/stage.log; exit 1; }
	@touch $@
