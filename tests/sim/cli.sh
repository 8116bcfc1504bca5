#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# peer6-sim from outside: what it prints and writes, and what it says to bad
# arguments. PEER6_SIM names the program.
#
# shellcheck disable=SC2317 # functions are called by their names

set -euo pipefail

sim=$(realpath "${PEER6_SIM:?}")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
n=0
failed=0

result()
{
	local status=$1

	shift
	n=$((n + 1))
	if [[ $status == 0 ]]; then
		echo "ok $n - $*"
	else
		echo "not ok $n - $*"
		sed 's/^/# /' out err
		failed=1
	fi
}

# check WHAT COMMAND...: it succeeds.
check()
{
	local what=$1 status=0

	shift
	"$@" >out 2>err || status=$?
	result "$status" "$what"
}

# refuse WHAT CODE ARGUMENT...: exit status 2, three lines, the code.
refuse()
{
	local what=$1 code=$2 status=0

	shift 2
	"$sim" "$@" >out 2>err || status=$?
	if [[ $status == 2 && ! -s out ]] &&
	   grep -q "^peer6-sim: .* \[$code\]$" err &&
	   grep -q '^Do: peer6-sim --help$' err; then
		result 0 "$what"
	else
		result 1 "$what (status $status)"
	fi
}

small=(--nodes=12 --join=12 --settle=30 --time=30 --resolves=50 --quiet)

refuse 'a word that is no option' unknown-word nodes=5
refuse 'an unknown option' unknown-word --knots=5
refuse 'a value left out' missing --nodes
refuse 'no nodes' bad-value --nodes=0
refuse 'too many nodes' bad-value --nodes=1000001
refuse 'half a node' bad-value --nodes=2.5
refuse 'a number with a tail' bad-value --nodes=5x
refuse 'more than all' bad-value --loss=101%
refuse 'less than none' bad-value --vanish=-1
refuse 'no number' bad-value --time=nan
refuse 'latency without an end' bad-value --latency=10
refuse 'latency backwards' bad-value --latency=20..10
refuse 'everybody vanishes' bad-value --vanish=100%
refuse 'nobody publishes' bad-value --resolve-only=100
printf '1 2\n3\n' >uneven
refuse 'a matrix of uneven lines' bad-value --matrix=uneven
printf '1 2\n' >flat
refuse 'a matrix that is no square' bad-value --matrix=flat
printf '1 x\n2 3\n' >letters
refuse 'a matrix with letters' bad-value --matrix=letters

names_options()
{
	local o

	for o in nodes names seed latency matrix loss nat churn vanish plot; do
		grep -q -- "--$o" last || return 1
	done
}

pictures()
{
	local f

	for f in traffic cache memory memory-nodes hops; do
		grep -q '<svg' "plots/$f.svg" || return 1
	done
}

differ()
{
	! cmp -s <(jq .stable a.json) <(jq .stable c.json)
}

disk_full()
{
	! "$sim" "${small[@]}" >/dev/full
}

no_directory()
{
	! "$sim" "${small[@]}" --json=no/where.json &&
		grep -q '^peer6-sim: no/where.json \[failed\]$' err
}

check 'help' "$sim" --help
cp out last
check 'help names every option' names_options
check 'version' "$sim" --version
check 'a small run' "$sim" "${small[@]}" --json=a.json --plot=plots \
	--vanish=20%
cp out first
check 'which finds all names' jq -e '
	.schema == "peer6.sim/1" and .stable.success_percent == 100 and
	.stable.resolves == 50 and .stable.nodes == 12 and
	.vanished.nodes == 10 and .vanished.wrong == 0 and
	.stable.memory_per_node > 1000 and .stable.bytes_per_node_hour > 0' \
	a.json
check 'and says what the signatures are' grep -q 'keyed hash' first
check 'pictures' pictures
check 'the same again' "$sim" "${small[@]}" --json=b.json --vanish=20%
check 'gives the same figures' cmp \
	<(jq -S 'del(.wall_seconds, .rss_peak_bytes)' a.json) \
	<(jq -S 'del(.wall_seconds, .rss_peak_bytes)' b.json)
check 'another seed' "$sim" "${small[@]}" --json=c.json --vanish=20% --seed=2
check 'gives other figures' differ
printf '# two sites\n1, 80\n80, 1\n' >matrix
check 'a latency matrix' "$sim" "${small[@]}" --matrix=matrix --json=m.json
check 'which all bear' jq -e '.stable.success_percent == 100' m.json
check 'churn, NATs, loss, skew, resolvers' "$sim" "${small[@]}" \
	--churn=100% --nat=20% --loss=1% --skew=60 --resolve-only=20% --names=2
check 'real signatures' "$sim" "${small[@]}" --real-crypto --signatures
cp out last
check 'are said to be' grep -q 'RSA-1024, SHA-1' last
check 'a full disk is noticed' disk_full
check 'a directory that is not there' no_directory

echo "1..$n"
exit $failed
