#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Starting, ending, configuring: what peer6d needs, what it says when it has not
# got it, and that nothing is lost.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=lib.sh
. "$(cd "$(dirname "$0")" && pwd)/lib.sh"

# fails NAME STATUS TEXT [OPTION...]: the daemon NAME does not start in the host a
fails()
{
	local name=$1 want=$2 text=$3 status=0 out
	shift 3

	out=$(timeout 20 ip netns exec "$P6_ID-a" "$PEER6D" --user root \
		--state "$P6_TMP/$name.state" --socket "$P6_TMP/$name.sock" \
		"$@" 2>&1) || status=$?
	same "$status" "$want"
	grep -qF -e "$text" <<<"$out" || {
		printf '%s\nhas not\n%s\n' "$out" "$text"
		return 1
	}
	printf '%s\n' "$out"
}

second()
{
	local pid
	pid=$(<"$P6_TMP/a.pid")
	fails a 1 "another peer6d has the state in $P6_TMP/a.state [in-use]" \
		--config /dev/null --socket "$P6_TMP/other.sock" |
		grep -F "Process $pid holds"
	fails other 1 "cannot listen on $P6_TMP/a.sock [in-use]" \
		--config /dev/null --socket "$P6_TMP/a.sock"
	# The first one has noticed nothing.
	answers a
}

two_on_a_host()
{
	same "$(pnrp a ListClouds | field '[.clouds[].port] | unique | join(" ")')" \
		3540
	daemon a a2 --config /dev/null
	# The same addresses with the port taken: any other one, above 1024.
	pnrp a2 ListClouds | jq -e '[.parameters.clouds[].port] | all(. > 1024 and . != 3540)'
	start b
	pnrp a2 Register '{"name": "0.second", "applications": [{"port": 2, "protocol": 6}]}'
	pnrp a Register '{"name": "0.first", "applications": [{"port": 1, "protocol": 6}]}'
	wait_for 20 "the second's name at another host" resolves b 0.second \
		2001:db8:1::a '"clouds": ["Global_"]'
	wait_for 20 "the first's name at another host" resolves b 0.first \
		2001:db8:1::a '"clouds": ["Global_"]'
	stop b
	stop a2
	same "$REPLY" 0
}

chosen_port()
{
	daemon a a3 --port 4321 --cloud global
	same "$(pnrp a3 ListClouds | field '[.clouds[] | .name, .port] | join(" ")')" \
		'Global_ 4321'
	stop a3
}

stale_socket()
{
	daemon a a4
	stop a4 KILL
	test -S "$P6_TMP/a4.sock"
	daemon a a4
	stop a4
	! test -e "$P6_TMP/a4.sock" || return 1
	: >"$P6_TMP/plain.sock"
	fails plain 1 'File exists' --config /dev/null
	test -f "$P6_TMP/plain.sock"
}

options()
{
	fails x 2 '--port cannot be "80" [bad-value]' --port 80
	fails x 2 '--log cannot be "xml"' --log xml
	fails x 2 'peer6d takes options only' --log json start
	fails x 2 'is not valid [bad-value]' --cloud mars
	fails x 2 'it cannot be opened: No such file' --config "$P6_TMP/absent"
	fails x 1 'there is no user peer6-nobody-has-this [not-found]' \
		--config /dev/null --user peer6-nobody-has-this
	"$PEER6D" --version | grep '^peer6d '
	"$PEER6D" --help | grep -F -- '--state'
}

# The help and the manual page have the same options.
manual()
{
	same "$("$PEER6D" --help | grep -oE -- '--[a-z-]+' | sort -u)" \
		"$(sed -n 's/^\.It Fl -\([a-z-]*\).*/--\1/p' \
			"$P6_TREE/Documentation/man/peer6d.8" | sort -u)"
	# And its keys are those of peer6.conf(5) and of the example.
	same "$(sed -n 's/^#\?\([a-z-]*\) = .*/\1/p' "$P6_TREE/scripts/systemd/peer6.conf" | sort -u)" \
		"$(sed -n 's/^\.It Va //p' "$P6_TREE/Documentation/man/peer6.conf.5" | sort -u)"
	# What the example shows as the default is taken, uncommented.
	sed 's/^#\([a-z-]* = \)/\1/' "$P6_TREE/scripts/systemd/peer6.conf" \
		>"$P6_TMP/all.conf"
	"$PEER6D" --config "$P6_TMP/all.conf" --check
}

