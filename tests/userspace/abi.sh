#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# libpeer6.so.0 exports what the headers of include/peer6 declare and nothing
# else; the headers are good in C11 and in C++; the library as it is installed
# builds the example of Documentation/libpeer6.md, which resolves a name.

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(realpath "$here/../..")
build=$(realpath "${BUILD:-$top/build}")
library=$build/libpeer6.so.0
# shellcheck source=tests/selftests/net/teredo/cli_lib.sh
. "$here/../selftests/net/teredo/cli_lib.sh"
# shellcheck source=tests/userspace/fake_lib.sh
. "$here/fake_lib.sh"

cd "$top"
# A function's name is what "(" follows at the outermost level of a prototype.
cat include/peer6/*.h | gcc -fpreprocessed -dD -P -E - |
	grep -oE '\bpeer6_[a-z0-9_]+\(' | tr -d '(' | sort -u >"$tap_dir/headers"
nm -D --defined-only "$library" | awk '$2 ~ /[A-Z]/ { print $3 }' |
	sed 's/@.*//' | grep -vx PEER6_0 | sort -u >"$tap_dir/library"

run comm -23 "$tap_dir/library" "$tap_dir/headers"
expect 'what is exported is declared' 0 '' ''
run comm -13 "$tap_dir/library" "$tap_dir/headers"
expect 'what is declared is exported' 0 '' ''
result 'there are functions at all' [ "$(wc -l <"$tap_dir/library")" -gt 50 ]
run readelf -V "$library"
expect 'symbols have a version' 0 '*PEER6_0*' '*'
run readelf -d "$library"
expect 'the soname' 0 '*SONAME*libpeer6.so.0\]*' ''

grep -oE '\bpeer6_[a-z0-9_]+\b' Documentation/libpeer6.md |
	grep -vE '^peer6_(client|lookup|answers|clouds|registrations|identities|fault)$|_$' |
	sort -u >"$tap_dir/named"
cat include/peer6/*.h >"$tap_dir/all"
run grep -vwFf <(grep -oE 'peer6_[a-z0-9_]+' "$tap_dir/all") "$tap_dir/named"
expect 'what libpeer6.md names is there' 1 '' ''

for header in include/peer6/*.h; do
	name=${header#include/}
	printf '#include <%s>\nint main(void) { return 0; }\n' "$name" \
		>"$tap_dir/one.c"
	cp "$tap_dir/one.c" "$tap_dir/one.cc"
	run gcc -std=c11 -pedantic -Wall -Wextra -Werror -Iinclude -c \
		-o /dev/null "$tap_dir/one.c"
	expect "$name stands alone in C11" 0 '' ''
	run g++ -std=c++11 -Wall -Wextra -Werror -Iinclude -c \
		-o /dev/null "$tap_dir/one.cc"
	expect "$name stands alone in C++" 0 '' ''
done

# The example as users have it: from the document, with what is installed.
dest=$tap_dir/dest
printf 'CC ?= gcc\nall: install\ninclude userspace/libpeer6/%s\n' \
	'libpeer6.mk' >"$tap_dir/makefile"
printf 'include userspace/libpeer6/shared.mk\n' >>"$tap_dir/makefile"
run make -s --no-print-directory -f "$tap_dir/makefile" \
	DESTDIR="$dest" PREFIX=/usr VERSION=0 install
expect 'the library is installed' 0 '*' '*'
pc=$(find "$dest" -name libpeer6.pc -printf '%h')
result 'with a pkg-config file' [ -n "$pc" ]
export PKG_CONFIG_PATH=$pc PKG_CONFIG_SYSROOT_DIR=$dest
for example in Documentation/examples/*.c; do
	name=$(basename "$example" .c)
	# shellcheck disable=SC2046 # words, as in a makefile
	run gcc -Wall -Wextra -Werror -o "$tap_dir/$name" "$example" \
		$(pkg-config --cflags --libs libpeer6)
	expect "$name builds" 0 '' ''
done
LD_LIBRARY_PATH=$(dirname "$pc")
export LD_LIBRARY_PATH
fake daemon
export PEER6_SOCKET=$tap_dir/daemon
run "$tap_dir/peer6-connect" here.pnrp.net
expect 'the example resolves a name, and nobody is there' 1 '' \
	'*::1*Connection refused*'
run "$tap_dir/peer6-connect" nobody.pnrp.net
expect 'and says why it cannot' 1 '' '*nobody publishes*[not-found]*'
PEER6_SOCKET=$tap_dir/nothing run "$tap_dir/peer6-connect" alice.pnrp.net
expect 'and that there is no daemon' 1 '' '*[no-daemon]*'
run timeout 60 "$tap_dir/peer6-watch" 0.many 0.slow nobody.pnrp.net
expect 'the asynchronous one resolves several at once' 0 \
	'*0.many: \[2001:db8::a\]:22*' '*nobody.pnrp.net: *not-found*'
expect 'with all of what was found' 0 '*0.many: \[2001:db8::c\]:22*' '*'
expect 'and the slow one comes' 0 '*0.slow: \[2001:db8::a\]:22*' '*'
finish
