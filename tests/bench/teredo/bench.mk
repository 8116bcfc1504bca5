# SPDX-License-Identifier: GPL-2.0-or-later

# KERNEL chooses the kernel, ROUNDS how often all is measured; ICOUNT=1 measures
# by instructions on one processor, for a machine that has other things to do.
KERNEL		?= 6.1
ROUNDS		?= 3
ICOUNT		?=

BENCH		+= bench-teredo

.PHONY: bench-teredo
bench-teredo: modules userspace ## teredo.ko beside Miredo, fou, geneve, IPv4 (KERNEL=6.12)
	@mkdir -p build/bench
	@scripts/vm/run --kernel $(KERNEL) --name bench-teredo --timeout 3600 \
		$(if $(ICOUNT),--icount) --out build/bench -- tests/bench/teredo/run $(ROUNDS)
