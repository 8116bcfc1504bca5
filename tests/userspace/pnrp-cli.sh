#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# peer6 publish, unpublish, resolve, pnrp and id against a daemon that knows its
# answers by heart: what is sent, what is shown, what is refused and how.
#
# shellcheck disable=SC2317 # functions are called through run and result

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
peer6=$(realpath "${PEER6:-$here/../../build/peer6}")
# shellcheck source=tests/selftests/net/teredo/cli_lib.sh
. "$here/../selftests/net/teredo/cli_lib.sh"
# shellcheck source=tests/userspace/fake_lib.sh
. "$here/fake_lib.sh"
# shellcheck source=tests/userspace/errors_lib.sh
. "$here/errors_lib.sh"

unset PEER6_SOCKET
log=$tap_dir/log
fake daemon --log "$log"
fake hang --hang
fake future --interface 2
fake bytes --bytes
export PEER6_SOCKET=$tap_dir/daemon
key=a1b2c3d4e5f60718293a4b5c6d7e8f9001122334
long=$(printf 'x%.0s' {1..150})
unsecured='unsecured: anyone may claim it'

sent_holds()
{
	tail -n 1 "$log" | jq -e --arg key "$key" "$1" >/dev/null
}

# sends NAME FILTER ARGUMENTS...: the command succeeds, and what jq makes of the
# call is true; no call sends what its interface does not name.
sends()
{
	local name=$1 filter=$2

	shift 2
	: >"$log"
	p6 "$@"
	result "$name" sent_holds "$filter"
	result "$name: exit status" [ "$status" = 0 ]
}

# json SCHEMA FILTER ARGUMENTS...
json()
{
	local schema=$1 filter=$2

	shift 2
	p6 -j "$@"
	holds "$*, as JSON" ".schema == \"$schema\" and ($filter)"
}

# Resolving.
p6 resolve alice.pnrp.net
expect 'resolve shows what was found' 0 "Found: alice.pnrp.net in Global_, $unsecured
*Addresses *: \[2001:db8::a\]:22 tcp
*Comment *: her laptop
*payload ?string? *: hello
*Owner *: $key
1 owner claims this name." ''
p6 resolve 0.many
expect 'and how many owners claim the name' 0 \
	"*:b\]:22*2 owners claim this name; which of them is meant, PNRP does not say." ''
p6 resolve 0.many max=1
expect 'or that there may be more' 0 '*At least 1 owner claims this name.' ''
p6 resolve "$key.alice"
expect 'a secured name is called so' 0 \
	"Found: $key.alice in Global_, secured*" ''
result 'and its owner needs no word' [ "${out%%Owner*}" = "$out" ]
p6 -v resolve "$key.alice"
expect 'but has one with -v, as have its nodes' 0 \
	"*Owner *$key*ID *: 1111*Publisher *: \[2001:db8::a\]:3540*Valid until*3 hops, 250 ms" ''
p6 resolve 0.link
expect 'a zone is shown' 0 '*: \[fe80::a%1\]:22 tcp*' ''
p6 resolve 0.payload
expect 'a name without addresses' 0 '*Addresses *: none*?binary? *: 3q2+7w==*' ''
p6 resolve 0.evil
expect 'what others wrote does not steer the terminal' 0 \
	'*Comment *: \\x1b\[2J\\x9bred\\x7f*?string? *: a\\x0ab*' ''
json peer6.pnrp-resolve/1 '.name == "0.many" and .owners == 2 and
	.secure == false and (.results | length) == 3 and
	.results[2].applications[0].address == "2001:db8::c" and
	.ends[1].reason == "not-found" and (has("steps") | not)' resolve 0.many
PEER6_SOCKET=$tap_dir/bytes p6 resolve 0.many
expect 'answers that come byte by byte' 0 '*2 owners*' ''
unset PEER6_SOCKET
p6 --socket="$tap_dir/daemon" resolve 0.alice
expect '--socket' 0 'Found: *' ''
export PEER6_SOCKET=$tap_dir/daemon

