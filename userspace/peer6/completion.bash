# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion of peer6(8)

_peer6_devices()
{
	ip -o link show type teredo 2>/dev/null |
		sed 's/^[0-9]*: \([^:@]*\)[:@].*/\1/'
}

_peer6()
{
	local cur=$2 words=() nouns=() i
	local global='--json --verbose --quiet --no-color --netns= --help'
	local tags='type= servername= refreshinterval= clientport=
		servervirtualip= dev= server2= local= clientid= secretfile=
		maxpeers= ratelimit= allowprivate= defaultroute= discovery=
		coneprobe= singleserver= bubblettl= prefix='
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
		dev)	mapfile -t words < <(_peer6_devices) ;;
		type)	words=(client server relay host-relay disabled
				default) ;;
		secretfile)
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
		case ${nouns[*]} in
		*show*)	words+=(--check --wait --wait=) ;;
		*monitor*) words+=(--count= --timeout=) ;;
		esac
	else
		case "${nouns[*]}" in
		'')	words=(teredo help version) ;;
		teredo)	words=(set show monitor flush) ;;
		help)	words=(errors netsh server teredo set show monitor
				flush) ;;
		'teredo set'*)
			read -ra words <<<"${tags//[$'\n\t']/ }" ;;
		'teredo show')
			words=(state peers dev=) ;;
		'teredo '*)
			words=(dev=) ;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "${words[*]}" -- "$cur")
	[[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace
	return 0
}

complete -F _peer6 peer6
