#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The firewall from its loading to its unloading: closed at once, what is asked
# for passes, what is opened is open and no more, and nothing is left behind.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# The initial namespace, by a device that was there before.
loads_closed()
{
	fw_unload
	ip link add fw0 type veth peer name eth1 netns "$FW_ID-out"
	ip link set fw0 up
	ip -n "$FW_ID-out" link set eth1 up
	ip addr add 2a00:7::1/64 dev fw0 nodad
	ip -n "$FW_ID-out" addr add 2a00:7::2/64 dev eth1 nodad
	fw_serve init 7000
	is "without the module" syn-ack \
		"$(probe out syn 2a00:7::1 7000 40001)"
	modprobe icf6
	is "with it" silent \
		"$(probe out syn 2a00:7::1 7000 40002)"
	is "the counter" 1 "$(fw init count in port fw0)"
	kill "${FW_PIDS[@]}"
	ip link del fw0
}

optin()
{
	is attached 0 "$(fw in conf | jq .attached)"
	refused "this network namespace is not filtered" fw in open tcp 22
	fw in attach
	fw in attach
	is attached 1 "$(fw in conf | jq .attached)"
	is ports "" "$(fw in ports)"
	is firewalled 1 "$(fw in dev eth0 | jq .firewalled)"
	fw in detach
	is attached 0 "$(fw in conf | jq .attached)"
	is open reply "$(fw_udp 7000)"
	fw in attach
}

silent()
{
	fw_counts in port 1 answer SYN silent fw_syn "$1"
	fw_counts in port 1 answer UDP silent fw_udp "$1"
}

# Neighbours find each other both ways, and only then is the echo dropped.
quiet_echo()
{
	local before after

	ip -n "$FW_ID-out" neigh flush all
	before=$(fw in count in icmp)
	! ns out ping -n -c 1 -W 1 "$IN" || return 1
	after=$(fw in count in icmp)
	is "echo requests" $((before + 1)) "$after"
	[[ $(ip -n "$FW_ID-out" neigh show "$IN" dev eth0) == *lladdr* ]]
}

goes_out()
{
	ip -n "$FW_ID-in" neigh flush all
	ns in ping -n -c 3 -i 0.2 -W 2 "$OUT"
	is SYN syn-ack "$(probe in syn "$OUT" 7001)"
	is UDP reply "$(probe in udp "$OUT" 7001)"
	is "its port is closed" icmp "$(probe in udp "$OUT" 7009)"
}

opens()
{
	fw in open tcp 7000 label=test
	fw in open tcp 7000 label=again
	is label again "$(fw in ports | jq -r .label)"
	fw_counts in port-open 1 answer TCP syn-ack fw_syn 7000 40010
	is "UDP, still" silent "$(fw_udp 7000)"
	fw in close tcp 7000
	fw in close tcp 7000
	is "TCP, closed again" silent "$(fw_syn 7000 40011)"
	fw in open tcp 1
	fw in open udp 65535
	is "nobody listens" rst "$(fw_syn 1 40012)"
	is "nobody listens" icmp "$(fw_udp 65535)"
	fw in conf stealth=on
	is "stealth" silent "$(fw_syn 1 40013)"
	is "stealth" silent "$(fw_udp 65535)"
	fw in conf stealth=off
	fw in close tcp 1
	fw in close udp 65535
}

per_device()
{
	fw in open udp 7000 dev=eth0
	is "open on the device" reply "$(fw_udp 7000)"
	fw in close udp 7000 dev=eth0
	fw in open udp 7000
	is "open globally" reply "$(fw_udp 7000)"
	fw in open udp 7000 ignore=eth0
	is "ignored" silent "$(fw_udp 7000)"
	fw in open udp 7000 dev=eth0
	is "open and ignored" reply "$(fw_udp 7000)"
	fw in reset
	is "after reset" silent "$(fw_udp 7000)"
	fw in dev eth0 firewalled=0
	is "not firewalled" reply "$(fw_udp 7000)"
	fw in dev eth0 firewalled=1
	is "firewalled" silent "$(fw_udp 7000)"
}

p2p()
{
	fw in conf p2p=on
	fw in conf p2p=on
	is entries 4 "$(fw in ports | wc -l)"
	is 3540/udp reply "$(fw_udp 3540)"
	is 3587/tcp syn-ack "$(fw_syn 3587 40020)"
	fw in conf p2p=off
	is entries "" "$(fw in ports)"
	is 3540/udp silent "$(fw_udp 3540)"
}

owned()
{
	local fd pid

	mkfifo "$FW_TMP/hold" "$FW_TMP/held"
	ns in python3 "$FW_DIR/icf6.py" hold udp 7000 \
		<"$FW_TMP/hold" >"$FW_TMP/held" &
	pid=$!
	exec {fd}>"$FW_TMP/hold"
	read -r _ <"$FW_TMP/held"
	is origin socket "$(fw in ports | jq -r .origin)"
	is held reply "$(fw_udp 7000)"
	exec {fd}>&-
	wait "$pid"
	is "after its end" "" "$(fw in ports)"
	is "after its end" silent "$(fw_udp 7000)"
}

