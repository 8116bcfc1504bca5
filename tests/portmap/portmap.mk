# SPDX-License-Identifier: GPL-2.0-or-later
#
# Port mappings: what asks gateways, under ASan and UBSan in network namespaces of
# this machine; and the daemon between a gateway and the kernel, in the virtual
# machine. What the kernel does with a mapping is the driver's tests' to say, so
# one kernel is enough.

CHECK_HOST	+= check-portmap-gateway
CHECK_VM_6.12	+= tests/portmap/portmap.sh

.PHONY: check-portmap-gateway
check-portmap-gateway: build/peer6d.d/asan/peer6d build/peer6d.d/asan/peer6-portmap
	@PEER6D=$< tests/portmap/gateway.sh
