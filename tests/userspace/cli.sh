#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The command's words, errors and exit statuses, as far as no device is needed:
# what is refused here is refused before the kernel is asked to make anything.
# In a network namespace of its own, so that it finds no device of this host.
#
# shellcheck disable=SC2317 # functions are called through run and result

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
peer6=$(realpath "${PEER6:-$here/../../build/peer6}")
if [[ -z ${PEER6_TEST_NETNS:-} ]]; then
	if ((EUID)); then
		PEER6_TEST_NETNS=1 exec unshare -rn "$0"
	fi
	PEER6_TEST_NETNS=1 exec unshare -n "$0"
fi
# shellcheck source=tests/selftests/net/teredo/cli_lib.sh
. "$here/../selftests/net/teredo/cli_lib.sh"

# shellcheck source=tests/userspace/errors_lib.sh
. "$here/errors_lib.sh"

refuse 'no command' missing 2 'teredo'
refuse 'no sub-command' missing 2 'set, show, monitor or flush' teredo
refuse 'unknown command, with the nearest' unknown-word 2 '"teredo"' teerdo show
refuse 'unknown sub-command, with the nearest' unknown-word 2 '"monitor"' \
	teredo montior
refuse 'a word like none' unknown-word 2 'Known: ' xyzzy
refuse 'unknown option, with the nearest' unknown-word 2 '--verbose' \
	--verbos3 version
refuse 'unknown short option' unknown-word 2 '-j' -x version
refuse 'an option of another command' unknown-word 2 'another command' \
	teredo set --check client
refuse 'option without its value' missing 2 '--count' teredo monitor --count
refuse 'a count that is none' bad-value 2 '--count=0' teredo monitor --count=0
refuse 'a time that is none' bad-value 2 '--timeout=-1' \
	teredo monitor --timeout=-1
refuse 'a wait that is none' bad-value 2 '--wait=soon' \
	teredo show state --wait=soon
refuse 'no such namespace' no-netns 5 'nowhere-p6' \
	--netns=nowhere-p6 teredo show
refuse 'a namespace that is a path' bad-value 2 '../x' --netns=../x teredo show

refuse 'nothing to set' missing 2 'nothing' teredo set
refuse 'unknown type, with the nearest' unknown-word 2 '"client"' \
	teredo set type=cleint
refuse 'ambiguous type' ambiguous-word 2 'disabled or default' teredo set type=d
refuse 'unknown tag, with the nearest' unknown-word 2 '"clientport"' \
	teredo set client 192.0.2.1 clientprot=1
refuse 'ambiguous tag' ambiguous-word 2 'servername, servervirtualip' \
	teredo set serv=192.0.2.1
refuse 'a tag twice' duplicate 2 '192.0.2.2' \
	teredo set servername=192.0.2.1 servername=192.0.2.2
refuse 'a tag by two of its names' duplicate 2 '192.0.2.2' \
	teredo set servername=192.0.2.1 server=192.0.2.2
refuse 'dev twice' duplicate 2 'b' teredo show dev=a dev=b
refuse 'a value too many' unknown-word 2 '"more"' \
	teredo set client 192.0.2.1 30 0 192.0.2.1 more
refuse 'tags and order: what is given by tag is passed over' unknown-word 2 \
	'"2"' teredo set servername=192.0.2.1 type=client 30 0 192.0.2.1 2
refuse 'refresh interval 0' bad-value 2 'from 1 to 120' \
	teredo set client 192.0.2.1 0
refuse 'refresh interval above the limit' bad-value 2 'from 1 to 120' \
	teredo set refreshinterval=121
refuse 'refresh interval that is no number' bad-value 2 'ten' \
	teredo set refreshinterval=ten
refuse 'refresh interval with something behind it' bad-value 2 '30s' \
	teredo set refreshinterval=30s
refuse 'a negative number' bad-value 2 '-5' teredo set maxpeers=-5
refuse 'a number past all types' bad-value 2 '99999999999999999999' \
	teredo set maxpeers=99999999999999999999
refuse 'port 65536' bad-value 2 'from 0 to 65535' teredo set clientport=65536
refuse 'a name of 16 characters' bad-value 2 'this one has 16' \
	teredo set dev=abcdefghijklmnop client 192.0.2.1
refuse 'a name with a slash' bad-value 2 'a/b' teredo set dev=a/b client
refuse 'an empty name' bad-value 2 'dev' teredo set dev= client
refuse 'a name of 16 characters, shown' bad-value 2 'this one has 16' \
	teredo show dev=abcdefghijklmnop
refuse 'no default server' server-missing 2 'No server is built in' \
	teredo set servername=default
refuse 'an empty server' bad-value 2 'empty' teredo set servername=
refuse 'half an address' bad-value 2 '192.0.2' teredo set client 192.0.2
refuse 'an IPv6 server' bad-value 2 'IPv4' teredo set client 2001:db8::1
refuse 'a server name that does not resolve' name-not-resolved 5 \
	'server.invalid' teredo set client server.invalid
refuse 'second address that is a name' bad-value 2 'IPv4' \
	teredo set client 192.0.2.1 server2=server.invalid
refuse 'servervirtualip of a client' bad-value 2 'client' \
	teredo set client 192.0.2.1 servervirtualip=192.0.2.1
refuse 'servervirtualip against servername' duplicate 2 '192.0.2.1' \
	teredo set type=server servername=192.0.2.1 servervirtualip=192.0.2.9
refuse 'a prefix of 33 bits' bad-value 2 '2001::/33' teredo set prefix=2001::/33
refuse 'a prefix with more bits' bad-value 2 '32nd' \
	teredo set prefix=2001:0:1::/32
