#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# peer6d has gateways map the ports of Teredo clients, and takes that back:
# miniupnpd, and gateways that misbehave, between clients and the Internet. Each
# case has a client, a gateway and a daemon of its own, and they run side by side:
# most of the time is spent waiting for leases.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(cd "$here/../.." && pwd)
export PEER6_TREE=${PEER6_TREE:-$tree}
# shellcheck source=../selftests/net/teredo/lib.sh
. "$tree/tests/selftests/net/teredo/lib.sh"
# shellcheck source=lib.sh
. "$here/lib.sh"

command -v miniupnpd >/dev/null || skip_all "miniupnpd is not installed"
PEER6D=${PEER6D:-$tree/build/peer6d}
CLIENT=$tree/tests/peer6d/varlink.py
CASES=(makes switches killed moves hangs lies nested not_asked pcp)

# With N the number of the case: the client hN at 10.0.N.2 behind the gateway gwN,
# whose addresses are 10.0.N.1 and 9.9.N.1.
at()
{
	N=$1
	H=h$N
	GW=gw$N
	IN=10.0.$N
	OUT=9.9.$N.1
	# shellcheck disable=SC2034 # for lib.sh
	PM_TMP=$TD_TMP/pm$N
}

cleanup()
{
	local file

	for file in "$TD_TMP"/pm*/*.job; do
		[[ ! -e $file ]] || kill -KILL "$(<"$file")" 2>/dev/null || :
	done
	td_cleanup
}

# step WORDS: where a case was when it failed
step()
{
	printf '%3d s: %s\n' "$SECONDS" "$*"
}

# conf LINE...: the section [teredo]
conf()
{
	printf '%s\n' '[teredo]' "$@" >"$PM_TMP/peer6.conf"
}

# start [WRAPPER...]: the daemon; as root, so that it has a privilege to keep, and
# another user's from then on. Its log is a new one, its end is in status.
start()
{
	rm -f "$PM_TMP/status"
	: >"$PM_TMP/log"
	(
		set +e
		nsenter --net="/run/netns/$LAB_ID-$H" -- "$@" "$PEER6D" \
			--user daemon --config "$PM_TMP/peer6.conf" \
			--state "$PM_TMP/run/state" --cloud global \
			--socket "$PM_TMP/run/sock" --no-multicast \
			--log-level debug >>"$PM_TMP/log" 2>&1 </dev/null &
		echo $! >"$PM_TMP/peer6d.job"
		wait $!
		echo $? >"$PM_TMP/status"
	) >/dev/null 2>&1 </dev/null &
	logs "is ready"
}

# stop SIGNAL SECONDS: its exit status in REPLY
stop()
{
	kill "-$1" "$(<"$PM_TMP/peer6d.job")"
	wait_for "$2" "the end of peer6d" test -s "$PM_TMP/status"
	REPLY=$(<"$PM_TMP/status")
	rm -f "$PM_TMP/peer6d.job"
}

reload()
{
	kill -HUP "$(<"$PM_TMP/peer6d.job")"
}

# logs WORDS: sooner or later
logs()
{
	wait_for 20 "'$1'" grep -qF -e "$1" "$PM_TMP/log" && return
	tail -n 5 "$PM_TMP/log"
	return 1
}

# says FILTER WANTED: of what the daemon tells those who ask
says()
{
	is "$1" "$2" "$(python3 "$CLIENT" "$PM_TMP/run/sock" \
		io.peer6.Service.ListPortMappings |
		jq -r ".parameters.mappings[] | $1")"
}

# kernel_has DEVICE [MAPPING]: as people see it; none
kernel_has()
{
	local got

	got=$(ns "$H" peer6 teredo show state dev="$1")
	if [[ -z ${2:-} ]]; then
		[[ $got != *"Gateway's Mapping"* ]]
	else
		[[ $got =~ "Gateway's Mapping"\ *:\ "$2"$'\n' ]]
	fi
}

# mapped [PORT]: at the gateway, alone, and in the kernel
mapped()
{
	wait_for 30 "the gateway's rule" igd_has "$GW" "41000 $IN.2:41000"
	wait_for 30 "the kernel's mapping" kernel_has teredo0 "$OUT:41000"
}

# rests: nothing at the gateway and nothing in the kernel
rests()
{
	wait_for 20 "the gateway's rules to go" igd_has "$GW" ''
	wait_for 20 "the kernel's mapping to go" kernel_has teredo0
}

counted()
{
	(($(lab_counter "$1" "$2") >= $3))
}

asked_for()
{
	(($(asked "$1")))
}

device()
{
	td_add "$H" server "$SERVER" port 41000
}

# Of the daemon's two processes one has one privilege, and the other none.
privileges()
{
	local pid

	pid=$(<"$PM_TMP/peer6d.job")
	is daemon 0000000000000000 \
		"$(sed -n 's/^CapPrm:\t//p' "/proc/$pid/status")"
	pid=$(pgrep -P "$pid" peer6d-kernel)
	is child '0000000000001000 0000000000001000' \
		"$(sed -n 's/^Cap\(Prm\|Eff\):\t//p' "/proc/$pid/status" |
			paste -sd ' ')"
	is user daemon "$(stat -c %U "/proc/$pid")"
}

# A lease of eight seconds is renewed each four: two requests a time. What was
# asked for once would be gone after eight. The gateway that comes back has
# forgotten all; one that does not leaves the kernel without a mapping when the
# lease is over.
makes()
{
	at 1
	igd_start "$GW" igd wan br0
	conf
	device
	start
	mapped
	logs "teredo0: the gateway $IN.1 maps $OUT:41000 to its port 41000 for 7200 s (NAT-PMP)"
	says '[.device, .state, .protocol, .gateway, .local, .external, .external_port] | join(" ")' \
		"teredo0 mapped nat_pmp $IN.1 $IN.2 $OUT 41000"
	ns "$H" peer6 teredo show state | grep -F 'UPNP: Yes'
	PEER6_SOCKET=$PM_TMP/run/sock peer6 teredo show portmap |
		grep -F "teredo0: mapped, $OUT:41000 leads to $IN.2:41000, made by $IN.1 with NAT-PMP until "
	privileges
	step "a stranger, to whom nothing was sent"
	lab_count "$H" stranger in ip saddr 203.0.113.100 udp dport 41000
	ns carol bash -c "echo >/dev/udp/$OUT/41000"
	wait_for 20 "the stranger's packet" counted "$H" stranger 1
	step "renewals"
	lab_count "$GW" pmp in iifname br0 udp dport 5351
	conf 'port-mapping-lease = 8'
	reload
	wait_for 40 "three renewals" counted "$GW" pmp 6
	igd_has "$GW" "41000 $IN.2:41000"
	kernel_has teredo0 "$OUT:41000"
	step "the gateway's end"
	pm_end igd KILL
	wait_for 30 "the lease's end" kernel_has teredo0
	step "and return"
	igd_start "$GW" igd wan br0
	mapped
	step "the daemon's end"
	stop TERM 10
	is status 0 "$REPLY"
	rests
	is "what is kept" '[]' "$(on_disk)"
}

on_disk()
{
	python3 -c 'import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute(
    "SELECT value FROM setting WHERE key = \"portmaps\"").fetchone()[0])' \
		"$PM_TMP/run/state/peer6.db"
}

# All that makes a mapping unwanted.
switches()
{
	at 2
	igd_start "$GW" igd wan br0
	conf 'port-mapping = upnp'
	device
	start
	mapped
	says .protocol upnp
	step "without the extensions"
	ip -n "$LAB_ID-$H" link set teredo0 type teredo extensions none
	rests
	says '[.state, .why] | join(": ")' \
		"not_wanted: the device's extensions have not both of sns and upnp"
	ip -n "$LAB_ID-$H" link set teredo0 type teredo extensions all
	mapped
	step "by another protocol"
	conf 'port-mapping = nat-pmp'
	reload
	logs "maps $OUT:41000 to its port 41000 for 7200 s (NAT-PMP)"
	mapped
	step "by the third"
	conf 'port-mapping = pcp'
	reload
	logs "maps $OUT:41000 to its port 41000 for 7200 s (PCP)"
	mapped
	says .protocol pcp
	step "off"
	conf 'port-mapping = off'
	reload
	rests
	conf
	reload
	mapped
	step "down"
	ip -n "$LAB_ID-$H" link set teredo0 down
	rests
	ip -n "$LAB_ID-$H" link set teredo0 up
	mapped
	step "two devices"
	ip -n "$LAB_ID-$H" -batch - <<-END
		link add teredo1 type teredo server $SERVER port 41001
		link set teredo1 up
	END
	wait_for 20 "two rules" igd_has "$GW" \
		"41000 $IN.2:41000"$'\n'"41001 $IN.2:41001"
	wait_for 20 "the second's mapping" kernel_has teredo1 "$OUT:41001"
	kernel_has teredo0 "$OUT:41000"
	ip -n "$LAB_ID-$H" link del teredo1
	mapped
}

# The kernel's is taken back by the child; the gateway's by the next life, which
# does so before it asks for the same again.
killed()
{
	at 3
	igd_start "$GW" igd wan br0
	conf 'port-mapping = upnp'
	device
	start
	mapped
	step "killed"
	stop KILL 10
	wait_for 10 "the kernel's mapping to go" kernel_has teredo0
	igd_has "$GW" "41000 $IN.2:41000"
	conf 'port-mapping = off'
	start
	rests
	logs "the gateway $IN.1 has taken back its port 41000 (UPnP)"
	stop TERM 10
	is status 0 "$REPLY"
	step "killed, and wanted again"
	conf 'port-mapping = nat-pmp'
	start
	mapped
	stop KILL 10
	start
	mapped
	is order $'taken back\nmaps' "$(grep -oE 'taken back|maps' \
		"$PM_TMP/log")"
}

# there ADDRESS: all that the client has on its link
there()
{
	ip -n "$LAB_ID-$H" -batch - <<-END
		addr flush dev eth0
		addr add $1/24 dev eth0
		route add default via $IN.1
	END
}

# A new address; the mapping of the one before ends with its lease, for NAT-PMP
# takes back nothing for another address. The port is another one until then.
moves()
{
	at 4
	igd_start "$GW" igd wan br0
	conf 'port-mapping = nat-pmp' 'port-mapping-lease = 8'
	device
	start
	mapped
	there "$IN.9"
	wait_for 40 "the new address's rule" has_rule "$IN.9:41000"
	wait_for 40 "the old one's end" has_only "$IN.9:41000"
	step "and back"
	there "$IN.2"
	wait_for 40 "the address's rule" has_only "$IN.2:41000"
}

has_rule()
{
	igd_ports "$GW" | grep -q " $1\$"
}

has_only()
{
	[[ $(igd_ports "$GW") =~ ^[0-9]+\ $1$ ]]
}

# An answer of which a byte comes each second: the daemon answers meanwhile, and
# ends in time.
hangs()
{
	at 5
	fake "$GW" "$IN.1" upnp=drip
	conf 'port-mapping = upnp'
	device
	start
	wait_for 20 "the gateway to hang" asked_for 'http GET'
	says .state asking
	stop TERM 5
	is status 0 "$REPLY"
}

# lie WORDS KEY=VALUE...: is not believed, and said so
lie()
{
	local words=$1
	shift

	step "$*"
	fake "$GW" "$IN.1" pmp=answer "$@"
	start
	logs "$words"
	# Between two attempts, of which the first come soon.
	wait_for 20 "an attempt's end" \
		says '[.state, .reason] | join(" ")' 'failed bad-address'
	kernel_has teredo0
	stop TERM 10
}

lies()
{
	at 6
	conf
	device
	lie "outside address is 0.0.0.0" address=0.0.0.0
	# Who was too slow to say what it did is taken back, just in case.
	is mappings 0 "$(asked 'pmp map 41000 41000 ')"
	lie "that is an address of the inside" "address=$IN.77"
	# What was made before that was known is taken back.
	asked_for 'pmp map 41000 41000 7200'
	asked_for 'pmp map 41000 0 0'
	wait_for 20 "the device to qualify" td_in_state "$H" qualified
	lie "the Teredo server sees another address" address=9.9.9.9
	asked_for 'pmp map 41000 0 0'
}

# Behind another NAT the outside address is private, and of use to those who
# are behind it too (RFC 6081 section 5.6).
nested()
{
	at 7
	fake "$GW" "$IN.1" pmp=answer address=10.77.0.1
	conf
	device
	start
	wait_for 20 "the kernel's mapping" kernel_has teredo0 10.77.0.1:41000
	stop TERM 10
	wait_for 10 "the kernel's mapping to go" kernel_has teredo0
}

# Neither a gateway whose address is not private, nor without the privilege.
not_asked()
{
	at 8
	fake "$GW" "$IN.1" pmp=answer
	conf
	ip -n "$LAB_ID-$GW" addr add 9.9.99.1/24 dev br0
	ip -n "$LAB_ID-$H" -batch - <<-END
		route add 9.9.99.1 dev eth0
		route replace default via 9.9.99.1
	END
	device
	start
	wait_for 20 "the device to qualify" td_in_state "$H" qualified
	says .why "the gateway's address is not private"
	stop TERM 10
	ip -n "$LAB_ID-$H" route replace default via "$IN.1"
	step "unprivileged"
	start setpriv --reuid daemon --clear-groups --bounding-set -all
	says .why "peer6d was started without CAP_NET_ADMIN"
	stop TERM 10
	is requests 0 "$(asked pmp)"
}

# nonces LEASE: those of the requests for so long
nonces()
{
	sed -nE "s/^pcp map 1 $1 [0-9a-f]+ ([0-9a-f]{24}) .*/\1/p" \
		"$PM_TMP/fake.asked" | sort -u
}

