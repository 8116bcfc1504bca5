#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# peer6 pnrp decode on captures that PNRP_PCAP, another program, writes.
#
# shellcheck disable=SC2317 # functions are called through check

set -euo pipefail

peer6=$(realpath "${PEER6:?}")
pcap=$(realpath "${PNRP_PCAP:?}")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
n=0
failed=0

check() # TEXT FUNCTION [ARGUMENTS]
{
	local text=$1

	shift
	n=$((n + 1))
	if "$@" >log 2>&1; then
		echo "ok $n - $text"
	else
		echo "not ok $n - $text"
		head -20 log | sed 's/^/# /'
		failed=1
	fi
}

decode()
{
	status=0
	"$peer6" pnrp decode "$@" >out 2>err || status=$?
	cat err
}

# relink FROM TO LINK BYTES: another link, whose header BYTES are; IPv6 only
relink()
{
	python3 - "$@" <<-'END'
	import struct
	import sys

	data = open(sys.argv[1], 'rb').read()
	link, header = int(sys.argv[3]), bytes.fromhex(sys.argv[4])
	out = data[:20] + struct.pack('=I', link)
	at = 24
	while at < len(data):
	    n = struct.unpack_from('=I', data, at + 8)[0]
	    frame = header + data[at + 16 + 14:at + 16 + n]
	    out += data[at:at + 8] + struct.pack('=II', len(frame), len(frame))
	    out += frame
	    at += 16 + n
	open(sys.argv[2], 'wb').write(out)
	END
}

every_message()
{
	decode -j messages.pcap
	((status == 0)) && jq -e '
		.schema == "peer6.pnrp.decode/1" and .packets == 24 and
		(.messages | length) == 24 and
		([.messages[].type] | unique) == ["ACK", "ADVERTISE",
			"AUTHORITY", "FLOOD", "INQUIRE", "LOOKUP", "REQUEST",
			"SOLICIT"] and
		all(.messages[]; has("error") | not) and
		all(.messages[].fields[]; has("error") | not) and
		.messages[0].from == "[2001:db8:0:2::99]:3540" and
		.messages[0].to == "[2001:db8:0:1::10]:3540" and
		.messages[0].at == "2030-01-01T00:00:00.000000Z"' out
}

as_text()
{
	decode messages.pcap
	((status == 0)) && [[ ! -s err ]] && grep -qx \
		'   108      Endpoint  \[2001:db8:0:2::99\]:3540' out &&
		grep -qx '    48    Classifier  "MyApplication"' out &&
		grep -qx '   240      Application endpoint  \[2001:db8:0:1::20\]:8080 protocol 6 (TCP)' out &&
		[[ $(grep -c '^#' out) == 24 ]] && ! grep -q -- '<--' out
}

# In JSON there is the same as in text.
same_in_both()
{
	decode messages.pcap
	grep -c '^ ' out >lines
	decode -j messages.pcap
	jq '[.messages[].fields[]] | length' out | diff - lines
}

fragments()
{
	decode fragments.pcap
	((status == 0)) && grep -q \
		'^#2 .*  AUTHORITY_BUFFER  2000 bytes, of packets 1 to 2$' out &&
		grep -q '^     8  CERT_CHAIN  0x0080, 1992 bytes$' out &&
		grep -q 'AUTHORITY_BUFFER  bytes 1188 to 1999 of 2000' out
}

fragment_missing()
{
	editcap -F pcap fragments.pcap one.pcap 2
	decode one.pcap
	((status == 0)) && ! grep -q '2000 bytes' out &&
		grep -qx 'The answer that begins in packet 1 is not whole: 1 of 2 fragments.' err
}

teredo()
{
	decode -j teredo.pcap
	((status == 0)) && jq -e '(.messages | length) == 3 and
		all(.messages[]; .type == "LOOKUP" and
			.teredo.from == "198.51.100.1:50211" and
			.teredo.to == "192.0.2.1:3544" and
			.from == "[2001:db8:0:2::99]:3540")' out
}

