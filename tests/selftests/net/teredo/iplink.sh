#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ip link and teredo: what is set is shown, what is wrong is refused with a
# reason in words, and then nothing is made or changed.
#
# shellcheck disable=SC2317 # functions are called through run and result

set -euo pipefail
# shellcheck source=tests/selftests/net/teredo/cli_topo.sh
. "$(dirname "${BASH_SOURCE[0]}")/cli_topo.sh"
need setpriv
topology

ipn()
{
	run ip -n "$@"
}

before=
unchanged()
{
	[[ $status != 0 && $err == *"$1"* && $(snapshot "$one") == "$before" ]]
}

# refuse NAME WORDS IP-ARGUMENTS...
refuse()
{
	local name=$1 words=$2

	shift 2
	ipn "$one" "$@"
	result "$name" unchanged "$words"
}

# --- what is set is shown
printf 'open sesame\nnot read\n' >"$tap_dir/secret"
all=(role client server 192.0.2.1 server2 192.0.2.7 local 192.0.2.10
	port 34567 refresh 20 prefix 2001::/32 client-id hex:00ff
	secret-file "$tap_dir/secret" max-peers 77 rate-limit 55 bubble-ttl 3 extensions 'sns,pp,slr'
	allow-private default-route discovery cone-probe single-server)
ipn "$one" link add t0 type teredo "${all[@]}"
expect 'a device with all arguments' 0 '' ''
result 'all are shown' shows "$one" t0 'role client' 'server 192.0.2.1' \
	'server2 192.0.2.7' 'local 192.0.2.10' 'port 34567' 'refresh 20' \
	'prefix 2001::/32' 'client-id hex:00ff' secure 'max-peers 77' \
	'rate-limit 55' 'bubble-ttl 3' 'extensions sns,pp,slr' allow-private \
	default-route discovery cone-probe single-server 'state dormant' 'local-port 34567' 'error none'
ipn "$one" -d -j link show t0
holds 'all are shown, as JSON' '.[0].linkinfo.info_data |
	.role == "client" and .server == "192.0.2.1" and
	.server2 == "192.0.2.7" and .local == "192.0.2.10" and
	.port == 34567 and .refresh == 20 and .prefix == "2001::/32" and
	.client_id == "hex:00ff" and .secure and .max_peers == 77 and
	.rate_limit == 55 and .bubble_ttl == 3 and
	.extensions == ["sns", "pp", "slr"] and .allow_private and
	.default_route and .discovery and .cone_probe and .single_server and
	.state == "dormant" and .local_port == 34567 and .error == "none"'
out+=$(ip -n "$one" -d -s link show t0)
expect 'the secret is not shown' 0 '!*sesame*' ''

# --- what is changed is changed, and nothing else
ipn "$one" link set t0 type teredo refresh 25 noallow-private nodiscovery \
	secret '' client-id ''
expect 'a change' 0 '' ''
result 'what was named has changed' shows "$one" t0 'refresh 25' \
	noallow-private nodiscovery '!secure' '!client-id hex:00ff'
result 'what was not named has not' shows "$one" t0 'server 192.0.2.1' \
	'server2 192.0.2.7' 'port 34567' 'max-peers 77' \
	'extensions sns,pp,slr' cone-probe default-route
ipn "$one" link set t0 type teredo server 192.0.2.1
expect 'the server again, without its second address' 0 '' ''
result 'the second is the one after the first' shows "$one" t0 \
	'server2 192.0.2.2'

# --- refusals
before=$(snapshot "$one")
refuse 'an unknown word' 'teredo: unknown command "bogus"' \
	link add t9 type teredo server 192.0.2.1 bogus 1
refuse 'a name for an address' 'not an IPv4 address' \
	link add t9 type teredo server teredo.example.net
refuse 'a client without a server' 'needs the IPv4 address of a server' \
	link add t9 type teredo
refuse 'server 0.0.0.0' 'not unicast' link add t9 type teredo server 0.0.0.0
refuse 'server 127.0.0.1' 'not unicast' link add t9 type teredo server 127.0.0.1
refuse 'a multicast server' 'multicast' link add t9 type teredo server 224.0.0.1
refuse 'a broadcast server' 'broadcast' \
	link add t9 type teredo server 255.255.255.255
for addr in 10.0.0.1 172.16.0.1 192.168.0.1; do
	refuse "a private server: $addr" 'allow-private' \
		link add t9 type teredo server "$addr"
