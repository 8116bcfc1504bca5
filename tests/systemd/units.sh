#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What "make install" put into build/stage, run by the real systemd, which boots
# in namespaces of the machine: the README's commands, the sandbox, the order of
# a boot.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

stage=${PEER6_TREE:?runs in the machine of scripts/vm/run}/build/stage
tmp=$(mktemp -d)
init=
outer=
listener=
count=0
boots=0
status=0

cleanup()
{
	[[ -z $outer ]] || halt
	ip netns delete outside 2>/dev/null || true
	[[ -z $listener ]] || kill "$listener" 2>/dev/null || true
	rm -rf "$tmp"
}
trap cleanup EXIT

# check DESCRIPTION COMMAND...
check()
{
	local what=$1 rc=0
	shift

	count=$((count + 1))
	(
		set -eu
		"$@"
	) >"$tmp/case" 2>&1 </dev/null &
	wait $! || rc=$?
	if ((rc == 0)); then
		printf 'ok %d - %s\n' "$count" "$what"
		return
	fi
	sed 's/^/# /' "$tmp/case"
	printf 'not ok %d - %s\n' "$count" "$what"
	status=1
}

# await SECONDS WHAT COMMAND...
await()
{
	local end=$((SECONDS + $1)) what=$2
	shift 2

	until "$@" >/dev/null 2>&1; do
		if ((SECONDS > end)); then
			printf 'waited in vain for %s\n' "$what"
			return 1
		fi
		sleep 0.2
	done
}

inside()
{
	nsenter --target "$init" --all -- "$@"
}

is()
{
	[[ $2 == "$3" ]] && return
	printf '%s: "%s", not "%s"\n' "$1" "$3" "$2"
	return 1
}

# The init of the new PID namespace, as seen from here.
child()
{
	init=$(pgrep -P "$1")
}

boot()
{
	boots=$((boots + 1))
	mkdir "/sys/fs/cgroup/peer6-$boots"
	# A /sys that is read-only keeps udev from loading what it finds.
	# shellcheck disable=SC2016 # the inner shell expands it
	bash -c 'echo 0 >"$0/cgroup.procs"; exec "$@"' \
		"/sys/fs/cgroup/peer6-$boots" \
	unshare --fork --pid --mount --uts --ipc --cgroup --propagation private \
		bash -ec '
		mount -t proc proc /proc
		mount -t tmpfs -o mode=755 run /run
		mount -t tmpfs -o mode=1777 tmp /tmp
		mount -o remount,bind,ro /sys
		umount /sys/fs/cgroup
		mount -t cgroup2 cgroup2 /sys/fs/cgroup
		exec env -i container=peer6 PATH="$PATH" \
			/lib/systemd/systemd --unit=peer6-test.target \
			--log-target=console --show-status=no' \
		>"$tmp/console" 2>&1 &
	outer=$!
	await 10 "a process 1" child "$outer"
	child "$outer"
	await 120 "systemd" inside systemctl is-active peer6-test.target || {
		inside systemctl list-jobs || true
		cat "$tmp/console"
		return 1
	}
}

halt()
{
	kill -KILL "$init" 2>/dev/null || true
	wait "$outer" 2>/dev/null || true
	outer=
}

# show UNIT PROPERTY
show()
{
	inside systemctl show --value -p "$2" "$1"
}

# as USER COMMAND...
as()
{
	inside runuser -u "$1" -- "${@:2}"
}

# status FIELD: of the daemon's process
proc()
{
	inside sed -n "s/^$1:[[:space:]]*//p" "/proc/$(show peer6d MainPID)/status"
}

# In the daemon's own view of the file system.
cannot_write()
{
	local path

	for path; do
		if inside nsenter -m -t "$(show peer6d MainPID)" -- \
			touch "$path" 2>/dev/null; then
			printf '%s can be written\n' "$path"
			return 1
		fi
	done
}

starts()
{
	is "the user's name" peer6 "$(inside id -un peer6)"
	inside systemctl enable --now peer6d
	is state active "$(show peer6d ActiveState)"
	is user "$(inside id -u peer6)" "$(proc Uid | cut -f1)"
	is "the state's mode" "700 peer6" \
		"$(inside stat -c '%a %U' /var/lib/peer6)"
	is "the socket's group" peer6 \
		"$(inside stat -c %G /run/peer6/peer6.varlink)"
}

sandboxed()
{
	is "new privileges" 1 "$(proc NoNewPrivs)"
	is "a filter of system calls" 2 "$(proc Seccomp)"
	cannot_write /etc/peer6.test /usr/peer6.test /root/peer6.test \
		/home/peer6.test /sys/peer6.test
	# The one that its unit has is a child's, which tells the kernel of port
	# mappings.
	is "capabilities" 0000000000000000 "$(proc CapPrm)"
	is "those it could get" 0000000000001000 "$(proc CapBnd)"
	is "the child's" 0000000000001000 \
		"$(inside sed -n 's/^CapPrm:[[:space:]]*//p' \
			"/proc/$(inside pgrep -P "$(show peer6d MainPID)" \
				peer6d-kernel)/status")"
}

