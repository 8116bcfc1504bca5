#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Suspend and resume. With "freezer" in /sys/power/pm_test the kernel does all
# of it up to the freezing of tasks, waits, and comes back: the chain of
# notifiers that the driver listens to is the real one. What NATs forget
# meanwhile is taken away from them just before, and the driver cannot know.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

SOON=3		# less than the 4 s after which a solicitation is repeated

DELAY=/sys/module/suspend/parameters/pm_test_delay

[[ -w /sys/power/pm_test && -w $DELAY ]] ||
	skip_all "the kernel has no /sys/power/pm_test (CONFIG_PM_DEBUG)"
[[ $(</sys/power/state) == *freeze* ]] || skip_all "the kernel cannot suspend"

# sleep_for SECONDS [STATE]
sleep_for()
{
	local delay rc=0

	delay=$(<"$DELAY")
	printf '%s\n' "$1" >"$DELAY"
	printf 'freezer\n' >/sys/power/pm_test
	printf '%s\n' "${2:-freeze}" >/sys/power/state || rc=1
	printf 'none\n' >/sys/power/pm_test
	printf '%s\n' "$delay" >"$DELAY"
	return "$rc"
}

look()
{
	td_show alice
	td_get state
	STATE=$REPLY
	td_get mapped
	MAPPED=$REPLY
	td_get address
	ADDRESS=$REPLY
}

# address_is FLAGS: the only one of the device is the one that is shown, with
# or without "deprecated"
address_is()
{
	local out

	look
	out=$(ns alice ip -6 -o addr show dev teredo0)
	[[ $out != *$'\n'* && $out == *"inet6 $ADDRESS/32 scope global"* ]]
	case $1 in
	deprecated)	[[ $out == *" deprecated "* ]] ;;
	preferred)	[[ $out != *" deprecated "* ]] ;;
	esac
}

trusted_peers()
{
	REPLY=$(ns alice peer6 teredo show peers -j dev=teredo0 |
		jq '[.. | objects | select(.path? == "direct")] | length')
}

# Awake again: one address, preferred, of a mapping of $1; same device
sound()
{
	wait_for "$SOON" "one address for a mapping of $1" eval \
		"address_is preferred && [[ \$STATE == qualified &&
			\$MAPPED == $1:* ]]"
	is "index of the device" "$IFINDEX" \
		"$(lab_exec alice cat /sys/class/net/teredo0/ifindex)"
	td_ping bob "$ADDRESS" 2
	td_ping alice "${TD_ADDR[bob]}" 2
}

asked_since()
{
	(($(lab_counter alice rs) > $1))
}

asks_at_once()
{
	local before was

	look
	was="$MAPPED $ADDRESS"
	td_ping alice "${TD_ADDR[bob]}" 1
	trusted_peers
	is "trusted peers before" 1 "$REPLY"
	lab_nat_flush natA
	before=$(lab_counter alice rs)
	sleep_for 1
	trusted_peers
	is "trusted peers after" 0 "$REPLY"
	wait_for "$SOON" "a solicitation" asked_since "$before"
	sound 198.51.100.1
	is "mapping and address" "$was" "$MAPPED $ADDRESS"
	between "solicitations" 1 2 $(($(lab_counter alice rs) - before))
}

# mark: a line in the kernel's log that says when in real time it was written
mark()
{
	printf 'teredo test mark %s\n' "$(date +%s.%N)" >/dev/kmsg
}

