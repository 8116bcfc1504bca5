#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module and devices come, go and change while packets arrive that are to be
# dropped: none of them gets through, from the first on. Namespaces that nobody
# asked for are left alone.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=flood.sh
. "$(dirname "$0")/flood.sh"

MAC=02:00:00:00:00:01

# cable HOST DEV PEER: PEER is in "out"
cable()
{
	ip link add "$2" netns "$FW_ID-$1" address "$MAC" type veth \
		peer name "$3" netns "$FW_ID-out"
	ip -n "$FW_ID-out" link set "$3" up
	ip -n "$FW_ID-$1" link set "$2" up
}

# FW-02, FW-50: the flood was getting through until modprobe returned.
loads()
{
	local before i

	for ((i = 0; i < 2; i++)); do
		fw_unload
		arrives init
		modprobe icf6
		before=$(reached init)
		stopped init "$before"
	done
}

boot_off()
{
	local before

	fw_load boot=off
	arrives init
	is enabled false "$(fw init conf | jq .conf.options.enabled)"
	fw init conf enabled=on
	before=$(reached init)
	stopped init "$before"
	fw_load
}

# FW-51: at boot, devices come after the module.
boots()
{
	local before

	fw_unload
	ip link set fw0 down
	before=$(reached init)
	modprobe icf6
	# Nothing can be older than the firewall.
	is "time of grace" 0 "$(fw init conf | jq .conf.grace)"
	ip link set fw0 up
	stopped init "$before"
}

flushes()
{
	nft flush ruleset
	meets init
	flood_counter init
	stopped init 0
}

# The exception made for a device is not that of the next one of its name.
comes()
{
	local before i

	for ((i = 0; i < 2; i++)); do
		cable in e1 l1
		meets in
		fw in dev e1 firewalled=0
		arrives in
		ip -n "$FW_ID-in" link del e1
		before=$(reached in)
		cable in e1 l1
		stopped in "$before"
		ip -n "$FW_ID-in" link del e1
	done
}

renamed()
{
	local before

	cable in e1 l1
	before=$(reached in)
	meets in e1
	ip -n "$FW_ID-in" -batch - <<-END
		link set e1 down
		link set e1 name e2
		link set e2 up
	END
	meets in e2
	is "packets past the firewall" "$before" "$(reached in)"
	refused "no such device" fw in dev e1
	ip -n "$FW_ID-in" link del e2
}

# From where nothing is filtered, and back: what it is there it is at once.
moved()
{
	local before i

	cable plain e1 l1
	for ((i = 0; i < 2; i++)); do
		arrives plain
		ip -n "$FW_ID-plain" link set e1 netns "$FW_ID-in"
		before=$(reached in)
		ip -n "$FW_ID-in" link set e1 up
		stopped in "$before"
		ip -n "$FW_ID-in" link set e1 netns "$FW_ID-plain"
		ip -n "$FW_ID-plain" link set e1 up
	done
	ip -n "$FW_ID-plain" link del e1
}

# FW-91: no hook is in it, so nothing is tracked.
untouched()
{
	is attached 0 "$(fw plain conf | jq .attached)"
	cable plain e1 l1
	arrives plain
	is "tracked flows" "" "$(ns plain conntrack -L 2>/dev/null)"
	fw plain attach
	stopped plain "$(reached plain)"
	fw plain detach
	arrives plain
	ip -n "$FW_ID-plain" link del e1
}

# The policy is the slave's, which is what a user configures.
vrf()
{
	local before

	ip -n "$FW_ID-in" -batch - <<-END
		link add vrf9 type vrf table 9
		link set vrf9 up
		addr add 2a00:6::1/128 dev vrf9 nodad
	END
	cable in e1 l1
	ip -n "$FW_ID-in" link set e1 master vrf9
	before=$(reached in)
	meets in e1
	fw in open udp 7000 dev=vrf9
	meets in e1
	is "packets past the firewall" "$before" "$(reached in)"
	fw in open udp 7000 dev=e1
	arrives in
	is "with no entry" 0 "$(fw in count in port-open vrf9)"
	(($(fw in count in port-open e1) > 0))
	fw in close udp 7000 dev=e1
	stopped in "$(reached in)"
	ip -n "$FW_ID-in" link del e1
	ip -n "$FW_ID-in" link del vrf9
}

