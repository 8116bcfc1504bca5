#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# peer6d has gateways map the ports of Teredo clients, and takes that back:
# miniupnpd, and gateways that misbehave, between alice and the Internet.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(cd "$here/../.." && pwd)
export PEER6_TREE=${PEER6_TREE:-$tree}
# shellcheck source=../selftests/net/teredo/lib.sh
. "$tree/tests/selftests/net/teredo/lib.sh"
# shellcheck source=lib.sh
. "$here/lib.sh"

command -v miniupnpd >/dev/null || skip_all "miniupnpd is not installed"
PEER6D=${PEER6D:-$tree/build/peer6d}
CLIENT=$tree/tests/peer6d/varlink.py

cleanup()
{
	pm_end_all
	[[ ! -e $TD_TMP/peer6d.pid ]] ||
		kill -KILL "$(<"$TD_TMP/peer6d.pid")" 2>/dev/null || :
	td_cleanup
}

# conf LINE...: the section [teredo]
conf()
{
	printf '%s\n' '[teredo]' "$@" >"$TD_TMP/peer6.conf"
}

# daemon_start: as root, so that it has a privilege to keep, and another user's
# from then on. Its end is in status.
daemon_start()
{
	rm -f "$TD_TMP/status"
	(
		set +e
		nsenter --net="/run/netns/$LAB_ID-alice" -- "$PEER6D" \
			--user daemon --config "$TD_TMP/peer6.conf" \
			--state "$TD_TMP/state" --socket "$TD_TMP/run/sock" \
			--no-multicast --cloud global --log-level debug \
			>>"$TD_TMP/peer6d.log" 2>&1 </dev/null &
		echo $! >"$TD_TMP/peer6d.pid"
		wait $!
		echo $? >"$TD_TMP/status"
	) >/dev/null 2>&1 </dev/null &
	wait_for 20 "peer6d" answers || {
		tail -n 5 "$TD_TMP/peer6d.log"
		return 1
	}
}

answers()
{
	python3 "$CLIENT" "$TD_TMP/run/sock" io.peer6.Service.GetVersion
}

# daemon_end SIGNAL SECONDS: its exit status in REPLY
daemon_end()
{
	kill "-$1" "$(<"$TD_TMP/peer6d.pid")"
	wait_for "$2" "the end of peer6d" test -s "$TD_TMP/status"
	REPLY=$(<"$TD_TMP/status")
	rm -f "$TD_TMP/peer6d.pid"
}

reload()
{
	kill -HUP "$(<"$TD_TMP/peer6d.pid")"
}

# mappings FILTER: of what the daemon says
mappings()
{
	python3 "$CLIENT" "$TD_TMP/run/sock" io.peer6.Service.ListPortMappings |
		jq -r ".parameters.mappings[] | $1"
}

# says FILTER WANTED
says()
{
	[[ $(mappings "$1") == "$2" ]]
}

# kernel_has DEVICE MAPPING: "none" or ADDRESS:PORT, as people see it
kernel_has()
{
	local got

	got=$(ns alice peer6 --json teredo show state dev="$1" |
		jq -r '.devices[0].portmap // "none"')
	[[ $got == "$2" ]]
}

# rests: nothing at the gateway and nothing in the kernel
rests()
{
	wait_for 10 "the gateway's rules to go" igd_has natA ''
	wait_for 10 "the kernel's mapping to go" kernel_has teredo0 none
}

mapped()
{
	wait_for 20 "the gateway's rule" igd_has natA '41000 10.0.1.2:41000'
	wait_for 20 "the kernel's mapping" kernel_has teredo0 "$PM_OUTSIDE:41000"
}

logged()
{
	grep -qF -e "$1" "$TD_TMP/peer6d.log" || {
		printf 'not in the log: %s\n' "$1"
		return 1
	}
}

makes()
{
	igd_start natA igd wan br0
	td_add alice server "$SERVER" port 41000
	td_qualify alice
	conf
	daemon_start
	mapped
	logged "teredo0: the gateway 10.0.1.1 maps $PM_OUTSIDE:41000 to its port 41000 for 7200 s (NAT-PMP)"
	says '[.device, .state, .protocol, .gateway, .local, .external, .external_port] | join(" ")' \
		"teredo0 mapped nat_pmp 10.0.1.1 10.0.1.2 $PM_OUTSIDE 41000"
	ns alice peer6 teredo show state | grep -F 'UPNP: Yes'
}

# A stranger, to whom alice has sent nothing.
open_to_all()
{
	lab_count alice stranger in ip saddr 203.0.113.100 udp dport 41000
	ns carol bash -c "echo >/dev/udp/$PM_OUTSIDE/41000"
	wait_for 5 "the stranger's packet" counted alice stranger 1
	lab_untap alice stranger
}

counted()
{
	(($(lab_counter "$1" "$2") >= $3))
}

