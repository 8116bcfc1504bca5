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

KINDS=(cone addr port upnp-port upnp-symm pp-symm seq-symm random-symm addr-symm)
S1=192.0.2.1
S2=192.0.2.33
RELAY=198.51.100.161
MODES=(none)
if ip link help teredo 2>&1 | grep -q extensions; then
	MODES=(none all)
fi

# Ports of clients: no two behind one NAT have the same.
declare -A PORT=([none]=4100 [all]=4200) HOST=([none]=2 [all]=3)
declare -A OUTSIDE=([a]=198.51.100 [b]=203.0.113)

# name SET KIND MODE: of a client, in REPLY
name()
{
	REPLY=$1${2/-/}
	[[ $3 == all ]] || REPLY+=0
}

# mapped KIND: whether somebody asks the NAT for a port
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
	local i set kind mode extensions

	td_server s1 $S1 192.0.2.2
	td_server s2 $S2 192.0.2.34
	td_add relay role relay
	for kind in "${KINDS[@]}"; do
		for mode in "${MODES[@]}"; do
			extensions=
			((${#MODES[@]} == 1)) || extensions="extensions $mode"
			extensions+=" port ${PORT[$mode]} default-route"
			name a "$kind" "$mode"
			echo "$REPLY server $S1 $extensions"
			name b "$kind" "$mode"
			echo "$REPLY server $S2 $extensions"
		done
	done | td_add_all
	((${#MODES[@]} > 1)) || return 0
	for set in a b; do
		for i in "${!KINDS[@]}"; do
			mapped "${KINDS[i]}" all || continue
			name $set "${KINDS[i]}" all
			echo "$LAB_ID-$REPLY teredo0" \
				"${OUTSIDE[$set]}.$((16 * i + 1)) ${PORT[all]}"
		done
	done | "$TD_DIR/portmap.py"
}

# settled HOST: qualified or refused an address, in TD_JSON
settled()
{
	td_show "$1"
	td_get state
	[[ $REPLY == qualified || $REPLY == offline ]]
}

# end SET KIND_INDEX MODE SERVER: the line of the plan for a client
end()
{
	local host

	name "$1" "${KINDS[$2]}" "$3"
	host=$REPLY
	wait_for 20 "$host to be qualified or refused" settled "$host"
	td_get state
	if [[ $REPLY == qualified ]]; then
		td_get address
		echo "end $host $LAB_ID-$host $REPLY"
	else
		echo "gone $host $LAB_ID-$host $4" \
			"${OUTSIDE[$1]}.$((16 * $2 + 1)) ${PORT[$3]}"
	fi
}

ends()
{
	local i mode

	echo "server $S1 192.0.2.2 $S2 192.0.2.34"
	echo "end web $LAB_ID-web $WEB"
	for mode in "${MODES[@]}"; do
		for i in "${!KINDS[@]}"; do
			end a "$i" "$mode" $S1
			end b "$i" "$mode" $S2
		done
	done
}

lab_time()
{
	printf '# %s: %d s\n' "$1" $((SECONDS - TD_START))
}

report()
{
	local line fields desc='' rc

	while IFS= read -r line; do
		if [[ $line == $'\t'* ]]; then
			echo "${line#?}" >>"$TD_TMP/faults"
			continue
		fi
		[[ -z $desc ]] || result "$rc" "$desc" "$TD_TMP/faults"
		: >"$TD_TMP/faults"
		read -ra fields <<<"$line"
		[[ ${fields[0]} == ok ]] && rc=0 || rc=1
		desc="extensions ${fields[5]}: ${fields[6]} to ${fields[7]}:"
		desc+=" ${fields[1]} after ${fields[2]} ms,"
		desc+=" bubbles ${fields[3]} straight, ${fields[4]} through servers"
	done < <(cat "$1"; printf '%s\n' "ok yes 0 0 0 - - -")
}

took()
{
	printf '# %s after %d s\n' "$1" "$SECONDS"
}

plan $((${#MODES[@]} * (81 + 18)))
lab_init
build
took "lab built"
devices
ends >"$TD_TMP/plan"
took "clients settled"
"$TD_DIR/matrix_table.py" cells "${MODES[@]}" >>"$TD_TMP/plan"
"$TD_DIR/matrix.py" "$LAB_ID-inet" "$TD_TMP/results" <"$TD_TMP/plan"
took "pairs tried"
report "$TD_TMP/results"
"$TD_DIR/matrix_table.py" table <"$TD_TMP/results"
finish
