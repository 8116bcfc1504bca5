#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each message and field of our encoder as Wireshark sees it, whose dissector
# nobody here wrote. PNRP_PCAP names the program that writes the captures.
#
# Some versions (4.0.17 is one) call every message malformed after its first
# field: a guard against endless loops compares the wrong way round. A published
# ACK, which our encoder had no part in, shows whether this is such a version.
# Then the fields are what is judged, each as the first of a message: that all
# of its parts are there, with their values. What else is known of this dissector
# is not held against it: it shows the length and the date of a CPA, and the
# ports of applications, the other way round.

set -euo pipefail

pcap=${PNRP_PCAP:?}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0
failed=0

ID=7775c82766bfb84e1ca6276fe033d79720010db8000000010102030405060708
EXCEPTION='^Malformed Packet .Exception occurred.'

COLUMNS=(frame=frame.number type=pnrp.messageType segment=pnrp.segment.type
	len=pnrp.segment.length msg_id=pnrp.header.messageID
	ack=pnrp.segment.headerAck id=pnrp.segment.pnrpID
	inquire=pnrp.segment.inquire.flags nbit=pnrp.segment.ack.flags.Nbit
	authority=pnrp.segment.authority.flags
	dbit=pnrp.segment.flood.flags.Dbit
	size=pnrp.segment.splitControls.authorityBuffer
	path=pnrp.segment.ipv6EndpointArray.NumberOfEntries
	port=pnrp.segment.port_number address=pnrp.segment.ipv6Address
	route_port=pnrp.segment.routeEntry.portNumber
	route_n=pnrp.segment.routeEntry.addressCount
	nonce=pnrp.segment.nonce hash=pnrp.segment.hashednonce
	ids=pnrp.segment.idArray.NumEntries solicit=pnrp.segment.solicitType
	lookup=pnrp.lookupControls.flags precision=pnrp.lookupControls.precision
	criteria=pnrp.lookupControls.resolveCriteria
	reason=pnrp.lookupControls.reasonCode
	name=pnrp.segment.classifier.string cpa_major=pnrp.encodedCPA.vMajor
	cpa=pnrp.encodedCPA.flags services=pnrp.encodedCPA.number_of_service_addresses
	payloads=pnrp.encodedCPA.number_of_payload_structures
	total=pnrp.encodedCPA.total_bytes_of_payload proto=pnrp.payload.iana_proto
	comment_len=pnrp.encodedCPA.friendlyName.length
	cpa_hash=pnrp.encodedCPA.classifierHash oid=pnrp.publicKey.objID
	key_len=pnrp.publicKey.cbdata_size alg=pnrp.signature.hash_id
	sig=pnrp.signature.data
	protocols=frame.protocols malformed=_ws.malformed
	message=_ws.expert.message)

result() # STATUS TEXT
{
	n=$((n + 1))
	if (($1)); then
		echo "not ok $n - $2"
		failed=1
	else
		echo "ok $n - $2"
	fi
}

# dissect KIND: $dir/KIND.txt, a line a frame
dissect()
{
	local column args=()

	for column in "${COLUMNS[@]}"; do
		args+=(-e "${column#*=}")
	done
	"$pcap" "$dir/$1.pcap" "$1"
	tshark -n -r "$dir/$1.pcap" -T fields -E "separator=|" "${args[@]}" \
		>"$dir/$1.txt" 2>"$dir/$1.err" || {
		sed 's/^/# /' "$dir/$1.err"
		return 1
	}
}

