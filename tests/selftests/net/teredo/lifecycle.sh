#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Devices come, move and go while packets run through them: the inner device
# in another network namespace than its socket, the end of either namespace,
# 200 devices made and deleted, another server, the module unloaded. Each
# device that was made has to be freed, and the kernel has nothing to say.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

CYCLES=200
# Each takes seconds where every access to memory is checked.
[[ ${PEER6_KERNEL:-} != debug ]] || CYCLES=40
OTHER=192.0.2.33
CONTROL=/proc/dynamic_debug/control

build()
{
	lab_begin
	lab_server server $SERVER $SERVER2 2001:db8:6::1/64
	lab_server other $OTHER 192.0.2.34 2001:db8:6::2/64
	lab_nat natA port outside=198.51.100.1/28 inside=10.0.1.1/24
	lab_nat natB port outside=203.0.113.1/28 inside=10.0.2.1/24
	lab_client alice natA 10.0.1.2
	lab_client bob natB 10.0.2.2
	lab_client doomed natA 10.0.1.3
	lab_host carol 203.0.113.100/28
	lab_new_ns inner
	lab_new_ns outlives
	lab_commit
}

# traffic HOST ARGUMENT...: until the case ends
traffic()
{
	local host=$1
	shift

	lab_spawn "$host" "$TD_TMP/traffic.$host" \
		python3 -u "$TD_DIR/traffic.py" "$@"
	TRAFFIC+=("$LAB_PID")
	wait_for 20 "traffic of $host" grep -q begun "$TD_TMP/traffic.$host"
}

# It has to have been traffic.
traffic_end()
{
	local pid log

	for pid in "${TRAFFIC[@]}"; do
		lab_kill "$pid"
	done
	for log in "$TD_TMP"/traffic.*; do
		cat "$log"
		grep -q '^sent [1-9]' "$log"
	done
	rm -f "$TD_TMP"/traffic.*
	TRAFFIC=()
}

sending()
{
	td_show "$1"
	td_get tx-packets
	((REPLY > 0))
}

passing()
{
	sending "$1" || return 1
	td_get rx-packets
	((REPLY > 0))
}

udp_ports()
{
	ns "$1" ss -Huan
}

has_port()
{
	[[ $(udp_ports "$1") == *":$2 "* ]]
}

no_port()
{
	! has_port "$1" "$2"
}

moves()
{
	TRAFFIC=()
	td_addr bob
	traffic alice inner "$REPLY"
	wait_for 20 "packets" sending alice
	ip -n "$LAB_ID-alice" link set teredo0 netns "$LAB_ID-inner"
	ip -n "$LAB_ID-inner" link set teredo0 up
	wait_for 20 "the moved device to qualify" td_in_state inner qualified
	td_addr inner
	td_addr bob
	td_ping inner "$REPLY"
	td_pings bob inner
	td_counts inner local_port=4001 mapped=198.51.100.1:4001
	has_port alice 4001
	is "sockets of the inner namespace" "" "$(udp_ports inner)"
	is "devices left behind" "" \
		"$(ip -n "$LAB_ID-alice" -br link show type teredo)"
	traffic_end
}

# The namespace of the device ends, that of the socket goes on.
inner_ends()
{
	TRAFFIC=()
	wait_for 20 "the moved device" td_in_state inner qualified
	td_get address
	traffic bob inner "$REPLY"
	td_addr bob
	traffic inner inner "$REPLY"
	wait_for 20 "packets" passing inner
	ip netns del "$LAB_ID-inner"
	# Processes in it keep it: its device goes with the last of these.
	traffic_end
	wait_for 20 "the socket to be closed" no_port alice 4001
}


# The namespace of the socket ends; the device says so, and goes when told.
socket_ends()
{
	TRAFFIC=()
	td_add doomed server "$SERVER" port 4002
	wait_for 20 "a device to qualify" td_in_state doomed qualified
	ip -n "$LAB_ID-doomed" link set teredo0 netns "$LAB_ID-outlives"
	ip -n "$LAB_ID-outlives" link set teredo0 up
	wait_for 20 "the moved device to qualify" td_in_state outlives qualified
	td_get address
	traffic bob inner "$REPLY"
	td_addr bob
	traffic outlives inner "$REPLY"
	wait_for 20 "packets" passing outlives
	ip netns del "$LAB_ID-doomed"
	wait_for 20 "the device to be offline" td_in_state outlives offline
	td_counts outlives error=netns-gone address=0
	td_counts outlives operstate=DOWN
	ip -n "$LAB_ID-outlives" link set teredo0 type teredo port 4003 &&
		return 1
	traffic_end
	ip -n "$LAB_ID-outlives" link del teredo0
}

