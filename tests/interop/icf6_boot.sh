#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The unit of the firewall: systemd finds nothing wrong with it, it comes before
# the network, and what it starts closes everything, whatever the file says.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../selftests/net/icf6/lib.sh
. "$here/../selftests/net/icf6/lib.sh"
tree=$(cd "$here/../.." && pwd)
peer6=$tree/build/peer6
for program in systemd-analyze systemctl; do
	command -v "$program" >/dev/null || skip_all "$program is not installed"
done
# The file of the machine is the one that is meant.
[[ -n ${PEER6_VM:-} ]] || skip_all "only in the virtual machine"
CONF=/etc/peer6/icf6.conf

# unit NAME: as it is installed, but for the folder of the program
unit()
{
	sed "s|/usr/bin/peer6|$peer6|" "$tree/scripts/systemd/$1"
}

# setting NAME KEY: the values of all its lines
setting()
{
	sed -n "s/^$2=//p" "$UNITS/$1" | paste -sd ' '
}

good()
{
	local said

	said=$(SYSTEMD_UNIT_PATH=$UNITS: systemd-analyze verify --man=no \
		--recursive-errors=yes "$UNITS/icf6.service" \
		"$UNITS/icf6-logd.service" 2>&1)
	is "what systemd says" "" "$said"
	# It would say something.
	sed 's/^ExecStart=.*modprobe.*/ExecStart=no-path/' \
		"$UNITS/icf6.service" >"$UNITS/bad.service"
	! SYSTEMD_UNIT_PATH=$UNITS: systemd-analyze verify --man=no \
		"$UNITS/bad.service" 2>/dev/null || return 1
	rm "$UNITS/bad.service"
}

# Ordering alone does not pull the target in, and wanting does not order.
early()
{
	local root=$FW_TMP/root name

	is "DefaultDependencies" no "$(setting icf6.service DefaultDependencies)"
	[[ " $(setting icf6.service Before) " == *" network-pre.target "* ]]
	[[ " $(setting icf6.service Wants) " == *" network-pre.target "* ]]
	[[ " $(setting icf6-logd.service After) " == *" icf6.service "* ]]
	is "what closes at shutdown" "" "$(setting icf6.service ExecStop)"
	mkdir -p "$root/etc/systemd/system"
	for name in icf6.service icf6-logd.service; do
		cp "$UNITS/$name" "$root/etc/systemd/system/"
	done
	systemctl --root="$root" --quiet enable icf6.service
	[[ -L $root/etc/systemd/system/sysinit.target.wants/icf6.service ]]
}

# start: each ExecStart, in order, until one fails, as systemd does
start()
{
	local line

	while read -r line <&3; do
		eval "$line" || return
	done 3< <(sed -n 's/^ExecStart=//p' "$UNITS/icf6.service")
}

nothing_open()
{
	is attached 1 "$(fw init conf | jq .attached)"
	is ports "" "$(fw init ports)"
	is "a closed port" silent "$(probe out syn "$IN" 7000 "$1")"
}

without_file()
{
	rm -f "$CONF"
	fw_unload
	is "before" syn-ack "$(probe out syn "$IN" 7000 41000)"
	start
	nothing_open 41001
	# Again, as systemctl reload and restart do.
	start
	nothing_open 41002
}

with_file()
{
	printf '[ports]\nopen = 7000 tcp edge=deny Test\n' >"$CONF"
	fw_unload
	start
	is "open" syn-ack "$(probe out syn "$IN" 7000 41003)"
	is "another" silent "$(probe out syn "$IN" 7001 41004)"
}

bad_file()
{
	printf '[ports]\nopen = 7000 tcp edge=deny Test\nopen = 0 tcp\n' \
		>"$CONF"
	fw_unload
	if start 2>"$FW_TMP/said"; then
		printf 'the unit did not fail\n'
		return 1
	fi
	cat "$FW_TMP/said"
	grep -q "$CONF, line 3:" "$FW_TMP/said"
	is lines 3 "$(wc -l <"$FW_TMP/said")"
	nothing_open 41005
}

# A device that comes later is closed, and the rule of udev asks for what the
# file says of it by its name.
device_comes()
{
	local line

	printf '[ports]\n[device late0]\nopen = 7000 tcp edge=deny Late\n' \
		>"$CONF"
	fw_unload
	start
	line=$(unit 70-peer6-icf6.rules |
		sed -n 's/.*RUN+="\([^"]*\)".*/\1/p')
	[[ $line == *" dev=\$name" ]]
	ip link add late0 type veth peer name late1 netns "$FW_ID-out"
	is "before" "" "$(fw init ports)"
	eval "${line/\$name/late0}"
	is "device" late0 "$(fw init ports | jq -r .ifname)"
	ip link del late0
	is "after it went" "" "$(fw init ports)"
}

# FW-85: with the file for sysctl nothing is shorter than RFC 6092 says.
timeouts()
{
	local short='.short_timeouts | length'

	(($("$peer6" -j icf6 show config | jq "$short") > 0))
	sysctl -q -p "$tree/scripts/sysctl.d/60-peer6-icf6.conf"
	is "too short" 0 "$("$peer6" -j icf6 show config | jq "$short")"
}

plan 7
UNITS=$FW_TMP/units
mkdir -p "$UNITS" "${CONF%/*}"
unit icf6.service >"$UNITS/icf6.service"
unit icf6-logd.service >"$UNITS/icf6-logd.service"
fw_unload
fw_host out
ip link add eth9 type veth peer name eth0 netns "$FW_ID-out"
ip link set eth9 addrgenmode none
ip link set eth9 up
ip -n "$FW_ID-out" link set eth0 up
ip addr add "$IN/64" dev eth9 nodad
ip -n "$FW_ID-out" addr add "$OUT/64" dev eth0 nodad
fw_serve init 7000 7001
check "systemd finds nothing wrong with the units" good
check "FW-51 the firewall comes before the network" early
check "FW-50 without a file everything is closed" without_file
check "what the file opens is open, no more" with_file
check "FW-50 a bad file opens nothing, and its line is named" bad_file
check "FW-21 what the file says of a device waits for it" device_comes
check "FW-85 the timeouts of RFC 6092" timeouts
rm -f "$CONF"
ip link del eth9
finish
