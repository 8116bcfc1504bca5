#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every role with Miredo, an implementation that nobody here wrote, in the
# roles across from it: clients of one with the server and the relay of the
# other, and clients with clients, through NATs of the types that Miredo
# manages with itself.
#
# Each pair is tried by one side alone, which meets the other cold: our clients
# that begin are behind the NATs of set A, those that are reached are behind the
# NATs of set C, and Miredo's are behind those of set B. All pairs are tried at
# the same time.
#
#	server	s1 ours, s2 Miredo's, s3 ours with clients of Miredo's alone
#	relay	rm Miredo's, in front of wm; ro ours, in front of wo
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=../selftests/net/teredo/lib.sh
. "$(dirname "$0")/../selftests/net/teredo/lib.sh"
# shellcheck source=../../scripts/lab/miredo.sh
. "$TD_DIR/lab/miredo.sh"

TYPES=(cone addr port)
S1=192.0.2.1
S2=192.0.2.33
S2_SECOND=192.0.2.34
S3=192.0.2.65
RM=198.51.100.129
RO=203.0.113.129
WM=2001:db8:6::10
WO=2001:db8:6::11

# side SET FIRST_OCTETS FIRST: a NAT of each type and a client behind it
side()
{
	local i=0 type

	for type in "${TYPES[@]}"; do
		lab_nat "n$1$type" "$type" \
			"outside=$2.$(($3 + 16 * i))/28" "inside=10.0.$i.1/24"
		lab_client "$1$type" "n$1$type" "10.0.$i.2"
		i=$((i + 1))
	done
}

build()
{
	lab_begin
	lab_server s1 $S1 192.0.2.2 2001:db8:6::1/64
	lab_server s2 $S2 $S2_SECOND 2001:db8:6::2/64
	lab_server s3 $S3 192.0.2.66 2001:db8:6::3/64
	lab_relay rm $RM/28 2001:db8:6::4/64
	lab_relay ro $RO/28 2001:db8:6::5/64
	lab_web wm $WM/64 2001:db8:6::4
	lab_web wo $WO/64 2001:db8:6::5
	lab_host carol 203.0.113.161/28
	side a 198.51.100 1
	side b 203.0.113 1
	side c 198.51.100 65
	# With Miredo's server
	lab_client dport naport 10.0.2.3
	lab_client dcone nacone 10.0.0.3
	lab_client fport ncport 10.0.2.3
	lab_client eport nbport 10.0.2.3
	# Miredo's, among themselves
	lab_client gaddr nbaddr 10.0.1.4
	lab_client gport nbport 10.0.2.4
	# Miredo speaks to its server every 30 s, which is just when Linux forgets
	# a mapping, and behind this NAT each mapping is another address.
	lab_nat nsym random-symm outside=198.51.100.145/28 \
		inside=10.0.8.1/24 lifetime=300
	lab_client dsym nsym 10.0.8.2
	lab_client hsym nsym 10.0.8.3
	lab_client isym nsym 10.0.8.4
	lab_commit
}

# The servers come first: a client of Miredo's that gets no answer to its first
# solicitations rests for a long time. Ports behind one NAT differ, see the
# lab's README.
start()
{
	local type

	td_server s1 $S1 192.0.2.2
	td_server s3 $S3 192.0.2.66
	td_add ro role relay local $RO
	miredo_server s2 $S2 $S2_SECOND
	miredo_relay rm $RM
	lab_count s2 second out ip saddr $S2_SECOND udp sport 3544

	for type in "${TYPES[@]}"; do
		miredo_client "b$type" $S1
	done
	miredo_client eport $S2 4097
	miredo_client gaddr $S3 4098
	miredo_client gport $S3 4098
	miredo_client hsym $S1 4097
	miredo_client isym $S1 4098
	{
		for type in "${TYPES[@]}"; do
			echo "a$type server $S1 default-route"
			echo "c$type server $S1 default-route"
		done
		echo "dport server $S2"
		echo "dcone server $S2 cone-probe"
		echo "fport server $S2"
		echo "dsym server $S2"
	} | td_add_all
}

# teredo_address HOST: in REPLY, whoever gave it
teredo_address()
{
	if [[ -f $LAB_DIR/$1.client.started ]]; then
		REPLY=$(miredo_address "$1")
	else
		td_addr "$1"
	fi
}

# why HOST...: what they have to say about a failure
why()
{
	local host

	for host in "$@"; do
		if compgen -G "$LAB_DIR/$host.*.started" >/dev/null; then
			miredo_log "$host"
		elif [[ $host != w* ]]; then
			td_drops "$host"
		fi
	done
	return 1
}

# reaches FROM TO: not one packet is lost, the first neither
reaches()
{
	teredo_address "$2"
	td_ping "$1" "$REPLY" || why "$1" "$2"
}

# opens FROM ADDRESS HOST...: Miredo keeps few packets for a path that is yet to
# open, the last one first, and loses some when the processor is busy. So the
# path is open when one is answered, and none is lost from then on.
opens()
{
	local from=$1 addr=$2
	shift 2

	wait_for 12 "$from to reach $addr" \
		ns "$from" ping -n -c 1 -i 5 -w 5 "$addr" || why "$@"
	td_ping "$from" "$addr" || why "$@"
}

