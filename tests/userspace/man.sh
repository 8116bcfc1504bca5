#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The manual pages are well formed and say what the programs say: each option,
# tag, code and word that a help text names is in its page, and each option of
# the page is in a help text.

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
peer6=$(realpath "${PEER6:-$here/../../build/peer6}")
IP_LIB_DIR=$(realpath "${IP_LIB_DIR:-$here/../../build}")
export IP_LIB_DIR
man=$here/../../Documentation/man
# shellcheck source=tests/selftests/net/teredo/cli_lib.sh
. "$here/../selftests/net/teredo/cli_lib.sh"

text()
{
	mandoc -Tutf8 -Owidth=1000 "$man/$1" | col -b
}

# each NAME WHERE WORD...: all words are in the text WHERE.
each()
{
	local name=$1 where=$2 word

	shift 2
	# To have found no words to look for is no success.
	ran='looking for words' out="$*" err=
	status=$(($# < 3))
	for word in "$@"; do
		grep -qwF -e "$word" <<<"$where" || err+="$word "
	done
	expect "$name" 0 '*' ''
}

for page in "$man"/*.[0-9]; do
	# Whether other pages are installed here says nothing about this one.
	run mandoc -Tlint -Wstyle "$page"
	out=$(grep -v 'referenced manual not found' <<<"$out" || true)
	status=0
	expect "${page##*/} is well formed" 0 '' '*'
done

options()
{
	# Those of programs in examples (jq -r) are not ours.
	grep -oE -- '(^|[ [,])--?[a-z][a-z-]*' <<<"$1" |
		grep -oE -- '--?[a-z][a-z-]*' |
		grep -vxE -- '-6|-r|-d|-i|-w' | sort -u
}

tags()
{
	grep -oE '(^|[^A-Za-z0-9-])[a-z0-9]+=' <<<"$1" | grep -oE '[a-z0-9]+=' |
		sort -u
}

# compare PAGE TOPIC...: the page and the help texts of its topics.
compare()
{
	local name=$1 topic

	shift
	help=
	for topic in "$@"; do
		# shellcheck disable=SC2086 # several words, or none at all
		help+=$("$peer6" help $topic)$'\n'
	done
	page=$(text "$name")
	name="${name%.8}(8)"
	mapfile -t words < <(options "$help")
	each "options of the help are in $name" "$page" "${words[@]}"
	mapfile -t words < <(options "$page")
	each "options of $name are in the help" "$help" "${words[@]}"
	mapfile -t words < <(tags "$help")
	each "tags of the help are in $name" "$page" "${words[@]%=}"
	mapfile -t words < <(tags "$page")
	each "tags of $name are in the help" "$help" "${words[@]%=}"
}

compare peer6-teredo.8 '' teredo set show monitor flush version help
pages=$page
compare peer6-pnrp.8 pnrp 'pnrp cloud' 'pnrp peer' 'pnrp diagnostics' \
	'pnrp monitor' 'pnrp decode' publish unpublish resolve
pages+=$page
compare peer6-id.8 id
pages+=$page
compare peer6-icf6.8 icf6 'icf6 show' 'icf6 set' 'icf6 add' 'icf6 reset' \
	'icf6 save' 'icf6 monitor' 'icf6 logd'
pages+=$page
mapfile -t words < <("$peer6" -j help errors | jq -r '.codes[].code')
each 'codes are in the pages' "$pages" "${words[@]}"
mapfile -t words < <("$peer6" -j help errors | jq -r '.codes[].exit' | sort -u)
each 'exit statuses are in the pages' "$pages" "${words[@]}"

page=$(text ip-link-teredo.8)
mapfile -t words < <(ip link help teredo 2>&1 | grep -oE '\[ [a-z][a-z0-9-]*' |
	cut -c 3-)
each 'words of the plug-in are in ip-link-teredo(8)' "$page" "${words[@]}"
mapfile -t words < <(ip link help teredo 2>&1 | grep -oE '\[no\][a-z-]+')
each 'flags of the plug-in are in ip-link-teredo(8)' "$page" "${words[@]}"
finish
