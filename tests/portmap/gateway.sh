#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# peer6-portmap, which asks gateways for ports, against miniupnpd and against
# gateways that lie, in network namespaces of this machine: no kernel module of
# ours is needed.
#
# shellcheck disable=SC2153,SC2317 # of lib.sh; cases are called by their names

set -euo pipefail

# shellcheck source=../peer6d/lib.sh
. "$(cd "$(dirname "$0")" && pwd)/../peer6d/lib.sh"
# shellcheck source=lib.sh
. "$P6_TREE/tests/portmap/lib.sh"

PORTMAP=$(dirname "$PEER6D")/peer6-portmap

command -v miniupnpd >/dev/null || skip_all "miniupnpd is not installed"

# ask add|delete [OPTION...]: from the host, in $P6_TMP/answer; its status is ours
ask()
{
	local action=$1
	shift

	in_host host "$PORTMAP" "$action" --gateway 10.9.1.1 --local 10.9.1.2 \
		--port 41000 "$@" >"$P6_TMP/answer"
}

# answer KEY
answer()
{
	sed -n "s/^$1=//p" "$P6_TMP/answer"
}

# fails REASON WORDS COMMAND...: that answer, and nothing is mapped
fails()
{
	local reason=$1 words=$2
	shift 2

	! "$@" || return 1
	same "$(answer reason)" "$reason"
	grep -qF -e "$words" <<<"$(answer why)" || {
		printf '%s\nhas not\n%s\n' "$(answer why)" "$words"
		return 1
	}
}

cleanup()
{
	pm_end_all
	p6_cleanup
}

both_protocols()
{
	igd_start gw igd wan lan
	ask add --lease 600
	same "$(answer protocol) $(answer external) $(answer port) $(answer lease)" \
		"nat-pmp $PM_OUTSIDE 41000 600"
	ask add --protocol upnp --external 41001 --lease 600
	same "$(answer protocol) $(answer external) $(answer port) $(answer lease)" \
		"upnp $PM_OUTSIDE 41001 600"
	igd_has gw $'41000 10.9.1.2:41000\n41001 10.9.1.2:41000'
	# Where it was the last time: no search.
	ask add --protocol upnp --external 41001 --lease 900 \
		--url "$(answer url)" --service "$(answer service)"
	same "$(answer lease)" 900
	ask delete --protocol upnp --external 41001
	igd_has gw '41000 10.9.1.2:41000'
	ask delete --protocol nat-pmp
	igd_has gw ''
	# What is not there need not be taken back. Not known by which protocol
	# it came: by both.
	ask add --protocol upnp --lease 600
	ask delete
	igd_has gw ''
	ask delete
	pm_end igd
}

NONCE=000102030405060708090a0b
MAPPED=00000000000000000000ffff

# The same server speaks both; it looks at no nonce.
pcp()
{
	igd_start gw igd wan lan
	ask add --protocol pcp --lease 600 --nonce $NONCE
	same "$(answer protocol) $(answer external) $(answer port) $(answer lease)" \
		"pcp $PM_OUTSIDE 41000 600"
	igd_has gw '41000 10.9.1.2:41000'
	ask add --protocol pcp --lease 900 --nonce $NONCE
	same "$(answer port) $(answer lease)" '41000 900'
	ask delete --protocol pcp --nonce $NONCE
	igd_has gw ''
	pm_end igd
}

