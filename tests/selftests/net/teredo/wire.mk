# SPDX-License-Identifier: GPL-2.0
#
# Tests of single packets and of the network around a device.

CHECK_VM	+= $(addprefix tests/selftests/net/teredo/,gso.sh liar.sh malformed.sh \
			mtu.sh)
# What they await happens by the clock, which the debug kernel does not keep.
CHECK_VM_STOCK	+= $(addprefix tests/selftests/net/teredo/, \
			netchange.sh suspend.sh)
