# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The network lab: hosts, NATs, servers and relays made from network
# namespaces. Source this file from bash; README.md lists the functions.
#
# Everything a lab owns carries its id: namespaces are named ID-HOST, state,
# logs and captures live in $LAB_DIR. Nothing is created in the namespace of
# the caller, so any number of labs can stand side by side. State is kept in
# files, not in shell variables, so that a second process (lab_attach) sees
# the same lab.

LAB_LIB_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_BASE=${LAB_BASE:-/run/peer6-lab}

LAB_MODULES=(veth bridge nf_tables nft_chain_nat nft_ct nft_masq nft_nat
	nft_limit nft_numgen nf_conntrack_netlink)

# Work queued between lab_begin and lab_commit, see there.
LAB_DEPTH=0
LAB_Q_NS=''
LAB_Q_LINK=''
declare -gA LAB_Q_SYSCTL=() LAB_Q_IP=() LAB_Q_NFT=() LAB_Q_LATE=()

# lab_error CODE WHAT WHY DO: one error in the house shape, returns 1
lab_error()
{
	printf 'lab: %s [%s]\n%s\nDo: %s\n' "$2" "$1" "$3" "$4" >&2
	return 1
}

# lab_now: sets REPLY to the time in milliseconds, without a fork
lab_now()
{
	local t=${EPOCHREALTIME/[.,]/}

	REPLY=$((t / 1000))
}

# How many times as long as they say waits may take: patience costs nothing
# where what is awaited happens, and a slow machine is no failure.
LAB_PATIENCE=${LAB_PATIENCE:-4}

# wait_for SECONDS DESCRIPTION COMMAND...: poll COMMAND until it succeeds
wait_for()
{
	local seconds=$(($1 * LAB_PATIENCE)) what=$2 deadline
	shift 2

	lab_now
	deadline=$((REPLY + seconds * 1000))
	while ! "$@" >/dev/null 2>&1; do
		lab_now
		if ((REPLY >= deadline)); then
			lab_error timeout "gave up waiting for $what" \
				"It did not happen within $seconds s." \
				"$*"
			return 1
		fi
		sleep 0.1
	done
}

# Addresses. Results come back in REPLY: a fork per address would cost more
# than the rest of the set-up.
lab_ip_int()
{
	local IFS=. a b c d

	read -r a b c d <<<"$1"
	REPLY=$(((a << 24) | (b << 16) | (c << 8) | d))
}

lab_int_ip()
{
	REPLY=$(($1 >> 24 & 255)).$(($1 >> 16 & 255)).$(($1 >> 8 & 255)).$(($1 & 255))
}

