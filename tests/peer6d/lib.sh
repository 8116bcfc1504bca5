# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Daemons in network namespaces on one bridge, for the tests of peer6d: source this
# file from bash. A test is
#
#	. "$(dirname "$0")/lib.sh"
#	plan 2
#	hosts a b			# namespaces with a link-local address
#	address a 2001:db8:1::1		# and a global one
#	start a				# its peer6d
#	check "a has a cloud" test -n "$(clouds a)"
#	finish
#
# A case is a command that runs in a subshell with errexit; its output is shown
# if it failed. PEER6D is the daemon to test.

P6_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
P6_TREE=$(cd -P "$P6_DIR/../.." && pwd)
PEER6D=$(realpath "${PEER6D:-$P6_TREE/build/peer6d}")
P6_CLIENT=$P6_DIR/varlink.py
# Nothing of the caller's own set-up counts.
unset PEER6_CONFIG PEER6_STATE PEER6_SOCKET PEER6_PORT PEER6_CLOUDS \
	PEER6_SEEDS PEER6_LOG PEER6_LOG_LEVEL NOTIFY_SOCKET JOURNAL_STREAM

P6_TMP=
P6_ID=p6d$$
P6_PLAN=0
P6_COUNT=0
P6_FAILED=0

skip_all()
{
	printf 'TAP version 13\n1..0 # SKIP %s\n' "$1"
	exit 0
}

((EUID == 0)) || skip_all "network namespaces need root"
for p6_program in ip jq python3; do
	command -v "$p6_program" >/dev/null ||
		skip_all "$p6_program is not installed"
done

LAB_NO_TRAP=1
# shellcheck source=../../scripts/lab/lib.sh
. "$P6_TREE/scripts/lab/lib.sh"

p6_cleanup()
{
	local name

	for name in "$P6_TMP"/*.pid; do
		[[ ! -e $name ]] || kill -KILL "$(<"$name")" 2>/dev/null || :
	done
	ip netns list | sed -n "s/^\($P6_ID-[^ ]*\).*/\1/p" |
		while IFS= read -r name; do
			ip netns del "$name"
		done
	# One case fills a disk of its own.
	! mountpoint -q "$P6_TMP/full" || umount "$P6_TMP/full"
	rm -rf "$P6_TMP"
}

plan()
{
	P6_PLAN=$1
	printf 'TAP version 13\n1..%d\n' "$1"
	P6_TMP=$(mktemp -d)
	chmod 755 "$P6_TMP"
	trap p6_cleanup EXIT
}

