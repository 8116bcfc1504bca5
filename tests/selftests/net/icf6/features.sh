#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the firewall can do beyond ports: module parameters, the time after
# loading on a running host, answers to own multicast, edge devices, rejection,
# forwarding, atomic replacement, events, and records that are lost.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

LAN=2a00:9::1 BEHIND=2a00:9::2

parameters()
{
	fw_load boot=off
	is enabled false "$(fw init conf | jq .conf.options.enabled)"
	fw_load netns=optin
	is attached 0 "$(fw init conf | jq .attached)"
	fw_load netns=all
	is attached 1 "$(fw in conf | jq .attached)"
	fw_host late
	is attached 1 "$(fw late conf | jq .attached)"
	ip netns del "$FW_ID-late"
	fw_unload
	! modprobe icf6 netns=some || return 1
	fw_load
	is attached 0 "$(fw in conf | jq .attached)"
	fw in attach
}

# FW-90: a connection goes on that the host did not begin after the hooks came.
grace()
{
	fw in detach
	ns in python3 - <<-END
		import socket, subprocess
		fw = ["python3", "$FW_DIR/icf6.py"]
		out = ["nsenter", "--net=/run/netns/$FW_ID-out"]
		listener = socket.create_server(("$IN", 7100),
		                                family=socket.AF_INET6)
		peer = subprocess.Popen(out + ["python3", "-c", """if True:
		    import socket, sys
		    s = socket.create_connection(("$IN", 7100))
		    for line in sys.stdin:
		        s.sendall(b"x")
		"""], stdin=subprocess.PIPE, text=True)
		s = listener.accept()[0]
		s.settimeout(3)
		subprocess.check_call(fw + ["attach"])
		def heard():
		    peer.stdin.write("\\n")
		    peer.stdin.flush()
		    try:
		        return s.recv(1) == b"x"
		    except socket.timeout:
		        return False
		assert heard(), "in the time of grace"
		peer.kill()
	END
	is grace 300 "$(fw in conf | jq .conf.grace)"
	(($(fw in count in grace) > 0))
	fw in conf grace=0
	is left 0 "$(fw in conf | jq '.conf["grace-left"]')"
}

# An answer to a query of the host's own, from the port that it went to or from
# another; without the option, with it, and without a query.
mcast_query()
{
	ns in python3 - "$@" <<-END
		import socket, struct, subprocess, sys
		index = socket.if_nametoindex("eth0")
		s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
		s.bind(("$IN_LL", 7200, 0, index))
		s.settimeout(1)
		# It is there before the three seconds begin.
		peer = subprocess.Popen(["nsenter",
		    "--net=/run/netns/$FW_ID-out", "python3", "-c", """if True:
		    import socket
		    index = socket.if_nametoindex("eth0")
		    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
		    s.bind(("$OUT_LL", 7201, 0, index))
		    print("ready", flush=True)
		    input()
		    s.sendto(b"!", ("$IN_LL", 7200, 0, index))
		    """], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
		    text=True)
		peer.stdout.readline()
		if "ask" in sys.argv:
		    s.sendto(b"?", ("ff02::4242", 7201, 0, index))
		peer.communicate("\n")
		try:
		    print("heard" if s.recv(1) == b"!" else "?")
		except socket.timeout:
		    print("silent")
	END
}

mcast_reply()
{
	answer "without the option" silent mcast_query ask
	fw in conf mcast-reply=on
	fw_counts in mcast-reply 1 answer "with it" heard mcast_query ask
	fw in conf mcast-reply=off
	fw in conf p2p=on
	fw_counts in mcast-reply 1 answer "by p2p" heard mcast_query ask
	fw in conf p2p=off
	# FW-61 needs no option.
	ns in ping -n -c 1 -W 2 ff02::1%eth0
	(($(fw in count in mcast-reply) > 2))
}

mcast_late()
{
	fw in conf mcast-reply=on
	answer "asked" heard mcast_query ask
	await 10 "the query to be forgotten" forgotten
	fw in conf mcast-reply=off
}

forgotten()
{
	[[ $(mcast_query) == silent ]]
}

edge()
{
	fw in dev eth0 edge=1
	fw in open udp 7000
	fw_counts in edge 1 answer "deny" silent fw_udp 7000
	fw in open udp 7000 edge=allow
	answer "allow" reply fw_udp 7000
	fw in open udp 7000 edge=app
	answer "app, no mark" silent fw_udp 7000
	fw in conf edge-mark=0x10
	answer "app, no consent" silent fw_udp 7000
	fw in reset
	is edge 0 "$(fw in dev eth0 | jq .edge)"
	fw in conf edge-default=allow
	fw in open udp 7000
	is edge '"allow"' "$(fw in ports | jq .edge)"
	fw in reset
}

# Teredo devices are edge devices by their kind.
edge_kind()
{
	ip -n "$FW_ID-in" link add t0 type teredo server 192.0.2.1
	is edge "1 1" "$(fw in dev t0 | jq -r '"\(.edge) \(.["edge-auto"])"')"
	ip -n "$FW_ID-in" link set t0 name t1
	is name t1 "$(fw in dev t1 | jq -r .ifname)"
	ip -n "$FW_ID-in" link del t1
	refused "no such device" fw in dev t1
}

# REC-34: after six seconds and not before; and only for TCP.
rejects()
{
	fw in conf reject=adm-prohibited
	ns out python3 - <<-END
		import sys, time
		sys.path.insert(0, "$FW_DIR")
		sys.dont_write_bytecode = True
		import probe
		probe.WAIT = 20
		begun = time.monotonic()
		assert probe.syn("$IN", 7002, 41000) == "icmp"
		took = time.monotonic() - begun
		assert took >= 6, took
	END
	answer "UDP" silent fw_udp 7002
	fw in conf reject=none
}