# opens_to FROM TO [RELAY]
opens_to()
{
	teredo_address "$2"
	opens "$1" "$REPLY" "$@"
}

# counted HOST NAME MIN: sets REPLY
counted()
{
	td_show "$1"
	td_get "$2"
	((REPLY >= $3)) && return
	printf '%s %s: %s, not %s or more\n' "$1" "$2" "$REPLY" "$3"
	return 1
}

qualify_with_ours()
{
	local host

	for host in gaddr gport; do
		REPLY=$(miredo_address "$host")
		[[ $REPLY == 2001:0:c000:241:* ]] || {
			printf '%s has %s\n' "$host" "$REPLY"
			return 1
		}
	done
	counted s3 rs_rx 2
	counted s3 ra_tx 2
}

# The first ping of each pair goes by way of the server, as a bubble; no data
# does.
each_other()
{
	opens_to gport gaddr
	counted s3 forwarded 1
	opens_to gaddr gport
	td_counts s3 rx-packets=0 tx-packets=0
}

# The second address is what tells a restricted NAT from a symmetric one.
qualify_with_theirs()
{
	td_counts dport state=qualified nat=restricted error=none
	[[ $(lab_counter s2 second) -gt 0 ]]
}

cone_with_theirs()
{
	td_counts dcone state=qualified nat=cone
}

symmetric_with_theirs()
{
	td_counts dsym state=qualified "nat=symmetric (port)" error=none
}

# solicit plain|nonce: what our server answers to a solicitation without an
# authentication header and to one with, byte by byte. (Miredo's server puts a
# header that nobody asked for in front, with eight stale bytes in it.)
solicit()
{
	ns carol env PYTHONPATH="$TD_DIR" PYTHONDONTWRITEBYTECODE=1 \
		python3 - "$1" <<-'END'
	import socket
	import sys

	import wire

	SERVER = "192.0.2.1"
	PORT = 40000

	head = b""
	if sys.argv[1] == "nonce":
	    PORT += 1
	    head = wire.auth(bytes.fromhex("0123456789abcdef"))
	source = wire.lladdr()
	sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	sock.bind(("203.0.113.161", PORT))
	sock.settimeout(30)
	sock.sendto(head + wire.rs_packet(src=source), (SERVER, 3544))
	got, sender = sock.recvfrom(2048)

	print("answer:", sender, got.hex())
	assert sender == (SERVER, 3544)
	want = head + wire.origin(f"203.0.113.161:{PORT}")
	want += wire.ra_packet(source)
	print("wanted:", want.hex())
	assert got == want
	END
}

# Requests or replies of each native host's partners came in by its relay.
relays_carried()
{
	local got

	counted ro rx-packets 15
	got=$(lab_counter rm "$MIREDO_DEV/rx_packets")
	((got >= 12)) || {
		printf 'rm: %s packets, not 12 or more\n' "$got"
		return 1
	}
}

# Whoever lost what Miredo's side asked for, these did not.
all_answered()
{
	local type rx

	for type in "${TYPES[@]}"; do
		td_show "c$type"
		td_get rx-packets
		rx=$REPLY
		td_counts "c$type" "tx-packets=$rx" queue-full=0 \
			peer-unreachable=0 mapping-mismatch=0 || why "c$type"
	done
}

plan 38
lab_init
build
start
for host in b{cone,addr,port} eport gaddr gport hsym isym; do
	miredo_wait "$host"
done
td_qualify a{cone,addr,port} c{cone,addr,port} dport dcone dsym fport

begin "Miredo's clients qualify with our server" qualify_with_ours
begin "and reach each other by it, both ways" each_other
begin "our client qualifies with Miredo's server" qualify_with_theirs
begin "our client knows a cone by Miredo's server" cone_with_theirs
begin "our client knows a symmetric NAT by Miredo's server" symmetric_with_theirs
begin "a solicitation without authentication gets an answer without" \
	solicit plain
begin "a solicitation with a nonce gets it back" solicit nonce
for i in "${TYPES[@]}"; do
	for r in "${TYPES[@]}"; do
		begin "our client behind $i to Miredo's behind $r" \
			reaches "a$i" "b$r"
		begin "Miredo's client behind $i to ours behind $r" \
			opens_to "b$i" "c$r"
	done
done
begin "our client to Miredo's, by Miredo's server" reaches dport eport
begin "Miredo's client to ours, by Miredo's server" opens_to eport fport
collect
for i in cone port; do
	begin "our client behind $i to a native host, Miredo's relay" \
		opens "a$i" $WM "a$i" rm
done
for i in addr port; do
	begin "a native host to our client behind $i, Miredo's relay" \
		opens_to wm "c$i" rm
done
begin "Miredo's client to a native host, our relay" opens bport $WO bport ro
begin "a native host to Miredo's client, our relay" opens_to wo baddr ro
begin "the client of Miredo's server to a native host, our relay" \
	opens eport $WO eport ro
begin "Miredo's client behind a symmetric NAT to a native host, our relay" \
	opens hsym $WO hsym ro
begin "a native host to Miredo's client behind a symmetric NAT, our relay" \
	opens_to wo isym ro
collect
check "our clients answered all that came to them" all_answered
check "the relays carried these" relays_carried
finish
