# SPDX-License-Identifier: GPL-2.0

CHECK_VM_6.12	+= tests/names/names.sh
