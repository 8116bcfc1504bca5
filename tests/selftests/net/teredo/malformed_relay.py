# SPDX-License-Identifier: GPL-2.0
"""What a relay drops, for malformed.py: RFC 4380 sections 5.4.1 and 5.4.2."""
import subprocess

from malformed_node import (BAD_TARGETS, DISCARD, NATIVE, NODE6, OTHER, PEER,
                            S1, Node)
from wire import (ALL_NODES, Teredo, bubble, echo, ip6, lladdr, origin,
                  ra_packet, rs_packet, teredo, text6, udp4, udp6, until)

PRIVATE = "10.9.9.9:6666"


class Relay(Node):
    def __init__(self, tap, prefix, name, addr, gw, mac):
        super().__init__(tap, prefix, name, "tr0", addr, gw, mac)
        self.own = ip6(NODE6[name])

    def open(self, client):
        """Makes the client of that address a peer: sends, and answers the
        bubble as the client would. Returns the link-local address used."""
        self.wire.take()
        self.dev.tx(udp6(self.own, client, 1, 2))
        b = self.wire.wait(lambda d: d.dst == S1 and len(d.payload) == 40)
        proof = b.payload[8:24]
        self.send(PEER, bubble(client, proof))
        self.wire.wait(lambda d: d.dst == PEER and len(d.payload) > 40)
        return proof

    def receiving(self):
        own, peer = self.own, teredo(PEER)
        sink = self.sink(text6(own))
        data = udp6(peer, own, 5000, DISCARD)
        self.malformed(data, peer, own)

        for what, packet in (("data", data), ("a bubble", bubble(peer, own)),
                             ("an echo request", echo(peer, own))):
            self.case(f"{what} of a client that is not known",
                      lambda p=packet: self.send(PEER, p), "unknown-peer")
        proof = self.open(peer)
        self.tap.result(f"{self.name}: a bubble has a link-local source",
                        proof[:2] == b"\xfe\x80", text6(proof))
        for i in range(16):
            wrong = bytearray(proof)
            wrong[8 + i // 2] ^= 1 << (4 * (i % 2) + i % 3)
            self.case(f"a bubble to a link-local address not used, {i}",
                      lambda w=bytes(wrong): self.send(PEER, bubble(peer, w)),
                      "bubble-proof")
        self.case("the address that was used for another client",
                  lambda: self.send(OTHER, bubble(teredo(OTHER), proof)),
                  "bubble-proof")
        self.case("a bubble is nothing to IPv6",
                  lambda: self.send(PEER, bubble(peer, proof)),
                  counts={"bubble-rx": 1})
        self.case("data of a peer is delivered",
                  lambda: self.send(PEER, data), delivered=1)
        self.case("a peer's data with trailers is delivered",
                  lambda: self.send(PEER, data + b"\x01\4nonc\x80\2ab"),
                  counts={"trailers": 1}, delivered=1)
        self.case("a trailer that forbids it, from a peer",
                  lambda: self.send(PEER, data + b"\x41\0"), "bad-trailer")
        self.case("congestion outside, no ECN inside",
                  lambda: self.send(PEER, data, tos=3), "ecn")
        self.case("a peer's data from elsewhere",
                  lambda: self.send(OTHER, data), "mapping-mismatch")
        self.case("a bubble from elsewhere",
                  lambda: self.send(OTHER, bubble(peer, own)),
                  "mapping-mismatch")
        self.case("a bubble to the right address from a private one",
                  lambda: self.send(PRIVATE, bubble(peer, proof)),
                  "outer-source")
        self.case("data from 10.9.9.9, as its source address says",
                  lambda: self.send(PRIVATE, udp6(teredo(PRIVATE), own, 1, 1)),
                  "outer-source")
        for what, src in (("a native host", NATIVE),
                          ("a 6to4 host", ip6("2002:c000:201::1")),
                          ("the old prefix", teredo(PEER,
                                                    prefix="3ffe:831f::"))):
            self.case(f"data from {what}",
                      lambda s=src: self.send(PEER, udp6(s, own, 1, 1)),
                      "not-teredo-source")
            self.case(f"a bubble from {what}",
                      lambda s=src: self.send(PEER, bubble(s, own)),
                      "not-teredo-source")
        self.case("a bubble from a link-local address",
                  lambda: self.send(PEER, bubble(lladdr(PEER), own)),
                  "not-teredo-source")
        for what, packet in (
                ("an echo request", echo(lladdr(PEER), own)),
                ("a router solicitation", rs_packet(src=lladdr(PEER),
                                                    dst=own)),
                ("UDP", udp6(lladdr(PEER), own, 1, 1))):
            self.case(f"{what} from a link-local address",
                      lambda p=packet: self.send(PEER, p), "link-local-source")
        self.advertisement()
        for src in ("::", "::1", "ff0e::1"):
            self.case(f"data from {src}",
                      lambda s=src: self.send(PEER, udp6(ip6(s), own, 1, 1)),
                      "not-global")
        for dst in ("::", "::1", "fe80::1", "::ffff:198.51.100.1"):
            self.case(f"data to {dst}",
                      lambda d=dst: self.send(PEER, udp6(peer, ip6(d), 1, 1)),
                      "not-global")
        for dst in ("ff02::1", "ff02::2", "ff0e::1"):
            self.case(f"data to {dst}",
                      lambda d=dst: self.send(PEER, udp6(peer, ip6(d), 1, 1)),
                      "multicast")
        self.case("a discovery bubble",
                  lambda: self.send(PEER, bubble(peer, ALL_NODES)),
                  "discovery-unicast")
        self.case("an origin indication",
                  lambda: self.send(PEER, origin(OTHER) + data),
                  "origin-not-server")
        self.routing_headers(peer, own)
        self.case("data from one Teredo address to another",
                  lambda: self.send(PEER, udp6(peer, teredo(OTHER), 1, 1)),
                  "not-served")
        if self.name == "hrelay":
            self.case("data to another host",
                      lambda: self.send(PEER, udp6(peer, NATIVE, 1, 1)),
                      "not-served")
        sink.close()

    def advertisement(self):
        self.case("an advertisement",
                  lambda: self.send(S1, origin(PEER) + ra_packet(lladdr())),
                  "origin-not-server")
        self.case("an advertisement without an origin",
                  lambda: self.send(S1, ra_packet(lladdr())),
                  "link-local-source")

    def sending(self):
        own, peer = self.own, teredo(PEER)
        for bad in BAD_TARGETS:
            self.transmit(f"to a client at {bad}",
                          udp6(own, teredo(f"{bad}:5000"), 1, 2),
                          "mapped-not-global")
        self.transmit("to a client of a private server",
                      udp6(own, teredo(OTHER, "10.0.0.1"), 1, 2),
                      "mapped-not-global")
        self.transmit("to a native host", udp6(own, NATIVE, 1, 2),
                      "not-served")
        self.transmit("for a Teredo address",
                      udp6(teredo(OTHER), peer, 1, 2), "foreign-source")
        self.transmit("for a link-local address",
                      udp6(lladdr(OTHER), peer, 1, 2), "foreign-source")
        self.transmit("to a multicast group",
                      udp6(own, ip6("ff0e::1"), 1, 2), "multicast")
        self.transmit("to a link-local address",
                      udp6(own, lladdr(PEER), 1, 2), "not-global")
        self.transmit("an IPv4 packet",
                      udp4("192.0.2.8:1", "192.0.2.9:2", b""), "not-ipv6",
                      proto=0x0800)
        self.dev.up(False)
        until("the end of all peers", lambda: not self.dev.get()["peers"])
        self.case("a packet for a device that is down",
                  lambda: self.send(PEER, bubble(peer, own)), "device-down")


def lost_netns(tap, prefix):
    gone, stay = f"{prefix}-gone", f"{prefix}-lone"
    for cmd in (f"netns add {gone}",
                f"-n {gone} link add tr9 type teredo role relay",
                f"-n {gone} link set tr9 netns {stay}",
                f"-n {stay} link set tr9 up", f"netns del {gone}"):
        subprocess.run(["ip", *cmd.split()], check=True)
    dev = Teredo(stay, "tr9")
    until("the end of the namespace", lambda: dev.get()["error"] == 7)
    tap.result("relay: the namespace of the socket is gone [netns-gone]", True)
