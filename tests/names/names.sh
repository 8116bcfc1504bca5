#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Thirty name daemons: 27 with native IPv6 on one link, alice and bob behind a
# NAT each and carol on a public IPv4 address by Teredo. What is asked for is asked
# through getaddrinfo(), by programs that know nothing of PNRP.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../selftests/net/teredo/lib.sh
. "$here/../selftests/net/teredo/lib.sh"
# shellcheck source=../../scripts/lab/names.sh
. "$here/../../scripts/lab/names.sh"

SEED=web
NATIVE=("$SEED")
TEREDO=(alice bob carol)
PATH=$LAB_TREE/build:$PATH

for ((i = 1; i <= 26; i++)); do
	NATIVE+=("h$i")
done

native_address()
{
	case $1 in
	web)	REPLY=2001:db8:6::3 ;;
	*)	REPLY=2001:db8:6::1$(printf '%02d' "${1#h}") ;;
	esac
}

in_cloud()
{
	[[ $(names_cloud_state "$1" Global_) == active ]]
}

# finds HOST NAME ADDRESS: what getaddrinfo() gives there
finds()
{
	local got

	got=$(names_exec "$1" getent ahostsv6 "$2") || {
		printf '%s did not find %s\n' "$1" "$2"
		return 1
	}
	got=$(awk '$2 == "STREAM" { print $1 }' <<<"$got" | sort -u)
	[[ $got == "$3" ]] || {
		printf '%s got for %s:\n%s\nnot %s\n' "$1" "$2" "$got" "$3"
		return 1
	}
}

# comes_to_find HOST NAME ADDRESS: thirty daemons on one busy machine answer some
# message too late; a program would ask again
comes_to_find()
{
	wait_for 20 "$1 to find $2 at $3" finds "$@"
}

finds_nothing()
{
	local rc=0

	names_exec "$1" getent ahostsv6 "$2" || rc=$?
	is "exit status of getent" 2 "$rc"
}

all_publish()
{
	local host

	for host in "${TEREDO[@]}" "${NATIVE[@]}"; do
		names_exec "$host" peer6 -q publish "0.$host" Global_
	done
}

all_find_each_other()
{
	local host

	for host in "${TEREDO[@]}" "${NATIVE[@]}"; do
		wait_for 60 "the cloud of $host" in_cloud "$host"
	done
}

behind_two_nats()
{
	comes_to_find bob alice.pnrp.net "${TD_ADDR[alice]}"
	comes_to_find alice bob.pnrp.net "${TD_ADDR[bob]}"
	names_exec bob ping -n -c 1 -W 15 alice.pnrp.net
}

one_of_each_kind_finds_all()
{
	local host address

	for host in "${NATIVE[@]}"; do
		native_address "$host"
		comes_to_find alice "$host.pnrp.net" "$REPLY"
	done
	for host in "${TEREDO[@]}"; do
		comes_to_find h20 "$host.pnrp.net" "${TD_ADDR[$host]}"
	done
	for host in h1 h13 h26; do
		native_address "$host"
		address=$REPLY
		comes_to_find carol "$host.pnrp.net" "$address"
		comes_to_find h7 "$host.pnrp.net" "$address"
	done
}

secure_name()
{
	local name long

	names_exec alice peer6 -q id create alice
	name=$(names_exec alice peer6 -j id show | jq -r .identity.name)
	long=$(names_exec alice peer6 -j id show | jq -r .identity.host_name)
	names_exec alice peer6 -q publish "$name" Global_
	comes_to_find bob "$long" "${TD_ADDR[alice]}"
	is "secure" true "$(names_exec h3 peer6 -j resolve "$name" |
		jq '[.results[].secure] | all')"
}

owners_of_twin()
{
	REPLY=$(names_exec bob peer6 -j resolve 0.twin Global_ |
		jq '[.results[].owner] | unique | length')
	((REPLY == $1))
}

