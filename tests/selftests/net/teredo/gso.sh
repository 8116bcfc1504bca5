#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A packet of many segments (GSO) stays whole on all of its way: from a client
# through NATs to another, by a relay from and to a native host behind a bridge,
# through a bridge below the tunnel, and between the tunnel and another one on
# top. One system call makes one packet of 40 segments; each hop has to see
# exactly one, of exactly its size.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

SIZE=1200
N=40
PORT=4321
INNER=$((40 + 8 + N * SIZE))	# IPv6, UDP, data
OUTER=$((20 + 8 + INNER))	# IPv4, UDP
LARGE='ip length > 1000'	# no bubble, no ping

# A host whose link to the router passes a switch, a bridge of two ports.
switched()
{
	lab_begin
	lab_new_ns switch
	lab_new_ns dora
	lab_link_add inet dora switch p0
	lab_link_add switch p1 dora eth0
	lab_q_ip inet "addr add 203.0.113.78/28 dev dora"
	lab_q_ip switch "link add br0 type bridge mcast_snooping 0"
	lab_q_up switch br0
	lab_q_ip switch "link set p0 master br0"
	lab_q_ip switch "link set p1 master br0"
	lab_q_ip dora "addr add 203.0.113.65/28 brd + dev eth0"
	lab_q_ip dora "route add default via 203.0.113.78 dev eth0"
	lab_q NFT switch "table bridge tap {
	 counter c { }
	 chain tap { type filter hook forward priority 0;
	  ether type ip $LARGE counter name c; }
	}"
	lab_commit
}


# whole BYTES TABLE COUNTER HOST: one packet of so many bytes was counted
whole()
{
	local out

	out=$(ns "$4" nft list counter "$2" "$3" c)
	[[ $out =~ packets\ ([0-9]+)\ bytes\ ([0-9]+) ]]
	is "packets and bytes at $4, $3" "1 $1" \
		"${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"
}

# send FROM TO ADDRESS: one packet of N segments, that arrives
send()
{
	local log=$LAB_DIR/gso.$2.$BASHPID

	lab_spawn "$2" "$log" python3 "$TD_DIR/gso.py" recv "$3" "$PORT" \
		$((N * SIZE))
	wait_for 20 "$2 to listen" grep -q ready "$log"
	ns "$1" python3 "$TD_DIR/gso.py" send "$3" "$PORT" "$SIZE" "$N"
	wait_for 10 "$2 to have received" grep -q '^[0-9]' "$log"
	is "bytes at $2" $((N * SIZE)) "$(grep '^[0-9]' "$log")"
}

# path FROM TO ADDRESS OUTER-HOST...: a packet stays whole in the tunnel's
# packet at each host that it passes
path()
{
	local from=$1 to=$2 address=$3 host
	shift 3

	for host; do
		lab_count "$host" large in "$LARGE"
	done
	lab_count "$from" sent out "ip6 daddr $address udp dport $PORT"
	lab_count "$to" got in "ip6 daddr $address udp dport $PORT"
	send "$from" "$to" "$address"
	whole "$INNER" inet lab_tap_sent "$from"
	whole "$INNER" inet lab_tap_got "$to"
	for host; do
		whole "$OUTER" inet lab_tap_large "$host"
		lab_untap "$host" large
	done
	lab_untap "$from" sent
	lab_untap "$to" got
}

direct()
{
	td_pings alice bob 1
	td_addr bob
	path alice bob "$REPLY" natA inet natB bob
}

from_native()
{
	td_addr alice
	td_ping web "$REPLY" 1
	lab_count relay forward in "ip6 daddr $REPLY udp dport $PORT"
	path web alice "$REPLY" inet natA alice
	whole "$INNER" inet lab_tap_forward relay
}

to_native()
{
	td_ping bob "$WEB" 1
	lab_count relay forward out "ip6 daddr $WEB udp dport $PORT"
	path bob web "$WEB" natB inet relay
	whole "$INNER" inet lab_tap_forward relay
}

below()
{
	td_pings dora alice 1
	ns switch nft reset counters >/dev/null
	td_addr alice
	path dora alice "$REPLY" inet natA alice
	whole "$OUTER" bridge tap switch
}

# mean HOST ID: bytes in a packet, on average
mean()
{
	local out

	out=$(ns "$1" nft list counter inet "lab_tap_$2" c)
	[[ $out =~ packets\ ([0-9]+)\ bytes\ ([0-9]+) ]]
	((BASH_REMATCH[1] > 0)) || return 1
	REPLY=$((BASH_REMATCH[2] / BASH_REMATCH[1]))
}

# Of a sender that has no segmentation, behind links that gather nothing.
in_pieces()
{
	local mss=1220

	td_addr bob
	ns alice ethtool -K teredo0 gso off tso off
	lab_count natA pieces in "$LARGE"
	lab_count bob gathered in 'iifname teredo0 tcp dport 5201'
	td_tcp alice bob "$REPLY" 4M
	mean natA pieces
	between "bytes in a packet that is sent" 0 $((88 + mss)) "$REPLY"
	mean bob gathered
	between "bytes in a packet that arrives" $((2 * mss)) 65535 "$REPLY"
	ns alice ethtool -K teredo0 gso on tso on
	lab_untap natA pieces
	lab_untap bob gathered
}

# The description of a packet in the kernel has room for one tunnel, so it is
# cut where the second begins; the tunnel on top gets it whole and has it put
# together again.
nested()
{
	local host n=0 mss=1184

	for host in alice bob; do
		td_addr "$host"
	done
	for host in "alice ${TD_ADDR[alice]} ${TD_ADDR[bob]}" \
		"bob ${TD_ADDR[bob]} ${TD_ADDR[alice]}"; do
		# shellcheck disable=SC2086 # words
		set -- $host
		n=$((n + 1))
		ip -n "$LAB_ID-$1" -batch - <<-END
			link add gre1 type ip6gre local $2 remote $3 encaplimit none
			addr add 10.9.0.$n/24 dev gre1
			link set gre1 up
		END
	done
	td_pings alice bob 1
	lab_count alice top out 'oifname gre1 ip protocol tcp'
	lab_count bob top in 'iifname gre1 ip protocol tcp'
	td_tcp alice bob 10.9.0.2 4M
	mean alice top
	between "bytes in a packet that the tunnel on top takes" $((8 * mss)) \
		65535 "$REPLY"
	mean bob top
	between "bytes in a packet that it gives" $((4 * mss)) 65535 "$REPLY"
}

plan 6
for program in python3 iperf3 ethtool; do
	command -v $program >/dev/null || skip_all "$program is not installed"
done
lab_init
lab_standard port port cable
switched
td_server
td_add relay role relay local 198.51.100.100
for host in alice bob dora; do
	td_client "$host" default-route
done
td_qualify alice bob dora
# First, for what a peer sends once it has sent whole packets is not gathered.
check "what arrives in pieces is gathered" in_pieces
check "from client to client through two NATs" direct
check "a relay passes on what a native host sends" from_native
check "a relay passes on what a client sends" to_native
check "through a bridge below the tunnel" below
check "a tunnel on top takes and gives whole packets" nested
finish
