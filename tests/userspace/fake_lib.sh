# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# Sourced after cli_lib.sh: fake daemons, each ended with the test.

fakes=()

end_fakes()
{
	local pid

	for pid in "${fakes[@]}"; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	rm -rf "$tap_dir"
}
trap end_fakes EXIT

# fake NAME OPTIONS...: a daemon on $tap_dir/NAME, once it listens.
fake()
{
	local name=$1 line

	shift
	exec {fake_fd}< <(exec python3 "$here/fake_peer6d.py" "$@" \
		"$tap_dir/$name" 2>>"$tap_dir/fake.err")
	fakes+=($!)
	read -r -t 60 line <&"$fake_fd"
	[[ $line == ready ]]
}
