#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The network changes under a client. Each time the device stays the same, has
# exactly one address, that of its mapping, packets pass the hooks of its
# name, and it is all over long before a timer of the client would have helped:
# RFC 4380 section 5.2.1 repeats a solicitation after 4 s, and a client that is
# offline waits 7.5 s or more.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

SOON=3

# look HOST: STATE, MAPPED and ADDRESS are what the device says
look()
{
	td_show "$1"
	td_get state
	STATE=$REPLY
	td_get mapped
	MAPPED=$REPLY
	td_get address
	ADDRESS=$REPLY
}

one_address()
{
	local out

	look alice
	[[ $STATE == qualified ]]
	out=$(ns alice ip -6 -o addr show dev teredo0)
	[[ $out != *$'\n'* && $out == *"inet6 $ADDRESS/32 scope global "* &&
		$out != *deprecated* && $out != *tentative* ]]
}

# sound OUTSIDE: after each change
sound()
{
	local before

	wait_for "$SOON" "one address for a mapping of $1" \
		eval "one_address && [[ \$MAPPED == $1:* ]]"
	one_address
	is "index of the device" "$IFINDEX" \
		"$(lab_exec alice cat /sys/class/net/teredo0/ifindex)"
	before=$(lab_counter alice hooks)
	td_ping bob "$ADDRESS" 2
	between "packets that the hooks of the device saw" 2 99 \
		$(($(lab_counter alice hooks) - before))
}

ask_from_now()
{
	ASKED=$(lab_counter alice rs)
}

has_asked()
{
	(($(lab_counter alice rs) > ASKED))
}

answered()
{
	td_show alice
	td_get ra_rx
	((REPLY > ANSWERS))
}

answers_from_now()
{
	td_show alice
	td_get ra_rx
	ANSWERS=$REPLY
}

# monitor: events from here on, in the file EVENTS
monitor()
{
	EVENTS=$LAB_DIR/events
	lab_spawn alice "$EVENTS" peer6 teredo monitor --verbose --json \
		--timeout=60
	wait_for 10 "the monitor" grep -q watching "$EVENTS"
}

# event FILTER: one of them satisfies it
event()
{
	grep '^{' "$EVENTS" | jq -se "any(.[]; $1)" >/dev/null ||
		{ cat "$EVENTS"; return 1; }
}

renumbered_from()
{
	event ".event == \"mapping\" and .dev == \"teredo0\"
		and .ifindex == $IFINDEX and .address == \"$ADDRESS\""
	[[ $ADDRESS != "$1" ]]
}

another_lan_address()
{
	local old

	look alice
	old=$ADDRESS
	monitor
	lab_spawn alice "$LAB_DIR/rtnl" ip -6 monitor address dev teredo0
	# shellcheck disable=SC2016 # awk's fields
	wait_for 20 "ip monitor" awk '$2 == 0 && $4 != "00000000" { on = 1 }
		END { exit !on }' "/proc/$LAB_PID/net/netlink"
	ask_from_now
	printf '%s\n' "addr del 10.0.1.2/24 dev eth0" \
		"addr add 10.0.1.7/24 brd + dev eth0" \
		"route replace default via 10.0.1.1 dev eth0" |
		ip -n "$(lab_ns alice)" -batch -
	wait_for "$SOON" "a solicitation from the new address" has_asked
	wait_for "$SOON" "another mapping" eval \
		"one_address && [[ \$ADDRESS != $old ]]"
	sound 198.51.100.1
	renumbered_from "$old"
	# Never two: the old one goes before the new one comes.
	cat "$LAB_DIR/rtnl"
	awk -v old="$old" 'BEGIN { have[old]; n = 1 }
		match($0, /inet6 [0-9a-f:]+/) {
			addr = substr($0, RSTART + 6, RLENGTH - 6)
			if (/^Deleted/ && addr in have) {
				delete have[addr]
				n--
			} else if (!/^Deleted/ && !(addr in have)) {
				have[addr]
				if (++n > 1)
					two = 1
			}
		}
		END { exit two || n != 1 || old in have }' "$LAB_DIR/rtnl"
}

