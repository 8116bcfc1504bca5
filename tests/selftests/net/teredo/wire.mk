# SPDX-License-Identifier: GPL-2.0
#
# Tests of single packets and of the network around a device.

CHECK_VM	+= $(addprefix tests/selftests/net/teredo/,liar.sh malformed.sh mtu.sh)
# What netchange and suspend await happens by the clock, which the debug kernel
# does not keep; and it has no nftables on bridges, by which gso looks at them.
CHECK_VM_STOCK	+= $(addprefix tests/selftests/net/teredo/, \
			gso.sh netchange.sh suspend.sh)
