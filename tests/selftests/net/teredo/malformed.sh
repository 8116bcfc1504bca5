#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Malformed and unwanted packets: malformed.py puts them on the wire of one
# client, one server, one relay and one host-specific relay, each in a
# namespace of its own whose only link ends in a namespace of the test's.

set -u

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
[[ -x /usr/bin/python3 ]] || skip_all "/usr/bin/python3 is not installed"
id=tmf$$

cleanup()
{
	local ns

	for ns in wire client server relay hrelay lone gone; do
		ip netns del "$id-$ns" 2>/dev/null
	done
}
trap cleanup EXIT

# node NAME NUMBER GATEWAY/PLEN ADDR/PLEN...
# shellcheck disable=SC2016 # expanded by the inner shell
node()
{
	local name=$1 nr=$2 gw=$3 ns=$id-$1 a
	shift 3

	ip netns add "$ns" &&
	ip -n "$id-wire" link add "$name" address "02:00:00:00:0$nr:01" \
		type veth peer name eth0 address "02:00:00:00:0$nr:02" \
		netns "$ns" || return 1
	{
		for a in "$@"; do
			printf 'addr add %s dev eth0\n' "$a"
		done
		printf 'link set eth0 addrgenmode none\n'
		printf 'link set eth0 up\nlink set lo up\n'
		printf 'route add default via %s\n' "${gw%/*}"
	} | ip -n "$ns" -batch - &&
	ip -n "$id-wire" addr add "$gw" dev "$name" &&
	ip -n "$id-wire" link set "$name" addrgenmode none &&
	ip -n "$id-wire" link set "$name" up &&
	ip netns exec "$ns" sh -c '
		for f in /proc/sys/net/ipv4/conf/*/rp_filter; do
			echo 0 >$f
		done
		echo 1 >/proc/sys/net/ipv4/conf/eth0/accept_local'
}

setup()
{
	ip netns add "$id-wire" &&
	node client 1 198.51.100.1/24 198.51.100.10/24 &&
	ip -n "$id-wire" addr add 198.51.100.20/24 dev client &&
	node server 2 192.0.2.30/27 192.0.2.1/27 192.0.2.2/27 &&
	node relay 3 198.51.101.1/24 198.51.101.10/24 &&
	node hrelay 4 198.51.102.1/24 198.51.102.10/24 &&
	node lone 5 203.0.112.1/24 203.0.112.10/24 &&
	ip -n "$id-server" addr add 2001:db8:6::1/128 dev lo nodad &&
	ip -n "$id-relay" addr add 2001:db8:6::2/128 dev lo nodad &&
	ip -n "$id-hrelay" addr add 2001:db8:6::3/128 dev lo nodad &&
	ip -n "$id-client" link add tc0 type teredo server 192.0.2.1 refresh 120 &&
	ip -n "$id-lone" link add tc1 type teredo server 192.0.2.9 &&
	ip -n "$id-lone" link add tc2 type teredo server 192.0.2.17 &&
	ip -n "$id-server" link add ts0 type teredo role server \
		server 192.0.2.1 server2 192.0.2.2 &&
	ip -n "$id-server" link set ts0 up &&
	ip -n "$id-relay" link add tr0 type teredo role relay &&
	ip -n "$id-relay" link set tr0 up &&
	ip -n "$id-hrelay" link add tr0 type teredo role host-relay &&
	ip -n "$id-hrelay" link set tr0 up
}

setup || {
	printf 'TAP version 13\n1..1\nnot ok 1 - set-up\n'
	exit 1
}
/usr/bin/python3 -B "$TD_DIR/malformed.py" "$id"
