#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a port scanner finds: over IPv6 nothing, and nothing answers; with p2p
# exactly its two ports; over IPv4 what there is without the firewall.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../selftests/net/icf6/lib.sh
. "$here/../selftests/net/icf6/lib.sh"
command -v nmap >/dev/null || skip_all "nmap is not installed"

IN4=10.66.0.1
TCP_PORTS=1-1000,3540,3587,7000
UDP_PORTS=1-50,3540,3587,7000

# scan FAMILY ADDRESS OPTION...: nmap's line about the ports
scan()
{
	local family=$1 address=$2
	shift 2

	[[ " $* " == *" --max-retries "* ]] || set -- "$@" --max-retries 0
	ns out nmap "$family" -n -Pn --min-rate 1000 --max-scan-delay 0 \
		--initial-rtt-timeout 300ms \
		--max-rtt-timeout 500ms -oG - "$@" "$address" |
		tee "$FW_TMP/nmap" | grep 'Host:.*\(Ports\|Status: Up\)' |
		tail -n 1
}

# ports STATE: those that the scan found in this state
ports()
{
	grep -o "[0-9]*/$1/[a-z]*" "$FW_TMP/nmap" | sort -n | paste -sd ' '
}

# all_filtered MIN OPTION...: every port is, and at least MIN packets were
# dropped because of their port
all_filtered()
{
	local before after line min=$1
	shift

	before=$(fw in count in port)
	line=$(scan -6 "$IN" "$@")
	after=$(fw in count in port)
	printf '%s\n' "$line"
	is open "" "$(ports open)"
	is closed "" "$(ports closed)"
	is unfiltered "" "$(ports unfiltered)"
	((after - before >= min))
}

tcp_silent()
{
	all_filtered 1003 -sS -p "$TCP_PORTS"
}

udp_silent()
{
	all_filtered 53 -sU -p "$UDP_PORTS"
}

# What looks into what a firewall says: FIN, nothing, all, and ACK alone
odd_silent()
{
	local kind

	for kind in -sF -sN -sX -sA -sM; do
		all_filtered 0 "$kind" -p 7000,3540,1-20
	done
}

# Whether the host is there: no answer to nmap's questions
host_silent()
{
	ns out nmap -6 -n -sn -PE -PS7000 -PA7000 -PU7001 --send-ip \
		--disable-arp-ping --max-retries 0 \
		--host-timeout 20s -oG - "$IN" >"$FW_TMP/nmap"
	cat "$FW_TMP/nmap"
	! grep -q 'Status: Up' "$FW_TMP/nmap"
}

# Any packet that reached "out" from "in", but for neighbour discovery.
nothing_answered()
{
	is "packets from the host" 0 "$(ns out nft -j list counter ip6 seen \
		other | jq '.nftables[] | .counter // empty | .packets')"
}

p2p()
{
	fw in conf p2p=on
	# Not all answers need to be in time.
	scan -6 "$IN" -sS -p "$TCP_PORTS" --max-retries 5
	is "open TCP" "3540/open/tcp 3587/open/tcp" "$(ports open)"
	is "closed TCP" "" "$(ports closed)"
	scan -6 "$IN" -sU -p "$UDP_PORTS" --max-retries 5
	is "open UDP" "3540/open/udp 3587/open/udp" "$(ports open)"
	is "closed UDP" "" "$(ports closed)"
	# The counter does see what answers.
	! nothing_answered || return 1
	fw in conf p2p=off
}

ipv4()
{
	scan -4 "$IN4" -sS -p 7000,3540,7002,22 --max-retries 5
	is "open TCP" "3540/open/tcp 7000/open/tcp" "$(ports open)"
	is "closed TCP" "22/closed/tcp 7002/closed/tcp" "$(ports closed)"
	ns out ping -q -n -c 1 -W 3 "$IN4"
	is "tracked IPv4 flows" "" "$(ns in conntrack -L -f ipv4 2>/dev/null)"
}

plan 7
fw_load
fw_host in out
fw_link in eth0 "$IN" out eth0 "$OUT"
fw in attach
ip -n "$FW_ID-in" addr add "$IN4/24" dev eth0
ip -n "$FW_ID-out" addr add 10.66.0.2/24 dev eth0
fw_agent in out
fw_serve in 3540 3587 7000
ns out nft -f - <<-END
	table ip6 seen {
		counter other { }
		chain prerouting {
			type filter hook prerouting priority raw
			iifname "eth0" icmpv6 type != { 133-136, 143 } \
				counter name other
			iifname "eth0" meta l4proto != icmpv6 counter name other
		}
	}
END
check "nothing is open, TCP" tcp_silent
check "nothing is open, UDP" udp_silent
check "nothing is told to FIN, null, Xmas, Maimon and ACK scans" odd_silent
check "the host does not seem to be there" host_silent
check "in all of it nothing answered" nothing_answered
check "with p2p exactly its ports are open" p2p
check "IPv4 is what it is without the firewall" ipv4
finish
