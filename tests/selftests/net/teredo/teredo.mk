# SPDX-License-Identifier: GPL-2.0
#
# Clients, servers and relays through NATs; and that the kernel's own build
# system takes the folder as it is.

CHECK_VM	+= $(addprefix tests/selftests/net/teredo/, \
			lifecycle.sh limits.sh loss.sh natpairs.sh refresh.sh \
			roles.sh samenat.sh)

CHECK_HOST	+= check-dropin

.PHONY: check-dropin
check-dropin:
	@tests/selftests/dropin.sh