sends 'a name is sent as it was given' '.method == "io.peer6.Pnrp.Resolve" and
	.more and .parameters == {name: "Alice.pnrp.net", timeout: 30,
	max_results: 8}' resolve Alice.pnrp.net
sends 'one instance of a secured name' '.parameters.max_results == 1' \
	resolve "$key.alice"
sends 'tags of resolve' '.parameters == {name: "0.alice", clouds: ["Global_"],
	criteria: "nearest64", prefix: "2001:db8::/64", local: false,
	max_results: 3, timeout: 2.5}' --timeout=2.5 resolve 0.alice Global_ \
	criteria=nearest64 near=2001:db8::/64 local=no max=3
sends 'a name with = in it' '.parameters.name == "0.a=b"' \
	publish 0.a=b Global_
sends 'enumerate wants all' '.parameters.max_results == 64' \
	pnrp peer enumerate 0.many
p6 pnrp peer traceroute 0.alice
expect 'traceroute shows each step' 0 "Resolve Path:
  \[2001:db8::2\]:3540, (9), (20)  Accepted
  \[2001:db8::3\]:3540, (128), (30)  Inquired
Found: 0.alice *" ''
id=$(printf '1%.0s' {1..64})
sends 'traceroute of an ID' '.parameters.target | length == 64' \
	pnrp peer traceroute target="$id"
json peer6.pnrp-resolve/1 '.steps[1].verdict == "inquired"' \
	pnrp peer traceroute 0.alice
: >"$log"
p6 pn pe res 0.alice
expect 'abbreviated' 0 'Found: *' ''

refuse 'a name that nobody has' not-found 5 'nobody publishes 0.x' resolve 0.x
refuse 'an authority of 39 digits' bad-authority 2 'this one has 39' \
	resolve "${key:1}.alice"
refuse 'an authority with a wrong digit' bad-authority 2 '"g" is none' \
	resolve "g${key:1}.alice"
refuse 'an authority in capitals' bad-authority 2 '"A" is none' \
	resolve "A${key:1}.alice"
refuse 'an authority of 1' bad-authority 2 'this one has 1' resolve 1.alice
refuse 'no authority' bad-name 2 'AUTHORITY.NAME' resolve alice
refuse 'a classifier of 150 units' bad-classifier 2 'it has 150' \
	publish "0.$long"
refuse 'a classifier that is not UTF-8' bad-classifier 2 'not UTF-8' \
	publish $'0.\xff'
refuse 'an authority that is not UTF-8' bad-classifier 2 'not UTF-8' \
	resolve $'\xff.x'
refuse 'a host name that stands for nothing' bad-host-name 2 'pnrp.net' \
	resolve a.b.c.pnrp.net
refuse 'a name that no host name can stand for' not-convertible 2 \
	'63 characters' pnrp peer show convertedname "0.${long:0:149}"
refuse 'no name' missing 2 'peer name' resolve
refuse 'too much' unknown-word 2 '"more"' resolve 0.alice Global_ more
refuse 'a tag that is none, with the nearest' unknown-word 2 '"criteria"' \
	resolve 0.alice critera=any
refuse 'criteria that are none' unknown-word 2 'nearest64' \
	resolve 0.alice criteria=best
refuse 'no result wanted' bad-value 2 '1 to 64' resolve 0.alice max=0
refuse 'too many wanted' bad-value 2 '1 to 64' resolve 0.alice max=65
refuse 'too short a time' bad-value 2 '0.1' resolve 0.alice --timeout=0
refuse 'too long a time' bad-value 2 '600' resolve 0.alice --timeout=601
refuse 'neither yes nor no' unknown-word 2 'yes or no' resolve 0.a local=7
refuse 'an ID of 63 digits' bad-value 2 '63 characters' \
	pnrp peer traceroute target="${id:1}"
refuse 'an ID and a name' duplicate 2 'one of them' \
	pnrp peer traceroute 0.alice target="$id"
refuse 'a target for resolve' unknown-word 2 'target' resolve target="$id"
refuse 'a cloud that is none' no-cloud 5 'Elsewhere' resolve 0.alice Elsewhere
refuse 'an option of another command' unknown-word 2 'another command' \
	publish 0.alice --timeout=1
