#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every pair of NATs that RFC 4380 promises (sections 3.1, 5.2.1, 5.2.10), each
# side as the initiator, on two servers and on one; clients that symmetric NATs
# refuse an address; and the Linux NAT that lets strangers' packets reach
# itself, which bends its mapping toward whoever sends first.
#
# A pair is tried once in a lab, so both sides meet it cold: there are two sets
# of hosts, and the initiator is in the first for one order, in the second for
# the other. All pairs are tried at the same time.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

TYPES=(none cone addr port)
S1=192.0.2.1
S2=192.0.2.33

# side SET FIRST_OCTETS: a NAT of each type and a client behind it; "none" is a
# host without one
side()
{
	local i=0 type

	for type in "${TYPES[@]}" portnd; do
		if [[ $type == none ]]; then
			lab_host "$1$type" "$2.$((16 * i + 1))/28"
		else
			lab_nat "n$1$type" "$type" \
				"outside=$2.$((16 * i + 1))/28" \
				"inside=10.0.$i.1/24"
			lab_client "$1$type" "n$1$type" "10.0.$i.2"
		fi
		i=$((i + 1))
	done
}

build()
{
	local i

	lab_begin
	lab_server s1 $S1 192.0.2.2 2001:db8:6::1/64
	lab_server s2 $S2 192.0.2.34 2001:db8:6::2/64
	side a 198.51.100
	side b 203.0.113
	# One mapping of such a NAT, once bent, bends others of the same host, so
	# each pair has a host of its own.
	for i in 1 2 3 4 5 6 7; do
		lab_client "bent$i" nbportnd "10.0.4.1$i"
	done
	lab_client acone2 nacone 10.0.1.3
	lab_client aaddr2 naaddr 10.0.2.3
	lab_client aport2 naport 10.0.3.3
	lab_client aportnd2 naportnd 10.0.4.3
	lab_nat nsym random-symm outside=198.51.100.129/28 inside=10.0.8.1/24
	lab_client sym nsym 10.0.8.2
	lab_client asym nsym 10.0.8.3
	lab_nat nwide addr-symm outside=198.51.100.145/28 inside=10.0.9.1/24
	lab_client wide nwide 10.0.9.3
	lab_commit
	lab_nat_forward nsym 4096 10.0.8.3
}

devices()
{
	local type i

	td_server s1 $S1 192.0.2.2
	td_server s2 $S2 192.0.2.34
	{
		for type in "${TYPES[@]}" portnd; do
			echo "a$type server $S1"
			echo "b$type server $S2"
		done
		for i in 1 2 3 4; do
			echo "bent$i server $S2"
		done
		for i in 5 6 7; do
			echo "bent$i server $S2 bubble-ttl 2"
		done
		echo "acone2 server $S1 cone-probe"
		echo "aaddr2 server $S1 bubble-ttl 2"
		echo "aport2 server $S1 bubble-ttl 2"
		echo "aportnd2 server $S1 bubble-ttl 2"
		echo "sym server $S1"
		echo "asym server $S1 port 4096"
		echo "wide server $S1"
	} | sed "s/$/ extensions none/" | td_add_all
}

# The type of a restricted NAT is not to be seen, nor that of a cone unless it
# is asked for: RFC 5991 section 3.2.
verdicts()
{
	local set

	for set in a b; do
		td_counts "${set}none" "nat=none (global connectivity)"
		td_counts "${set}cone" nat=restricted
		td_counts "${set}addr" nat=restricted
		td_counts "${set}port" nat=restricted
	done
	td_counts acone2 nat=cone
}

refused()
{
	wait_for 10 "$1 to be offline" td_in_state "$1" offline
	td_counts "$1" "nat=$2" error=symmetric-nat address=0
}

# count_direct NAT HOST: count the bubbles that leave NAT for the mapping of
# HOST, and find their number
count_direct()
{
	local from

	lab_public_addr "$1"
	from=$REPLY
	td_show "$2"
	td_get mapped
	lab_count inet "$1_$2" in "ip saddr $from ip daddr ${REPLY%:*} \
		udp dport ${REPLY#*:} $LAB_BUBBLE"
}

direct()
{
	lab_counter inet "$1_$2"
}

# unreachable HOST NAT HOST: one attempt and three repeats, and none for the
# packets after these
unreachable()
{
	td_addr "$3"
	td_unreachable "$1" "$REPLY" 10
	is "direct bubbles" 4 "$(direct "$2" "$3")"
	ns "$1" ping -n -q -c 5 -i 0.2 -W 1 "$REPLY" && return 1
	is "direct bubbles, later" 4 "$(direct "$2" "$3")"
}

# opens HOST NAT HOST: although the first direct bubble goes astray
opens()
{
	td_pings "$1" "$3"
	is "direct bubbles" 1 "$(direct "$2" "$3")"
}

plan 45
lab_init
build
devices
td_qualify {a,b}{none,cone,addr,port,portnd} bent{1,2,3,4,5,6,7} \
	acone2 aaddr2 aport2 aportnd2 asym
count_direct naaddr bent3
count_direct naport bent4
count_direct naportnd bportnd
count_direct naaddr bent5
count_direct naport bent6
count_direct naportnd bent7

begin "what clients make of their NATs" verdicts
for i in "${TYPES[@]}"; do
	for r in "${TYPES[@]}"; do
		begin "$i to $r, two servers" td_pings "a$i" "b$r"
	done
done
for i in 0 1 2 3; do
	for r in 0 1 2 3; do
		set=a
		((i == r)) && continue
		((i < r)) || set=b
		begin "${TYPES[i]} to ${TYPES[r]}, one server" \
			td_pings "$set${TYPES[i]}" "$set${TYPES[r]}"
	done
done
for r in "${TYPES[@]}"; do
	begin "Linux NAT without a drop to $r" td_pings aportnd "b$r"
done
begin "none to a Linux NAT without a drop" td_pings anone bent1
begin "a cone that knows it to a Linux NAT without a drop" \
	td_pings acone2 bent2
begin "addr to a Linux NAT without a drop, with bubble-ttl" \
	opens aaddr2 naaddr bent5
begin "port to a Linux NAT without a drop, with bubble-ttl" \
	opens aport2 naport bent6
begin "two of these, with bubble-ttl" opens aportnd2 naportnd bent7
begin "a symmetric NAT with a reserved port, as initiator" td_pings asym bport
begin "a symmetric NAT with a reserved port, as responder" td_pings aport asym
begin "a symmetric NAT" refused sym "symmetric (port)"
begin "a symmetric NAT with several addresses" \
	refused wide "symmetric (address)"
collect
begin "addr to a Linux NAT without a drop fails cleanly" \
	unreachable aaddr naaddr bent3
begin "port to a Linux NAT without a drop fails cleanly" \
	unreachable aport naport bent4
begin "two of these fail cleanly" unreachable aportnd naportnd bportnd
collect
finish
