#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# peer6 icf6 against the module: what is said is done and shown, a second time
# in the words "unchanged", a refusal leaves everything as it was; files; the log.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

peer6=$FW_DIR/../../../../build/peer6
[[ -x $peer6 ]] || peer6=$(command -v peer6) || skip_all "there is no peer6"

p6()
{
	ns in "$peer6" "$@"
}

# says PATTERN COMMAND...: it succeeds and prints what the pattern matches
says()
{
	local pattern=$1 said
	shift

	said=$("$@")
	# shellcheck disable=SC2053 # the right side is a pattern
	[[ $said == $pattern ]] && return
	printf '%s: "%s", not "%s"\n' "$*" "$said" "$pattern"
	return 1
}

# holds FILTER COMMAND...: what jq makes of its JSON is true
holds()
{
	local filter=$1 said
	shift

	said=$("$@")
	jq -e "$filter" <<<"$said" >/dev/null && return
	printf '%s: not %s: %s\n' "$*" "$filter" "$said"
	return 1
}

# error CODE WORDS COMMAND...: three lines, the code and the words, and nothing
# of the configuration is another
error()
{
	local code=$1 words=$2 before said
	shift 2

	before=$(snapshot)
	if said=$("$@" 2>&1 >/dev/null); then
		printf 'not refused: %s\n' "$*"
		return 1
	fi
	if [[ $said != *"[$code]"* || $said != *"$words"* ||
		$(wc -l <<<"$said") != 3 || $said != *$'\nDo: '* ]]; then
		printf '%s: "%s", not [%s] "%s"\n' "$*" "$said" "$code" \
			"$words"
		return 1
	fi
	is "the configuration" "$before" "$(snapshot)"
}

snapshot()
{
	fw in conf | jq -S 'del(.conf["grace-left"])'
	fw in devs
	fw in ports
}

shows()
{
	says '*Firewall*: on*Devices*1, all firewalled*stealth*: no*' \
		p6 icf6 show
	holds '.schema == "peer6.icf6-config/1" and .attached and .enabled and
		.icmp_strict and (.p2p | not) and .mcast_boundary == 8' \
		p6 -j icf6 show config
	holds '.adapters | length == 1 and .[0].dev == "eth0" and
		.[0].firewalled and .[0].edge_auto' p6 icf6 show adapter -j
	holds '.icmp.too_big and (.icmp.echo_request | not)' p6 -j icf6 sh ic
	holds '(.drops or .opens | not) and .rate == 100 and .burst == 200 and
		.size == 4096 and (.file | endswith("/pfirewall-v6.log"))' \
		p6 -j firewall show logging
	says 'Device*eth0*yes*' p6 icf6 show adapter
	says '' p6 -q icf6 show globalport
	holds '.stats | length == 2' p6 -j icf6 show stats
	says 'All devices*Accepted*outbound*' p6 icf6 show stats
}

ports()
{
	says 'changed: TCP port 7000 is open on all devices' \
		p6 icf6 add port 7000 tcp 'Secure shell'
	is "the port" syn-ack "$(fw_syn 7000 41000)"
	says 'unchanged: TCP port 7000 is open on all devices' \
		p6 icf6 a p 7000 tcp
	is label 'Secure shell' "$(fw in ports | jq -r .label)"
	holds '.result == "unchanged"' p6 -j icf6 add port port=7000 prot=tcp
	says 'changed: *' p6 icf6 add port 7000 tcp edge=allow
	is 'what was not said stays' 'Secure shell' \
		"$(fw in ports | jq -r .label)"
	is edge allow "$(fw in ports | jq -r .edge)"
	says 'Description*Secure shell*7000*TCP*global*allow*all' \
		p6 icf6 show globalport
	says 'changed: TCP port 7000 is ignored on eth0' \
		p6 icf6 add ignore 7000 tcp eth0
	is ignored silent "$(fw_syn 7000 41001)"
	says 'changed: TCP port 7000 is open on eth0' \
		p6 icf6 add port 7000 tcp dev=eth0
	is "open and ignored" syn-ack "$(fw_syn 7000 41002)"
	says 'changed: *not open on eth0' p6 icf6 delete port 7000 tcp dev=eth0
	says 'changed: *not ignored*' p6 icf6 delete ignore 7000 tcp eth0
	says 'changed: TCP port 7000 is not open on all devices' \
		p6 icf6 delete port 7000 tcp flush=yes
	says 'unchanged: TCP port 7000 is not open on all devices' \
		p6 icf6 delete port 7000 tcp
	says $'changed: TCP *\nchanged: UDP *' p6 icf6 set globalport 7000 both
	is both 2 "$(fw in ports | wc -l)"
	says $'changed: TCP *not open*' \
		p6 icf6 set globalport 7000 both mode=disable
	is none "" "$(fw in ports)"
}

