# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# One device with a million peers beside one with a thousand. "swarm" plays
# the peers: it stands in the router, on the wire of the client. Sourced by run,
# works in the lab "ours".

SCALE=(1000 1000000)
declare -A SCALE_HOST=([1000]=carol [1000000]=dora)
SWARM_PORT=4444
SWARM_PACKETS=100000
FILL_RATE=19500		# new peers a second are 20 for each of 1024 buckets
STALL_US=1000

swarm()
{
	lab_exec "$1" "${tree:?}/build/bench/swarm" "${@:2}"
}

# build_scale: two hosts without a NAT, clients of our server
build_scale()
{
	local peers host

	lab_host dora 203.0.113.65/28
	# What the clients' packets would be answered with ends at the router.
	lab_exec inet ip route add blackhole 11.0.0.0/8
	for peers in "${SCALE[@]}"; do
		host=${SCALE_HOST[$peers]}
		lab_exec "$host" ip link add teredo0 type teredo \
			server 192.0.2.1 max-peers 4000000
		lab_exec "$host" ip link set teredo0 up
		wait_for 20 "$host to qualify" global6 "$host" teredo0
		lab_drop "$host" swarm in "udp dport $SWARM_PORT"
	done
}

# peers_of HOST
peers_of()
{
	"$tree/build/peer6" --netns="$(lab_ns "$1")" -j teredo show state |
		jq '.devices[].peers'
}

# swarm_in HOST N COUNT RATE: packets from N peers
swarm_in()
{
	swarm inet in "$1" "$(lab_exec "$1" cat /sys/class/net/eth0/address)" \
		"$(global6 "$1" teredo0)" "${@:2}"
}

# swarm_out HOST N COUNT RATE: packets to N peers
swarm_out()
{
	swarm "$1" out teredo0 - "$(global6 "$1" teredo0)" "${@:2}"
}

# memory: bytes that the kernel has in peers and in hash tables
memory()
{
	awk -F '[ :<>-]+' -v table="$(awk '/bucket_table_alloc/ { n += $2 }
			END { print n + 0 }' /proc/vmallocinfo)" '
		$1 == "SUnreclaim" { print $2 * 1024 + table }' /proc/meminfo
}

# fill HOST N: N peers, trusted. The limit for new ones takes its time, and some
# clients, who share a bucket with many: so there are more of them.
fill()
{
	local n=$(($2 + $2 / 16)) try peers

	for ((try = 0; try < 4; try++)); do
		swarm_in "$1" $n $n $FILL_RATE >/dev/null
		peers=$(peers_of "$1")
		((peers < $2)) || return 0
	done
	fail "$1 has $peers peers of $2"
}

TRACE=/sys/kernel/tracing

# watch_stalls: note each step of the peers' table that takes too long
watch_stalls()
{
	[[ -e $TRACE/trace ]] || mount -t tracefs tracefs $TRACE
	echo nop >$TRACE/current_tracer
	echo "$STALL_US" >$TRACE/tracing_thresh
	# All that is done for one packet, with bottom halves off.
	echo teredo_encap_rcv >$TRACE/set_ftrace_filter
	# One step with the lock, if the compiler left it a function.
	grep -x 'gc_list.*' $TRACE/available_filter_functions |
		cut -d' ' -f1 >>$TRACE/set_ftrace_filter || true
	echo function_graph >$TRACE/current_tracer
}

# stalls: how many there were, and which
stalls()
{
	grep ' us ' $TRACE/trace >&2 || true
	grep -c ' us ' $TRACE/trace || true
	echo nop >$TRACE/current_tracer
	echo 0 >$TRACE/tracing_thresh
}

# prepare_scale: both devices full, their memory and stalls noted
prepare_scale()
{
	local before after few=${SCALE[0]} many=${SCALE[1]}

	fill "${SCALE_HOST[$few]}" "$few"
	watch_stalls
	before=$(memory)
	fill "${SCALE_HOST[$many]}" "$many"
	after=$(memory)
	sample peers_bytes_each teredo $(((after - before) / many))
	sample peers_stalls teredo "$(stalls)"
}

# scale PEERS: nanoseconds for a packet, both ways, each to or from another peer
# than the one before
scale()
{
	local host=${SCALE_HOST[$1]} ns_in ns_out rx tx

	# Those not heard of for 20 s go the slow way once.
	swarm_in "$host" "$1" $SWARM_PACKETS 0 >/dev/null
	rx=$(lab_counter "$host" swarm)
	tx=$(lab_counter "$host" teredo0/tx_packets)
	ns_in=$(swarm_in "$host" "$1" $SWARM_PACKETS 0)
	ns_out=$(swarm_out "$host" "$1" $SWARM_PACKETS 0)
	rx=$(($(lab_counter "$host" swarm) - rx))
	tx=$(($(lab_counter "$host" teredo0/tx_packets) - tx))
	((rx == SWARM_PACKETS && tx == SWARM_PACKETS)) ||
		fail "$rx packets came from $1 peers, $tx went to them, of $SWARM_PACKETS"
	sample peers_in_ns "$1" "$ns_in"
	sample peers_out_ns "$1" "$ns_out"
	sample peers_ns "$1" "$(awk -v i="$ns_in" -v o="$ns_out" \
		'BEGIN { print (i + o) / 2 }')"
}
