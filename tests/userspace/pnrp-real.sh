#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The command, the NSS module and an application of the library, each with the
# real daemon: two hosts on one link, one of which publishes.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/peer6d/lib.sh
. "$here/../peer6d/lib.sh"

peer6=$(realpath "${PEER6:-$P6_TREE/build/peer6}")

# p6 HOST ARGUMENTS...: the command there
p6()
{
	PEER6_SOCKET=$P6_TMP/$1.sock in_host "$1" timeout 60 "$peer6" "${@:2}"
}

# with_nss HOST COMMAND...: a program that knows nothing of PNRP
with_nss()
{
	PEER6_SOCKET=$P6_TMP/$1.sock LD_LIBRARY_PATH=$P6_TREE/build \
		in_host "$1" unshare -m "$here/with_nsswitch.sh" \
		"$P6_TMP/nsswitch.conf" timeout 60 "${@:2}"
}

is()
{
	[[ $2 == "$1" ]] || {
		printf 'got\n%s\nnot\n%s\n' "$2" "$1"
		return 1
	}
}

# fails STATUS CODE COMMAND...
fails()
{
	local status=0 want=$1 code=$2 err

	shift 2
	err=$("$@" 2>&1 >/dev/null) || status=$?
	is "$want" "$status"
	[[ $err == *"[$code]"* ]] || is "[$code]" "$err"
}

