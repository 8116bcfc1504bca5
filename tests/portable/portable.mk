# SPDX-License-Identifier: GPL-2.0-or-later
#
# The portable part of libpeer6 (base and pnrp) on machines unlike this one:
#
#	check-portable-mingw	it compiles for Windows, with the language's own
#				headers alone
#	check-portable-m32	32 bits: built, and its cases run
#	check-portable-s390x	big-endian: built, and its cases run by qemu

PORT_OUT	:= build/portable
PORT_DIR	:= userspace/libpeer6
PORT_SRCS	:= $(wildcard $(PORT_DIR)/base/*.c $(PORT_DIR)/pnrp/*.c)
PORT_KINDS	:= mingw m32 s390x
PORT_CFLAGS	:= -std=c11 -pedantic -O2 -Wall -Wextra -Wshadow -Werror \
		   -Iinclude
PORT_CASES	:= $(wildcard tests/libpeer6/cases*.c) \
		   tests/libpeer6/pnrp_vectors.c tests/portable/main.c

PORT_CC_mingw	:= x86_64-w64-mingw32-gcc
PORT_CC_m32	:= gcc -m32
PORT_CC_s390x	:= s390x-linux-gnu-gcc -static
PORT_AR_mingw	:= x86_64-w64-mingw32-ar
PORT_AR_m32	:= ar
PORT_AR_s390x	:= s390x-linux-gnu-ar
PORT_RUN_m32	:=
PORT_RUN_s390x	:= qemu-s390x-static
# The first comment of the program says which of these it is.
PORT_SAYS_m32	:= \# 32-bit, little-endian
PORT_SAYS_s390x	:= \# 64-bit, big-endian

CHECK_BUILD	+= portable
CHECK_HOST	+= $(PORT_KINDS:%=check-portable-%)

.PHONY: portable check-portable $(PORT_KINDS:%=check-portable-%)
check-portable: $(PORT_KINDS:%=check-portable-%) ## libpeer6 on other machines

define PORT_RULES
$$(PORT_OUT)/$(1)/%.o: $$(PORT_DIR)/%.c
	@mkdir -p $$(@D)
	$$(PORT_CC_$(1)) $$(PORT_CFLAGS) -MMD -c -o $$@ $$<

$$(PORT_OUT)/$(1)/libpeer6.a: \
		$$(PORT_SRCS:$$(PORT_DIR)/%.c=$$(PORT_OUT)/$(1)/%.o)
	@rm -f $$@
	$$(PORT_AR_$(1)) rcs $$@ $$^

-include $$(wildcard $$(PORT_OUT)/$(1)/*/*.d)
endef

$(foreach kind,$(PORT_KINDS),$(eval $(call PORT_RULES,$(kind))))

$(PORT_OUT)/%/cases: $(PORT_CASES) $(PORT_OUT)/%/libpeer6.a \
		$(wildcard tests/libpeer6/*.h include/peer6/*.h)
	$(PORT_CC_$*) $(PORT_CFLAGS) -Itests/libpeer6 -o $@ \
		$(filter %.c %.a,$^)

portable: $(PORT_OUT)/mingw/libpeer6.a $(PORT_OUT)/m32/cases \
	$(PORT_OUT)/s390x/cases

check-portable-mingw: $(PORT_OUT)/mingw/libpeer6.a
	@tests/portable/symbols x86_64-w64-mingw32-nm $<

check-portable-m32 check-portable-s390x: check-portable-%: $(PORT_OUT)/%/cases
	@$(PORT_RUN_$*) $< | tee $(PORT_OUT)/$*/log
	@grep -qx '$(PORT_SAYS_$*)' $(PORT_OUT)/$*/log
	@! grep -q '^not ok' $(PORT_OUT)/$*/log
	@grep -q '^1\.\.' $(PORT_OUT)/$*/log