# conf TEXT WHAT: this configuration is refused for that reason
conf()
{
	printf '%b' "$1" >"$P6_TMP/bad.conf"
	fails x 2 "$2" --config "$P6_TMP/bad.conf" --check
}

configuration()
{
	conf '[pnrp]\nsead = x\n' 'Line 2: [pnrp] has no "sead"'
	conf 'seed = x\n' 'Line 1: a section has to come first'
	conf '[mars]\n' 'Line 1: there is no section [mars]'
	conf '[teredo]\nport-mapping = on\n' 'Line 2: "on" is not auto, nat-pmp, pcp, upnp or off'
	conf '[teredo]\nport-mapping-lease = 7\n' '"7" is no time of 8 to 86400 seconds'
	conf '[pnrp]\n\nport = 99999\n' 'Line 3: "99999" is no port'
	conf '[pnrp]\nrate-source = 0\n' 'is no rate of 1 to 100000'
	conf '[pnrp]\nmulticast = maybe\n' 'neither yes nor no'
	conf '[access]\nresolve = me\n' 'is not group or everyone'
	conf "[pnrp]\nseed = $(printf 'x%.0s' {1..2000})\n" 'Line 2: a line of over'
	# The example that is installed is taken.
	"$PEER6D" --config "$P6_TREE/scripts/systemd/peer6.conf" --check
}

# A wrong configuration changes nothing in a daemon that runs.
reload()
{
	local reply

	printf '[pnrp]\nseed = [2001:db8:1::b]:3540\n' >"$P6_TMP/a.conf"
	kill -HUP "$(<"$P6_TMP/a.pid")"
	wait_for 10 "the seed" has_seed '[2001:db8:1::b]:3540'
	printf '[pnrp]\nseed = x y\n' >"$P6_TMP/a.conf"
	! reply=$(call a io.peer6.Service.Reload) || return 1
	same "$(jq -r '.error + " " + .parameters.why' <<<"$reply")" \
		'io.peer6.Service.Failed Line 2: "x y" is no host.'
	kill -HUP "$(<"$P6_TMP/a.pid")"
	wait_for 10 "its complaint" logged a \
		'.level == "error" and (.message | contains("line 2"))'
	has_seed '[2001:db8:1::b]:3540'
	: >"$P6_TMP/a.conf"
	call a io.peer6.Service.Reload
	same "$(pnrp a ListSeeds | field '.seeds | length')" 0
}

has_seed()
{
	same "$(pnrp a ListSeeds | field '.seeds[0] | [.seed, .endpoints[0].address] | join(" ")')" \
		"$1 2001:db8:1::b"
}

# Without multicast a seed is what brings two together, and after a restart
# without the seed it is remembered.
seeded()
{
	start b --no-multicast --cloud global
	daemon a a5 --no-multicast --cloud global --port 5000 \
		--seed '[2001:db8:1::b]:3540' --seed seed.invalid
	pnrp b Register '{"name": "0.at-b"}'
	wait_for 30 "what b has" resolves a5 0.at-b 2001:db8:1::b
	same "$(pnrp a5 GetInitialization | field '.initialization[0] | [.multicast, .ssdp_searches, (.seeds | length), .known[0].address] | join(" ")')" \
		'false 0 2 2001:db8:1::b'
	same "$(pnrp a5 ListSeeds | field '.seeds[1].reason')" not-found
	same "$(pnrp a5 Ping '{"cloud": "Global_"}' | field '[.pongs[] | .reason // "ok"] | sort | join(" ")')" \
		'not-found ok'
	stop a5
	daemon a a5 --no-multicast --cloud global --port 5000
	wait_for 30 "what b has, without a seed" resolves a5 0.at-b \
		2001:db8:1::b
	stop a5
	stop b
}

