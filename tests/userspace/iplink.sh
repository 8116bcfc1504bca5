#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The plug-in within the ip of this host: what it refuses by itself, before the
# kernel is asked. That ip finds it at all proves that the two fit together.

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [[ -z ${PEER6_TEST_NETNS:-} ]]; then
	if ((EUID)); then
		PEER6_TEST_NETNS=1 exec unshare -rn "$0"
	fi
	PEER6_TEST_NETNS=1 exec unshare -n "$0"
fi
IP_LIB_DIR=$(realpath "${IP_LIB_DIR:-$here/../../build}")
export IP_LIB_DIR
# shellcheck source=tests/selftests/net/teredo/cli_lib.sh
. "$here/../selftests/net/teredo/cli_lib.sh"

add()
{
	run ip link add teredo9 type teredo "$@"
}

# refuse NAME WORDS ARGUMENTS...
refuse()
{
	local name=$1 words=$2

	shift 2
	add "$@"
	expect "$name" !0 '*' "*$words*"
}

run ip link help teredo
usage=$out$err
out=$usage err=
expect 'ip link help teredo' 0 '*role { client | server*' ''
add help
out+=$err
expect 'help among the arguments: the same, and not 0' !0 "${usage//[[]/\\[}" '*'

refuse 'an unknown word' 'teredo: unknown command "bogus"' bogus 1
refuse 'an abbreviated word' 'unknown command "serv"' serv 192.0.2.1
refuse 'a word in capitals' 'unknown command "SERVER"' SERVER 192.0.2.1
refuse 'an unknown flag' 'unknown command "noserver"' noserver
refuse 'a word without its value' 'not complete' server
refuse 'a role that is none' 'client, server, relay or host-relay' role router
refuse 'a name for an address' 'peer6 teredo set servername=' \
	server teredo.example.net
refuse 'an IPv6 address' 'not an IPv4 address' server 2001:db8::1
refuse 'half an address' 'not an IPv4 address' server 192.0.2
refuse 'port 65536' '0 to 65535' port 65536
refuse 'a refresh interval that is no number' 'not a number' refresh soon
refuse 'a prefix of 33 bits' '2001::/32' prefix 2001::/33
refuse 'a prefix without its length' '2001::/32' prefix 2001::
refuse 'a prefix with more bits' '32nd' prefix 2001:0:1::/32
refuse 'TTL 256' '0 to 255' bubble-ttl 256
for list in '' ',' 'sns,' ',sns' sns,sns all,sns none,none SNS pps; do
	refuse "extensions \"$list\"" 'not all, none or a list' \
		extensions "$list"
done
refuse 'an id of 256 bytes' '255' client-id "$(printf '%0256d' 0)"
refuse 'an id of 256 bytes in hexadecimal' '255' \
	client-id "hex:$(printf '%0512d' 0)"
refuse 'hexadecimal that is none' 'not hexadecimal' client-id hex:0g
refuse 'hexadecimal of odd length' 'odd' client-id hex:012
refuse 'a secret file that is missing' 'No such file' \
	secret-file /nonexistent/secret
refuse 'a secret file that is empty' 'first line' secret-file /dev/null
add secret hex:c0ffeezz
expect 'a secret is not in the error' !0 '' '!*c0ffee*'
add secret c0ffee secret c0ffee2
expect 'not even when it is given twice' !0 '' '!*c0ffee*'
for word in role:client server:192.0.2.1 server2:192.0.2.1 local:192.0.2.1 \
	port:1 refresh:1 prefix:2001::/32 client-id:a max-peers:1 \
	rate-limit:1 bubble-ttl:1 extensions:all; do
	refuse "${word%%:*} twice" 'duplicate' "${word%%:*}" "${word#*:}" \
		"${word%%:*}" "${word#*:}"
done
for flag in allow-private default-route discovery cone-probe single-server; do
	refuse "$flag on and off" 'duplicate' "$flag" "no$flag"
done
run ip link add name abcdefghijklmnop type teredo server 192.0.2.1
expect 'a name of 16 characters' !0 '' '*abcdefghijklmnop*'
run ip -o link show
expect 'nothing was made' 0 '!*teredo*' ''
finish
