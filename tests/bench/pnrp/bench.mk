# SPDX-License-Identifier: GPL-2.0-or-later

BENCH		+= bench-pnrp

.PHONY: bench-pnrp bench-pnrp-million
bench-pnrp: build/peer6-sim build/peer6d ## Clouds of 2,000 and 100,000 names: hops, success, traffic, memory
	@PEER6D=build/peer6d tests/bench/pnrp/daemon build/bench/pnrp.json
	@PEER6_SIM=$< tests/bench/pnrp/run build/bench/pnrp.json 2000 100000

bench-pnrp-million: build/peer6-sim ## A cloud of a million names (20 GiB of memory)
	@PEER6_SIM=$< tests/bench/pnrp/run build/bench/pnrp.json 1000000

.PHONY: plots-pnrp
plots-pnrp: build/peer6-sim ## Pictures of PNRP clouds over their size and churn
	@PEER6_SIM=$< tests/bench/pnrp/plots build/bench/pnrp