resolve_only()
{
	local reply

	pnrp a SetMode '{"cloud": "Global_", "mode": "resolve_only"}'
	reply=$(pnrp a Register '{"name": "0.quiet", "clouds": ["Global_"]}')
	same "$(field '.registrations[0] | [.reason, .id] | join(" ")' <<<"$reply")" \
		'resolve-only '
	stop a
	start a
	same "$(pnrp a ListClouds | field '.clouds[] | select(.name == "Global_") | .mode')" \
		resolve_only
	pnrp a SetMode '{"cloud": "Global_", "mode": "default"}'
	pnrp a ListRegistrations '{"name": "0.quiet"}' |
		jq -e '.parameters.registrations[0].id | length == 64'
}

machine_name()
{
	pnrp a SetMachineName '{"name": "0.this-machine", "publish": true, "auto_publish": true}'
	stop a
	start a
	same "$(pnrp a GetMachineName | field '[.name, .published, .auto_publish] | join(" ")')" \
		'0.this-machine true true'
	pnrp a SetMachineName '{"publish": false, "auto_publish": false}'
	same "$(pnrp a GetMachineName | field '.published')" false
}

damaged()
{
	daemon a a6
	pnrp a6 Register '{"name": "0.kept"}'
	stop a6
	cp "$P6_TMP/a6.state/peer6.db" "$P6_TMP/whole.db"
	head -c 100 /dev/urandom >"$P6_TMP/a6.state/peer6.db"
	cp "$P6_TMP/a6.state/peer6.db" "$P6_TMP/damaged.db"
	fails a6 1 "peer6.db is damaged" --config /dev/null
	# Looked at, not touched.
	cmp "$P6_TMP/a6.state/peer6.db" "$P6_TMP/damaged.db"
	cp "$P6_TMP/whole.db" "$P6_TMP/a6.state/peer6.db"
	cp "$P6_TMP/a6.state/host.key" "$P6_TMP/whole.key"
	head -c 300 "$P6_TMP/whole.key" >"$P6_TMP/a6.state/host.key"
	fails a6 1 'host.key cannot be used [corrupt]' --config /dev/null
	cp "$P6_TMP/whole.key" "$P6_TMP/a6.state/host.key"
	chmod 640 "$P6_TMP/a6.state/host.key"
	fails a6 1 'host.key cannot be used [key-access]' --config /dev/null |
		grep -F 'Do: chmod 600'
	chmod 600 "$P6_TMP/a6.state/host.key"
	daemon a a6
	same "$(pnrp a6 ListRegistrations | field '.registrations[0].name')" 0.kept
	stop a6
}

full_disk()
{
	mkdir "$P6_TMP/full"
	mount -t tmpfs -o size=256k,mode=700 none "$P6_TMP/full"
	daemon a a7 --state "$P6_TMP/full"
	head -c 300000 /dev/zero >"$P6_TMP/full/filler" 2>/dev/null || :
	local reply i
	for ((i = 0; i < 100; i++)); do
		reply=$(pnrp a7 Register "{\"name\": \"0.n$i\", \"payload_string\": \"$(printf 'x%.0s' {1..2000})\"}") || break
	done
	same "$(jq -r '.parameters.reason' <<<"$reply")" disk-full
	answers a7
	rm "$P6_TMP/full/filler"
	pnrp a7 Register '{"name": "0.after"}'
	stop a7
	daemon a a7 --state "$P6_TMP/full"
	same "$(pnrp a7 ListRegistrations '{"name": "0.after"}' |
		field '.registrations[0].name')" 0.after
	same "$(pnrp a7 ListRegistrations | field '[.registrations[].name] | unique | length')" \
		$((i + 1))
	stop a7
	umount "$P6_TMP/full"
}

