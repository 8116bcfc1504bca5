#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Names between daemons: published, resolved, kept and moved.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=lib.sh
. "$(cd "$(dirname "$0")" && pwd)/lib.sh"

A=2001:db8:1::a
B=2001:db8:1::b

clouds_have_names()
{
	same "$(pnrp a ListClouds | field '.clouds[] | [.name, .scope, (.scope_number | tostring), .interface // "-"] | join(" ")')" \
		"Global_ global 1 -
LinkLocal_2001:db8:1::/64 link_local 3 eth0"
	# A link without a prefix is told by its index.
	same "$(pnrp c ListClouds | field '.clouds[] | select(.scope == "link_local") | .name')" \
		"LinkLocal_ff00::%$(in_host c cat /sys/class/net/eth0/ifindex)/8"
	same "$(pnrp c ListClouds | field '.clouds[] | select(.name == "Global_") | .state')" \
		no_net
}

by_multicast()
{
	local reply

	reply=$(pnrp a Register '{"name": "0.alice", "comment": "the first", "payload_string": "hällo", "applications": [{"port": 22, "protocol": 6}]}')
	same "$(field '[.registrations[] | .cloud[:6]] | join(" ")' <<<"$reply")" \
		'Global LinkLo'
	wait_for 20 "alice in the global cloud" resolves b 0.alice $A \
		'"clouds": ["Global_"]'
	reply=$(pnrp b Resolve '{"name": "alice.pnrp.net", "clouds": ["Global"]}')
	same "$(field '.results[0] | [.name, .comment, .payload_string, .secure, .applications[0].port, .applications[0].protocol] | join(" ")' <<<"$reply")" \
		'0.alice the first hällo false 22 6'
}

link_local_scope()
{
	local reply index

	index=$(in_host b cat /sys/class/net/eth0/ifindex)
	wait_for 20 "alice on the link" resolves b 0.alice \
		"$(link_local a)" '"clouds": ["LinkLocal_"]'
	reply=$(pnrp b Resolve '{"name": "0.alice", "clouds": ["LinkLocal_"]}')
	same "$(field '.results[0] | [.applications[0].scope_id, .nodes[0].scope_id] | join(" ")' <<<"$reply")" \
		"$index $index"
}

# c has no global address: it can be found on the link, and finds there.
without_global()
{
	wait_for 20 "alice for c" resolves c 0.alice "$(link_local a)"
}

streamed()
{
	local out

	out=$(pnrp b Resolve '{"name": "0.alice", "steps": true, "clouds": ["Global_"], "max_results": 1}' --more)
	# Each reply but the last says that another comes.
	same "$(jq -s '[.[:-1][].continues] | all' <<<"$out")" true
	same "$(jq -s '.[-1].continues' <<<"$out")" null
	same "$(jq -s '[.[].parameters.results[]] | length' <<<"$out")" 1
	jq -e -s '[.[].parameters.steps[] | select(.verdict == "inquired")] | length == 1' <<<"$out"
	same "$(jq -s -r '.[-1].parameters.ends[0].reason' <<<"$out")" ok
}

# Whoever asks first thing after the start has nobody in his cache yet: the
# resolve looks for others before it says that there is nothing.
first_thing()
{
	same "$(resolve b 0.alice)" $A
	address c 2001:db8:1::c
	daemon c c2 --no-multicast --cloud global --port 4000 --seed $A
	same "$(resolve c2 0.alice)" $A
	stop c2
	no_address c 2001:db8:1::c
}

# The other way round: who registers is known at the seed at once, although the
# seed has no name and so nobody ever asked for it.
known_at_once()
{
	address c 2001:db8:1::c
	daemon b b3 --no-multicast --cloud global --port 4001
	daemon c c3 --no-multicast --cloud global --port 4001 \
		--seed "[$B]:4001"
	pnrp c3 Register '{"name": "0.at-c"}'
	wait_for 3 "the name in the seed's cache" cached b3 2001:db8:1::c
	same "$(resolve b3 0.at-c)" 2001:db8:1::c
	stop c3
	stop b3
	no_address c 2001:db8:1::c
}