refuse 'a name twice' duplicate 2 '0.b' resolve 0.a name=0.b

accents=$(printf 'é%.0s' {1..149})
refuse 'a long name in an error is cut between characters' not-found 5 'éé' \
	resolve "0.$accents"
refuse 'what steers a terminal is not quoted' bad-authority 2 '"?[2J?.x"' \
	resolve $'\e[2J\n.x'
refuse 'nor what is no text' unknown-word 2 '"?"' $'\xff'

# Each reason of the daemon has its exit status.
while read -r reason code; do
	refuse "the daemon says $reason" "$reason" "$code" 'measured fact' \
		resolve "0.e-$reason"
done <<-END
	no-memory 1
	busy 1
	resolve-only 1
	disk-full 1
	brand-new 1
	bad-name 2
	bad-classifier 2
	invalid-argument 2
	no-access 4
	not-found 5
	no-cloud 5
	timeout 6
	no-address 7
	bad-signature 9
	wrong-password 9
	exists 10
	in-use 10
END

# Daemons that are none.
PEER6_SOCKET=$tap_dir/nothing refuse 'no socket' no-daemon 3 \
	"$tap_dir/nothing" resolve 0.alice
PEER6_SOCKET=$tap_dir/hosts/x refuse 'no folder' no-daemon 3 'systemctl start' \
	pnrp cloud show
: >"$tap_dir/file"
PEER6_SOCKET=$tap_dir/file refuse 'no socket but a file' no-daemon 3 \
	'Nobody listens' id list
PEER6_SOCKET=$(printf "$tap_dir/%0120d" 0) refuse 'a path too long' bad-value 2 \
	'107' id list
PEER6_SOCKET=$tap_dir/hang refuse 'a daemon that hangs' timeout 6 \
	'nothing came' pnrp cloud show list
PEER6_SOCKET=$tap_dir/future refuse 'a daemon of another version' \
	wrong-version 3 'version 1' resolve 0.alice
refuse 'a daemon that goes away' no-daemon 3 'closed the connection' \
	resolve 0.close
refuse 'an answer that is no JSON' wrong-version 3 'does not speak' \
	resolve 0.garbage
refuse 'an answer that is no object' wrong-version 3 'does not speak' \
	resolve 0.reply
refuse 'a resolve that does not end' timeout 6 'did not say' \
	resolve 0.hang --timeout=0.1
chmod 600 "$tap_dir/daemon"
if ((!EUID)) && command -v setpriv >/dev/null; then
	chmod 711 "$tap_dir"
	run setpriv --reuid 65534 --clear-groups "$peer6" resolve 0.alice
	result 'a socket that may not be opened' refused permission 4 \
		'may not be opened'
else
	skip 'a socket that may not be opened' 'this test is not run by root'
fi
chmod 666 "$tap_dir/daemon"

# Publishing.
p6 publish alice.pnrp.net Global_ 22 comment='her laptop'
expect 'publish says what it did, and that the name is unsecured' 0 \
	"0.alice (alice.pnrp.net) is published in Global_, $unsecured" ''
p6 publish 0.bob
expect 'where there is no network it waits' 0 \
	"*is published in Global_,*
0.bob (bob.pnrp.net) waits in LinkLocal_ff00::%2/8 (no-address), $unsecured" ''
p6 publish "$key.alice"
expect 'a secured name is called so' 0 '*is published in Global_, secured*' ''
p6 pnrp peer add registration 0.carol
expect 'netsh says Ok.' 0 '*
Ok.' ''
sends 'tags of publish' '.method == "io.peer6.Pnrp.Register" and
	.parameters == {name: "0.a", clouds: ["Global"], comment: "c",
	payload_string: "t", prefix: "2001:db8::/48", applications: [
	{port: 22, protocol: 6}, {port: 53, protocol: 17},
	{port: 9, protocol: 132},
	{address: "2001:db8::1", port: 80, protocol: 6},
	{address: "2001:db8::2", port: 0, protocol: 6},
	{address: "2001:db8::3", port: 0, protocol: 17}]}' \
	publish 0.a cloud=Global text=t near=2001:db8::/48 comment=c \
	'service=22,53/udp,9/132,[2001:db8::1]:80/TCP,2001:db8::2,[2001:db8::3]/udp'
