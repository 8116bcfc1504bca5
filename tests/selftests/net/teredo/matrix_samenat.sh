#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Two clients behind one NAT, five ways to stand there, and what helps: the
# discovery of RFC 4380 section 5.2.8, the hairpinning extension of RFC 6081
# section 5.6, the same with a gateway that maps ports. All at the same time.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=matrix_lib.sh
. "$(dirname "$0")/matrix_lib.sh"

MODES=(plain discovery hp upnp)
PLACES=(hairpin link subnets nested apart)
declare -A ARGS=(
	[plain]="extensions none"
	[discovery]="extensions none discovery"
	[hp]="extensions all"
	[upnp]="extensions all"
)

# For place P (1 to 5) and client C (1, 2) of the mode M (1 to 4):
# its LAN, its address and what its gateway is told to map.
lan()
{
	case ${PLACES[$1 - 1]} in
	hairpin|link)	REPLY=n$1 ;;
	*)		REPLY=n$1x$2 ;;
	esac
}

inside()
{
	case ${PLACES[$1 - 1]} in
	hairpin|link)	REPLY=10.0.$1.$((10 * $3 + $2)) ;;
	*)		REPLY=10.0.$1$2.$((10 * $3 + $2)) ;;
	esac
}

port()
{
	REPLY=4$1$2$3
}

# Ports that are mapped at NAT of place P for clients C..., those of mode upnp
forward()
{
	local place=$1 c out=''
	shift

	for c in "$@"; do
		inside "$place" "$c" 4
		out+="4$place${c}4,$REPLY "
	done
	REPLY=$out
}

build()
{
	local p c m kind inner

	lab_begin
	lab_server
	for p in 1 2 3 4 5; do
		kind=upnp-port
		forward "$p" 1 2
		if [[ ${PLACES[p - 1]} == nested ]]; then
			kind=port
			REPLY=
		fi
		lab_nat "n$p" $kind inside="10.0.$p.1/24" forward="$REPLY" \
			outside="198.51.100.$((16 * p + 1))/28" \
			hairpin="$( ((p == 1)) && echo outside || echo off)"
		((p > 2)) || continue
		for c in 1 2; do
			inner=routed
			REPLY=
			if [[ ${PLACES[p - 1]} == nested ]]; then
				inner=upnp-port
				forward "$p" "$c"
			fi
			lab_nat "n${p}x$c" $inner uplink="n$p" forward="$REPLY" \
				outside="10.0.$p.${c}0/24" \
				inside="10.0.$p$c.1/24"
		done
	done
	for p in 1 2 3 4 5; do
		for m in 1 2 3 4; do
			for c in 1 2; do
				lan $p $c
				kind=$REPLY
				inside $p $c $m
				lab_client "c$p$m$c" "$kind" "$REPLY"
			done
		done
	done
	lab_commit
	lab_drop n5 apart in ip saddr 10.0.51.0/24 ip daddr 10.0.52.0/24
	lab_drop n5 trapa in ip saddr 10.0.52.0/24 ip daddr 10.0.51.0/24
}

devices()
{
	local p c m

	td_server
	for p in 1 2 3 4 5; do
		for m in 1 2 3 4; do
			for c in 1 2; do
				port $p $c $m
				echo "c$p$m$c server $SERVER port $REPLY" \
					"${ARGS[${MODES[m - 1]}]}"
			done
		done
	done | td_add_all
}

clients()
{
	local p c m outside

	for p in 1 2 3 4 5; do
		for m in 1 2 3 4; do
			for c in 1 2; do
				port $p $c $m
				outside="198.51.100.$((16 * p + 1)) $REPLY"
				echo "client c$p$m$c $LAB_ID-c$p$m$c" \
					"$SERVER $outside"
				[[ ${MODES[m - 1]} == upnp ]] || continue
				[[ ${PLACES[p - 1]} != nested ]] ||
					outside="10.0.$p.${c}0 $REPLY"
				echo "portmap c$p$m$c $outside"
			done
		done
	done
}

plan $((${#PLACES[@]} * ${#MODES[@]}))
lab_init
build
td_took "lab built"
devices
td_took "devices made"
{
	echo "server $SERVER $SERVER2"
	clients
	"$TD_DIR/matrix_table.py" samenat
} >"$TD_TMP/plan"
td_matrix "$TD_TMP/results" <"$TD_TMP/plan"
"$TD_DIR/matrix_table.py" table <"$TD_TMP/results"
finish
