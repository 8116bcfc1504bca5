#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Each rule by which a Teredo device drops a packet, one packet at a time.

For each case one packet goes in. Exactly one counter of drops goes up, by one,
and nothing else is different: no other counter, no packet out, nothing for
IPv6 or the device's packet counter, the same state and number of peers.

The reasons that are errors of a device, not of a packet, are caused too. Of
enum teredo_reason only no-memory is not here, for it needs an allocation to
fail, nor ports-full, which has to do with sockets.
"""
import sys

from malformed_client import Client, no_answers
from malformed_relay import Relay, lost_netns
from malformed_server import Server
from malformed_trailers import Trailers
from wire import Tap, stay_on_one_cpu

# enum teredo_reason, what a packet can be dropped for
REASONS = set("""
no-route key-rejected
too-short bad-indicator bad-auth-header bad-origin bad-version bad-length
bad-trailer
ra-unexpected ra-source ra-nonce ra-auth ra-no-origin ra-origin ra-malformed
ra-prefix
not-for-us outer-source mapping-mismatch not-our-client not-teredo-source
not-global mapped-not-global unknown-peer not-served link-local-source
multicast loop origin-not-server routing-header bubble-proof echo-mismatch
unverified ecn
discovery-unicast discovery-invalid discovery-foreign
not-bubble-or-icmp rs-unauthenticated rs-invalid icmp-too-large
not-qualified not-ipv6 foreign-source not-a-relay peer-unreachable
rate-limited peers-full queue-full device-down
nonce-mismatch bad-alternate
""".split())


def main():
    prefix = sys.argv[1]
    stay_on_one_cpu()
    tap = Tap()
    client = Client(tap, prefix)
    client.qualification()
    client.receiving()
    Trailers(client).run()
    client.limits()
    client.sending()
    client.silence()
    client.errors()
    judge = no_answers(tap, prefix)
    server = Server(tap, prefix)
    server.solicitations()
    server.secure()
    server.forwarding()
    server.rest()
    devices = [client.dev, server.dev]
    for name, addr, gw, mac in (
            ("relay", "198.51.101.10", "198.51.101.1", "02:00:00:00:03:02"),
            ("hrelay", "198.51.102.10", "198.51.102.1", "02:00:00:00:04:02")):
        relay = Relay(tap, prefix, name, addr, gw, mac)
        relay.receiving()
        relay.sending()
        devices.append(relay.dev)
    lost_netns(tap, prefix)
    judge()
    seen = {name[5:] for dev in devices for name in dev.counters()
            if name.startswith("drop:")}
    tap.result("every reason to drop a packet was seen", seen == REASONS,
               f"missing: {REASONS - seen}", f"unknown: {seen - REASONS}")
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
