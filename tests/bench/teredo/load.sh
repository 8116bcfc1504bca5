# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is measured on a path, and the load for it. pktgen makes the small
# packets: it is in the kernel, so no sender in user space sets the limit. It
# runs on one processor and, since all links are inside one machine, takes each
# packet as far as the next queue itself. Sourced by run; the functions
# print one figure.

WINDOW=2	# seconds that packets are counted for
GEN_PID=''

# tcp: Mbit/s received by bob
tcp()
{
	lab_exec alice timeout 60 iperf3 -J -t 3 -M 1220 -c "$DST" |
		jq -e '.end.sum_received.bits_per_second / 1e6'
}

# rtt: median of 100 round trips, microseconds
rtt()
{
	lab_exec alice ping -c 100 -i 0.01 -W 2 "$DST" |
		sed -n 's/.* time=\([0-9.]*\) ms$/\1/p' | sort -n |
		awk '{ t[NR] = $1 } END { if (NR < 90) exit 1
			print 1000 * t[int((NR + 1) / 2)] }'
}

# generate HOST DEV RATE LINE...: start pktgen on DEV with the parameters LINE;
# RATE is packets a second, 0 for as many as it can
generate()
{
	local host=$1 dev=$2 rate=$3
	shift 3

	# What another run has set stays set, unless it is set again.
	set -- "count 0" "clone_skb 0" "delay 0" "$@"
	[[ $rate == 0 ]] || set -- "$@" "ratep $rate"
	# shellcheck disable=SC2016 # the inner shell expands it
	lab_exec "$host" bash -c '
		set -e
		cd /proc/net/pktgen
		dev=$1
		shift
		[[ -e $dev ]] || echo "add_device $dev" >kpktgend_0
		for line; do
			echo "$line" >"$dev"
		done' - "$dev" "$@" || return 1
	lab_spawn "$host" "$LAB_DIR/pktgen.log" \
		bash -c 'echo start >/proc/net/pktgen/pgctrl'
	GEN_PID=$LAB_PID
}

generate_stop()
{
	lab_exec "$1" bash -c 'echo stop >/proc/net/pktgen/pgctrl'
	wait_for 10 "pktgen to stop" lab_pid_gone "$GEN_PID" 0
}

# per_second HOST DEV [rx|tx]: packets that arrive on DEV, or leave by it, in a
# second, once they do. One process reads counter and clock, for a start of
# another would blur them.
per_second()
{
	# shellcheck disable=SC2016 # the inner shell expands it
	lab_exec "$1" bash -c '
		read -r first <"$1"
		for ((i = 0; i < 100; i++)); do
			read -r a <"$1"
			((a < first + 50)) || break
			sleep 0.1
		done
		((i < 100)) || exit 1
		start=${EPOCHREALTIME/./}
		read -r a <"$1"
		sleep "$2"
		read -r b <"$1"
		end=${EPOCHREALTIME/./}
		echo $(((b - a) * 1000000 / (end - start)))' \
		- "/sys/class/net/$2/statistics/${3:-rx}_packets" "$WINDOW"
}

# prepare_udp: alice forwards what a pktgen inside her, with her own address,
# sends: the packets of a host, made without one
prepare_udp()
{
	lab_exec alice sh -c '
		ip link add gen0 type veth peer name gen1
		ip link set gen0 addrgenmode none
		ip link set gen1 addrgenmode none
		ip link set gen0 up
		ip link set gen1 up
		echo 1 >/proc/sys/net/ipv4/conf/gen1/accept_local
		echo 1 >/proc/sys/net/ipv4/ip_forward
		echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
	# Counted by the device, then gone: what bob makes of them is no
	# property of the path.
	lab_drop bob udp64 in "udp dport $UDP_PORT udp length 72"
}