p2p()
{
	says 'changed: p2p no -> yes' p6 icf6 p2p on
	says 'unchanged: *' p6 icf6 p2p on
	is entries 4 "$(fw in ports | wc -l)"
	is 3540/udp reply "$(fw_udp 3540)"
	says '*not open*; it stays open while p2p is on' \
		p6 icf6 delete port 3540 udp
	says 'changed: p2p yes -> no' p6 icf6 set config p2p=off
	is entries "" "$(fw in ports)"
}

sets()
{
	says 'changed: stealth no -> yes, mdns no -> yes' \
		p6 icf6 set config stealth=yes mdns=on
	says 'changed: mdns yes -> no' p6 icf6 s c ste=y mdns=no
	holds '.stealth and (.mdns | not)' p6 -j icf6 show
	says 'changed: edgedefault deny -> app, edgemark 0x0 -> 0x10' \
		p6 icf6 set config edgedefault=app edgemark=0x10
	is echo silent "$(ns out ping -n -c 1 -W 1 "$IN" >/dev/null ||
		echo silent)"
	says 'changed: echorequest no -> yes' \
		p6 icf6 set icmp echorequest=yes
	ns out ping -n -c 1 -W 2 "$IN"
	says 'eth0 changed: *' p6 icf6 set icmp dev=eth0 echorequest=no
	says 'eth0 unchanged: *' p6 icf6 set icmp dev=eth0 echorequest=no
	is echo silent "$(ns out ping -n -c 1 -W 1 "$IN" >/dev/null ||
		echo silent)"
	says '*on eth0 instead*echorequest*: no' p6 icf6 show icmp
	says 'eth0 changed: *' p6 icf6 set icmp dev=eth0 echorequest=inherit
	ns out ping -n -c 1 -W 2 "$IN"
	says 'eth0 changed: firewall=no edge=auto' \
		p6 icf6 set adapter eth0 firewall=off
	says 'eth0 changed: firewall=yes edge=yes' \
		p6 icf6 set adapter eth0 yes edge=yes
	says 'eth0 changed: firewall=yes edge=auto' \
		p6 icf6 set adapter eth0 edge=auto
	is edge 0 "$(fw in dev eth0 | jq .edge)"
	says 'reset: *' p6 icf6 reset
	holds '.stealth or .p2p | not' p6 -j icf6 show
	says 'ended: *' p6 icf6 flush
}

refuses()
{
	error bad-value 'from 1 to 65535' p6 icf6 add port 0 tcp
	error bad-value 'from 1 to 65535' p6 icf6 add port 65536 tcp
	error unknown-word '"tcp"' p6 icf6 add port 22 tpc
	error bad-value '63 bytes' p6 icf6 add port 22 tcp \
		"$(printf '%064d' 0)"
	error no-device '"eth9"' p6 icf6 add port 22 tcp dev=eth9
	error no-device '"lo"' p6 icf6 set adapter lo firewall=no
	error no-device '"eth9"' p6 icf6 show stats eth9
	error permission 'initial namespace may lock' \
		p6 icf6 set config lock=yes stealth=yes
	error permission CAP_NET_ADMIN ns in setpriv --reuid 65534 \
		--clear-groups --bounding-set -all --inh-caps -all \
		"$peer6" icf6 add port 22 tcp
	error permission CAP_NET_ADMIN ns in setpriv --reuid 65534 \
		--clear-groups --bounding-set -all --inh-caps -all \
		"$peer6" icf6 monitor log
	error bad-value 'No such file' \
		p6 icf6 set logging drops=yes file=/nowhere/log
	error failed 'No such file' p6 icf6 logd /nowhere/log
	error refused 'not filtered' ns out "$peer6" icf6 add port 22 tcp
	says 'unchanged: *' p6 icf6 attach
	says 'changed: *not filtered' p6 icf6 detach
	says 'Firewall*: not in this network namespace' p6 icf6 show
	says 'changed: *is filtered' p6 icf6 attach
}

