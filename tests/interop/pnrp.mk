# SPDX-License-Identifier: GPL-2.0-or-later
#
# PNRP as Wireshark sees it, and captures as peer6 does.

PCAP_OUT	:= build/tests/interop
PCAP_SRCS	:= tests/interop/pnrp_pcap.c tests/libpeer6/pnrp_vectors.c \
		   tests/libpeer6/cases.c
PCAP_PROG	:= $(PCAP_OUT)/pnrp_pcap

CHECK_BUILD	+= $(PCAP_PROG)
CHECK_HOST	+= check-pnrp-tshark check-pnrp-decode

.PHONY: check-pnrp-tshark check-pnrp-decode
check-pnrp-tshark: $(PCAP_PROG)
	@PNRP_PCAP=$< tests/interop/pnrp_tshark.sh
check-pnrp-decode: $(PCAP_PROG) build/userspace/asan/peer6
	@PNRP_PCAP=$< PEER6=build/userspace/asan/peer6 \
		tests/userspace/pnrp_decode.sh

$(PCAP_PROG): $(PCAP_SRCS) build/libpeer6/libpeer6-asan.a
	@mkdir -p $(@D)
	$(CC) -std=gnu11 $(LIB_WARN) -Werror $(LIB_ASAN) -Iinclude \
		-Itests/libpeer6 -MMD -o $@ $(filter %.c %.a,$^)

-include $(wildcard $(PCAP_OUT)/*.d)