done
refuse 'a private second address' 'second server address is private' \
	link add t9 type teredo server 192.0.2.1 server2 10.0.0.2
refuse 'a server with one address' 'server2' \
	link add t9 type teredo role server server 192.0.2.10
refuse 'a server with the same address twice' 'the same' \
	link add t9 type teredo role server server 192.0.2.10 server2 192.0.2.10
refuse 'a server on an address of somebody else' \
	'not one of this network namespace' \
	link add t9 type teredo role server server 192.0.2.1 server2 192.0.2.2
refuse 'a relay with a server' 'relay' \
	link add t9 type teredo role relay server 192.0.2.1
for interval in 0 121 86401 4294967295; do
	refuse "refresh interval $interval" 'from 1 to 120' \
		link add t9 type teredo server 192.0.2.1 refresh "$interval"
done
refuse 'no peers at all' 'number of peers' \
	link add t9 type teredo server 192.0.2.1 max-peers 0
refuse 'a prefix that is not global' 'prefix' \
	link add t9 type teredo server 192.0.2.1 prefix fe80::/32
refuse 'a client id without a secret' 'needs a secret' \
	link add t9 type teredo server 192.0.2.1 client-id alice
refuse 'the port of another device' 'port is in use' \
	link add t9 type teredo server 192.0.2.1 port 34567
refuse 'a name of 16 characters' 'abcdefghijklmnop' \
	link add name abcdefghijklmnop type teredo server 192.0.2.1
refuse 'a name that exists' 'exists' \
	link add t0 type teredo server 192.0.2.1
refuse 'a device that does not exist' 'nothere' \
	link set nothere type teredo refresh 20

# A program that holds a port until it is told to end.
coproc HOLDER { exec ip netns exec "$one" python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("0.0.0.0", 0))
print(s.getsockname()[1], flush=True)
sys.stdin.read()'; }
jobs_started+=("$HOLDER_PID")
read -r taken <&"${HOLDER[0]}"
refuse 'the port of a program' 'port is in use' \
	link add t9 type teredo server 192.0.2.1 port "$taken"
refuse 'a change to the port of a program' 'port is in use' \
	link set t0 type teredo port "$taken"
for change in 'server 0.0.0.0' 'server 10.0.0.1' 'server2 224.0.0.1' \
	'refresh 0' 'refresh 121' 'max-peers 0' 'local 224.0.0.1'; do
	# shellcheck disable=SC2086 # two words
	refuse "a change to $change" '' link set t0 type teredo $change
	[[ $err == *Error:* ]] || err=
	expect "... has a reason in words" '!0' '*' '?*'
done
refuse 'another role' 'role' \
	link set t0 type teredo role relay
run without_cap ip -n "$one" link add t9 type teredo server 192.0.2.1
result 'without CAP_NET_ADMIN' unchanged 'not permitted'

# --- counters
ipn "$one" link delete t0
ipn "$srv" link add s0 type teredo role server server 192.0.2.1 \
	server2 192.0.2.2
expect 'a server' 0 '' ''
ip -n "$srv" link set s0 up
ip -n "$one" link add t0 type teredo server 192.0.2.1
ip -n "$one" link set t0 up
result 'the client qualifies' await 'the client to qualify' \
	shows "$one" t0 'state qualified'
ipn "$one" -d -o link show t0
expect 'mapping and address are shown' 0 \
	'* mapped 192.0.2.10:[1-9]* address 2001:0:c000:201:* error none *' ''
ipn "$one" -d -s -j link show t0
holds 'counters are shown' '.[0].linkinfo |
	(.info_data | .mapped == "192.0.2.10:\(.local_port)") and
	(.info_xstats | .rs_tx >= 2 and .ra_rx >= 2 and .rs_rx == 0 and
	.drops == [])'
ipn "$one" -d -s link show t0
expect 'counters are shown as text' 0 '* rs-tx [1-9]* ra-rx [1-9]*' ''
# An address of the prefix whose client is private: refused, by name.
ip netns exec "$one" ping -6 -c 1 -W 1 \
	2001:0:c000:201:0:fbff:f5ff:fffe >/dev/null 2>&1 || true
ipn "$one" -d -s -j link show t0
holds 'a drop is shown with its reason' '.[0].linkinfo.info_xstats.drops |
	map(select(.reason == "mapped-not-global" and .packets == 1)) |
	length == 1'
ipn "$one" -d -s link show t0
expect 'a drop is shown as text' 0 '*drops: *mapped-not-global 1 *' ''
finish
