#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Whole sessions of ours as Wireshark sees them, whose dissectors nobody here
# wrote. Captured at the server, outside alice's NAT and at the relay: every
# packet is Teredo, nothing in it is malformed, each field holds what the
# devices say of themselves, and all checksums are right, for which the hosts
# compute them all instead of leaving them to the (virtual) hardware.
#
# dora is alice's neighbour, and her server demands a secret.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=../selftests/net/teredo/lib.sh
. "$(dirname "$0")/../selftests/net/teredo/lib.sh"

NAT_A=198.51.100.1
RELAY=198.51.100.100
KEYED=192.0.2.65
declare -A PORT=([alice]=40001 [bob]=40002 [dora]=40003 [relay]=40004)
PLACES=(server keyed natA relay)
ID=host1
ID_HEX=686f737431

TSHARK=(tshark -n -o udp.check_checksum:TRUE -o tcp.check_checksum:TRUE
	-o ip.check_checksum:TRUE -d "udp.port==3544,teredo")
for host in "${!PORT[@]}"; do
	TSHARK+=(-d "udp.port==${PORT[$host]},teredo")
done

# tshark takes long to start, so it is asked once for all that the cases look
# at. What it calls FIELD is NAME=FIELD here, a variable of awk.
FIELDS=(frame=frame.number protocols=frame.protocols src=ip.src dst=ip.dst
	sport=udp.srcport dport=udp.dstport ip_sum=ip.checksum.status
	udp_sum=udp.checksum.status tcp_sum=tcp.checksum.status
	icmp_sum=icmpv6.checksum.status auth=teredo.auth
	idlen=teredo.auth.idlen aulen=teredo.auth.aulen id=teredo.auth.id
	value=teredo.auth.value nonce=teredo.auth.nonce conf=teredo.auth.conf
	origin=teredo.orig o_addr=teredo.orig.addr o_port=teredo.orig.port
	src6=ipv6.src dst6=ipv6.dst hlim=ipv6.hlim header=ipv6.nxt
	plen=ipv6.plen t_addr=ipv6.src_tc_ipv4 t_port=ipv6.src_tc_port
	type=icmpv6.type prefix=icmpv6.opt.prefix
	prefix_len=icmpv6.opt.prefix.length mtu=icmpv6.opt.mtu
	tcp=tcp.srcport malformed=_ws.malformed severity=_ws.expert.severity
	exceeds=ipv6.plen_exceeds_framing message=_ws.expert.message)

# IPv6 with no next header and nothing behind it
BUBBLE='header == 59 && plen == 0'
ICMP='type != ""'

decode()
{
	local place=$1 field args=()

	for field in "${FIELDS[@]}"; do
		args+=(-e "${field#*=}")
	done
	"${TSHARK[@]}" -r "$TD_TMP/$place.pcap" -T fields -E "separator=|" \
		"${args[@]}" >"$TD_TMP/$place.txt" 2>"$TD_TMP/$place.err" || {
		cat "$TD_TMP/$place.err"
		return 1
	}
}

decode_all()
{
	local place pid pids=()

	for place in "${PLACES[@]}"; do
		decode "$place" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
}

# frames PLACE CONDITION [NAMES]: a line for each frame, with these fields
frames()
{
	local field columns='' i=0

	for field in "${FIELDS[@]}"; do
		i=$((i + 1))
		columns+="${field%%=*} = \$$i; "
	done
	awk -F '|' -v OFS='|' "{ $columns } $2 { print ${3:-\$0} }" \
		"$TD_TMP/$1.txt"
}

# none PLACE CONDITION
none()
{
	local found

	found=$(frames "$1" "$2")
	[[ -n $found ]] || return 0
	printf 'at %s there is, with %s\n%s\n' "$1" "$2" "$found"
	return 1
}

# some PLACE CONDITION [MIN]: so many frames, 1 unless given
some()
{
	between "frames at $1 with $2" "${3:-1}" 9999999 \
		"$(frames "$1" "$2" | wc -l)"
}

# each PLACE CONDITION WANTED NAMES: there are such, and all have these fields
each()
{
	is "$1: $2: $4" "$3" "$(frames "$1" "$2" "$4" | sort -u)"
}

