# SPDX-License-Identifier: GPL-2.0
#
# The scripts that the kernel's Makefile here runs are run in the machine, too.

CHECK_VM	+= $(addprefix tests/selftests/net/teredo/,natpairs.sh roles.sh)
CHECK_VM	+= tests/selftests/net/teredo/malformed.sh
