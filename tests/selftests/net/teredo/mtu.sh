#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Sizes, counters, offloads, ECN: RFC 4380 section 5.1.2, RFC 6040.
#
# A capture on a veth pair shows a UDP checksum that is still to be finished,
# and a large packet that is still to be cut: that is how offloads are meant
# to be. What a host behind a real wire gets is seen by switching the sender's
# offload of checksums off (then nothing is left open or uncut), ahead of the
# NAT, which has to update a finished checksum, or behind it, where the NAT
# has changed an unfinished one.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
[[ -x /usr/bin/python3 ]] || skip_all "/usr/bin/python3 is not installed"

mtu_py()
{
	/usr/bin/python3 -B "$TD_DIR/mtu.py" "$@"
}

# tcp FROM TO BYTES: all of them arrive
tcp()
{
	is "bytes from $1 to $2" "$3" "$(mtu_py tcp "$(lab_ns "$1")" \
		"$(lab_ns "$2")" "${TD_ADDR[$1]}" "${TD_ADDR[$2]}" "$3")"
}

device_mtu()
{
	local host mtu

	for host in alice bob server relay; do
		mtu=$(ns "$host" cat /proc/sys/net/ipv6/conf/teredo0/mtu)
		is "MTU of $host" 1280 "$mtu"
	done
}

# web's packet for alice is forwarded by the relay
too_big()
{
	local out alice=${TD_ADDR[alice]}

	td_ping web "$alice"
	out=$(ns web ping -n -M "do" -s 1400 -c 1 -w 5 "$alice") || true
	printf '%s\n' "$out"
	[[ $out == *"2001:db8:6::2 icmp_seq=1 Packet too big: mtu=1280"* ]]
	out=$(ns web ip -6 route get "$alice")
	[[ $out == *" mtu 1280 "* ]]
	# 2048 bytes, now in fragments
	ns web ping -n -c 1 -i 15 -w 15 -s 2000 "$alice"
}

too_big_at_home()
{
	local out

	out=$(ns alice ping -n -M "do" -s 1400 -c 1 -w 5 "${TD_ADDR[bob]}" \
		2>&1) || true
	printf '%s\n' "$out"
	[[ $out == *"mtu: 1280"* || $out == *"mtu=1280"* ]]
}

