# shellcheck shell=bash
# shellcheck disable=SC2034 # DST and DEV are for load.sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The paths that are compared: the same hosts, NATs and cables for all, two
# labs of the same shape, since a host cannot be a client of Teredo twice.
# "ours" carries teredo.ko and, beside it, what the kernel has of its own;
# "ref" carries Miredo. Sourced by run.

MTU=1280
FOU_PORT=5555
GENEVE_PORT=6081
UDP_PORT=4444
DST=''		# set by use(): where bob is reached, on which device
# shellcheck disable=SC2034 # load.sh's
DEV=''

# on LAB: the functions of the lab work on this one from here on
on()
{
	[[ ${LAB_ID:-} == "bench-$1" ]] || lab_attach "bench-$1"
}

# build LAB: both NATs, one client each, by cable
build()
{
	local port

	lab_init "bench-$1"
	lab_standard port port cable
	for port in $FOU_PORT $GENEVE_PORT $UDP_PORT; do
		lab_nat_forward natA "$port" 10.0.1.2
		lab_nat_forward natB "$port" 10.0.2.2
	done
	# A TCP port and ping of bob's, open to the outside.
	lab_exec natB nft -f - <<-END
	table ip bench {
	 chain pre { type nat hook prerouting priority -101;
	  iifname wan tcp dport 5201 dnat to 10.0.2.2
	  iifname wan icmp type echo-request dnat to 10.0.2.2
	 }
	}
	END
	lab_spawn bob "$LAB_DIR/iperf.log" iperf3 -s
	wait_for 20 "bob's iperf3 to listen" listens bob
}

listens()
{
	lab_exec "$1" ss -Hltn 'sport = :5201' | grep -q .
}

# global6 HOST DEV: its global IPv6 address, fails while there is none
global6()
{
	lab_exec "$1" ip -j -6 addr show dev "$2" scope global |
		jq -er '.[0].addr_info[0].local'
}

# The rate limit keeps a stranger from using the server against others; here
# it would be what is measured, so it is one that is looked at and not reached.
setup_teredo()
{
	local host

	modprobe teredo
	lab_exec server ip link add teredo0 type teredo role server \
		server 192.0.2.1 server2 192.0.2.2 rate-limit 1000000
	lab_exec server ip link set teredo0 up
	for host in alice bob; do
		lab_exec $host ip link add teredo0 type teredo \
			server 192.0.2.1 port 4096
		lab_exec $host ip link set teredo0 up
	done
	for host in alice bob; do
		wait_for 20 "$host to qualify" global6 $host teredo0
	done
}

setup_miredo()
{
	miredo_server server
	miredo_client alice
	miredo_client bob
	miredo_wait alice
	miredo_wait bob
}

# The relay, and an iperf3 of alice's for the native host behind it
setup_relay()
{
	lab_exec relay ip link add teredo0 type teredo role relay \
		local 198.51.100.100
	lab_exec relay ip link set teredo0 up
	lab_exec alice ip -6 route add default dev teredo0
	serve_alice "$(global6 alice teredo0)"
}

setup_miredo_relay()
{
	miredo_relay relay
	serve_alice "$(miredo_address alice)"
}

# serve_alice ADDRESS
serve_alice()
{
	lab_spawn alice "$LAB_DIR/iperf.alice.log" iperf3 -s
	wait_for 20 "alice's iperf3 to listen" listens alice
	wait_for 20 "web to reach alice" \
		lab_exec web ping -q -c 2 -i 0.2 -W 2 "$1"
}

# The bytes of a Teredo data packet: IPv4, UDP with a checksum, IPv6.
setup_fou()
{
	local spec host peer n

	modprobe -a fou sit
	for spec in "alice 203.0.113.1 1" "bob 198.51.100.1 2"; do
		read -r host peer n <<<"$spec"
		lab_exec "$host" ip fou add port $FOU_PORT ipproto 41
		lab_exec "$host" ip link add fou0 mtu $MTU type sit \
			local "10.0.$n.2" remote "$peer" ttl 64 encap fou \
			encap-sport $FOU_PORT encap-dport $FOU_PORT encap-csum
		tunnel_up "$host" fou0 "2001:db8:f0::$n/64"
	done
}

setup_geneve()
{
	local spec host peer n

	modprobe geneve
	for spec in "alice 203.0.113.1 1" "bob 198.51.100.1 2"; do
		read -r host peer n <<<"$spec"
		lab_exec "$host" ip link add geneve0 mtu $MTU type geneve \
			id 6 remote "$peer" ttl 64 udpcsum
		tunnel_up "$host" geneve0 "2001:db8:6e::$n/64"
	done
}

# tunnel_up HOST DEV ADDR/PLEN
tunnel_up()
{
	lab_exec "$1" ip link set "$2" addrgenmode none
	lab_exec "$1" ip link set "$2" up
	lab_exec "$1" ip addr add "$3" dev "$2" nodad
}

# use PATH: the lab of the path, DST and DEV
use()
{
	case $1 in
	miredo)	on ref ;;
	*)	on ours ;;
	esac
	case $1 in
	teredo)	DST=$(global6 bob teredo0) DEV=teredo0 ;;
	miredo)	DST=$(global6 bob "$MIREDO_DEV") DEV=$MIREDO_DEV ;;
	fou)	DST=2001:db8:f0::2 DEV=fou0 ;;
	geneve)	DST=2001:db8:6e::2 DEV=geneve0 ;;
	ipv4)	DST=203.0.113.1 DEV=eth0 ;;
	esac
}

# warm PATH: opens the path, if it needs opening, and proves that it leads
# all the way
warm()
{
	wait_for 20 "alice to reach bob by $1" \
		lab_exec alice ping -q -c 3 -i 0.1 -W 2 "$DST"
}
