/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TEREDO_CONTROL_H
#define _TEREDO_CONTROL_H

#include "device.h"

void teredo_control_init(struct teredo_dev *t);

/* Does the device qualify with a server? Else it is usable when it is up. */
static inline bool teredo_qualifies(const struct teredo_conf *conf)
{
	return conf->params.role == TEREDO_ROLE_CLIENT ||
	       (conf->params.role == TEREDO_ROLE_HOST_RELAY &&
		conf->params.server);
}

/* Under RTNL. Starting also starts over. */
void teredo_control_start(struct teredo_dev *t);
void teredo_control_stop(struct teredo_dev *t);
/* Under RTNL: the configuration is another one, the address stays good. */
void teredo_control_conf_changed(struct teredo_dev *t);
/* Under RTNL: what a gateway mapped for the service port; port 0 = nothing. */
void teredo_control_portmap(struct teredo_dev *t,
			    struct teredo_endpoint portmap);
/* Under RTNL, when the worker cannot be in the middle of it. */
void teredo_discovery_close(struct teredo_dev *t);

/* From receivers, bottom halves off. */
enum teredo_reason teredo_control_ra(struct teredo_dev *t,
				     const struct teredo_conf *conf,
				     const struct teredo_input *in);
/* RFC 4380 section 5.2.3: any valid packet from the server is a sign of life. */
static inline void teredo_control_heard(struct teredo_dev *t,
					const struct teredo_conf *conf,
					struct teredo_endpoint from, u64 now)
{
	/* One word, and later by a race is as good as earlier. */
	if (conf->params.server && from.ip == conf->params.server &&
	    from.port == htons(TEREDO_UDP_PORT))
		WRITE_ONCE(t->client.heard, now);
}

/* From notifiers and senders: see what became of the way to the server. */
void teredo_control_event(struct teredo_dev *t, enum teredo_event_bit event);

/* From receivers, when they stamp a peer, or know the packet for a good one. */
static inline void teredo_control_answered(struct teredo_dev *t, u64 now)
{
	if (now - READ_ONCE(t->silence.heard) >= TEREDO_STAMP_NS)
		WRITE_ONCE(t->silence.heard, now);
}

/*
 * From senders of data, when they stamp a peer. A NAT that lost its mappings
 * says nothing: what can be seen is that data which somebody waits for an
 * answer to is sent again. Both stamps, the peer's and the device's, may be
 * older than the last packet.
 */
static inline void teredo_control_asked(struct teredo_dev *t, u64 now)
{
	u64 since = READ_ONCE(t->silence.since);

	/* The clock is a coarse one: of a million peers few stamps write. */
	if (since == now)
		return;
	if (since <= READ_ONCE(t->silence.heard) + 2 * TEREDO_STAMP_NS ||
	    now - since >= TEREDO_SILENCE_MAX_S * TEREDO_SEC)
		WRITE_ONCE(t->silence.since, now);
	else if (now - since >= TEREDO_SILENCE_MS * TEREDO_MSEC &&
		 now >= READ_ONCE(t->client.doubt_at))
		teredo_control_event(t, TEREDO_EVENT_DOUBT);
}

void teredo_control_suspend(struct teredo_dev *t);
void teredo_control_resume(struct teredo_dev *t);

#endif /* _TEREDO_CONTROL_H */