# counters HOST: "TXB TXP RXB RXP" of the device, in COUNTERS
counters()
{
	local s=/sys/class/net/teredo0/statistics

	mapfile -t COUNTERS < <(lab_exec "$1" cat "$s/tx_bytes" "$s/tx_packets" \
		"$s/rx_bytes" "$s/rx_packets")
	((${#COUNTERS[@]} == 4))
}

# exact SIZE PACKETS BYTES: ten echo requests of SIZE bytes of data, each of
# them PACKETS IPv6 packets of BYTES bytes together, and as many replies
exact()
{
	local -a a b
	local i bob=${TD_ADDR[bob]}

	td_ping1 alice "$bob"		# the path is open, no bubbles needed
	counters alice
	a=("${COUNTERS[@]}")
	counters bob
	b=("${COUNTERS[@]}")
	ns alice ping -n -q -c 10 -i 0.01 -w 15 -s "$1" "$bob"
	counters alice
	for i in 0 1 2 3; do
		is "alice, counter $i" $((10 * (i % 2 ? $2 : $3))) \
			$((COUNTERS[i] - a[i]))
	done
	counters bob
	for i in 0 1 2 3; do
		is "bob, counter $i" $((10 * (i % 2 ? $2 : $3))) \
			$((COUNTERS[i] - b[i]))
	done
}

# Bubbles and solicitations are not the device's data.
own_traffic_is_not_counted()
{
	local -a a b

	counters alice
	a=("${COUNTERS[@]}")
	counters bob
	b=("${COUNTERS[@]}")
	ns bob peer6 teredo flush dev=teredo0
	ns alice peer6 teredo flush dev=teredo0
	td_ping1 alice "${TD_ADDR[bob]}"
	counters alice
	is "sent by alice" "104 1" "$((COUNTERS[0] - a[0])) $((COUNTERS[1] - a[1]))"
	counters bob
	is "sent by bob" "104 1" "$((COUNTERS[0] - b[0])) $((COUNTERS[1] - b[1]))"
	is "received by bob" "104 1" \
		"$((COUNTERS[2] - b[2])) $((COUNTERS[3] - b[3]))"
}

# Each packet is as long as it may be and no longer; none has DF.
outer_sizes()
{
	ns alice ip link set teredo0 gso_max_segs 1
	lab_count inet longest in 'ip protocol udp ip length 1308'
	lab_count inet longer in 'ip protocol udp ip length > 1308'
	lab_count inet df in 'ip protocol udp ip frag-off & 0x4000 != 0'
	tcp alice bob 500000
	# Of 410 or more segments of up to 1220 bytes most are full ones.
	between "packets of 1308 bytes" 300 500 "$(lab_counter inet longest)"
	is "longer packets" 0 "$(lab_counter inet longer)"
	is "packets with DF" 0 "$(lab_counter inet df)"
	ns alice ip link set teredo0 gso_max_segs 65535
}

# A segmentation left to the hardware goes over the virtual wire in one piece.
tcp_in_large_pieces()
{
	local -a a

	lab_count inet large in 'ip protocol udp ip length > 1500'
	lab_count inet all in "ip saddr 198.51.100.1 udp dport != 3544"
	counters alice
	a=("${COUNTERS[@]}")
	tcp alice bob 2000000
	counters alice
	# 2000000 bytes are 1640 segments of 1220 bytes or more.
	between "large packets" 20 900 "$(lab_counter inet large)"
	between "packets of alice on the wire" 20 900 \
		"$(lab_counter inet all)"
	is "of them with DF" 0 "$(lab_counter inet df)"
	between "bytes of alice's device" 2000000 2300000 $((COUNTERS[0] - a[0]))
}

udp_in_large_pieces()
{
	local alice=${TD_ADDR[alice]} bob=${TD_ADDR[bob]}

	lab_count inet large in 'ip protocol udp ip length 10088'
	is "datagrams of 1000 bytes received" 10 \
		"$(mtu_py udpgso "$(lab_ns alice)" "$(lab_ns bob)" "$alice" "$bob" \
			1000 10)"
	# 20 + 8 + 40 + 8 + 10 * 1000, less than 10 headers
	lab_count inet whole in 'ip protocol udp ip length > 10000'
	is "datagrams of 1232 bytes received" 16 \
		"$(mtu_py udpgso "$(lab_ns alice)" "$(lab_ns bob)" "$alice" "$bob" \
			1232 16)"
	is "of these, packets on the wire" 1 "$(lab_counter inet whole)"
}

# path_mtu MTU: of the link to natB
path_mtu()
{
	lab_exec inet ip link set natB mtu "$1"
	lab_exec natB ip link set wan mtu "$1"
}

stat_of()
{
	ns "$1" nstat -asz "$2" | awk -v n="$2" '$1 == n { print $2 }'
}

narrow_path()
{
	local made reassembled

	tcp alice bob 500000
	made=$(stat_of inet IpFragCreates)
	is "fragments on a path of 1500" 0 "$made"
	path_mtu 1300
	# 1240 + 40 + 28 = 1308: two fragments each way
	ns alice ping -n -q -c 5 -i 0.05 -w 15 -s 1232 \
		"${TD_ADDR[bob]}"
	is "fragments of five echo requests" 10 "$(stat_of inet IpFragCreates)"
	tcp alice bob 500000
	made=$(stat_of inet IpFragCreates)
	reassembled=$(stat_of natB IpReasmOKs)
	printf '%s fragments made, %s packets put together\n' "$made" \
		"$reassembled"
	((made >= 700 && reassembled >= 350))
	is "packets not put together" 0 "$(stat_of natB IpReasmFails)"
	tcp bob alice 500000
}

# seen_by_receiver HOST DEV: where checksums are finished
seen_by_receiver()
{
	local file=$LAB_DIR/sums.pcap out pid bob=${TD_ADDR[bob]}

	mtu_py offload "$(lab_ns "$1")" "$2" off
	lab_capture bob "$file" eth0 udp and src host 198.51.100.1
	pid=$LAB_PID
	tcp alice bob 300000
	ns alice ping -n -q -c 5 -i 0.05 -w 15 "$bob"
	ns alice peer6 teredo flush dev=teredo0
	td_ping1 alice "$bob"
	lab_capture_stop "$pid"
	mtu_py offload "$(lab_ns "$1")" "$2" on
	out=$(mtu_py checksums "$file")
	printf '%s\n' "$out"
	[[ $out =~ ^right=([0-9]+)\ wrong=0\ none=0\ inner_right=([0-9]+)\ inner_wrong=0\ longest=1308$ ]]
	# Of some 250; a slow machine's capture does not get all of a burst.
	((BASH_REMATCH[1] > 100 && BASH_REMATCH[2] > 100))
}

ecn()
{
	local want got drops

	td_show bob
	td_get ecn
	drops=${REPLY:?}
	td_ping1 alice "${TD_ADDR[bob]}"
	# inner, outer as sent, outer as received, delivered
	want='not-ect not-ect not-ect not-ect
ect1 ect1 not-ect ect1
ect0 ect0 not-ect ect0
ce ce not-ect ce
not-ect not-ect ect1 not-ect
ect1 ect1 ect1 ect1
ect0 ect0 ect1 ect1
ce ce ect1 ce
not-ect not-ect ect0 not-ect
ect1 ect1 ect0 ect1
ect0 ect0 ect0 ect0
ce ce ect0 ce
not-ect not-ect ce drop
ect1 ect1 ce ce
ect0 ect0 ce ce
ce ce ce ce'
	got=$(mtu_py ecn "$(lab_ns alice)" "$(lab_ns inet)" "$(lab_ns bob)" \
		"${TD_ADDR[alice]}" "${TD_ADDR[bob]}")
	diff <(printf '%s\n' "$want") <(printf '%s\n' "$got")
	td_counts bob "ecn=$((drops + 1))"
}

plan 16
td_lab port port
td_client alice default-route
td_client bob
td_add relay role relay
td_qualify alice bob
check "the MTU of all devices is 1280" device_mtu
check "the relay says packet too big, 1280" too_big
check "so does the sender's own device" too_big_at_home
check "counters: 10 packets of 56 bytes" exact 8 1 56
check "counters: 10 packets of 1280 bytes" exact 1232 1 1280
check "counters: 10 packets in 3 fragments" exact 3000 3 3152
check "counters: bubbles are not the device's" own_traffic_is_not_counted
check "the outer packet has up to 1308 bytes and never DF" outer_sizes
check "TCP super-packets stay whole" tcp_in_large_pieces
check "UDP super-packets stay whole" udp_in_large_pieces
check "a path of 1300 bytes: TCP in outer fragments" narrow_path
path_mtu 1500
check "checksums are right, finished ahead of the NAT" \
	seen_by_receiver alice eth0
check "checksums are right, finished behind the NAT" seen_by_receiver natA wan
check "checksums are right, finished by another router" \
	seen_by_receiver inet natB
check "ECN is copied out, and in as RFC 6040 says" ecn
check "alice and bob still reach each other" td_pings alice bob
finish