# Without NAT-PMP, in one message of RFC 6887 section 11.1.
pcp_alone()
{
	fake gw 10.9.1.1 pcp=answer
	ask add --lease 600 --nonce $NONCE
	same "$(answer protocol) $(answer external) $(answer port) $(answer lease)" \
		"pcp $PM_OUTSIDE 41000 600"
	same "$(asked 'pcp version 0')" 1
	same "$(asked "pcp map 1 600 ${MAPPED}0a090102 $NONCE 17 41000 41000 ${MAPPED}00000000")" 1
	ask delete --nonce $NONCE
	same "$(asked "pcp map 1 0 ${MAPPED}0a090102 $NONCE 17 41000 0 ${MAPPED}00000000")" 1
	# Another one each time, if nobody says which.
	ask add --protocol pcp
	ask add --protocol pcp
	same "$(sed -n 's/^pcp map 1 7200 [0-9a-f]* \([0-9a-f]*\) .*/\1/p' \
		"$P6_TMP/fake.asked" | sort -u | wc -l)" 2
	fake gw 10.9.1.1 pcp=bent
	ask add --protocol pcp
	same "$(asked 'pcp map')" 1
	fake gw 10.9.1.1 pcp=answer address=10.9.1.1
	fails bad-address "its inside address" ask add --protocol pcp
	# It has been made, so that it has to be taken back.
	same "$(answer asked)" 1
	fake gw 10.9.1.1 pcp=answer result=12
	fails refused "a NAT is between" ask add --protocol pcp
	same "$(answer asked)" 0
	fake gw 10.9.1.1 pcp=answer result=4
	fails no-answer "not what is needed of it (4); the gateway did not answer to UPnP" \
		ask add
	fake gw 10.9.1.1 pmp=answer
	fails not-supported "another version than PCP's" ask add --protocol pcp
}

foreign_entry()
{
	igd_start gw igd wan lan secure_mode=no
	ask add --protocol upnp --lease 600
	# The port belongs to another address of ours, or so it seems.
	ask delete --protocol upnp --owner 10.9.1.77
	igd_has gw '41000 10.9.1.2:41000'
	ask delete --protocol upnp
	igd_has gw ''
	# Somebody else has it: his it stays.
	in_host other "$PORTMAP" add --protocol upnp --gateway 10.9.1.1 \
		--local 10.9.1.3 --port 41000 --lease 600
	fails conflict ConflictInMappingEntry ask add --protocol upnp
	igd_has gw '41000 10.9.1.3:41000'
	ask delete --protocol upnp
	igd_has gw '41000 10.9.1.3:41000'
	# NAT-PMP's gateway chooses another one by itself.
	ask add --protocol nat-pmp --lease 600
	[[ $(answer port) != 41000 ]]
	pm_end igd
}

no_outside()
{
	ip -n "$P6_ID-gw" addr del "$PM_OUTSIDE/24" dev wan
	igd_start gw igd wan lan
	fails refused "has no outside address" ask add --protocol nat-pmp
	fails bad-address "no outside address" ask add --protocol upnp
	pm_end igd
	ip -n "$P6_ID-gw" addr add "$PM_OUTSIDE/24" dev wan
}

lies()
{
	local address words

	while read -r address words; do
		fake gw 10.9.1.1 pmp=answer address="$address"
		fails bad-address "$words" ask add
		# Known for a lie before anything was mapped.
		same "$(asked 'pmp map')" 0
	done <<-END
	0.0.0.0 has no outside address
	127.0.0.1 nobody's address
	239.1.2.3 nobody's address
	10.9.1.1 its inside address
	10.9.1.2 the address of this host
	END
	fake gw 10.9.1.1 upnp=answer address=10.9.1.1
	fails bad-address "its inside address" ask add --protocol upnp
	same "$(asked AddPortMapping)" 0
	fake gw 10.9.1.1 upnp=answer address=nonsense
	fails bad-address "is none" ask add --protocol upnp
	fake gw 10.9.1.1 pmp=answer foreign=41999
	fails bad-answer "the port 41999" ask add
	# Who lies is not asked in another protocol.
	fake gw 10.9.1.1 pmp=answer foreign=41999 upnp=answer
	fails bad-answer "the port 41999" ask add
	same "$(asked ssdp)" 0
	fake gw 10.9.1.1 upnp=answer client=10.9.1.99:22
	fails bad-answer "of 10.9.1.99 port 22" ask add --protocol upnp
}

