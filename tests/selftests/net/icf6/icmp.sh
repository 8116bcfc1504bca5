#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every type of ICMPv6, in and out: see icmp_test.py.

set -euo pipefail

# shellcheck source=craft.sh
. "$(dirname "$0")/craft.sh"
craft icmp_test.py