# slept: when tasks were frozen last, from and to, in real time, in REPLY; a
# tenth of a second less at both ends, for the mark is not that exact
slept()
{
	REPLY=$(dmesg | tr -d '[]' | awk '
		/teredo test mark/ { offset = $NF - $1 }
		/suspend debug: Waiting/ { from = $1 }
		/OOM killer enabled/ { to = $1 }
		END { printf "%.3f %.3f\n", from + offset + 0.1,
			to + offset - 0.1 }')
}

# Awake it asks once a second, so it has to be asleep for longer. How long the
# kernel's loop takes is up to the (emulated) processor: a longer one is tried
# if it was too short.
quiet_while_asleep()
{
	local file=$LAB_DIR/quiet before delay asleep=

	ns alice ip link set teredo0 type teredo refresh 1
	lab_capture alice "$file" eth0 udp dst port 3544
	before=$(lab_counter alice rs)
	wait_for 5 "two solicitations" asked_since $((before + 1))
	for delay in 2 4 8 16; do
		mark
		sleep_for "$delay"
		slept
		awk '{ exit $2 - $1 < 1.5 }' <<<"$REPLY" || continue
		asleep=$REPLY
		break
	done
	before=$(lab_counter alice rs)
	wait_for 5 "two more" asked_since $((before + 1))
	lab_capture_stop "$LAB_PID"
	ns alice ip link set teredo0 type teredo refresh 30
	printf 'asleep: %s\n' "$asleep"
	[[ -n $asleep ]]
	tcpdump -tt -n -r "$file" 2>/dev/null | awk -v asleep="$asleep" '
		BEGIN { split(asleep, t, " ") }
		{ print }
		$1 > t[1] && $1 < t[2] { bad = 1 }
		$1 <= t[1] { before = 1 }
		$1 >= t[2] { after = 1 }
		END { exit bad || !before || !after }'
	sound 198.51.100.1
}

# Until the server has confirmed it, the address is for old connections only.
deprecated_until_confirmed()
{
	local was

	look
	was="$MAPPED $ADDRESS"
	lab_drop alice ra in udp sport 3544
	sleep_for 1
	wait_for "$SOON" "the address to be deprecated" address_is deprecated
	is "mapping and address" "$was" "$MAPPED $ADDRESS"
	is "state" "qualified" "$STATE"
	is "carrier" 1 "$(lab_exec alice cat /sys/class/net/teredo0/carrier)"
	lab_untap alice ra
	# That solicitation is lost; the next one comes after 4 s.
	wait_for 8 "the address to be preferred" address_is preferred
	sound 198.51.100.1
	is "mapping and address" "$was" "$MAPPED $ADDRESS"
}

# As a laptop wakes up: the link comes some time after the rest.
link_comes_late()
{
	local before

	lab_link_down alice
	sleep_for 1
	wait_for "$SOON" "the address to be deprecated" address_is deprecated
	before=$(lab_counter alice rs)
	lab_link_up alice
	wait_for "$SOON" "a solicitation" asked_since "$before"
	sound 198.51.100.1
}

another_nat()
{
	local old

	look
	old=$ADDRESS
	lab_spawn alice "$LAB_DIR/events" peer6 teredo monitor --verbose --json
	wait_for 10 "the monitor" grep -q watching "$LAB_DIR/events"
	lab_nat_addr natA 198.51.100.9
	sleep_for 1
	sound 198.51.100.9
	[[ $ADDRESS != "$old" ]]
	cat "$LAB_DIR/events"
	grep '^{' "$LAB_DIR/events" | jq -se \
		"any(.[]; .event == \"mapping\" and .address == \"$ADDRESS\")"
}

# proof: the link-local source of the relay's bubbles to a client, in REPLY
proof()
{
	local file=$LAB_DIR/proof

	lab_capture relay "$file" eth0 udp dst port 3544
	ns relay peer6 teredo flush -q dev=teredo0
	ns relay ping -n -c 1 -W 1 2001:0:c000:201:0:dfff:34ff:8e55 || true
	lab_capture_stop "$LAB_PID"
	REPLY=$(tcpdump -n -r "$file" -x 2>/dev/null |
		awk '/0x0020:/ { printf "%s%s%s%s%s%s", $4, $5, $6, $7, $8, $9 }
			/0x0030:/ { printf "%s%s\n", $2, $3; exit }')
	printf '%s\n' "$REPLY"
	[[ $REPLY == fe80* ]]
}

# A hibernation image may be resumed twice: keys from before it are no secret.
hibernation()
{
	local before after

	proof
	before=$REPLY
	proof
	is "the relay's source while awake" "$before" "$REPLY"
	sleep_for 1 disk
	sound 198.51.100.9
	proof
	after=$REPLY
	[[ $before != "$after" ]]
}

plan 6
trap 'td_cleanup; echo none >/sys/power/pm_test' EXIT
td_lab port port
td_client alice
td_client bob
td_add relay role relay
td_qualify alice bob
lab_count alice rs out udp dport 3544 udp length 69
IFINDEX=$(lab_exec alice cat /sys/class/net/teredo0/ifindex)
check "resumed, it asks at once and trusts nobody" asks_at_once
check "quiet while asleep" quiet_while_asleep
check "the address is deprecated until it is confirmed" \
	deprecated_until_confirmed
check "the link comes late" link_comes_late
check "another NAT than before" another_nat
if [[ $(</sys/power/state) == *disk* ]]; then
	check "hibernation: the same, with new keys" hibernation
else
	skip "hibernation" "the kernel cannot hibernate"
fi
finish