same_lan_address_again()
{
	ask_from_now
	printf '%s\n' "addr del 10.0.1.7/24 dev eth0" \
		"addr add 10.0.1.2/24 brd + dev eth0" \
		"route replace default via 10.0.1.1 dev eth0" |
		ip -n "$(lab_ns alice)" -batch -
	wait_for "$SOON" "a solicitation" has_asked
	sound 198.51.100.1
}

default_route_moves()
{
	monitor
	td_second_way_up
	sound 198.51.100.1
	ask_from_now
	ns alice ip route replace default via 10.0.3.1 dev eth1
	wait_for "$SOON" "a solicitation by the new way" has_asked
	sound 203.0.113.65
	event '.event == "mapping" and
		(.to | tostring | contains("203.0.113.65"))'
}

default_route_moves_back()
{
	ask_from_now
	ns alice ip route replace default via 10.0.1.1 dev eth0
	wait_for "$SOON" "a solicitation by the old way" has_asked
	sound 198.51.100.1
}

uplink_is_renamed()
{
	printf '%s\n' "link set eth0 down" "link set eth0 name wlan7" \
		"link set wlan7 up" "route add default via 10.0.1.1 dev wlan7" |
		ip -n "$(lab_ns alice)" -batch -
	sound 198.51.100.1
	ask_from_now
	printf '%s\n' "link set wlan7 down" "link set wlan7 name eth0" \
		"link set eth0 up" "route add default via 10.0.1.1 dev eth0" |
		ip -n "$(lab_ns alice)" -batch -
	wait_for "$SOON" "a solicitation" has_asked
	sound 198.51.100.1
}

# RFC 4380 section 5.2.1: only what the server saw and the source of the
# solicitation tell whether there is a NAT.
unchanged()
{
	sound 198.51.100.1
	is "mapping and address" "$1" "$MAPPED $ADDRESS"
	td_get nat
	is "NAT" "restricted" "$REPLY"
}

other_addresses_come_and_go()
{
	local was

	look alice
	was="$MAPPED $ADDRESS"
	monitor
	printf '%s\n' "link add pub0 type veth peer name pub1" \
		"link set pub0 up" "link set pub1 up" \
		"addr add 203.0.112.5/24 dev pub0" \
		"link add sit6to4 type sit remote any local 203.0.112.5" \
		"link set sit6to4 up" \
		"addr add 2002:cb00:7005::1/16 dev sit6to4" >"$LAB_DIR/batch"
	ns alice sh -c "modprobe -q sit; ip -batch '$LAB_DIR/batch'"
	unchanged "$was"
	# Asked again while they are there
	answers_from_now
	lab_link_down alice
	lab_link_up alice
	wait_for "$SOON" "the server's answer" answered
	unchanged "$was"
	ns alice ip link del sit6to4
	ns alice ip link del pub0
	unchanged "$was"
	# The link went down and up: that may be told, but no other mapping.
	! event '.event == "mapping"'
}

carrier_flaps()
{
	local was i

	look alice
	was="$MAPPED $ADDRESS"
	for i in 1 2 3; do
		lab_link_down alice
		lab_link_up alice
	done
	answers_from_now
	lab_link_down alice
	ask_from_now
	lab_link_up alice
	wait_for "$SOON" "the server's answer" answered
	sound 198.51.100.1
	is "mapping and address" "$was" "$MAPPED $ADDRESS"
	# One for the end of the link's trouble, one for the beginning.
	between "solicitations" 1 3 $(($(lab_counter alice rs) - ASKED))
}

# The cable is out for as long as the NAT takes to get another address.
nat_changes_behind_the_link()
{
	local old

	look alice
	old=$ADDRESS
	monitor
	lab_link_down alice
	lab_nat_addr natA 198.51.100.9
	ask_from_now
	lab_link_up alice
	wait_for "$SOON" "a solicitation" has_asked
	sound 198.51.100.9
	renumbered_from "$old"
}

# Nothing tells the host: the refresh finds out.
nat_changes_far_away()
{
	local old

	look alice
	old=$ADDRESS
	monitor
	ns alice ip link set teredo0 type teredo refresh 1
	lab_nat_addr natA 198.51.100.1
	sound 198.51.100.1
	renumbered_from "$old"
	ns alice ip link set teredo0 type teredo refresh 120
}

