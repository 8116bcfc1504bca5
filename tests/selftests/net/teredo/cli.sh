#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# peer6 teredo against the module: devices are made, changed and deleted as
# told, what they do is shown and reported, and a refusal says which and why and
# leaves everything as it was.
#
# shellcheck disable=SC2317 # functions are called through run and result

set -euo pipefail
# shellcheck source=tests/selftests/net/teredo/cli_topo.sh
. "$(dirname "${BASH_SOURCE[0]}")/cli_topo.sh"
need setpriv
topology

p6()
{
	local ns=$1

	shift
	run peer6 --netns="$ns" "$@"
}

before=
unchanged()
{
	[[ $status == "$1" && $err == *"[$2]"* && $err == *"$3"* && -z $out &&
	   $(wc -l <<<"$err") == 3 && $(snapshot "$one") == "$before" ]]
}

# refuse NAME STATUS CODE WORDS ARGUMENTS...
refuse()
{
	local name=$1 expect=$2 code=$3 words=$4

	shift 4
	p6 "$one" teredo "$@"
	result "$name" unchanged "$expect" "$code" "$words"
}

# --- a server and a client
p6 "$srv" teredo set dev=s0 type=server servername=192.0.2.1 -q
expect 'a server is made' 0 's0 created: server' ''
result 'and takes the address after the first' shows "$srv" s0 'role server' \
	'server2 192.0.2.2'
p6 "$srv" teredo show dev=s0 --check
expect 'a server is healthy' 0 '*Type * : server*State * : qualified*' ''

p6 "$one" teredo set dev=t0 client 192.0.2.1 40 34567 -q
expect 'a client is made, in the order of netsh' 0 't0 created: client' ''
result 'with what was said' shows "$one" t0 'server 192.0.2.1' \
	'server2 192.0.2.2' 'refresh 40' 'port 34567'
p6 "$one" teredo show state dev=t0 --wait=60
expect 'waiting ends with a qualified client' 0 '*State * : qualified*' '*'
shown=$out
for field in 'Type  *: client' 'Server Name  *: 192.0.2.1' \
	'Client Refresh Interval *: 40 seconds' 'Client Port  *: 34567' \
	'Client Type  *: teredo client' 'Network  *: unmanaged' \
	'NAT  *: none (global connectivity)' \
	'NAT Special Behaviour *: UPNP: No, PortPreserving: Yes' \
	'Local Mapping  *: 192.0.2.10:34567' \
	'External NAT Mapping *: 192.0.2.10:34567' 'Error  *: none' \
	'Error Code  *: 0' 'Address  *: 2001:0:c000:201:*'; do
	out=$(grep -E "^${field%%  *}" <<<"$shown" || true)
	expect "Windows' field: ${field%% *\**}" 0 "*${field/  \*/*}*" '*'
done
p6 "$one" teredo show dev=t0 -j
holds 'the same as JSON' '.schema == "peer6.teredo-state/1" and
	(.devices | length == 1) and (.devices[0] | .dev == "t0" and
	.state == "qualified" and .type == "client" and
	.mapped == "192.0.2.10:34567" and .nat.port_preserving and
	(.nat.upnp | not) and
	.extensions == ["sns", "upnp", "pp", "sp", "hp", "slr"] and
	.client_port == 34567 and .error == "none" and .server_heard >= 0 and
	.counters.rs_tx >= 2)'
p6 "$one" teredo show --check -q
expect 'the check is passed' 0 '*' ''

# --- set again
p6 "$one" teredo set dev=t0 client 192.0.2.1 40 34567
expect 'the same again changes nothing' 0 't0 unchanged*' ''
index=$(ifindex "$one" t0)
p6 "$one" teredo set dev=t0 refr=20 maxpeers=9 ratel=8 discovery=yes coneprobe=y \
	extensions=hp,slr
expect 'a change, with abbreviations' 0 't0 changed' '*'
result 'what was named has changed, the rest has not' shows "$one" t0 \
	'refresh 20' 'max-peers 9' 'rate-limit 8' discovery cone-probe \
	'extensions hp,slr' 'port 34567' 'server 192.0.2.1'
p6 "$one" teredo set dev=t0 refr=default maxp=d ratel=d disc=default \
	conep=no clientport=unspec ext=default -q