# udp RATE: packets of 64 bytes, in thousands a second, that reach bob
udp()
{
	local rate lines src seen counted

	lines=("dst_mac $(lab_exec alice cat /sys/class/net/gen1/address)"
		"udp_src_min $UDP_PORT" "udp_src_max $UDP_PORT"
		"udp_dst_min $UDP_PORT" "udp_dst_max $UDP_PORT"
		"flag UDPCSUM")
	if [[ $DST == *:* ]]; then
		src=$(global6 alice "$DEV")
		lines+=("flag IPV6" "pkt_size 126" "dst6 $DST" "src6 $src")
	else
		lines+=("flag !IPV6" "pkt_size 106" "dst $DST"
			"src_min 10.0.1.2" "src_max 10.0.1.2")
	fi
	seen=$(lab_counter bob udp64)
	counted=$(lab_counter bob "$DEV/rx_packets")
	generate alice gen0 "$1" "${lines[@]}"
	rate=$(per_second bob "$DEV")
	generate_stop alice
	seen=$(($(lab_counter bob udp64) - seen))
	counted=$(($(lab_counter bob "$DEV/rx_packets") - counted))
	# What was lost behind the device, in a full backlog, did not reach bob.
	((seen * 100 >= counted * 80)) ||
		fail "$counted packets arrived on $DEV, but only $seen were ours"
	awk -v n="$rate" -v seen="$seen" -v counted="$counted" \
		'BEGIN { print n / 1000 * seen / counted }'
}

# A router solicitation as clients send it (RFC 4380 section 5.2.1): an
# authentication header without identifier and value, nonce 11...; IPv6 from
# fe80::ffff:ffff:fffe to all routers; ICMPv6 type 133, its checksum in place.
RS=00010000111111111111111100
RS+=6000000000083afffe800000000000000000fffffffffffe
RS+=ff020000000000000000000000000002
RS+=85007d3800000000

RS_COPIES=16	# of each packet of pktgen's
RS_NET=203.0.113.128/27
RA_FRAME=159	# Ethernet, IPv4, UDP, authentication, origin, advertisement