# A rule that exempts packets from tracking opens nothing, and closes nothing.
notrack()
{
	local before

	cable in e1 l1
	ns in nft -f - <<-END
		table ip6 exempt {
			chain prerouting {
				type filter hook prerouting priority raw
				udp dport 7000 notrack
			}
		}
	END
	before=$(reached in)
	stopped in "$before"
	fw in open udp 7000
	arrives in
	fw in close udp 7000
	stopped in "$(reached in)"
	ns in nft delete table ip6 exempt
	ip -n "$FW_ID-in" link del e1
}

# order-after: who comes first sees the packet. The counter is at 10, behind
# both; this one is at 0, behind one of them.
order()
{
	local before

	cable in e1 l1
	ns in nft -f - <<-END
		table ip6 between {
			counter seen { }
			chain input {
				type filter hook input priority filter
				udp dport 7000 counter name seen
			}
		}
	END
	before=$(reached in)
	stopped in "$before"
	is "seen behind the firewall" 0 "$(between)"
	fw in conf order-after=on
	stopped in "$before"
	(($(between) > 0))
	fw in conf order-after=off
	ns in nft delete table ip6 between
	ip -n "$FW_ID-in" link del e1
}

between()
{
	ns in nft list counter ip6 between seen |
		sed -n 's/.*packets \([0-9]*\).*/\1/p'
}

# FW-13: who made a namespace may filter it, and no other.
user_namespace()
{
	ip link add fw9 type dummy
	# shellcheck disable=SC2016 # the inner shell's argument
	setpriv --reuid 65534 --regid 65534 --clear-groups \
		unshare --user --map-root-user --net bash -euc '
		python3 "$1/icf6.py" attach
		python3 "$1/icf6.py" open tcp 22
		[[ $(python3 "$1/icf6.py" ports) == *22* ]]
		! python3 "$1/icf6.py" conf lock=on' sh "$FW_DIR"
	is "ports of the initial namespace" "" "$(fw init ports)"
	ip link del fw9
}

plan 12
fw_unload
modprobe nf_conntrack
fw_host in plain out
ip link add fw0 address "$MAC" type veth peer name l0 netns "$FW_ID-out"
ip -n "$FW_ID-out" link set l0 up
ip link set fw0 up
ip addr add 2a00:6::1/128 dev lo nodad
for host in in plain; do
	ip -n "$FW_ID-$host" addr add 2a00:6::1/128 dev lo nodad
done
fw_agent init in plain
: >"$FW_TMP/flood"
flood out link l0 "$FW_TMP/flood"
flood out link l1 "$FW_TMP/flood"
flood_target init in plain
check "FW-50 loading under load closes at once" loads
check "FW-53 boot=off, until it is switched on" boot_off
check "FW-51 devices that come up after the module" boots
check "FW-92 a flushed ruleset opens nothing" flushes
fw in attach
check "FW-02 devices that come are covered at once" comes
check "FW-22 renamed" renamed
check "FW-22 moved from an unfiltered namespace and back" moved
check "FW-91 namespaces are untouched unless asked for" untouched
if ip -n "$FW_ID-in" link add vrf9 type vrf table 9 2>/dev/null; then
	ip -n "$FW_ID-in" link del vrf9
	check "FW-07 below a VRF the rules are the device's" vrf
else
	skip "FW-07 below a VRF the rules are the device's" "no VRF"
fi
check "FW-03 untracked packets are judged by their port" notrack
check "FW-92 order-after: nftables sees it first" order
check "FW-13 a user's own namespace, and no other" user_namespace
ip addr del 2a00:6::1/128 dev lo
ip link del fw0
finish
