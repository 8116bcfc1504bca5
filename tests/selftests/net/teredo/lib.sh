# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For the tests of the Teredo driver: source this file from bash. A test is
#
#	. "$(dirname "$0")/lib.sh"
#	plan 3			# so many cases
#	td_lab port addr	# the lab's topology, with a server in it
#	check "alice reaches bob" td_pings alice bob
#	begin "what takes long" FUNCTION	# in the background
#	begin "and its sister" FUNCTION
#	collect			# results of all that were begun, in order
#	finish
#
# A case is a command that runs in a subshell with errexit; it has failed if
# any command in it has. Its output is shown if it failed.
#
# The lab (see lab/README.md) has to be reachable as lab/ beside this file: a
# copy of this folder is made with "cp -rL". ip(8) needs its plug-in for
# Teredo links, and some tests ask peer6(8).

TD_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
KSFT_SKIP=4

TD_TMP=
TD_PLAN=0
TD_COUNT=0
TD_FAILED=0
TD_NAMES=()
TD_PIDS=()

SERVER=192.0.2.1
SERVER2=192.0.2.2
# shellcheck disable=SC2034 # for the tests
WEB=2001:db8:6::3

skip_all()
{
	printf 'TAP version 13\n1..0 # SKIP %s\n' "$1"
	exit $KSFT_SKIP
}

# In the work tree what was built there is tested, not what is installed.
if [[ -n ${PEER6_TREE:-} ]]; then
	export IP_LIB_DIR=$PEER6_TREE/build
	PATH=$PEER6_TREE/build:$PATH
fi
((EUID == 0)) || skip_all "network namespaces need root"
[[ -r $TD_DIR/lab/lib.sh ]] ||
	skip_all "lab/ is missing: copy this folder with cp -rL"
for td_program in ip nft conntrack ping jq; do
	command -v "$td_program" >/dev/null ||
		skip_all "$td_program is not installed"
done
[[ -d /sys/module/teredo ]] || modprobe -q teredo ||
	skip_all "there is no module teredo"
ip link help teredo 2>&1 | grep -q 'refresh' ||
	skip_all "ip has no plug-in for teredo links"

LAB_NO_TRAP=1
# shellcheck source=lab/lib.sh
. "$TD_DIR/lab/lib.sh"

td_cleanup()
{
	lab_destroy
	[[ -z $TD_TMP ]] || rm -rf "$TD_TMP"
}

plan()
{
	TD_PLAN=$1
	printf 'TAP version 13\n1..%d\n' "$1"
	TD_TMP=$(mktemp -d)
	trap td_cleanup EXIT
}

