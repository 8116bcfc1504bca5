# SPDX-License-Identifier: GPL-2.0
#
# "make check-fuzz-teredo-day" runs days of a client's life for FUZZ_SECONDS;
# "make fuzz-corpus-teredo-day" writes the seeds anew. How it is compiled is said
# in fuzz.mk.

CHECK_BUILD	+= $(FUZZ_OUT)/fuzz_teredo-day $(FUZZ_OUT)/gen_teredo-day
CHECK_HOST	+= check-fuzz-teredo-day

.PHONY: check-fuzz-teredo-day fuzz-corpus-teredo-day
check-fuzz-teredo-day: $(FUZZ_OUT)/fuzz_teredo-day $(FUZZ_OUT)/gen_teredo-day
	@FUZZ_MAX_LEN=256 FUZZ_LEAST=200 tests/fuzz/run teredo-day $(FUZZ_SECONDS)

fuzz-corpus: fuzz-corpus-teredo-day
fuzz-corpus-teredo-day: $(FUZZ_OUT)/gen_teredo-day
	rm -rf tests/fuzz/corpus/teredo-day
	$< tests/fuzz/corpus

$(FUZZ_OUT)/gen_teredo-day: tests/fuzz/gen_teredo-day.c \
		tests/fuzz/day_program.h tests/fuzz/teredo_day.mk
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_CFLAGS) -o $@ $<