files()
{
	local file=$FW_TMP/icf6.conf text

	p6 icf6 add port 22 tcp 'Secure shell'
	p6 icf6 add port 80 tcp dev=eth0 edge=allow
	p6 icf6 set config stealth=yes reject=adm-prohibited
	p6 icf6 set icmp dev=eth0 echorequest=yes
	p6 icf6 p2p on
	says "saved: $file, 2 ports" p6 icf6 save "$file"
	says '*is good: 2 ports, 1 devices' p6 icf6 check "$file"
	says 'unchanged: *' p6 icf6 restore "$file"
	text=$(snapshot)
	p6 icf6 reset
	says 'changed: *' p6 icf6 restore "$file"
	is "what was restored" "$(jq -S 'del(.generation)' <<<"$text")" \
		"$(snapshot | jq -S 'del(.generation)')"

	# A device that is not there, and then comes.
	cat >>"$file" <<-END
		[device later0]
		firewall = no
		open = 90 udp edge=deny Later
	END
	says '*not there yet' p6 icf6 restore "$file"
	says 'saved: *, 3 ports' p6 icf6 save "$file"
	ip -n "$FW_ID-in" link add later0 type dummy
	is firewalled 1 "$(fw in dev later0 | jq .firewalled)"
	says 'changed: later0 *, 1 ports' p6 icf6 restore "$file" dev=later0
	is firewalled 0 "$(fw in dev later0 | jq .firewalled)"
	is label Later "$(fw in ports later0 | jq -r .label)"
	ip -n "$FW_ID-in" link del later0

	# One bad line, and nothing of the file counts.
	text=$(<"$file")
	printf '%s\nopen = 99999 tcp\n' "${text/stealth = yes/stealth = no}" \
		>"$file"
	error bad-value "line $(wc -l <"$file"):" p6 icf6 restore "$file"
	error bad-value "line $(wc -l <"$file"):" p6 icf6 save "$file"
	error not-found 'No such file' p6 icf6 restore "$FW_TMP/none"

	{
		printf '[ports]\n'
		printf 'open = %d tcp edge=deny Port of a test\n' \
			$(seq 1000 10999)
	} >"$file"
	says 'changed: *' p6 icf6 restore "$file"
	is "all of them" 10000 "$(fw in ports | wc -l)"
	says 'saved: *10000 ports' p6 icf6 save "$file"
	says 'unchanged: *' p6 icf6 restore "$file"
	p6 icf6 reset
}

# A full disk leaves the old file.
disk()
{
	local dir=$FW_TMP/small

	mkdir "$dir"
	mount -t tmpfs -o size=64k small "$dir"
	p6 icf6 save "$dir/conf"
	head -c 65536 /dev/zero >"$dir/fill" || true
	before=$(<"$dir/conf")
	p6 icf6 set config stealth=yes
	error failed 'No space left' p6 icf6 save "$dir/conf"
	is "the file" "$before" "$(<"$dir/conf")"
	is "the folder" $'conf\nfill' "$(ls "$dir")"
	p6 icf6 reset
	umount "$dir"
}

monitors()
{
	local out=$FW_TMP/events pid

	ns in "$peer6" -j icf6 monitor --count=4 --timeout=20 >"$out" \
		2>"$FW_TMP/err" &
	pid=$!
	# The group has a listener once the kernel tells of a change.
	await 10 'the monitor' eval \
		'fw in open udp 9; fw in close udp 9; [[ -s $out ]]'
	fw in open udp 10
	fw in close udp 10
	wait "$pid"
	is "lines" 4 "$(wc -l <"$out")"
	holds '.schema == "peer6.event/1" and .source == "firewall" and
		.event == "port" and .protocol == "udp"' tail -n 1 "$out"
}

log_has()
{
	grep -qE "$1" "$LOG"
}

logd_start()
{
	ns in "$peer6" icf6 logd "$LOG" "$@" 2>"$FW_TMP/logd" &
	logd=$!
	FW_PIDS+=("$logd")
	await 10 'the log writer' grep -q '^writing' "$FW_TMP/logd"
}

logd_stop()
{
	kill "$logd"
	wait "$logd"
}

logs()
{
	local n

	LOG=$FW_TMP/pfirewall-v6.log
	logd_start 4096
	p6 icf6 set logging drops=yes opens=yes
	p6 icf6 add port 7000 tcp
	head -n 4 "$LOG" | grep -q '^#Fields: date time action'
	is SYN silent "$(fw_syn 7001 42000)"
	await 5 'DROP' log_has \
		"^[0-9-]{10} [0-9:]{8} DROP TCP $OUT $IN 42000 7001 60 S 1 0 65535 - - port RECEIVE\$"
	ns out python3 - <<-END
		import socket
		s = socket.create_connection(("$IN", 7000), timeout=5)
		s.sendall(b"x")
		assert s.recv(1) == b"x"
	END
	await 5 'OPEN-INBOUND' log_has \
		"OPEN-INBOUND TCP $OUT $IN [0-9]+ 7000( -){10}\$"
	is "UDP" reply "$(ns in python3 "$FW_DIR/probe.py" udp "$OUT" 7001)"
	await 5 'OPEN' log_has "OPEN UDP $IN $OUT [0-9]+ 7001( -){10}\$"
	ns in conntrack -D -f ipv6 >/dev/null
	n=$(grep -c ' OPEN' "$LOG")
	await 5 'each CLOSE' eval "[[ \$(grep -c ' CLOSE ' $LOG) == $n ]]"
	log_has "CLOSE UDP $IN $OUT [0-9]+ 7001( -){10}\$"
	log_has "CLOSE TCP $OUT $IN [0-9]+ 7000( -){10}\$"
	is "fields" 17 \
		"$(grep -v '^#' "$LOG" | awk 'NF { print NF }' | sort -u)"
	logd_stop
}