plug_alice()
{
	printf '%s\n' "link add name eth0 netns $(lab_ns alice) type veth peer name alice netns $(lab_ns natA)" |
		ip -batch -
	printf '%s\n' "link set alice master br0" "link set alice up" |
		ip -n "$(lab_ns natA)" -batch -
	printf '%s\n' "link set eth0 addrgenmode none" "link set eth0 up" \
		"addr add 10.0.1.2/24 brd + dev eth0" \
		"route add default via 10.0.1.1 dev eth0" |
		ip -n "$(lab_ns alice)" -batch -
}

interface_is_deleted_and_added()
{
	ns alice ip link del eth0
	look alice
	is "index of the device" "$IFINDEX" \
		"$(lab_exec alice cat /sys/class/net/teredo0/ifindex)"
	answers_from_now
	ask_from_now
	plug_alice
	wait_for "$SOON" "the server's answer" answered
	sound 198.51.100.1
}

# The interface is away for so long that the address is given up; that takes
# two times three solicitations that cannot be sent.
interface_is_away_for_long()
{
	monitor
	ns alice ip link del eth0
	ns alice ip link set teredo0 type teredo refresh 1
	wait_for 40 "the address to be given up" td_in_state alice offline
	td_get error
	is "error" "no-route" "$REPLY"
	is "addresses" "" "$(ns alice ip -6 -o addr show dev teredo0)"
	event '.event == "state" and .to == "offline" and
		.reason == "no-route"'
	ns alice ip link set teredo0 type teredo refresh 120
	plug_alice
	sound 198.51.100.1
	event '.event == "state" and .from != "qualified" and
		.to == "qualified"'
}

# In ELAPSED, how long it took carol from nothing to an address
without_a_route()
{
	local start

	ns carol ip route del default
	lab_now
	start=$REPLY
	td_add carol server "$SERVER"
	wait_for 20 "the error" td_in_state carol offline
	td_get error
	is "error" "no-route" "$REPLY"
	ns carol ip route add default via 203.0.113.126
	wait_for 15 "carol to qualify" td_in_state carol qualified
	lab_now
	ELAPSED=$((REPLY - start))
	printf 'qualified after %d ms\n' "$ELAPSED"
	td_get nat
	is "NAT" "none (global connectivity)" "$REPLY"
	ns carol ip link del teredo0
}

# Her own timer would help 7.5 s after she found no route, or later. A busy
# machine may be too slow to tell; hardly three times.
created_without_a_route()
{
	local i

	for i in 1 2 3; do
		without_a_route
		((ELAPSED >= 7500)) || return 0
		printf 'try %d says nothing\n' "$i"
	done
	return 1
}

created_without_a_server()
{
	lab_link_down server
	td_add carol server "$SERVER"
	wait_for 20 "carol to give up" td_in_state carol offline
	td_get error
	is "error" "server-unreachable" "$REPLY"
	lab_link_up server
	# Not one of carol's timers: they have 7.5 s or more to go. The event
	# is a link that comes back.
	lab_link_down carol
	lab_link_up carol
	wait_for "$SOON" "carol to qualify" td_in_state carol qualified
	ns carol ip link del teredo0
}

plan 14
lab_init
td_lab_two_ways carol 203.0.113.100/27
td_server
lab_count alice rs out udp dport 3544 udp length 69
lab_count alice hooks in iifname teredo0 meta l4proto icmpv6
# So far apart that no refresh is taken for the answer to a change
td_client alice refresh 120
td_client bob
td_qualify alice bob
IFINDEX=$(lab_exec alice cat /sys/class/net/teredo0/ifindex)

check "sound to begin with" sound 198.51.100.1
check "another address in the LAN" another_lan_address
check "the old address in the LAN again" same_lan_address_again
check "the default route moves to a second interface" default_route_moves
check "the default route moves back" default_route_moves_back
check "the interface is renamed" uplink_is_renamed
check "a public and a 6to4 address come and go" other_addresses_come_and_go
check "the cable is pulled and plugged" carrier_flaps
check "another outside address while the cable is out" \
	nat_changes_behind_the_link
check "another outside address behind the client's back" nat_changes_far_away
check "the interface is deleted and added" interface_is_deleted_and_added
check "no route at creation, then one" created_without_a_route
begin "the interface is away for long" interface_is_away_for_long
begin "no server at creation, then one" created_without_a_server
collect
finish
