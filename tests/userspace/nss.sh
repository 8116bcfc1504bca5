#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# libnss_pnrp.so.2: through glibc in namespaces of its own, with its own
# nsswitch.conf, and by a driver that calls it directly under ASan. Against a
# daemon that knows its answers by heart.

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(realpath "${BUILD:-$here/../../build}")
module=$build/libnss_pnrp.so.2
driver=$build/nss/asan/driver
if [[ -z ${PEER6_TEST_NETNS:-} ]]; then
	export PEER6_TEST_NETNS=1
	if ((EUID)); then
		exec unshare -rnm "$0"
	fi
	exec unshare -nm "$0"
fi
# shellcheck source=tests/selftests/net/teredo/cli_lib.sh
. "$here/../selftests/net/teredo/cli_lib.sh"
# shellcheck source=tests/userspace/fake_lib.sh
. "$here/fake_lib.sh"

mount --make-rprivate /
ip link set lo up
ip -6 address add 2001:db8::1/128 dev lo nodad
printf 'hosts: pnrp [!UNAVAIL=return] files\n' >"$tap_dir/nsswitch.conf"
printf '192.0.2.99 alice.pnrp.net nobody.pnrp.net other.example pnrp.net\n' \
	>"$tap_dir/hosts"
for file in nsswitch.conf hosts; do
	mount --bind "$tap_dir/$file" "/etc/$file"
done
export LD_LIBRARY_PATH=$build

fake daemon
fake bytes --bytes
fake hang --hang
fake future --interface 2
export PEER6_SOCKET=$tap_dir/daemon

# Names what getaddrinfo() gives: ask NAME FAMILY.
ask()
{
	run timeout 60 python3 -c '
import socket, sys
try:
    got = socket.getaddrinfo(sys.argv[1], None, getattr(socket, sys.argv[2]),
                             socket.SOCK_STREAM)
    print(*sorted(f"{a[4][0]}%{a[4][3]}"
                  if len(a[4]) > 2 and a[4][3] else a[4][0] for a in got))
except socket.gaierror as e:
    print(next(n for n in dir(socket) if n.startswith("EAI_") and
               getattr(socket, n) == e.args[0]))
' "$1" "$2"
}

direct()
{
	run timeout 120 "$driver" "$@"
}

# What it brings into other programs.
run nm -D --defined-only "$module"
out=$(awk '$2 ~ /^[A-Z]$/ { print $3 }' <<<"$out")
expect 'exports what glibc calls, and nothing else' 0 \
	"_nss_pnrp_gethostbyname2_r