cached()
{
	pnrp "$1" ListCache | jq -e ".parameters.cached | any(.[]; .endpoints[0].address == \"$2\")"
}

# Two owners of one unsecured name: both are found, and told apart.
two_owners()
{
	pnrp b Register '{"name": "0.shared"}'
	pnrp a Register '{"name": "0.shared"}'
	wait_for 20 "both of them" both_shared
}

both_shared()
{
	same "$(pnrp a Resolve '{"name": "0.shared", "max_results": 8, "timeout": 5, "clouds": ["Global_"]}' |
		field '[.results[].owner] | unique | length')" 2
}

secure()
{
	local name reply

	name=$(call a io.peer6.Identity.Create '{"classifier": "work"}' |
		field .identity.name)
	pnrp a Register "{\"name\": \"$name\"}"
	wait_for 20 "the secure name" resolves b "$name" $A \
		'"clouds": ["Global_"]'
	reply=$(pnrp b Resolve "{\"name\": \"$name\", \"clouds\": [\"Global_\"]}")
	same "$(field '.results[0].secure' <<<"$reply")" true
	same "$(field '.results[0].owner' <<<"$reply")" "${name%%.*}"
	# Another host has not the key.
	! reply=$(pnrp b Register "{\"name\": \"$name\"}") || return 1
	same "$(jq -r '.error + " " + .parameters.reason' <<<"$reply")" \
		'io.peer6.Pnrp.NotFound not-found'
	# Without the key there is no name.
	call a io.peer6.Identity.Delete "{\"identity\": \"$name\"}"
	same "$(pnrp a ListRegistrations "{\"name\": \"$name\"}" |
		field '.registrations | length')" 0
}

replaced()
{
	local before after

	before=$(pnrp a ListRegistrations '{"name": "0.alice", "clouds": ["Global_"]}')
	pnrp a Register '{"name": "0.alice", "applications": [{"port": 80, "protocol": 6}]}'
	after=$(pnrp a ListRegistrations '{"name": "0.alice", "clouds": ["Global_"]}')
	same "$(field '.registrations | length' <<<"$after")" 1
	same "$(field '.registrations[0] | [.id, .handle] | join(" ")' <<<"$after")" \
		"$(field '.registrations[0] | [.id, .handle] | join(" ")' <<<"$before")"
	wait_for 10 "the new port" resolved_port 80
}

resolved_port()
{
	same "$(pnrp b Resolve '{"name": "0.alice", "clouds": ["Global_"]}' |
		field '.results[0].applications[0].port')" "$1"
}

transient()
{
	local pid

	mkfifo "$P6_TMP/hold"
	python3 "$P6_CLIENT" --hold "$P6_TMP/a.sock" io.peer6.Pnrp.Register \
		'{"name": "0.while", "transient": true}' \
		<"$P6_TMP/hold" >"$P6_TMP/held" &
	pid=$!
	exec {hold}>"$P6_TMP/hold"
	wait_for 10 "0.while" test -s "$P6_TMP/held"
	same "$(pnrp a ListRegistrations '{"name": "0.while"}' |
		field '.registrations[0].transient')" true
	exec {hold}>&-
	wait "$pid"
	wait_for 5 "its end" no_registration a 0.while
}

no_registration()
{
	same "$(pnrp "$1" ListRegistrations "{\"name\": \"$2\"}" |
		field '.registrations | length')" 0
}

