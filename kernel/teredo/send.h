/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TEREDO_SEND_H
#define _TEREDO_SEND_H

#include "peer.h"

netdev_tx_t teredo_start_xmit(struct sk_buff *skb, struct net_device *dev);

/*
 * What the pure code asked for after a call on @peer (NULL: none), whose lock
 * is no longer held. @nonce is the path's. Under RCU, bottom halves off.
 */
void teredo_emit(struct teredo_dev *t, const struct teredo_conf *conf,
		 const struct teredo_actions *act, const u8 *nonce);
/* Packets that waited for @peer: on their way, in either direction. */
void teredo_release_queue(struct teredo_dev *t, struct teredo_peer *peer,
			  struct sk_buff_head *queue);
/* ... or unreachable. */
void teredo_fail_queue(struct teredo_dev *t, struct sk_buff_head *queue,
		       enum teredo_reason reason);

#endif /* _TEREDO_SEND_H */
