#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Each role does its work: clients behind port-restricted NATs reach each
# other directly, a native host is reached through the relay and reaches
# them, a host with a relay of its own likewise, and the server carries none
# of the data.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

HOST=2001:db8:6::4

# Packets at the server's port are solicitations, or were handed on, or went
# to the native network, or were dropped: nothing passes it uncounted.
server_packets()
{
	lab_counter server toport
}

# quiet COMMAND...: the server sees no data meanwhile. Some hundred packets
# pass; on a slow machine a path may have to be looked after, which takes a
# bubble or a test by way of the server.
quiet()
{
	local packets rs

	packets=$(server_packets)
	td_show server
	td_get rs_rx
	rs=$REPLY
	"$@"
	td_show server
	td_get rs_rx
	packets=$((packets + REPLY - rs))
	between "packets at the server" "$packets" "$((packets + 8))" \
		"$(server_packets)"
}

# The first packet opens the path: one bubble of alice is lost at bob's NAT,
# one goes by the server, bob answers it. All three pings pass. Bob's own bubble
# by the server, which alice would need behind a symmetric NAT (RFC 6081 section
# 3.1), is answered too, and his third goes to her inner address (3.5); without
# extensions there is neither (loss.sh).
cold_counters()
{
	local i rs

	td_addr bob
	for i in 1 2 3; do
		td_ping1 alice "$REPLY"
	done
	td_counts alice bubble_tx=3 bubble_rx=2 echo_tx=0 \
		tx-packets=3 tx-bytes=312 rx-packets=3 rx-bytes=312
	td_counts bob bubble_tx=3 alternate_tx=1 bubble_rx=2 echo_tx=0 \
		tx-packets=3 tx-bytes=312 rx-packets=3 rx-bytes=312
	# Two to qualify, and on a slow machine some to keep the mapping.
	td_show alice
	td_get rs_tx
	rs=$REPLY
	td_show bob
	td_get rs_tx
	rs=$((rs + REPLY))
	between "solicitations" 4 20 "$rs"
	td_counts server forwarded=2 "rs_rx=$rs" "ra_tx=$rs" rx-packets=0 \
		tx-packets=0
}

direct()
{
	td_addr bob
	td_tcp alice bob "$REPLY"
	td_pings bob alice 5
}

# The echo test goes by the server, the answer comes by the relay.
to_web()
{
	td_ping1 alice "$WEB"
	td_counts alice echo_tx=1 echo_rx=1
	td_counts server rx-packets=1
	td_counts relay bubble_tx=1 bubble_rx=1 tx-packets=2 rx-packets=1
}

# The web's packet reaches bob before he knows its relay, so it waits for a
# test of the relay.
from_web()
{
	td_addr bob
	td_ping1 web "$REPLY"
	td_counts bob echo_tx=1 echo_rx=1
}

web_direct()
{
	td_tcp alice web "$WEB"
	td_addr bob
	td_tcp web bob "$REPLY"
}

to_host()
{
	td_ping1 alice "$HOST"
	td_counts carol rx-packets=1 tx-packets=2
}

from_host()
{
	td_pings carol bob
	td_addr bob
	td_tcp carol bob "$REPLY"
}

# A server is no relay: what its host sends to a client is refused in words.
no_data()
{
	local out

	ip -n "$LAB_ID-server" route add 2001::/32 dev teredo0
	td_addr alice
	out=$(ns server ping -n -c 1 -W 5 "$REPLY") || true
	printf '%s\n' "$out"
	[[ $out == *"Administratively prohibited"* ]]
	td_counts server not-a-relay=1 tx-packets=0
}

plan 8
td_lab port port
lab_v6 carol $HOST/64
lab_count server toport in udp dport 3544
td_client alice default-route
td_client bob default-route
td_add relay role relay local 198.51.100.100
td_add carol role host-relay
td_qualify alice bob
check "a path opens with the least of bubbles, and no packet is lost" \
	cold_counters
check "clients exchange data without the server" quiet direct
check "a client reaches a native host through its relay" to_web
check "a native host reaches a client through the relay" from_web
check "data to and from the native host passes the server by" \
	quiet web_direct
check "a client reaches a host that relays for itself" to_host
check "a host that relays for itself reaches a client" from_host
check "a server sends no data" no_data
finish
