# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For the tests of the firewall: source this file from bash. A test is
#
#	. "$(dirname "$0")/lib.sh"
#	plan 3			# so many cases
#	fw_pair			# two hosts: in (filtered) and out
#	fw_agent in out		# optional, quicker
#	check "a closed port is silent" answer SYN silent fw_syn 22
#	finish
#
# A case is a command that runs in a subshell with errexit; it has failed if
# any command in it has. Its output is shown if it failed.

FW_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
KSFT_SKIP=4

FW_TMP=
FW_PLAN=0
FW_COUNT=0
FW_FAILED=0
FW_ID=icf6-$$
FW_PIDS=()
declare -A FW_TO=() FW_FROM=()

# Not a documentation prefix, which the firewall drops.
# shellcheck disable=SC2034 # for the tests
IN=2a00:6::1 OUT=2a00:6::2 IN_LL=fe80::1 OUT_LL=fe80::2

skip_all()
{
	printf 'TAP version 13\n1..0 # SKIP %s\n' "$1"
	exit $KSFT_SKIP
}

# In the work tree what was built there is tested, not what is installed.
[[ -z ${PEER6_TREE:-} ]] || export IP_LIB_DIR=$PEER6_TREE/build
((EUID == 0)) || skip_all "network namespaces need root"
modinfo icf6 >/dev/null 2>&1 || skip_all "there is no module icf6"
for fw_program in ip jq ping python3; do
	command -v "$fw_program" >/dev/null ||
		skip_all "$fw_program is not installed"
done

fw_cleanup()
{
	local name

	((${#FW_PIDS[@]} == 0)) || kill "${FW_PIDS[@]}" 2>/dev/null || true
	for name in $(ip netns list | sed -n "s/^\($FW_ID-[a-z0-9]*\).*/\1/p"); do
		ip netns delete "$name"
	done
	fw_unload
	[[ -z $FW_TMP ]] || rm -rf "$FW_TMP"
}

plan()
{
	FW_PLAN=$1
	printf 'TAP version 13\n1..%d\n' "$1"
	FW_TMP=$(mktemp -d)
	trap fw_cleanup EXIT
}

# check DESCRIPTION COMMAND...
check()
{
	local what=$1 rc=0
	shift

	FW_COUNT=$((FW_COUNT + 1))
	(
		set -eu
		"$@"
	) >"$FW_TMP/case" 2>&1 </dev/null &
	wait $! || rc=$?
	if ((rc == 0)); then
		printf 'ok %d - %s\n' "$FW_COUNT" "$what"
		return
	fi
	printf 'not ok %d - %s\n' "$FW_COUNT" "$what"
	sed 's/^/# /' "$FW_TMP/case"
	FW_FAILED=1
}

skip()
{
	FW_COUNT=$((FW_COUNT + 1))
	printf 'ok %d - %s # SKIP %s\n' "$FW_COUNT" "$1" "$2"
}

finish()
{
	if ((FW_COUNT != FW_PLAN)); then
		printf '# %d tests were planned, %d ran\n' "$FW_PLAN" \
			"$FW_COUNT"
		FW_FAILED=1
	fi
	exit "$FW_FAILED"
}

# is WHAT WANTED GOT: says what differs
is()
{
	[[ $3 == "$2" ]] && return
	printf '%s: %s, not %s\n' "$1" "$3" "$2"
	return 1
}

# refused WORDS COMMAND...: it fails, and what it says has the words in it
refused()
{
	local words=$1 said
	shift

	if said=$("$@" 2>&1); then
		printf 'not refused: %s\n' "$*"
		return 1
	fi
	[[ $said == *"$words"* ]] && return
	printf '%s: "%s", not "%s"\n' "$*" "$said" "$words"
	return 1
}

# await SECONDS WHAT COMMAND...: until it succeeds
await()
{
	local end=$((SECONDS + $1)) what=$2
	shift 2

	until "$@" >/dev/null 2>&1; do
		if ((SECONDS >= end)); then
			printf 'waited in vain for %s\n' "$what"
			return 1
		fi
		sleep 0.05
	done
}

# ns HOST COMMAND...: in its network namespace; init is the initial one
ns()
{
	local host=$1
	shift

	if [[ $host == init ]]; then
		"$@"
		return
	fi
	nsenter --net="/run/netns/$FW_ID-$host" -- "$@"
}

# fw_load [PARAMETER...]: anew
fw_load()
{
	fw_unload
	modprobe icf6 "$@"
}

fw_unload()
{
	[[ ! -d /sys/module/icf6 ]] || rmmod icf6
}

# fw_host HOST...: namespaces without devices, also where modules of tunnels
# are loaded, which would put theirs into each
fw_host()
{
	local host fallback=/proc/sys/net/core/fb_tunnels_only_for_init_net

	(($(<$fallback))) || echo 1 >$fallback
	for host; do
		ip netns add "$FW_ID-$host"
		ip -n "$FW_ID-$host" link set lo up
	done
}

# fw_link HOST DEV ADDR HOST DEV ADDR: a cable; the addresses are of a /64, and
# the link-local ones fe80::1 and fe80::2
fw_link()
{
	ip link add "$2" netns "$FW_ID-$1" type veth \
		peer name "$5" netns "$FW_ID-$4"
	ip -n "$FW_ID-$1" link set "$2" addrgenmode none
	ip -n "$FW_ID-$4" link set "$5" addrgenmode none
	ip -n "$FW_ID-$1" link set "$2" up
	ip -n "$FW_ID-$4" link set "$5" up
	ip -n "$FW_ID-$1" addr add "$3/64" dev "$2" nodad
	ip -n "$FW_ID-$1" addr add fe80::1/64 dev "$2" nodad
	ip -n "$FW_ID-$4" addr add "$6/64" dev "$5" nodad
	ip -n "$FW_ID-$4" addr add fe80::2/64 dev "$5" nodad
}

# fw_pair: "in", which is filtered from here on, and "out", by eth0 each
fw_pair()
{
	fw_host in out
	fw in attach
	fw_link in eth0 "$IN" out eth0 "$OUT"
}

# fw_agent HOST...: what fw, fw_syn and fw_udp ask in the host from now on is
# done by one process, which is quicker; to be called outside of cases
fw_agent()
{
	local host fd

	for host; do
		mkfifo "$FW_TMP/to" "$FW_TMP/from"
		ns "$host" python3 "$FW_DIR/agent.py" \
			<"$FW_TMP/to" >"$FW_TMP/from" &
		FW_PIDS+=($!)
		exec {fd}>"$FW_TMP/to"
		FW_TO[$host]=$fd
		exec {fd}<"$FW_TMP/from"
		FW_FROM[$host]=$fd
		rm "$FW_TMP/to" "$FW_TMP/from"
	done
}

# ask HOST WORD...
ask()
{
	local host=$1 line
	shift

	(
		IFS=$'\x1f'
		printf '%s\n' "$*"
	) >&"${FW_TO[$host]}"
	while read -r line <&"${FW_FROM[$host]}"; do
		case $line in
		=*)	return "${line#=}" ;;
		!*)	printf '%s\n' "${line#!}" >&2 ;;
		*)	printf '%s\n' "$line" ;;
		esac
	done
	return 1
}

