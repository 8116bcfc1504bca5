# SPDX-License-Identifier: GPL-2.0-or-later

# KERNEL chooses the kernel, ROUNDS how often all is measured, PARTS what (speed,
# relay, rs, setup, scale); ICOUNT=1 measures by instructions on one processor,
# for a machine that has other things to do.
KERNEL		?= 6.1
ROUNDS		?= 5
PARTS		?=
ICOUNT		?=

BENCH		+= bench-teredo

.PHONY: bench-teredo bench-plot
bench-teredo: modules userspace build/bench/swarm ## teredo.ko beside Miredo, fou, geneve, IPv4 (KERNEL=6.12)
	@mkdir -p build/bench
	@scripts/vm/run --kernel $(KERNEL) --name bench-teredo --timeout 7200 \
		$(if $(ICOUNT),--icount) --mem 3G --out build/bench -- \
		tests/bench/teredo/run $(ROUNDS) $(PARTS)

bench-plot: ## Draw what bench-teredo measured
	@tests/bench/teredo/plot.py build/bench

build/bench/swarm: tests/bench/teredo/swarm.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -D_GNU_SOURCE -Wall -Wextra -o $@ $<
