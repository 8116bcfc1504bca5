#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# peer6 icf6: the configuration in a file, and the module that is loaded when it
# is asked for.
#
# shellcheck disable=SC2317 # cases are called by their names

set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=cli_lib.sh
. "$FW_DIR/cli_lib.sh"

files()
{
	local file=$FW_TMP/icf6.conf text

	p6 icf6 add port 22 tcp 'Secure shell'
	p6 icf6 add port 80 tcp dev=eth0 edge=allow
	p6 icf6 set config stealth=yes reject=adm-prohibited
	p6 icf6 set icmp dev=eth0 echorequest=yes
	p6 icf6 p2p on
	says "saved: $file, 2 ports" p6 icf6 save "$file"
	says '*is good: 2 ports, 1 devices' p6 icf6 check "$file"
	says 'unchanged: *' p6 icf6 restore "$file"
	text=$(snapshot)
	p6 icf6 reset
	says 'changed: *' p6 icf6 restore "$file"
	is "what was restored" "$text" "$(snapshot)"

	# A device that is not there, and then comes.
	cat >>"$file" <<-END
		[device later0]
		firewall = no
		open = 90 udp edge=deny Later
	END
	says '*not there yet' p6 icf6 restore "$file"
	says 'saved: *, 3 ports' p6 icf6 save "$file"
	ip -n "$FW_ID-in" link add later0 type dummy
	is firewalled 1 "$(fw in dev later0 | jq .firewalled)"
	says 'changed: later0 *, 1 ports' p6 icf6 restore "$file" dev=later0
	is firewalled 0 "$(fw in dev later0 | jq .firewalled)"
	is label Later "$(fw in ports later0 | jq -r .label)"
	ip -n "$FW_ID-in" link del later0

	# One bad line, and nothing of the file counts.
	text=$(<"$file")
	printf '%s\nopen = 99999 tcp\n' "${text/stealth = yes/stealth = no}" \
		>"$file"
	error bad-value "line $(wc -l <"$file"):" p6 icf6 restore "$file"
	error bad-value "line $(wc -l <"$file"):" p6 icf6 save "$file"
	error not-found 'No such file' p6 icf6 restore "$FW_TMP/none"

	{
		printf '[ports]\n'
		printf 'open = %d tcp edge=deny Port of a test\n' \
			$(seq 1000 4999)
	} >"$file"
	says 'changed: *' p6 icf6 restore "$file"
	is "all of them" 4000 \
		"$(p6 -j icf6 show globalport | jq '.ports | length')"
	says 'saved: *4000 ports' p6 icf6 save "$file"
	says 'unchanged: *' p6 icf6 restore "$file"
	p6 icf6 reset
}

# A full disk leaves the old file.
disk()
{
	local dir=$FW_TMP/small

	mkdir "$dir"
	mount -t tmpfs -o size=64k small "$dir"
	p6 icf6 save "$dir/conf"
	head -c 65536 /dev/zero >"$dir/fill" || true
	before=$(<"$dir/conf")
	p6 icf6 set config stealth=yes
	error failed 'No space left' p6 icf6 save "$dir/conf"
	is "the file" "$before" "$(<"$dir/conf")"
	is "the folder" $'conf\nfill' "$(ls "$dir")"
	p6 icf6 reset
	umount "$dir"
}

# Whoever asks has it loaded, and with it the initial namespace closed.
loads()
{
	local file=$FW_TMP/blacklist.conf

	fw_unload
	says 'Firewall*: on*' "$peer6" icf6 show
	[[ -d /sys/module/icf6 ]]
	fw_unload
	# shellcheck disable=SC2016 # not here
	if setpriv --bounding-set -sys_module --inh-caps -sys_module \
		"$peer6" icf6 show 2>"$file"; then
		# The kernel loads a family that is asked for by itself.
		[[ -d /sys/module/icf6 ]]
	else
		grep -q '^Do: ' "$file"
	fi
}

plan 3
fw_unload
modprobe icf6
fw_pair
check "files: saved, restored, checked" anew files
check "a full disk leaves the file as it was" anew disk
check "the module is loaded when it is asked for" anew loads
finish
