#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every pair of NATs: who reaches whom, without extensions (RFC 4380) and with
# them (RFC 6081 section 3), and native hosts with clients behind each. What
# the RFCs call reachable is; what they do not fails cleanly, or works all the
# same.
#
# There are two sets of hosts, a begins and b is reached, so that each pair
# meets cold; behind each NAT there is a client with extensions and one
# without. All pairs are tried at the same time.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=matrix_lib.sh
. "$(dirname "$0")/matrix_lib.sh"

KINDS=(cone addr port upnp-port upnp-symm pp-symm seq-symm random-symm addr-symm)
S1=192.0.2.1
S2=192.0.2.33
RELAY=198.51.100.161
MODES=(none all)

# Ports of clients: no two behind one NAT have the same.
declare -A PORT=([none]=4100 [all]=4200) HOST=([none]=2 [all]=3)
declare -A OUTSIDE=([a]=198.51.100 [b]=203.0.113)

# name SET KIND MODE: of a client, in REPLY
name()
{
	REPLY=$1${2/-/}
	[[ $3 == all ]] || REPLY+=0
}

# mapped KIND MODE: whether somebody asks the NAT for a port
mapped()
{
	[[ $1 == upnp-* && $2 == all ]]
}

build()
{
	local set i kind mode forward

	lab_begin
	lab_server s1 $S1 192.0.2.2 2001:db8:6::1/64
	lab_server s2 $S2 192.0.2.34 2001:db8:6::4/64
	lab_relay relay $RELAY/28
	lab_web web
	for set in a b; do
		for i in "${!KINDS[@]}"; do
			kind=${KINDS[i]}
			forward=
			! mapped "$kind" all ||
				forward=${PORT[all]},10.0.$i.${HOST[all]}
			lab_nat "n$set$i" "$kind" inside="10.0.$i.1/24" \
				outside="${OUTSIDE[$set]}.$((16 * i + 1))/28" \
				forward="$forward"
			for mode in "${MODES[@]}"; do
				name $set "$kind" "$mode"
				lab_client "$REPLY" "n$set$i" "10.0.$i.${HOST[$mode]}"
			done
		done
	done
	lab_commit
}

devices()
{
	local kind mode args

	td_server s1 $S1 192.0.2.2
	td_server s2 $S2 192.0.2.34
	td_add relay role relay
	for kind in "${KINDS[@]}"; do
		for mode in "${MODES[@]}"; do
			args="port ${PORT[$mode]} extensions $mode default-route"
			name a "$kind" "$mode"
			echo "$REPLY server $S1 $args"
			name b "$kind" "$mode"
			echo "$REPLY server $S2 $args"
		done
	done | td_add_all
}

# clients SET SERVER: their lines of the plan
clients()
{
	local i mode outside

	for mode in "${MODES[@]}"; do
		for i in "${!KINDS[@]}"; do
			name "$1" "${KINDS[i]}" "$mode"
			outside="${OUTSIDE[$1]}.$((16 * i + 1)) ${PORT[$mode]}"
			echo "client $REPLY $LAB_ID-$REPLY $2 $outside"
			! mapped "${KINDS[i]}" "$mode" ||
				echo "portmap $REPLY $outside"
		done
	done
}

plan $((${#MODES[@]} * (81 + 18)))
lab_init
build
td_took "lab built"
devices
td_took "devices made"
{
	echo "server $S1 192.0.2.2 $S2 192.0.2.34"
	echo "native web $LAB_ID-web $WEB"
	clients a $S1
	clients b $S2
	"$TD_DIR/matrix_table.py" cells "${MODES[@]}"
} >"$TD_TMP/plan"
td_matrix "$TD_TMP/results" <"$TD_TMP/plan"
"$TD_DIR/matrix_table.py" table <"$TD_TMP/results"
finish
