# SPDX-License-Identifier: GPL-2.0-or-later
#
# "make check-fuzz-pnrp-wire" tries the decoders of PNRP for FUZZ_SECONDS;
# "make fuzz-corpus-pnrp-wire" writes its seeds anew.

FUZZ_WIRE_OUT	:= build/fuzz
FUZZ_WIRE_SRCS	:= $(wildcard userspace/libpeer6/pnrp/wire*.c) \
		   $(wildcard userspace/libpeer6/pnrp/print*.c) \
		   userspace/libpeer6/pnrp/cpa.c \
		   userspace/libpeer6/base/error.c \
		   userspace/libpeer6/base/name_utf.c
FUZZ_WIRE_SEEDS	:= tests/libpeer6/pnrp_vectors.c tests/libpeer6/cases.c
FUZZ_WIRE_DEPS	:= tests/fuzz/pnrp_wire_seeds.h tests/fuzz/pnrp.mk \
		   $(wildcard userspace/libpeer6/pnrp/*.h \
		     include/peer6/*.h tests/libpeer6/*.h)
FUZZ_WIRE_FLAGS	:= -std=gnu11 -g -O1 -Wall -Wextra -Werror \
		   -fsanitize=address,undefined -fno-sanitize-recover=all \
		   -fno-omit-frame-pointer -Iinclude -Itests/libpeer6
FUZZ_WIRE_BINS	:= $(FUZZ_WIRE_OUT)/fuzz_pnrp-wire \
		   $(FUZZ_WIRE_OUT)/gen_pnrp-wire

CHECK_BUILD	+= $(FUZZ_WIRE_BINS)
CHECK_HOST	+= check-fuzz-pnrp-wire

.PHONY: check-fuzz-pnrp-wire fuzz-corpus-pnrp-wire
check-fuzz-pnrp-wire: $(FUZZ_WIRE_BINS)
	@tests/fuzz/run pnrp-wire $(FUZZ_SECONDS)

fuzz-corpus: fuzz-corpus-pnrp-wire
fuzz-corpus-pnrp-wire: $(FUZZ_WIRE_OUT)/gen_pnrp-wire
	rm -rf tests/fuzz/corpus/pnrp-wire
	$< tests/fuzz/corpus

$(FUZZ_WIRE_OUT)/fuzz_pnrp-wire: tests/fuzz/fuzz_pnrp-wire.c $(FUZZ_WIRE_SRCS) \
		$(FUZZ_WIRE_DEPS)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_WIRE_FLAGS) -fsanitize=fuzzer -o $@ \
		$(filter %.c,$^)

$(FUZZ_WIRE_OUT)/gen_pnrp-wire: tests/fuzz/gen_pnrp-wire.c $(FUZZ_WIRE_SRCS) \
		$(FUZZ_WIRE_SEEDS) $(FUZZ_WIRE_DEPS)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_WIRE_FLAGS) -o $@ $(filter %.c,$^)
