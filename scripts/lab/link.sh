# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Links of the lab: delay, loss, chosen packets dropped, counters, captures;
# sourced by lib.sh.

# lab_link_of HOST: the host's side and the far side of its IPv4 uplink (its
# IPv6 link when it has no other), as HOST DEV PEER PEERDEV in REPLY
lab_link_of()
{
	local h dev up far

	lab_need_host "$1" || return 1
	while read -r h dev up far; do
		[[ $h == "$1" ]] || continue
		if [[ $up == v6net ]]; then
			REPLY="$h $dev inet v6-$h"
		else
			REPLY="$h $dev $up $far"
		fi
		return 0
	done <"$LAB_DIR/map"
	lab_error no-link "host '$1' has no uplink" \
		"The internet router has only the links of others." \
		"name the host at the other end"
}

# lab_link HOST [NETEM...]: netem words for both directions of the uplink of
# HOST ("delay 20ms loss 1%"); without words the link is perfect again
lab_link()
{
	local host=$1 h dev peer pdev
	shift

	lab_link_of "$host" || return 1
	read -r h dev peer pdev <<<"$REPLY"
	if (($# == 0)); then
		tc -n "$LAB_ID-$h" qdisc del dev "$dev" root 2>/dev/null || true
		tc -n "$LAB_ID-$peer" qdisc del dev "$pdev" root 2>/dev/null || true
		return 0
	fi
	{ tc -n "$LAB_ID-$h" qdisc replace dev "$dev" root netem limit 10000 "$@" &&
		tc -n "$LAB_ID-$peer" qdisc replace dev "$pdev" root netem limit 10000 "$@"; } ||
		lab_error no-netem "cannot set '$*' on the link of $host" \
			"The kernel refused the netem queue; it may lack sch_netem." \
			"scripts/vm/run -- COMMAND, whose kernels have it"
}

# The two settings live side by side: each keeps what the other had set.
lab_link_set()
{
	local delay='' loss=''

	[[ ! -f $LAB_DIR/link/$1.delay ]] || read -r delay <"$LAB_DIR/link/$1.delay"
	[[ ! -f $LAB_DIR/link/$1.loss ]] || read -r loss <"$LAB_DIR/link/$1.loss"
	# shellcheck disable=SC2086 # words
	lab_link "$1" ${delay:+delay $delay} ${loss:+loss $loss}
}

# lab_link_delay HOST TIME [JITTER]: one-way delay, both ways; 0 for none
lab_link_delay()
{
	echo "${2#0}${3:+ $3}" >"$LAB_DIR/link/$1.delay"
	lab_link_set "$1"
}

# lab_link_loss HOST PERCENT: random loss, both ways; 0 for none
lab_link_loss()
{
	local p=${2%\%}

	[[ $p == 0 ]] && p= || p+=%
	echo "$p" >"$LAB_DIR/link/$1.loss"
	lab_link_set "$1"
}

# lab_link_down HOST, lab_link_up HOST: pull and plug the cable
lab_link_down()
{
	local h dev peer pdev

	lab_link_of "$1" || return 1
	read -r h dev peer pdev <<<"$REPLY"
	ip -n "$LAB_ID-$peer" link set "$pdev" down
}

lab_link_up()
{
	local h dev peer pdev

	lab_link_of "$1" || return 1
	read -r h dev peer pdev <<<"$REPLY"
	ip -n "$LAB_ID-$peer" link set "$pdev" up
}

# lab_tap HOST ID in|out VERDICT EXPR...: one rule in a table of its own. "in"
# is ahead of conntrack, "out" behind NAT: both see what is on the wire.
lab_tap()
{
	local host=$1 id=$2 dir=$3 verdict=$4 hook
	shift 4

	lab_need_host "$host" || return 1
	case $dir in
	in)	hook="prerouting priority -310" ;;
	out)	hook="postrouting priority 310" ;;
	*)
		lab_error usage "'$dir' is no direction" \
			"A rule watches packets coming in or going out." \
			"lab_count $host $id in EXPR"
		return 1
		;;
	esac
	ip netns exec "$LAB_ID-$host" nft -f - <<-END
	table inet lab_tap_$id
	delete table inet lab_tap_$id
	table inet lab_tap_$id {
	 counter c { }
	 chain tap { type filter hook $hook; policy accept;
	  $* $verdict
	 }
	}
	END
}

