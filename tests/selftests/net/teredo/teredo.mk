# SPDX-License-Identifier: GPL-2.0
#
# What is run in the machine is what the kernel's Makefile here runs. The debug
# kernel is ten times slower: it gets the scripts that take each path of the
# code once, not those that take the same path by many NATs or wait for them.

CHECK_VM	+= $(addprefix tests/selftests/net/teredo/, \
			loss.sh roles.sh lifecycle.sh)
CHECK_VM_STOCK	+= $(addprefix tests/selftests/net/teredo/, \
			natpairs.sh refresh.sh samenat.sh)
