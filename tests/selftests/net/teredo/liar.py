#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Peers that lie in every trailer, by the hundred: what a client sends for it.

Somebody who knows a client's address has its server hand on bubbles with
sources that he made up, each with all that RFC 6081 lets a peer say of itself:
a nonce, four alternate addresses, a random port, a solicitation. The victims
are the mappings in the sources, each time another one so that no limit of the
device has a part in it, or whoever is on the list. Everything that comes out
is counted on the wire, with its IPv4 and UDP headers, by where it goes.
"""
import sys
from ipaddress import IPv4Address

from malformed_client import Client
from malformed_node import S1
from malformed_trailers import ADVERT, HEADERS, NONCE, SOLICIT, alternates
from wire import (Tap, bubble, endpoint, origin, stay_on_one_cpu, teredo)

VICTIM = "203.0.113.201:53"
THIRD = [f"203.0.113.{i}:53" for i in (210, 211, 212, 213)]
SERVERS = ("192.0.2.1", "192.0.2.2")
RANDOM_PORT = b"\5\2\4\xb1"
SEVERAL = 100
ANSWERS = 8			# to a peer in 30 s, Documentation/teredo.md


class Liar:
    def __init__(self, tap, client):
        self.tap, self.client, self.own = tap, client, client.own

    def attack(self, packets):
        """Sends @packets; bytes in, and {address: (packets, bytes)} out"""
        self.client.dev.flush()
        self.client.wire.take()
        size, out = 0, {}
        for n, payload in enumerate(packets):
            size += HEADERS + len(payload)
            self.client.send(S1, payload)
            if n % 20 == 19:
                self.count(out)
        self.count(out)
        return size, out

    def count(self, out):
        for d in self.client.wire.take():
            addr = endpoint(d.dst)[0]
            n, size = out.get(addr, (0, 0))
            out[addr] = n + 1, size + HEADERS + len(d.payload)

    def forwarded(self, mapped, trailers):
        return origin(mapped) + bubble(teredo(mapped), self.own) + trailers

    def check(self, name, size, out, bounds):
        """@bounds: (what, true of the address, packets at most, bytes out
        for each byte in at most)"""
        why, ok = [f"{size} bytes in"], True
        for what, of, packets, ratio in bounds:
            n = sum(v[0] for a, v in out.items() if of(a))
            b = sum(v[1] for a, v in out.items() if of(a))
            why.append(f"{what}: {n} packets, {b / size:.2f} bytes for one")
            ok &= n <= packets and b <= ratio * size
        print("\n".join(f"# {name}: {line}" for line in why), flush=True)
        self.tap.result(name, ok, *why, *(f"{a}: {v}" for a, v in out.items()))

    @staticmethod
    def to_victim(addr):
        return addr == endpoint(VICTIM)[0] or addr.startswith("25.0.")

    @staticmethod
    def to_thirds(addr):
        return addr in [endpoint(t)[0] for t in THIRD]

    @staticmethod
    def to_inside(addr):
        return IPv4Address(addr).is_private and addr.startswith("10.")

    @staticmethod
    def to_servers(addr):
        return addr in SERVERS

    def run(self):
        def peers(trailers):
            """Each bubble from another peer; @trailers are made of its
            address"""
            for i in range(SEVERAL):
                addr = f"25.0.{i >> 8}.{i & 255}"
                yield self.forwarded(f"{addr}:53", trailers(addr))

        def ports(addr):
            return alternates(*(f"{addr}:{port}" for port in (1, 2, 3, 4)))

        def full(addr):
            return NONCE + ports(addr) + RANDOM_PORT + SOLICIT

        anybody = lambda addr: True
        size, out = self.attack(peers(lambda addr: b""))
        self.check("plain bubbles: an answer for each", size, out, (
            ("victim", self.to_victim, SEVERAL, 1),
            ("all", anybody, SEVERAL, 1)))
        if not any(self.to_victim(a) for a in out):
            self.tap.result("the attack reaches the client", False)

        size, out = self.attack(peers(lambda addr: alternates(*THIRD)))
        self.check("four third parties on each list: nothing for them",
                   size, out, (
                       ("third parties", self.to_thirds, 0, 0),
                       ("victim", self.to_victim, SEVERAL, 1),
                       ("all", anybody, SEVERAL, 1)))

        lan = [f"10.200.0.{i}:53" for i in (1, 2, 3, 4)]
        size, out = self.attack(peers(lambda addr: alternates(*lan)))
        self.check("four hosts inside: one bubble for each, to no router",
                   size, out, (
                       ("inside", self.to_inside, 4 * SEVERAL, 3),
                       ("victim", self.to_victim, SEVERAL, 1)))

        size, out = self.attack(peers(ports))
        self.check("four ports of the victim: one of them at most",
                   size, out, (
                       ("victim", self.to_victim, 2 * SEVERAL, 1.35),
                       ("all", anybody, 2 * SEVERAL, 1.35)))

        size, out = self.attack(peers(full))
        self.check("all that can be said at once", size, out, (
            ("victim", self.to_victim, 3 * SEVERAL, 2),
            ("servers", self.to_servers, SEVERAL, 1),
            ("all", anybody, 4 * SEVERAL, 2.75)))

        size, out = self.attack(
            self.forwarded(VICTIM, full("203.0.113.201"))
            for _ in range(SEVERAL))
        self.check("one peer, over and over: eight answers in half a minute",
                   size, out, (
                       ("victim", self.to_victim, 3 * ANSWERS, 0.2),
                       ("all", anybody, 4 * ANSWERS, 0.2)))

        size, out = self.attack(
            self.forwarded(VICTIM, ADVERT) for i in range(SEVERAL))
        self.check("advertisements that nobody asked for", size, out, (
            ("all", anybody, ANSWERS, 0.1),))

        # Straight from the victim's address, as who spoofs it would send.
        direct = bubble(teredo(VICTIM), self.own) + NONCE + SOLICIT
        self.client.dev.flush()
        self.client.wire.take()
        out, size = {}, 0
        for _ in range(SEVERAL):
            self.client.send(VICTIM, direct)
            size += HEADERS + len(direct)
        self.count(out)
        self.check("solicitations with a forged source", size, out, (
            ("all", anybody, ANSWERS, 0.1),))


def main():
    stay_on_one_cpu()
    tap = Tap()
    client = Client(tap, sys.argv[1])
    client.qualify()
    # The limits under test are those of a peer, not that of a network.
    client.dev.set("rate-limit", "100000")
    Liar(tap, client).run()
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
