#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a client does to stay reachable, RFC 4380 section 5.2.5, seen from
# outside for more than two lifetimes of a NAT's mapping:
#
#   keeper	behind a NAT that forgets after 35 s, with the default interval
#   fast	told to refresh every 4 s while it runs
#   loser	behind a NAT that forgets after 5 s, with the default interval
#   thief	in the same LAN with the same port, to take loser's mapping
#   early, late	speak once, and again a minute later; no extensions, so that
#		each bubble is one of RFC 4380
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

HOLD_S=71
IDLE_S=60

build()
{
	lab_begin
	lab_server
	lab_host carol 203.0.113.100/28
	lab_nat keep port outside=198.51.100.1/28 inside=10.0.1.1/24 lifetime=35
	lab_nat short port outside=198.51.100.17/28 inside=10.0.2.1/24 \
		lifetime=5
	lab_nat idleA port outside=198.51.100.33/28 inside=10.0.3.1/24
	lab_nat idleB port outside=203.0.113.1/28 inside=10.0.4.1/24
	lab_client keeper keep 10.0.1.11
	lab_client fast keep 10.0.1.12
	lab_client loser short 10.0.2.11
	lab_client thief short 10.0.2.12
	lab_client early idleA 10.0.3.11
	lab_client late idleB 10.0.4.11
	lab_commit
}

value()
{
	td_show "$1"
	td_get "$2"
}

at_least()
{
	value "$1" "$2"
	((REPLY >= $3))
}

has_other()
{
	td_in_state "$1" qualified
	td_get "$2"
	[[ $REPLY != "$3" ]]
}

waited()
{
	((SECONDS - STARTED >= $1))
}

# Nothing goes to it or comes from it but what the refresh itself sends.
hold()
{
	local address

	td_addr keeper
	address=$REPLY
	wait_for $((HOLD_S + 20)) "$HOLD_S s to pass" waited "$HOLD_S"
	# An interval is 22.5 to 28.5 s long.
	td_counts keeper rs_tx=4-6 bubble_rx=0 "address=$address"
	td_pings carol keeper
}

# capture_gaps FILE: the milliseconds between the packets in it
capture_gaps()
{
	tcpdump -nr "$1" -tt 2>/dev/null | awk '
		NR > 1	{ printf "%d\n", ($1 - last) * 1000 }
			{ last = $1 }'
}

enough_gaps()
{
	[[ $(capture_gaps "$1" | wc -l) -ge $2 ]]
}

# The interval is a random one from 75 to 95 percent (section 5.2), counted
# from the answer; the worker that sends may be late on a busy machine, but is
# never early.
change()
{
	local address file=$LAB_DIR/fast.pcap gap

	td_addr fast
	address=$REPLY
	td_counts fast rs_tx=2 refresh=30
	ip -n "$LAB_ID-fast" link set teredo0 type teredo refresh 4
	lab_capture fast "$file" eth0 udp dst port 3544
	wait_for 60 "six solicitations" enough_gaps "$file" 5
	lab_capture_stop "$LAB_PID"
	for gap in $(capture_gaps "$file"); do
		between "milliseconds between solicitations" 2990 5000 "$gap"
	done
	td_counts fast refresh=4 "address=$address" rs_tx=7-99
	# And back: after the next one comes none for a long time.
	ip -n "$LAB_ID-fast" link set teredo0 type teredo refresh 30
	td_counts fast refresh=30 "address=$address"
	value fast rs_tx
	lab_count fast rs out udp dport 3544
	is "refresh=30 solicits at once" 0 "$(lab_counter fast rs)"
}

forgotten()
{
	! ns short conntrack -L -p udp -s 10.0.2.11 2>/dev/null | grep -q 3544
}

# The mapping is gone before it is refreshed: who tries gets an error, and not
# from a stranger who was given the port in the meantime.
lose()
{
	local address ifindex

	td_addr loser
	address=$REPLY
	td_show loser
	td_get ifindex
	ifindex=$REPLY
	td_get mapped
	is "outside port" 198.51.100.17:4500 "$REPLY"
	wait_for 20 "the NAT to forget" forgotten
	td_unreachable carol "$address" 10
	td_counts loser bubble_rx=0
	td_add thief server "$SERVER" port 4500 refresh 2
	wait_for 20 "thief to qualify" td_in_state thief qualified
	td_counts thief mapped=198.51.100.17:4500

	# The next refresh brings another mapping, and with it another address.
	wait_for 40 "loser to have another address" \
		has_other loser address "$address"
	wait_for 10 "loser to be sure of its NAT" at_least loser ra_rx 4
	td_counts loser state=qualified nat=restricted "ifindex=$ifindex"
	value loser address
	ip -n "$LAB_ID-loser" -6 -o addr show dev teredo0 >"$TD_TMP/addr"
	cat "$TD_TMP/addr"
	is "addresses" 1 "$(wc -l <"$TD_TMP/addr")"
	grep -q " $REPLY/32 " "$TD_TMP/addr"
	TD_ADDR[loser]=$REPLY

	# With an interval that suits the NAT it is reached, and stays so.
	ip -n "$LAB_ID-loser" link set teredo0 type teredo refresh 2
	wait_for 30 "some refreshes" at_least loser ra_rx 10
	td_pings carol loser
	td_counts loser "address=${TD_ADDR[loser]}"
}

# silent HOST PEER: for so long
silent()
{
	local age

	age=$(peer6 --netns="$LAB_ID-$1" -j teredo show peers |
		jq "[.peers[].received] | max | floor")
	((age >= IDLE_S))
}

resume()
{
	td_addr late
	td_ping1 early "$REPLY"
	td_counts early bubble_tx=2
	td_counts late bubble_tx=1
	wait_for $((IDLE_S + 20)) "$IDLE_S s of silence" silent late
	td_addr early
	td_ping1 late "$REPLY"
	# The entries had to be confirmed.
	td_counts late bubble_tx=3 rx-packets=2
	td_counts early bubble_tx=3 rx-packets=2
}

plan 4
for program in peer6 tcpdump; do
	command -v $program >/dev/null || skip_all "$program is not installed"
done
lab_init
build
td_server
td_add_all <<END
carol server $SERVER
keeper server $SERVER
fast server $SERVER
loser server $SERVER port 4500
early server $SERVER extensions none
late server $SERVER extensions none
END
td_qualify carol keeper fast loser early late
STARTED=$SECONDS
begin "an entry too old to be used is confirmed after a minute" resume
begin "a mapping that lives for 35 s is kept for $HOLD_S s" hold
begin "a mapping too short-lived fails cleanly, and is replaced" lose
begin "the interval changes while the device runs" change
collect
finish
