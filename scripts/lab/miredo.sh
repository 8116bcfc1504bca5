# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Miredo, an independent implementation of Teredo, in hosts of the lab: the
# reference for interoperation and the yardstick of benchmarks. Source after
# lib.sh. Needs the packages miredo and miredo-server, /dev/net/tun, and the
# packages' own hook and helper at their fixed places.
#
# Files of a host in $LAB_DIR: HOST.client.conf, .log, .pid and so for server
# and relay.

MIREDO_DEV=miredo

# miredo_spawn HOST ROLE PROGRAM, configuration on stdin: sets LAB_PID
miredo_spawn()
{
	local host=$1 program=$3 base=$LAB_DIR/$1.$2

	if ! command -v "$program" >/dev/null; then
		lab_error no-miredo "cannot start $program in $host" \
			"The program is not installed." \
			"apt-get install miredo miredo-server"
		return 1
	fi
	if [[ ! -c /dev/net/tun ]] && ! modprobe tun; then
		lab_error no-tun "cannot start $program in $host" \
			"/dev/net/tun is missing and the tun module did not load." \
			"scripts/vm/run -- COMMAND, whose kernels have it"
		return 1
	fi
	cat >"$base.conf"
	lab_spawn "$host" "$base.log" "$program" -f -u nobody \
		-p "$base.pid" -c "$base.conf" || return 1
	echo "$LAB_PID" >"$base.started"
}

# miredo_server [HOST [ADDR1 ADDR2]]: returns when it serves
miredo_server()
{
	local host=${1:-server} a1=${2:-192.0.2.1} a2=${3:-192.0.2.2}

	miredo_spawn "$host" server miredo-server <<-END || return 1
	ServerBindAddress $a1
	ServerBindAddress2 $a2
	END
	wait_for 20 "miredo-server on $host to bind UDP port 3544" \
		miredo_bound "$host" 3544 2
}

# miredo_client HOST [SERVER [PORT]]: returns at once, see miredo_wait
miredo_client()
{
	miredo_spawn "$1" client miredo <<-END
	RelayType client
	InterfaceName $MIREDO_DEV
	ServerAddress ${2:-192.0.2.1}
	BindPort ${3:-4096}
	END
}

# miredo_relay [HOST [ADDR [cone|restricted]]]: returns when it relays
miredo_relay()
{
	local host=${1:-relay}

	miredo_spawn "$host" relay miredo <<-END || return 1
	RelayType ${3:-cone}
	InterfaceName $MIREDO_DEV
	BindAddress ${2:-198.51.100.100}
	BindPort 3545
	END
	wait_for 20 "the Miredo relay on $host to route 2001::/32" \
		miredo_routes "$host"
}

# miredo_bound HOST PORT N: whether N sockets or more are bound to UDP port PORT
miredo_bound()
{
	(($(lab_exec "$1" ss -Hlun "sport = :$2" | wc -l) >= $3))
}

miredo_routes()
{
	[[ -n $(ip -n "$LAB_ID-$1" -6 route show 2001::/32 dev $MIREDO_DEV) ]]
}

# miredo_address HOST: prints the Teredo address, fails before there is one
miredo_address()
{
	local out

	out=$(ip -n "$LAB_ID-$1" -o -6 addr show dev $MIREDO_DEV scope global \
		2>/dev/null) || return 1
	[[ $out =~ inet6\ (2001:[0-9a-f:]+)/ ]] && echo "${BASH_REMATCH[1]}"
}

# miredo_wait HOST [SECONDS]: until the client is qualified
miredo_wait()
{
	wait_for "${2:-30}" "Miredo on $1 to have a Teredo address" \
		miredo_address "$1" && return 0
	miredo_log "$1" >&2
	return 1
}

# miredo_stop HOST: end what runs there; it takes its device along
miredo_stop()
{
	local f pid

	for f in "$LAB_DIR/$1".{client,server,relay}.started; do
		[[ -f $f ]] || continue
		read -r pid <"$f"
		lab_kill "$pid"
		rm "$f"
	done
}

# miredo_log HOST: what it had to say, as TAP comments
miredo_log()
{
	local f

	for f in "$LAB_DIR/$1".{client,server,relay}.log; do
		[[ ! -f $f ]] || sed "s|^|# ${f##*/}: |" "$f"
	done
}
