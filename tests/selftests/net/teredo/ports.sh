#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Symmetric NATs whose ports can be foretold, RFC 6081 sections 5.4 and 5.5:
# which pairs connect and which fail cleanly, with all of the extensions and
# without those that are needed; that each port is for one peer and closed when
# it is over, that it is kept open through the NAT, and replaced when the NAT
# forgets it all the same; and how many of them strangers can make a client open.
#
# Every pair has hosts of its own, so it meets cold. A sequential NAT has no
# other clients: those of its flows that come in between make the forecast
# wrong.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

S1=192.0.2.1
S2=192.0.2.33
MALLORY=198.51.100.193
LIFETIME=35

# "INITIATOR RESPONDER", their NATs, and the extensions of each
PAIRS=(
	"pp1 port1 pp port all all"
	"port2 pp2 port pp all all"
	"pp3 pp4 pp pp all all"
	"seq1 port3 seq port all all"
	"port4 seq2 port seq all all"
	"pp5 seq3 pp seq all all"
	"pp6 cone1 pp cone all all"
	"pp7 port5 old port all all"
)
RESET="pp13 pp14 pp pp all all"
# Not with what they have: RFC 6081 section 3, figure 1
FAIL=(
	"seq4 pp8 seq pp all all"
	"pp9 port6 pp port sns all"
	"port7 pp10 port pp all sns"
	"pp11 port8 pp port all sns"
	"pp12 port9 pp port all none"
	"seq5 port10 seq port sns,pp all"
)

# The debug kernel is too slow for many at once, and for 32 ports within the time
# that an unused one lasts. It looks at the code alone.
SLOW=false
if [[ ${PEER6_KERNEL:-} == debug ]]; then
	SLOW=true
	PAIRS=("${PAIRS[@]:0:6}")
	FAIL=()
fi

# hosts SET LIST...: the first or the second of each pair, with their NATs
hosts()
{
	local set=$1 n=0 pair p seqs=0 net=198.51.100 nat
	shift
	[[ $set == a ]] || net=203.0.113

	lab_nat "n${set}pp" pp-symm "outside=$net.1/28" inside=10.0.0.1/24
	lab_nat "n${set}port" port "outside=$net.17/28" inside=10.0.1.1/24
	lab_nat "n${set}cone" cone "outside=$net.33/28" inside=10.0.2.1/24
	if [[ $set == a ]]; then
		lab_nat naold pp-symm "outside=$net.49/28" \
			inside=10.0.3.1/24 lifetime=$LIFETIME
	fi
	for pair; do
		read -ra p <<<"$pair"
		n=$((n + 1))
		[[ $set == a ]] && p=("${p[0]}" "${p[2]}") ||
			p=("${p[1]}" "${p[3]}")
		case ${p[1]} in
		pp)	lab_client "${p[0]}" "n${set}pp" "10.0.0.$((n + 1))" ;;
		port)	lab_client "${p[0]}" "n${set}port" "10.0.1.$((n + 1))" ;;
		cone)	lab_client "${p[0]}" "n${set}cone" "10.0.2.$((n + 1))" ;;
		old)	lab_client "${p[0]}" "n${set}old" "10.0.3.$((n + 1))" ;;
		seq)
			seqs=$((seqs + 1))
			nat=n${set}seq$seqs
			lab_nat "$nat" seq-symm inside=10.1.$seqs.1/24 \
				"outside=$net.$((49 + 16 * seqs))/28"
			lab_client "${p[0]}" "$nat" 10.1.$seqs.2
			;;
		esac
	done
}

build()
{
	lab_begin
	lab_server s1 $S1 192.0.2.2 2001:db8:6::1/64
	lab_server s2 $S2 192.0.2.34 2001:db8:6::2/64
	hosts a "${PAIRS[@]}" "${FAIL[@]}" "$RESET"
	hosts b "${PAIRS[@]}" "${FAIL[@]}" "$RESET" "- target x pp" \
		"- own x port"
	lab_host mallory $MALLORY/28
	lab_commit
	# The way back to the strangers' addresses ends at the router.
	ip -n "$LAB_ID-inet" route add blackhole 100.64.0.0/10
}

devices()
{
	local pair p

	td_server s1 $S1 192.0.2.2
	td_server s2 $S2 192.0.2.34
	for pair in "${PAIRS[@]}" "${FAIL[@]}" "$RESET"; do
		read -ra p <<<"$pair"
		echo "${p[0]} server $S1 extensions ${p[4]}"
		echo "${p[1]} server $S2 extensions ${p[5]}"
	done >"$TD_TMP/devices"
	printf '%s\n' "target server $S1" "own server $S2" >>"$TD_TMP/devices"
	td_add_all <"$TD_TMP/devices"
	while read -r pair _; do
		td_addr "$pair"
	done <"$TD_TMP/devices"
}

# sockets HOST: how many UDP sockets there are
sockets()
{
	local n

	n=$(ns "$1" cat /proc/net/udp | wc -l)
	REPLY=$((n - 1))
}

sockets_are()
{
	sockets "$1"
	((REPLY == $2))
}

# closed HOST...: only the service port is left
closed()
{
	local host

	for host; do
		wait_for 12 "$host to close its random ports" \
			sockets_are "$host" 1
	done
}

