#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Proves from outside that the lab is what it says: each NAT type maps and
# filters as its definition, mappings live as long as set, links lose what
# they were told to lose, and a destroyed lab leaves nothing behind.

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../../scripts/lab/lib.sh
. "$here/../../scripts/lab/lib.sh"

PROBE=$here/udp_probe.py
S11=192.0.2.1:3478
S12=192.0.2.1:3479
S21=192.0.2.2:3478
S22=192.0.2.2:3479
CAROL=203.0.113.100:3478

KSFT_SKIP=4
TESTS=73
tests=0
failed=0
port=4000

if ((EUID != 0)); then
	echo "TAP version 13"
	echo "1..0 # SKIP network namespaces need root"
	exit $KSFT_SKIP
fi

# check DESCRIPTION EXPECTED ACTUAL
check()
{
	tests=$((tests + 1))
	if [[ $3 == "$2" ]]; then
		echo "ok $tests - $1"
	else
		echo "not ok $tests - $1"
		echo "# expected: $2"
		echo "# got: $3"
		failed=$((failed + 1))
	fi
}

# check_not DESCRIPTION UNWANTED ACTUAL
check_not()
{
	if [[ $3 != "$2" ]]; then
		check "$1" "$3" "$3"
	else
		check "$1" "anything but $2" "$3"
	fi
}

skip()
{
	tests=$((tests + 1))
	echo "ok $tests - $1 # SKIP $2"
}

# Each step probes from local ports no other step has used.
fresh()
{
	port=$((port + 10))
}

# The probe inside alice is one process for the whole test: to start one for
# each question would take most of the time on an emulated processor.
agent_start()
{
	mkfifo "$LAB_DIR/to_alice" "$LAB_DIR/from_alice"
	# Opened for both directions, so that neither side waits for the other.
	exec {TO_ALICE}<>"$LAB_DIR/to_alice" {FROM_ALICE}<>"$LAB_DIR/from_alice"
	# shellcheck disable=SC2016 # for the inner shell
	lab_spawn alice "$LAB_DIR/alice" sh -c 'exec "$0" agent <"$1" >"$2"' \
		"$PROBE" "$LAB_DIR/to_alice" "$LAB_DIR/from_alice"
}

alice()
{
	local answer

	echo "$*" >&"$TO_ALICE"
	if ! read -r -t 60 answer <&"$FROM_ALICE"; then
		sed 's/^/# alice: /' "$LAB_DIR/alice" >&2
		return 1
	fi
	echo "$answer"
}

seen_by()
{
	alice map "$@"
}

# For answers that are not expected to come.
seen_by_soon()
{
	alice patience 1 >/dev/null
	alice map "$@"
	alice patience 5 >/dev/null
}

test_types()
{
	local type want maps

	while read -r type want; do
		lab_nat_set natA "$type"
		fresh
		check "$type: maps and filters as defined" "$want" \
			"$(alice classify $port 192.0.2.1 192.0.2.2 3478 3479)"
	done <<-END
	cone mapping=endpoint first=kept rest=kept step=0 filter=any
	addr mapping=endpoint first=kept rest=kept step=0 filter=address
	port mapping=endpoint first=kept rest=kept step=0 filter=address-port
	port-nopreserve mapping=endpoint first=changed rest=changed step=0 filter=address-port
	portnd mapping=endpoint first=kept rest=kept step=0 filter=address-port
	upnp-port mapping=endpoint first=kept rest=kept step=0 filter=address-port
	upnp-symm mapping=address-port first=changed rest=changed step=varies filter=address-port
	pp-symm mapping=address-port first=kept rest=changed step=varies filter=address-port
	seq-symm mapping=address-port first=changed rest=changed step=1 filter=address-port
	random-symm mapping=address-port first=changed rest=changed step=varies filter=address-port
	addr-symm mapping=address-port first=changed rest=changed step=varies filter=address-port
	END

	# The kernel picks the outside address by a hash of the destination.
	lab_nat_set natA addr-symm
	fresh
	maps=$(seen_by $port 192.0.2.{3..26}:3478 | tr ' ' '\n' |
		cut -d: -f1 | sort -u)
	check_not "addr-symm: several outside addresses" 1 "$(wc -l <<<"$maps")"
	check "addr-symm: the first flow's address is no other's" 1 \
		"$(seen_by $((port + 1)) 192.0.2.{3..26}:3478 | tr ' ' '\n' |
			cut -d: -f1 | grep -c '^198.51.100.1$')"
	lab_nat_set natA random-symm
	fresh
	maps=$(seen_by $port 192.0.2.{3..26}:3478 | tr ' ' '\n' |
		cut -d: -f1 | sort -u)
	check "random-symm: one outside address" 198.51.100.1 "$maps"
}

