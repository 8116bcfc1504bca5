# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion of peer6(8)

_peer6_devices()
{
	ip -o link show type teredo 2>/dev/null |
		sed 's/^[0-9]*: \([^:@]*\)[:@].*/\1/'
}

# What the daemon knows, if it is there: names, clouds, identities.
_peer6_known()
{
	local method=$1 filter=$2

	command -v jq >/dev/null || return 0
	# shellcheck disable=SC2086 # the method is several words
	timeout 0.5 peer6 -j $method 2>/dev/null | jq -r "$filter" 2>/dev/null
}

_peer6_clouds()
{
	_peer6_known 'pnrp cloud show list' '.clouds[].name'
}

_peer6_names()
{
	_peer6_known 'pnrp peer show registration' '.registrations[].name'
}

_peer6_identities()
{
	_peer6_known 'id list' '.identities[].name'
}

# The words that may follow those of "icf6", whose devices are any.
_peer6_icf6()
{
	local port='port= protocol= name= dev= edge='
	local config='enabled= p2p= stealth= icmpstrict= ipsec= mip6=
		mcastreply= mdns= ssdp= forward= lock= orderafter= bogons=
		edgeula= edgedefault= edgemark= grace= reject= mcastboundary='
	local icmp='echorequest= destunreach= toobig= timeexceeded=
		paramproblem= redirect= dev='

	case "$1" in
	'')	echo 'show set add delete p2p reset flush attach detach save
			restore check monitor logd' ;;
	show)	echo 'config globalport adapter icmp logging stats flows' ;;
	set)	echo 'config icmp logging adapter globalport' ;;
	add | delete) echo 'port ignore' ;;
	p2p)	echo 'on off' ;;
	reset)	echo 'flush=' ;;
	monitor) echo 'events log all' ;;
	'show globalport' | 'show adapter' | 'show icmp' | 'show stats')
		ls /sys/class/net ;;
	'set config'*) echo "$config" ;;
	'set icmp'*) echo "$icmp" ;;
	'set logging'*) echo 'drops= opens= rate= burst= file= size=' ;;
	'set adapter') ls /sys/class/net ;;
	'set adapter '*) echo 'firewall= edge=' ;;
	'set globalport'*) echo 'port= protocol= mode= name= edge=' ;;
	'add port'*) echo "$port" ;;
	'delete port'*) echo 'port= protocol= dev= flush=' ;;
	*' ignore'*) echo 'port= protocol= dev=' ;;
	restore) echo 'file= dev=' ;;
	save | check) echo 'file=' ;;
	logd*)	echo 'file= size=' ;;
	esac
}

# The words that may follow those of "pnrp", "id" and their short forms.
_peer6_words()
{
	local resolve='name= cloud= max= criteria= near= local='
	local publish='name= cloud= service= comment= text= file= near='

	case "$1" in
	publish* | 'pnrp peer add registration'*) echo "$publish" ;;
	resolve* | 'pnrp peer resolve'* | 'pnrp peer enumerate'*)
		echo "$resolve" ;;
	'pnrp peer traceroute'*) echo "$resolve target=" ;;
	unpublish* | 'pnrp peer delete registration'*)
		_peer6_names
		echo 'handle= cloud=' ;;
	pnrp)	echo 'cloud peer diagnostics monitor decode' ;;
	'pnrp cloud') echo 'show set start synchronize flush repair' ;;
	'pnrp cloud show')
		echo 'list names statistics initialization seed pnrpmode cache' ;;
	'pnrp cloud set') echo pnrpmode ;;
	'pnrp cloud set pnrpmode'*) echo 'mode= cloud=' ;;
	'pnrp cloud synchronize') echo 'host seed' ;;
	'pnrp cloud synchronize host'*) echo 'host= cloud=' ;;
	'pnrp peer')
		echo 'resolve traceroute enumerate add delete show set' ;;
	'pnrp peer add' | 'pnrp peer delete') echo registration ;;
	'pnrp peer show') echo 'registration convertedname machinename' ;;
	'pnrp peer set') echo machinename ;;
	'pnrp peer set machinename'*) echo 'name= publish= autopublish=' ;;
	'pnrp diagnostics') echo ping ;;
	'pnrp diagnostics ping') echo 'host seed' ;;
	'pnrp cloud '* | 'pnrp diagnostics ping '* | 'pnrp monitor')
		_peer6_clouds ;;
	id)	echo 'create list show rename default xml export import name
			delete' ;;
	'id create'*) echo 'name= friendly= profile= default=' ;;
	'id name'*) echo 'name= identity= unsecured=' ;;
	'id show' | 'id rename' | 'id default' | 'id xml' | 'id export' | \
	'id delete')
		_peer6_identities ;;
	'id export '*) echo 'file= encryption=' ;;
	esac
}