# A lease of ten seconds is renewed each five: two requests a time. What was
# asked for once would be gone after ten.
renewed()
{
	lab_count natA pmp in iifname br0 udp dport 5351
	conf 'port-mapping-lease = 10'
	reload
	wait_for 40 "the fourth renewal" counted natA pmp 8
	igd_has natA '41000 10.0.1.2:41000'
	kernel_has teredo0 "$PM_OUTSIDE:41000"
	lab_untap natA pmp
}

# It comes back having forgotten all; the next renewal tells it.
gateway_back()
{
	pm_end igd KILL
	igd_start natA igd wan br0
	igd_has natA ''
	mapped
	# For good: the lease ends, and so does what the kernel has.
	pm_end igd KILL
	wait_for 30 "the lease's end" kernel_has teredo0 none
	igd_start natA igd wan br0
	mapped
}

extensions()
{
	ip -n "$LAB_ID-alice" link set teredo0 type teredo extensions none
	rests
	says '[.state, .why] | join(": ")' \
		"not_wanted: the device's extensions have not both of sns and upnp"
	ip -n "$LAB_ID-alice" link set teredo0 type teredo extensions all
	mapped
}

by_upnp()
{
	conf 'port-mapping = upnp'
	reload
	wait_for 20 "a mapping by UPnP" says .protocol upnp
	mapped
	conf 'port-mapping = off'
	reload
	rests
	conf 'port-mapping = upnp'
	reload
	mapped
}

link_down()
{
	ip -n "$LAB_ID-alice" link set teredo0 down
	rests
	ip -n "$LAB_ID-alice" link set teredo0 up
	mapped
}

two_devices()
{
	ip -n "$LAB_ID-alice" link add teredo1 type teredo server "$SERVER" \
		port 41001
	ip -n "$LAB_ID-alice" link set teredo1 up
	wait_for 20 "two rules" igd_has natA \
		$'41000 10.0.1.2:41000\n41001 10.0.1.2:41001'
	wait_for 20 "the second's mapping" kernel_has teredo1 "$PM_OUTSIDE:41001"
	kernel_has teredo0 "$PM_OUTSIDE:41000"
	ip -n "$LAB_ID-alice" link del teredo1
	wait_for 20 "the second's rule to go" igd_has natA \
		'41000 10.0.1.2:41000'
	kernel_has teredo0 "$PM_OUTSIDE:41000"
}

# The kernel's is taken back by the child; the gateway's by the next life.
killed()
{
	daemon_end KILL 10
	wait_for 10 "the kernel's mapping to go" kernel_has teredo0 none
	igd_has natA '41000 10.0.1.2:41000'
	conf 'port-mapping = off'
	daemon_start
	rests
	logged 'the gateway 10.0.1.1 has taken back its port 41000 (UPnP)'
	daemon_end TERM 10
	is status 0 "$REPLY"
	# And with the port wanted again, it comes back before it is asked for.
	conf 'port-mapping = nat-pmp'
	daemon_start
	mapped
	daemon_end KILL 10
	: >"$TD_TMP/peer6d.log"
	daemon_start
	mapped
	is order $'taken back\nmaps' "$(grep -oE 'taken back its|maps 9' \
		"$TD_TMP/peer6d.log" | sed 's/ its//; s/ 9//')"
}

# alice_at ADDRESS: all there is on its link
alice_at()
{
	ip -n "$LAB_ID-alice" addr flush dev eth0
	ip -n "$LAB_ID-alice" addr add "$1/24" dev eth0
	ip -n "$LAB_ID-alice" route add default via 10.0.1.1
}

# A new address of alice's; the one before ends with its lease, for NAT-PMP takes
# back nothing for another address.
moves()
{
	conf 'port-mapping = nat-pmp' 'port-mapping-lease = 10'
	reload
	wait_for 20 "a lease of ten seconds" logged 'to its port 41000 for 10 s'
	alice_at 10.0.1.9
	wait_for 40 "the new address's rule" ends_with 10.0.1.9:41000
	wait_for 40 "the old one's end" igd_has_only 10.0.1.9:41000
	alice_at 10.0.1.2
	wait_for 40 "the address's rule" igd_has_only 10.0.1.2:41000
}

ends_with()
{
	igd_ports natA | grep -q " $1\$"
}

igd_has_only()
{
	[[ $(igd_ports natA) =~ ^[0-9]+\ $1$ ]]
}

politely()
{
	conf
	daemon_end TERM 10
	is status 0 "$REPLY"
	rests
	# That of the other address is kept until its lease is over.
	! on_disk | grep -F '"local":"10.0.1.2"'
}

on_disk()
{
	python3 -c 'import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute(
    "SELECT value FROM setting WHERE key = \"portmaps\"").fetchone()[0])' \
		"$TD_TMP/state/peer6.db"
}

# Connections that are taken and then nothing: the daemon answers meanwhile, and
# ends in time.
hangs()
{
	pm_end igd
	fake natA 10.0.1.1 upnp=hang pmp=silent
	daemon_start
	wait_for 20 "the gateway to hang" asked_for 'http taken'
	answers
	says .state asking
	daemon_end TERM 5
	is status 0 "$REPLY"
	pm_end fake
}

