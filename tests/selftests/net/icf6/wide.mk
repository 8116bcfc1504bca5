# SPDX-License-Identifier: GPL-2.0

CHECK_VM_STOCK	+= $(addprefix tests/selftests/net/icf6/, \
		   icmp.sh flow.sh header.sh forward.sh \
		   lifecycle.sh teredo.sh)
# Also the debug kernel, which sees what a parser reads beyond its message.
CHECK_VM	+= tests/selftests/net/icf6/netlink.sh
