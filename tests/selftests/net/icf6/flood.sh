# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For tests that change something while flood.py sends to a closed port: how
# many packets came past the firewall, and how many it has dropped.
#
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
command -v nft >/dev/null || skip_all "nft is not installed"

MET=10	# packets that have to be seen, dropped or not, before it goes on

# flood_target HOST...: somebody listens on the port, and what reaches the hooks
# behind the firewall is counted
flood_target()
{
	local host

	for host; do
		flood_counter "$host"
		mkfifo "$FW_TMP/ready"
		ns "$host" python3 "$FW_DIR/flood.py" listen >"$FW_TMP/ready" &
		FW_PIDS+=($!)
		read -r _ <"$FW_TMP/ready"
		rm "$FW_TMP/ready"
	done
}

flood_counter()
{
	ns "$1" nft -f - <<-END
		table ip6 behind {
			counter reached { }
			chain input {
				type filter hook input priority 10
				udp dport 7000 counter name reached
			}
		}
	END
}

# flood HOST WORD...: of flood.py, from there
flood()
{
	local host=$1
	shift

	ns "$host" python3 "$FW_DIR/flood.py" "$@" &
	FW_PIDS+=($!)
}

# reached HOST: past the firewall, to the listener or not
reached()
{
	ns "$1" nft list counter ip6 behind reached |
		sed -n 's/.*packets \([0-9]*\).*/\1/p'
}

more_reached()
{
	(($(reached "$1") >= $2))
}

# arrives HOST: the flood does, at the listener
arrives()
{
	await 30 "the flood to arrive in $1" more_reached "$1" \
		$(($(reached "$1") + MET))
}

# dropped HOST [DEV]: for their port; all devices, also those that are gone
dropped()
{
	echo $(($(fw "$1" count in port ${2:+"$2"}) + \
		$(fw "$1" count in edge ${2:+"$2"})))
}

more_dropped()
{
	(($(dropped "$1" ${3:+"$3"}) >= $2))
}

# meets HOST [DEV]: the flood meets the firewall, from now on
meets()
{
	await 30 "the firewall of $1 to drop it" more_dropped "$1" \
		$(($(dropped "$@") + MET)) "${2:-}"
}

# stopped HOST N: it meets the firewall, and no packet got through since N
stopped()
{
	meets "$1"
	is "packets past the firewall" "$2" "$(reached "$1")"
}