# path HOST HOST: where the first sends to for the second, in REPLY
path()
{
	td_addr "$2"
	REPLY=$(peer6 --netns="$LAB_ID-$1" -j teredo show peers |
		jq -c ".peers[] | select(.peer == \"$REPLY\").via")
}

# random HOST NAT: does HOST use a random port, and does it have to?
random()
{
	case $2 in
	pp|seq|old)	is "sockets of $1" 2 "$(sockets "$1"; echo "$REPLY")" ;;
	*)		is "sockets of $1" 1 "$(sockets "$1"; echo "$REPLY")" ;;
	esac
}

# connects INITIATOR RESPONDER NAT NAT
connects()
{
	td_pings "$1" "$2" 3
	# The other direction is open as well.
	td_addr "$1"
	td_ping "$2" "$REPLY" 3
	if [[ $3$4 != *cone* ]]; then
		random "$1" "$3"
		random "$2" "$4"
	fi
}

# fails INITIATOR RESPONDER: within ten seconds, and nothing stays open
fails()
{
	td_addr "$2"
	td_unreachable "$1" "$REPLY" 10
	td_show "$1"
	td_get indirect_tx
	between "indirect bubbles of $1" 1 8 "$REPLY"
	closed "$1" "$2"
	# Nor does anybody go on trying.
	td_addr "$2"
	ns "$1" ping -n -q -c 3 -i 0.2 -W 1 "$REPLY" && return 1
	closed "$1"
	td_counts "$1" "indirect_tx=1-8"
}

flushed()
{
	local host

	for host; do
		peer6 --netns="$LAB_ID-$host" teredo flush
		closed "$host"
	done
}

tx_counted()
{
	td_show "$1"
	td_get "$2"
	((REPLY >= $3))
}

# refreshed INITIATOR RESPONDER NAT NAT: the NAT forgets what is idle for LIFETIME, so
# after twice as long only refreshes can have kept the mapping
refreshed()
{
	local via bubbles

	connects "$@"
	path "$2" "$1"
	via=$REPLY
	td_show "$1"
	td_get random_port_tx
	bubbles=$REPLY
	wait_for 75 "two refreshes" \
		tx_counted "$1" random_port_tx $((bubbles + 2))
	td_addr "$1"
	td_ping1 "$2" "$REPLY"
	path "$2" "$1"
	is "mapping of $1" "$via" "$REPLY"
	random "$1" old
}

# forgets NAT VIA: the flows of the client whose port is in VIA, which the NAT
# has preserved
forgets()
{
	local port=${2##*:}

	ns "$1" conntrack -D -p udp --orig-port-src "${port//[^0-9]/}"
}

# reopened INITIATOR RESPONDER NAT NAT: both NATs forget the flow of the random
# ports, and give the next one another port. Who sends on learns it by 30 s of
# silence.
reopened()
{
	local via1 via2

	connects "$@"
	path "$2" "$1"
	via1=$REPLY
	path "$1" "$2"
	via2=$REPLY
	forgets "na$3" "$via1"
	forgets "nb$4" "$via2"
	td_addr "$2"
	ns "$1" ping -n -c 1 -i 1 -w 50 "$REPLY"
	path "$2" "$1"
	[[ $REPLY != "$via1" ]]
	path "$1" "$2"
	[[ $REPLY != "$via2" ]]
}

# bounded N: of N strangers that send to target, 32 get a port; a peer of its
# own gets one all the same; and none is held when nothing comes
bounded()
{

	td_addr target
	ns mallory python3 "$TD_DIR/flood.py" extended "$1" "$REPLY"
	wait_for 5 "strangers' ports" sockets_are target 33
	td_counts target "ports-full=$(($1 - 32))"
	td_pings target own
	sockets target
	between "sockets" 2 34 "$REPLY"
	wait_for 12 "the strangers' ports to be closed" sockets_are target 2
}

# pair DESCRIPTION FUNCTION INITIATOR RESPONDER NAT NAT
pair()
{
	begin "$@"
	! $SLOW || collect
}

if $SLOW; then
	plan $((${#PAIRS[@]} + 5))
else
	plan $((${#PAIRS[@]} + ${#FAIL[@]} + 6))
fi
lab_init
build
devices

for pair in "${PAIRS[@]}"; do
	read -ra p <<<"$pair"
	if [[ ${p[2]} == old ]]; then
		begin "pp to port, and the mapping is refreshed" \
			refreshed "${p[@]:0:4}"
	else
		pair "${p[2]} to ${p[3]}" connects "${p[@]:0:4}"
	fi
done
read -ra p <<<"$RESET"
pair "pp to pp, and both NATs forget" reopened "${p[@]:0:4}"
for pair in "${FAIL[@]}"; do
	read -ra p <<<"$pair"
	begin "${p[2]} (${p[4]}) to ${p[3]} (${p[5]}) fails cleanly" \
		fails "${p[@]:0:2}"
done
$SLOW || begin "strangers get a bounded number of ports" bounded 60
collect
td_addr pp4
begin "a TCP transfer between random ports" td_tcp pp3 pp4 "$REPLY" 4M
begin "ports are closed with their peers" flushed pp1 seq1 seq2
td_addr port2
begin "a way is found again when the peer has forgotten" \
	td_ping pp2 "$REPLY"
collect
for host in pp3 seq3; do
	ip -n "$LAB_ID-$host" link set teredo0 down
done
check "ports are closed with the device" closed pp3 seq3
finish