expect 'back to the defaults' 0 't0 changed' ''
ip -n "$one" link set t0 down
ip -n "$two" link add t0 type teredo server 192.0.2.1
# A device's settings, without what it was given by chance.
settings()
{
	ip -n "$1" -d -o link show t0 | sed 's/.* teredo \(role .*\) state .*/\1/'
}
fresh=$(settings "$two")
out=$(settings "$one")
expect 'defaults are those of a new device' 0 "$fresh" ''
ip -n "$two" link delete t0
p6 "$one" teredo set dev=t0 servername=192.0.2.1
expect 'a device that is down is brought up' 0 't0 changed: brought up' '*'
p6 "$one" teredo set dev=t0 server2=192.0.2.9
result 'a second server address' shows "$one" t0 'server2 192.0.2.9'
p6 "$one" teredo set dev=t0 server2=default
result 'and its default' shows "$one" t0 'server2 192.0.2.2'
out=$(ifindex "$one" t0) status=0 err=
expect 'all that was the same device' 0 "$index" ''
printf 'open sesame\n' >"$tap_dir/secret"
chmod 600 "$tap_dir/secret"
p6 "$one" teredo set dev=t0 clientid=alice secretfile="$tap_dir/secret" -q
expect 'a secret' 0 't0 changed' ''
p6 "$one" teredo set dev=t0 secretfile=default clientid=default -q
result 'is gone' shows "$one" t0 '!secure' '!client-id alice'
p6 "$one" teredo show state dev=t0 --wait=60 -q
expect 'and the client qualifies again' 0 '*qualified*' ''

# --- peers
p6 "$two" teredo set dev=t0 servername=192.0.2.1 -q
p6 "$two" teredo show state --wait=60 -j
peer=$(jq -r '.devices[0].address' <<<"$out")
peer_mapped=$(jq -r '.devices[0].mapped' <<<"$out")
run ip netns exec "$one" ping -6 -c 1 -W 20 "$peer"
expect 'a ping to the other client' 0 '*1 received*' '*'
p6 "$one" teredo show peers
expect 'the peer is shown' 0 "PEER *$peer *direct *$peer_mapped *t0" ''
p6 "$one" teredo show peers -j
holds 'the peer as JSON' '.schema == "peer6.teredo-peers/1" and
	(.peers | length == 1) and (.peers[0] | .path == "direct" and
	.peer == "'"$peer"'" and .via == "'"$peer_mapped"'" and .dev == "t0")'
p6 "$one" teredo flush 2001:db8::1
expect 'a peer that is not there' 5 '' '*\[no-peer\]*'
p6 "$one" teredo flush "$peer"
expect 'the peer is forgotten' 0 "t0: $peer is forgotten" ''
p6 "$one" teredo show peers -j
holds 'and not shown any more' '.peers == []'
p6 "$one" teredo flush dev=t0 --json
holds 'all are forgotten, as JSON' '.schema == "peer6.teredo-flush/1" and
	.flushed == [{"dev": "t0", "peers": 0}]'

# --- events
# monitor ARGUMENTS...: in the background, and listening once this returns.
monitor()
{
	: >"$tap_dir/watching"
	# With job control, so that the job can be interrupted.
	set -m
	peer6 --netns="$one" teredo monitor --verbose "$@" \
		>"$tap_dir/events" 2>"$tap_dir/watching" </dev/null &
	watcher=$!
	set +m
	jobs_started+=("$watcher")
	await 'the monitor' grep -q watching "$tap_dir/watching"
}

came()
{
	(($(wc -l <"$tap_dir/events") >= $1))
}

monitored()
{
	status=0
	wait "$watcher" || status=$?
	out=$(<"$tap_dir/events")
	err=$(grep -v watching "$tap_dir/watching" || true)
	ran='peer6 teredo monitor'
}

monitor --json --timeout=60 --count=5 dev=t0
ip -n "$one" link set t0 down
ip -n "$one" link set t0 up
await 'qualified' shows "$one" t0 'state qualified' || true
ip netns exec "$one" ping -6 -c 1 -W 20 "$peer" >/dev/null || true
await 'five events' came 5 || true
monitored
out=$(jq -s . <<<"$out")
holds 'events come as they happen, each on a line' 'length == 5 and
	all(.[]; .schema == "peer6.event/1" and .source == "teredo" and
	.dev == "t0" and (.at | test("^2[0-9-]+T[0-9:.]+Z$")))'