# Ports that a UPnP gateway has mapped, one for each of the probe's two sockets.
test_upnp()
{
	local type want

	while read -r type want; do
		lab_nat_set natA "$type"
		fresh
		lab_nat_forward natA $port 10.0.1.2
		lab_nat_forward natA $((port + 1)) 10.0.1.2
		check "$type: a mapped port is open to anybody" "$want" \
			"$(alice classify $port 192.0.2.1 192.0.2.2 3478 3479)"
		lab_nat_forward natA $port
		lab_nat_forward natA $((port + 1))
	done <<-END
	upnp-port mapping=endpoint first=kept rest=kept step=0 filter=any
	upnp-symm mapping=address-port first=kept rest=changed step=varies filter=any
	END

	fresh
	lab_nat_forward natA $port 10.0.1.2
	seen_by $port $S11 >/dev/null
	check_not "upnp-symm: a new flow leaves from another port" \
		198.51.100.1:$port "$(seen_by $port $S12)"
	# Before alice has sent anything to S22, so that this is its flow.
	alice push $port $S11 $S22 198.51.100.1:$port >/dev/null
	check "upnp-symm: an answer leaves from the mapped port" \
		198.51.100.1:$port "$(seen_by $port $S22)"
	lab_nat_forward natA $port
}

# What the trap of a NAT without input drop is about: somebody sends to the
# mapping first, then the client sends to that somebody.
test_poison()
{
	local type want before

	for type in cone addr port portnd; do
		lab_nat_set natA $type
		fresh
		before=$(seen_by $port $S11)
		alice push $port $S11 $S22 "$before" >/dev/null
		if [[ $type == portnd ]]; then
			check_not "$type: an early packet bends the mapping" \
				"$before" "$(seen_by $port $S22)"
		else
			check "$type: an early packet leaves the mapping alone" \
				"$before" "$(seen_by $port $S22)"
		fi
		check "$type: the server sees the same mapping as before" \
			"$before" "$(seen_by $port $S11)"
	done
}

# All the waiting is done side by side, each type behind a NAT of its own.
test_lifetime()
{
	local type n=0 pids=() out=$LAB_DIR/life

	for type in cone addr port; do
		n=$((n + 1))
		lab_nat nat$type $type lifetime=5 inside=10.1.$n.1/24 \
			outside=203.0.113.$((128 + 32 * n))/27
		lab_client in$type nat$type 10.1.$n.2
		lifetime_ask $type-3 in$type 4001 $S11 3
		lifetime_ask $type-7 in$type 4002 $S11 7
	done
	lifetime_ask stranger-3 incone 4003 $S22 3
	lifetime_ask stranger-7 incone 4004 $S22 7
	lifetime_ask own-7 bob 4005 $S11 7
	wait "${pids[@]}"

	for type in cone addr port; do
		check "$type: lifetime 5 s: an answer after 3 s comes in" \
			$S11 "$(<"$out-$type-3")"
		check "$type: lifetime 5 s: an answer after 7 s does not" \
			nothing "$(<"$out-$type-7")"
	done
	check "cone: a stranger comes in while the mapping lives" \
		$S22 "$(<"$out-stranger-3")"
	check "cone: and not afterwards" nothing "$(<"$out-stranger-7")"
	check "the kernel's own lifetime outlives 7 s" $S11 "$(<"$out-own-7")"
}

lifetime_ask()
{
	lab_exec "$2" "$PROBE" ask "$3" $S11 "$4" "$5" >"$out-$1" &
	pids+=($!)
}

# Starts the peer on alice2; its mapping comes back in REPLY
peer_start()
{
	fresh
	lab_spawn alice2 "$LAB_DIR/peer" "$PROBE" peer $port $S11
	peer=$LAB_PID
	wait_for 10 "the peer's mapping" grep -q : "$LAB_DIR/peer"
	REPLY=$(<"$LAB_DIR/peer")
	fresh
}