# begin DESCRIPTION COMMAND...
begin()
{
	local out=$TD_TMP/${#TD_NAMES[@]}

	TD_NAMES+=("$1")
	shift
	(
		set -eu
		"$@"
	) >"$out" 2>&1 </dev/null &
	TD_PIDS+=($!)
}

result()
{
	TD_COUNT=$((TD_COUNT + 1))
	if (($1 == 0)); then
		printf 'ok %d - %s\n' "$TD_COUNT" "$2"
		return
	fi
	printf 'not ok %d - %s\n' "$TD_COUNT" "$2"
	sed 's/^/# /' "$3"
	TD_FAILED=1
}

collect()
{
	local i rc

	for i in "${!TD_NAMES[@]}"; do
		rc=0
		wait "${TD_PIDS[i]}" || rc=$?
		result "$rc" "${TD_NAMES[i]}" "$TD_TMP/$i"
	done
	TD_NAMES=()
	TD_PIDS=()
}

# check DESCRIPTION COMMAND...: begun and waited for
check()
{
	begin "$@"
	collect
}

skip()
{
	TD_COUNT=$((TD_COUNT + 1))
	printf 'ok %d - %s # SKIP %s\n' "$TD_COUNT" "$1" "$2"
}

finish()
{
	if ((TD_COUNT != TD_PLAN)); then
		printf '# %d tests were planned, %d ran\n' "$TD_PLAN" "$TD_COUNT"
		TD_FAILED=1
	fi
	exit "$TD_FAILED"
}

# is WHAT WANTED GOT: says what differs
is()
{
	[[ $3 == "$2" ]] && return
	printf '%s: %s, not %s\n' "$1" "$3" "$2"
	return 1
}

# between WHAT MIN MAX GOT
between()
{
	(($4 >= $2 && $4 <= $3)) && return
	printf '%s: %s, not %s to %s\n' "$1" "$4" "$2" "$3"
	return 1
}

# ns HOST COMMAND...: in its network namespace alone, which is cheaper than
# lab_exec: nothing is mounted
ns()
{
	local host=$1
	shift

	nsenter --net="/run/netns/$LAB_ID-$host" -- "$@"
}

# td_add HOST [ARGUMENT...]: device teredo0, up
td_add()
{
	local host=$1
	shift

	ip -n "$LAB_ID-$host" -batch - <<-END
		link add teredo0 type teredo $*
		link set teredo0 up
	END
}

# td_add_all: a line "HOST [ARGUMENT...]" for each from standard input; side by
# side, for a process takes long under an emulated processor
td_add_all()
{
	local host args pid pids=()

	while read -r host args; do
		# shellcheck disable=SC2086 # words
		td_add "$host" $args &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
}

# td_server [HOST [ADDR1 ADDR2]]
td_server()
{
	td_add "${1:-server}" role server server "${2:-$SERVER}" \
		server2 "${3:-$SERVER2}"
}

# td_client HOST [ARGUMENT...]: of the standard server
td_client()
{
	local host=$1
	shift

	td_add "$host" server "$SERVER" "$@"
}

# td_lab [NAT_A [NAT_B]]: the standard topology with a server, nothing else
td_lab()
{
	lab_init
	lab_standard "$@"
	td_server
}

# td_lab_two_ways [HOST ADDR/PLEN]: after lab_init; the server's host, alice and
# bob behind a NAT each, and a second way for alice, which is down: her eth1, to
# natC. If it is named, a host with a public address too. No device yet.
td_lab_two_ways()
{
	lab_begin
	lab_server
	[[ -z ${1:-} ]] || lab_host "$1" "$2"
	lab_nat natA port outside=198.51.100.1/27 inside=10.0.1.1/24
	lab_nat natB port outside=203.0.113.1/27 inside=10.0.2.1/24
	lab_nat natC port outside=203.0.113.65/28 inside=10.0.3.1/24
	lab_client alice natA 10.0.1.2
	lab_client bob natB 10.0.2.2
	lab_commit
	printf '%s\n' "link add name eth1 netns $(lab_ns alice) type veth peer name alice netns $(lab_ns natC)" |
		ip -batch -
	printf '%s\n' "link set alice master br0" "link set alice up" |
		ip -n "$(lab_ns natC)" -batch -
}

# td_second_way_up: alice's eth1 comes up with an address; routes are as before
td_second_way_up()
{
	printf '%s\n' "link set eth1 addrgenmode none" "link set eth1 up" \
		"addr add 10.0.3.2/24 brd + dev eth1" |
		ip -n "$(lab_ns alice)" -batch -
}

# td_show HOST [DEV]: what the device is and counted, in TD_JSON for td_get
td_show()
{
	TD_JSON=$(ip -n "$LAB_ID-$1" -s -d -j link show dev "${2:-teredo0}")
}

# td_get NAME: the value in REPLY; 0 for a reason that dropped nothing
td_get()
{
	local drop="\"reason\":\"$1\",\"packets\":([0-9]+)"
	local stat="\"${1%%-*}\":\{\"bytes\":([0-9]+),\"packets\":([0-9]+)"

	if [[ $1 == [rt]x-@(bytes|packets) ]]; then
		[[ $TD_JSON =~ $stat ]] || return 1
		[[ $1 == *bytes ]] && REPLY=${BASH_REMATCH[1]} ||
			REPLY=${BASH_REMATCH[2]}
	elif [[ $TD_JSON =~ \"$1\":\"?([^\",}]*) ]]; then
		REPLY=${BASH_REMATCH[1]}
	elif [[ $TD_JSON =~ $drop ]]; then
		REPLY=${BASH_REMATCH[1]}
	else
		REPLY=0
	fi
}

# td_counts HOST WANTED...: WANTED is NAME=VALUE, or NAME=MIN-MAX
td_counts()
{
	local host=$1 want value rc=0
	shift

	td_show "$host"
	for want in "$@"; do
		td_get "${want%%=*}"
		value=${want#*=}
		if [[ $value == [0-9]*-* ]]; then
			between "$host ${want%%=*}" "${value%-*}" \
				"${value#*-}" "$REPLY" || rc=1
		else
			is "$host ${want%%=*}" "$value" "$REPLY" || rc=1
		fi
	done
	return "$rc"
}

td_in_state()
{
	td_show "$1"
	td_get state
	[[ $REPLY == "$2" ]]
}

# td_addr HOST: its Teredo address in REPLY; waits for it the first time
declare -A TD_ADDR=()
td_addr()
{
	if [[ -z ${TD_ADDR[$1]:-} ]]; then
		wait_for 20 "$1 to qualify" td_in_state "$1" qualified
		td_get address
		TD_ADDR[$1]=$REPLY
	fi
	REPLY=${TD_ADDR[$1]}
}

# td_qualify HOST...: wait until all have an address
td_qualify()
{
	local host

	for host in "$@"; do
		td_addr "$host"
	done
}

# td_ping HOST ADDRESS [N]: the first N pings are answered, the very first as
# well, which waits for the path to open. (ping sends more until it has N
# answers, so it is the numbers that tell whether one was lost.)
td_ping()
{
	local n=${3:-3} out i

	out=$(ns "$1" ping -n -c "$n" -i 0.2 -w 15 "$2") || true
	printf '%s\n' "$out"
	for ((i = 1; i <= n; i++)); do
		[[ $out == *"icmp_seq=$i "*" time="* ]] || return 1
	done
}

# td_ping1 HOST ADDRESS: exactly one packet is sent, and answered
td_ping1()
{
	ns "$1" ping -n -c 1 -i 15 -w 15 "$2"
}

td_drops()
{
	td_show "$1"
	[[ $TD_JSON =~ \"drops\":\[[^]]*\] ]]
	printf '%s dropped, %s\n' "$1" "${BASH_REMATCH[0]}"
}

# td_pings HOST HOST [N]
td_pings()
{
	td_addr "$2"
	td_ping "$1" "$REPLY" "${3:-3}" && return
	td_drops "$1"
	td_drops "$2"
	return 1
}

# td_unreachable HOST ADDRESS SECONDS: one ping ends with an ICMPv6 error
# within so many seconds of ping's own clock
td_unreachable()
{
	local out

	out=$(ns "$1" ping -n -c 1 -i "$3" -w "$3" "$2") || true
	printf '%s\n' "$out"
	[[ $out == *"Destination unreachable: Address unreachable"* ]]
}

# td_tcp FROM TO ADDRESS [BYTES]: a TCP transfer to the address of TO
td_tcp()
{
	local log=$LAB_DIR/iperf.$2.$BASHPID

	lab_spawn "$2" "$log" iperf3 -s -1 --forceflush
	wait_for 20 "iperf3 to listen" grep -q listening "$log"
	ns "$1" iperf3 -c "$3" -n "${4:-256K}"
}
