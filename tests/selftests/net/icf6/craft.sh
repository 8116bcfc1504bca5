# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For tests whose packets are made by craft.py: a filtered host "in" and, at
# the other end of its cable, no host at all.
#
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# craft_host HOST DEV PEER: the addresses of craft.py, and the peer as a neighbour
craft_host()
{
	local ns=$FW_ID-$1 setting

	# Nothing but answers.
	for setting in conf/default/router_solicitations=0 \
			conf/default/accept_ra=0 icmp/ratelimit=0; do
		ns "$1" sysctl -qw "net/ipv6/$setting"
	done
	ip link add "$2" netns "$ns" type veth peer name eth0 \
		netns "$FW_ID-$3"
	ns "$3" sysctl -qw net/ipv6/conf/eth0/disable_ipv6=1
	ip -n "$ns" -batch - <<-END
	link set $2 addrgenmode none
	link set $2 up
	addr add 2a00:6::1/64 dev $2 nodad
	addr add fe80::1/64 dev $2 nodad
	neigh add 2a00:6::66 lladdr 02:00:00:00:00:66 dev $2 nud permanent
	neigh add fe80::66 lladdr 02:00:00:00:00:66 dev $2 nud permanent
	route add default via fe80::66 dev $2
	END
	ip -n "$FW_ID-$3" link set eth0 up
	await 10 "the cable" ready "$1" "$2"
}

ready()
{
	[[ $(ip -n "$FW_ID-$1" link show "$2") == *LOWER_UP* ]]
}

# craft_setup: the filtered host
craft_setup()
{
	FW_TMP=$(mktemp -d)
	trap fw_cleanup EXIT
	fw_unload
	modprobe icf6
	fw_host in out
	fw in attach
	craft_host in eth0 out
}

# craft_run PROGRAM [HOST]...: against it; HOST is at the end of other cables
craft_run()
{
	local program=$1
	shift

	python3 "$FW_DIR/$program" "/run/netns/$FW_ID-in" \
		"/run/netns/$FW_ID-out" "${@/#//run/netns/$FW_ID-}"
}

# craft PROGRAM: both
craft()
{
	craft_setup
	craft_run "$1"
}
