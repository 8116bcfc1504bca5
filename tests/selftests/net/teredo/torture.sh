#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# All that networks do to a tunnel, while TCP runs through it and every byte is
# compared at the other end: loss, reordering and duplication, NATs that restart
# and map otherwise, servers that die, come back and are exchanged, two devices
# at two servers. What may break is a flow whose address is gone; what may not
# is a byte.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

OTHER=192.0.2.33	# the second server
OTHER2=192.0.2.34

# stream FROM TO [ARGUMENT...]: TCP between two hosts, told in the files
# FROM.stream and TO.stream; sets PID
stream()
{
	local from=$1 to=$2
	shift 2

	lab_spawn "$to" "$LAB_DIR/$to.stream" "$TD_DIR/stream.py" serve
	wait_for 10 "$to to listen" grep -q listening "$LAB_DIR/$to.stream"
	td_addr "$to"
	lab_spawn "$from" "$LAB_DIR/$from.stream" "$TD_DIR/stream.py" send \
		"$REPLY" "$@"
	PID=$LAB_PID
	wait_for 20 "the connection" grep -q '"at"' "$LAB_DIR/$from.stream"
}

# Bytes that TO has read so far
received()
{
	local out

	out=$(ns "$1" ss -Htni "( sport = :5301 )")
	[[ $out =~ bytes_received:([0-9]+) ]] && echo "${BASH_REMATCH[1]}" ||
		echo 0
}

# goes_on TO [BYTES]
goes_on()
{
	local before

	before=$(received "$1")
	wait_for 30 "the flow to go on" eval \
		"((\$(received $1) >= $before + ${2:-1}))"
}

is_over()
{
	grep -qE '"(done|error)"' "$LAB_DIR/$1.stream"
}

# whole FROM TO: all bytes came back, and were right
whole()
{
	wait_for 30 "the end of the flow" is_over "$1"
	wait_for 10 "the end of the flow at $2" is_over "$2"
	tail -n 3 "$LAB_DIR/$1.stream" "$LAB_DIR/$2.stream"
	jq -se '.[-1].done and .[-1].bytes > 0' "$LAB_DIR/$1.stream" >/dev/null
	is "bytes that $2 read" "$(jq -s '.[-1].bytes' "$LAB_DIR/$1.stream")" \
		"$(jq -s '.[-1].bytes' "$LAB_DIR/$2.stream")"
}

look()
{
	td_show "$1"
	td_get mapped
	MAPPED=$REPLY
	td_get address
	ADDRESS=$REPLY
}

# not_at HOST MAPPED: qualified, with another mapping
not_at()
{
	td_in_state "$1" qualified && look "$1" && [[ $MAPPED != "$2" ]]
}

# A third of what each side sends is lost, some of the rest comes twice, or
# before what was sent earlier. Far more is lost than to any refresh, so the
# client may be offline for a while; its address is the same again.
bad_link()
{
	local was

	look a1
	was=$ADDRESS
	stream a1 b1 --bytes 40000 --rate 20000
	lab_link a1 delay 8ms 6ms loss 30% duplicate 5%
	whole a1 b1
	lab_link a1
	wait_for 30 "a1 to be qualified" td_in_state a1 qualified
	look a1
	is "address" "$was" "$ADDRESS"
	td_drops a1
}

# Each restart gives another outside port; the one before last another address.
nat_restarts()
{
	local i was

	for i in 1 2 3 4; do
		look c1
		was=$MAPPED
		# Somebody has to speak for anything to be missed.
		lab_spawn c1 /dev/null ping -n -i 0.3 "${TD_ADDR[carol]}"
		if ((i == 3)); then
			lab_nat_addr natC 203.0.113.73
		else
			lab_nat_flush natC
		fi
		wait_for 10 "another mapping" not_at c1 "$was"
		lab_kill "$LAB_PID"
		look c1
		td_ping carol "$ADDRESS" 2
		td_ping c1 "${TD_ADDR[b3]}" 2
	done
	[[ $MAPPED == 203.0.113.73:* ]]
}

# Every flow has a port of its own there, and a restart gives it another one.
random_ports()
{
	local i

	td_show r1
	td_get nat
	is "NAT" "symmetric (port)" "$REPLY"
	for i in 1 2; do
		td_ping r1 "${TD_ADDR[carol]}" 2
		look r1
		td_ping carol "$ADDRESS" 2
		lab_nat_flush natR
		lab_spawn r1 /dev/null ping -n -i 0.3 "${TD_ADDR[carol]}"
		wait_for 10 "another mapping" not_at r1 "$MAPPED"
		lab_kill "$LAB_PID"
	done
	td_ping r1 "${TD_ADDR[carol]}" 2
}

