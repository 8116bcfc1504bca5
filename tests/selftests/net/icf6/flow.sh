#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Flows and ports: who may begin one, and who has: see flow_test.py.

set -euo pipefail

# shellcheck source=craft.sh
. "$(dirname "$0")/craft.sh"
craft flow_test.py