# lab_drop_first HOST ID in|out N EXPR...: drop the first N packets that match
# the nft expression; the bucket starts full and gains one token per day
lab_drop_first()
{
	local host=$1 id=$2 dir=$3 n=$4
	shift 4

	lab_tap "$host" "$id" "$dir" \
		"limit rate 1/day burst $n packets counter name c drop" "$@"
}

# lab_drop HOST ID in|out EXPR...: drop all packets that match
lab_drop()
{
	local host=$1 id=$2 dir=$3
	shift 3

	lab_tap "$host" "$id" "$dir" "counter name c drop" "$@"
}

# lab_count HOST ID in|out EXPR...: only count them
lab_count()
{
	local host=$1 id=$2 dir=$3
	shift 3

	lab_tap "$host" "$id" "$dir" "counter name c" "$@"
}

# lab_untap HOST ID: take away what lab_drop_first, lab_drop, lab_count set
lab_untap()
{
	lab_exec "$1" nft delete table inet "lab_tap_$2"
}

# lab_counter HOST ID: packets that a lab_drop*, lab_count rule has seen;
# lab_counter HOST DEV/FIELD: an interface statistic such as eth0/rx_packets
lab_counter()
{
	local out

	if [[ $2 == */* ]]; then
		lab_exec "$1" cat "/sys/class/net/${2%/*}/statistics/${2#*/}"
		return
	fi
	out=$(lab_exec "$1" nft list counter inet "lab_tap_$2" c) || return 1
	[[ $out =~ packets\ ([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}

# A Teredo bubble: IPv6 without payload, next header 59, right behind UDP
# (RFC 4380 section 2.8). A trailer may follow it.
LAB_BUBBLE='ip protocol udp @th,64,4 6 @th,112,8 59'

# lab_lose_direct FROM TO [N]: lose the first N bubbles (default 1) sent
# straight from the outside of FROM to the outside of TO, both hosts or NATs.
# lab_counter inet lose_direct_FROM_TO tells how many it took.
lab_lose_direct()
{
	local from

	lab_public_addr "$1" || return 1
	from=$REPLY
	lab_public_addr "$2" || return 1
	lab_drop_first inet "lose_direct_$1_$2" in "${3:-1}" \
		"ip saddr $from ip daddr $REPLY $LAB_BUBBLE"
}

# lab_lose_indirect FROM SERVER [N]: the same for bubbles by way of SERVER, lost
# on their way there; counter lose_indirect_FROM
lab_lose_indirect()
{
	local from

	lab_public_addr "$1" || return 1
	from=$REPLY
	lab_public_addr "$2" || return 1
	lab_drop_first inet "lose_indirect_$1" in "${3:-1}" \
		"ip saddr $from ip daddr $REPLY udp dport 3544 $LAB_BUBBLE"
}

# lab_public_addr HOST: its outside IPv4 address, first of several, in REPLY
lab_public_addr()
{
	local h dev _
	local -A NAT=()

	if [[ -f $LAB_DIR/nat/$1 ]]; then
		lab_nat_load "$1" && REPLY=${NAT[outside]%/*}
		return
	fi
	lab_link_of "$1" || return 1
	read -r h dev _ <<<"$REPLY"
	REPLY=$(ip -n "$LAB_ID-$h" -o -4 addr show dev "$dev" primary)
	[[ $REPLY =~ inet\ ([0-9.]+) ]] && REPLY=${BASH_REMATCH[1]}
}

# lab_capture HOST FILE [DEV [FILTER...]]: capture to FILE; returns when the
# capture has begun. DEV defaults to any. Sets LAB_PID for lab_capture_stop.
lab_capture()
{
	local host=$1 file=$2 dev=${3:-any}
	shift $(($# > 3 ? 3 : $#))

	lab_spawn "$host" "$file.log" tcpdump -Z root -U -n \
		--immediate-mode -i "$dev" -w "$file" "$@" || return 1
	wait_for 10 "tcpdump on $host to listen" \
		grep -q 'listening on' "$file.log"
}

# lab_capture_stop PID: end a capture; its file is whole afterwards
lab_capture_stop()
{
	lab_kill "$1"
}