# frames KIND CONDITION [WHAT]
frames()
{
	local column columns='' i=0

	for column in "${COLUMNS[@]}"; do
		i=$((i + 1))
		columns+="${column%%=*} = \$$i; "
	done
	awk -F '|' "
		function count(list) { return split(list, parts, \",\") }
		{ $columns } $2 { print ${3:-\$0} }" "$dir/$1.txt"
}

# all KIND SEGMENT COUNT CONDITION TEXT: so many frames begin with the segment,
# and each of them fulfills the condition
all()
{
	local some bad status=0

	some=$(frames "$1" "segment ~ /^$2/" | wc -l)
	bad=$(frames "$1" "segment ~ /^$2/ && !($4)")
	if [[ $some != "$3" || -n $bad ]]; then
		printf '# %d frames of %s, of which not so: %s\n' "$some" "$2" \
			"${bad:+${bad//$'\n'/$'\n'# }}"
		status=1
	fi
	result $status "$5"
}

none() # KIND CONDITION TEXT
{
	local found status=0

	found=$(frames "$1" "$2" 'frame, message')
	if [[ -n $found ]]; then
		printf '# %s\n' "${found//$'\n'/$'\n'# }"
		status=1
	fi
	result $status "$3"
}

if ! command -v tshark >/dev/null; then
	echo '1..0 # SKIP tshark is not installed'
	exit 0
fi
echo 1..24
status=0
for kind in control messages fields; do
	dissect "$kind" || status=1
done
result $status 'tshark reads the captures'

types=$(frames messages 1 type | sort -un | tr '\n' ' ')
[[ $types == '1 2 3 4 7 8 9 11 ' ]] && status=0 || status=1
result $status "it sees messages of each type: $types"
none messages 'protocols !~ /:udp:pnrp$/' 'all of them are PNRP'
if [[ -n $(frames control 'malformed != ""') ]]; then
	n=$((n + 1))
	echo "ok $n - no message is malformed # SKIP to this tshark all are, a" \
		"published one too; fields follow"
	none messages "message !~ /$EXCEPTION\$/" 'and nothing else is'
else
	none messages 'malformed != ""' 'no message is malformed'
	none messages 'message ~ /Malformed/' 'nor anything in them'
fi
# What an exception within a field would leave behind, the cases below miss.
none fields 'message ~ /Trying to fetch|length.*invalid|bogus/' \
	'no field has a wrong length'
none fields 'protocols !~ /:udp:pnrp$/ || segment == ""' \
	'each field is seen by itself'

all fields 0x0018 11 'ack ~ /^0x(11223344|11223345|22223333|22223334|33334444)$/' \
	'acknowledged IDs'
all fields 0x0030 0 1 'an ID is no field by itself'
all fields 0x0038 2 'id ~ /^7775c82766bfb84e1ca6276fe033d79720010db80000000280*$/' \
	'targets'
all fields 0x0039 8 "id == \"$ID\" || (length(id) == 64 && id ~ /^0*\$/)" 'IDs to validate'
all fields 0x0043 4 'dbit == "1" || dbit == "0" || dbit ~ /True|False/' \
	'controls of a flood'
all fields 0x0044 2 'solicit ~ /^[01]$/' \
	'controls of a solicitation'
all fields 0x0045 2 'lookup == "0x0002" &&
	 ((criteria == "0x01" && precision ~ /^0x0+$/ && reason == "0x00") ||
	  (criteria == "0x08" && precision == "0x00c0" && reason == "0x02"))' \
	'controls of a lookup'
all fields 0x0060 5 'count(id) == ids && len == 12 + 32 * ids' 'arrays of IDs'
all fields 0x0092 6 'hash == "56178b86a57fac22899a9964185c2cc96e7da589"' \
	'hashed nonces'
all fields 0x0093 3 'nonce == "000102030405060708090a0b0c0d0e0f"' 'nonces'
all fields 0x0098 6 'size >= 6' 'sizes of buffers'
all fields 0x009a 9 "id == \"$ID\" && route_port == 3540 &&
	 count(address) == route_n && len == 42 + 16 * route_n" \
	'route entries'
all fields 0x009e 6 'count(address) == path && count(port) == path &&
	 len == 12 + 18 * path' \
	'paths'
all fields 0x0085 3 'name == "MyApplication"' 'classifiers'
all fields 0x009b 3 'cpa_major == "2" && cpa_hash ~ /^5aaeff8d/ && payloads == 1 &&
	 count(proto) == (total - 10) / 20 &&
	 count(address) == services + count(proto) &&
	 oid == "1.2.840.113549.1.1.1" && key_len == 140 &&
	 alg == "0x00008004" && length(sig) == 256' \
	'records, to their last byte'
none fields 'type == 8 && segment == "0x0040" && authority !~ /^0x0(000|001|208)$/' \
	'flags of an authority'
none fields 'type == 7 && segment == "0x0040" && inquire !~ /^0x00(00|1c)$/' \
	'flags of an inquiry'
exit $failed