sends 'without a word about services there is none' \
	'.parameters | has("applications") | not' publish 0.a
printf '\0\1\377' >"$tap_dir/payload"
sends 'a payload from a file' '.parameters.payload_binary == "AAH/"' \
	publish 0.a file="$tap_dir/payload"
head -c 4096 /dev/zero >"$tap_dir/payload"
sends 'the longest payload' '.parameters.payload_binary | length == 5464' \
	publish 0.a file="$tap_dir/payload"
printf x >>"$tap_dir/payload"
refuse 'a payload too long' bad-value 2 '4096' \
	publish 0.a file="$tap_dir/payload"
: >"$tap_dir/payload"
refuse 'an empty payload' bad-value 2 '4096' publish 0.a file="$tap_dir/payload"
refuse 'a payload that is not there' bad-value 2 'No such file' \
	publish 0.a file=/nonexistent
refuse 'two payloads' duplicate 2 'one payload' publish 0.a text=t file=/f
refuse 'a comment that is not UTF-8' bad-value 2 'UTF-8' \
	publish 0.a comment=$'\xff'
for service in '' ',' x 65536 22/tcpx 22/256 '[::1' '[::1]x' '[::1]:x' \
	'[1.2.3.4]:5' 192.0.2.1 '1,,2' '1,' -1 '[]:1' '[::1]:65536' \
	'2001:db8::1%1'; do
	refuse "service \"$service\"" bad-value 2 'PORT' \
		publish 0.a service="$service"
done
refuse '11 services' bad-value 2 'stand for 10' \
	publish 0.a service=1,2,3,4,5,6,7,8,9,10,11
refuse 'nothing to publish' missing 2 'a name' publish
json peer6.pnrp-registrations/1 '.registrations[0].name == "0.alice" and
	.registrations[0].secure == false' publish 0.alice Global_

p6 pnrp peer show registration 0.alice
expect 'show registration' 0 "0.alice (alice.pnrp.net) is published in Global_, $unsecured
*Handle *: *
*ID *: 1111*
*Since *: 2026-01-02T03:04:05Z" ''
p6 pnrp peer show 0.bob LinkLocal
expect 'registration may be left out before a tag only' 2 '' '*unknown command*'
p6 pnrp peer show name=0.bob cloud=LinkLocal
expect 'as here, and the reason is shown' 0 \
	'0.bob*waits in LinkLocal*Reason *: no-address*' ''
p6 pnrp cloud show names Global_
expect 'show names' 0 "*0.alice
*Cloud *: Global_
*Name *: $unsecured
*State *: OK
*" ''
sends 'show names is about all users' '.parameters.all' pnrp cloud show names
p6 unpublish alice.pnrp.net
expect 'unpublish' 0 "0.alice is no longer published in Global_, $unsecured" ''
handle=$("$peer6" -j pnrp peer show name=0.bob | jq '.registrations[1].handle')
p6 pnrp peer delete registration handle="$handle"
expect 'by handle, as netsh' 0 '0.bob is no longer published in LinkLocal*
Ok.' ''
refuse 'what is not published' not-found 5 'nothing of that name' \
	unpublish 0.alice
refuse 'a handle that is none' bad-value 2 'from 1 on' unpublish handle=x
refuse 'a handle of 0' bad-value 2 'from 1 on' unpublish handle=0
refuse 'a name and a handle' duplicate 2 'One of them' unpublish 0.a handle=1
refuse 'neither' missing 2 'One of them' unpublish

# Clouds.
p6 pnrp cloud show list
expect 'show list has the table of netsh' 0 \
	'Scope Id    Addr  State          Name
1     0     1     Active         Global_
3     2     1     Alone          LinkLocal_ff00::%2/8' ''
p6 pnrp cloud show cloud=Global
expect 'list may be left out, a cloud may be shortened' 0 \
	'Scope*Global_' ''
