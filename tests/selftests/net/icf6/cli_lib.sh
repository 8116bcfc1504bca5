# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Sourced after lib.sh by the tests of peer6 icf6, which is run in "in".

peer6=$FW_DIR/../../../../build/peer6
[[ -x $peer6 ]] || peer6=$(command -v peer6) || skip_all "there is no peer6"

p6()
{
	ns in "$peer6" "$@"
}

# says PATTERN COMMAND...: it succeeds and prints what the pattern matches
says()
{
	local pattern=$1 said
	shift

	said=$("$@")
	# shellcheck disable=SC2053 # the right side is a pattern
	[[ $said == $pattern ]] && return
	printf '%s: "%s", not "%s"\n' "$*" "$said" "$pattern"
	return 1
}

# holds FILTER COMMAND...: what jq makes of its JSON is true
holds()
{
	local filter=$1 said
	shift

	said=$("$@")
	jq -e "$filter" <<<"$said" >/dev/null && return
	printf '%s: not %s: %s\n' "$*" "$filter" "$said"
	return 1
}

# All that a request could have changed, by one program.
snapshot()
{
	p6 icf6 save -
}

# error CODE WORDS COMMAND...: three lines, the code and the words, and nothing
# of the configuration is another
error()
{
	local code=$1 words=$2 before said
	shift 2

	before=$(snapshot)
	if said=$("$@" 2>&1 >/dev/null); then
		printf 'not refused: %s\n' "$*"
		return 1
	fi
	if [[ $said != *"[$code]"* || $said != *"$words"* ||
		$(wc -l <<<"$said") != 3 || $said != *$'\nDo: '* ]]; then
		printf '%s: "%s", not [%s] "%s"\n' "$*" "$said" "$code" \
			"$words"
		return 1
	fi
	is "the configuration" "$before" "$(snapshot)"
}

# A case begins with the firewall as it is after loading.
anew()
{
	p6 icf6 reset >/dev/null
	"$@"
}
