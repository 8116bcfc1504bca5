# SPDX-License-Identifier: GPL-2.0
#
# The lab needs nothing of ours, so the debug kernel has nothing to find in it.
# That Miredo behaves in it as is known of Miredo is looked at when the lab
# changes: interop/miredo.sh runs the same functions each time.

CHECK_VM_6.1	+= tests/lab/nat_test.sh

.PHONY: check-lab-miredo
check-lab-miredo: modules ## Miredo with Miredo in the lab, on 6.1
	@scripts/vm/run --kernel 6.1 --name lab-miredo -- tests/vm/suite \
		tests/lab/miredo_test.sh
