# SPDX-License-Identifier: GPL-2.0

# What the command does is the same on each kernel.
CHECK_VM_6.1	+= $(addprefix tests/selftests/net/icf6/,cli.sh cli_file.sh \
		     cli_log.sh)
