#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What is wrong about a request is refused, and changes nothing.

set -euo pipefail

# shellcheck source=craft.sh
. "$(dirname "$0")/craft.sh"
craft netlink_test.py