refuse 'a prefix that is none' bad-value 2 'x::' teredo set prefix=x::/32
refuse 'neither yes nor no' bad-value 2 'maybe' teredo set allowprivate=maybe
refuse 'hexadecimal that is none' bad-value 2 'hexadecimal' \
	teredo set clientid=hex:0g
refuse 'hexadecimal of odd length' bad-value 2 'length' \
	teredo set clientid=hex:012
refuse 'a client id of 256 bytes' bad-value 2 'long' \
	teredo set "clientid=$(printf '%0256d' 0)"
refuse 'TTL 256' bad-value 2 'from 0 to 255' teredo set bubblettl=256
refuse 'an extension that is none' bad-value 2 'no extension, or one twice' \
	teredo set extensions=sns,nat
refuse 'an extension twice' bad-value 2 'no extension, or one twice' \
	teredo set extensions=hp,hp
refuse 'a secret file that is missing' bad-value 2 'No such file' \
	teredo set secretfile=/nonexistent/secret
: >"$tap_dir/empty"
refuse 'a secret file that is empty' bad-value 2 'empty first line' \
	teredo set "secretfile=$tap_dir/empty"
printf 'hex:zz\n' >"$tap_dir/secret"
p6 teredo set "secretfile=$tap_dir/secret"
expect 'a secret is not in the error' 2 '' '!*zz*'

refuse 'a device that is no Teredo device' not-teredo 10 'lo' \
	teredo set dev=lo client 192.0.2.1
refuse 'deleting one that is no Teredo device' not-teredo 10 'lo' \
	teredo set dev=lo disabled
refuse 'settings for a device that is not there' no-device 5 'teredo9' \
	teredo set dev=teredo9 refreshinterval=20
refuse 'a client without a server' server-missing 2 'none is built in' \
	teredo set type=client
refuse 'a server without addresses' server-missing 2 'two IPv4 addresses' \
	teredo set type=server
refuse 'showing a device that is not there' no-device 5 'teredo9' \
	teredo show dev=teredo9
refuse 'flushing a device that is not there' no-device 5 'teredo9' \
	teredo flush dev=teredo9
refuse 'flushing what is no IPv6 address' bad-value 2 '192.0.2.1' \
	teredo flush 192.0.2.1
refuse 'monitor takes no word' unknown-word 2 '"teredo0"' \
	teredo monitor teredo0
p6 --json teredo show state --check
result 'not qualified, as JSON' json_error_has_shape not-qualified
p6 teredo show state --check
expect 'the state is shown, then the check fails' 7 '*disabled' \
	'*\[not-qualified\]*'

p6 t sh s
expect 'every word abbreviated' 0 'Type *: disabled' ''
state=$out
p6 TEREDO Show STATE
expect 'capitals' 0 "$state" ''
p6 teredo show
expect 'show alone is show state' 0 "$state" ''
p6 teredo show state --json
holds 'no devices, as JSON' \
	'.schema == "peer6.teredo-state/1" and .devices == []'
p6 teredo show peers -j
holds 'no peers, as JSON' '.schema == "peer6.teredo-peers/1" and .peers == []'
p6 teredo show peers -q
expect 'quiet: no remark' 0 '' ''
p6 teredo set dev=teredo9 type=disabled
expect 'disabling what is not there changes nothing' 0 '*unchanged*' ''
p6 teredo set state disabled dev=teredo9 -j
holds 'the "set state" of netsh, as JSON' '.schema == "peer6.teredo-set/1" and
	.result == "unchanged" and .dev == "teredo9"'
p6 version
version=$out
p6 version --json
holds 'version says the same in both forms' '.schema == "peer6.version/1" and
	.version == "'"${version#peer6 }"'"'
p6 --version
expect '--version is version' 0 "$version" ''

p6 help errors -j
holds 'all codes have a text, and an exit status of the list' '
	.schema == "peer6.errors/1" and
	(.codes | length) > 15 and (.reasons | length) > 50 and
	all(.codes[].exit; IN(1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 130)) and
	all((.codes + .reasons + .daemon)[].text; length > 0)'
holds 'no code and no reason has a name twice' '
	([.codes[].code] | length == (unique | length)) and
	([.reasons[].reason] | length == (unique | length)) and
	([.daemon[].reason] | length == (unique | length))'
refuse 'help on nothing that exists' unknown-word 2 '"monitor"' help montor

fits_a_screen()
{
	[[ $status == 0 && -n $out && -z $err ]] &&
		(($(wc -l <<<"$out") <= 40 && $(wc -L <<<"$out") <= 80))
}
for topic in '' teredo set show monitor flush netsh server version; do
	# shellcheck disable=SC2086 # the first topic is no word at all
	p6 help $topic
	result "help $topic fits a screen" fits_a_screen
done
p6 teredo set -h
expect 'help is asked for, nothing is set' 0 '*sudo peer6 teredo set*' ''
p6 -h
out=$(sed -n 3p <<<"$out")
expect 'examples come first in the help' 0 '  sudo peer6 *' ''

full()
{
	"$peer6" version >/dev/full
}
run full
expect 'an answer that cannot be written is a failure' 1 '' '*\[failed\]*'
run script -qec "NO_COLOR=1 $peer6 help errors" /dev/null
expect 'NO_COLOR: no escape on a terminal' 0 $'!*\033*' ''

if modinfo teredo >/dev/null 2>&1; then
	skip 'module missing' 'teredo.ko is installed here'
else
	refuse 'module missing' module-missing 11 '' \
		teredo set client 192.0.2.1
	run ip -o link show
	expect 'nothing was made' 0 '!*teredo*' ''
fi
finish
