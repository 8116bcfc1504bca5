#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The extensions of RFC 6081 one by one, each also switched off: symmetric NATs
# toward cone and address-restricted ones (sections 3.1 and 6.1), two clients
# behind a NAT that does not hairpin (3.5), a quiet peer that is asked without
# its server (3.6), a gateway's mapping (3.2), and what is refused. The whole
# matrix of NATs is matrix.sh's.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

S1=192.0.2.1
S2=192.0.2.33

build()
{
	local i

	lab_begin
	lab_server s1 $S1 192.0.2.2 2001:db8:6::1/64
	lab_server s2 $S2 192.0.2.34 2001:db8:6::2/64
	lab_nat nsym random-symm outside=198.51.100.1/28 inside=10.0.1.1/24
	lab_nat ncone cone outside=198.51.100.17/28 inside=10.0.2.1/24
	lab_nat naddr addr outside=198.51.100.33/28 inside=10.0.3.1/24
	lab_nat nport port outside=198.51.100.49/28 inside=10.0.4.1/24
	lab_nat nport2 port outside=198.51.100.65/28 inside=10.0.5.1/24
	lab_nat nmap random-symm outside=198.51.100.81/28 inside=10.0.6.1/24
	for i in 1 2 3 4 5 6 7; do
		lab_client "sym$i" nsym "10.0.1.1$i"
	done
	for i in 1 2 3 4 5; do
		lab_client "port$i" nport "10.0.4.1$i"
	done
	lab_client cone1 ncone 10.0.2.11
	lab_client cone2 ncone 10.0.2.12
	lab_client cone3 ncone 10.0.2.13
	lab_client addr1 naddr 10.0.3.11
	lab_client addr2 naddr 10.0.3.12
	lab_client far1 nport2 10.0.5.11
	lab_client far2 nport2 10.0.5.12
	lab_client mapped nmap 10.0.6.11
	lab_commit
}

devices()
{
	local i

	td_server s1 $S1 192.0.2.2
	td_server s2 $S2 192.0.2.34
	{
		for i in 1 2 3 4; do
			echo "sym$i server $S1 extensions sns"
		done
		for i in cone{1,2} addr{1,2}; do
			echo "$i server $S2 extensions sns"
		done
		echo "cone3 server $S2"
		echo "sym5 server $S1 extensions none"
		echo "sym6 server $S1 extensions hp,slr"
		# By a port for that peer alone it would not be quiet.
		echo "sym7 server $S1 extensions sns,slr"
		echo "port1 server $S1 port 4101 extensions hp"
		echo "port2 server $S1 port 4102 extensions hp"
		echo "port3 server $S1 port 4103 extensions none"
		echo "port4 server $S1 port 4104 extensions none"
		echo "port5 server $S1 port 4105"
		echo "far1 server $S2"
		echo "far2 server $S2 extensions none"
		echo "mapped server $S1 port 4096"
	} | td_add_all
}

