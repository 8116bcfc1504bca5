/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The language of fuzz_teredo-day's inputs: an event, what it is about, and how
 * long it is until the next one. DAY_LOSS takes one byte more, before the time.
 */
#ifndef _FUZZ_DAY_PROGRAM_H
#define _FUZZ_DAY_PROGRAM_H

enum day_event {
	DAY_SEND,
	DAY_SEND_MORE,
	DAY_STRANGER,
	DAY_DIRECT,
	DAY_NAT_RESTART,
	DAY_NAT_MOVE,
	DAY_NAT_KIND,
	DAY_SERVER,
	DAY_SERVER2,
	DAY_LINK,
	DAY_ANOTHER_LINK,
	DAY_NETWORK,
	DAY_DOUBT,
	DAY_SLEEP,
	DAY_REFRESH,
	DAY_UP,
	DAY_CONFIG,
	DAY_PEER,
	DAY_LOSS,
	DAY_REPLAY,
	DAY_EVENTS,
};

#endif /* _FUZZ_DAY_PROGRAM_H */
