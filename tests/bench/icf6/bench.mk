# SPDX-License-Identifier: GPL-2.0-or-later

# KERNEL chooses the kernel. Always by instructions on one processor: what is
# told apart here is tens of nanoseconds a packet.
BENCH		+= bench-icf6

.PHONY: bench-icf6
bench-icf6: modules ## icf6.ko beside conntrack alone and nftables (KERNEL=6.12)
	@mkdir -p build/bench
	@scripts/vm/run --kernel $(KERNEL) --name bench-icf6 --timeout 3600 \
		--icount --out build/bench -- tests/bench/icf6/run
