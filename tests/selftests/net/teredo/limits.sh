#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What strangers can fill has a limit, RFC 4380 sections 5.2.6, 7.3 and 7.4:
# the peer table, the queues, answers and tests. Every packet that is sent here
# is accounted for, as taken or as dropped for a reason.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

STRICT=192.0.2.33
N=500
MALLORY=198.51.100.65

build()
{
	lab_begin
	lab_server server $SERVER $SERVER2 2001:db8:6::1/64
	lab_server strict $STRICT 192.0.2.34 2001:db8:6::2/64
	lab_nat natB port outside=203.0.113.1/28 inside=10.0.2.1/24
	lab_client bob natB 10.0.2.2
	lab_host carol 203.0.113.65/28
	lab_host dora 203.0.113.81/28
	lab_host erin 203.0.113.97/28
	lab_host frank 203.0.113.113/28
	lab_host mallory $MALLORY/28
	lab_commit
	# The way back to the strangers' addresses ends at the router.
	ip -n "$LAB_ID-inet" route add blackhole 100.64.0.0/10
	ip -n "$LAB_ID-inet" route add blackhole 198.18.0.0/15
}

flood()
{
	ns mallory python3 "$TD_DIR/flood.py" "$@"
}

value()
{
	td_show "$1"
	td_get "$2"
}

# sum NAME...: of counters of the device in TD_JSON
sum()
{
	local name total=0

	for name; do
		td_get "$name"
		total=$((total + REPLY))
	done
	REPLY=$total
}

peers()
{
	peer6 --netns="$LAB_ID-$1" -j teredo show state | jq '.devices[].peers'
}

# queued HOST: packets that wait for some peer
queued()
{
	peer6 --netns="$LAB_ID-$1" -j teredo show peers |
		jq '[.peers[].queued] | add'
}

bytes()
{
	lab_counter "$1" "eth0/$2_bytes"
}

# still_trusted HOST PEER: the way to it is open
still_trusted()
{
	local path

	td_addr "$2"
	path=$(peer6 --netns="$LAB_ID-$1" -j teredo show peers |
		jq -r ".peers[] | select(.peer == \"$REPLY\").path")
	is "the path from $1 to $2" direct "$path"
	td_ping1 "$1" "$REPLY"
}

# Strangers that the server introduces get an entry and an answer each, and
# push out each other only.
strangers()
{
	local carol rx tx bubbles answers

	td_pings carol bob
	td_addr carol
	carol=$REPLY
	value carol bubble_rx
	bubbles=$REPLY
	td_get bubble_tx
	answers=$REPLY
	rx=$(bytes carol rx)
	tx=$(bytes carol tx)
	flood indirect "$N" "$carol"
	# The first ping took two: RFC 6081 section 3.1.
	td_counts server forwarded="$((N + 2))"
	td_counts carol bubble_rx="$((bubbles + N))" \
		bubble_tx="$((answers + N))" peers-full=0
	rx=$(($(bytes carol rx) - rx))
	tx=$(($(bytes carol tx) - tx))
	between "bytes sent for $rx received" $((N * 40)) "$rx" "$tx"
	between "peers" 8 9 "$(peers carol)"
	still_trusted carol bob
}

# Those that speak to the client themselves are peers as good as any (RFC 4380
# section 5.2.3, case 3). They fill the table, and none is pushed out.
full()
{
	local carol bubbles

	td_addr carol
	carol=$REPLY
	value carol bubble_rx
	bubbles=$REPLY
	flood direct "$N" "$carol"
	td_counts carol "bubble_rx=$((bubbles + 15))" \
		"peers-full=$((N - 15))"
	is "peers" 16 "$(peers carol)"
	still_trusted carol bob
	still_trusted bob carol
}

