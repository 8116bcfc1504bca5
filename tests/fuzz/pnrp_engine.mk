# SPDX-License-Identifier: GPL-2.0-or-later
#
# "make check-fuzz-pnrp-engine" runs whole PNRP nodes for FUZZ_SECONDS;
# "make fuzz-corpus-pnrp-engine" writes the seeds anew.

FUZZ_ENGINE_OUT		:= build/fuzz
FUZZ_ENGINE_SRCS	:= $(filter-out userspace/libpeer6/pnrp/print%.c, \
			     $(wildcard userspace/libpeer6/pnrp/*.c)) \
			   userspace/libpeer6/base/error.c
FUZZ_ENGINE_DEPS	:= tests/fuzz/pnrp_engine_program.h \
			   tests/fuzz/pnrp_engine.mk \
			   $(wildcard userspace/libpeer6/pnrp/*.h \
			     include/peer6/*.h)
FUZZ_ENGINE_FLAGS	:= -std=gnu11 -g -O1 -Wall -Wextra -Werror \
			   -fsanitize=address,undefined \
			   -fno-sanitize-recover=all \
			   -fno-omit-frame-pointer -Iinclude
FUZZ_ENGINE_BINS	:= $(FUZZ_ENGINE_OUT)/fuzz_pnrp-engine \
			   $(FUZZ_ENGINE_OUT)/gen_pnrp-engine

CHECK_BUILD	+= $(FUZZ_ENGINE_BINS)
CHECK_HOST	+= check-fuzz-pnrp-engine

.PHONY: check-fuzz-pnrp-engine fuzz-corpus-pnrp-engine
check-fuzz-pnrp-engine: $(FUZZ_ENGINE_BINS)
	@tests/fuzz/run pnrp-engine $(FUZZ_SECONDS)

fuzz-corpus: fuzz-corpus-pnrp-engine
fuzz-corpus-pnrp-engine: $(FUZZ_ENGINE_OUT)/gen_pnrp-engine
	rm -rf tests/fuzz/corpus/pnrp-engine
	$< tests/fuzz/corpus

$(FUZZ_ENGINE_OUT)/fuzz_pnrp-engine: tests/fuzz/fuzz_pnrp-engine.c \
		$(FUZZ_ENGINE_SRCS) $(FUZZ_ENGINE_DEPS)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_ENGINE_FLAGS) -fsanitize=fuzzer -o $@ \
		$(filter %.c,$^)

$(FUZZ_ENGINE_OUT)/gen_pnrp-engine: tests/fuzz/gen_pnrp-engine.c \
		$(FUZZ_ENGINE_DEPS)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_ENGINE_FLAGS) -o $@ $(filter %.c,$^)

# The seeds again where pointers are short, and where bytes are the other way
# round (compilers and emulator: tests/portable/portable.mk). A broken promise
# ends the program.
ENGINE_KINDS	:= m32 s390x
CHECK_BUILD	+= $(ENGINE_KINDS:%=build/portable/%/replay-engine)
CHECK_HOST	+= $(ENGINE_KINDS:%=check-engine-%)

.PHONY: $(ENGINE_KINDS:%=check-engine-%)
$(ENGINE_KINDS:%=build/portable/%/replay-engine): \
		build/portable/%/replay-engine: tests/fuzz/replay.c \
		tests/fuzz/fuzz_pnrp-engine.c \
		tests/fuzz/pnrp_engine_program.h build/portable/%/libpeer6.a
	$(PORT_CC_$*) -std=c11 -O2 -Wall -Wextra -Werror -Iinclude -o $@ \
		$(filter %.c %.a,$^)

$(ENGINE_KINDS:%=check-engine-%): check-engine-%: \
		build/portable/%/replay-engine
	@$(PORT_RUN_$*) $< $(sort $(wildcard tests/fuzz/corpus/pnrp-engine/*))