test_hairpin()
{
	local type

	for type in cone addr port port-nopreserve; do
		lab_nat_set natA $type
		peer_start
		check "$type: no hairpinning unless asked for" nothing \
			"$(seen_by_soon $port "$REPLY")"
		lab_kill "$peer"

		lab_nat_hairpin natA outside
		peer_start
		check "$type: hairpinning from the outside address" \
			"$(seen_by $port $S11)" "$(seen_by $port "$REPLY")"
		lab_kill "$peer"
		lab_nat_hairpin natA off
	done
	lab_nat_set natA cone
	lab_nat_hairpin natA inside
	peer_start
	check "cone: hairpinning from the inside address" \
		10.0.1.1 "$(seen_by $port "$REPLY" | cut -d: -f1)"
	lab_kill "$peer"
	lab_nat_hairpin natA off
	lab_nat_set natA random-symm
	check "random-symm: hairpinning is refused" \
		"lab: NAT type 'random-symm' has no hairpinning [nat-hairpin]" \
		"$(lab_nat_hairpin natA outside 2>&1 | head -1)"
}

test_changes()
{
	local before

	lab_nat_set natA cone
	fresh
	seen_by $port $S11 >/dev/null
	before=$(stranger_in)
	lab_nat_flush natA
	check "flush: mappings worked before" in "$before"
	check "flush: a rebooted NAT knows no mapping" out "$(stranger_in)"
	seen_by $port $S11 >/dev/null
	check "flush: sending makes a new mapping" in "$(stranger_in)"

	lab_nat_addr natA 198.51.100.9
	fresh
	check "the outside address can change" \
		198.51.100.9:$port "$(seen_by $port $S11)"
	check "the new outside address is a cone too" \
		$S22 "$(alice ask $port $S11 $S22)"
	lab_nat_addr natA 198.51.100.1
	check "and change back" 198.51.100.1:$port "$(seen_by $port $S11)"

	lab_nat_set natA random-symm
	lab_nat_forward natA 7000 10.0.1.2 7001
	check "a reserved port is kept by a symmetric NAT" \
		"198.51.100.1:7000 198.51.100.1:7000" \
		"$(seen_by 7001 $S11 $S22)"
	check "a reserved port is open to anybody" $S22 \
		"$(alice ask 7001 $S11 $S22)"
	lab_nat_forward natA 7000
	check_not "until the reservation ends" 198.51.100.1:7000 \
		"$(seen_by 7001 $S11)"

	lab_nat_set natA port
	fresh
	check "two clients with one local port get two mappings" 2 \
		"$({ seen_by $port $S11; lab_exec alice2 "$PROBE" map $port $S11; } | sort -u | wc -l)"

	lab_nat natC cone outside=10.0.1.7/24 inside=10.0.3.1/24 uplink=natA
	lab_client dave natC 10.0.3.2
	fresh
	check "nested NATs: the outer one has its say" $S11,nothing \
		"$(lab_exec dave "$PROBE" ask $port $S11 $S11),$(lab_exec dave "$PROBE" ask $port $S11 $S12)"

	lab_nat lanD routed outside=10.0.1.8/24 inside=10.0.4.1/24 uplink=natA
	lab_client erin lanD 10.0.4.2
	check "a routed subnet has addresses of its own" 10.0.4.2 \
		"$(tell_source erin 10.0.1.2)"
}

# tell_source HOST ADDRESS: the address that alice sees it by
tell_source()
{
	lab_count alice from in "ip saddr 10.0.4.2 icmp type echo-request"
	lab_exec "$1" ping -c1 -W5 "$2" >/dev/null
	[[ $(lab_counter alice from) == 1 ]] && echo 10.0.4.2
	lab_untap alice from
}

# Whether a stranger's packet to the mapping of $port reaches alice's side.
stranger_in()
{
	local seen

	lab_count alice stranger in "udp dport $port ip saddr 203.0.113.100"
	# carol is told by her own probe to send there, then waits for herself.
	lab_exec carol "$PROBE" push 9000 $CAROL $CAROL 198.51.100.1:$port >/dev/null
	# Same path, later: once this is through, so is what went before.
	lab_exec natA ping -c1 -W5 10.0.1.2 >/dev/null
	seen=$(lab_counter alice stranger)
	lab_untap alice stranger
	((seen == 0)) && echo out || echo in
}

