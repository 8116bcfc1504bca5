# SPDX-License-Identifier: GPL-2.0
#
# Clients, servers and relays through NATs; and that the kernel's own build
# system takes the folder as it is.

# The debug kernel is many times slower: it gets the scripts that take each path
# of the code, not those that take the same path by many NATs or wait for them.
CHECK_VM	+= $(addprefix tests/selftests/net/teredo/, \
			lifecycle.sh extensions.sh limits.sh loss.sh roles.sh)
CHECK_VM_STOCK	+= tests/selftests/net/teredo/roam.sh
CHECK_VM_DEBUG	+= tests/selftests/net/teredo/ports.sh
# What these are about does not depend on the kernel, and they take long.
CHECK_VM_6.1	+= $(addprefix tests/selftests/net/teredo/, \
			matrix_samenat.sh natpairs.sh ports.sh setup.sh)
CHECK_VM_6.12	+= $(addprefix tests/selftests/net/teredo/, \
			matrix.sh refresh.sh samenat.sh torture.sh)

CHECK_HOST	+= check-dropin

.PHONY: check-dropin
check-dropin:
	@tests/selftests/dropin.sh