asked_for()
{
	(($(asked "$1")))
}

# lie WORDS KEY=VALUE...: is not believed, and said so
lie()
{
	local words=$1
	shift

	fake natA 10.0.1.1 "$@"
	: >"$TD_TMP/peer6d.log"
	daemon_start
	wait_for 20 "'$words'" logged "$words"
	says '[.state, .reason] | join(" ")' 'failed bad-address'
	kernel_has teredo0 none
	daemon_end TERM 10
	pm_end fake
}

lies()
{
	lie "outside address is 0.0.0.0" pmp=answer address=0.0.0.0
	lie "that is an address of the inside" pmp=answer address=10.0.1.77
	# What was made before that was known is taken back.
	asked_for 'pmp map 41000 0 0'
	lie "the Teredo server sees another address" pmp=answer address=9.9.9.9
	asked_for 'pmp map 41000 0 0'
}

# Behind another NAT the outside address is private, and of use to those who
# are behind it too (RFC 6081 section 5.6).
nested()
{
	fake natA 10.0.1.1 pmp=answer address=10.77.0.1
	daemon_start
	wait_for 20 "the kernel's mapping" kernel_has teredo0 10.77.0.1:41000
	daemon_end TERM 10
	kernel_has teredo0 none
	pm_end fake
}

# Nothing asks a gateway whose address is not private, nor without a gateway.
not_asked()
{
	fake natA 10.0.1.1 pmp=answer
	ip -n "$LAB_ID-natA" addr add 9.9.2.1/24 dev br0
	ip -n "$LAB_ID-alice" route add 9.9.2.1 dev eth0
	ip -n "$LAB_ID-alice" route replace default via 9.9.2.1
	daemon_start
	wait_for 20 "the reason" says .why \
		"the gateway's address is not private"
	is requests 0 "$(asked pmp)"
	daemon_end TERM 10
	ip -n "$LAB_ID-alice" route replace default via 10.0.1.1
	pm_end fake
}

unprivileged()
{
	: >"$TD_TMP/peer6d.log"
	chown -R nobody "$TD_TMP/state" "$TD_TMP/run"
	(
		set +e
		nsenter --net="/run/netns/$LAB_ID-alice" -- setpriv --reuid \
			nobody --clear-groups --bounding-set -all "$PEER6D" \
			--config "$TD_TMP/peer6.conf" --state "$TD_TMP/state" \
			--socket "$TD_TMP/run/sock" >>"$TD_TMP/peer6d.log" \
			2>&1 </dev/null &
		echo $! >"$TD_TMP/peer6d.pid"
		wait $!
		echo $? >"$TD_TMP/status"
	) >/dev/null 2>&1 </dev/null &
	wait_for 20 "the reason" says .why \
		"peer6d was started without CAP_NET_ADMIN"
	daemon_end TERM 10
}

# Of the daemon's two processes one has one privilege, and the other none.
privileges()
{
	local pid

	pid=$(<"$TD_TMP/peer6d.pid")
	is daemon 0000000000000000 \
		"$(sed -n 's/^CapPrm:\t//p' "/proc/$pid/status")"
	pid=$(pgrep -P "$pid" peer6d-kernel)
	is child '0000000000001000 0000000000001000' \
		"$(sed -n 's/^Cap\(Prm\|Eff\):\t//p' "/proc/$pid/status" |
			paste -sd ' ')"
	is user daemon "$(stat -c %U "/proc/$pid")"
}

plan 18
# shellcheck disable=SC2034 # for lib.sh
PM_TMP=$TD_TMP
lab_init
# shellcheck disable=SC2034 # for lib.sh
PM_ID=$LAB_ID
trap cleanup EXIT
chmod 755 "$TD_TMP"
install -d -o daemon "$TD_TMP/run"
lab_begin
lab_server
lab_nat natA port outside="$PM_OUTSIDE/27" inside=10.0.1.1/24
lab_client alice natA 10.0.1.2
lab_host carol 203.0.113.100/27
lab_commit
td_server
check "the gateway maps the port, and the kernel knows" makes
check "the daemon itself has no privilege" privileges
check "the port is open to strangers" open_to_all
check "the mapping is renewed" renewed
check "a gateway that restarts is told anew" gateway_back
check "a device without the extension has none" extensions
check "UPnP, nothing, and UPnP again" by_upnp
check "a device that is down has none" link_down
check "two devices have one each" two_devices
check "what a killed daemon left is found and taken back" killed
check "another address has a mapping of its own" moves
check "an end takes all back" politely
check "a gateway that hangs hangs nobody" hangs
check "what cannot be true is not believed" lies
check "a gateway behind another NAT" nested
check "only a private gateway is asked" not_asked
check "without the privilege nobody is asked" unprivileged
check "nothing is left" rests
finish