# mapping HOST PEER: "PATH ADDRESS:PORT FLAG..." as peer6 shows it
mapping()
{
	td_addr "$2"
	ns "$1" peer6 -j teredo show peers |
		jq -r ".peers[] | select(.peer == \"$REPLY\") |
			[.path, .via,
			 (if .symmetric then \"symmetric\" else empty end)] |
			join(\" \")"
}

# Each behind one NAT has the other at another port than its address says.
symmetric()
{
	local true

	td_pings "$1" "$2"
	td_show "$3"
	td_get mapped
	true=$REPLY
	REPLY=$(mapping "$4" "$3")
	[[ $REPLY == "direct 198.51.100.1:"*" symmetric" &&
	   $REPLY != "direct $true "* ]] || {
		echo "$4 has $3 at: $REPLY, seen by the server at $true"
		return 1
	}
	td_counts "$4" nonce_rx=1
}

refused()
{
	wait_for 20 "$1 to be offline" td_in_state "$1" offline
	td_counts "$1" "nat=symmetric (port)" error=symmetric-nat
}

hairpin()
{
	td_pings port1 port2
	is "the way there" "direct 10.0.4.12:4102" "$(mapping port1 port2)"
	is "the way back" "direct 10.0.4.11:4101" "$(mapping port2 port1)"
	td_counts port2 alternate_tx=1-2
}

no_hairpin()
{
	td_addr port4
	td_unreachable port3 "$REPLY" 10
	td_counts port3 alternate_tx=0
	td_counts port4 alternate_tx=0
}

# idle HOST ADDRESS: nothing came from that peer for 30 s
idle()
{
	ns "$1" peer6 -j teredo show peers |
		jq -e ".peers[] | select(.peer == \"$2\") |
			.received >= 30 and .path == \"direct\"" >/dev/null
}

# quiet HOST PEER SOLICITATIONS INDIRECT: what it takes after a silence. Linux
# keeps a flow in mind for more than 30 s only if it lasted for 2 s.
quiet()
{
	local before address

	td_addr "$2"
	address=$REPLY
	td_pings "$1" "$2" 15
	td_show "$1"
	td_get indirect_tx
	before=$REPLY
	wait_for 40 "$1 to have heard nothing of $2 for 30 s" idle "$1" \
		"$address" || ns "$1" peer6 -j teredo show peers
	# A NAT that forgot it would have given it another.
	td_addr "$2"
	is "the address of $2" "$address" "$REPLY"
	td_ping1 "$1" "$address"
	td_counts "$1" "solicit_tx=$3" "indirect_tx=$((before + $4))"
	td_counts "$2" "advert_tx=$3"
}

# tell_portmap HOST ADDRESS PORT: as whatever spoke to the gateway does
tell_portmap()
{
	PYTHONPATH=$TD_DIR PYTHONDONTWRITEBYTECODE=1 python3 -c "
import sys, teredo_genl
teredo_genl.Teredo(sys.argv[1]).portmap('teredo0', sys.argv[2], int(sys.argv[3]))
" "$LAB_ID-$1" "$2" "$3"
}

portmap()
{
	local was asked

	td_addr mapped
	td_show mapped
	td_get mapped
	was=$REPLY
	td_get rs_tx
	asked=$REPLY
	tell_portmap mapped 198.51.100.81 4096
	wait_for 20 "the mapping in the address" td_mapped 198.51.100.81:4096
	td_counts mapped "nat=symmetric (port)"
	is "what peer6 says" "198.51.100.81:4096 true" \
		"$(ns mapped peer6 -j teredo show state |
		   jq -r '.devices[] | "\(.portmap) \(.nat.upnp)"')"
	tell_portmap mapped 0.0.0.0 0
	wait_for 20 "the old mapping" td_not_mapped 198.51.100.81:4096
	# A refresh that comes late to a busy host finds another port at this NAT.
	td_get rs_tx
	((REPLY > asked)) && return
	td_get mapped
	is "what the server sees" "$was" "$REPLY"
}

td_mapped()
{
	td_show mapped
	td_get mapped
	[[ $REPLY == "$1" ]]
}

td_not_mapped()
{
	! td_mapped "$1"
}

# refuses WORDS LIST: the kernel's own reason
refuses()
{
	local out

	out=$(ns far1 ip link set teredo0 type teredo extensions "$2" 2>&1) &&
		return 1
	[[ $out == *"$1"* ]] || {
		echo "$out"
		return 1
	}
}

shown()
{
	ns "$1" ip -d link show teredo0 | grep -q " extensions $2 " || {
		ns "$1" ip -d link show teredo0
		return 1
	}
	is "peer6" "$2" "$(ns "$1" peer6 teredo show state |
		sed -n 's/^Extensions *: //p')"
}

plan 20
lab_init
build
devices
td_qualify sym{1,2,3,4,7} cone{1,2,3} addr{1,2} port{1,2,3,4,5} far{1,2} mapped
begin "symmetric to cone" symmetric sym1 cone1 sym1 cone1
begin "cone to symmetric" symmetric cone2 sym2 sym2 cone2
begin "symmetric to address-restricted" symmetric sym3 addr1 sym3 addr1
begin "address-restricted to symmetric" symmetric addr2 sym4 sym4 addr2
begin "a symmetric NAT without extensions" refused sym5
begin "a symmetric NAT with others" refused sym6
begin "two behind one NAT, by their inner addresses" hairpin
begin "the same without the extension" no_hairpin
begin "a quiet peer is asked directly" quiet far1 port5 1 0
begin "the same behind a symmetric NAT" quiet cone3 sym7 1 0
begin "without the extension, by its server" quiet far2 port4 0 1
begin "a gateway's mapping, and without it again" portmap
begin "all are on by default" shown far1 all
begin "none are on" shown far2 none
begin "some are on" shown port1 hp
begin "upnp needs sns" refuses "need sns" upnp
begin "pp needs sns" refuses "need sns" pp
begin "sp needs pp" refuses "sp needs pp" sns,sp
begin "a word that is none" refuses "not all, none or a list" sns,nat
begin "the same word twice" refuses "not all, none or a list" sns,sns
collect
finish