json peer6.pnrp-clouds/1 '.clouds[0].cached == 41' pnrp cloud show list
p6 pnrp cloud show statistics Global_
expect 'show statistics' 0 'Global_*Stale cache entry hits *: 1*LOOKUP 5*bad-header 4' ''
json peer6.pnrp-statistics/1 '.statistics[0].sent.LOOKUP == 5' \
	pnrp cloud show statistics
p6 pnrp cloud show initialization
expect 'show initialization' 0 '*Last seen nodes *: \[2001:db8::7\]:3540*Multicast *: Enabled*' ''
json peer6.pnrp-initialization/1 '.initialization[1].ssdp_searches == 3' \
	pnrp cloud show initialization
p6 pnrp cloud show seed Global_
expect 'show seed' 0 '*seed.example.net  not-found*\[2001:db8::5\]:3540*' ''
json peer6.pnrp-seeds/1 '.seeds | length == 2' pnrp cloud show seed
p6 pnrp cloud show cache
expect 'show cache' 0 '*1111111111111111  1 *yes *12 s *\[2001:db8::7\]:3540 *Global_*' ''
json peer6.pnrp-cache/1 '.cached[0].leaf' pnrp cloud show cache
p6 pnrp cloud set pnrpmode mode=RO
expect 'set pnrpmode' 0 'Ok.' ''
p6 pnrp cloud show pnrpmode
expect 'show pnrpmode' 0 'Mode      Name
RO        Global_
Default   LinkLocal*' ''
json peer6.pnrp-modes/1 '.modes[0].mode == "resolve_only"' \
	pnrp cloud show pnrpmode
sends 'set pnrpmode in order' '.parameters == {cloud: "Global_",
	mode: "default"}' pnrp cloud set pnrpmode default Global_
refuse 'a mode that is none' unknown-word 2 'default or RO' \
	pnrp cloud set pnrpmode mode=off
refuse 'no mode' missing 2 'default or RO' pnrp cloud set pnrpmode
sends 'synchronize host' '.parameters == {cloud: "Global_",
	host: "[2001:db8::5]:3540"}' \
	pnrp cloud synchronize host '[2001:db8::5]:3540'
expect 'and says whom it asked' 0 'Global_: asked \[2001:db8::5\]:3540 *' ''
sends 'synchronize seed' '.parameters == {cloud: "LinkLocal"}' \
	pnrp cloud sync seed LinkLocal
refuse 'synchronize with nobody' missing 2 'host name' \
	pnrp cloud synchronize host
p6 pnrp cloud flush
expect 'flush' 0 'Global_: the cache is empty*LinkLocal*' ''
p6 pnrp cloud repair Global
expect 'repair' 0 'Global_: looking for a split' ''
p6 pnrp cloud start Global_ --timeout=0.1
expect 'start keeps the cloud open for a time' 0 'Global_ is open*' ''
refuse 'start without a cloud' missing 2 'a cloud' pnrp cloud start
refuse 'a cloud that is not UTF-8' bad-value 2 'UTF-8' \
	pnrp cloud flush $'\xff'
p6 pnrp diagnostics ping seed
expect 'ping seed' 0 'seed.example.net: \[2001:db8::5\]:3540 answered after 12.3 ms' ''
sends 'ping host' '.parameters == {cloud: "LinkLocal", host: "h",
	timeout: 1.5}' --timeout=1.5 pnrp diag ping host h LinkLocal
refuse 'a host that does not answer' timeout 6 'none answered' \
	pnrp diagnostics ping host 2001:db8::dead
json peer6.pnrp-ping/1 '.pongs[0].took == 0.0123' pnrp diagnostics ping seed