test_links()
{
	local t rtt

	lab_nat_set natA port
	lab_drop_first inet two in 2 "ip saddr 198.51.100.1 udp dport 3478"
	fresh
	check "the first packets of a kind can be lost" "nothing nothing 198.51.100.1:$port" \
		"$({ seen_by_soon $port $S11 $S11; seen_by $port $S11; } | xargs)"
	check "and the counter tells how many" 2 "$(lab_counter inet two)"
	lab_untap inet two

	lab_count server in in "udp dport 3478"
	for t in 1 2 3; do
		seen_by $port $S11 >/dev/null
	done
	check "counters are exact" 3 "$(lab_counter server in)"
	lab_untap server in

	lab_lose_direct natA natB
	lab_lose_indirect natA server
	check "bubbles alone are taken for bubbles" "0 0" \
		"$(seen_by $port $S11 >/dev/null
		{ lab_counter inet lose_direct_natA_natB
		  lab_counter inet lose_indirect_natA; } | xargs)"
	lab_untap inet lose_direct_natA_natB
	lab_untap inet lose_indirect_natA

	lab_link_down alice
	check "a pulled cable" nothing "$(seen_by_soon $port $S11)"
	lab_link_up alice
	wait_for 20 "the link" lab_exec alice ping -c1 -W1 192.0.2.1
	check "is plugged in again" 198.51.100.1:$port "$(seen_by $port $S11)"

	if ! lab_link_delay bob 50ms 2>/dev/null; then
		skip "delay of a link" "no netem in this kernel"
		skip "loss of a link" "no netem in this kernel"
		skip "a perfect link again" "no netem in this kernel"
		return
	fi
	rtt=$(lab_exec bob ping -c1 -W5 192.0.2.1 | sed -n 's/.*time=\([0-9]*\).*/\1/p')
	check "a link delayed by 50 ms each way takes 100 ms" yes \
		"$( ((rtt >= 100)) && echo yes || echo "$rtt ms")"
	lab_link_delay bob 0
	lab_link_loss bob 100
	check "a link that loses all" 1 \
		"$(lab_exec bob ping -c1 -W1 192.0.2.1 >/dev/null && echo 0 || echo 1)"
	lab_link_loss bob 0
	check "a perfect link again" 0 \
		"$(lab_exec bob ping -c1 -W5 192.0.2.1 >/dev/null && echo 0 || echo 1)"
}

test_capture()
{
	local file=$LAB_DIR/cap.pcap

	lab_capture natB "$file" wan udp
	lab_exec bob "$PROBE" map 4000 $S11 >/dev/null
	lab_capture_stop "$LAB_PID"
	check "a capture holds what passed" 2 \
		"$(tcpdump -nr "$file" 2>/dev/null | wc -l)"
}

test_native()
{
	check "web reaches the relay over native IPv6" 0 \
		"$(lab_exec web ping -c1 -W5 2001:db8:6::2 >/dev/null && echo 0 || echo 1)"
	check "clients have no IPv6" "" \
		"$(ip -n "$(lab_ns alice)" -6 addr show dev eth0)"
}

test_two_labs()
(
	local first=$LAB_ID other

	LAB_NO_TRAP=1
	lab_init "lab$$two"
	other=$LAB_ID
	lab_standard cone cone
	lab_spawn alice "$LAB_DIR/sleeper" sleep 1000
	echo "$other $LAB_PID"
	lab_destroy
	lab_attach "$first"
)

lab_init
lab_standard cone cone
lab_client alice2 natA 10.0.1.3
ip -n "$(lab_ns server)" -batch - <<<"$(printf 'addr add %s/27 dev eth0\n' 192.0.2.{3..26})"
lab_spawn server "$LAB_DIR/server" "$PROBE" serve $S11 $S12 $S21 $S22 192.0.2.{3..26}:3478
agent_start
lab_spawn carol "$LAB_DIR/carol" "$PROBE" serve $CAROL
wait_for 10 "the server to listen" grep -q ready "$LAB_DIR/server"
wait_for 10 "carol to listen" grep -q ready "$LAB_DIR/carol"

echo "TAP version 13"
echo "1..$TESTS"
test_types
test_upnp
test_poison
test_lifetime
test_hairpin
test_changes
test_links
test_capture
test_native

read -r other sleeper <<<"$(test_two_labs)"
check "a destroyed lab leaves no namespace" 0 \
	"$(ip netns list | grep -c "^$other-" || true)"
check "and no process" gone "$([[ -d /proc/$sleeper ]] && echo there || echo gone)"
check "and no file" gone "$([[ -e $LAB_BASE/$other ]] && echo there || echo gone)"
check "while the other lab goes on" 0 \
	"$(lab_exec alice ping -c1 -W5 192.0.2.1 >/dev/null && echo 0 || echo 1)"

if ((tests != TESTS)); then
	echo "# planned $TESTS, ran $tests"
	exit 1
fi
((failed == 0))
