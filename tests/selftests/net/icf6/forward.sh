#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A host that shares its connection, between "out" and "lan": what is forwarded,
# by packets made by hand on both sides.

set -euo pipefail

# shellcheck source=craft.sh
. "$(dirname "$0")/craft.sh"
craft_setup
fw_host lan
ip link add eth1 netns "$FW_ID-in" type veth peer name eth1 netns "$FW_ID-lan"
ns lan sysctl -qw net.ipv6.conf.eth1.disable_ipv6=1
ip -n "$FW_ID-lan" link set eth1 up
ip -n "$FW_ID-in" -batch - <<-END
	link set eth1 addrgenmode none
	link set eth1 up
	addr add 2a00:7::1/64 dev eth1 nodad
	addr add fe80::1/64 dev eth1 nodad
	neigh add 2a00:7::66 lladdr 02:00:00:00:00:66 dev eth1 nud permanent
END
await 10 "the cable" ready in eth1
ns in sysctl -qw net.ipv6.conf.all.forwarding=1
craft_run forward_test.py lan