# Names.
p6 pnrp peer show convertedname 0.MyApp
expect 'convertedname' 0 "Peer name: 0.MyApp  $unsecured
Host name: pMyApp-p.p0.pnrp.net" ''
p6 -v pnrp peer show convertedname 0.alice
expect 'both forms, and the ID' 0 '*Host name: alice.pnrp.net
Long form: palice-p.p0.pnrp.net
P2P ID   : 1111*' ''
PEER6_SOCKET=$tap_dir/nothing p6 pnrp peer show convertedname 0.PnrpTest
expect 'without a daemon, by the rules' 0 '*Host name: nrpest-2pa9a.p0.pnrp.net' ''
PEER6_SOCKET=$tap_dir/nothing p6 pnrp peer show convertedname nrpest-2pa9a.p0.pnrp.net
expect 'and back' 0 'Peer name: 0.PnrpTest *' ''
PEER6_SOCKET=$tap_dir/nothing refuse 'but not what cannot be' not-convertible 2 \
	'63 characters' pnrp peer show convertedname "0.${long:0:149}"
p6 pnrp peer show machinename
expect 'show machinename' 0 "0.box  $unsecured*Published *: No*" ''
sends 'set machinename' '.parameters == {name: "0.n", publish: true,
	auto_publish: false}' \
	pnrp peer set machinename name=0.n publish=start autopublish=disable
refuse 'nothing to set' missing 2 'nothing' pnrp peer set machinename
refuse 'neither start nor stop' unknown-word 2 'start or stop' \
	pnrp peer set machinename publish=now

# Events.
p6 pnrp monitor --count=2
expect 'monitor' 0 '*registered *something of registered*cloud_state*' ''
p6 -j pnrp monitor --count=1
holds 'monitor, as JSON' '.schema == "peer6.event/1" and
	.source == "pnrp" and .event == "registered" and .seq == 8'
# The events that came stay said.
p6 pnrp monitor --count=3 --timeout=0.5
expect 'fewer events than asked for' 6 '*cloud_state*' '*2 of 3 events*'

# Identities.
p6 id list
expect 'no identity yet' 0 '' '*id create*'
refuse 'nothing to show' not-found 5 'identit' id show
p6 id create alice friendly='Alice of the garden'
expect 'create' 0 'Created: *.alice
*Friendly name *: Alice of the garden
*Profile *: compatible, RSA-1024
*Default *: Yes
*Host name *: palice-p.p*.pnrp.net
*' ''
sends 'create, all tags' '.parameters == {classifier: "bob",
	friendly_name: "Bob", profile: "strong", make_default: true}' \
	id create bob Bob profile=strong default=yes
refuse 'a profile that is none' unknown-word 2 'compatible or strong' \
	id create profile=weak
p6 id list
expect 'list' 0 'Default *Profile *Key *Friendly name *Peer name
no *compatible *RSA-1024 *Alice of the garden *.alice
yes *strong *RSA-3072 *Bob *.bob' ''
p6 id default 'Alice of the garden'
expect 'default' 0 'Default now: *.alice*Default *: Yes*' ''
p6 id rename 'Alice of the garden' Alice
expect 'rename' 0 'Renamed: *Friendly name *: Alice
*' ''
refuse 'rename to nothing' missing 2 'a friendly name' id rename Alice
p6 id show
expect 'show' 0 '*.alice*' ''
json peer6.identity/1 '.identity.friendly_name == "Alice"' id show
json peer6.identities/1 '.identities | length == 2' id list
p6 id xml
expect 'xml to standard output' 0 '<PEERIDENTITYINFO*' ''
p6 id xml Alice "$tap_dir/alice.idc"
expect 'xml to a file' 0 "$tap_dir/alice.idc holds the certificate of *.alice" ''
p6 id name www
expect 'name' 0 'Peer name: *.www  secured
Host name: pwww-p.p*.pnrp.net' ''
sends 'an unsecured name' '.parameters == {classifier: "www",
	unsecured: true}' id name www unsecured=yes
expect 'is called so' 0 "Peer name: 0.www  $unsecured*" ''

