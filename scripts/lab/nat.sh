# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# NATs of the lab, made from nftables and conntrack; sourced by lib.sh. The
# words are those of RFC 4787: a mapping is endpoint independent or depends
# on the destination, a filter admits anybody, a contacted address, or a
# contacted address and port.
#
# conntrack alone gives the endpoint independent mapping (it reuses the mapping
# of the same source unless "fully-random" is asked for) and the filter by
# address and port. Wider filters are built from a map that a chain behind
# source NAT fills with the outside port of each mapping, and that prerouting
# consults for packets which belong to no known flow.

LAB_NAT_TYPES="cone addr port port-nopreserve portnd upnp-port upnp-symm pp-symm seq-symm random-symm addr-symm routed"

# What lab_nat_rules writes for each type: mapping, filter, and whether packets
# nobody waits for are dropped at the outside, as home routers do. Without
# that drop an unsolicited packet leaves a conntrack entry that later bends
# the mapping toward its sender; portnd exists to have this fault. The two upnp
# types are gateways that map ports on demand; lab_nat_forward is the demand.
# routed is no NAT at all, for a LAN that is a subnet of another one's.
lab_nat_type()
{
	case $1 in
	cone)			REPLY="eim eif drop" ;;
	addr)			REPLY="eim adf drop" ;;
	port)			REPLY="eim apdf drop" ;;
	port-nopreserve)	REPLY="range apdf drop" ;;
	portnd)			REPLY="eim apdf accept" ;;
	upnp-port)		REPLY="eim apdf drop" ;;
	upnp-symm)		REPLY="upnp apdf drop" ;;
	pp-symm)		REPLY="pp apdf drop" ;;
	seq-symm)		REPLY="seq apdf drop" ;;
	random-symm)		REPLY="random apdf drop" ;;
	addr-symm)		REPLY="addrs apdf drop" ;;
	routed)			REPLY="none any accept" ;;
	*)
		lab_error nat-type "there is no NAT type '$1'" \
			"The types are: $LAB_NAT_TYPES" "scripts/lab/lab types"
		;;
	esac
}

# lab_nat_load NAME: reads the state of a NAT into the caller's array NAT
lab_nat_load()
{
	local k v

	if [[ ! -f $LAB_DIR/nat/$1 ]]; then
		lab_error no-nat "there is no NAT '$1' in this lab" \
			"Its NATs are: $(lab_list "$LAB_DIR/nat")" \
			"lab_nat $1 cone outside=ADDR/PLEN inside=ADDR/PLEN"
		return 1
	fi
	NAT=()
	while IFS='=' read -r k v; do
		NAT[$k]=$v
	done <"$LAB_DIR/nat/$1"
}

lab_nat_save()
{
	local k

	for k in "${!NAT[@]}"; do
		echo "$k=${NAT[$k]}"
	done >"$LAB_DIR/nat/$1"
}

