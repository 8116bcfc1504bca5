#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The firewall's commands as far as no module is needed: what is typed wrong is
# refused before the kernel is asked, files are read and named by their lines.
#
# shellcheck disable=SC2317 # functions are called through run and result

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
peer6=$(realpath "${PEER6:-$here/../../build/peer6}")
# shellcheck source=tests/selftests/net/teredo/cli_lib.sh
. "$here/../selftests/net/teredo/cli_lib.sh"
# shellcheck source=tests/userspace/errors_lib.sh
. "$here/errors_lib.sh"

refuse 'no sub-command' missing 2 'show, set, add' icf6
refuse 'by its other name' missing 2 'show, set, add' firewall
refuse 'unknown sub-command, with the nearest' unknown-word 2 '"monitor"' \
	icf6 montior
refuse 'what to add' missing 2 'port' icf6 add
refuse 'a port is missing' missing 2 'a port' icf6 add port
refuse 'a protocol is missing' missing 2 'tcp, udp or both' icf6 add port 22
refuse 'port 0' bad-value 2 '1 to 65535' icf6 add port 0 tcp
refuse 'port 65536' bad-value 2 '1 to 65535' icf6 add port 65536 tcp
refuse 'a port that is no number' bad-value 2 'ssh' icf6 add port ssh tcp
refuse 'a negative port' bad-value 2 '-1' icf6 delete port port=-1 tcp
refuse 'unknown protocol' unknown-word 2 '"udp"' icf6 add port 22 upd
refuse 'unknown edge value' unknown-word 2 'deny, allow or app' \
	icf6 add port 22 tcp edge=none
refuse 'a name of 64 bytes' bad-value 2 '63 bytes' \
	icf6 add port 22 tcp "$(printf '%064d' 0)"
refuse 'a name of two lines' bad-value 2 'one line' \
	icf6 add port 22 tcp $'two\nlines'
refuse 'a name that is no UTF-8' bad-value 2 'UTF-8' \
	icf6 add port 22 tcp $'\xff'
refuse 'a device that can be none' bad-value 2 '15 characters' \
	icf6 add port 22 tcp dev=1234567890123456
refuse 'a port twice' duplicate 2 '23' icf6 add port 22 tcp port=23
refuse 'unknown tag, with the nearest' unknown-word 2 '"protocol"' \
	icf6 add port 22 protcol=tcp
refuse 'to ignore on no device' missing 2 'a device' icf6 add ignore 22 tcp
refuse 'a flush that is none' bad-value 2 'yes or no' \
	icf6 delete port 22 tcp flush=maybe

refuse 'nothing to set' missing 2 'nothing to set' icf6 set config
refuse 'a value without its tag' unknown-word 2 'one word too many' \
	icf6 set config yes
refuse 'a switch that is none' bad-value 2 'yes or no' \
	icf6 set config p2p=sometimes
refuse 'a tag with a digit, wrong' unknown-word 2 'one word too many' \
	icf6 set config p3p=yes
refuse 'ambiguous tag' ambiguous-word 2 'mip6, mcastreply, mdns' \
	icf6 set config m=yes
refuse 'a number too large' bad-value 2 '0 to 15' \
	icf6 set config mcastboundary=16
refuse 'a choice that is none' unknown-word 2 'adm-prohibited' \
	icf6 set config reject=loudly
refuse 'a relative log' bad-value 2 'absolute path' \
	icf6 set logging file=log
refuse 'nothing to set for a device' missing 2 'nothing to set' \
	icf6 set adapter eth0
refuse 'an edge that is none' bad-value 2 'yes, no or auto' \
	icf6 set adapter eth0 edge=perhaps
refuse 'ICMPv6 of a device' bad-value 2 'yes, no or inherit' \
	icf6 set icmp dev=eth0 echorequest=perhaps
refuse 'p2p, on or off' missing 2 'on or off' icf6 p2p
refuse 'p2p is a switch' bad-value 2 'yes or no' icf6 p2p maybe
refuse 'nothing else to reset' unknown-word 2 '"all"' icf6 reset all
refuse 'nothing to attach to' unknown-word 2 'no more words' icf6 attach eth0
refuse 'unknown kind of event' unknown-word 2 'events, log or all' \
	icf6 monitor evnts
refuse 'an option of another command' unknown-word 2 'another command' \
	icf6 show --count=1

# --- files
conf=$tap_dir/icf6.conf
printf '[ports]\nopen = 22 tcp edge=deny Secure shell\n' >"$conf"
p6 icf6 check "$conf"
expect 'a good file' 0 "$conf is good: 1 ports, 0 devices" ''
p6 -j icf6 check file="$conf"
holds 'as JSON' '.schema == "peer6.icf6-check/1" and .good and .ports == 1'
run bash -c "'$peer6' firewall che - <'$conf'"
expect 'from standard input, abbreviated' 0 'standard input is good:*' ''
printf 'open = 22 tcp Again\n' >>"$conf"
refuse 'a port twice in a file' duplicate 2 "$conf, line 3: " icf6 check "$conf"
refuse 'restore names the line, too' duplicate 2 "$conf, line 3: " \
	icf6 restore "$conf"
before=$(<"$conf")
refuse 'save does not write over it' duplicate 2 "$conf, line 3: " \
	icf6 save "$conf"
result 'and it is what it was' [ "$before" == "$(<"$conf")" ]
refuse 'no such file' not-found 5 'No such file' icf6 check "$tap_dir/none"
refuse 'a folder' failed 1 'Is a directory' icf6 check "$tap_dir"
head -c 40000000 /dev/zero | tr '\0' '#' >"$tap_dir/large"
refuse 'a file without end' failed 1 'too large' icf6 check "$tap_dir/large"
{
	printf '[ports]\n'
	printf 'open = %d tcp\n' $(seq 1 65535)
	printf 'open = %d udp\n' $(seq 1 65535)
} >"$conf"
p6 icf6 check "$conf"
expect 'all ports there are' 0 '*131070 ports*' ''

# --- the log, before the kernel is asked
refuse 'a log in no folder' failed 1 'No such file' \
	icf6 logd "$tap_dir/none/log"
refuse 'a log that is a folder' failed 1 'Is a directory' icf6 logd "$tap_dir"
refuse 'a log that is no file' failed 1 'regular file' icf6 logd /dev/full
mkfifo "$tap_dir/pipe"
refuse 'a pipe that nobody reads' failed 1 '' icf6 logd "$tap_dir/pipe"
refuse 'a limit that is none' bad-value 2 'size' \
	icf6 logd "$tap_dir/log" size=large

fits_a_screen()
{
	[[ $status == 0 && -n $out && -z $err ]] &&
		(($(wc -l <<<"$out") <= 40 && $(wc -L <<<"$out") <= 80))
}
for topic in '' show set add delete p2p save restore monitor logd; do
	# shellcheck disable=SC2086 # the first topic is no word at all
	p6 help icf6 $topic
	result "help icf6 $topic fits a screen" fits_a_screen
done
finish