# Started as root it becomes another user, with no capability left.
privileges()
{
	local pid

	mkdir "$P6_TMP/run"
	chown daemon "$P6_TMP/run"
	ln -s run/s "$P6_TMP/a8.sock"
	daemon a a8 --user daemon --socket "$P6_TMP/run/s"
	pid=$(<"$P6_TMP/a8.pid")
	same "$(stat -c %U "$P6_TMP/a8.state" "/proc/$pid" | paste -sd ' ')" \
		'daemon daemon'
	same "$(sed -n 's/^\(CapEff\|CapPrm\|NoNewPrivs\):\t*//p' "/proc/$pid/status" | paste -sd ' ')" \
		'0000000000000000 0000000000000000 1'
	stop a8
}

notified()
{
	local got=$P6_TMP/notified

	python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
s.settimeout(60)
with open(sys.argv[2], "w") as f:
    while True:
        word = s.recv(1000).decode().split("\n")[0]
        f.write(word + "\n")
        f.flush()
        if word.startswith("STOPPING"):
            break
' "$P6_TMP/notify" "$got" &
	wait_for 10 "the listener" test -S "$P6_TMP/notify"
	NOTIFY_SOCKET=$P6_TMP/notify daemon a a9
	kill -HUP "$(<"$P6_TMP/a9.pid")"
	wait_for 10 "the reload" grep -q RELOADING "$got"
	stop a9
	wait
	same "$(paste -sd ' ' "$got")" 'READY=1 RELOADING=1 READY=1 STOPPING=1'
}

one_life()
{
	daemon a b5 --log-level debug
	stop b5
	# One object a line, numbered without a gap.
	same "$(jq -s '[.[].seq] == [range(1; length + 1)]' "$P6_TMP/b5.log")" \
		true
	same "$(jq -r -s '.[-1].kind' "$P6_TMP/b5.log")" cloud_removed
	logged a '.kind == "started"'
	logged a '.kind == "addresses" and .cloud == "Global_" and .addresses == ["[2001:db8:1::a]:3540"]'
	daemon a t5 --log text
	stop t5
	grep -qE '^[0-9T:.-]+Z info: peer6d .* is ready$' "$P6_TMP/t5.log"
}

# An end in the middle of a resolve is an end.
busy_end()
{
	local pid

	python3 "$P6_CLIENT" "$P6_TMP/a.sock" io.peer6.Pnrp.Synchronize \
		'{"cloud": "Global_", "host": "2001:db8:1::dead"}' >/dev/null
	python3 "$P6_CLIENT" --more "$P6_TMP/a.sock" io.peer6.Service.Monitor \
		>"$P6_TMP/monitor.out" &
	pid=$!
	wait_for 10 "the monitor" test -s "$P6_TMP/monitor.out"
	stop a INT
	same "$REPLY" 0
	wait "$pid" || :
	grep -q stopping "$P6_TMP/monitor.out"
	start a
}

plan 18
hosts a b
address a 2001:db8:1::a
address b 2001:db8:1::b
start a
check "a second daemon on the same state or socket is refused" second
check "two daemons on a host share its addresses" two_on_a_host
check "port and clouds can be chosen" chosen_port
check "a dead daemon's socket is replaced, nothing else is" stale_socket
check "wrong options are told" options
check "the manual pages and the example say what there is" manual
check "a wrong configuration is told, with its line" configuration
check "a reload takes what is right and nothing else" reload
check "seeds bring together, and are remembered" seeded
check "a cloud can be resolve-only, and stays so" resolve_only
check "the machine's own name" machine_name
check "a damaged state is told and not touched" damaged
check "a full disk is told, and nothing is lost" full_disk
check "no privilege is kept" privileges
check "the supervisor is told" notified
check "a log of one JSON object a line, or of text" one_life
check "an end in the midst of work" busy_end
check "a state folder that cannot be made is told" \
	fails x 1 'cannot be made [io-error]' --state /proc/x --config /dev/null
finish
