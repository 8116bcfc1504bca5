/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The language of fuzz_pnrp-engine: each byte of an input is one of these
 * (modulo their number), followed by the bytes that it reads. A byte that is
 * missing at the end is zero.
 */
#ifndef TESTS_FUZZ_PNRP_ENGINE_PROGRAM_H
#define TESTS_FUZZ_PNRP_ENGINE_PROGRAM_H

enum engine_op {
	OP_TIME,	/* how long: index of the times below */
	OP_DELIVER,	/* how many datagrams, oldest first */
	OP_SPOIL,	/* deliver one; 1..4 changes: place (2), value */
	OP_LOSE,	/* the oldest */
	OP_REPLAY,	/* age, node, source: one that was there before */
	OP_CRAFT,	/* node, source, type, flags, IDs ...: see craft() */
	OP_REGISTER,	/* node, name, kind */
	OP_UPDATE,	/* node, which, kind */
	OP_UNREGISTER,	/* node, which */
	OP_RESOLVE,	/* node, name, criteria, precision, results, timeout */
	OP_CANCEL,	/* node, which */
	OP_OPEN,	/* node */
	OP_CLOSE,	/* node */
	OP_ENDPOINTS,	/* node, how many */
	OP_FLUSH,	/* node */
	OP_REPAIR,	/* node */
	OP_SYNCHRONIZE,	/* node, with whom */
	OP_SSDP,	/* node, whom */
	OP_PING,	/* node, whom */
	OP_CLOCK,	/* node, hours (signed) */
	OP_FAIL,	/* 0 memory, 1 random, 2 events, 3 keys; when */
	OP_KNOWN,	/* node, whom */
	OP_SETTLE,	/* deliver everything and let 2 s pass */
	OPS,
};

/* Of OP_TIME, in milliseconds. */
static const unsigned int engine_times[] = {
	0, 1, 20, 250, 1000, 2000, 5000, 10000, 15000, 60000, 900000,
	100000000,
};

enum { ENGINE_NODES = 4, ENGINE_NAMES = 3 };

#endif