# One address may bring 40 new peers at once, and 20 a second after that.
one_address()
{
	local start=$SECONDS bubbles max

	td_addr dora
	flood ports "$N" "$REPLY" "$MALLORY"
	max=$((40 + 20 * (SECONDS - start + 1)))
	td_show dora
	td_get bubble_rx
	bubbles=$REPLY
	between "new peers" 40 "$max" "$bubbles"
	td_counts dora "rate-limited=$((N - bubbles))"
	is "peers" "$bubbles" "$(peers dora)"
}

# CVE-2006-6266: hosts that only exist in the packets of a relay are tested,
# but a client does not become a cannon.
tests()
{
	local start=$SECONDS before echos max

	value dora rate-limited
	before=$REPLY
	td_addr dora
	flood native "$N" "$REPLY" 198.18.0.1
	max=$((40 + 20 * (SECONDS - start + 1)))
	td_show dora
	td_get echo_tx
	echos=$REPLY
	# Each test is sent up to four times.
	between "connectivity tests" 1 $((4 * max)) "$echos"
	td_get rate-limited
	between "packets refused" $((N - max)) $((N + 4 * max)) \
		"$((REPLY - before))"
	td_counts dora rx-packets=0
}

# Four packets wait for a peer.
queue()
{
	local out

	td_addr frank
	out=$(ns frank ping -n -q -c 20 -i 0.01 -W 1 \
		2001:0:c612:1:0:1111:3434:3434) || true
	printf '%s\n' "$out"
	td_counts frank queue-full=16 tx-packets=0
	wait_for 15 "the attempts to end" forgiven 4
	td_counts frank queue-full=16 peer-unreachable=4 bubble_tx=4
	is "packets that wait" 0 "$(queued frank)"
}

forgiven()
{
	value frank peer-unreachable
	((REPLY >= $1))
}

# 256 KiB wait for all peers together.
queues()
{
	local size=1280 n=300 fit=$((256 * 1024 / 1280))

	ns erin python3 "$TD_DIR/flood.py" data "$n" "$size" 198.18.0.1
	is "packets that wait" "$fit" "$(queued erin)"
	td_counts erin "queue-full=$((n - fit))" tx-packets=0
	wait_for 20 "the attempts to end" gone "$fit"
	td_counts erin "peer-unreachable=$fit"
}

gone()
{
	value erin peer-unreachable
	((REPLY == $1))
}

# A server that may answer ten a second to a network: more than the burst of
# two seconds only as time goes on, and others do not notice.
solicitations()
{
	local start=$SECONDS answers rx tx

	rx=$(bytes strict rx)
	tx=$(bytes strict tx)
	flood solicit "$N" "$STRICT" 198.18.7
	rx=$(($(bytes strict rx) - rx))
	tx=$(($(bytes strict tx) - tx))
	value strict ra_tx
	answers=$REPLY
	between "answers" 20 $((20 + 10 * (SECONDS - start + 1))) "$answers"
	td_counts strict "rs_rx=$N" "rate-limited=$((N - answers))"
	between "bytes sent for $rx received" 1 $((rx / 4)) "$tx"
	td_add mallory server "$STRICT"
	wait_for 10 "another network to be served" \
		td_in_state mallory qualified
}

plan 7
for program in peer6 python3; do
	command -v $program >/dev/null || skip_all "$program is not installed"
done
lab_init
build
td_add_all <<END
server role server server $SERVER server2 $SERVER2 rate-limit 0
strict role server server $STRICT server2 192.0.2.34 rate-limit 10
bob server $SERVER
carol server $SERVER max-peers 16
dora server $SERVER
erin server $SERVER
frank server $SERVER
END
td_qualify bob carol dora erin frank
begin "strangers by way of the server fill half the table" strangers
begin "a server's answers to one network are limited" solicitations
begin "a peer's queue is limited" queue
collect
begin "a full table keeps its trusted peers" full
begin "new peers of one address are limited" one_address
collect
begin "tests that strangers cause are limited" tests
begin "a device's queues are limited" queues
collect
finish
