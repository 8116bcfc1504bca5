# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Sourced by cli.sh and iplink.sh: a server and two clients on one IPv4 link,
# without NATs, and a way to tell that nothing changed.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/selftests/net/teredo/cli_lib.sh
. "$here/cli_lib.sh"

# In the project's tree the programs are in build/, else they are installed.
if [[ -x $here/../../../../build/peer6 ]]; then
	build=$(cd "$here/../../../../build" && pwd)
	PATH=$build:$PATH
	export IP_LIB_DIR=$build
fi

KSFT_SKIP=4
need()
{
	command -v "$1" >/dev/null || {
		echo "# needs $1"
		exit "$KSFT_SKIP"
	}
}

((EUID == 0)) || { echo '# needs root'; exit "$KSFT_SKIP"; }
need ip
need jq
need peer6
modprobe teredo 2>/dev/null || [[ -d /sys/module/teredo ]] ||
	{ echo '# needs the teredo module'; exit "$KSFT_SKIP"; }

srv=cli-srv-$$
one=cli-one-$$
two=cli-two-$$
jobs_started=()

cleanup()
{
	local pid ns

	for pid in "${jobs_started[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
	for ns in "$srv" "$one" "$two"; do
		ip netns delete "$ns" 2>/dev/null || true
	done
	rm -rf "$tap_dir"
}
trap cleanup EXIT

# host NAMESPACE ADDRESS...: on the link that the first namespace holds.
host()
{
	local ns=$1 addr

	shift
	ip netns add "$ns"
	ip -n "$ns" link set lo up
	ip -n "$srv" link add "p${ns%-*}" type veth peer name eth0 netns "$ns"
	ip -n "$srv" link set "p${ns%-*}" master lan up
	ip -n "$ns" link set eth0 up
	for addr; do
		ip -n "$ns" address add "$addr/24" dev eth0
	done
}

topology()
{
	ip netns add "$srv"
	ip -n "$srv" link set lo up
	ip -n "$srv" link add lan type bridge
	ip -n "$srv" link set lan up
	ip -n "$srv" address add 192.0.2.1/24 dev lan
	ip -n "$srv" address add 192.0.2.2/24 dev lan
	host "$one" 192.0.2.10
	host "$two" 192.0.2.20
}

# await WHAT COMMAND...: until COMMAND is true, or 20 s (60 s when debugging).
await()
{
	local what=$1 tries=200

	[[ ${PEER6_KERNEL:-} != debug ]] || tries=600
	shift
	while ! "$@" >/dev/null 2>&1; do
		if ((--tries <= 0)); then
			echo "# gave up waiting for $what"
			return 1
		fi
		sleep 0.1
	done
}

# What a refusal must leave alone: all devices of a namespace, their settings and
# their state. One command, since it is asked after each refusal.
snapshot()
{
	ip -n "$1" -d -o link show
}

# shows NAMESPACE DEVICE WORDS...: ip shows all of them; none that follows a "!".
# (One process. jq takes longer to start than all the rest of a check.)
shows()
{
	local ns=$1 dev=$2 words text

	text=$(ip -n "$ns" -d -o link show "$dev")
	shift 2
	for words; do
		if [[ $words == !* ]]; then
			[[ $text != *" ${words#!} "* ]] || return 1
		else
			[[ $text == *" $words "* ]] || return 1
		fi
	done
}

ifindex()
{
	ip netns exec "$1" cat "/sys/class/net/$2/ifindex"
}

without_cap()
{
	setpriv --bounding-set -net_admin,-sys_admin,-sys_module \
		--inh-caps -all --reuid 65534 --clear-groups -- "$@"
}