# check DESCRIPTION COMMAND...
check()
{
	local what=$1 status=0 name
	shift

	P6_COUNT=$((P6_COUNT + 1))
	set +e
	(
		set -e
		"$@"
	) >"$P6_TMP/out" 2>&1 </dev/null
	status=$?
	set -e
	if ((!status)); then
		printf 'ok %d - %s\n' "$P6_COUNT" "$what"
		return
	fi
	printf 'not ok %d - %s\n' "$P6_COUNT" "$what"
	sed 's/^/# /' "$P6_TMP/out"
	for name in "$P6_TMP"/*.pid; do
		[[ -e $name ]] || continue
		name=$(basename "$name" .pid)
		tail -n 3 "$P6_TMP/$name.log" | sed "s/^/# $name: /"
	done
	P6_FAILED=$((P6_FAILED + 1))
}

finish()
{
	local name

	# Whoever still runs leaves politely, and has its leaks looked for.
	for name in "$P6_TMP"/*.pid; do
		[[ -e $name ]] || continue
		name=$(basename "$name" .pid)
		stop "$name" || REPLY="no status"
		[[ $REPLY == 0 ]] || {
			printf '# %s ended with %s\n' "$name" "$REPLY"
			P6_FAILED=$((P6_FAILED + 1))
		}
	done
	# A sanitizer's report fails the test whatever the cases said.
	for name in "$P6_TMP"/*.log; do
		[[ -e $name ]] || continue
		! grep -qE 'AddressSanitizer|LeakSanitizer|runtime error' \
			"$name" || {
			P6_FAILED=$((P6_FAILED + 1))
			sed 's/^/# /' "$name"
		}
	done
	((P6_COUNT == P6_PLAN)) || {
		printf '# planned %d cases, ran %d\n' "$P6_PLAN" "$P6_COUNT"
		exit 1
	}
	((P6_FAILED == 0))
}

# hosts NAME...: namespaces on one link
hosts()
{
	local name

	if ! ip netns exec "$P6_ID-bridge" true 2>/dev/null; then
		ip netns add "$P6_ID-bridge"
		ip -n "$P6_ID-bridge" link add br0 type bridge \
			mcast_snooping 0
		ip -n "$P6_ID-bridge" link set br0 up
	fi
	for name in "$@"; do
		ip netns add "$P6_ID-$name"
		# Nobody has these addresses, and nobody asks whether.
		ip netns exec "$P6_ID-$name" sysctl -qw \
			net.ipv6.conf.default.accept_dad=0 \
			net.ipv6.conf.default.accept_ra=0
		ip link add eth0 netns "$P6_ID-$name" type veth \
			peer name "to-$name" netns "$P6_ID-bridge"
		ip -n "$P6_ID-bridge" link set "to-$name" master br0 up
		ip -n "$P6_ID-$name" link set lo up
		ip -n "$P6_ID-$name" link set eth0 up
	done
}

in_host()
{
	local name=$1
	shift

	ip netns exec "$P6_ID-$name" "$@"
}

# address HOST ADDRESS, no_address HOST ADDRESS
address()
{
	ip -n "$P6_ID-$1" addr add "$2/64" dev eth0 nodad
}

no_address()
{
	ip -n "$P6_ID-$1" addr del "$2/64" dev eth0
}

# link_local HOST: its address on the link
link_local()
{
	ip -n "$P6_ID-$1" -j -6 addr show dev eth0 |
		jq -r '[.[].addr_info[]? | select(.scope == "link")][0].local'
}

# daemon HOST NAME [OPTION...]: start the daemon NAME in a host. Cases run in
# subshells, so what is known of it is in files: NAME.pid, and at its end
# NAME.status
daemon()
{
	local host=$1 name=$2

	daemon_run "$@"
	wait_for 10 "the daemon $name" answers "$name" || {
		cat "$P6_TMP/$name.log" >&2
		return 1
	}
}

daemon_run()
{
	local host=$1 name=$2
	shift 2

	[[ -e $P6_TMP/$name.conf ]] || : >"$P6_TMP/$name.conf"
	rm -f "$P6_TMP/$name.status"
	(
		set +e
		ip netns exec "$P6_ID-$host" "$PEER6D" --user root \
			--config "$P6_TMP/$name.conf" \
			--state "$P6_TMP/$name.state" \
			--socket "$P6_TMP/$name.sock" --log json "$@" \
			>>"$P6_TMP/$name.log" 2>&1 </dev/null &
		echo $! >"$P6_TMP/$name.pid"
		wait $!
		echo $? >"$P6_TMP/$name.status"
	) >/dev/null 2>&1 </dev/null &
}

# start HOST [OPTION...]: the daemon of that name
start()
{
	daemon "$1" "$@"
}

answers()
{
	call "$1" io.peer6.Service.GetVersion
}

# stop NAME [SIGNAL]: end a daemon, and wait for that; its status in REPLY
stop()
{
	kill "-${2:-TERM}" "$(<"$P6_TMP/$1.pid")"
	wait_for 10 "the end of $1" test -s "$P6_TMP/$1.status"
	REPLY=$(<"$P6_TMP/$1.status")
	rm -f "$P6_TMP/$1.pid"
}

# call NAME METHOD [PARAMETERS]: prints the reply's parameters, or the error
call()
{
	python3 "$P6_CLIENT" "$P6_TMP/$1.sock" "${@:2}"
}

# pnrp NAME METHOD [PARAMETERS]
pnrp()
{
	call "$1" "io.peer6.Pnrp.$2" "${@:3}"
}

# field FILTER: of what comes, by jq, one a line
field()
{
	jq -r ".parameters | $1"
}

# cloud_state NAME CLOUD
cloud_state()
{
	pnrp "$1" ListClouds | field ".clouds[] | select(.name | startswith(\"$2\")) | .state"
}

is_state()
{
	[[ $(cloud_state "$1" "$2") == "$3" ]]
}

# resolve NAME PEERNAME [MORE-PARAMETERS]: the applications' addresses found
resolve()
{
	pnrp "$1" Resolve "{\"name\": \"$2\", \"timeout\": 10${3:+, $3}}" |
		field '[.results[]?.applications[] | .address] | sort | .[]'
}

# resolves NAME PEERNAME ADDRESS [MORE-PARAMETERS]
resolves()
{
	[[ $(resolve "$1" "$2" "${4:-}") == "$3" ]]
}

# logged NAME FILTER: whether an event was, for which FILTER is true
logged()
{
	grep '^{' "$P6_TMP/$1.log" | jq -e -s "any(.[]; $2)" >/dev/null
}

same()
{
	[[ $1 == "$2" ]] || {
		printf 'got: %s\nnot: %s\n' "$1" "$2"
		return 1
	}
}
