#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Programs as they are in use, behind the firewall as it is after loading: a
# DHCPv6 client gets its address, autoconfiguration and tracepath work, mDNS
# finds what is there once it is allowed to.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../selftests/net/icf6/lib.sh
. "$here/../selftests/net/icf6/lib.sh"
for program in dnsmasq dhcpcd avahi-daemon; do
	command -v "$program" >/dev/null || skip_all "$program is not installed"
done
# Their files are where they always are.
[[ -n ${PEER6_VM:-} ]] || skip_all "only in the virtual machine"

PREFIX=2a00:c

addresses()
{
	ip -n "$FW_ID-in" -6 -j addr show dev eth0 scope global |
		jq -r '.[].addr_info[]? | select(.tentative | not) | .local'
}

has_address()
{
	addresses | grep -q "$1"
}

# A router that answers DHCPv6 and advertises a prefix, until the case ends.
router()
{
	ns out dnsmasq --no-daemon --conf-file=/dev/null --port=0 \
		--interface=eth0 --bind-interfaces --enable-ra \
		--dhcp-leasefile="$FW_TMP/leases" --log-dhcp \
		--dhcp-range="$1" >"$FW_TMP/dnsmasq" 2>&1 &
	ROUTER=$!
	trap 'kill "$ROUTER"; wait "$ROUTER" || true' EXIT
	await 10 "the router" grep -q 'IPv6 router advertisement' \
		"$FW_TMP/dnsmasq"
}

# FW-52: an answer is from a link-local address to one, and fits no flow, for
# the question went to a group.
dhcp()
{
	local before

	before=$(fw in count in dhcp)
	router "$PREFIX:1::1000,$PREFIX:1::1fff,64,600"
	ns in dhcpcd -6 -1 -B -t 30 -f /dev/null --noipv6rs -h test \
		-o dhcp6_name_servers --ia_na eth0 >"$FW_TMP/dhcpcd" 2>&1 ||
		{ cat "$FW_TMP/dhcpcd" "$FW_TMP/dnsmasq"; return 1; }
	grep -q 'DHCPREPLY' "$FW_TMP/dnsmasq"
	(($(fw in count in dhcp) > before))
	is "ports" "" "$(fw in ports)"
}

# FW-62: an address from an advertised prefix, tested for duplicates; the route
# that comes with it leads out.
autoconf()
{
	ns in sysctl -qw net.ipv6.conf.eth0.accept_ra=1
	ip -n "$FW_ID-in" link set eth0 down
	ip -n "$FW_ID-in" link set eth0 addrgenmode eui64
	router "$PREFIX:2::,ra-only,64,600"
	ip -n "$FW_ID-in" link set eth0 up
	await 30 "an address of the prefix" has_address "^$PREFIX:2:"
	is "duplicates" "" "$(ip -n "$FW_ID-in" addr show dadfailed)"
	ns in ping -q -n -c 2 -i 0.2 -W 3 "$PREFIX:2::1"
}

# A test for duplicates finds one here, or else two hosts would have it.
defends()
{
	ip -n "$FW_ID-in" addr add "$PREFIX:3::1/64" dev eth0 nodad
	ip -n "$FW_ID-out" addr add "$PREFIX:3::1/64" dev eth0
	await 10 "the duplicate" eval \
		"ip -n $FW_ID-out addr show dadfailed | grep -q $PREFIX:3::1"
	ip -n "$FW_ID-out" addr del "$PREFIX:3::1/64" dev eth0
	ip -n "$FW_ID-in" addr del "$PREFIX:3::1/64" dev eth0
}

# avahi HOST NAME: a responder, until the case ends; it says when it is there
avahi()
{
	local dir=$FW_TMP/avahi-$1

	mkdir -p "$dir/run" "$dir/etc"
	cat >"$dir/etc/avahi-daemon.conf" <<-END
		[server]
		host-name=$2
		use-ipv4=no
		use-ipv6=yes
		allow-interfaces=eth0
		enable-dbus=no
		[publish]
		publish-aaaa-on-ipv4=no
		publish-workstation=no
	END
	# Each has a folder of its own for its pid and socket.
	# shellcheck disable=SC2016 # the inner shell's argument
	ns "$1" unshare --mount bash -euc '
		mkdir -p /run/avahi-daemon
		mount --bind "$1/run" /run/avahi-daemon
		exec avahi-daemon --no-drop-root --no-chroot --no-rlimits \
			-f "$1/etc/avahi-daemon.conf"' sh "$dir" \
		>"$dir/log" 2>&1 &
	AVAHI=$!
	trap 'kill "$AVAHI"; wait "$AVAHI" || true' EXIT
	await 30 "avahi in $1" grep -q 'Server startup complete' "$dir/log"
}

