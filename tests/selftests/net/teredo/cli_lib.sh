# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Sourced by the tests of the command and of the plug-in: run a command, then
# say what it should have done.

echo "TAP version 13"
tap_n=0
tap_failed=0
tap_dir=$(mktemp -d)
trap 'rm -rf "$tap_dir"' EXIT

# run COMMAND...: $status, $out and $err are what came of it.
run()
{
	ran="$*"
	status=0
	"$@" >"$tap_dir/out" 2>"$tap_dir/err" </dev/null || status=$?
	out=$(<"$tap_dir/out")
	err=$(<"$tap_dir/err")
}

# result NAME COMMAND...: ok if COMMAND is true.
result()
{
	local name=$1

	shift
	tap_n=$((tap_n + 1))
	if "$@"; then
		printf 'ok %d %s\n' "$tap_n" "$name"
		return
	fi
	tap_failed=1
	printf 'not ok %d %s\n' "$tap_n" "$name"
	printf '# %s: exit status %s\n' "${ran-}" "${status-}"
	printf '%s\n' "${out-}" | sed 's/^/# out: /'
	printf '%s\n' "${err-}" | sed 's/^/# err: /'
}

matches()
{
	# shellcheck disable=SC2053 # the right side is a pattern
	if [[ $2 == !* ]]; then
		[[ $1 != ${2#!} ]]
	else
		[[ $1 == $2 ]]
	fi
}

came_out()
{
	{ [[ $status == "$1" ]] || [[ $1 == !0 && $status != 0 ]]; } &&
		matches "$out" "$2" && matches "$err" "$3"
}

# expect NAME STATUS OUT ERR: patterns; "!" before one means anything else.
expect()
{
	result "$1" came_out "$2" "$3" "$4"
}

json_holds()
{
	[[ $status == 0 ]] && jq -e "$1" <<<"$out" >/dev/null
}

# holds NAME FILTER: what jq makes of the output is true.
holds()
{
	result "$1" json_holds "$2"
}

skip()
{
	tap_n=$((tap_n + 1))
	printf 'ok %d %s # SKIP %s\n' "$tap_n" "$1" "$2"
}

finish()
{
	printf '1..%d\n' "$tap_n"
	exit "$tap_failed"
}
