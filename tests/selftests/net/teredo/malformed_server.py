# SPDX-License-Identifier: GPL-2.0
"""What a server drops, for malformed.py: RFC 4380 section 5.3.1."""
from malformed_node import (BAD_TARGETS, NATIVE, NODE6, OTHER, PEER, S1, S2,
                            Node)
from wire import (ALL_NODES, ALL_ROUTERS, NH_DEST, NH_NONE, NH_ROUTING, auth,
                  bubble, echo, ip6, ipv6, lladdr, origin, ra_packet,
                  rs_packet, secured, teredo, udp6)


class Server(Node):
    ADDR1, ADDR2 = "192.0.2.1", "192.0.2.2"

    def __init__(self, tap, prefix):
        super().__init__(tap, prefix, "server", "ts0", self.ADDR1,
                         "192.0.2.30", "02:00:00:00:02:02")
        self.native = ip6(NODE6["server"])

    def answered(self, src, dst, payload):
        return lambda got: [(d.src, d.dst, d.payload) for d in got] == \
            [(src, dst, payload)]

    def solicitations(self):
        nonce = bytes(range(8))
        good = auth(nonce) + rs_packet()

        def ra(lladdr_, head):
            return head + origin(PEER) + ra_packet(lladdr_)

        self.malformed(echo(teredo(PEER), teredo(OTHER)), teredo(PEER),
                       teredo(OTHER))
        self.malformed(rs_packet(), lladdr(), ALL_ROUTERS, addr=self.ADDR2)
        self.case("a solicitation is answered",
                  lambda: self.send(PEER, good),
                  counts={"rs-rx": 1, "ra-tx": 1},
                  answers=self.answered(S1, PEER, ra(lladdr(), auth(nonce))))
        self.case("with the cone flag from the other address",
                  lambda: self.send(PEER, auth(nonce) + rs_packet(cone=True)),
                  counts={"rs-rx": 1, "ra-tx": 1},
                  answers=self.answered(S2, PEER, ra(lladdr(flags=0x8000),
                                                     auth(nonce))))
        self.case("and at the second address, from that",
                  lambda: self.send(PEER, good, addr=self.ADDR2),
                  counts={"rs-rx": 1, "ra-tx": 1},
                  answers=self.answered(S2, PEER, ra(lladdr(), auth(nonce))))
        self.case("without an authentication header, without one",
                  lambda: self.send(PEER, rs_packet()),
                  counts={"rs-rx": 1, "ra-tx": 1},
                  answers=self.answered(S1, PEER, ra(lladdr(), b"")))
        for what, packet in (
                ("hop limit 254", rs_packet(hops=254)),
                ("code 1", rs_packet(code=1)),
                ("a wrong checksum", rs_packet(bad_sum=True)),
                ("an option of length 0", rs_packet(options=b"\1\0" + bytes(6))),
                ("an option cut short", rs_packet(options=b"\1\2" + bytes(6)))):
            self.case(f"a solicitation with {what}",
                      lambda p=packet: self.send(PEER, auth(nonce) + p),
                      "rs-invalid")
        self.case("a solicitation from a global address",
                  lambda: self.send(PEER, auth(nonce) + rs_packet(src=NATIVE)),
                  "not-our-client")
        self.case("a solicitation to ff02::1",
                  lambda: self.send(PEER, auth(nonce) +
                                    rs_packet(dst=ALL_NODES)),
                  "not-our-client")

    def secure(self):
        nonce = bytes(range(8))
        secret, ident = b"teredo-test-key!", b"host1"
        self.dev.set("secret", secret.decode(), "client-id", ident.decode())
        good = secured(nonce, rs_packet(), ident, secret)
        for what, payload in (
                ("nothing", rs_packet()),
                ("only a nonce", auth(nonce) + rs_packet()),
                ("a wrong value", good[:12] + bytes([good[12] ^ 1]) +
                 good[13:]),
                ("a value for another nonce",
                 good.replace(nonce, nonce[::-1])),
                ("a value of another secret",
                 secured(nonce, rs_packet(), ident, b"x")),
                ("another identifier",
                 secured(nonce, rs_packet(), b"host2", secret)),
                ("a value of 16 bytes",
                 auth(nonce, ident, good[9:25]) + rs_packet())):
            self.case(f"secret: a solicitation with {what}",
                      lambda p=payload: self.send(PEER, p),
                      "rs-unauthenticated")
        self.case("secret: an authentic one is answered by its like",
                  lambda: self.send(PEER, good),
                  counts={"rs-rx": 1, "ra-tx": 1},
                  answers=self.answered(S1, PEER, secured(
                      nonce, origin(PEER) + ra_packet(lladdr()), ident,
                      secret)))
        self.dev.set("client-id", "", "secret", "")

    def forwarding(self):
        client, peer = teredo(OTHER), teredo(PEER)
        foreign = teredo(OTHER, "203.0.113.3")
        for what, packet in (
                ("UDP", udp6(peer, client, 1, 2)),
                ("a bubble with four bytes behind the header",
                 ipv6(peer, client, NH_NONE, b"abcd")),
                ("a routing header",
                 ipv6(peer, client, NH_ROUTING, bytes([NH_NONE]) + bytes(7))),
                ("a destination option", ipv6(
                    peer, client, NH_DEST,
                    bytes([NH_NONE, 0, 1, 4, 0, 0, 0, 0])))):
            self.case(f"{what}", lambda p=packet: self.send(PEER, p),
                      "not-bubble-or-icmp")
        for bad in ("10.9.9.9", "172.31.0.1", "192.168.0.1", "169.254.9.9",
                    "192.88.99.1"):
            src = f"{bad}:6666"
            self.case(f"a solicitation from {bad}",
                      lambda s=src: self.send(s, rs_packet()), "outer-source")
            self.case(f"a bubble from {bad}",
                      lambda s=src: self.send(s, bubble(teredo(s), client)),
                      "outer-source")
        self.case("a bubble from port 0",
                  lambda: self.send("203.0.113.66:0",
                                    bubble(teredo("203.0.113.66:0"), client)),
                  "outer-source")
        self.claims(peer, client, foreign)
        self.case("a source address with another IPv4 address",
                  lambda: self.send("203.0.113.67:6666", echo(peer, NATIVE)),
                  "mapping-mismatch")
        self.case("a native source for another server's client",
                  lambda: self.send(PEER, bubble(NATIVE, foreign)),
                  "not-our-client")
        self.case("a link-local source for another server's client",
                  lambda: self.send(PEER, bubble(lladdr(PEER), foreign)),
                  "not-our-client")
        self.case("from one native host to another",
                  lambda: self.send(PEER, echo(NATIVE, self.native)),
                  "not-our-client")
        self.case("a bubble for a native host",
                  lambda: self.send(PEER, bubble(peer, NATIVE)),
                  "not-our-client")
        for src in ("::", "::1", "ff02::1", "::ffff:203.0.113.66"):
            self.case(f"a bubble from {src}",
                      lambda s=src: self.send(PEER, bubble(ip6(s), client)),
                      "not-global")
        for dst in ("::", "::1", "fe80::1", "ff02::1", "ff02::2", "ff0e::1"):
            self.case(f"a bubble to {dst}",
                      lambda d=dst: self.send(PEER, bubble(peer, ip6(d))),
                      "not-global")
        for bad in BAD_TARGETS:
            self.case(f"a bubble to a client at {bad}",
                      lambda b=bad: self.send(PEER, bubble(
                          peer, teredo(f"{b}:5000"))), "mapped-not-global")
        self.case("a bubble to a client at port 0",
                  lambda: self.send(PEER, bubble(peer,
                                                 teredo("203.0.113.5:0"))),
                  "mapped-not-global")
        self.case("an echo request of 89 bytes",
                  lambda: self.send(PEER, echo(peer, client, bytes(81))),
                  "icmp-too-large")
        for own in (S1, S2):
            self.case(f"a bubble to a client at the server's own {own}",
                      lambda o=own: self.send(PEER, bubble(NATIVE, teredo(o))),
                      "loop")
            self.case(f"what comes from the server's own {own}",
                      lambda o=own: self.send(o, bubble(NATIVE, client)),
                      "loop")
        for what, src, dst, head in (
                ("a client's bubble to a client", peer, client, origin(PEER)),
                ("a relay's bubble to a client", lladdr(PEER), client,
                 origin(PEER)),
                ("a native host's bubble to a client", NATIVE, client,
                 origin(PEER)),
                ("a client's bubble to another server's client", peer, foreign,
                 b"")):
            self.case(f"{what} is forwarded",
                      lambda s=src, d=dst: self.send(PEER, bubble(s, d)),
                      counts={"forwarded": 1},
                      answers=self.answered(S1, OTHER, head +
                                            bubble(src, dst)))
        self.case("trailers go on too",
                  lambda: self.send(PEER, bubble(peer, client) +
                                    b"\1\4\xde\xad\xbe\xef"),
                  counts={"forwarded": 1, "trailers": 1},
                  answers=self.answered(S1, OTHER, origin(PEER) +
                                        bubble(peer, client) +
                                        b"\1\4\xde\xad\xbe\xef"))
        self.case("an echo request of 88 bytes is forwarded",
                  lambda: self.send(PEER, echo(peer, client, bytes(80))),
                  counts={"forwarded": 1},
                  answers=self.answered(S1, OTHER, origin(PEER) +
                                        echo(peer, client, bytes(80))))
        self.case("an echo request to a native host goes to IPv6",
                  lambda: self.send(PEER, echo(peer, self.native)),
                  delivered=1)

    def claims(self, peer, client, foreign):
        """RFC 6081: clients behind symmetric NATs are not where their
        addresses say; bubbles of theirs go on to own clients."""
        def bubble_from(src, dst):
            return lambda: self.send(src, bubble(peer, dst))

        port, address = "203.0.113.66:6667", "203.0.113.67:6666"
        for what, packet in (("an echo request", echo(peer, client)),
                             ("an echo request for a native host",
                              echo(peer, NATIVE)),
                             ("a bubble for another server's client",
                              bubble(peer, foreign))):
            for src in (port, address):
                self.case(f"{what} of a client that is at {src}",
                          lambda s=src, p=packet: self.send(s, p),
                          "mapping-mismatch")
        for src in (port, address):
            self.case(f"a bubble of a client that is at {src} goes on",
                      bubble_from(src, client), counts={"forwarded": 1},
                      answers=self.answered(S1, OTHER, origin(src) +
                                            bubble(peer, client)))
        # Ten, and as many in each second that it takes
        self.case("not many of them, if not even the address is right",
                  lambda: [bubble_from(address, client)() for _ in range(40)],
                  counts={"forwarded": range(9, 30),
                          "drop:rate-limited": range(11, 32)},
                  answers=lambda got: 9 <= len(got) < 30)
        self.case("the others are not stopped by that",
                  bubble_from(port, client), counts={"forwarded": 1},
                  answers=self.answered(S1, OTHER, origin(port) +
                                        bubble(peer, client)))
        self.dev.set("extensions", "none")
        for src in (port, address):
            self.case(f"without extensions no bubble of one at {src}",
                      bubble_from(src, client), "mapping-mismatch")
        self.dev.set("extensions", "all")

    def rest(self):
        # A Teredo address is routed to nowhere here, so by the device only.
        self.transmit("data", udp6(self.native, teredo(PEER), 1, 2),
                      "not-a-relay")
        self.dev.set("rate-limit", "1")
        self.case("more solicitations than the limit allows",
                  lambda: [self.send(f"203.0.114.{i}:7000", rs_packet())
                           for i in (7, 7, 9)],
                  "rate-limited", {"rs-rx": 3, "ra-tx": 2}, answers=2)
        self.case("more bubbles to one subnet than the limit allows",
                  lambda: [self.send(PEER, bubble(teredo(PEER), teredo(to)))
                           for to in ("203.0.115.9:99", "203.0.115.9:99",
                                      "203.0.115.7:7")],
                  "rate-limited", {"forwarded": 2}, answers=2)
        self.dev.set("rate-limit", "1000")
        self.dev.up(False)
        self.case("a solicitation while the device is down",
                  lambda: self.send(PEER, rs_packet()), "device-down")
