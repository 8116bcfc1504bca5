#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two peers on a link, each behind the firewall: they find each other by
# multicast once p2p is on with both and ssdp with the one who is looked for,
# and not before (FW-05, FW-60, FW-64).
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../peer6d/lib.sh
. "$here/../peer6d/lib.sh"
[[ -n ${PEER6_VM:-} ]] || skip_all "only in the virtual machine"
ICF6=$here/../selftests/net/icf6/icf6.py

# fw HOST WORD...: see icf6.py
fw()
{
	in_host "$1" python3 "$ICF6" "${@:2}"
}

more()
{
	(($(fw "$1" count in "$2") > $3))
}

searches()
{
	pnrp b GetInitialization |
		field '[.initialization[].ssdp_searches] | add'
}

has_searched()
{
	(($(searches) > $1))
}

finds()
{
	resolves b 0.alice "$(link_local a)" '"clouds": ["LinkLocal_"]'
}

finds_nothing()
{
	same "$(resolve b 0.alice '"clouds": ["LinkLocal_"]')" ""
}

closed()
{
	local dropped

	dropped=$(fw a count in port)
	start a --cloud link
	start b --cloud link
	pnrp a Register '{"name": "0.alice"}'
	finds_nothing
	has_searched 0
	# The question came, and was dropped.
	more a port "$dropped"
	same "$(fw b count in mcast-reply)" 0
}

# Whoever asks may be answered, but the question does not arrive.
asks_in_vain()
{
	local before

	fw b conf p2p=on
	fw a conf p2p=on
	before=$(searches)
	finds_nothing
	has_searched "$before"
	same "$(fw a count in preset)" 0
}

found()
{
	fw a conf ssdp=on
	wait_for 60 "the name" finds
	more a preset 0
	more b mcast-reply 0
	# PNRP itself is by the open port, or answers what was asked.
	more a port-open 0
	same "$(fw a ports | jq -r .origin | sort -u)" p2p
}

closes_again()
{
	local before

	fw a conf p2p=off ssdp=off
	fw b conf p2p=off
	same "$(fw a ports)$(fw b ports)" ""
	before=$(fw a count in port)
	in_host b python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.sendto(b"?", (sys.argv[1], 3540, 0, socket.if_nametoindex("eth0")))' \
		"$(link_local a)"
	wait_for 10 "the packet to be dropped" more a port "$before"
}

plan 4
modprobe icf6
hosts a b
fw a attach
fw b attach
check "as it is after loading, peers do not find each other" closed
check "with p2p, a search does not arrive yet" asks_in_vain
check "with ssdp where the name is, it is found" found
check "without p2p the ports are closed again" closes_again
finish
