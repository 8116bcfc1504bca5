# SPDX-License-Identifier: GPL-2.0-or-later
#
# "make check-fuzz-identity" tries what reads names, certificates, XML and keys
# for FUZZ_SECONDS; "make fuzz-corpus-identity" writes its seeds anew.

FUZZ_ID_OUT	:= build/fuzz
FUZZ_ID_SRCS	:= $(filter-out %/store.c %/store_ops.c, \
		     $(wildcard userspace/libpeer6/identity/*.c)) \
		   $(wildcard userspace/libpeer6/base/name*.c) \
		   tests/libpeer6/id_vectors.c
FUZZ_ID_DEPS	:= tests/fuzz/identity.mk tests/fuzz/identity_kinds.h \
		   $(wildcard userspace/libpeer6/identity/*.h \
		     include/peer6/*.h tests/libpeer6/id_*.h)
FUZZ_ID_FLAGS	:= -std=gnu11 -g -O1 -Wall -Wextra -Werror -D_GNU_SOURCE \
		   -Wno-macro-redefined \
		   -fsanitize=address,undefined -fno-sanitize-recover=all \
		   -fno-omit-frame-pointer -Iinclude -Itests/libpeer6 \
		   $(shell pkg-config --cflags libxml-2.0)
FUZZ_ID_BINS	:= $(FUZZ_ID_OUT)/fuzz_identity $(FUZZ_ID_OUT)/gen_identity

CHECK_BUILD	+= $(FUZZ_ID_BINS)
CHECK_HOST	+= check-fuzz-identity

.PHONY: check-fuzz-identity fuzz-corpus-identity
check-fuzz-identity: $(FUZZ_ID_BINS)
	@FUZZ_MAX_LEN=8192 tests/fuzz/run identity $(FUZZ_SECONDS)

fuzz-corpus: fuzz-corpus-identity
fuzz-corpus-identity: $(FUZZ_ID_OUT)/gen_identity
	rm -rf tests/fuzz/corpus/identity
	$< tests/fuzz/corpus

$(FUZZ_ID_OUT)/fuzz_identity: tests/fuzz/fuzz_identity.c $(FUZZ_ID_SRCS) \
		$(FUZZ_ID_DEPS)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_ID_FLAGS) -fsanitize=fuzzer -o $@ \
		$(filter %.c,$^) -lcrypto -lxml2

$(FUZZ_ID_OUT)/gen_identity: tests/fuzz/gen_identity.c $(FUZZ_ID_SRCS) \
		$(FUZZ_ID_DEPS)
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ_ID_FLAGS) -o $@ $(filter %.c,$^) -lcrypto -lxml2