names()
{
	as alice peer6 publish alice.pnrp.net
	await 30 "the name" as alice peer6 resolve alice.pnrp.net
	sed -i 's/^hosts:.*files/& pnrp [!UNAVAIL=return]/' /etc/nsswitch.conf
	inside getent ahosts alice.pnrp.net | grep -q '^2a00:6::1 '
	inside ping -c 1 -W 10 alice.pnrp.net
}

refused()
{
	local rc=0

	as mallory peer6 publish mallory.pnrp.net >"$tmp/refused" 2>&1 || rc=$?
	cat "$tmp/refused"
	((rc != 0))
	grep -q 'group.*peer6' "$tmp/refused"
}

other_process()
{
	local pid

	pid=$(show peer6d MainPID)
	[[ $pid != 0 && $pid != "$1" ]]
}

comes_back()
{
	local pid

	pid=$(show peer6d MainPID)
	inside kill -KILL "$pid"
	await 30 "another process" other_process "$pid"
	await 30 "the daemon" inside systemctl is-active peer6d
	await 30 "the name" as alice peer6 resolve alice.pnrp.net
}

# An outsider's knock at a port on which the host listens.
knock()
{
	ip netns exec outside timeout 2 \
		bash -c 'exec 3<>/dev/tcp/2a00:6::1/7000' 2>/dev/null
}

closed()
{
	! knock
}

firewall()
{
	knock
	inside systemctl enable --now icf6 icf6-logd
	closed
	inside peer6 icf6 add port 7000 tcp
	inside peer6 icf6 save
	knock
	inside peer6 icf6 set logging drops=on
	inside peer6 icf6 delete port 7000 tcp
	closed
	await 10 "the log" inside grep -q ' DROP TCP 2a00:6::2 ' \
		/var/log/peer6/pfirewall-v6.log
	# Stopping opens nothing.
	inside systemctl stop icf6
	closed
}

# before A B: both have begun in this boot, A is done before B
before()
{
	local a b

	a=$(show "$1" ActiveEnterTimestampMonotonic)
	b=$(show "$2" ActiveEnterTimestampMonotonic)
	((a > 0 && b > 0 && a <= b)) && return
	printf '%s: %s, %s: %s\n' "$1" "$a" "$2" "$b"
	return 1
}

# The port that was saved is open again, the firewall was there before any
# address could be, and the daemon has its name.
boots()
{
	is firewall active "$(show icf6 ActiveState)"
	is "what is for multi-user.target" $'enabled\nenabled' \
		"$(inside systemctl is-enabled peer6d icf6-logd)"
	before icf6 network-pre.target
	before network-pre.target peer6d
	knock
	await 30 "the name" as alice peer6 resolve alice.pnrp.net
}

bad_file()
{
	is result exit-code "$(show icf6 Result)"
	inside journalctl -b -u icf6 | tee "$tmp/journal"
	grep -q '/etc/peer6/icf6.conf, line 2:' "$tmp/journal"
	closed
}

if [[ ! -d $stage/usr ]]; then
	printf 'TAP version 13\n1..0 # SKIP nothing is in %s: make build/stage\n' \
		"$stage"
	exit 4
fi
printf 'TAP version 13\n1..8\n'
cp -a "$stage/usr" /
mkdir -p /etc/systemd/system/peer6-test.target.wants
# What else the disk has to offer is not started.
cat >/etc/systemd/system/peer6-test.target <<-END
[Unit]
Requires=basic.target
Wants=network.target
After=basic.target
END
ip netns add outside
ip link add eth0 type veth peer name eth0 netns outside
ip link set eth0 up
ip -n outside link set lo up
ip -n outside link set eth0 up
ip addr add 2a00:6::1/64 dev eth0 nodad
ip -n outside addr add 2a00:6::2/64 dev eth0 nodad
python3 -c 'if True:
	import signal, socket
	s = socket.socket(socket.AF_INET6)
	s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
	s.bind(("::", 7000))
	s.listen()
	signal.pause()' &
listener=$!
await 10 "a listener" knock
boot
useradd -G peer6 alice
useradd mallory

check "the daemon starts, as its user, with its folders" starts
check "it is in its sandbox" sandboxed
check "a member of the group publishes and resolves, as the README has it" names
check "anybody else is told which group" refused
check "killed, it comes back with its names" comes_back
check "the firewall's units close, log, and open nothing by ending" firewall
halt
rmmod icf6
# Both are for multi-user.target, which wants all else too.
sed -i 's/^Wants=.*/& peer6d.service icf6-logd.service/' \
	/etc/systemd/system/peer6-test.target
boot
check "after a boot all is there again, the firewall before the network" boots
halt
rmmod icf6
printf '# A line that is good\nopen = 7000\n' >/etc/peer6/icf6.conf
boot
check "a bad file is named with its line, and everything is closed" bad_file
exit "$status"
