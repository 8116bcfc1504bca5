# SPDX-License-Identifier: GPL-2.0
#
# Clients, servers and relays through NATs; and that the kernel's own build
# system takes the folder as it is.

# The debug kernel is many times slower: it gets the scripts that take each path
# of the code, not those that take the same path by many NATs or wait for them.
CHECK_VM	+= $(addprefix tests/selftests/net/teredo/, \
			lifecycle.sh limits.sh loss.sh roles.sh)
CHECK_VM_STOCK	+= $(addprefix tests/selftests/net/teredo/, \
			extensions.sh natpairs.sh refresh.sh roam.sh samenat.sh \
			torture.sh)
# Nothing in these depends on the kernel, and many hosts take long to build.
CHECK_VM_6.1	+= $(addprefix tests/selftests/net/teredo/, \
			matrix_samenat.sh ports.sh)
CHECK_VM_6.12	+= tests/selftests/net/teredo/matrix.sh

CHECK_HOST	+= check-dropin

.PHONY: check-dropin
check-dropin:
	@tests/selftests/dropin.sh
