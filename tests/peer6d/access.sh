#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Varlink socket: who may, what it says, and what it does with nonsense.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=lib.sh
. "$(cd "$(dirname "$0")" && pwd)/lib.sh"

# A group that exists everywhere, and a user who is in none.
GROUP=games
USER_ID=4242
GID=$(getent group $GROUP | cut -d: -f3) || skip_all "there is no group $GROUP"

# user GROUPS WORD...: the client as that user, with these supplementary groups
user()
{
	python3 "$P6_CLIENT" --as "$USER_ID${1:+,$1}" "${@:2}"
}

# user_call GROUPS METHOD [PARAMETERS]
user_call()
{
	user "$1" "$P6_TMP/a.sock" "${@:2}"
}

refused()
{
	local reply

	! reply=$(user_call '' io.peer6.Pnrp.ListClouds) || return 1
	same "$(jq -r '.error + " " + .parameters.group + " " + .parameters.reason' <<<"$reply")" \
		"io.peer6.Pnrp.PermissionDenied $GROUP no-access"
	jq -e ".parameters | (.message | contains(\"$GROUP\")) and (.why | contains(\"uid $USER_ID\")) and (.do | contains(\"usermod -aG $GROUP\"))" <<<"$reply"
	! reply=$(user_call '' io.peer6.Identity.Create) || return 1
	same "$(jq -r .error <<<"$reply")" io.peer6.Identity.PermissionDenied
	! reply=$(user_call '' io.peer6.Pnrp.Resolve '{"name": "0.x"}') || return 1
	same "$(jq -r .error <<<"$reply")" io.peer6.Pnrp.PermissionDenied
}

supplementary()
{
	user_call "$GID,12345" io.peer6.Pnrp.ListClouds
	# Another group is not enough.
	! user_call 12345 io.peer6.Pnrp.ListClouds || return 1
}

