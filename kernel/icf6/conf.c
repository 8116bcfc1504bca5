// SPDX-License-Identifier: GPL-2.0
#include <linux/ktime.h>
#include <linux/math64.h>

#include "conf.h"

void icf6_conf_defaults(struct icf6_conf *conf)
{
	memset(conf, 0, sizeof(*conf));
	conf->options = ICF6_OPT_ENABLED | ICF6_OPT_ICMP_STRICT |
			ICF6_OPT_BOGONS;
	/* Without it peers learn no path MTU, RFC 4890 section 4.3.1. */
	conf->icmp = ICF6_ICMP_TOO_BIG;
	conf->log_rate = ICF6_LOG_RATE;
	conf->log_burst = ICF6_LOG_BURST;
	conf->mcast_boundary = ICF6_MCAST_BOUNDARY;
}

void icf6_conf_grace(struct icf6_conf *conf, u32 seconds)
{
	conf->grace = seconds;
	conf->grace_until = seconds ?
			    ktime_get_boottime_ns() + seconds * ICF6_SEC : 0;
}

u32 icf6_conf_grace_left(const struct icf6_conf *conf)
{
	u64 now = ktime_get_boottime_ns();

	if (conf->grace_until <= now)
		return 0;
	return div_u64(conf->grace_until - now + ICF6_SEC - 1, ICF6_SEC);
}