holds 'their numbers have no gap' '[.[].seq] == [range(1; 6)]'
holds 'from qualified to dormant, and on from there' '
	[.[] | select(.event == "state") | {from, to}] |
	.[0].from == "qualified" and .[0].to == "dormant" and
	.[1].from == "dormant" and
	([.[:-1], .[1:]] | transpose | all(.[0].to == .[1].from))'

monitor --json --count=1 --timeout=0.2
monitored
expect 'time runs out' 6 '' '*"code":"timeout"*'
monitor --timeout=0.2
monitored
expect 'time runs out as it was asked for' 0 '' ''
monitor
kill -INT "$watcher"
monitored
expect 'an interrupt ends with 130' 130 '' '*\[interrupted\]*'
monitor
p6 "$one" teredo flush -q
ip netns exec "$one" ping -6 -c 1 -W 20 "$peer" >/dev/null || true
await 'the event' grep -q trusted "$tap_dir/events" || true
kill -INT "$watcher"
monitored
expect 'events as text' 130 "*t0  peer *$peer trusted  via $peer_mapped*" '*'

# --- not qualified
p6 "$one" teredo set dev=lost client 192.0.2.99 -q
p6 "$one" teredo show state dev=lost --wait=0.3
expect 'waiting runs out of time' 6 '' '*lost did not qualify*\[timeout\]*'
p6 "$one" teredo show state dev=lost --wait=0.3 -j
out=$err status=0
holds 'that as JSON' '.code == "timeout" and .exit == 6 and (.do | length > 0)'
result 'the cause is found' await 'the error' shows "$one" lost \
	'error server-unreachable'
p6 "$one" teredo show state dev=lost --check
expect 'the check fails for it, by its name' 7 \
	'*Error  *: the primary server does not answer*' \
	'*\[server-unreachable\]*'
p6 "$one" teredo set dev=lost disabled
expect 'deleted' 0 'lost deleted' ''
p6 "$one" teredo show state dev=lost
expect 'and gone' 5 '' '*\[no-device\]*'

# --- refusals
before=$(snapshot "$one")
refuse 'an unknown tag' 2 unknown-word bogus set dev=t9 client 192.0.2.1 bogus=1
refuse 'server 0.0.0.0' 2 bad-value 'not unicast' set dev=t9 client 0.0.0.0
refuse 'a multicast server' 2 bad-value multicast set dev=t9 client 224.0.0.1
for addr in 10.0.0.1 172.16.0.1 192.168.0.1; do
	refuse "a private server: $addr" 2 bad-value allow-private \
		set dev=t9 client "$addr"
done
refuse 'a server with one address' 2 bad-value 'not one of this network' \
	set dev=t9 server 192.0.2.10
refuse 'a server without an address' 2 server-missing 'two IPv4 addresses' \
	set dev=t9 server
refuse 'a client without a server' 2 server-missing 'none is built in' \
	set dev=t9 client
refuse 'refresh interval 0' 2 bad-value 'from 1 to 120' \
	set dev=t9 client 192.0.2.1 0
refuse 'refresh interval 121' 2 bad-value 'from 1 to 120' \
	set dev=t0 refreshinterval=121
port=$(ip -n "$one" -d -o link show t0 |
	sed 's/.* local-port \([0-9]*\) .*/\1/')
refuse 'the port of another device' 10 in-use 'port is in use' \
	set dev=t9 client 192.0.2.1 clientport="$port"
refuse 'a server name that does not resolve' 5 name-not-resolved \
	server.invalid set dev=t9 client server.invalid
refuse 'a name of 16 characters' 2 bad-value 'this one has 16' \
	set dev=abcdefghijklmnop client 192.0.2.1
refuse 'a device that does not exist' 5 no-device t9 \
	set dev=t9 refreshinterval=20
refuse 'a device of another kind' 10 not-teredo eth0 \
	set dev=eth0 client 192.0.2.1
refuse 'the state of a device of another kind' 10 not-teredo eth0 \
	show dev=eth0
refuse 'a change to a private server' 2 bad-value allow-private \
	set dev=t0 servername=10.0.0.1
