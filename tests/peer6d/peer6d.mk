# SPDX-License-Identifier: GPL-2.0-or-later
#
# The daemon under ASan and UBSan, in network namespaces of this machine: no kernel
# module of ours is needed.

P6DT_OUT	:= build/tests/peer6d

CHECK_BUILD	+= $(P6DT_OUT)/test_ssdp
CHECK_HOST	+= check-peer6d-ssdp check-peer6d-publish check-peer6d-access \
		   check-peer6d-start

.PHONY: check-peer6d check-peer6d-ssdp check-peer6d-publish \
	check-peer6d-access check-peer6d-start
check-peer6d: check-peer6d-ssdp check-peer6d-publish check-peer6d-access \
	check-peer6d-start

check-peer6d-ssdp: $(P6DT_OUT)/test_ssdp
	@CMOCKA_MESSAGE_OUTPUT=TAP $<
check-peer6d-publish check-peer6d-access check-peer6d-start: \
		check-peer6d-%: build/peer6d.d/asan/peer6d
	@PEER6D=$< tests/peer6d/$*.sh

$(P6DT_OUT)/test_ssdp: tests/peer6d/test_ssdp.c \
		userspace/peer6d/ssdp_text.c userspace/peer6d/ssdp_text.h \
		userspace/peer6d/limits.h
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -Wall -Wextra -Werror $(LIB_ASAN) -Iinclude \
		-Iuserspace/peer6d -o $@ $(filter %.c,$^) -lcmocka
