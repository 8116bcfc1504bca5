# SPDX-License-Identifier: GPL-2.0
#
# Tests of single packets and of the network around a device.

CHECK_VM	+= $(addprefix tests/selftests/net/teredo/, \
			malformed.sh mtu.sh netchange.sh suspend.sh)
