# SPDX-License-Identifier: GPL-2.0

CHECK_VM_6.1	+= $(addprefix tests/interop/icf6_,nmap.sh boot.sh)
CHECK_VM_6.12	+= $(addprefix tests/interop/icf6_,nft.sh clients.sh pnrp.sh)