# prepare_rs: a second network card for the server, that sends what it is
# given nowhere, and a device for pktgen. pktgen has no say in what its packets
# carry: a filter writes the solicitation into each and lets many copies arrive
# on the card, so that the sender is far from being the limit.
prepare_rs()
{
	local keys=() copies=() i

	# The last byte, of the reserved field, is 0 as pktgen left it.
	for ((i = 0; i < ${#RS} - 2; i += 8)); do
		keys+=(munge offset $((28 + i / 2)) u32 set "0x${RS:i:8}")
	done
	for ((i = 1; i < RS_COPIES; i++)); do
		copies+=(action mirred ingress mirror dev card0)
	done
	lab_exec server ip -batch - <<-END
	link add card0 type dummy
	link set card0 addrgenmode none
	link set card0 up
	link add load0 type dummy
	link set load0 addrgenmode none
	link set load0 up
	route add $RS_NET dev card0
	END
	lab_exec server tc qdisc add dev load0 clsact
	lab_exec server tc filter add dev load0 ingress protocol ip u32 \
		match ip dport 3544 0xffff action pedit "${keys[@]}" pipe \
		"${copies[@]}" action mirred ingress redirect dev card0
}

# generate_rs RATE [LINE]
generate_rs()
{
	local rate=$1
	shift

	generate server load0 $(((rate + RS_COPIES - 1) / RS_COPIES)) \
		"xmit_mode netif_receive" "pkt_size 103" "dst 192.0.2.1" \
		"dst_mac $(lab_exec server cat /sys/class/net/load0/address)" \
		"src_min 203.0.113.129" "src_max 203.0.113.157" \
		"udp_src_min 1024" "udp_src_max 65000" \
		"udp_dst_min 3544" "udp_dst_max 3544" \
		"flag IPSRC_RND" "flag UDPSRC_RND" "$@"
}

# answers: packets that left by the card
answers()
{
	lab_counter server card0/tx_packets
}

# prove_rs: what leaves by the card are advertisements (type 134 behind IPv4,
# UDP, authentication header, origin indication and IPv6). Only to begin with,
# for looking into each costs time; later on their length has to do.
prove_rs()
{
	local left seen

	lab_exec server tc qdisc add dev card0 clsact
	lab_exec server tc filter add dev card0 egress protocol ip u32 \
		match u8 134 0xff at 89 action ok
	left=$(answers)
	generate_rs 1600 "count 20"
	wait_for 10 "pktgen to end" lab_pid_gone "$GEN_PID" 0
	wait_for 10 "the last answer" \
		eval "((\$(answers) >= left + 20 * RS_COPIES))"
	left=$(($(answers) - left))
	seen=$(lab_exec server tc -s -j filter show dev card0 egress |
		jq -e '[.[].options.actions[]?.stats.packets] | add')
	((left == seen)) ||
		fail "$left packets came back, but only $seen were answers"
	lab_exec server tc qdisc del dev card0 clsact
}

# yielding CLASS: of the processes of pktgen, idle (i) or other (o)
yielding()
{
	local pid

	for pid in $(pgrep kpktgend_); do
		chrt "-$1" -p 0 "$pid"
	done
}

# rs RATE: answers a second to so many solicitations a second, 0 for as many
# as pktgen can make. The server has the last processor for itself, what
# arrives for it included, and pktgen has the first, if there are two. If there
# is one, pktgen has what time the server leaves it: yielding(). How many
# solicitations there were at most goes to rs.asked.
rs()
{
	local rate bytes left asked cpu=$(($(nproc) - 1)) pid

	((cpu == 0)) || lab_exec server sh -c "printf '%x' $((1 << cpu)) \
		>/sys/class/net/card0/queues/rx-0/rps_cpus"
	for pid in $(ip netns pids "$(lab_ns server)"); do
		taskset -acp "$cpu" "$pid" >/dev/null
	done
	left=$(answers)
	bytes=$(lab_counter server card0/tx_bytes)
	generate_rs "$1"
	rate=$(per_second server card0 tx)
	generate_stop server
	bytes=$(($(lab_counter server card0/tx_bytes) - bytes))
	left=$(($(answers) - left))
	((bytes == left * RA_FRAME)) ||
		fail "$left packets left, of $bytes bytes: not all were answers"
	asked=$(lab_exec server sed -n 's/^ *\([0-9]*\)pps.*/\1/p' \
		/proc/net/pktgen/load0)
	asked=$((asked * RS_COPIES))
	((asked <= $(<"$LAB_DIR/rs.asked"))) || echo "$asked" >"$LAB_DIR/rs.asked"
	echo "$rate"
}

# rs_of CLIENTS: answers a second to one client, or to a million, each with an
# address of its own; by way of a gateway, as from a server
rs_of()
{
	local line=("src_min 11.0.0.1" "src_max 11.0.0.1" "flag !IPSRC_RND"
		"udp_src_min 4096" "udp_src_max 4096" "flag !UDPSRC_RND") rate

	(($1 == 1)) || line=("src_min 11.0.0.1" "src_max 11.15.66.64"
		"flag IPSRC_RND" "udp_src_min 4096" "udp_src_max 4096"
		"flag !UDPSRC_RND")
	lab_exec server ip route replace 11.0.0.0/8 via 203.0.113.158 \
		dev card0 onlink
	generate_rs 0 "${line[@]}"
	rate=$(per_second server card0 tx)
	generate_stop server
	lab_exec server ip route del 11.0.0.0/8
	echo "$rate"
}

# relay: Mbit/s that alice receives from a native host, by the relay
relay()
{
	local addr

	addr=$(global6 alice "$DEV")
	lab_exec web timeout 60 iperf3 -J -t 3 -M 1220 -c "$addr" |
		jq -e '.end.sum_received.bits_per_second / 1e6'
}

# profile COMMAND...: which functions run while COMMAND does
profile()
{
	local perf

	rm -f "$LAB_DIR/perf.up"
	# shellcheck disable=SC2016 # expanded by the inner shell
	perf record -q -a -e cpu-clock -F 5000 -o "$LAB_DIR/perf.data" -- \
		sh -c ': >"$0"; exec sleep 60' "$LAB_DIR/perf.up" \
		>"$LAB_DIR/perf.log" 2>&1 &
	perf=$!
	# It takes its time to begin.
	wait_for 20 perf test -e "$LAB_DIR/perf.up"
	"$@" >/dev/null
	kill -INT "$perf"
	wait "$perf" || :
	perf report --stdio -i "$LAB_DIR/perf.data" --sort symbol \
		--percent-limit 0.3 2>/dev/null | grep -v '^#' | grep .
}
