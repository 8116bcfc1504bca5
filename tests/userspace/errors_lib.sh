# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034,SC2317
#
# Sourced after cli_lib.sh by the tests of the command: $peer6, and the form of
# its errors.

p6()
{
	run "$peer6" "$@"
}

# Three lines: what [code], why, and what to do; nothing on standard output.
error_has_shape()
{
	local lines

	mapfile -t lines <<<"$err"
	[[ -z $out && ${#lines[@]} == 3 &&
	   ${lines[0]} =~ ^peer6:\ .*[^\ ]\ \[[a-z-]+\]$ &&
	   ${lines[1]} == *[.?] && ${lines[2]} =~ ^Do:\ [^\ ] ]]
}

json_error_has_shape()
{
	[[ -z $out ]] && jq -e --arg code "$1" --argjson exit "$status" '
		.schema == "peer6.error/1" and .code == $code and
		.exit == $exit and (.what | length) > 0 and
		(.why | length) > 0 and (.do | type) == "array" and
		(.do | length) > 0' <<<"$err" >/dev/null
}

refused()
{
	local code=$1 expect=$2 words=$3

	[[ $status == "$expect" && $err == *"[$code]"* && $err == *$words* ]] &&
		error_has_shape
}

# refuse NAME CODE STATUS WORDS ARGUMENTS...: both as text and as JSON.
refuse()
{
	local name=$1 code=$2 expect=$3 words=$4

	shift 4
	p6 "$@"
	result "$name" refused "$code" "$expect" "$words"
	p6 --json "$@"
	result "$name, as JSON" json_error_has_shape "$code"
}
