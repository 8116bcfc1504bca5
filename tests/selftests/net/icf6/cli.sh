#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# peer6 icf6 against the module: what is said is done and shown, a second time
# in the words "unchanged", and a refusal leaves everything as it was.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=cli_lib.sh
. "$FW_DIR/cli_lib.sh"

shows()
{
	says '*Firewall*: on*Devices*1, all firewalled*stealth*: no*' \
		p6 icf6 show
	holds '.schema == "peer6.icf6-config/1" and .attached and .enabled and
		.icmp_strict and (.p2p | not) and .mcast_boundary == 8' \
		p6 -j icf6 show config
	holds '.adapters | length == 1 and .[0].dev == "eth0" and
		.[0].firewalled and .[0].edge_auto' p6 icf6 show adapter -j
	holds '.icmp.too_big and (.icmp.echo_request | not)' p6 -j icf6 sh ic
	holds '(.drops or .opens | not) and .rate == 100 and .burst == 200 and
		.size == 4096 and (.file | endswith("/pfirewall-v6.log"))' \
		p6 -j firewall show logging
	says 'Device*eth0*yes*' p6 icf6 show adapter
	says '' p6 -q icf6 show globalport
	holds '.stats | length == 2' p6 -j icf6 show stats
	says 'All devices*Accepted*outbound*' p6 icf6 show stats
}

ports()
{
	says 'changed: TCP port 7000 is open on all devices' \
		p6 icf6 add port 7000 tcp 'Secure shell'
	is "the port" syn-ack "$(fw_syn 7000 41000)"
	says 'unchanged: TCP port 7000 is open on all devices' \
		p6 icf6 ad p 7000 tcp
	is label 'Secure shell' "$(fw in ports | jq -r .label)"
	holds '.result == "unchanged"' p6 -j icf6 add port port=7000 prot=tcp
	says 'changed: *' p6 icf6 add port 7000 tcp edge=allow
	is 'what was not said stays' 'Secure shell' \
		"$(fw in ports | jq -r .label)"
	is edge allow "$(fw in ports | jq -r .edge)"
	says 'Description*Secure shell*7000*TCP*global*allow*all' \
		p6 icf6 show globalport
	says 'changed: TCP port 7000 is ignored on eth0' \
		p6 icf6 add ignore 7000 tcp eth0
	is ignored silent "$(fw_syn 7000 41001)"
	says 'changed: TCP port 7000 is open on eth0' \
		p6 icf6 add port 7000 tcp dev=eth0
	is "open and ignored" syn-ack "$(fw_syn 7000 41002)"
	says 'changed: *not open on eth0' p6 icf6 delete port 7000 tcp dev=eth0
	says 'changed: *not ignored*' p6 icf6 delete ignore 7000 tcp eth0
	says 'changed: TCP port 7000 is not open on all devices' \
		p6 icf6 delete port 7000 tcp flush=yes
	says 'unchanged: TCP port 7000 is not open on all devices' \
		p6 icf6 delete port 7000 tcp
	says $'changed: TCP *\nchanged: UDP *' p6 icf6 set globalport 7000 both
	is both 2 "$(fw in ports | wc -l)"
	says $'changed: TCP *not open*' \
		p6 icf6 set globalport 7000 both mode=disable
	is none "" "$(fw in ports)"
}

p2p()
{
	says 'changed: p2p no -> yes' p6 icf6 p2p on
	says 'unchanged: *' p6 icf6 p2p on
	is entries 4 "$(fw in ports | wc -l)"
	is 3540/udp reply "$(fw_udp 3540)"
	says '*not open*; it stays open while p2p is on' \
		p6 icf6 delete port 3540 udp
	says 'changed: p2p yes -> no' p6 icf6 set config p2p=off
	is entries "" "$(fw in ports)"
}

sets()
{
	says 'changed: stealth no -> yes, mdns no -> yes' \
		p6 icf6 set config stealth=yes mdns=on
	says 'changed: mdns yes -> no' p6 icf6 se c ste=y mdns=no
	holds '.stealth and (.mdns | not)' p6 -j icf6 show
	says 'changed: edgedefault deny -> app, edgemark 0x0 -> 0x10' \
		p6 icf6 set config edgedefault=app edgemark=0x10
	is echo silent "$(ns out ping -n -c 1 -W 1 "$IN" >/dev/null ||
		echo silent)"
	says 'changed: echorequest no -> yes' \
		p6 icf6 set icmp echorequest=yes
	ns out ping -n -c 1 -W 2 "$IN"
	says 'eth0 changed: *' p6 icf6 set icmp dev=eth0 echorequest=no
	says 'eth0 unchanged: *' p6 icf6 set icmp dev=eth0 echorequest=no
	is echo silent "$(ns out ping -n -c 1 -W 1 "$IN" >/dev/null ||
		echo silent)"
	says '*on eth0 instead*echorequest*: no' p6 icf6 show icmp
	says 'eth0 changed: *' p6 icf6 set icmp dev=eth0 echorequest=inherit
	ns out ping -n -c 1 -W 2 "$IN"
	says 'eth0 changed: firewall=no edge=auto' \
		p6 icf6 set adapter eth0 firewall=off
	says 'eth0 changed: firewall=yes edge=yes' \
		p6 icf6 set adapter eth0 yes edge=yes
	says 'eth0 changed: firewall=yes edge=auto' \
		p6 icf6 set adapter eth0 edge=auto
	is edge 0 "$(fw in dev eth0 | jq .edge)"
	says 'reset: *' p6 icf6 reset
	holds '.stealth or .p2p | not' p6 -j icf6 show
	says 'ended: *' p6 icf6 flush
}

refuses()
{
	error bad-value 'from 1 to 65535' p6 icf6 add port 0 tcp
	error bad-value 'from 1 to 65535' p6 icf6 add port 65536 tcp
	error unknown-word '"tcp"' p6 icf6 add port 22 tpc
	error bad-value '63 bytes' p6 icf6 add port 22 tcp \
		"$(printf '%064d' 0)"
	error no-device '"eth9"' p6 icf6 add port 22 tcp dev=eth9
	error no-device '"lo"' p6 icf6 set adapter lo firewall=no
	error no-device 'no such device' p6 icf6 show stats eth9
	error permission 'initial namespace may lock' \
		p6 icf6 set config lock=yes stealth=yes
	error permission CAP_NET_ADMIN ns in setpriv --reuid 65534 \
		--clear-groups --bounding-set -all --inh-caps -all \
		"$peer6" icf6 add port 22 tcp
	error permission CAP_NET_ADMIN ns in setpriv --reuid 65534 \
		--clear-groups --bounding-set -all --inh-caps -all \
		"$peer6" icf6 monitor log
	error bad-value 'No such file' \
		p6 icf6 set logging drops=yes file=/nowhere/log
	error failed 'No such file' p6 icf6 logd /nowhere/log
	error refused 'not filtered' ns out "$peer6" icf6 add port 22 tcp
	says 'unchanged: *' p6 icf6 attach
	says 'changed: *not filtered' p6 icf6 detach
	says 'Firewall*: not in this network namespace' p6 icf6 show
	says 'changed: *is filtered' p6 icf6 attach
}

plan 5
fw_unload
modprobe icf6
fw_pair
fw_serve in 7000 3540 3587
fw_serve out 7001
check "what there is is shown" anew shows
check "ports are opened and closed, once" anew ports
check "p2p, and what it holds open" anew p2p
check "switches, ICMPv6 and devices" anew sets
check "what is wrong is refused, and changes nothing" anew refuses
finish