# fw HOST COMMAND...: see icf6.py
fw()
{
	local host=$1

	if [[ -n ${FW_TO[$host]:-} ]]; then
		ask "$@"
		return
	fi
	shift
	ns "$host" python3 "$FW_DIR/icf6.py" "$@"
}

# probe HOST COMMAND...: see probe.py
probe()
{
	local host=$1
	shift

	if [[ -n ${FW_TO[$host]:-} ]]; then
		ask "$host" probe "$@"
		return
	fi
	ns "$host" python3 "$FW_DIR/probe.py" "$@"
}

# fw_serve HOST PORT...: TCP and UDP, until the end
fw_serve()
{
	local host=$1 pid
	shift

	mkfifo "$FW_TMP/ready"
	ns "$host" python3 "$FW_DIR/probe.py" serve "$@" >"$FW_TMP/ready" &
	pid=$!
	FW_PIDS+=("$pid")
	read -r _ <"$FW_TMP/ready"
	rm "$FW_TMP/ready"
}

# fw_syn PORT [SOURCE_PORT], fw_udp PORT: what "out" sees of "in"
fw_syn()
{
	probe out syn "$IN" "$@"
}

fw_udp()
{
	probe out udp "$IN" "$@"
}

# answer WHAT WANTED COMMAND...: what the command prints
answer()
{
	local what=$1 wanted=$2
	shift 2

	is "$what" "$wanted" "$("$@")"
}

# fw_counts DIR REASON N COMMAND...: the command makes the counter of "in" N
# higher
fw_counts()
{
	local dir=$1 reason=$2 n=$3 before after
	shift 3

	before=$(fw in count "$dir" "$reason")
	"$@"
	after=$(fw in count "$dir" "$reason")
	is "$dir $reason" "$n" $((after - before))
}