# Neighbours tell each other of the second one in a moment; there is no third.
two_owners()
{
	local host

	for host in h8 h9; do
		names_exec "$host" peer6 -q publish 0.twin Global_
	done
	wait_for 20 "both owners" owners_of_twin 2
	owners_of_twin 2
}

on_the_link()
{
	names_exec h1 peer6 -q publish 0.printer \
		"$(names_exec h1 peer6 -j pnrp cloud show list |
			jq -r '.clouds[] | select(.scope == "link_local").name')"
	# No other interface of h2 leads there, and without a zone none does.
	names_exec h2 ping -n -c 1 -W 15 printer.pnrp.net |
		grep -F 'from fe80::101%eth6:'
	finds_nothing bob printer.pnrp.net
}

# restart HOST: its daemon is killed outright, and started anew
restart()
{
	names_kill "$1"
	start "$1"
	wait_for 20 "the daemon of $1" names_ready "$1"
}

killed()
{
	restart alice
	wait_for 60 "alice's name to be back" \
		finds bob alice.pnrp.net "${TD_ADDR[alice]}"
	restart h4
	native_address h4
	wait_for 60 "h4's name to be back" finds h5 h4.pnrp.net "$REPLY"
}

without_the_seed()
{
	names_kill "$SEED"
	restart h7
	wait_for 60 "h7 to be in the cloud again" in_cloud h7
	wait_for 60 "h7 to find bob" finds h7 bob.pnrp.net "${TD_ADDR[bob]}"
}

address_changes()
{
	native_address h5
	ns h5 ip addr add 2001:db8:6::505/64 dev eth6 nodad
	ns h5 ip addr del "$REPLY/64" dev eth6
	wait_for 20 "bob to see h5's new address" \
		finds bob h5.pnrp.net 2001:db8:6::505
	wait_for 20 "h6 to see it" finds h6 h5.pnrp.net 2001:db8:6::505
}

unpublished()
{
	names_exec alice peer6 -q unpublish 0.alice
	finds_nothing bob alice.pnrp.net
	finds_nothing h11 alice.pnrp.net
}

# What one of our daemons sends another can read.
nothing_malformed()
{
	local host bad

	for host in alice bob h1 h7 h20; do
		bad=$(names_exec "$host" peer6 -j pnrp cloud show statistics |
			jq '[.statistics[].dropped | to_entries[] |
				select(.key | test("^(bad-|truncated|trailing)"))]
				| length')
		is "kinds of malformed datagrams at $host" 0 "$bad"
	done
}

start()
{
	names_daemon "$1" --seed 2001:db8:6::3
}

plan 12
td_lab port port
td_add relay role relay
lab_begin
for ((i = 1; i <= 26; i++)); do
	native_address "h$i"
	lab_web "h$i" "$REPLY/64"
done
lab_commit
for host in "${TEREDO[@]}"; do
	td_client "$host" default-route
done
td_qualify "${TEREDO[@]}"
for host in "${TEREDO[@]}"; do
	td_addr "$host"
done
names_install
for host in "${NATIVE[@]}" "${TEREDO[@]}"; do
	start "$host"
done
for host in "${NATIVE[@]}" "${TEREDO[@]}"; do
	wait_for 30 "the daemon of $host" names_ready "$host"
done

check "each publishes its name" all_publish
check "thirty daemons find each other" all_find_each_other
check "bob reaches alice by name behind two NATs" behind_two_nats
check "all are found by one of each kind" one_of_each_kind_finds_all
check "a secure name is found by its long host name" secure_name
check "two owners of an unsecured name are both seen" two_owners
check "a name on the link has its zone, and stays there" on_the_link
check "names survive kill -9" killed
check "a host comes back without the seed" without_the_seed
check "a changed address is published" address_changes
check "what is unpublished is gone" unpublished
check "no datagram was malformed" nothing_malformed
finish
