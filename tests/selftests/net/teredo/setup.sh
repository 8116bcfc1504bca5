#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# How long a client waits, in round trips of its path: for its address two, to
# the server and to its second address; for the first answer of another
# client behind a NAT as strict as its own two, one for bubbles by way of the
# server and one for the ping itself (Documentation/performance.md). Of five
# tries the best counts: what more it takes is not the protocol's doing.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

TRIES=5
DELAY=50	# milliseconds on each NAT's link, each way

# rtt HOST ADDRESS: of the path, microseconds, in REPLY
rtt()
{
	local out

	out=$(ns "$1" ping -n -q -c 5 -i 0.2 -W 5 "$2")
	[[ $out =~ min/avg/max/mdev\ =\ ([0-9]+)\.([0-9]{3}) ]]
	REPLY=$((10#${BASH_REMATCH[1]}${BASH_REMATCH[2]}))
}

# span FILE FIRST LAST: microseconds from the first line of a capture that
# matches FIRST to the last that matches LAST
span()
{
	awk -v first="$2" -v last="$3" '
		$0 ~ first && !a { a = $1 }
		$0 ~ last { b = $1 }
		END { if (!a || !b) exit 1; printf "%d\n", (b - a) * 1e6 }' "$1"
}

# captured FILE PATTERN N: so many lines of it match
captured()
{
	(($(grep -c "$2" "$1") >= $3))
}

# ratio WHAT TIME RTT LIMIT: in hundredths
ratio()
{
	REPLY=$(($2 * 100 / $3))
	printf '%s: %s us of %s us, %s %%\n' "$1" "$2" "$3" "$REPLY"
	((REPLY <= $4))
}

qualification()
{
	local base try log best=0 time

	rtt alice "$SERVER"
	base=$REPLY
	# Below the NAT's delay, so both directions carry true times.
	for ((try = 0; try < TRIES; try++)); do
		log=$LAB_DIR/rs.$try
		ip -n "$LAB_ID-alice" link set teredo0 down
		lab_spawn alice "$log" tcpdump -n -tt -l -i eth0 udp port 3544
		wait_for 10 "tcpdump to listen" grep -q listening "$log"
		ip -n "$LAB_ID-alice" link set teredo0 up
		wait_for 20 "alice to qualify" td_in_state alice qualified
		wait_for 20 "the capture" captured "$log" '3544 > 10' 2
		lab_kill "$LAB_PID"
		time=$(span "$log" ' > 192[.]0[.]2[.]' '3544 > 10[.]0[.]1')
		((best && best <= time)) || best=$time
	done
	ratio "qualification" "$best" "$base" 210
}

first_answer()
{
	local base try log best=0 time addr

	td_addr bob
	addr=$REPLY
	td_addr alice
	td_pings alice bob 1
	rtt alice "$addr"
	base=$REPLY
	for ((try = 0; try < TRIES; try++)); do
		log=$LAB_DIR/echo.$try
		peer6 --netns="$LAB_ID-alice" teredo flush
		peer6 --netns="$LAB_ID-bob" teredo flush
		# What the NATs have of the path goes as well.
		ns natA conntrack -D -p udp -d 203.0.113.1 >/dev/null 2>&1 || true
		ns natB conntrack -D -p udp -d 198.51.100.1 >/dev/null 2>&1 || true
		lab_spawn alice "$log" tcpdump -n -tt -l -i teredo0 icmp6
		wait_for 10 "tcpdump to listen" grep -q listening "$log"
		td_ping1 alice "$addr"
		wait_for 20 "the capture" captured "$log" 'echo reply' 1
		lab_kill "$LAB_PID"
		time=$(span "$log" 'echo request' 'echo reply')
		((best && best <= time)) || best=$time
		# Both paths were open, or it was no first answer.
		((time > base * 3 / 2))
	done
	ratio "first answer" "$best" "$base" 220
}

plan 2
for program in tcpdump conntrack peer6; do
	command -v $program >/dev/null || skip_all "$program is not installed"
done
lab_init
lab_standard port port
td_server
lab_link natA delay ${DELAY}ms
lab_link natB delay ${DELAY}ms
td_client alice
td_client bob
td_qualify alice bob
check "a client has its address after two round trips" qualification
td_qualify alice
check "the first answer comes after two round trips" first_answer
finish