# The flow has its path and needs no server. When the client has given up its
# address, and gets it back from the server, the flow has, too.
server_dies()
{
	local was rs

	look a2
	was="$MAPPED $ADDRESS"
	stream a2 b2 --rate 20000
	ns a2 ip link set teredo0 type teredo refresh 1
	rs=$(lab_counter a2 rs)
	lab_link_down server
	wait_for 20 "five solicitations in vain" eval \
		"((\$(lab_counter a2 rs) >= $rs + 5))"
	goes_on b2 1000
	wait_for 20 "a2 to give up" td_in_state a2 offline
	td_get error
	is "error" server-unreachable "$REPLY"
	lab_link_up server
	wait_for 20 "a2 to be qualified" td_in_state a2 qualified
	ns a2 ip link set teredo0 type teredo refresh 30
	look a2
	is "mapping and address" "$was" "$MAPPED $ADDRESS"
	goes_on b2 1000
	lab_kill "$PID"
	whole a2 b2
}

# Another server: another address. RFC 4380 section 4 puts it there.
server_moves()
{
	ns a2 ip link set teredo0 type teredo server "$OTHER" server2 "$OTHER2"
	wait_for 10 "a2 to be qualified" td_in_state a2 qualified
	look a2
	[[ $ADDRESS == 2001:0:c000:221:* || $ADDRESS == 2001::c000:221:* ]]
	td_ping b3 "$ADDRESS" 2
	ns a2 ip link set teredo0 type teredo server "$SERVER" server2 "$SERVER2"
	wait_for 10 "a2 to be qualified" td_in_state a2 qualified
	look a2
	[[ $ADDRESS == 2001:0:c000:201:* || $ADDRESS == 2001::c000:201:* ]]
	td_ping b3 "$ADDRESS" 2
}

qualified1()
{
	td_show a3 teredo1
	td_get state
	[[ $REPLY == qualified ]]
}

# Each address leaves by its own device, which is for routing to see to.
two_servers()
{
	local address0 address1

	ns a3 ip link add teredo1 type teredo server "$OTHER"
	ns a3 ip link set teredo1 up
	wait_for 20 "teredo1 to qualify" qualified1
	td_get address
	address1=$REPLY
	address0=${TD_ADDR[a3]}
	[[ $address0 != "$address1" ]]
	ip -n "$(lab_ns a3)" -6 -batch - <<-END
		route add 2001::/32 dev teredo0 table 100
		route add 2001::/32 dev teredo1 table 101
		rule add from $address0 lookup 100
		rule add from $address1 lookup 101
	END
	td_ping b3 "$address0" 2
	td_ping b3 "$address1" 2
	# The one's server is away: it is none of the other's business.
	lab_link_down other
	ns a3 ip link set teredo1 type teredo refresh 1
	wait_for 40 "teredo1 to give up" eval "! qualified1"
	td_ping b3 "$address0" 2
	lab_link_up other
	wait_for 20 "teredo1 to qualify" qualified1
	td_get address
	is "teredo1's address" "$address1" "$REPLY"
	td_ping b3 "$address1" 2
	ns a3 ip link del teredo1
	td_ping b3 "$address0" 2
}

build()
{
	lab_begin
	lab_server
	lab_server other "$OTHER" "$OTHER2" 2001:db8:6::5/64
	lab_host carol 203.0.113.100/27
	lab_nat natA port outside=198.51.100.1/27 inside=10.0.1.1/24
	lab_nat natB port outside=203.0.113.1/27 inside=10.0.2.1/24
	lab_nat natC port-nopreserve outside=203.0.113.65/28 inside=10.0.3.1/24
	lab_nat natR random-symm outside=198.51.100.65/28 inside=10.0.4.1/24
	for i in 1 2 3; do
		lab_client "a$i" natA "10.0.1.1$i"
		lab_client "b$i" natB "10.0.2.1$i"
	done
	lab_client c1 natC 10.0.3.2
	lab_client r1 natR 10.0.4.2
	lab_commit
}

plan 6
[[ -x /usr/bin/python3 ]] || skip_all "/usr/bin/python3 is not installed"
lab_init
build
td_server
td_server other "$OTHER" "$OTHER2"
td_add_all <<-END
	a1 server $OTHER port 4001
	a2 server $SERVER port 4002
	a3 server $SERVER port 4003
	b1 server $OTHER port 5001
	b2 server $OTHER port 5002
	b3 server $OTHER port 5003
	c1 server $OTHER refresh 120
	r1 server $OTHER refresh 120
	carol server $OTHER
END
td_qualify {a,b}{1,2,3} c1 r1 carol
lab_count a2 rs out udp dport 3544 udp length 69
begin "loss, reordering, duplicates: not a byte is wrong" bad_link
begin "NATs that restart, with other ports and addresses" nat_restarts
begin "a NAT with random ports restarts" random_ports
begin "the server dies and comes back: TCP goes on" server_dies
collect
check "the server moves" server_moves
check "two devices at two servers" two_servers
finish