# lab_last_host ADDR/PLEN: the last usable address of the subnet, where the
# lab puts the router of every public subnet
lab_last_host()
{
	local plen=${1#*/}

	lab_ip_int "${1%/*}"
	lab_int_ip $(((REPLY | ((1 << (32 - plen)) - 1)) - 1))
}

lab_subnet()
{
	local plen=${1#*/}

	lab_ip_int "${1%/*}"
	lab_int_ip $((REPLY & ~((1 << (32 - plen)) - 1)))
	REPLY=$REPLY/$plen
}

# lab_ns NAME: the namespace of a host of this lab
lab_ns()
{
	printf '%s-%s\n' "$LAB_ID" "$1"
}

lab_hosts()
{
	cat "$LAB_DIR/hosts"
}

lab_has_host()
{
	local h

	while read -r h; do
		[[ $h != "$1" ]] || return 0
	done <"$LAB_DIR/hosts"
	return 1
}

lab_need_host()
{
	lab_has_host "$1" && return 0
	lab_error no-host "there is no host '$1' in this lab" \
		"Its hosts are: $(lab_hosts | tr '\n' ' ')" \
		"lab map"
}

# Building in batches: each process started costs 20 times more under an
# emulated processor, so functions queue what they want done and the outermost
# lab_commit does it: one ip -batch for all namespaces and links, then one
# process per namespace, side by side.
lab_begin()
{
	LAB_DEPTH=$((LAB_DEPTH + 1))
}

# lab_abort: forget what is queued, all of it; always fails
lab_abort()
{
	LAB_DEPTH=0
	LAB_Q_NS=''
	LAB_Q_LINK=''
	LAB_Q_SYSCTL=() LAB_Q_IP=() LAB_Q_NFT=() LAB_Q_LATE=()
	return 1
}

lab_commit()
{
	LAB_DEPTH=$((LAB_DEPTH - 1))
	((LAB_DEPTH == 0)) || return 0

	local ns script failed=0 pids=() p
	local -A all=()

	if ! printf '%s' "$LAB_Q_NS$LAB_Q_LINK" | ip -batch -; then
		lab_abort || true
		lab_error setup "cannot create the namespaces and links" \
			"ip refused a line, see its message above." \
			"run as root on a kernel with veth and network namespaces: scripts/vm/run -- COMMAND"
		return 1
	fi
	for ns in "${!LAB_Q_SYSCTL[@]}" "${!LAB_Q_IP[@]}" "${!LAB_Q_NFT[@]}" \
		"${!LAB_Q_LATE[@]}"; do
		all[$ns]=1
	done
	for ns in "${!all[@]}"; do
		script="set -e"$'\n'"${LAB_Q_SYSCTL[$ns]:-}"
		[[ -z ${LAB_Q_IP[$ns]:-} ]] ||
			script+="ip -batch - <<'END'"$'\n'"${LAB_Q_IP[$ns]}END"$'\n'
		[[ -z ${LAB_Q_NFT[$ns]:-} ]] ||
			script+="nft -f - <<'END'"$'\n'"${LAB_Q_NFT[$ns]}END"$'\n'
		script+=${LAB_Q_LATE[$ns]:-}
		nsenter --net="/run/netns/$LAB_ID-$ns" sh -c "$script" &
		pids+=($!)
	done
	for p in "${pids[@]}"; do
		wait "$p" || failed=1
	done
	lab_abort || true
	((failed == 0)) ||
		lab_error setup "cannot configure the lab" \
			"A command inside a namespace failed, see its message above." \
			"check that ip, nft and conntrack are installed: make deps"
}

# lab_q SYSCTL|IP|NFT|LATE HOST TEXT: queue shell lines that run first, lines
# for ip -batch, for nft -f, shell lines that run last
lab_q()
{
	local -n queue=LAB_Q_$1

	queue[$2]+=$3$'\n'
}

lab_q_ip()
{
	lab_q IP "$1" "$2"
}

# lab_q_up HOST DEV: queue its start without an IPv6 link-local address; the mode
# has a line of its own, for within one line "up" would come first
lab_q_up()
{
	lab_q_ip "$1" "link set $2 addrgenmode none"
	lab_q_ip "$1" "link set $2 up"
}

# lab_new_ns NAME: queue a namespace whose sysctls do not depend on the host's
lab_new_ns()
{
	if [[ ! $1 =~ ^[A-Za-z][A-Za-z0-9]{0,11}$ ]]; then
		lab_error name "'$1' cannot name a host" \
			"Names are a letter and up to 11 letters or digits, since links are named after hosts." \
			"choose a shorter name"
		return 1
	fi
	if lab_has_host "$1"; then
		lab_error exists "host '$1' is in this lab already" \
			"Each host has its own namespace." "choose another name"
		return 1
	fi
	echo "$1" >>"$LAB_DIR/hosts"
	LAB_Q_NS+="netns add $LAB_ID-$1"$'\n'
	lab_q SYSCTL "$1" "echo 0 >/proc/sys/net/ipv4/ip_forward
for f in /proc/sys/net/ipv4/conf/*/rp_filter /proc/sys/net/ipv4/conf/*/send_redirects; do echo 0 >\$f; done"
	lab_q_ip "$1" "link set lo up"
}

# lab_link A IFA B IFB: queue a veth pair. IPv6 stays silent on it unless an
# address is added: the lab's clients have no IPv6 of their own.
lab_link_add()
{
	LAB_Q_LINK+="link add name $2 netns $LAB_ID-$1 type veth peer name $4 netns $LAB_ID-$3"$'\n'
	lab_q_up "$1" "$2"
	lab_q_up "$3" "$4"
}

# lab_init [ID]: an empty lab, just the internet router (host "inet") and the
# switch of the native IPv6 network. Arms a trap on EXIT unless LAB_NO_TRAP.
lab_init()
{
	local id=${1:-lab$$} try=0

	if ((EUID != 0)); then
		lab_error not-root "cannot build a lab" \
			"Network namespaces need root; the effective user is $EUID." \
			"scripts/vm/run -- COMMAND, which needs no rights on the host"
		return 1
	fi
	mkdir -p "$LAB_BASE"
	LAB_ID=$id
	until mkdir "$LAB_BASE/$LAB_ID" 2>/dev/null; do
		try=$((try + 1))
		if [[ -n ${1:-} ]] || ((try > 99)); then
			lab_error exists "lab '$id' exists already" \
				"$LAB_BASE/$LAB_ID is there." \
				"scripts/lab/lab down $id"
			return 1
		fi
		LAB_ID=${id}x$try
	done
	LAB_DIR=$LAB_BASE/$LAB_ID
	export LAB_ID LAB_DIR
	# The kernel loads what it needs by itself, but one process for each
	# module: on a machine that just booted that takes seconds.
	[[ ! -e /proc/modules || -e /sys/module/nft_masq ]] ||
		modprobe -aq "${LAB_MODULES[@]}" || true
	mkdir "$LAB_DIR/nat" "$LAB_DIR/link"
	: >"$LAB_DIR/hosts"
	: >"$LAB_DIR/gateways"
	: >"$LAB_DIR/pids"
	: >"$LAB_DIR/map"
	[[ -n ${LAB_NO_TRAP:-} ]] || trap lab_destroy EXIT
	LAB_DEPTH=0

	lab_begin
	lab_new_ns inet || return 1
	lab_q SYSCTL inet "echo 1 >/proc/sys/net/ipv4/ip_forward
echo 0 >/proc/sys/net/ipv6/conf/all/forwarding"
	lab_q_ip inet "link add v6net type bridge mcast_snooping 0"
	lab_q_up inet v6net
	lab_commit
}

# lab_list DIR: names of the files in it, on one line
lab_list()
{
	local f names=''

	for f in "$1"/*; do
		[[ ! -e $f ]] || names+="${f##*/} "
	done
	echo "${names:-none}"
}

# lab_attach ID: use a lab that another process built, without its trap
lab_attach()
{
	if [[ ! -d $LAB_BASE/$1 ]]; then
		lab_error no-lab "there is no lab '$1'" \
			"Running labs: $(lab_list "$LAB_BASE")" \
			"scripts/lab/lab up"
		return 1
	fi
	LAB_ID=$1
	LAB_DIR=$LAB_BASE/$1
	LAB_DEPTH=0
	export LAB_ID LAB_DIR
}

# lab_pid_start PID: when the process started, so that a reused number is
# never taken for ours
lab_pid_start()
{
	local stat

	read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
	stat=${stat##*) }
	# shellcheck disable=SC2086 # fields
	set -- $stat
	[[ $1 != Z ]] || return 1
	REPLY=${20}
}

lab_pid_gone()
{
	! lab_pid_start "$1" || [[ $REPLY != "$2" ]]
}

# lab_kill PID: end a process that lab_spawn started, and wait for its end
lab_kill()
{
	local pid start

	while read -r pid start; do
		[[ $pid == "$1" ]] || continue
		lab_pid_gone "$pid" "$start" && continue
		kill -TERM "$pid" 2>/dev/null || true
		wait_for 5 "process $pid to end" lab_pid_gone "$pid" "$start" \
			2>/dev/null || kill -KILL "$pid" 2>/dev/null || true
	done <"$LAB_DIR/pids"
}

# lab_spawn HOST LOGFILE COMMAND...: run in the background; sets LAB_PID
lab_spawn()
{
	local host=$1 log=$2
	shift 2

	lab_need_host "$host" || return 1
	# The child opens the file in its own time; who waits for a word in it
	# must not find one of an earlier process.
	: >"$log"
	ip netns exec "$LAB_ID-$host" "$@" </dev/null >>"$log" 2>&1 &
	LAB_PID=$!
	disown "$LAB_PID"
	lab_pid_start "$LAB_PID" || REPLY=0
	echo "$LAB_PID $REPLY" >>"$LAB_DIR/pids"
}

# lab_destroy: end the processes of the lab, remove its namespaces and files.
# Safe to call twice, and from a trap.
lab_destroy()
{
	[[ -n ${LAB_DIR:-} && -d $LAB_DIR ]] || return 0

	local pid start host ns batch='' files=()
	local -A live=() ours=()

	# All get the signal first, so that the waits overlap.
	while read -r pid start; do
		if ! lab_pid_gone "$pid" "$start"; then
			kill -TERM "$pid" 2>/dev/null || true
			live[$pid]=$start
		fi
	done <"$LAB_DIR/pids"
	for pid in "${!live[@]}"; do
		wait_for 3 "process $pid" lab_pid_gone "$pid" "${live[$pid]}" \
			2>/dev/null || kill -KILL "$pid" 2>/dev/null || true
	done
	# Children of these (privileged helpers, shells) live in namespaces
	# that this lab made, so nobody else's process can be among them. One
	# look at all processes serves all namespaces.
	while read -r host; do
		[[ -e /run/netns/$LAB_ID-$host ]] || continue
		batch+="netns del $LAB_ID-$host"$'\n'
		files+=("/run/netns/$LAB_ID-$host")
	done <"$LAB_DIR/hosts"
	while read -r ns; do
		ours[$ns]=1
	done < <(stat -L -c %i "${files[@]}" 2>/dev/null)
	while read -r ns pid; do
		[[ -n ${ours[$ns]:-} ]] || continue
		pid=${pid#/proc/}
		pid=${pid%%/*}
		[[ $pid == "$$" || $pid == "$BASHPID" ]] ||
			kill -KILL "$pid" 2>/dev/null || true
	done < <(stat -L -c '%i %n' /proc/[0-9]*/ns/net 2>/dev/null)
	printf '%s' "$batch" | ip -force -batch - || true
	rm -rf "$LAB_DIR" "/etc/netns/$LAB_ID-"*
	LAB_DIR=
}

# lab_exec HOST COMMAND...
lab_exec()
{
	local host=$1
	shift

	lab_need_host "$host" || return 1
	ip netns exec "$LAB_ID-$host" "$@"
}

# lab_uplink HOST IF UPLINK ADDR/PLEN [GW]: queue the IPv4 link of a host to
# the internet router or into the LAN of a NAT; the default route goes there
lab_uplink()
{
	local host=$1 dev=$2 up=$3 addr=$4 gw=${5:-} far=$1 g

	if [[ $up == inet ]]; then
		[[ -n $gw ]] || { lab_last_host "$addr"; gw=$REPLY; }
		while read -r g; do
			[[ $g != "$gw" ]] || {
				lab_error exists "cannot attach '$host' as $addr" \
					"Another host uses the subnet of router address $gw; each public host has a subnet of its own." \
					"choose an address of another subnet"
				return 1
			}
		done <"$LAB_DIR/gateways"
		echo "$gw" >>"$LAB_DIR/gateways"
		lab_link_add inet "$host" "$host" "$dev"
		lab_q_ip inet "addr add $gw/${addr#*/} dev $host"
	else
		local -A NAT=()

		lab_nat_load "$up" || return 1
		[[ -n $gw ]] || gw=${NAT[inside]%/*}
		if [[ ${NAT[lan]} == cable ]]; then
			# Takes the name of the bridge, which the rules go by.
			lab_nat_plug "$up" "$host" || return 1
			far=br0
			lab_link_add "$up" br0 "$host" "$dev"
			lab_q_ip "$up" "addr add ${NAT[inside]} brd + dev br0"
		else
			lab_link_add "$up" "$host" "$host" "$dev"
			lab_q_ip "$up" "link set $host master br0"
		fi
	fi
	lab_q_ip "$host" "addr add $addr brd + dev $dev"
	lab_q_ip "$host" "route add default via $gw dev $dev"
	echo "$host $dev $up $far" >>"$LAB_DIR/map"
}

# lab_host NAME ADDR/PLEN [GW]: a host with a public IPv4 address on eth0
lab_host()
{
	lab_begin
	lab_new_ns "$1" && lab_uplink "$1" eth0 inet "$2" "${3:-}" ||
		lab_abort || return 1
	lab_commit
}

# lab_client NAME NAT ADDR[/PLEN]: a host in the LAN of a NAT
lab_client()
{
	local addr=$3

	[[ $addr == */* ]] || addr+=/24
	lab_begin
	lab_new_ns "$1" && lab_uplink "$1" eth0 "$2" "$addr" ||
		lab_abort || return 1
	lab_commit
}

# lab_v6 NAME ADDR6/PLEN: attach a host to the native IPv6 network by eth6.
# Link-local addresses are set by hand and without detection of duplicates,
# which alone would take a second.
lab_v6()
{
	lab_begin
	lab_link_add inet "v6-$1" "$1" eth6
	lab_q_ip inet "link set v6-$1 master v6net"
	lab_q_ip "$1" "addr add $2 dev eth6 nodad"
	lab_q_ip "$1" "addr add fe80::${2##*::} dev eth6 nodad"
	echo "$1 eth6 v6net" >>"$LAB_DIR/map"
	lab_commit
}

lab_v6_forwarding()
{
	lab_begin
	lab_q LATE "$1" "echo 1 >/proc/sys/net/ipv6/conf/all/forwarding"
	lab_commit
}

# lab_server [NAME [ADDR1 ADDR2 [ADDR6/PLEN]]]: a host fit for a Teredo
# server: two IPv4 addresses, native IPv6, forwarding
lab_server()
{
	local name=${1:-server} a1=${2:-192.0.2.1} a2=${3:-192.0.2.2}
	local a6=${4:-2001:db8:6::1/64}

	lab_begin
	lab_host "$name" "$a1/27" || lab_abort || return 1
	lab_q_ip "$name" "addr add $a2/27 brd + dev eth0"
	lab_v6 "$name" "$a6"
	lab_v6_forwarding "$name"
	lab_commit
}

# lab_relay [NAME [ADDR/PLEN [ADDR6/PLEN]]]: a host fit for a Teredo relay
lab_relay()
{
	local name=${1:-relay}

	lab_begin
	lab_host "$name" "${2:-198.51.100.100/27}" || lab_abort || return 1
	lab_v6 "$name" "${3:-2001:db8:6::2/64}"
	lab_v6_forwarding "$name"
	lab_commit
}

# lab_web [NAME [ADDR6/PLEN [RELAY6]]]: a host with native IPv6 only, that
# reaches 2001::/32 through the relay
lab_web()
{
	local name=${1:-web}

	lab_begin
	lab_new_ns "$name" || lab_abort || return 1
	lab_v6 "$name" "${2:-2001:db8:6::3/64}"
	lab_q_ip "$name" "route add 2001::/32 via ${3:-2001:db8:6::2} dev eth6"
	lab_commit
}

# lab_standard [NAT_A [NAT_B [LAN]]]: the whole topology of the project, after
# lab_init. Both NATs default to cone, their LANs to a bridge.
lab_standard()
{
	lab_begin
	lab_server server 192.0.2.1 192.0.2.2 2001:db8:6::1/64 &&
		lab_relay relay 198.51.100.100/27 2001:db8:6::2/64 &&
		lab_web web 2001:db8:6::3/64 2001:db8:6::2 &&
		lab_host carol 203.0.113.100/27 &&
		lab_nat natA "${1:-cone}" outside=198.51.100.1/27 inside=10.0.1.1/24 \
			lan="${3:-bridge}" &&
		lab_nat natB "${2:-cone}" outside=203.0.113.1/27 inside=10.0.2.1/24 \
			lan="${3:-bridge}" &&
		lab_client alice natA 10.0.1.2 &&
		lab_client bob natB 10.0.2.2 || lab_abort || return 1
	lab_commit
}

# shellcheck source=nat.sh
. "$LAB_LIB_DIR/nat.sh"
# shellcheck source=link.sh
. "$LAB_LIB_DIR/link.sh"
