#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: client_nomem.sh PROGRAM: runs it with a fake daemon on PEER6_SOCKET.

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dir=$(mktemp -d)
pid=

cleanup()
{
	[[ -z $pid ]] || kill "$pid" 2>/dev/null || true
	rm -rf "$dir"
}
trap cleanup EXIT

exec {fake}< <(exec python3 "$here/fake_peer6d.py" "$dir/daemon")
pid=$!
read -r -t 60 <&"$fake"
PEER6_SOCKET=$dir/daemon timeout 200 "$1"
