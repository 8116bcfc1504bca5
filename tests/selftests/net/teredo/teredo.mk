# SPDX-License-Identifier: GPL-2.0
#
# What is run in the machine is what the kernel's Makefile here runs.

CHECK_VM	+= $(addprefix tests/selftests/net/teredo/, \
			loss.sh natpairs.sh refresh.sh roles.sh samenat.sh)
