#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Packets that open a path get lost: RFC 4380 sections 5.2.4, 5.2.6, 5.4.1. What
# is lost is sent again after two seconds, four times in all, and every bubble
# is counted. Both NATs are port-restricted; each case has two hosts of its own.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

NAT_A=198.51.100.1
NAT_B=203.0.113.1

build()
{
	local i

	lab_begin
	lab_server
	lab_relay
	lab_web
	lab_nat natA port outside=$NAT_A/27 inside=10.0.1.1/24
	lab_nat natB port outside=$NAT_B/27 inside=10.0.2.1/24
	for i in 1 2 3 4 5 6; do
		lab_client "a$i" natA "10.0.1.1$i"
		lab_client "b$i" natB "10.0.2.1$i"
	done
	lab_commit
}

# direct I: bubbles of a client aI to bI on their way between the NATs;
# answer I: the other way; indirect I: those of aI by the server
direct()
{
	echo "ip saddr $NAT_A udp sport 400$1 ip daddr $NAT_B udp dport 500$1 $LAB_BUBBLE"
}

answer()
{
	echo "ip saddr $NAT_B udp sport 500$1 ip daddr $NAT_A udp dport 400$1 $LAB_BUBBLE"
}

indirect()
{
	echo "ip saddr $NAT_A udp sport 400$1 ip daddr $SERVER udp dport 3544 $LAB_BUBBLE"
}

# lose I N KIND: the first N bubbles of this kind
lose()
{
	lab_drop_first inet "$3$1" in "$2" "$("$3" "$1")"
}

lost()
{
	is "bubbles lost ($3)" "$2" "$(lab_counter inet "$3$1")"
}

# repeated RTT: the packet that was answered waited for a repeat
repeated()
{
	[[ $1 =~ time=([0-9]+) ]]
	between "milliseconds" 1900 15000 "${BASH_REMATCH[1]}"
}

# Its work is done when it has left the sender's NAT.
lose_direct()
{
	lose 1 1 direct
	td_addr b1
	td_ping1 a1 "$REPLY"
	lost 1 1 direct
	td_counts a1 bubble_tx=2 bubble_rx=1 tx-packets=1 rx-packets=1
	td_counts b1 bubble_tx=1 bubble_rx=1 tx-packets=1 rx-packets=1
}

lose_indirect()
{
	local out

	lose 2 1 indirect
	td_addr b2
	out=$(td_ping1 a2 "$REPLY")
	repeated "$out"
	lost 2 1 indirect
	td_counts a2 bubble_tx=4 bubble_rx=1 tx-packets=1 rx-packets=1
	td_counts b2 bubble_tx=1 bubble_rx=1 tx-packets=1 rx-packets=1
}

# The answer opened the way for the second direct bubble, so b3 hears three.
lose_answer()
{
	local out

	lose 3 1 answer
	td_addr b3
	out=$(td_ping1 a3 "$REPLY")
	repeated "$out"
	lost 3 1 answer
	td_counts a3 bubble_tx=4 bubble_rx=1 tx-packets=1 rx-packets=1
	td_counts b3 bubble_tx=2 bubble_rx=3 tx-packets=1 rx-packets=1
}

# The fourth indirect bubble is the last one that may come through.
lose_three()
{
	lose 4 3 indirect
	td_addr b4
	td_ping1 a4 "$REPLY"
	lost 4 3 indirect
	td_counts a4 bubble_tx=8 bubble_rx=1 tx-packets=1 rx-packets=1
}

# Four attempts, the error, and for what is sent after that an error at once,
# without a bubble: RFC 4380 section 5.2.6 allows four in 300 s.
lose_all()
{
	local i peer

	lose 5 99 direct
	lose 5 99 indirect
	td_addr b5
	peer=$REPLY
	td_unreachable a5 "$peer" 10
	td_counts a5 bubble_tx=8 bubble_rx=0 tx-packets=0 peer-unreachable=1
	for i in 2 3 4; do
		td_unreachable a5 "$peer" 10
		td_counts a5 bubble_tx=8 "peer-unreachable=$i"
	done
	lost 5 4 direct
	lost 5 4 indirect
	td_counts b5 bubble_tx=0 bubble_rx=0
}

# Bubbles of the relay go by the server alone.
lose_relay()
{
	local out

	lab_drop_first inet relay in 1 \
		"ip saddr 198.51.100.100 udp dport 3544 $LAB_BUBBLE"
	td_addr b6
	out=$(td_ping1 web "$REPLY")
	repeated "$out"
	is "bubbles of the relay" 1 "$(lab_counter inet relay)"
}

# The test of a native host: ICMPv6 behind UDP, to the server.
lose_echo()
{
	local out

	lab_drop_first inet echo in 1 \
		"ip saddr $NAT_A udp sport 4006 udp dport 3544 @th,112,8 58"
	out=$(td_ping1 a6 "$WEB")
	repeated "$out"
	td_counts a6 echo_tx=2 echo_rx=1 tx-packets=1 rx-packets=1
}

plan 9
lab_init
build
td_server
{
	echo "relay role relay"
	for i in 1 2 3 4 5 6; do
		echo "a$i server $SERVER port 400$i default-route extensions none"
		echo "b$i server $SERVER port 500$i default-route extensions none"
	done
} | td_add_all
td_qualify {a,b}{1,2,3,4,5,6}
begin "the first direct bubble" lose_direct
begin "the indirect bubble" lose_indirect
begin "the answer" lose_answer
begin "three indirect bubbles" lose_three
begin "all bubbles" lose_all
begin "a relay's bubble" lose_relay
begin "the test of a native host" lose_echo
collect
check "the server handed on what reached it" td_counts server forwarded=7
check "the relay asked again only for what was lost" \
	td_counts relay bubble_tx=3 bubble_rx=2
finish
