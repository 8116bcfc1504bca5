#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# icf6 and nftables, side by side: two hosts of the same addresses get the same
# packets; one is filtered by the module, the other by icf6_policy.nft, which
# states the same policy. What each lets through is seen by a third party, a
# table behind both. See icf6_nft.py for what may differ, and why.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../selftests/net/icf6/craft.sh
. "$here/../selftests/net/icf6/craft.sh"
command -v nft >/dev/null || skip_all "nft is not installed"

# shellcheck disable=SC2034 # lib.sh removes it
FW_TMP=$(mktemp -d)
trap fw_cleanup EXIT
fw_load
fw_host in out nft out2
fw in attach
craft_host in eth0 out
craft_host nft eth0 out2
for host in in nft; do
	ns "$host" nft -f - <<-END
	table ip6 observe {
		set passed {
			type ether_addr
			size 65535
			flags dynamic
		}
		chain behind {
			type filter hook input priority filter + 10
			update @passed { ether saddr }
		}
	}
	END
done
PYTHONPATH=$FW_DIR python3 "$here/icf6_nft.py" "/run/netns/$FW_ID-in" \
	"/run/netns/$FW_ID-out" "/run/netns/$FW_ID-nft" \
	"/run/netns/$FW_ID-out2" "$here/icf6_policy.nft"
