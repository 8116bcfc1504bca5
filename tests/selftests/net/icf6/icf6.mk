# SPDX-License-Identifier: GPL-2.0

CHECK_VM	+= tests/selftests/net/icf6/basic.sh
# Many sockets and much waiting: too slow for the debug kernel.
CHECK_VM_STOCK	+= tests/selftests/net/icf6/features.sh