# Secrets.
mode_of()
{
	[[ $(stat -c %a "$1") == "$2" ]]
}
nothing_else()
{
	[[ $(ls "$tap_dir/keys") == alice.xml ]]
}
mkdir "$tap_dir/keys"
printf 'secret\nnot this\n' >"$tap_dir/password"
p6 --password-file="$tap_dir/password" id export Alice "$tap_dir/keys/alice.xml"
expect 'export' 0 '*/alice.xml holds the encrypted key of *.alice' ''
result 'for its owner only' mode_of "$tap_dir/keys/alice.xml" 600
result 'with the first line of the file' grep -q 'P="secret"' \
	"$tap_dir/keys/alice.xml"
result 'and nothing beside it' nothing_else
refuse 'a file that exists is kept' exists 10 'File exists' \
	--password-file="$tap_dir/password" id export Alice \
	"$tap_dir/keys/alice.xml"
ln -s "$tap_dir/elsewhere" "$tap_dir/link"
refuse 'so is a link' exists 10 'File exists' \
	--password-file="$tap_dir/password" id export Alice "$tap_dir/link"
refuse 'a folder that is not there' failed 1 'No such file' \
	--password-file="$tap_dir/password" id export Alice /nonexistent/a.xml
sends 'export with AES' '.parameters.strong_encryption and
	.parameters.password == "secret"' \
	--password-file="$tap_dir/password" id export Alice - encryption=strong
sends 'export of the default one' '.parameters | has("identity") | not' \
	--password-file="$tap_dir/password" id export file=-
sends 'import' '.method == "io.peer6.Identity.Import" and
	.parameters.password == "secret"' \
	--password-file="$tap_dir/password" id import "$tap_dir/keys/alice.xml"
expect 'says what it brought' 0 'Imported: *.imported*' ''
printf 'wrong\n' >"$tap_dir/wrong"
refuse 'a wrong password' wrong-password 9 'does not open' \
	--password-file="$tap_dir/wrong" id import "$tap_dir/keys/alice.xml"
printf '\n' >"$tap_dir/empty"
refuse 'an empty password' bad-value 2 'empty' \
	--password-file="$tap_dir/empty" id import "$tap_dir/keys/alice.xml"
refuse 'a password file that is missing' failed 1 'No such file' \
	--password-file=/nonexistent id import "$tap_dir/keys/alice.xml"
refuse 'a password and no terminal' missing 2 'no terminal' \
	id export Alice "$tap_dir/other.xml"
head -c 30 "$tap_dir/keys/alice.xml" >"$tap_dir/short.xml"
refuse 'an identity cut short' corrupt 1 'cut short' \
	--password-file="$tap_dir/password" id import "$tap_dir/short.xml"
refuse 'no identity at all' failed 1 'No such file' \
	--password-file="$tap_dir/password" id import /nonexistent
head -c 70000 /dev/zero | tr '\0' x >"$tap_dir/large"
refuse 'a file too large' failed 1 'too large' \
	--password-file="$tap_dir/password" id import "$tap_dir/large"
printf 'a\0b' >"$tap_dir/binary"
refuse 'a file that is no text' failed 1 'Invalid' \
	--password-file="$tap_dir/password" id import "$tap_dir/binary"
refuse 'an option for others' unknown-word 2 'another command' \
	--password-file=x id list
if ((!EUID)); then
	mkdir "$tap_dir/full"
	full()
	{
		unshare -m bash -c "mount -t tmpfs -o size=4096 none '$tap_dir/full' &&
			head -c 4096 /dev/zero >'$tap_dir/full/fill' &&
			{ '$peer6' --password-file='$tap_dir/password' id export Alice \
				'$tap_dir/full/a.xml'; status=\$?
			ls '$tap_dir/full' | grep -v fill; exit \$status; }"
	}
	run full
	result 'a full disk leaves no file behind' refused disk-full 1 \
		'No space left'
else
	skip 'a full disk leaves no file behind' 'this test is not run by root'
fi

tty_p6()
{
	run "$here/on_tty.py" "$@"
}
tty_p6 'Password: =secret' 'Once more: =secret' -- "$peer6" id export Alice \
	"$tap_dir/typed.xml"
expect 'a password is typed twice, and not shown' 0 'Password: 
Once more: 
*holds the encrypted key*echo on' ''
result 'and is the right one' grep -q 'P="secret"' "$tap_dir/typed.xml"
tty_p6 'Password: =secret' 'Once more: =secrte' -- "$peer6" id export Alice \
	"$tap_dir/typed2.xml"
