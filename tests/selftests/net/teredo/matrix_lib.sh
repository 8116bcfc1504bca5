# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For the tests that try many pairs of clients at once, each a line of a plan
# for matrix.py: source this file behind lib.sh.

# td_matrix RESULTS <PLAN: plays it, a result for each cell
td_matrix()
{
	local line fields desc='' rc

	"$TD_DIR/matrix.py" "$LAB_ID-inet" "$1"
	td_took "all pairs tried"
	while IFS= read -r line; do
		if [[ $line == $'\t'* ]]; then
			echo "${line#?}" >>"$TD_TMP/faults"
			continue
		fi
		[[ -z $desc ]] || result "$rc" "$desc" "$TD_TMP/faults"
		: >"$TD_TMP/faults"
		read -ra fields <<<"$line"
		[[ ${fields[0]} == ok ]] && rc=0 || rc=1
		desc="${fields[5]}: ${fields[6]} to ${fields[7]}: ${fields[1]}"
		desc+=" after ${fields[2]} ms; bubbles: ${fields[3]} straight,"
		desc+=" ${fields[4]} through servers"
	done < <(cat "$1"; echo "ok yes 0 0 0 - - -")
}

td_took()
{
	printf '# %s after %d s\n' "$1" "$SECONDS"
}
