#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Two clients behind the same NAT (RFC 4380 sections 5.2.8 and 8.3): they reach
# each other if the NAT hairpins, or if they find each other on their link;
# otherwise it fails cleanly.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

build()
{
	local i

	lab_begin
	lab_server
	lab_nat hair port outside=198.51.100.1/28 inside=10.0.1.1/24 \
		hairpin=outside
	lab_nat conehair cone outside=198.51.100.17/28 inside=10.0.2.1/24 \
		hairpin=outside
	lab_nat plain port outside=203.0.113.1/28 inside=10.0.3.1/24
	for i in 1 2 3 4; do
		lab_client "hair$i" hair "10.0.1.1$i"
	done
	for i in 1 2 3 4 5 6; do
		lab_client "plain$i" plain "10.0.3.1$i"
	done
	lab_client cone1 conehair 10.0.2.11
	lab_client cone2 conehair 10.0.2.12
	lab_commit
}

# hairpinned HOST HOST: by the mappings, as through two NATs
hairpinned()
{
	local mapped

	td_pings "$1" "$2"
	td_show "$2"
	td_get mapped
	mapped=$REPLY
	via "$1" "$2" "$mapped" false
}

# found HOST HOST INSIDE_ADDRESS: straight through the link
found()
{
	td_pings "$1" "$2"
	via "$1" "$2" "$3" true
}

# via HOST PEER ENDPOINT LOCAL: what HOST says of its way to PEER
via()
{
	local peer

	td_addr "$2"
	peer=$(peer6 --netns="$LAB_ID-$1" -j teredo show peers |
		jq -r ".peers[] | select(.peer == \"$REPLY\") |
			\"\(.path) \(.via) \(.local)\"")
	is "the way from $1 to $2" "direct $3 $4" "$peer"
}

unfound()
{
	td_addr "$2"
	td_unreachable "$1" "$REPLY" 10
}

lost_at_nat()
{
	unfound "$1" "$2"
	td_counts "$1" bubble_tx=8 bubble_rx=0
}

plan 7
command -v peer6 >/dev/null || skip_all "peer6 is not installed"
lab_init
build
td_server
{
	for i in 1 2 3 4; do
		echo "hair$i server $SERVER port 410$i"
	done
	echo "cone1 server $SERVER port 4201"
	echo "cone2 server $SERVER port 4202"
	for i in 1 2 3 4; do
		echo "plain$i server $SERVER port 430$i discovery extensions none"
	done
	echo "plain5 server $SERVER port 4305 extensions none"
	echo "plain6 server $SERVER port 4306 extensions none"
} | td_add_all
td_qualify hair{1,2,3,4} cone{1,2} plain{1,2,3,4,5,6}
begin "the NAT hairpins, filters by port" hairpinned hair1 hair2
begin "the same, the second is the first to speak" hairpinned hair4 hair3
begin "the NAT hairpins, a cone" hairpinned cone1 cone2
begin "no hairpin, they find each other on their link" \
	found plain1 plain2 10.0.3.12:4302
begin "the same, the second is the first to speak" \
	found plain4 plain3 10.0.3.13:4303
begin "no hairpin, nobody looks for others" lost_at_nat plain5 plain6
begin "no hairpin, one of the two looks for others" unfound plain2 plain6
collect
finish
