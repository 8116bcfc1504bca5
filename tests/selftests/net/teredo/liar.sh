#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A peer that lies in each trailer of RFC 6081: liar.py plays the server of one
# client, in a namespace whose only link ends in one of the test's, and counts
# what comes out of it.

set -u

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
[[ -x /usr/bin/python3 ]] || skip_all "/usr/bin/python3 is not installed"
id=tly$$

cleanup()
{
	ip netns del "$id-wire" 2>/dev/null
	ip netns del "$id-client" 2>/dev/null
}
trap cleanup EXIT

setup()
{
	ip netns add "$id-wire" &&
	ip netns add "$id-client" &&
	ip -n "$id-wire" -batch - <<-END &&
		link add client address 02:00:00:00:01:01 type veth peer name eth0 address 02:00:00:00:01:02 netns $id-client
		addr add 198.51.100.1/24 dev client
		link set client addrgenmode none
		link set client up
	END
	ip -n "$id-client" -batch - <<-END
		addr add 198.51.100.10/24 dev eth0
		link set eth0 addrgenmode none
		link set eth0 up
		link set lo up
		route add default via 198.51.100.1
		link add tc0 type teredo server 192.0.2.1 refresh 120
	END
}

setup || {
	printf 'TAP version 13\n1..1\nnot ok 1 - set-up\n'
	exit 1
}
/usr/bin/python3 -B "$TD_DIR/liar.py" "$id"
