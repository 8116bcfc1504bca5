#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# peer6 icf6: what is told of as it happens, and the log.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=cli_lib.sh
. "$FW_DIR/cli_lib.sh"

log_has()
{
	grep -qE "$1" "$LOG"
}

fw_unmount()
{
	! mountpoint -q "$FW_TMP/log" || umount "$FW_TMP/log"
}

logd_start()
{
	# Not by a function, of which the process would be a shell.
	nsenter --net="/run/netns/$FW_ID-in" -- \
		"$peer6" icf6 logd "$LOG" "$@" 2>"$FW_TMP/logd" &
	logd=$!
	# The case is a subshell: whatever ends it, ends the writer.
	trap 'kill "$logd" 2>/dev/null || true; fw_unmount' EXIT
	await 10 'the log writer' grep -q '^writing' "$FW_TMP/logd"
}

logd_stop()
{
	trap fw_unmount EXIT
	kill "$logd"
	wait "$logd"
}

poke()
{
	fw in open udp 9
	fw in close udp 9
	[[ -s $FW_TMP/events ]]
}

monitors()
{
	local out=$FW_TMP/events pid

	ns in "$peer6" -j icf6 monitor --count=3 --timeout=60 >"$out" \
		2>"$FW_TMP/err" &
	pid=$!
	# The group has a listener once the kernel tells of a change, of which
	# the first poke may have both and may have only the closing.
	await 10 'the monitor' poke
	fw in open udp 10
	fw in close udp 10
	wait "$pid"
	is "lines" 3 "$(wc -l <"$out")"
	holds '.schema == "peer6.event/1" and .source == "firewall" and
		.event == "port" and .protocol == "udp"' tail -n 1 "$out"
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
	await 20 'DROP' log_has \
		"^[0-9-]{10} [0-9:]{8} DROP TCP $OUT $IN 42000 7001 60 S 1 0 65535 - - port RECEIVE\$"
	ns out python3 - <<-END
		import socket
		s = socket.create_connection(("$IN", 7000), timeout=5)
		s.sendall(b"x")
		assert s.recv(1) == b"x"
	END
	await 20 'OPEN-INBOUND' log_has \
		"OPEN-INBOUND TCP $OUT $IN [0-9]+ 7000( -){9}\$"
	is "UDP" reply "$(ns in python3 "$FW_DIR/probe.py" udp "$OUT" 7001)"
	await 20 'OPEN' log_has "OPEN UDP $IN $OUT [0-9]+ 7001( -){9}\$"
	ns in conntrack -D -f ipv6 >/dev/null
	n=$(grep -c ' OPEN' "$LOG")
	await 20 'each CLOSE' eval "[[ \$(grep -c ' CLOSE ' $LOG) == $n ]]"
	log_has "CLOSE UDP $IN $OUT [0-9]+ 7001( -){9}\$"
	log_has "CLOSE TCP $OUT $IN [0-9]+ 7000( -){9}\$"
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
}

# At the limit the file becomes .1; a full disk is counted, and then told.
rotates()
{
	local dir=$FW_TMP/log before

	mkdir "$dir"
	mount -t tmpfs -o size=64k log "$dir"
	LOG=$dir/log
	p6 icf6 set logging drops=yes rate=0
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
}

flows()
{
	ns in ping -n -c 1 -W 2 "$OUT"
	holds ".flows | map(select(.protocol == \"icmpv6\" and
		.from == \"$IN\" and .to == \"$OUT\")) | length == 1" \
		p6 -j icf6 show flows
}

plan 5
fw_unload
modprobe icf6
fw_pair
fw_serve in 7000 3540 3587
fw_serve out 7001
check "changes are told of as they happen" anew monitors
check "the log: DROP, OPEN, CLOSE" anew logs
check "what is not written is counted" anew counts
check "rotation, and a full disk" anew rotates
check "flows are listed" anew flows
finish
