# SPDX-License-Identifier: GPL-2.0

CHECK_VM_STOCK	+= $(addprefix tests/selftests/net/icf6/, \
		   icmp.sh flow.sh header.sh forward.sh \
		   lifecycle.sh netlink.sh teredo.sh)