expect 'two that differ' 2 '*the passwords differ \[bad-value\]*echo on' ''
tty_p6 'Password: =secret' -- "$peer6" id import "$tap_dir/typed.xml"
expect 'once to import' 0 '*Imported*echo on' ''
tty_p6 'Password: =^C' -- "$peer6" id import "$tap_dir/typed.xml"
expect '^C gives the terminal back' 130 '*[interrupted]*echo on' ''
p6 id delete Alice
expect 'delete' 0 'Deleted for good: *.alice*' ''
refuse 'delete without a name' missing 2 'an identity' id delete

# Progress.
tty_p6 -- "$peer6" --no-color resolve 0.slow
expect 'progress on a terminal, gone at the end' 0 \
	$'*Resolve started...*resolving: 2 nodes asked, 0 found, * s of 30 s*\r\e\\[KFound: 0.slow*' ''
tty_p6 -- "$peer6" -q resolve 0.slow
result 'none with --quiet' [ "${out##*resolving*}" = "$out" ]
tty_p6 -- "$peer6" resolve 0.alice
expect 'unsecured in yellow' 0 $'*\e\\[33munsecured: anyone may claim it\e\\[0m*' ''

# Completion offers each command that there is.
completes()
{
	local COMP_WORDS=(peer6 "$@" '') COMP_CWORD=$(($# + 1)) COMPREPLY=()
	local word

	_peer6 peer6 '' "${@: -1}" 2>/dev/null
	out="${COMPREPLY[*]}"
	for word in $offered; do
		[[ " $out " == *" $word "* ]] || return 1
	done
}
# shellcheck source=userspace/peer6/completion.bash
. "$here/../../userspace/peer6/completion.bash"
PATH=$(dirname "$peer6"):$PATH
for path in pnrp 'pnrp cloud' 'pnrp cloud set' 'pnrp cloud synchronize' \
	'pnrp peer' 'pnrp peer add' 'pnrp peer delete' 'pnrp peer set' \
	'pnrp diagnostics' 'pnrp diagnostics ping' id; do
	read -ra words <<<"$path"
	p6 "${words[@]}"
	offered=$(sed -n 's/^One of: \(.*\)\.$/\1/p' <<<"$err" |
		sed 's/, / /g; s/ or / /g')
	result "$path: there are commands" [ -n "$offered" ]
	result "$path: completion offers them" completes "${words[@]}"
done
"$peer6" publish 0.completed Global_ >/dev/null
for path in 'unpublish 0.completed' 'pnrp cloud flush Global_' \
	'pnrp cloud show statistics Global_' 'publish service=' \
	'resolve max=' 'pnrp peer traceroute target=' \
	'id create profile=' 'id export file='; do
	read -ra words <<<"$path"
	offered=${words[-1]}
	unset 'words[-1]'
	[[ $path != 'id export'* ]] || words+=(alice)
	result "${words[*]}: completion offers $offered" completes "${words[@]}"
done

# The examples of the manual pages and of the help texts do what they say.
examples()
{
	mandoc -Tutf8 -Owidth=1000 "$here/../../Documentation/man/$1" | col -bx |
		sed -n '/^EXAMPLES/,/^[A-Z]/p' | grep -oE '^ +peer6 .*' |
		sed 's/^ *//'
}
PATH=$tap_dir/bin:$PATH
mkdir "$tap_dir/bin"
ln -s "$peer6" "$tap_dir/bin/peer6"
cd "$tap_dir"
cp password secret
"$peer6" -q id create alice alice default=yes >/dev/null
for page in peer6-pnrp.8 peer6-id.8; do
	n=0
	while read -r line; do
		n=$((n + 1))
		[[ $line != *'id export'* ]] || rm -f alice.xml
		run bash -c "set -o pipefail; $line"
		expect "$page: $line" 0 '*' '*'
	done < <(examples "$page")
	result "$page has examples" [ "$n" -ge 4 ]
done
finish
