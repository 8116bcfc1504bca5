# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Names in the lab: a peer6d for a host, and programs that ask it. Sourced after
# lib.sh. Each host has state, socket and log of its own below LAB_DIR, and an
# nsswitch.conf of its own, which "ip netns exec" puts over the host's.

LAB_TREE=$(cd -P "$LAB_LIB_DIR" && cd ../.. && pwd)

# names_install: where glibc looks for modules there is ours
names_install()
{
	local dir

	dir=/usr/lib/$(gcc -print-multiarch 2>/dev/null || echo x86_64-linux-gnu)
	ln -sf "$LAB_TREE/build/libnss_pnrp.so.2" "$dir/libnss_pnrp.so.2"
}

# names_socket HOST: sets REPLY to where its daemon listens
names_socket()
{
	REPLY=$LAB_DIR/$1-peer6/peer6.varlink
}

# names_log HOST: sets REPLY to the log of its daemon, a JSON object a line
names_log()
{
	REPLY=$LAB_DIR/$1-peer6d.log
}

# names_daemon HOST [OPTION...]: start peer6d; sets LAB_PID
names_daemon()
{
	local host=$1 dir=$LAB_DIR/$1-peer6 etc
	shift

	lab_need_host "$host" || return 1
	etc=/etc/netns/$LAB_ID-$host
	mkdir -p "$dir/state" "$etc"
	chmod 700 "$dir/state"
	printf 'hosts: files pnrp\n' >"$etc/nsswitch.conf"
	[[ -e $dir/peer6.conf ]] || : >"$dir/peer6.conf"
	names_log "$host"
	lab_spawn "$host" "$REPLY" "$LAB_TREE/build/peer6d" \
		--config "$dir/peer6.conf" --state "$dir/state" \
		--socket "$dir/peer6.varlink" --user root --log json "$@"
	printf '%s\n' "$LAB_PID" >"$dir/pid"
}

# names_stop HOST: ask its daemon to leave the clouds and end, and wait for that
names_stop()
{
	local pid

	pid=$(<"$LAB_DIR/$1-peer6/pid")
	kill -TERM "$pid"
	wait_for 10 "the end of $1's daemon" names_gone "$pid"
}

# names_kill HOST: end its daemon outright, and wait for that
names_kill()
{
	local pid

	pid=$(<"$LAB_DIR/$1-peer6/pid")
	kill -KILL "$pid"
	wait_for 10 "the end of $1's daemon" names_gone "$pid"
}

names_gone()
{
	[[ ! -e /proc/$1 ]]
}

# names_exec HOST COMMAND...: with the daemon of that host to ask
names_exec()
{
	local host=$1
	shift

	names_socket "$host"
	lab_exec "$host" env PEER6_SOCKET="$REPLY" "$@"
}

# names_ready HOST: whether its daemon answers
names_ready()
{
	names_exec "$1" "$LAB_TREE/build/peer6" -j pnrp cloud show list \
		>/dev/null 2>&1
}

# names_cloud_state HOST CLOUD: "active", "alone", ...
names_cloud_state()
{
	names_exec "$1" "$LAB_TREE/build/peer6" -j pnrp cloud show list |
		jq -r --arg c "$2" \
			'[.. | objects | select(.name? == $c)][0].state'
}