_nss_pnrp_gethostbyname3_r
_nss_pnrp_gethostbyname4_r
_nss_pnrp_gethostbyname_r" ''
run readelf -d "$module"
out=$(sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p; /TEXTREL/p' <<<"$out")
expect 'needs libc, and nothing else' 0 'libc.so.6' ''
run readelf -d "$module"
expect 'has its name and stays loaded' 0 \
	'*SONAME*libnss_pnrp.so.2*NODELETE*' ''

# Through glibc.
run getent ahosts alice.pnrp.net
expect 'getent ahosts' 0 '2001:db8::a *alice.pnrp.net*' ''
run getent ahostsv6 alice.pnrp.net
expect 'getent ahostsv6' 0 '2001:db8::a *alice.pnrp.net*' ''
run getent hosts alice.pnrp.net
expect 'getent hosts' 0 '2001:db8::a *alice.pnrp.net*' ''
run getent ahostsv4 alice.pnrp.net
expect 'getent ahostsv4: no IPv4, and no one else is asked' 2 '' ''
ask alice.pnrp.net AF_UNSPEC
expect 'AF_UNSPEC' 0 2001:db8::a ''
ask alice.pnrp.net AF_INET6
expect 'AF_INET6' 0 2001:db8::a ''
ask alice.pnrp.net AF_INET
expect 'AF_INET has no data' 0 'EAI_NO@(DATA|NAME)' ''
ask ALICE.PNRP.NET AF_UNSPEC
expect 'whatever the case' 0 2001:db8::a ''
ask alice.pnrp.net. AF_UNSPEC
expect 'with the last dot' 0 2001:db8::a ''
ask palice-p.pa1b2c3d4e5f60718293a4b5c6d7e8f9001122334.pnrp.net AF_UNSPEC
expect 'a secured name' 0 2001:db8::a ''
ask link.pnrp.net AF_UNSPEC
expect 'the zone of a link-local address is kept, of no other' 0 \
	'2001:db8::a fe80::a%1' ''
ask ports.pnrp.net AF_UNSPEC
expect 'an address is given once' 0 '2001:db8::a' ''
ask payload.pnrp.net AF_UNSPEC
expect 'a name without addresses has no data' 0 'EAI_NO@(DATA|NAME)' ''
ask strange.pnrp.net AF_UNSPEC
expect 'what is no address of a host is left out' 0 'EAI_NO@(DATA|NAME)' ''
ask nobody.pnrp.net AF_UNSPEC
expect 'not found ends the search' 0 'EAI_NONAME' ''
ask e-timeout.pnrp.net AF_UNSPEC
expect 'a resolve out of time is to be tried again' 0 'EAI_AGAIN' ''
ask e-no-address.pnrp.net AF_UNSPEC
expect 'so is one without a network' 0 'EAI_AGAIN' ''
ask e-no-access.pnrp.net AF_UNSPEC
expect 'without rights it is as if there were no daemon' 0 'EAI_NONAME' ''
ask a.b.c.pnrp.net AF_UNSPEC
expect 'what is no peer name is not found' 0 'EAI_NONAME' ''
ask close.pnrp.net AF_UNSPEC
expect 'a connection that closes' 0 'EAI_NONAME' ''
ask garbage.pnrp.net AF_UNSPEC
expect 'an answer that is no JSON' 0 'EAI_NONAME' ''
ask reply.pnrp.net AF_UNSPEC
expect 'an answer that is no object' 0 'EAI_NONAME' ''
ask other.example AF_UNSPEC
expect 'other names go to the next module' 0 192.0.2.99 ''
ask pnrp.net AF_UNSPEC
expect 'pnrp.net itself is an other name' 0 192.0.2.99 ''
PEER6_SOCKET=$tap_dir/bytes ask alice.pnrp.net AF_UNSPEC
expect 'an answer that comes byte by byte' 0 2001:db8::a ''
PEER6_SOCKET=$tap_dir/nothing ask alice.pnrp.net AF_UNSPEC
expect 'no daemon: the next module' 0 192.0.2.99 ''
PEER6_SOCKET=$tap_dir/hang ask alice.pnrp.net AF_UNSPEC
expect 'a daemon that hangs: the next module' 0 192.0.2.99 ''
PEER6_SOCKET=$tap_dir/future ask alice.pnrp.net AF_UNSPEC
expect 'a daemon of another version: the next module' 0 192.0.2.99 ''
PEER6_TIMEOUT=1 ask hang.pnrp.net AF_UNSPEC
expect 'a resolve that never ends, ends' 0 'EAI_NONAME' ''
PEER6_SOCKET=$(printf "$tap_dir/%0120d" 0) ask alice.pnrp.net AF_UNSPEC
expect 'a path that is too long' 0 192.0.2.99 ''

# The programs that it is for.
run ping -6 -c 1 -w 20 here.pnrp.net
expect 'ping' 0 '*1 received*' ''
exec {web_fd}< <(cd "$tap_dir" && exec python3 -u -m http.server \
	--bind ::1 8080 2>"$tap_dir/web.err")
fakes+=($!)
read -r -t 60 <&"$web_fd"
if command -v curl >/dev/null; then
	run curl -sS --max-time 60 http://here.pnrp.net:8080/nsswitch.conf
	expect 'curl' 0 'hosts: pnrp*' ''
else
	skip 'curl' 'curl is not installed'
fi
if command -v ssh >/dev/null; then
	run ssh -v -F none -o BatchMode=yes -o ConnectTimeout=20 -p 8080 \
		-o UserKnownHostsFile=/dev/null here.pnrp.net true
	expect 'ssh' 255 '*' '*Connecting to here.pnrp.net \[::1\] port 8080*Connection established*'
else
	skip 'ssh' 'ssh is not installed'
fi

# What glibc hides.
direct call alice.pnrp.net
expect 'statuses and codes of success' 0 \
	'4 SUCCESS err 0 h_err 0 2001:db8::a%0/alice.pnrp.net/1
3 SUCCESS err 0 h_err 0 2001:db8::a/alice.pnrp.net
inet NOTFOUND err 3 h_err 4' ''
direct call nobody.pnrp.net
expect 'of a name that nobody has' 0 '4 NOTFOUND err 3 h_err 1
3 NOTFOUND err 3 h_err 1
inet NOTFOUND err 3 h_err 4' ''
direct call e-timeout.pnrp.net
expect 'of time that ran out' 0 '4 TRYAGAIN err 11 h_err 2*' ''
direct call other.example
expect 'of other names' 0 '4 UNAVAIL err 22 h_err 3
3 UNAVAIL err 22 h_err 3
inet UNAVAIL err 22 h_err 3' ''
for name in .pnrp.net pnrp.net xpnrp.net '' . x.pnrp.net.example \
	"$(printf '%0246d' 0).pnrp.net"; do
	direct call "$name"
	expect "\"${name:0:30}\" is an other name" 0 '4 UNAVAIL*' ''
done
PEER6_SOCKET=$tap_dir/nothing direct call alice.pnrp.net
expect 'of an absent daemon' 0 '4 UNAVAIL err 111 h_err 3*' ''
direct call link.pnrp.net
expect 'a hostent, which has no zones, has no link-local address' 0 \
	'4 SUCCESS err 0 h_err 0 fe80::a%1/link.pnrp.net/1 2001:db8::a%0/link.pnrp.net/1
3 SUCCESS err 0 h_err 0 2001:db8::a/link.pnrp.net
*' ''
direct call only-link.pnrp.net
expect 'but where there is no other' 0 '4*
3 SUCCESS err 0 h_err 0 fe80::a/only-link.pnrp.net
*' ''
direct call big.pnrp.net
n=$(head -n 1 <<<"$out" | grep -o '2001:db8' | wc -l)
result 'a long answer is cut at 40 addresses' [ "$n" = 40 ]
direct sizes alice.pnrp.net
expect 'a buffer that is too small by a byte is refused' 0 \
	'3 needs 55
4 needs 56' ''
direct guest alice.pnrp.net
expect 'errno, signals and files are as before' 0 'guest SUCCESS *' ''
PEER6_SOCKET=$tap_dir/nothing direct guest alice.pnrp.net
expect 'without a daemon, too' 0 'guest UNAVAIL *' ''
direct signals slow.pnrp.net
expect 'a program that lives by signals' 0 'signals SUCCESS err 0 h_err 0 many' ''
direct threads alice.pnrp.net
expect 'eight threads and a child at once' 0 'threads 160 of 160, child 0' ''
direct nomem alice.pnrp.net
expect 'without memory it is unavailable' 0 \
	'at last SUCCESS err 0 h_err 0
failed in turn: many, no other' ''
PEER6_SOCKET=$tap_dir/self direct daemon alice.pnrp.net
expect 'in the daemon itself' 0 '4 UNAVAIL err 111 h_err 3*' ''
PEER6_NSS=no direct call alice.pnrp.net
expect 'below the daemon' 0 '4 UNAVAIL err 111 h_err 3*' ''
finish