introspection()
{
	local file interface

	user_call '' org.varlink.service.GetInfo |
		jq -e '.parameters.interfaces | length == 4'
	for file in "$P6_TREE"/userspace/varlink/*.varlink; do
		interface=$(basename "$file" .varlink)
		user_call '' org.varlink.service.GetInterfaceDescription \
			"{\"interface\": \"$interface\"}" |
			jq -j .parameters.description | cmp - "$file"
	done
	user_call '' io.peer6.Service.GetVersion
}

everyone()
{
	printf '[access]\ngroup = %s\nresolve = everyone\n' $GROUP \
		>"$P6_TMP/a.conf"
	call a io.peer6.Service.Reload
	local reply
	! reply=$(user_call '' io.peer6.Pnrp.Resolve '{"name": "0.x", "timeout": 2}') || return 1
	same "$(jq -r .error <<<"$reply")" io.peer6.Pnrp.NotFound
	! reply=$(user_call '' io.peer6.Pnrp.Register '{"name": "0.x"}') || return 1
	same "$(jq -r .error <<<"$reply")" io.peer6.Pnrp.PermissionDenied
}

# Users do not see each other's identities, nor touch each other's names.
users_apart()
{
	local name reply

	name=$(user_call "$GID" io.peer6.Identity.Create '{"classifier": "mine"}' |
		field .identity.name)
	user_call "$GID" io.peer6.Pnrp.Register "{\"name\": \"$name\"}"
	same "$(call a io.peer6.Identity.List | field '.identities | length')" 0
	! reply=$(pnrp a Register "{\"name\": \"$name\"}") || return 1
	same "$(jq -r .parameters.reason <<<"$reply")" not-found
	pnrp a Register '{"name": "0.of-root"}'
	! user_call "$GID" io.peer6.Pnrp.Unregister '{"name": "0.of-root"}' || return 1
	same "$(user_call "$GID" io.peer6.Pnrp.ListRegistrations '{"all": true}' |
		field '[.registrations[].name] | unique | join(" ")')" "$name"
	# The machine's administrator sees and may end both.
	same "$(pnrp a ListRegistrations '{"all": true}' |
		field '[.registrations[].name] | unique | length')" 2
	pnrp a Unregister "{\"handle\": $(pnrp a ListRegistrations '{"all": true}' |
		field "[.registrations[] | select(.name == \"$name\")][0].handle")}"
	same "$(user_call "$GID" io.peer6.Pnrp.ListRegistrations |
		field '.registrations | length')" 0
	same "$(stat -c '%a %F' "$P6_TMP/a.state/identities/$USER_ID.db")" \
		'600 regular file'
}

identities()
{
	local name xml other

	name=$(call a io.peer6.Identity.Create '{"classifier": "home", "friendly_name": "At home"}' |
		field .identity.name)
	same "$(call a io.peer6.Identity.Get | field '.identity | [.name, .friendly_name, .is_default, .profile, .key_bits] | join(" ")')" \
		"$name At home true compatible 1024"
	call a io.peer6.Identity.Rename '{"friendly_name": "Elsewhere"}'
	same "$(call a io.peer6.Identity.Get '{"identity": "Elsewhere"}' |
		field .identity.name)" "$name"
	call a io.peer6.Identity.GetXml | field .xml | grep -q PEERIDENTITYINFO
	xml=$(call a io.peer6.Identity.Export '{"password": "tell nobody"}' |
		field .xml)
	same "$(call a io.peer6.Identity.DeriveName '{"classifier": "web"}' |
		field .name)" "${name%%.*}.web"
	call a io.peer6.Identity.Delete "{\"identity\": \"$name\"}"
	! other=$(call a io.peer6.Identity.Import "$(jq -n --arg x "$xml" '{xml: $x, password: "wrong"}')") || return 1
	same "$(jq -r '.error + " " + .parameters.reason' <<<"$other")" \
		'io.peer6.Identity.NotTrusted wrong-password'
	! other=$(call a io.peer6.Identity.Import "$(jq -n --arg x "${xml:0:500}" '{xml: $x, password: "tell nobody"}')") || return 1
	same "$(jq -r '.parameters.reason' <<<"$other")" corrupt
	same "$(call a io.peer6.Identity.Import "$(jq -n --arg x "$xml" '{xml: $x, password: "tell nobody"}')" |
		field .identity.name)" "$name"
	! other=$(call a io.peer6.Identity.Import "$(jq -n --arg x "$xml" '{xml: $x, password: "tell nobody"}')") || return 1
	same "$(jq -r '.error' <<<"$other")" io.peer6.Identity.Exists
}

# error NAME METHOD PARAMETERS
error_of()
{
	local reply

	! reply=$(call a "$1" "${2:-}") || return 1
	jq -r '.error + " " + (.parameters | [.parameter // .method // .interface // .reason][0])' <<<"$reply"
}

bad_calls()
{
	same "$(error_of io.peer6.Pnrp.Resolve '{"nme": "0.x"}')" \
		'org.varlink.service.InvalidParameter nme'
	same "$(error_of io.peer6.Pnrp.Resolve '{"name": 7}')" \
		'org.varlink.service.InvalidParameter name'
	same "$(error_of io.peer6.Pnrp.Resolve '{"name": "0.x", "timeout": 0}')" \
		'org.varlink.service.InvalidParameter timeout'
	same "$(error_of io.peer6.Pnrp.Resolve '{"name": "0.x", "max_results": 65}')" \
		'org.varlink.service.InvalidParameter max_results'
	same "$(error_of io.peer6.Pnrp.Explode '{}')" \
		'org.varlink.service.MethodNotFound io.peer6.Pnrp.Explode'
	same "$(error_of io.peer7.Pnrp.Resolve '{}')" \
		'org.varlink.service.InterfaceNotFound io.peer7.Pnrp'
	same "$(error_of nonsense '{}')" \
		'org.varlink.service.InterfaceNotFound nonsense'
	same "$(error_of io.peer6.Service.Monitor '{}')" \
		'org.varlink.service.ExpectedMore '
	same "$(error_of io.peer6.Pnrp.Resolve '{"name": "alice"}')" \
		'io.peer6.Pnrp.BadValue bad-name'
	same "$(error_of io.peer6.Pnrp.Resolve '{"name": "xyz.alice"}')" \
		'io.peer6.Pnrp.BadValue bad-authority'
	same "$(error_of io.peer6.Pnrp.Resolve "{\"name\": \"0.$(printf 'x%.0s' {1..150})\"}")" \
		'io.peer6.Pnrp.BadValue bad-classifier'
	same "$(error_of io.peer6.Pnrp.Resolve '{"name": "0.x", "clouds": ["Mars_"]}')" \
		'io.peer6.Pnrp.NotFound no-cloud'
	same "$(error_of io.peer6.Pnrp.ConvertName '{"name": "1.x.pnrp.net"}')" \
		'io.peer6.Pnrp.BadValue bad-host-name'
	same "$(error_of io.peer6.Pnrp.Register "{\"name\": \"0.x\", \"comment\": \"$(printf 'x%.0s' {1..40})\"}")" \
		'io.peer6.Pnrp.BadValue invalid-argument'
	same "$(error_of io.peer6.Pnrp.Register '{"name": "0.x", "applications": []}')" \
		'io.peer6.Pnrp.BadValue invalid-argument'
	same "$(error_of io.peer6.Pnrp.Register '{"name": "0.x", "applications": [{"address": "192.0.2.1", "port": 1}]}')" \
		'io.peer6.Pnrp.BadValue invalid-argument'
	same "$(error_of io.peer6.Pnrp.Register '{"name": "0.x", "payload_binary": "=="}')" \
		'io.peer6.Pnrp.BadValue invalid-argument'
	same "$(error_of io.peer6.Pnrp.Ping '{"cloud": "Global_", "host": "[::1"}')" \
		'io.peer6.Pnrp.BadValue invalid-argument'
}

# Meanwhile the address comes and goes, under whatever the calls have begun.
random_calls()
{
	local pid

	python3 "$P6_DIR/random_calls.py" "$P6_TMP/a.sock" 1 1500 \
		>"$P6_TMP/random" 2>&1 &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		no_address a 2001:db8:1::a
		wait_for 10 "a cloud without address" has_addresses a 0
		address a 2001:db8:1::a
		wait_for 10 "a cloud with an address" has_addresses a 1
	done
	wait "$pid" || {
		cat "$P6_TMP/random"
		return 1
	}
	answers a
}

has_addresses()
{
	same "$(pnrp "$1" ListClouds '{"clouds": ["Global_"]}' |
		field '.clouds[0].addresses | length')" "$2"
}

raw()
{
	python3 "$P6_CLIENT" --raw "$P6_TMP/a.sock"
}

# What is no Varlink ends the connection, and only that.
nonsense()
{
	printf 'GET / HTTP/1.1\r\n\r\n\0' | raw
	printf '{"method": "io.peer6.Service.GetVersion"\0' | raw
	printf '{"method": 5}\0' | raw
	printf '[]\0' | raw
	printf '{"method": "x.y", "parameters": []}\0' | raw
	printf '\0\0\0' | raw
	printf '{"method": "\xff\xfe"}\0' | raw
	head -c 300000 /dev/zero | tr '\0' '[' | raw
	head -c 200000 /dev/zero | tr '\0' '[' | { cat; printf '\0'; } | raw
	head -c 100000 /dev/urandom | raw
	answers a
}

pipelined()
{
	# Several at once, one of them oneway: answered in order.
	same "$({
		printf '{"method": "io.peer6.Pnrp.ConvertName", "parameters": {"name": "0.one"}}\0'
		printf '{"method": "io.peer6.Pnrp.ConvertName", "parameters": {"name": "0.two"}, "oneway": true}\0'
		printf '{"method": "io.peer6.Pnrp.Resolve", "parameters": {"name": "0.three", "timeout": 1}}\0'
		printf '{"method": "io.peer6.Pnrp.ConvertName", "parameters": {"name": "0.four"}}\0'
		# The writer's end does not take the answers away.
	} | pipelined_ask | jq -r '.parameters.name // .error' | paste -sd ' ')" \
		'0.one io.peer6.Pnrp.NotFound 0.four'
}

pipelined_ask()
{
	python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(60)
s.connect(sys.argv[1])
s.sendall(sys.stdin.buffer.read())
data = b""
while data.count(b"\0") < 3:
    data += s.recv(65536)
sys.stdout.write(data.replace(b"\0", b"\n").decode())
' "$P6_TMP/a.sock"
}

monitored()
{
	local pid

	: >"$P6_TMP/events"
	python3 "$P6_CLIENT" --more "$P6_TMP/a.sock" io.peer6.Service.Monitor \
		'{"kinds": ["registered", "unregistered"]}' >"$P6_TMP/events" &
	pid=$!
	wait_for 10 "the first reply" test -s "$P6_TMP/events"
	pnrp a Register '{"name": "0.seen"}'
	pnrp a Unregister '{"name": "0.seen"}'
	wait_for 10 "the events" seen_events
	kill "$pid"
	wait "$pid" || :
	# Those who come late hear what is held.
	same "$(timeout 5 python3 "$P6_CLIENT" --more "$P6_TMP/a.sock" \
		io.peer6.Service.Monitor '{"since": 0, "kinds": ["started"]}' |
		head -n 2 | jq -r '.parameters.event.kind // "begin"' |
		paste -sd ' ')" 'begin started'
}

seen_events()
{
	same "$(jq -r '.parameters.event | select(.name == "0.seen") | .kind' \
		"$P6_TMP/events" | sort | uniq | paste -sd ' ')" \
		'registered unregistered'
}

# Who asks and does not listen is thrown out, and the daemon stays small.
deaf()
{
	same "$(python3 "$P6_CLIENT" --deaf "$P6_TMP/a.sock" \
		org.varlink.service.GetInfo)" dropped
	answers a
}

crowd()
{
	local out

	# A user who is not root: 96 at a time.
	out=$(user "$GID" --flood "$P6_TMP/a.sock" 97)
	same "$(jq -r '.error // .parameters.version.program' <<<"$out" |
		paste -sd ' ')" 'io.peer6.Service.Failed peer6d'
	same "$(head -n 1 <<<"$out" | jq -r .parameters.reason)" busy
}

plan 15
hosts a
address a 2001:db8:1::a
printf '[access]\ngroup = %s\n' $GROUP >"$P6_TMP/a.conf"
start a
check "who is not in the group hears which one it is" refused
check "supplementary groups count" supplementary
check "the interfaces describe themselves, to everybody" introspection
check "users are kept apart" users_apart
check "identities are made, renamed, exported, imported" identities
check "wrong calls are told what is wrong" bad_calls
check "what is no Varlink harms nobody" nonsense
check "calls wait for each other" pipelined
check "events are told" monitored
check "who does not read is thrown out" deaf
check "a crowd is turned away, and told so" crowd
check "everyone may resolve where the configuration says so" everyone
check "random calls are all answered" random_calls
check "the socket is for all, so that all can be told" \
	same "$(stat -c %a "$P6_TMP/a.sock")" 666
check "the state is for nobody else" \
	same "$(stat -c %a "$P6_TMP/a.state" "$P6_TMP/a.state/host.key" | paste -sd ' ')" \
	'700 600'
finish