is_active()
{
	[[ $(p6 "$1" -j pnrp cloud show list |
		jq -r --arg cloud "$2" '.clouds[] | select(.name |
			startswith($cloud)) | .state') == active ]]
}

finds_alice()
{
	p6 b -q resolve alice.pnrp.net LinkLocal
}

publishes()
{
	local out

	out=$(p6 a publish alice.pnrp.net LinkLocal service=22 comment=laptop)
	[[ $out == *'0.alice (alice.pnrp.net) '*'unsecured: anyone may claim it' ]] ||
		is '...unsecured...' "$out"
	wait_for 60 'b to find alice' finds_alice
}

resolves()
{
	local out

	out=$(p6 b -j resolve 0.alice LinkLocal)
	is "$(link_local a) 22 6 laptop false 1" "$(jq -r '.owners as $n |
		.results[0] | [.applications[0].address,
		.applications[0].port, .applications[0].protocol, .comment,
		.secure, $n] | join(" ")' <<<"$out")"
	p6 b resolve alice.pnrp.net LinkLocal | grep '1 owner claims'
}

traces()
{
	p6 b pnrp peer traceroute 0.alice LinkLocal | grep 'Inquired$'
}

counts_owners()
{
	local n

	p6 b publish 0.alice LinkLocal service=80 >/dev/null
	n=$(p6 b -j resolve 0.alice LinkLocal max=8 | jq .owners)
	is 2 "$n"
	p6 b unpublish 0.alice LinkLocal >/dev/null
}

publishes_secured()
{
	local name

	p6 a id create garden friendly=Alice >/dev/null
	name=$(p6 a -j id show Alice | jq -r .identity.name)
	p6 a publish "$name" LinkLocal | grep 'secured$'
	wait_for 60 'b to find the secured name' p6 b -q resolve "$name"
	p6 b resolve "$name" | grep ', secured$'
	fails 5 not-found p6 b publish "$name"
}

exports()
{
	printf 'correct horse\n' >"$P6_TMP/password"
	printf 'wrong\n' >"$P6_TMP/wrong"
	p6 a --password-file="$P6_TMP/password" id export Alice \
		"$P6_TMP/alice.xml"
	is 600 "$(stat -c %a "$P6_TMP/alice.xml")"
	fails 9 wrong-password p6 b --password-file="$P6_TMP/wrong" \
		id import "$P6_TMP/alice.xml"
	p6 b --password-file="$P6_TMP/password" id import "$P6_TMP/alice.xml"
	is "$(p6 a -j id show Alice | jq -r .identity.name)" \
		"$(p6 b -j id show Alice | jq -r .identity.name)"
}

refuses()
{
	fails 2 bad-authority p6 a resolve 1.alice
	fails 2 bad-name p6 a resolve alice
	fails 5 no-cloud p6 a resolve 0.alice Nowhere
	fails 5 not-found p6 a unpublish 0.nothing
	fails 5 not-found p6 a id show nobody
	p6 a resolve 0.nobody LinkLocal --timeout=3 >/dev/null 2>&1 && return 1
	[[ $? == [56] ]]
}

shows_all()
{
	local what

	for what in list names statistics initialization seed pnrpmode cache; do
		p6 a pnrp cloud show "$what" >/dev/null
		p6 a -j pnrp cloud show "$what" | jq -e .schema >/dev/null
	done
	p6 a pnrp peer show registration | grep '^0.alice'
	p6 a pnrp peer show convertedname 0.MyApplication |
		grep ypplication-8va8m.p0.pnrp.net
	p6 a pnrp peer show machinename >/dev/null
	p6 a pnrp cloud flush LinkLocal >/dev/null
	p6 a pnrp cloud repair >/dev/null
	p6 a pnrp cloud set pnrpmode mode=default LinkLocal >/dev/null
	p6 a pnrp cloud start LinkLocal --timeout=0.1 >/dev/null
}

pings()
{
	p6 b pnrp diagnostics ping host "[$(link_local a)%eth0]:3540" LinkLocal |
		grep answered
}

monitors()
{
	p6 a -j pnrp monitor --count=1 --timeout=30 >"$P6_TMP/events" &
	local pid=$!

	for ((i = 0; i < 100; i++)); do
		[[ ! -s $P6_TMP/events ]] || break
		p6 a publish 0.event LinkLocal >/dev/null
		p6 a unpublish 0.event LinkLocal >/dev/null
	done
	wait "$pid"
	jq -e '.schema == "peer6.event/1" and .source == "pnrp"' \
		"$P6_TMP/events" >/dev/null
}

by_nss()
{
	local out

	out=$(with_nss b getent ahosts alice.pnrp.net)
	[[ $out == "$(link_local a) "* ]] || is "$(link_local a)" "$out"
	# getent does not print zones, ping does.
	with_nss b ping -6 -c 1 -w 30 alice.pnrp.net |
		grep "$(link_local a)%eth0.*: icmp_seq=1"
}

not_by_nss()
{
	local status=0

	with_nss b getent ahosts nobody.pnrp.net || status=$?
	is 2 "$status"
}

# Ends with its process, as registrations of Windows do.
by_library()
{
	local in

	gcc -Wall -Werror -fsanitize=address -I"$P6_TREE/include" \
		-o "$P6_TMP/transient" "$here/transient.c" \
		"$P6_TREE/build/libpeer6.so.0" -Wl,-rpath,"$P6_TREE/build"
	mkfifo "$P6_TMP/in"
	PEER6_SOCKET=$P6_TMP/a.sock in_host a "$P6_TMP/transient" 0.transient \
		LinkLocal <"$P6_TMP/in" >"$P6_TMP/said" &
	exec {in}>"$P6_TMP/in"
	wait_for 60 'it to publish' grep published "$P6_TMP/said"
	wait_for 60 'b to find it' p6 b -q resolve 0.transient LinkLocal
	p6 a pnrp peer show registration | grep '^0.transient'
	exec {in}>&-
	wait $!
	wait_for 30 'the daemon to notice' gone
}

gone()
{
	! p6 a pnrp peer show registration | grep '^0.transient'
}

plan 16
hosts a b
printf 'hosts: files pnrp [!UNAVAIL=return] dns\n' >"$P6_TMP/nsswitch.conf"
check 'without a daemon, that is said' fails 3 no-daemon \
	p6 a pnrp cloud show list
start a
start b
check 'a name is published, and found from the other host' publishes
check 'who found somebody is in an active cloud' \
	wait_for 60 'the cloud' is_active b LinkLocal
check 'it is found with what it stands for' resolves
check 'and how, step by step' traces
check 'two owners of one unsecured name are two' counts_owners
check 'a secured name is the key owner'\''s only' publishes_secured
check 'an identity moves to another host by its password only' exports
check 'what is wrong is refused' refuses
check 'each thing is shown' shows_all
check 'a node is pinged' pings
check 'events are seen' monitors
check 'getent and ping find the name, with its zone' by_nss
check 'and what nobody has, they do not' not_by_nss
check 'a registration of the library ends with its process' by_library
stop a
check 'a daemon that ended is absent' fails 3 no-daemon p6 a id list
finish
