#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Headers, fragments and addresses that no flow excuses: see header_test.py.

set -euo pipefail

# shellcheck source=craft.sh
. "$(dirname "$0")/craft.sh"
craft header_test.py
