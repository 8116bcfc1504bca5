#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A Teredo device is recreated, renamed, moved and qualified anew while somebody
# floods a port of it that is not open to the edge. The original's firewall let
# packets through then; this one has to let through exactly none. Each case
# begins with a device that is not filtered, which shows that the flood would
# arrive, and does not end before the flood has met the firewall again.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=flood.sh
. "$(dirname "$0")/flood.sh"
if ! modprobe -q teredo || ! ip link help teredo 2>&1 | grep -q refresh; then
	skip_all "no module teredo, or no plug-in for ip"
fi

PORT=40000 OWN=192.0.2.10 SERVER=192.0.2.1 SERVER2=192.0.2.2
FLOOD=192.0.2.3:4000 SENDER=2001:0:c000:201::f05f:3fff:fdfc
NATIVE=2a00:5::1	# what a host-specific relay speaks for

# up HOST DEV: and one packet goes to the flood's address, of whom a relay knows
# nothing otherwise. It is of a flow that the flood is not part of.
up()
{
	ip -n "$FW_ID-$1" link set "$2" up
	# shellcheck disable=SC2016 # the inner shell's argument
	ns "$1" bash -c 'printf "?" >"/dev/udp/$0/9"' "$SENDER"
}

# relay: the device with which no qualification has to be waited for
relay()
{
	ip -n "$FW_ID-in" link add t0 type teredo role host-relay \
		port "$PORT" allow-private
	up in t0
}

# unfiltered DEV: the flood arrives
unfiltered()
{
	fw in dev "$1" firewalled=0
	arrives in
}

recreated()
{
	local before i

	relay
	for ((i = 0; i < 3; i++)); do
		unfiltered t0
		ip -n "$FW_ID-in" link del t0
		before=$(reached in)
		relay
		stopped in "$before"
	done
}

# FW-70: the port is open, but not on an edge device, which this one is from its
# first packet on.
is_edge_at_once()
{
	local before i drops

	fw in open udp 7000 edge=deny
	for ((i = 0; i < 3; i++)); do
		before=$(reached in)
		drops=$(fw in count in port)
		ip -n "$FW_ID-in" link del t0
		relay
		stopped in "$before"
		is "dropped as if the port was closed" "$drops" \
			"$(fw in count in port)"
	done
	fw in open udp 7000 edge=allow
	arrives in
	fw in close udp 7000
	before=$(reached in)
	stopped in "$before"
}

rename_to()
{
	ip -n "$FW_ID-in" link set "$1" down
	ip -n "$FW_ID-in" link set "$1" name "$2"
	up in "$2"
}

renamed()
{
	local before i

	unfiltered t0
	fw in dev t0 firewalled=1
	before=$(reached in)
	for ((i = 0; i < 2; i++)); do
		rename_to t0 t1
		meets in
		rename_to t1 t0
		meets in
	done
	is "packets past the firewall" "$before" "$(reached in)"
}

move_to()
{
	ip -n "$FW_ID-$1" link set t0 netns "$FW_ID-$2"
	up "$2" t0
}

# Not even the exception that was made for it comes along.
moved()
{
	local before i there

	there=$(reached box)
	for ((i = 0; i < 2; i++)); do
		unfiltered t0
		move_to in box
		before=$(reached in)
		meets box
		is "in the other namespace" "$there" "$(reached box)"
		move_to box in
		stopped in "$before"
	done
	ip -n "$FW_ID-in" link del t0
}

# track: the flood follows the device's address
track()
{
	local address

	address=$(ip -n "$FW_ID-in" -6 -j addr show dev t0 scope global |
		jq -r '.[].addr_info[]?.local // empty' | head -n 1)
	[[ -n $address ]] || return 1
	printf '%s\n' "$address" >"$FW_TMP/next"
	mv "$FW_TMP/next" "$FW_TMP/target"
}

qualifies()
{
	await 30 "an address" track
	meets in
}

# Down and up, and as a new device.
requalified()
{
	local before i

	ip -n "$FW_ID-out" link add s0 type teredo role server \
		server "$SERVER" server2 "$SERVER2" allow-private
	ip -n "$FW_ID-out" link set s0 up
	client
	await 30 "an address" track
	unfiltered t0
	fw in dev t0 firewalled=1
	before=$(reached in)
	for ((i = 0; i < 2; i++)); do
		ip -n "$FW_ID-in" link set t0 down
		ip -n "$FW_ID-in" link set t0 up
		qualifies
		ip -n "$FW_ID-in" link del t0
		client
		qualifies
	done
	is "packets past the firewall" "$before" "$(reached in)"
	ip -n "$FW_ID-in" link del t0
	ip -n "$FW_ID-out" link del s0
}

client()
{
	ip -n "$FW_ID-in" link add t0 type teredo server "$SERVER" \
		port "$PORT" nocone-probe nodiscovery allow-private
	ip -n "$FW_ID-in" link set t0 up
}

plan 5
fw_load
fw_host in box out
ip link add eth0 netns "$FW_ID-in" type veth peer name eth0 \
	netns "$FW_ID-out"
ip -n "$FW_ID-in" addr add "$OWN/24" dev eth0
ip -n "$FW_ID-in" link set eth0 up
for address in "$SERVER" "$SERVER2" "${FLOOD%:*}"; do
	ip -n "$FW_ID-out" addr add "$address/24" dev eth0
done
ip -n "$FW_ID-out" link set eth0 up
for host in in box; do
	fw "$host" attach
	ip -n "$FW_ID-$host" addr add "$NATIVE/128" dev lo nodad
done
flood_target in box
fw_agent in box
printf '%s\n' "$NATIVE" >"$FW_TMP/target"
flood out teredo "$FLOOD" "$OWN:$PORT" "$FW_TMP/target"
check "FW-02 recreated, no packet gets through" recreated
check "FW-70 it is an edge device from its first packet on" is_edge_at_once
check "FW-22 renamed" renamed
check "FW-22 moved to another namespace and back" moved
check "FW-02 qualified anew" requalified
finish
