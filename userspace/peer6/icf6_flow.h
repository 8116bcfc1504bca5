/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flows as the connection tracking tells of them, and a bounded memory of
 * those that the log has said OPEN of.
 */
#ifndef PEER6_ICF6_FLOW_H
#define PEER6_ICF6_FLOW_H

#include <stdbool.h>
#include <stdint.h>
#include <netinet/in.h>

struct nlmsghdr;

/*
 * Of the direction that began it. Only TCP and UDP have ports here, as in the
 * log; of the others several may be the same.
 */
struct icf6_flow {
	struct in6_addr src, dst;
	uint16_t sport, dport;
	uint8_t proto;
};

struct icf6_flow_info {
	struct icf6_flow flow;
	uint8_t tcp_state;
	bool assured, unreplied;
	uint32_t timeout;		/* seconds */
};

/* From a message of ctnetlink; false: none of IPv6. */
bool icf6_flow_parse(struct nlmsghdr *nlh, struct icf6_flow_info *info);

/*
 * What is remembered: at most ICF6_FLOWS_MAX, some 8 MB, which a host with as
 * many connections at once can spare. Past that the oldest is forgotten, and
 * its end goes unsaid; that is counted.
 */
#define ICF6_FLOWS_MAX	65536

struct icf6_flows;

struct icf6_flows *icf6_flows_new(unsigned int max);
void icf6_flows_free(struct icf6_flows *flows);
/* False: an older one had to go, which is then in @forgotten. */
bool icf6_flows_add(struct icf6_flows *flows, const struct icf6_flow *flow,
		    struct icf6_flow *forgotten);
/* Whether it was there. */
bool icf6_flows_take(struct icf6_flows *flows, const struct icf6_flow *flow);
unsigned int icf6_flows_count(const struct icf6_flows *flows);

/*
 * After events of the connection tracking were lost: between the two, mark
 * what is still there; end tells of, and forgets, the rest.
 */
void icf6_flows_sweep_begin(struct icf6_flows *flows);
void icf6_flows_sweep_mark(struct icf6_flows *flows,
			   const struct icf6_flow *flow);
void icf6_flows_sweep_end(struct icf6_flows *flows,
			  void (*gone)(const struct icf6_flow *flow,
				       void *arg), void *arg);

#endif