# Only who knows the nonce of a PCP mapping can take it back, so it has to
# outlive the daemon; and what a liar has made is taken back as well.
pcp()
{
	local nonce

	at 9
	fake "$GW" "$IN.1" pcp=answer "address=$OUT"
	conf
	device
	start
	wait_for 20 "the kernel's mapping" kernel_has teredo0 "$OUT:41000"
	nonce=$(nonces 7200)
	[[ $nonce =~ ^[0-9a-f]{24}$ ]]
	step "killed"
	stop KILL 10
	conf 'port-mapping = off'
	start
	logs "the gateway $IN.1 has taken back its port 41000 (PCP)"
	is nonce "$nonce" "$(nonces 0)"
	stop TERM 10
	step "a lie"
	fake "$GW" "$IN.1" pcp=answer "address=$IN.77"
	conf
	start
	logs "that is an address of the inside"
	wait_for 10 "the end of what was made" asked_for 'pcp map 1 0 '
	is nonce "$(nonces 7200)" "$(nonces 0)"
	kernel_has teredo0
	stop TERM 10
}

plan ${#CASES[@]}
lab_init
# shellcheck disable=SC2034 # for lib.sh
PM_ID=$LAB_ID
trap cleanup EXIT
chmod 755 "$TD_TMP"
lab_begin
lab_server
lab_host carol 203.0.113.100/27
for ((i = 1; i <= ${#CASES[@]}; i++)); do
	lab_nat gw$i port outside=9.9.$i.1/27 inside=10.0.$i.1/24
	lab_client h$i gw$i 10.0.$i.2
	install -d "$TD_TMP/pm$i"
	install -d -o daemon "$TD_TMP/pm$i/run"
done
lab_commit
td_server
begin "a mapping is made, renewed, made again, taken back" makes
begin "what is not wanted is taken back" switches
begin "what a killed daemon left is found and taken back" killed
begin "another address has a mapping of its own" moves
begin "a gateway that hangs hangs nobody" hangs
begin "what cannot be true is not believed" lies
begin "a gateway behind another NAT" nested
begin "who is not to be asked is not asked" not_asked
begin "a PCP mapping is taken back by who made it" pcp
collect
finish
