# SPDX-License-Identifier: GPL-2.0
#
# The lab needs nothing of ours, so the debug kernel has nothing to find in it.

CHECK_VM_6.1	+= tests/lab/nat_test.sh
CHECK_VM_6.1	+= tests/lab/miredo_test.sh
