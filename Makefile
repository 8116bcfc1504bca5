# SPDX-License-Identifier: GPL-2.0-or-later
#
# peer6: see README.md. "make help" lists the targets.
#
# A folder brings its own rules in a fragment, FOLDER/*.mk, read from the top of the
# tree (paths in it start at the top; what it builds goes below build/). A
# fragment registers what it has by adding to:
#
#   USERSPACE	files that "make userspace" builds
#   CHECK_BUILD	files or targets that have to be built before any check runs
#   CHECK_HOST	targets that are a check on this machine; each is run as
#		"make TARGET", prints TAP, and exits non-zero on failure. One
#		runs at a time, next to the machines
#   CHECK_VM	scripts that are run in the virtual machine on 6.1, on 6.12 and
#		(make check-debug) on the debug kernel, from the top of the
#		tree, and print TAP; the modules are there for modprobe. All
#		scripts of a kernel share one boot, so each cleans up. A file
#		called settings beside a script may set timeout=SECONDS
#		(default 300; three times as much on the debug kernel)
#   CHECK_VM_STOCK	the same, but not on the debug kernel
#   CHECK_VM_6.1	the same, but on 6.1 only; CHECK_VM_6.12: on 6.12 only
#   CHECK_VM_DEBUG	the same, but on the debug kernel only
#   BENCH	targets that "make bench" runs
#
# and has "install::" and "uninstall::" rules of its own. A target that says
# "## what it does" behind its prerequisites is listed by "make help".

KERNELS		:= 6.1 6.12
JOBS		?= $(shell nproc)
KDIR		?=
PREFIX		?= /usr
DESTDIR		?=
INSTALL_MOD_PATH ?= $(DESTDIR)
export PREFIX DESTDIR INSTALL_MOD_PATH

# For the user-space part; the kernel's build system brings its own flags.
CC		?= gcc
CFLAGS		?= -O2 -g
VERSION		:= $(or $(shell git describe --tags --always --dirty \
			2>/dev/null),unknown)

.DEFAULT_GOAL	:= help
.DELETE_ON_ERROR:

.PHONY: help deps all modules modules-debug userspace install uninstall demo \
	check check-debug check-build check-debug-build bench style sparse \
	checkpatch shellcheck clean FORCE

help:	## This list
	@echo 'peer6: Windows Peer-to-Peer Networking for Linux'
	@echo
	@sed -n 's/^\([a-z][a-z-]*\)::*.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | \
		awk -F '|' '{ printf "  %-14s %s\n", $$1, $$2 }'
	@echo
	@echo '  KDIR=DIR       build or install the modules for the kernel whose'
	@echo '                 headers are in DIR (install: the running one)'

-include $(sort $(wildcard userspace/*.mk userspace/*/*.mk scripts/*/*.mk \
	tests/*.mk tests/*/*.mk tests/*/*/*.mk tests/*/*/*/*.mk \
	Documentation/*.mk))

deps:	## Install the packages and fetch the kernels that are missing
	@scripts/deps

all:	modules userspace ## Build everything

modules: ## Build teredo.ko and icf6.ko for 6.1 and 6.12, or for KDIR
ifneq ($(KDIR),)
	@scripts/modules --kdir $(KDIR) kdir
else
	@for k in $(KERNELS); do scripts/modules $$k || exit 1; done
endif

modules-debug:
	@scripts/modules debug

userspace: $(USERSPACE) ## Build the commands, the daemon, the library and the plug-ins

install:: userspace ## Install everything (DESTDIR, PREFIX, INSTALL_MOD_PATH)
	@scripts/modules --kdir $(or $(KDIR),/lib/modules/$(shell uname -r)/build) \
		--install kdir

uninstall:: ## Remove what install put there
	@scripts/modules --kdir $(or $(KDIR),/lib/modules/$(shell uname -r)/build) \
		--uninstall kdir

demo:	deps all ## Two hosts behind two NATs find each other, in a virtual machine
	@scripts/vm/run --name demo -- scripts/demo

check-build: all $(CHECK_BUILD)

check-debug-build: userspace modules-debug $(CHECK_BUILD)

# Both machines run side by side, and next to them the checks of the host, one at
# a time: much of a machine's time is spent on waiting for the protocol's timers.
check:	deps ## All tests, on 6.1 and 6.12
	@$(MAKE) --no-print-directory -j $(JOBS) check-build
	@tests/run --jobs 3 --out build/check \
		'vm-6.1=scripts/vm/run --kernel 6.1 --timeout 3600 --name check-6.1 -- tests/vm/suite $(CHECK_VM) $(CHECK_VM_STOCK) $(CHECK_VM_6.1)' \
		'vm-6.12=scripts/vm/run --kernel 6.12 --timeout 3600 --name check-6.12 -- tests/vm/suite $(CHECK_VM) $(CHECK_VM_STOCK) $(CHECK_VM_6.12)' \
		$(foreach t,$(CHECK_HOST),'$(t)=$(MAKE) -s --no-print-directory $(t)')

# Slow, so two machines share the scripts.
check-debug: deps ## The kernel tests under KASAN, lockdep and kmemleak
	@$(MAKE) --no-print-directory -j $(JOBS) check-debug-build
	@tests/run --out build/check-debug \
		$(foreach n,0 1,'vm-debug-$(n)=scripts/vm/run --kernel debug --timeout 3600 --name check-debug-$(n) -- tests/vm/suite $(shell printf '%s\n' $(CHECK_VM) $(CHECK_VM_DEBUG) | awk 'NR % 2 == $(n)')') \
		'vm-debug-reports=tests/vm/reports debug'

bench:	deps all $(BENCH) ## All benchmarks

style:	sparse checkpatch shellcheck ## No warning at W=1, sparse, checkpatch, shellcheck

sparse:	## W=1 and sparse with endian checks
	@tests/style/style sparse $(KERNELS)

checkpatch: ## checkpatch --strict
	@tests/style/style checkpatch

shellcheck: ## shellcheck
	@tests/style/style shellcheck

clean:	## Remove build/
	rm -rf build

CHECK_HOST	+= sparse checkpatch shellcheck check-vm

.PHONY: check-vm
check-vm:
	@tests/vm/reports 6.1