# from_to ADDRESS PORT ADDRESS PORT: condition of packets between, in REPLY
from_to()
{
	REPLY="src == \"$1\" && sport == $2 && dst == \"$3\" && dport == $4"
}

# mapping HOST: what the device says, in IP and UDP
mapping()
{
	td_show "$1"
	td_get mapped
	IP=${REPLY%:*}
	UDP=${REPLY##*:}
}

# Checksums are offloaded by default, and only a real device would fill them
# in before the wire.
whole_checksums()
{
	local host dev

	for host in server keyed relay web alice bob dora; do
		for dev in eth0 eth6; do
			ns "$host" test -e "/proc/sys/net/ipv4/conf/$dev" ||
				continue
			ns "$host" ethtool -K "$dev" tx off >/dev/null
		done
	done
}

session()
{
	local place pids=() dev

	for place in "${PLACES[@]}"; do
		dev=eth0
		[[ $place != nat* ]] || dev=wan
		lab_capture "$place" "$TD_TMP/$place.pcap" "$dev" udp
		pids+=("$LAB_PID")
	done
	td_client alice default-route port "${PORT[alice]}"
	td_client bob default-route port "${PORT[bob]}"
	td_add dora server "$KEYED" port "${PORT[dora]}" client-id "$ID" \
		secret sesame
	td_qualify alice bob dora
	td_pings alice bob
	td_pings dora bob
	td_ping alice "$WEB"
	td_addr bob
	td_ping web "$REPLY"
	td_tcp alice bob "$REPLY" 64K
	td_tcp alice web "$WEB" 64K
	for place in "${pids[@]}"; do
		lab_capture_stop "$place"
	done
}

all_teredo()
{
	local place

	for place in "${PLACES[@]}"; do
		some "$place" 'protocols ~ /:udp:teredo:ipv6(:|$)/' 3
		none "$place" 'protocols !~ /:udp:teredo:ipv6(:|$)/'
	done
}

# 8388608 is the severity "error".
nothing_malformed()
{
	local place

	for place in "${PLACES[@]}"; do
		none "$place" 'malformed != "" || protocols ~ /malformed/'
		none "$place" 'severity ~ /(^|,)(8388608|0x0*800000|Error)/'
		none "$place" 'exceeds != ""'
	done
}

# 1 is "good"; 2, "unverified", would be a dissector that did not look.
checksums()
{
	local place

	for place in "${PLACES[@]}"; do
		each "$place" 1 '1|1' 'ip_sum, udp_sum'
		each "$place" "$ICMP" 1 icmp_sum
	done
	each natA 'tcp != ""' 1 tcp_sum
	each relay 'tcp != ""' 1 tcp_sum
}

# Each of a port's solicitations is answered with its nonce.
asked_and_answered()
{
	local place=$1 port=$2 asked answered

	asked=$(frames "$place" "type == 133 && sport == $port" nonce | sort)
	answered=$(frames "$place" "type == 134 && dport == $port" nonce | sort)
	is "nonces of the answers at $place" "$asked" "$answered"
	is "nonces, each of them new" "$asked" "$(sort -u <<<"$asked")"
	[[ $asked =~ ^[0-9a-f]{16}$'\n' ]]
}

qualification()
{
	local rs ra

	mapping alice
	is "alice's outside" "$NAT_A:${PORT[alice]}" "$IP:$UDP"
	rs="type == 133 && sport == $UDP"
	ra="type == 134 && dport == $UDP"
	some server "$rs" 2
	each server "$rs" '0|0|00|fe80::ffff:ffff:ffff|ff02::2|255|3544' \
		'idlen, aulen, conf, src6, dst6, hlim, dport'
	each server "$ra" "0|0|00|$IP|$UDP|fe80::ffff:ffff:ffff|255" \
		'idlen, aulen, conf, o_addr, o_port, dst6, hlim'
	each server "$ra" '2001:0:c000:201::|64|1280' 'prefix, prefix_len, mtu'
	asked_and_answered server "$UDP"
}

secured()
{
	local rs ra values

	mapping dora
	rs="type == 133 && sport == $UDP"
	ra="type == 134 && dport == $UDP"
	some keyed "$rs" 2
	each keyed "$rs || $ra" "5|20|$ID_HEX|00" 'idlen, aulen, id, conf'
	each keyed "$ra" "$IP|$UDP" 'o_addr, o_port'
	# A nonce of its own makes each value another.
	values=$(frames keyed "$rs || $ra" value | sort)
	is "authentication values, all different" "$values" \
		"$(sort -u <<<"$values")"
	asked_and_answered keyed "$UDP"
}

bubbles()
{
	local direct indirect forwarded bob_ip bob_udp

	mapping bob
	bob_ip=$IP
	bob_udp=$UDP
	mapping alice
	td_addr alice
	from_to "$IP" "$UDP" "$bob_ip" "$bob_udp"
	direct="$BUBBLE && src6 == \"${TD_ADDR[alice]}\""
	indirect="$direct"
	forwarded="$direct"
	direct+=" && $REPLY"
	from_to "$IP" "$UDP" "$SERVER" 3544
	indirect+=" && $REPLY"
	from_to "$SERVER" 3544 "$bob_ip" "$bob_udp"
	forwarded+=" && $REPLY"
	some natA "$direct"
	some natA "$indirect"
	each natA "($direct) || ($indirect)" \
		"|||$IP|$UDP|${TD_ADDR[bob]}" \
		'auth, origin, o_addr, t_addr, t_port, dst6'
	some server "$forwarded"
	each server "$forwarded" "|$IP|$UDP|${TD_ADDR[bob]}" \
		'auth, o_addr, o_port, dst6'
}

# The test goes by the server, its answer comes from the relay.
echo_test()
{
	local answer

	mapping alice
	from_to "$IP" "$UDP" "$SERVER" 3544
	some server "$REPLY && type == 128 && dst6 == \"$WEB\""
	from_to "$RELAY" "${PORT[relay]}" "$IP" "$UDP"
	answer="$REPLY && type == 129 && src6 == \"$WEB\""
	some relay "$answer" 4
	some natA "$answer" 4
	none natA "$answer && (origin != \"\" || auth != \"\")"
	# The relay asks for a path by a bubble, which the server hands on.
	some relay "$BUBBLE && src == \"$RELAY\" && dst == \"$SERVER\""
	some server "$BUBBLE && src == \"$SERVER\" &&
		o_addr == \"$RELAY\" && o_port == ${PORT[relay]}"
}

data()
{
	local there back web="\"$WEB\""

	td_addr bob
	there="\"$REPLY\""
	td_addr alice
	back="\"$REPLY\""
	some natA "type == 128 && src6 == $back && dst6 == $there" 3
	some natA "type == 129 && dst6 == $back && src6 == $there" 3
	some natA "tcp != \"\" && src6 == $back && dst6 == $there" 9
	some natA "tcp != \"\" && src6 == $there && dst6 == $back" 3
	some relay "tcp != \"\" && src6 == $back && dst6 == $web" 9
	some relay "tcp != \"\" && src6 == $web && dst6 == $back" 3
	none natA 'tcp != "" && (origin != "" || auth != "")'
	none server 'tcp != ""'
}

for program in tshark tcpdump ethtool iperf3; do
	command -v "$program" >/dev/null ||
		skip_all "$program is not installed"
done

plan 10
lab_init
lab_begin
lab_standard port port
lab_server keyed $KEYED 192.0.2.66 2001:db8:6::9/64
lab_client dora natA 10.0.1.3
lab_commit
whole_checksums
td_server
td_add keyed role server server $KEYED server2 192.0.2.66 \
	client-id "$ID" secret sesame
td_add relay role relay local $RELAY port "${PORT[relay]}"
check "a session of every kind of packet is captured" session
td_qualify alice bob dora
check "tshark reads all of it" decode_all
check "every packet is decoded as Teredo" all_teredo
check "none is malformed" nothing_malformed
check "checksums are right, outside and inside" checksums
check "solicitations and advertisements" qualification
check "solicitations and advertisements with a secret" secured
check "bubbles: direct, by way of the server, and handed on" bubbles
check "an echo test and what comes from the relay" echo_test
check "data: pings and TCP" data
finish