permanent()
{
	fake gw 10.9.1.1 upnp=answer permanent=1
	ask add --protocol upnp
	same "$(answer lease)" 0
	same "$(asked 'AddPortMapping 41000 10.9.1.2 0')" 1
}

# Only the gateway is asked, whoever answers a search and wherever it sends to.
others()
{
	fake other 10.9.1.3 upnp=answer
	fails no-answer "others than the gateway" ask add --protocol upnp
	same "$(asked http) $(asked upnp)" '0 0'
	fake gw 10.9.1.1 upnp=answer control=http://10.9.1.3:80/c
	fails no-answer "did not answer to UPnP" ask add --protocol upnp
	same "$(asked 'http GET /d.xml') $(asked upnp)" '1 0'
	# A URL from before that is not the gateway's is not used either.
	fake gw 10.9.1.1 upnp=answer
	ask add --protocol upnp --url http://10.9.1.3:80/c --service x
	same "$(answer url | sed 's/:[0-9]*\//\//2')" "http://10.9.1.1/c"
}

# Silence, and an answer that never ends.
bounded()
{
	local began=$SECONDS

	fake gw 10.9.1.1 pcp=silent
	fails no-answer "did not answer to PCP" ask add --protocol pcp
	same "$(asked 'pcp map') $(answer asked)" '2 1'
	((SECONDS - began < 12)) || return 1
	began=$SECONDS
	fake gw 10.9.1.1 pmp=silent
	fails no-answer "did not answer to NAT-PMP" ask add --protocol nat-pmp
	# Three times, and no more.
	same "$(asked 'pmp address')" 3
	((SECONDS - began < 8)) || return 1
	fake gw 10.9.1.1 upnp=drip
	began=$SECONDS
	# 128 + SIGALRM
	local status=0
	ask add --protocol upnp || status=$?
	same "$status" 142
	((SECONDS - began < 30))
}

wrong_use()
{
	local status=0

	for words in "" "add" "steal --gateway 10.9.1.1 --local 10.9.1.2 --port 1" \
		"add --gateway x --local 10.9.1.2 --port 1" \
		"add --gateway 10.9.1.1 --local 10.9.1.2 --port 1 --nonce 01" \
		"add --gateway 10.9.1.1 --local 10.9.1.2 --port 65536"; do
		status=0
		# shellcheck disable=SC2086 # words
		"$PORTMAP" $words >/dev/null 2>&1 || status=$?
		same "$status" 2
	done
	"$PORTMAP" --help | grep -q 'usage: peer6-portmap'
}

plan 11
# shellcheck disable=SC2034 # for lib.sh
PM_TMP=$P6_TMP PM_ID=$P6_ID
trap cleanup EXIT
hosts gw host other
ip -n "$P6_ID-gw" link set eth0 name lan
ip -n "$P6_ID-gw" link set lan up
ip -n "$P6_ID-gw" link add wan type veth peer name far
ip -n "$P6_ID-gw" link set wan up
ip -n "$P6_ID-gw" link set far up
ip -n "$P6_ID-gw" addr add "$PM_OUTSIDE/24" dev wan
ip -n "$P6_ID-gw" addr add 10.9.1.1/24 dev lan
ip -n "$P6_ID-host" addr add 10.9.1.2/24 dev eth0
ip -n "$P6_ID-other" addr add 10.9.1.3/24 dev eth0
check "miniupnpd maps by NAT-PMP and by UPnP" both_protocols
check "and by PCP" pcp
check "a gateway that speaks PCP alone" pcp_alone
check "what others have is left alone" foreign_entry
check "a gateway without an outside address" no_outside
check "a gateway's lies are told" lies
check "a gateway that knows no leases" permanent
check "nobody but the gateway is asked" others
check "silence ends, and so does an endless answer" bounded
check "wrong use is told" wrong_use
pm_end fake
check "no gateway at all" fails no-answer "does not speak NAT-PMP" ask add
finish