# lab_nat_rules: prints the ruleset for the array NAT
lab_nat_rules()
{
	local ext=${NAT[outside]%/*} lan mapping filter input hairpin=${NAT[hairpin]}
	local life=${NAT[lifetime]:-120} udp='oifname "wan" ip protocol udp'
	local set="flags dynamic,timeout; timeout ${life}s; size 65535;"
	local i seq='' second last f port addr iport own pre='' po='' learn=''

	lab_nat_type "${NAT[type]}" || return 1
	read -r mapping filter input <<<"$REPLY"
	lab_subnet "${NAT[inside]}"
	lan=$REPLY
	lab_ip_int "$ext"
	second=$((REPLY + 1))
	lab_int_ip $((REPLY + 3))
	last=$REPLY
	lab_int_ip "$second"
	second=$REPLY

	# A reserved port is open to anybody and keeps its outside port
	# whatever the type; but as a UPnP gateway with a symmetric NAT makes
	# it, it leads inward alone: only the first flow outward has that port,
	# and what answers those who came in by it.
	for f in ${NAT[forward]}; do
		IFS=, read -r port addr iport <<<"$f"
		iport=${iport:-$port}
		pre+="  iifname \"wan\" ip daddr $ext udp dport $port dnat to $addr:$iport"$'\n'
		own="$udp ip saddr $addr udp sport $iport"
		if [[ $mapping == upnp ]]; then
			po+="  $own ip saddr . udp sport @used masquerade fully-random"$'\n'
			po+="  $own add @used { ip saddr . udp sport } snat to $ext:$port"$'\n'
		else
			po+="  $own snat to $ext:$port"$'\n'
		fi
	done

	if [[ $filter == eif || $filter == adf || $hairpin != off ]]; then
		learn="update @fc { ct reply proto-dst : ct original ip saddr . ct original proto-src }"
		[[ $filter != adf ]] ||
			learn+=" update @seen { ct reply proto-dst . ip daddr }"
	fi
	# A flow is the first while no other of the same local port lives.
	[[ $mapping != pp && $mapping != upnp && $mapping != addrs ]] ||
		learn+=" update @used { ct original ip saddr . ct original proto-src }"
	case $filter in
	eif)	pre+="  iifname \"wan\" ip daddr $ext ip protocol udp dnat ip to udp dport map @fc"$'\n' ;;
	adf)	pre+="  iifname \"wan\" ip daddr $ext ip protocol udp udp dport . ip saddr @seen dnat ip to udp dport map @fc"$'\n' ;;
	esac
	if [[ $hairpin != off ]]; then
		pre+="  iifname \"br0\" ip daddr $ext ip protocol udp dnat ip to udp dport map @fc"$'\n'
		if [[ $hairpin == outside ]]; then
			po+="  oifname \"br0\" ip saddr $lan ct status dnat snat to $ext"$'\n'
		else
			po+="  oifname \"br0\" ip saddr $lan ct status dnat masquerade"$'\n'
		fi
	fi
	case $mapping in
	range)
		po+="  $udp snat to $ext:20000-20999"$'\n'
		;;
	pp)
		po+="  $udp ip saddr . udp sport @used masquerade fully-random"$'\n'
		po+="  $udp add @used { ip saddr . udp sport } masquerade"$'\n'
		;;
	seq)
		# Not "numgen inc mod N offset 20000": that number is taken in
		# the byte order of the host.
		for ((i = 0; i < 1000; i++)); do
			seq+="$i : $((20000 + i)), "
		done
		po+="  $udp snat ip to $ext : numgen inc mod 1000 map { $seq }"$'\n'
		;;
	random|upnp)
		po+="  $udp masquerade fully-random"$'\n'
		;;
	addrs)
		# What the server sees must be of no use to anybody else.
		po+="  $udp ip saddr . udp sport @used snat to $second-$last fully-random"$'\n'
		po+="  $udp add @used { ip saddr . udp sport } snat to $ext fully-random"$'\n'
		;;
	esac
	[[ $mapping == none ]] || po+='  oifname "wan" masquerade'

	# printf, not cat: a process costs more than all of this.
	printf '%s\n' "table ip lab_nat
delete table ip lab_nat
table ip lab_nat {
 map fc { type inet_service : ipv4_addr . inet_service; $set }
 set seen { type inet_service . ipv4_addr; $set }
 set used { type ipv4_addr . inet_service; $set }
 chain po { type nat hook postrouting priority 100; policy accept;
$po
 }
 chain pre { type nat hook prerouting priority -100; policy accept;
$pre }"
	# The second rule keeps a mapping alive that only answers flows begun
	# from outside: those packets travel in the reply direction.
	[[ -z $learn ]] ||
		printf '%s\n' " chain learn { type filter hook postrouting priority 110; policy accept;
  $udp ct direction original $learn
  $udp ct direction reply ct status dnat update @fc { ct original proto-dst : ct reply ip saddr . ct reply proto-src }
 }"
	[[ $input != drop ]] ||
		printf '%s\n' ' chain in { type filter hook input priority 0; policy accept;
  iifname "wan" ct state new drop
 }'
	echo "}"
}

# lab_nat NAME TYPE outside=ADDR/PLEN inside=ADDR/PLEN [gw=ADDR] [uplink=NAT]
#	[hairpin=off|outside|inside] [lifetime=SECONDS] [lan=bridge|cable]
#	[forward="PORT,ADDR[,PORT]..."]
# A router with uplink "wan" and a bridge br0 for its LAN. uplink nests it in the
# LAN of another NAT. A cable instead of the bridge leads to one client: a
# bridge takes no packet with UDP encapsulation that is yet to be segmented, so
# each big one would become fifty here, which no real NAT ever sees whole.
lab_nat()
{
	local name=$1 i arg rules
	local -A NAT=([type]=$2 [uplink]=inet [hairpin]=off [lifetime]='' [forward]=''
		[gw]='' [lan]=bridge [client]='')
	shift 2

	for arg in "$@"; do
		case $arg in
		outside=*|inside=*|gw=*|uplink=*|hairpin=*|lifetime=*|lan=*|forward=*)
			NAT[${arg%%=*}]=${arg#*=} ;;
		*)
			lab_error usage "lab_nat does not know '$arg'" \
				"It takes outside= inside= gw= uplink= hairpin= lifetime= lan= forward=" \
				"see scripts/lab/README.md"
			return 1
			;;
		esac
	done
	lab_nat_check || return 1
	rules=$(lab_nat_rules) || return 1
	lab_begin
	lab_new_ns "$name" &&
		lab_uplink "$name" wan "${NAT[uplink]}" "${NAT[outside]}" \
			"${NAT[gw]}" || lab_abort || return 1
	if [[ ${NAT[lan]} == bridge ]]; then
		# A bridge without an address of its own takes the lowest of
		# its ports, so a client that joins later would pull it away
		# under the others.
		lab_q_ip "$name" "link add br0 address 02:00:00:00:00:fe type bridge mcast_snooping 0"
		lab_q_up "$name" br0
		lab_q_ip "$name" "addr add ${NAT[inside]} brd + dev br0"
	fi
	# The pool of the address-symmetric type; idle for the others.
	lab_ip_int "${NAT[outside]%/*}"
	for i in 1 2 3; do
		lab_int_ip $((REPLY + 1))
		lab_q_ip "$name" "addr add $REPLY/${NAT[outside]#*/} brd + dev wan"
		lab_ip_int "$REPLY"
	done
	lab_q SYSCTL "$name" "echo 1 >/proc/sys/net/ipv4/ip_forward"
	lab_q NFT "$name" "$rules"
	lab_nat_lifetime_cmd
	lab_q LATE "$name" "$REPLY"
	if [[ ${NAT[type]} == routed && ${NAT[uplink]} != inet ]]; then
		lab_subnet "${NAT[inside]}"
		lab_q_ip "${NAT[uplink]}" "route add $REPLY via ${NAT[outside]%/*}"
	fi
	lab_nat_save "$name"
	lab_commit
}

