# SPDX-License-Identifier: GPL-2.0

CHECK_VM_STOCK	+= tests/interop/tshark.sh