# The side of "out" is the outside of a host that shares its connection.
forwards()
{
	fw_host lan
	fw_link in eth1 "$LAN" lan eth0 "$BEHIND"
	ip -n "$FW_ID-lan" route add default via "$LAN"
	ip -n "$FW_ID-out" route add "$BEHIND/64" via "$IN"
	ns in sysctl -qw net.ipv6.conf.all.forwarding=1
	fw_serve lan 7300
	fw in dev eth1 firewalled=0
	is "not filtered" reply "$(probe out udp "$BEHIND" 7300)"
	fw in conf forward=on
	fw_counts forward port 1 is_behind silent
	fw_counts forward unfirewalled 1 from_inside
	fw_counts forward icmp-option 1 ns out ping -n -c 1 -W 3 "$BEHIND"
	fw in open udp 7300
	is_behind reply
	fw in reset
	ns in sysctl -qw net.ipv6.conf.all.forwarding=0
}

from_inside()
{
	is "from inside" reply "$(ns lan python3 "$FW_DIR/probe.py" \
		udp "$OUT" 7001)"
}

is_behind()
{
	is "from outside" "$1" "$(probe out udp "$BEHIND" 7300)"
}

# While the whole configuration is replaced by one that also has the port, no
# packet finds it closed.
replaces()
{
	local drops

	drops=$(fw in count in port)
	ns in python3 - <<-END
		import json, sys, threading, subprocess
		sys.path.insert(0, "$FW_DIR")
		sys.dont_write_bytecode = True
		import icf6
		fw = icf6.Icf6()
		ports = [{"proto": 17, "port": 7000}]
		fw.do("replace", port=ports)
		try:
		    fw.do("replace", port=ports + [{"proto": 17, "port": 0}])
		    sys.exit("port 0 was taken")
		except icf6.Refused:
		    pass
		left = [p["port"] for p in fw.dump("port-get")]
		assert len(left) == 1 and left[0]["port"] == 7000, left
		sender = subprocess.Popen(["nsenter",
		    "--net=/run/netns/$FW_ID-out", "python3", "-c", """if True:
		    import socket
		    heard = 0
		    for i in range(300):
		        # A socket each: no packet is part of a flow.
		        with socket.socket(socket.AF_INET6,
		                           socket.SOCK_DGRAM) as s:
		            s.settimeout(10)
		            s.sendto(b"x", ("$IN", 7000))
		            heard += len(s.recv(10))
		    print(heard)
		    """], stdout=subprocess.PIPE, text=True)
		many = [{"proto": 6, "port": p, "label": "many"}
		        for p in range(1, 2001)]
		rounds = 0
		while sender.poll() is None:
		    fw.do("replace", port=ports + many,
		          conf={"icmp": {"echo-request": True}})
		    fw.do("replace", port=ports)
		    rounds += 1
		assert sender.stdout.read() == "300\\n"
		assert rounds > 0
	END
	is drops "$drops" "$(fw in count in port)"
	fw in reset
}

# Exactly those that the bucket had no room for.
loses()
{
	fw in conf drops=on log-rate=1 log-burst=3
	ns in python3 - <<-END
		import subprocess, sys
		sys.path.insert(0, "$FW_DIR")
		sys.dont_write_bytecode = True
		import icf6
		fw, log = icf6.Icf6(), icf6.Icf6()
		log.join("log")
		subprocess.check_call(["nsenter",
		    "--net=/run/netns/$FW_ID-out", "python3", "-c", """if True:
		    import socket
		    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
		    for i in range(50):
		        s.sendto(b"x", ("$IN", 7400))
		    """])
		told = lost = 0
		while told + lost < 50:
		    name, values = log.event()
		    record = values["log"]
		    if record["action"] == "events-lost":
		        lost += record["lost"]
		    elif record.get("dport") == 7400:
		        told += 1
		assert told + lost == 50 and told >= 3 and lost > 0, (told, lost)
		assert fw.do("stats-get")["lost"] == lost
	END
	fw in reset
}

notifies()
{
	local event fd line watch

	mkfifo "$FW_TMP/events"
	ns in python3 "$FW_DIR/icf6.py" watch events 5 >"$FW_TMP/events" &
	watch=$!
	exec {fd}<"$FW_TMP/events"
	read -r _ <&"$fd"
	fw in open tcp 22
	fw in close tcp 22
	fw in conf stealth=on
	fw in dev eth0 firewalled=0
	fw in reset
	for event in port-add-ntf port-del-ntf conf-ntf dev-ntf replace-ntf; do
		read -r line <&"$fd"
		is event "$event" "$(jq -r .event <<<"$line")"
	done
	wait "$watch"
}

plan 12
fw_host in out
fw_link in eth0 "$IN" out eth0 "$OUT"
fw_agent in out init
check "module parameters" parameters
fw_serve in 7000
fw_serve out 7001
check "connections older than the firewall" grace
check "answers to own multicast" mcast_reply
check "for three seconds" mcast_late
check "edge devices" edge
if modprobe -q teredo && ip link help teredo 2>&1 | grep -q refresh; then
	check "Teredo devices are edge devices" edge_kind
else
	skip "Teredo devices are edge devices" "no module, or no plug-in for ip"
fi
check "rejection comes late" rejects
check "forwarding" forwards
check "replacing is atomic" replaces
check "lost records are counted" loses
check "changes are told" notifies
check "nothing is left" fw_unload
finish
