# SPDX-License-Identifier: GPL-2.0
#
# libFuzzer targets for the protocol code. "make check-fuzz-packet" and "make
# check-fuzz-machine" each run for FUZZ_SECONDS; "make fuzz-corpus" writes the
# seeds in tests/fuzz/corpus/ anew.

FUZZ_CC		?= clang
FUZZ_SECONDS	?= 60
FUZZ_CORE	:= kernel/teredo/core
FUZZ_OUT	:= build/fuzz
FUZZ_NAMES	:= packet machine
FUZZ_CFLAGS	:= -std=gnu11 -g -O1 -Wall -Wextra -Werror \
		   -fsanitize=address,undefined -fno-sanitize-recover=all \
		   -fno-omit-frame-pointer -Iinclude/uapi -I$(FUZZ_CORE) \
		   -Itests/fuzz -Itests/unit
FUZZ_DEPS	:= $(wildcard $(FUZZ_CORE)/*.[ch] tests/fuzz/*.h) \
		   tests/unit/vectors.h include/uapi/linux/teredo.h \
		   tests/fuzz/fuzz.mk
FUZZ_BINS	:= $(FUZZ_NAMES:%=$(FUZZ_OUT)/fuzz_%) $(FUZZ_OUT)/gen_corpus

CHECK_BUILD	+= fuzz
CHECK_HOST	+= $(FUZZ_NAMES:%=check-fuzz-%)

.PHONY: fuzz fuzz-corpus $(FUZZ_NAMES:%=check-fuzz-%)
fuzz: $(FUZZ_BINS)

$(FUZZ_NAMES:%=check-fuzz-%): check-fuzz-%: $(FUZZ_OUT)/fuzz_% $(FUZZ_OUT)/gen_corpus
	@tests/fuzz/run $* $(FUZZ_SECONDS)

fuzz-corpus: $(FUZZ_OUT)/gen_corpus
	rm -rf $(FUZZ_NAMES:%=tests/fuzz/corpus/%)
	$< tests/fuzz/corpus

$(FUZZ_OUT)/fuzz_machine: tests/fuzz/machine.c tests/fuzz/machine_check.c

$(FUZZ_OUT)/fuzz_%: tests/fuzz/fuzz_%.c $(FUZZ_DEPS)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer -o $@ $(filter %.c,$^)

$(FUZZ_OUT)/gen_corpus: tests/fuzz/gen_corpus.c $(FUZZ_DEPS)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_CFLAGS) -o $@ $<