# Established flows outlive their port, unless it is closed with flush.
flows()
{
	fw in open tcp 7000
	ns out python3 - <<-END
		import socket, subprocess
		fw = ["nsenter", "--net=/run/netns/$FW_ID-in", "python3",
		      "$FW_DIR/icf6.py"]
		s = socket.create_connection(("$IN", 7000), timeout=5)
		def echo():
		    s.sendall(b"x")
		    return s.recv(1)
		assert echo() == b"x"
		subprocess.check_call(fw + ["close", "tcp", "7000"])
		assert echo() == b"x"
		subprocess.check_call(fw + ["open", "tcp", "7000"])
		subprocess.check_call(fw + ["close", "tcp", "7000", "flush"])
		s.settimeout(1)
		try:
		    echo()
		except socket.timeout:
		    pass
		else:
		    raise SystemExit("it lives on")
	END
}

refuses()
{
	refused "ports are 1 to 65535" fw in open tcp 0
	refused "TCP (6) or UDP (17)" fw in open 132 22
	refused "no such device" fw in open tcp 22 dev=eth9
	refused "no such device" fw in open tcp 22 dev=lo
	refused EINVAL fw in open tcp 22 "label=$(printf '%064d' 0)"
	fw in open tcp 22 "label=$(printf '%063d' 0)"
	fw in close tcp 22
	refused "only the initial namespace" fw in conf lock=on
	refused EPERM ns in setpriv --bounding-set -all --inh-caps -all \
		--reuid 65534 --clear-groups python3 "$FW_DIR/icf6.py" \
		open tcp 22
	is ports "" "$(fw in ports)"
}

# log FIELD of the record in $line
log()
{
	jq -r ".log[\"$1\"]" <<<"$line"
}

logs()
{
	local fd line watch

	fw in conf drops=on opens=on
	fw in open udp 7000
	mkfifo "$FW_TMP/log"
	ns in python3 "$FW_DIR/icf6.py" watch log 3 >"$FW_TMP/log" &
	watch=$!
	exec {fd}<"$FW_TMP/log"
	read -r _ <&"$fd"
	fw_syn 7002 40030 >/dev/null
	read -r line <&"$fd"
	is record "drop port in 6 $OUT $IN 40030 7002 60 2 1 0 65535" \
		"$(log action) $(log reason-name) $(log dir) $(log proto) $(
		log src) $(log dst) $(log sport) $(log dport) $(log size) $(
		log tcp-flags) $(log tcp-seq) $(log tcp-ack) $(log tcp-win)"
	fw_udp 7000 >/dev/null
	read -r line <&"$fd"
	is record "open-inbound port-open 17 7000" \
		"$(log action) $(log reason-name) $(log proto) $(log dport)"
	probe in udp "$OUT" 7001 >/dev/null
	read -r line <&"$fd"
	is record "open outbound 17 7001" \
		"$(log action) $(log reason-name) $(log proto) $(log dport)"
	wait "$watch"
	fw in reset
}

locks()
{
	fw init conf lock=on
	! rmmod icf6 || return 1
	fw init conf lock=off
}

# With packets in all hooks, and connections that go on.
unloads()
{
	local i flood=()

	ns out ping -q -f -w 60 "$IN" >/dev/null &
	flood+=($!)
	ns in ping -q -f -w 60 "$OUT" >/dev/null &
	flood+=($!)
	for ((i = 0; i < 3; i++)); do
		rmmod icf6
		is "unfiltered" reply "$(fw_udp 7000)"
		modprobe icf6
		fw in conf >/dev/null
		fw in attach
		fw in conf drops=on opens=on forward=on
		is "filtered" silent "$(fw_udp 7000)"
	done
	kill "${flood[@]}"
	wait "${flood[@]}" || true
}

# Namespaces end while they are filtered and busy.
ends()
{
	local i flood

	for ((i = 0; i < 5; i++)); do
		fw_host a b
		fw a attach
		fw b attach
		fw_link a eth0 2a00:8::1 b eth0 2a00:8::2
		fw b conf echo-request=on opens=on
		ns a ping -q -f -w 20 2a00:8::2 >/dev/null &
		flood=$!
		await 10 "echo requests" fw_received b
		ip netns delete "$FW_ID-a"
		kill "$flood"
		wait "$flood" || true
		ip netns delete "$FW_ID-b"
	done
}

fw_received()
{
	(($(fw "$1" count in icmp-option) > 0))
}

plan 15
fw_host in out
fw_link in eth0 "$IN" out eth0 "$OUT"
fw_agent in out
check "from loading on everything is closed" loads_closed
fw_serve in 7000 3540 3587
fw_serve out 7001
check "a namespace is filtered when it is asked for" optin
check "a closed port is silent" silent 7000
check "a port that nobody has is silent" silent 7002
check "an echo request is, too; neighbours are found" quiet_echo
check "what goes out is answered" goes_out
check "a port is opened and closed" opens
check "ports and the firewall of one device" per_device
check "p2p opens its four ports" p2p
check "ports of a socket close with it" owned
check "what is wrong is refused in words" refuses
check "the log has what was dropped and what began" logs
check "flows outlive their port, unless they are not to" flows
check "unloading under traffic, and while it is locked" eval \
	'locks && unloads'
check "namespaces end under traffic" ends
finish
