#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The folder net/teredo, dropped into the kernel's tools/testing/selftests,
# builds, installs and runs there by the kernel's own means. The tree is that
# of Debian's linux-source-6.1; what runs in the virtual machine is a copy, far
# from the rest of this work tree.
#
# shellcheck disable=SC2317 # checks are called by their names

set -uo pipefail

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
out=$tree/build/dropin
linux=$out/linux
tests=$linux/tools/testing/selftests
installed=$out/installed
mine=$tree/tests/selftests/net/teredo
# One of the quickest.
sample=samenat.sh
log=$out/log
count=0
failed=0

# check DESCRIPTION COMMAND...
check()
{
	local what=$1
	shift

	count=$((count + 1))
	if "$@" >"$log" 2>&1; then
		printf 'ok %d - %s\n' "$count" "$what"
		return
	fi
	printf 'not ok %d - %s\n' "$count" "$what"
	sed 's/^/# /' "$log"
	failed=1
}

# As much of the kernel's tree as its tests are built from, and the folder.
drop()
{
	local source

	source=$("$tree/scripts/vm/kernel" source) || return 1
	rm -rf "$out"/linux "$installed"
	mkdir -p "$tests/net" "$linux/scripts"
	cp -a "$source"/scripts/subarch.include "$linux/scripts/" &&
	cp -a "$source"/tools/testing/selftests/{Makefile,lib.mk,kselftest} \
		"$source"/tools/testing/selftests/*.{sh,h} "$tests/" &&
	cp -rL "$mine" "$tests/net/"
}

kselftest()
{
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -C "$tests" \
		TARGETS=net/teredo FORCE_TARGETS=1 "$@"
}

# Each script that can be run is one that is run; each other file is there.
complete()
{
	local file rc=0

	cat "$installed/kselftest-list.txt"
	for file in "$mine"/*; do
		file=${file##*/}
		case $file in
		Makefile|*.mk|__pycache__)
			continue ;;
		esac
		if [[ ! -e $installed/net/teredo/$file ]]; then
			echo "$file is not installed"
			rc=1
		elif [[ -f $mine/$file && -x $mine/$file && $file == *.sh ]] &&
			! grep -qx "net/teredo:$file" \
				"$installed/kselftest-list.txt"; then
			echo "$file is not run"
			rc=1
		fi
	done
	[[ -f $installed/net/teredo/lab/lib.sh &&
		! -L $installed/net/teredo/lab ]] || {
		echo "lab is not a folder of its own"
		rc=1
	}
	return "$rc"
}

# Both ways to run them, in one machine, without a way back to this tree but by
# what would be installed on a host: the command and the plug-in of ip(8).
run()
{
	cat >"$out/run" <<-END
		#!/bin/sh
		# The kernel's runner opens its output again, which has to be a
		# pipe or a file for that.
		exec 2>&1
		{
		cd $installed && ./run_kselftest.sh -t net/teredo:$sample
		echo ==== make
		cd $tests && make TARGETS=net/teredo TEST_PROGS=$sample run_tests
		} | cat
	END
	"$tree/scripts/vm/run" --kernel 6.1 --name dropin --timeout 600 -- \
		env -u PEER6_TREE "IP_LIB_DIR=$tree/build" \
		"PATH=$tree/build:$PATH" sh "$out/run" >"$out/machine.log" 2>&1
	local rc=$?

	cat "$out/machine.log"
	return "$rc"
}

# passed SED_ADDRESSES: in that part of what the machine said
passed()
{
	sed -n "$1 p" "$out/machine.log" | tee "$out/part"
	grep -q "^ok 1 selftests: net/teredo: $sample\$" "$out/part"
}

mkdir -p "$out"
echo "TAP version 13"
echo "1..7"
check "the folder is dropped into the kernel's tree" drop
check "it builds there" kselftest all
check "it installs" kselftest install KSFT_INSTALL_PATH="$installed"
check "all of it is installed, and each script is run" complete
check "the machine runs it" run
check "what was installed passes" passed "1,/^==== make/"
check "make run_tests passes" passed "/^==== make/,\$"
exit "$failed"
