# SPDX-License-Identifier: GPL-2.0
#
# "make check-fuzz-icf6-verdict" tries the firewall's verdict for FUZZ_SECONDS;
# "make fuzz-corpus-icf6-verdict" writes its seeds anew.

FUZZ_ICF6_SRCS	:= $(wildcard kernel/icf6/core/*.c)
FUZZ_ICF6_DEPS	:= $(wildcard kernel/icf6/core/*.h) tests/fuzz/icf6_input.h \
		   tests/fuzz/icf6.mk include/uapi/linux/icf6.h
FUZZ_ICF6_FLAGS	:= -std=gnu11 -g -O1 -Wall -Wextra -Werror \
		   -fsanitize=address,undefined -fno-sanitize-recover=all \
		   -fno-omit-frame-pointer -Iinclude/uapi -Ikernel/icf6/core
FUZZ_ICF6_BINS	:= build/fuzz/fuzz_icf6-verdict build/fuzz/gen_icf6-verdict

CHECK_BUILD	+= $(FUZZ_ICF6_BINS)
CHECK_HOST	+= check-fuzz-icf6-verdict

.PHONY: check-fuzz-icf6-verdict fuzz-corpus-icf6-verdict
check-fuzz-icf6-verdict: $(FUZZ_ICF6_BINS)
	@tests/fuzz/run icf6-verdict $(FUZZ_SECONDS)

fuzz-corpus: fuzz-corpus-icf6-verdict
fuzz-corpus-icf6-verdict: build/fuzz/gen_icf6-verdict
	rm -rf tests/fuzz/corpus/icf6-verdict
	$< tests/fuzz/corpus

build/fuzz/fuzz_icf6-verdict: tests/fuzz/fuzz_icf6-verdict.c \
		$(FUZZ_ICF6_SRCS) $(FUZZ_ICF6_DEPS)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_ICF6_FLAGS) -fsanitize=fuzzer -o $@ $(filter %.c,$^)

build/fuzz/gen_icf6-verdict: tests/fuzz/gen_icf6-verdict.c $(FUZZ_ICF6_DEPS)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_ICF6_FLAGS) -o $@ $(filter %.c,$^)
