#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Miredo with Miredo in the lab: the reference that interoperation is measured
# by. Each pair starts cold; the initiator has three pings answered. Pairs that
# RFC 4380 promises must work; a NAT that lets unsolicited packets bend its
# mappings must fail where Miredo is known to fail, or the lab does not show
# what it claims.

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../../scripts/lab/lib.sh
. "$here/../../scripts/lab/lib.sh"
# shellcheck source=../../scripts/lab/miredo.sh
. "$here/../../scripts/lab/miredo.sh"

KSFT_SKIP=4
TESTS=13
tests=0
failed=0
WEB=2001:db8:6::3

skip_all()
{
	printf 'TAP version 13\n1..0 # SKIP %s\n' "$1"
	exit $KSFT_SKIP
}

((EUID == 0)) || skip_all "network namespaces need root"
for program in miredo miredo-server; do
	command -v $program >/dev/null || skip_all "$program is not installed"
done

# check DESCRIPTION COMMAND...
check()
{
	local what=$1
	shift

	tests=$((tests + 1))
	if "$@" >"$LAB_DIR/out" 2>&1; then
		echo "ok $tests - $what"
	else
		echo "not ok $tests - $what"
		sed 's/^/# /' "$LAB_DIR/out"
		failed=$((failed + 1))
	fi
}

# The first packet waits for bubbles and may be dropped with the queue, so
# the path counts as open once one is answered, and must then stay so.
reaches()
{
	wait_for 12 "$1 to reach $2" lab_exec "$1" ping -c1 -W2 "$2" &&
		lab_exec "$1" ping -c3 -i0.2 -W5 "$2"
}

never_reaches()
{
	! wait_for 8 "$1 to reach $2" lab_exec "$1" ping -c1 -W1 "$2"
}

restart_clients()
{
	miredo_stop alice
	miredo_stop bob
	lab_nat_set natA "$1"
	lab_nat_set natB "$2"
	miredo_client alice
	miredo_client bob
	miredo_wait alice
	miredo_wait bob
}

lab_init
lab_standard cone cone
miredo_server
miredo_relay

echo "TAP version 13"
echo "1..$TESTS"
for a in cone addr port; do
	for b in cone addr port; do
		restart_clients $a $b
		check "alice behind $a reaches bob behind $b" \
			reaches alice "$(miredo_address bob)"
		[[ $a == "$b" ]] || continue
		check "alice behind $a reaches a native host" \
			reaches alice $WEB
	done
done
restart_clients port portnd
check "alice behind port does not reach bob behind portnd" \
	never_reaches alice "$(miredo_address bob)"

if ((failed)); then
	for h in server relay alice bob; do
		miredo_log $h
	done
fi
((failed == 0 && tests == TESTS))
