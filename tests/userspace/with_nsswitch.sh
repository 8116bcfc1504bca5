#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: unshare -m with_nsswitch.sh FILE COMMAND...
#
# Runs COMMAND with FILE as /etc/nsswitch.conf, in a mount namespace of its own.

set -euo pipefail

mount --make-rprivate /
mount --bind "$1" /etc/nsswitch.conf
shift
exec "$@"