# Each lives for a moment only, half of them long enough to be asked to carry
# something; the traffic is for the port that all of them have.
cycles()
{
	local i

	TRAFFIC=()
	traffic bob outer 203.0.113.100 4004
	td_addr bob
	traffic carol inner "$REPLY" 2001:0:c000:201::1
	for ((i = 0; i < CYCLES; i++)); do
		printf 'link add cycle%d type teredo server %s port 4004\n' \
			"$i" "$SERVER"
		printf 'link set cycle%d up\n' "$i"
		((i % 2)) || printf 'route add 2001::/32 dev cycle%d\n' "$i"
		((i % 4)) || printf 'link show dev cycle%d\n' "$i"
		printf 'link del cycle%d\n' "$i"
	done >"$TD_TMP/cycles"
	ip -n "$LAB_ID-carol" -d -s -batch "$TD_TMP/cycles" >"$TD_TMP/shown"
	is "devices shown" "$((CYCLES / 4))" \
		"$(grep -c 'teredo role client' "$TD_TMP/shown")"
	traffic_end
	no_port carol 4004
}

# Two devices of one host, each with a server, a port and an address of its own.
two_servers()
{
	local one two

	td_add alice server "$SERVER" port 4005
	ip -n "$LAB_ID-alice" -batch - <<-END
		link add teredo1 type teredo server $OTHER port 4006
		link set teredo1 up
	END
	td_addr alice
	one=$REPLY
	wait_for 20 "teredo1 to qualify" second_qualified
	td_get address
	two=$REPLY
	[[ $one == 2001:0:c000:201:* && $two == 2001:0:c000:221:* ]]
	td_addr bob
	ns alice ping -n -c 1 -w 15 -i 15 -I teredo0 "$REPLY"
	ns alice ping -n -c 1 -w 15 -i 15 -I teredo1 "$REPLY"
	td_ping bob "$one"
	td_ping bob "$two"
	ip -n "$LAB_ID-alice" link del teredo1
	td_ping bob "$one"
}

second_qualified()
{
	td_show alice teredo1
	td_get state
	[[ $REPLY == qualified ]]
}

with_server()
{
	td_in_state "$1" qualified
	td_get address
	[[ $REPLY == "$2"* ]]
}

# The device stays what it is, its address is of the other server, alone.
other_server()
{
	local ifindex

	td_show alice
	td_get ifindex
	ifindex=$REPLY
	ip -n "$LAB_ID-alice" link set teredo0 type teredo server "$OTHER"
	wait_for 20 "an address of the other server" \
		with_server alice 2001:0:c000:221:
	td_counts alice "ifindex=$ifindex" local_port=4005 server2=192.0.2.34
	td_get address
	TD_ADDR[alice]=$REPLY
	is "addresses" 1 "$(ip -n "$LAB_ID-alice" -6 -o addr show dev teredo0 |
		wc -l)"
	td_pings bob alice
	td_addr bob
	td_ping alice "$REPLY"
}

debug_on()
{
	echo 'module teredo +pm' >$CONTROL
}

messages()
{
	dmesg | sed "1,/$MARK/d"
}

# How often has the kernel said "DEVICE: WORD" since the mark?
said()
{
	messages | grep -c "teredo: .*: $1\$"
}

all_freed()
{
	[[ $(said created) == "$(said freed)" ]]
}

none_left()
{
	[[ $(</sys/module/teredo/refcnt) == 0 ]] && rmmod teredo
}

unload()
{
	TRAFFIC=()
	td_addr bob
	traffic alice inner "$REPLY"
	traffic bob outer 198.51.100.1 4005
	wait_for 20 "packets" passing alice
	wait_for 10 "the module to be free" none_left
	is "teredo devices" "" "$(ip -n "$LAB_ID-alice" -br link show type teredo)"
	no_port alice 4005
	no_port server 3544
	traffic_end
}

freed()
{
	printf 'created %s, freed %s\n' "$(said created)" "$(said freed)"
	wait_for 20 "all devices to be freed" all_freed
	between "devices made" "$((CYCLES + 6))" 999 "$(said created)"
}

works_again()
{
	modprobe teredo
	td_server
	td_client alice port 4005
	td_client bob
	td_qualify alice bob
	td_pings alice bob
}

quiet()
{
	messages | grep -iE 'unregister_netdevice|refcount|leak|warning:|bug:|oops|call trace|hung|stall' && return 1
	return 0
}

plan 10
for program in python3 ss rmmod; do
	command -v $program >/dev/null || skip_all "$program is not installed"
done
MARK="teredo selftest $$ begins"
echo "$MARK" >/dev/kmsg
[[ ! -w $CONTROL ]] || debug_on
lab_init
build
td_server
td_server other $OTHER 192.0.2.34
td_client alice port 4001
td_client bob
td_qualify bob
check "the device works from another namespace, its socket stays" moves
check "the namespace of the device ends under traffic" inner_ends
check "the namespace of the socket ends under traffic" socket_ends
check "$CYCLES devices are made and deleted under traffic" cycles
check "two devices on two servers" two_servers
check "a running device changes its server" other_server
check "the module is unloaded under traffic" unload
if [[ -w $CONTROL ]]; then
	check "every device was freed" freed
else
	skip "every device was freed" "the kernel has no dynamic debug"
fi
TD_ADDR=()
check "it is loaded again, and works" works_again
check "the kernel has nothing to say" quiet
finish