# lab_nat_plug NAME HOST: the cable of the NAT is the host's now
lab_nat_plug()
{
	local -A NAT=()

	lab_nat_load "$1" || return 1
	if [[ -n ${NAT[client]} ]]; then
		lab_error nat-cable "cannot attach '$2' to '$1'" \
			"Its LAN is one cable, and that leads to ${NAT[client]}." \
			"lab_nat $1 TYPE ... lan=bridge"
		return 1
	fi
	NAT[client]=$2
	lab_nat_save "$1"
}

lab_nat_check()
{
	local mapping

	lab_nat_type "${NAT[type]}" || return 1
	read -r mapping _ <<<"$REPLY"
	case ${NAT[hairpin]} in
	off) ;;
	outside|inside)
		if [[ $mapping != eim && $mapping != range ]]; then
			lab_error nat-hairpin "NAT type '${NAT[type]}' has no hairpinning" \
				"One outside port leads back only where the mapping is endpoint independent." \
				"lab_nat_hairpin NAT off"
			return 1
		fi
		;;
	*)
		lab_error usage "there is no hairpin mode '${NAT[hairpin]}'" \
			"The modes are: off outside inside" \
			"lab_nat_hairpin NAT outside"
		return 1
		;;
	esac
	if [[ ${NAT[lan]} != bridge && ${NAT[lan]} != cable ]]; then
		lab_error usage "there is no LAN '${NAT[lan]}'" \
			"A LAN is a bridge or a cable." "lab_nat NAT TYPE ... lan=bridge"
		return 1
	fi
	[[ ${NAT[lifetime]} =~ ^[0-9]*$ ]] ||
		lab_error usage "'${NAT[lifetime]}' is no mapping lifetime" \
			"It is a number of seconds, empty for the kernel's own 30 and 120 s." \
			"lab_nat_lifetime NAT 35"
}

