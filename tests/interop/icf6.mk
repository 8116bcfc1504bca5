# SPDX-License-Identifier: GPL-2.0

CHECK_VM_6.1	+= $(addprefix tests/interop/icf6_,nmap.sh boot.sh)
CHECK_VM_6.12	+= tests/interop/icf6_nft.sh