# mdns HOST NAME: one question to the group, from a port of its own; whether there
# is an answer, by unicast (RFC 6762 section 6.7)
mdns()
{
	ns "$1" python3 - "$2" <<-'END'
		import socket, struct, sys, time
		name = b"".join(bytes([len(p)]) + p.encode()
		                for p in sys.argv[1].split(".")) + b"\0"
		index = socket.if_nametoindex("eth0")
		s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
		s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF,
		             index)
		s.settimeout(1.5)
		s.sendto(struct.pack("!6H", 7, 0, 1, 0, 0, 0) + name +
		         struct.pack("!2H", 28, 1),
		         ("ff02::fb", 5353, 0, index))
		try:
		    data = s.recv(9000)
		except socket.timeout:
		    print("silent")
		    sys.exit()
		assert data[:2] == b"\0\7" and data[2] & 0x80, data
		assert struct.unpack_from("!H", data, 6)[0] > 0, data
		print("answered")
	END
}

# FW-60: the answer is unicast and from an address that nothing was sent to.
mdns_out()
{
	avahi out there
	fw in conf mcast-reply=off
	is "as it is after loading" silent "$(mdns in there.local)"
	fw in conf mcast-reply=on
	is "with mcast-reply" answered "$(mdns in there.local)"
	fw in conf mcast-reply=off p2p=on
	is "with p2p" answered "$(mdns in there.local)"
	fw in conf p2p=off
}

# FW-64: questions of others, to the group.
mdns_in()
{
	avahi in here
	is "as it is after loading" silent "$(mdns out here.local)"
	fw in conf mdns=on
	is "with mdns" answered "$(mdns out here.local)"
	fw in conf mdns=off
	ns in conntrack -D -f ipv6 >/dev/null 2>&1 || true
	is "and again" silent "$(mdns out here.local)"
}

# A host behind a router of the peer: 3/0 from the router, 1/4 from the host.
traceroute()
{
	local said

	ip -n "$FW_ID-in" -6 route replace "$PREFIX:9::/64" via "$OUT" dev eth0
	said=$(ns in tracepath -6 -n -m 4 "$PREFIX:9::2" || true)
	printf '%s\n' "$said"
	# By one of its addresses; then the end.
	[[ $said == *" 1:  "*$'\n'*" 2:  $PREFIX:9::2 "*reached* &&
		$said != *"no reply"* ]]
}

plan 6
fw_load
fw_host in out far
ns in sysctl -qw net.ipv6.conf.default.accept_ra=0
fw in attach
fw_link in eth0 "$IN" out eth0 "$OUT"
ip -n "$FW_ID-out" addr add "$PREFIX:1::1/64" dev eth0 nodad
ip -n "$FW_ID-out" addr add "$PREFIX:2::1/64" dev eth0 nodad
fw_link out eth1 "$PREFIX:9::1" far eth0 "$PREFIX:9::2"
ip -n "$FW_ID-far" -6 route add default via "$PREFIX:9::1"
ns out sysctl -qw net.ipv6.conf.all.forwarding=1
fw_agent in
check "FW-52 DHCPv6: dhcpcd and dnsmasq" dhcp
if command -v tracepath >/dev/null; then
	check "FW-03 tracepath sees the router and the end" traceroute
else
	skip "FW-03 tracepath sees the router and the end" "no tracepath"
fi
check "FW-60 a question by mDNS, answered by avahi" mdns_out
check "FW-64 avahi is asked by mDNS" mdns_in
check "FW-62 an address by router advertisement" autoconf
check "FW-62 an own address is defended against duplicates" defends
finish
