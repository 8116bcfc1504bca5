# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How long the first answer takes, in round trips of the path. Sourced by run.

SETUP_DELAY=50ms	# of each NAT's link, each way

slow_links()
{
	lab_link natA delay $SETUP_DELAY
	lab_link natB delay $SETUP_DELAY
}

fast_links()
{
	lab_link natA
	lab_link natB
}

# forget: neither host, nor a NAT, knows of a path between them. Miredo has to be
# started anew for that.
forget()
{
	local host

	case $DEV in
	teredo0)
		for host in alice bob; do
			"${tree:?}/build/peer6" --netns="$(lab_ns $host)" \
				teredo flush
		done
		;;
	*)
		for host in alice bob; do
			miredo_stop $host
			miredo_client $host
		done
		miredo_wait alice
		miredo_wait bob
		DST=$(global6 bob "$DEV")
		;;
	esac >/dev/null
	lab_exec natA conntrack -D -p udp -d 203.0.113.1 >/dev/null 2>&1 || true
	lab_exec natB conntrack -D -p udp -d 198.51.100.1 >/dev/null 2>&1 ||
		true
}

# ms FILE SEQ: of a ping's output
ms()
{
	sed -n "s/.*icmp_seq=$2 .*time=\\([0-9.]*\\) ms\$/\\1/p" "$1"
}

# setup_rtts: the first answer's time, divided by that of a later one
setup_rtts()
{
	local log=$LAB_DIR/setup

	forget
	lab_exec alice ping -n -c 8 -i 1 -W 5 "$DST" >"$log" || true
	awk -v first="$(ms "$log" 1)" -v later="$(ms "$log" 8)" 'BEGIN {
		if (first <= 0 || later <= 0) exit 1
		print first / later }'
}