# A mapping lives as long as conntrack keeps the flow, so both timers of UDP
# are set: a flow counts as a stream only after some time.
lab_nat_lifetime_cmd()
{
	local d=/proc/sys/net/netfilter/nf_conntrack_udp_timeout

	REPLY="echo ${NAT[lifetime]:-30} >$d
echo ${NAT[lifetime]:-120} >${d}_stream
"
}

# lab_nat_apply NAME: reboot the NAT with the state in the array NAT. Traffic
# is stopped ahead of conntrack meanwhile, so no packet can carry an old
# mapping over into the new set-up.
lab_nat_apply()
{
	local rules

	lab_nat_check || return 1
	rules=$(lab_nat_rules) || return 1
	lab_nat_lifetime_cmd
	lab_nat_save "$1"
	nsenter --net="/run/netns/$LAB_ID-$1" sh -c "set -e
nft -f - <<'END'
table ip lab_reboot { chain c { type filter hook prerouting priority -400; policy drop; }; }
$rules
END
$2
conntrack -F >/dev/null 2>&1
$REPLY
nft delete table ip lab_reboot"
}

# lab_nat_flush NAME: the NAT reboots and forgets all mappings
lab_nat_flush()
{
	local -A NAT=()

	lab_nat_load "$1" && lab_nat_apply "$1" ""
}

# lab_nat_set NAME TYPE: the NAT becomes one of another type (reboots)
lab_nat_set()
{
	local -A NAT=()

	lab_nat_load "$1" || return 1
	NAT[type]=$2
	lab_nat_apply "$1" ""
}

# lab_nat_hairpin NAME off|outside|inside: packets from the LAN to the outside
# address come back in, from the sender's outside or inside address (reboots)
lab_nat_hairpin()
{
	local -A NAT=()

	lab_nat_load "$1" || return 1
	NAT[hairpin]=$2
	lab_nat_apply "$1" ""
}

# lab_nat_lifetime NAME SECONDS|"": lifetime of UDP mappings (reboots)
lab_nat_lifetime()
{
	local -A NAT=()

	lab_nat_load "$1" || return 1
	NAT[lifetime]=$2
	lab_nat_apply "$1" ""
}

# lab_nat_forward NAME PORT ADDR [PORT]: reserve an outside UDP port for a
# client; PORT alone takes the reservation away (reboots)
lab_nat_forward()
{
	local -A NAT=()
	local f keep=''

	lab_nat_load "$1" || return 1
	for f in ${NAT[forward]}; do
		[[ $f == "$2",* ]] || keep+="$f "
	done
	[[ -z ${3:-} ]] || keep+="$2,$3,${4:-$2}"
	NAT[forward]=$keep
	lab_nat_apply "$1" ""
}

# lab_nat_addr NAME ADDR: the provider gives the NAT another outside address
# of the same subnet (reboots)
lab_nat_addr()
{
	local -A NAT=()
	local plen cmd

	lab_nat_load "$1" || return 1
	plen=${NAT[outside]#*/}
	NAT[outside]=$2/$plen
	[[ -n ${NAT[gw]} ]] || { lab_last_host "${NAT[outside]}"; NAT[gw]=$REPLY; }
	cmd="ip addr flush dev wan
ip addr add $2/$plen brd + dev wan"
	lab_ip_int "$2"
	for _ in 1 2 3; do
		lab_int_ip $((REPLY + 1))
		cmd+=$'\n'"ip addr add $REPLY/$plen brd + dev wan"
		lab_ip_int "$REPLY"
	done
	lab_nat_apply "$1" "$cmd
ip route add default via ${NAT[gw]} dev wan"
}