_peer6()
{
	local cur=$2 words=() nouns=() i
	local pnrp=' pnrp publish unpublish resolve id '
	local global='--json --verbose --quiet --no-color --netns= --help'
	local tags='type= servername= refreshinterval= clientport=
		servervirtualip= dev= server2= local= clientid= secretfile=
		maxpeers= ratelimit= allowprivate= defaultroute= discovery=
		coneprobe= singleserver= bubblettl= extensions= prefix='
	local bools='allowprivate defaultroute discovery coneprobe singleserver'

	COMPREPLY=()
	# "=" splits words, so the tag is the word before the last.
	for ((i = 1; i < COMP_CWORD; i++)); do
		[[ ${COMP_WORDS[i]} == -* ]] || nouns+=("${COMP_WORDS[i]}")
	done
	if [[ $cur == = || ${COMP_WORDS[COMP_CWORD - 1]} == = ]]; then
		[[ $cur == = ]] && cur=
		i=$((COMP_CWORD - 1))
		[[ ${COMP_WORDS[i]} == = ]] && i=$((i - 1))
		case ${COMP_WORDS[i]} in
		dev)	case ${nouns[0]-} in
			icf6 | firewall)
				mapfile -t words < <(ls /sys/class/net) ;;
			*)	mapfile -t words < <(_peer6_devices) ;;
			esac ;;
		protocol)
			words=(tcp udp both) ;;
		edge | edgedefault)
			words=(deny allow app yes no auto) ;;
		reject)	words=(none adm-prohibited) ;;
		type)	words=(client server relay host-relay disabled
				default) ;;
		cloud)	mapfile -t words < <(_peer6_clouds) ;;
		identity)
			mapfile -t words < <(_peer6_identities) ;;
		criteria)
			words=(any nearest nearest64) ;;
		mode)	words=(default RO) ;;
		publish)
			words=(start stop) ;;
		autopublish)
			words=(enable disable) ;;
		profile | encryption)
			words=(compatible strong) ;;
		local | unsecured | default)
			words=(yes no) ;;
		secretfile | file | --password-file | --socket)
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			return ;;
		--netns)
			mapfile -t words < <(ip netns list 2>/dev/null |
				cut -d ' ' -f 1) ;;
		*)	[[ " $bools " == *" ${COMP_WORDS[i]} "* ]] &&
				words=(yes no default) ;;
		esac
	elif [[ $cur == -* ]]; then
		read -ra words <<<"$global"
		[[ $pnrp == *" ${nouns[0]-} "* ]] && words+=(--socket=)
		case ${nouns[*]} in
		'id export'* | 'id import'*) words+=(--password-file=) ;;
		*resolve* | *traceroute* | *enumerate* | *ping* | *start*)
			words+=(--timeout=) ;;
		'teredo show'*)	words+=(--check --wait --wait=) ;;
		*monitor*) words+=(--count= --timeout=) ;;
		esac
	else
		case "${nouns[*]}" in
		'')	words=(teredo publish unpublish resolve pnrp id icf6
				firewall help version) ;;
		teredo)	words=(set show monitor flush) ;;
		help)	words=(errors netsh server teredo set show monitor
				flush pnrp cloud peer diagnostics decode publish
				unpublish resolve id icf6 firewall) ;;
		icf6* | firewall*)
			i="${nouns[*]:1}"
			mapfile -t words < <(_peer6_icf6 "$i") ;;
		'id import' | 'pnrp decode')
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			return ;;
		'teredo set'*)
			read -ra words <<<"${tags//[$'\n\t']/ }" ;;
		'teredo show')
			words=(state peers portmap dev=) ;;
		'teredo '*)
			words=(dev=) ;;
		*)	mapfile -t words < <(_peer6_words "${nouns[*]}") ;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "${words[*]}" -- "$cur")
	[[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace
	return 0
}

complete -F _peer6 peer6