damaged()
{
	decode bad.pcap
	((status == 0)) && [[ $(grep -c -- '<-- \[' out) == 3 ]] &&
		grep -q '^    38    ArrayLength  40  <-- \[bad-length\]' out &&
		grep -qx '3 of 3 messages cannot be decoded.' err &&
		! grep -q $'[\x1b\x07]' out
}

damaged_json()
{
	decode -j bad.pcap
	((status == 0)) && jq -e '[.messages[].error] ==
		["bad-length", "truncated", "truncated"] and
		([.messages[0].fields[] | select(.error)] | length) == 1 and
		(.messages[0].fields[] | select(.error) | .offset) == 38' out
}

ports()
{
	# By its header, wherever it goes
	decode -j port.pcap
	jq -e '[.messages[].type] == ["ACK"]' out || return 1
	decode -j port.pcap port=40001
	jq -e '[.messages[].type] == ["ACK", "unknown"] and
		.messages[1].error == "truncated"' out
}

link()
{
	relink messages.pcap link.pcap "$2" "$3"
	decode link.pcap
	((status == 0)) && diff out ethernet
}

pcapng()
{
	editcap -F pcapng messages.pcap messages.pcapng
	decode messages.pcapng
	((status == 0)) && diff out ethernet
}

standard_input()
{
	decode - <messages.pcap
	((status == 0)) && diff out ethernet
}

snapped()
{
	editcap -F pcap -s 90 messages.pcap short.pcap
	decode short.pcap
	((status == 0)) && grep -q '^        captured 28 of 36 bytes$' out &&
		grep -q -- '<-- \[truncated\]' out
}

# Three lines, and as JSON the same; on standard output nothing
refused() # CODE STATUS WORDS ARGUMENTS...
{
	local code=$1 expect=$2 words=$3 lines

	shift 3
	decode "$@"
	mapfile -t lines <err
	[[ $status == "$expect" && ${#lines[@]} == 3 &&
	   ${lines[0]} == "peer6: "*" [$code]" && $(<err) == *"$words"* &&
	   ${lines[2]} == "Do: "* ]] || return 1
	# What came before the damage is shown.
	[[ ! -s out || $code == corrupt ]] || return 1
	decode -j "$@"
	[[ $status == "$expect" && ! -s out ]] &&
		jq -e --arg code "$code" \
			'.code == $code and (.do | length) == 1' err
}

for kind in messages fragments teredo bad port; do
	"$pcap" "$kind.pcap" "$kind"
done
decode messages.pcap
mv out ethernet
head -c 2000 messages.pcap >cut.pcap
"$pcap" none.pcap port
editcap -F pcap none.pcap nothing.pcap 1
echo 'no capture at all, but words' >text

echo 1..24
check 'each type of message, in JSON' every_message
check 'as text, with offsets' as_text
check 'as many lines in either' same_in_both
check 'fragments, in any order, make a whole' fragments
check 'a fragment is missing' fragment_missing
check 'messages within Teredo' teredo
check 'damaged ones are marked and harmless' damaged
check 'damaged ones in JSON' damaged_json
check 'other ports' ports
check 'raw IP' link raw 101 ''
check 'raw IPv6' link ipv6 229 ''
check 'cooked, version 1' link sll 113 000000010006020000000001000086dd
check 'cooked, version 2' link sll2 276 \
	86dd000000000001000100060200000000010000
check 'loopback' link null 0 1e000000
check 'VLANs' link vlan 1 02000000000102000000000288a800018100000286dd
check 'pcapng' pcapng
check 'standard input' standard_input
check 'packets cut at capture' snapped
check 'a file that is not there' refused failed 1 'No such file' none.such
check 'no capture' refused failed 1 'unknown file format' text
check 'a file cut short' refused corrupt 1 'within packet 14' cut.pcap
check 'nothing of PNRP' refused not-found 5 'none is UDP' nothing.pcap
check 'no port' refused bad-value 2 'from 1 to 65535' messages.pcap port=0
check 'no file' refused missing 2 'capture is missing'
exit $failed