refuse 'a change to no peers' 2 bad-value 'from 1' set dev=t0 maxpeers=0
refuse 'a client id without a secret' 2 bad-value 'needs a secret' \
	set dev=t0 clientid=alice
for what in 'set dev=t9 client 192.0.2.1' 'set dev=t0 refreshinterval=33' \
	'set dev=t0 disabled' 'set dev=t0 type=relay' flush; do
	# shellcheck disable=SC2086 # words
	run ip netns exec "$one" setpriv --bounding-set -net_admin \
		--inh-caps -all --reuid 65534 --clear-groups -- \
		"$(command -v peer6)" teredo $what
	result "without CAP_NET_ADMIN: $what" unchanged 4 permission \
		"Do: sudo peer6 teredo $what"
done
run ip netns exec "$one" setpriv --reuid 65534 --clear-groups --inh-caps -all \
	-- "$(command -v peer6)" teredo show dev=t0
expect 'to look takes no right' 0 '*Type *' ''

# --- another role is another device
index=$(ifindex "$one" t0)
refuse 'a server without addresses takes no device away' 2 server-missing \
	'two IPv4' set dev=t0 type=server
before=$(ifindex "$one" t0)$(settings "$one")
p6 "$one" teredo set dev=t0 type=server servername=192.0.2.1
expect 'nor does one with addresses of somebody else' 2 '' \
	'*not one of this network*'
out=$(ifindex "$one" t0)$(settings "$one") status=0 err=
expect 'the old device is there, as it was' 0 "$before" ''
p6 "$one" teredo set dev=t0 clientport=34567 -q
p6 "$one" teredo set dev=t0 type=relay clientport=34567 -q
expect 'a client makes room for a relay, on its port' 0 't0 recreated:*' ''
result 'which is there' shows "$one" t0 'role relay' 'port 34567'
out=$(ip -n "$one" -o link show type teredo) status=0 err=
expect 'and alone' 0 $'!*\n*' ''
out=$(ifindex "$one" t0)
expect 'and new' 0 "!$index" ''
p6 "$one" teredo set dev=t0 disabled -j
holds 'deleted, as JSON' '.result == "deleted"'
p6 "$one" teredo set dev=t0 disabled
expect 'deleting again changes nothing' 0 't0 unchanged*' ''

# --- the module
p6 "$srv" teredo set dev=s0 disabled -q
p6 "$two" teredo set dev=t0 disabled -q
helper=$(</proc/sys/kernel/modprobe)
restore()
{
	[[ $(</proc/sys/kernel/modprobe) == "$helper" ]] ||
		echo "$helper" >/proc/sys/kernel/modprobe
	modprobe teredo
	cleanup
}
if ! modprobe -r teredo 2>/dev/null; then
	skip 'loading the module' 'others use it'
	finish
fi
trap restore EXIT
# The kernel would load it by itself, and in silence if it cannot.
echo /bin/false >/proc/sys/kernel/modprobe
set_client=(peer6 --netns="$one" teredo set client 192.0.2.1)

# hidden FOLDER COMMAND...: with nothing in FOLDER.
hidden()
{
	# shellcheck disable=SC2016 # for the inner shell
	unshare -m bash -c 'mount -t tmpfs none "$0" && exec "$@"' "$@"
}

# forbidden COMMAND...: with the module on the blacklist.
forbidden()
{
	# shellcheck disable=SC2016 # for the inner shell
	hidden /etc/modprobe.d bash -c \
		'echo blacklist teredo >/etc/modprobe.d/no.conf && exec "$@"' \
		- "$@"
}

refused_module()
{
	[[ $status == 11 && $err == *"[$1]"* && $(wc -l <<<"$err") == 3 &&
	   -z $out && ! -d /sys/module/teredo ]]
}
run hidden "/lib/modules/$(uname -r)" "${set_client[@]}"
result 'no module file' refused_module module-missing
run forbidden "${set_client[@]}"
result 'a module on the blacklist' refused_module module-refused
run setpriv --bounding-set -sys_module --inh-caps -sys_module \
	"${set_client[@]}"
result 'no right to load modules' refused_module module-refused
run "${set_client[@]}" -q
expect 'the module is loaded' 0 'teredo0 created: client' ''
result 'and the device made' shows "$one" teredo0 'server 192.0.2.1'
finish
