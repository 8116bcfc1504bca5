# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Gateways in network namespaces, for the tests of port mapping: source this file
# from bash. Namespaces are $PM_ID-HOST, files are in $PM_TMP.

# Test addresses are of no use outside a gateway: miniupnpd knows that they lead
# nowhere. Nothing but the names is real about these.
# shellcheck disable=SC2034 # for the tests
PM_OUTSIDE=9.9.1.1

PM_HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# pm_spawn HOST NAME COMMAND...: in the background, until pm_end NAME
pm_spawn()
{
	local host=$1 name=$2
	shift 2

	: >"$PM_TMP/$name.log"
	nsenter --net="/run/netns/$PM_ID-$host" -- "$@" >>"$PM_TMP/$name.log" \
		2>&1 </dev/null &
	echo $! >"$PM_TMP/$name.job"
}

pm_ended()
{
	! kill -0 "$1" 2>/dev/null
}

# pm_end NAME [SIGNAL]: if it runs
pm_end()
{
	local pid

	[[ -e $PM_TMP/$1.job ]] || return 0
	pid=$(<"$PM_TMP/$1.job")
	kill "-${2:-TERM}" "$pid"
	wait_for 10 "the end of $1" pm_ended "$pid"
	rm -f "$PM_TMP/$1.job"
}

# pm_end_all: before the files go
pm_end_all()
{
	local job

	for job in "$PM_TMP"/*.job; do
		[[ ! -e $job ]] || kill -KILL "$(<"$job")" 2>/dev/null || :
	done
}

# The tables that Debian's script would make, with nothing else in them.
pm_table='table inet filter {
 chain forward { type filter hook forward priority 0; policy accept; jump miniupnpd; }
 chain miniupnpd { }
 chain pre { type nat hook prerouting priority -100; policy accept; jump prerouting_miniupnpd; }
 chain post { type nat hook postrouting priority 90; policy accept; jump postrouting_miniupnpd; }
 chain prerouting_miniupnpd { }
 chain postrouting_miniupnpd { }
}'

# igd_start HOST NAME WAN LAN [LINE...]: a gateway NAME with no rules yet, and
# with more lines of its configuration; it listens
igd_start()
{
	local host=$1 name=$2 wan=$3 lan=$4
	shift 4

	nsenter --net="/run/netns/$PM_ID-$host" -- nft -f - <<-END
		table inet filter
		delete table inet filter
		$pm_table
	END
	printf '%s\n' "ext_ifname=$wan" "listening_ip=$lan" http_port=0 \
		enable_natpmp=yes enable_upnp=yes secure_mode=yes \
		system_uptime=yes min_lifetime=5 max_lifetime=86400 \
		uuid=6f1a4c52-0000-4000-8000-000000000001 "$@" \
		>"$PM_TMP/$name.conf"
	# With its number in a file it would take itself for another one.
	rm -f "$PM_TMP/$name.pidfile"
	pm_spawn "$host" "$name" miniupnpd -d -f "$PM_TMP/$name.conf" \
		-P "$PM_TMP/$name.pidfile"
	wait_for 10 "miniupnpd $name" grep -q 'HTTP listening' \
		"$PM_TMP/$name.log"
}

# fake HOST ADDRESS [KEY=VALUE...]: see fake_gateway.py; in place of the one
# before
fake()
{
	local host=$1 address=$2
	shift 2

	pm_end fake
	: >"$PM_TMP/fake.asked"
	pm_spawn "$host" fake "$PM_HERE/fake_gateway.py" "$address" \
		"$PM_TMP/fake.asked" "$@"
	wait_for 10 "the gateway" grep -q ready "$PM_TMP/fake.asked"
}

# asked WORDS: how often the fake heard a line with these words
asked()
{
	grep -c -F -e "$1" "$PM_TMP/fake.asked" || :
}

# igd_ports HOST: what it maps, a line OUTSIDE-PORT ADDRESS:PORT each
igd_ports()
{
	nsenter --net="/run/netns/$PM_ID-$1" -- nft list chain inet filter prerouting_miniupnpd |
		sed -n 's/.* dport \([0-9]*\) dnat ip to \([0-9.:]*\).*/\1 \2/p' |
		sort -n
}

# igd_has HOST LINES: exactly these
igd_has()
{
	[[ $(igd_ports "$1") == "$2" ]]
}