# The address goes: within a second nobody is told of it any more; it comes
# back, and the name has the same ID.
address_moves()
{
	local id t0 t1

	id=$(pnrp a ListRegistrations '{"name": "0.alice", "clouds": ["Global_"]}' |
		field '.registrations[0].id')
	lab_now
	t0=$REPLY
	no_address a $A
	address a 2001:db8:1::aa
	wait_for 5 "the new address in the registration" published a 0.alice \
		2001:db8:1::aa
	lab_now
	t1=$REPLY
	# The promise, with the patience of a busy machine.
	((t1 - t0 < 1000 * LAB_PATIENCE))
	wait_for 20 "the new address in the cloud" resolves b 0.alice \
		2001:db8:1::aa '"clouds": ["Global_"]'
	no_address a 2001:db8:1::aa
	wait_for 5 "a cloud without address" is_state a Global_ no_net
	address a $A
	wait_for 20 "the old address in the cloud" resolves b 0.alice $A \
		'"clouds": ["Global_"]'
	same "$(pnrp a ListRegistrations '{"name": "0.alice", "clouds": ["Global_"]}' |
		field '.registrations[0].id')" "$id"
}

published()
{
	same "$(pnrp "$1" ListRegistrations "{\"name\": \"$2\", \"clouds\": [\"Global_\"]}" |
		field '[.registrations[0].applications[].address] | join(" ")')" "$3"
}

link_goes()
{
	ip -n "$P6_ID-c" link add more0 type veth peer name more1
	ip -n "$P6_ID-c" link set more0 up
	ip -n "$P6_ID-c" link set more1 up
	wait_for 5 "a cloud for more0" has_cloud c more0
	ip -n "$P6_ID-c" link del more0
	wait_for 5 "its end" no_cloud c more0
	has_cloud c eth0
}

has_cloud()
{
	pnrp "$1" ListClouds | jq -e ".parameters.clouds | any(.[]; .interface == \"$2\")"
}

no_cloud()
{
	! has_cloud "$@"
}

killed()
{
	wait_for 10 "0.alice at $A" published a 0.alice $A
	stop a KILL
	start a
	same "$(pnrp a ListRegistrations '{"name": "0.alice"}' |
		field '[.registrations[] | [.handle, .cloud[:4]] | join(" ")] | join(",")')" \
		"1 Glob,1 Link"
	wait_for 30 "alice after the kill" resolves b 0.alice $A \
		'"clouds": ["Global_"]'
	same "$(pnrp a ListRegistrations '{"name": "0.while"}' |
		field '.registrations | length')" 0
}

# What leaves politely is not found a moment later.
leaves()
{
	pnrp a Unregister '{"name": "0.alice"}'
	wait_for 10 "nobody of that name" not_found b 0.alice
	pnrp a Register '{"name": "0.leaver"}'
	wait_for 20 "the leaver" resolves b 0.leaver $A '"clouds": ["Global_"]'
	stop a
	same "$REPLY" 0
	wait_for 10 "nobody of that name" not_found b 0.leaver
}

not_found()
{
	local reply

	! reply=$(pnrp "$1" Resolve "{\"name\": \"$2\", \"timeout\": 10, \"clouds\": [\"Global_\"]}") || return 1
	same "$(jq -r .parameters.reason <<<"$reply")" not-found
}

plan 15
hosts a b c
address a $A
address b $B
start a
start b
start c
wait_for 10 "a's link" has_cloud a eth0
wait_for 10 "c's link" has_cloud c eth0
check "clouds are named as Windows names them" clouds_have_names
check "a name is found by others on the link, found by multicast" by_multicast
check "link-local addresses keep their scope" link_local_scope
check "a host without global address resolves on the link" without_global
check "a resolve streams steps and results" streamed
check "a resolve first thing after the start finds" first_thing
check "who registers is known at the seed at once" known_at_once
check "an unsecured name may have two owners" two_owners
check "a secure name is its owner's" secure
check "registering again replaces, the ID stays" replaced
check "a transient name ends with its connection" transient
check "a name follows its address within a second" address_moves
check "a cloud comes and goes with its link" link_goes
check "registrations survive kill -9" killed
check "what leaves is not found any more" leaves
finish