# The rate is exact: what was not written is counted, FW-42.
counts()
{
	local lost

	LOG=$FW_TMP/rate.log
	p6 icf6 set logging drops=yes opens=no rate=1 burst=5
	logd_start
	ns out python3 - <<-END
		import socket
		s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
		for _ in range(200):
		    s.sendto(b"x", ("$IN", 7009))
	END
	await 10 'all of them' eval \
		"[[ \$(awk '\$3 == \"DROP\" { n++ }
			\$3 == \"INFO-EVENTS-LOST\" { n += \$16 }
			END { print n + 0 }' $LOG) == 200 ]]"
	lost=$(awk '$3 == "INFO-EVENTS-LOST" { n += $16 } END { print n }' \
		"$LOG")
	((lost >= 190))
	logd_stop
	p6 icf6 set logging rate=0 burst=default
}

# At the limit the file becomes .1; a full disk is counted, and then told.
rotates()
{
	local dir=$FW_TMP/log before

	mkdir "$dir"
	mount -t tmpfs -o size=64k log "$dir"
	LOG=$dir/log
	logd_start 8
	ns out python3 - <<-END
		import socket
		s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
		for _ in range(300):
		    s.sendto(b"x", ("$IN", 7009))
	END
	await 10 'the rotation' test -s "$LOG.1"
	is "headers" '#Version: 1.5' "$(head -n 1 "$LOG")"
	is "headers" '#Version: 1.5' "$(head -n 1 "$LOG.1")"
	(($(stat -c %s "$LOG") <= 8192 && $(stat -c %s "$LOG.1") <= 8192))
	logd_stop

	rm "$LOG" "$LOG.1"
	logd_start 0
	head -c 65536 /dev/zero >"$dir/fill" 2>/dev/null || true
	before=$(fw in count in port)
	ns out python3 - <<-END
		import socket
		s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
		for _ in range(200):
		    s.sendto(b"x", ("$IN", 7009))
	END
	await 10 'the complaint' grep -q 'No space left' "$FW_TMP/logd"
	is "still dropped" 200 $(($(fw in count in port) - before))
	rm "$dir/fill"
	await 10 'the word of what was lost' grep -q INFO-EVENTS-LOST "$LOG"
	await 10 'all of them' eval \
		"[[ \$(awk '\$3 == \"DROP\" { n++ }
			\$3 == \"INFO-EVENTS-LOST\" { n += \$16 }
			END { print n + 0 }' $LOG) == 200 ]]"
	grep -q 'is written again' "$FW_TMP/logd"
	logd_stop
	umount "$dir"
	p6 icf6 reset
}

flows()
{
	ns in ping -n -c 1 -W 2 "$OUT"
	holds ".flows | map(select(.protocol == \"icmpv6\" and
		.from == \"$IN\" and .to == \"$OUT\")) | length == 1" \
		p6 -j icf6 show flows
}

# Whoever asks has it loaded, and with it the initial namespace closed.
loads()
{
	local file=$FW_TMP/blacklist.conf

	fw_unload
	says 'Firewall*: on*' "$peer6" icf6 show
	[[ -d /sys/module/icf6 ]]
	fw_unload
	# shellcheck disable=SC2016 # not here
	if setpriv --bounding-set -sys_module --inh-caps -sys_module \
		"$peer6" icf6 show 2>"$file"; then
		# The kernel loads a family that is asked for by itself.
		[[ -d /sys/module/icf6 ]]
	else
		grep -q '^Do: ' "$file"
	fi
}

plan 13
fw_load
fw_pair
fw_serve in 7000 3540 3587
fw_serve out 7001
check "what there is is shown" shows
check "ports are opened and closed, once" ports
check "p2p, and what it holds open" p2p
check "switches, ICMPv6 and devices" sets
check "what is wrong is refused, and changes nothing" refuses
check "files: saved, restored, checked" files
check "a full disk leaves the file as it was" disk
check "changes are told of as they happen" monitors
check "the log: DROP, OPEN, CLOSE" logs
check "what is not written is counted" counts
check "rotation, and a full disk" rotates
check "flows are listed" flows
check "the module is loaded when it is asked for" loads
finish
