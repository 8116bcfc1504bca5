# SPDX-License-Identifier: GPL-2.0
"""What a client drops, for malformed.py: RFC 4380 sections 5.2.1 to 5.2.4,
5.2.8 and 5.2.9, and what it says of itself when it is no use.
"""
import time

from malformed_node import (BAD_TARGETS, DISCARD, NATIVE, OTHER, PEER, S1, S2,
                            Node)
from wire import (ALL_NODES, ALL_ROUTERS, NH_NONE, auth, bubble, echo, icmp6,
                  ip6, ipv6, lladdr, mtu_option, netns, origin, prefix_option,
                  ra_packet, rs_packet, run, secured, teredo, text6, udp4,
                  udp6, until)

MAPPED = "203.0.113.77:40000"		# what the client's NAT makes of it


class Client(Node):
    """The server is played here, and says what the mapping is."""

    def __init__(self, tap, prefix, name="client", dev="tc0",
                 addr="198.51.100.10", gw="198.51.100.1",
                 mac="02:00:00:00:01:02", s1=S1, s2=S2, mapped=MAPPED):
        super().__init__(tap, prefix, name, dev, addr, gw, mac)
        self.s1, self.s2, self.mapped = s1, s2, mapped
        self.secret = self.ident = None

    def rs(self, server=None, timeout=10):
        def is_rs(d):
            return (d.dst in ((server,) if server else (self.s1, self.s2)) and
                    d.payload[:2] == b"\0\1")
        d = self.wire.wait(is_rs, timeout)
        skip = 4 + d.payload[2] + d.payload[3]
        d.nonce = d.payload[skip:skip + 8]
        d.lladdr = d.payload[skip + 9 + 8:skip + 9 + 24]
        d.at = time.monotonic()
        return d

    def ra(self, rs, mapped=None, inner=None, **auth_more):
        """The payload of a right answer, but for what is asked for."""
        rest = (origin(mapped or self.mapped) if mapped != "" else b"")
        rest += inner or ra_packet(
            rs.lladdr, lladdr(self.s1, 0x8000),
            prefix_option(self.s1.split(":")[0]) + mtu_option())
        if self.secret:
            return secured(rs.nonce, rest, self.ident, self.secret,
                           **auth_more)
        return auth(rs.nonce, **auth_more) + rest

    def restart(self):
        self.dev.up(False)
        self.wire.take()
        self.dev.up(True)
        return self.rs(self.s1)

    def qualify(self, discovery=False):
        rs = self.restart()
        self.send(self.s1, self.ra(rs))
        self.send(self.s2, self.ra(self.rs(self.s2)))
        until("qualification",
              lambda: self.dev.get()["state"] == "qualified" and
              self.dev.get()["address"] in self.addresses())
        self.own = self.dev.get()["address"]
        if discovery:
            self.wire.wait(lambda d: d.dst == "224.0.0.253:3544")

    def addresses(self):
        with netns(self.ns), open("/proc/self/net/if_inet6",
                                  encoding="ascii") as f:
            return [bytes.fromhex(line.split()[0]) for line in f
                    if line.split()[5] == self.dev.dev]

    def bad_ras(self, cases, rs):
        for what, src, payload, reason in cases:
            if time.monotonic() - rs.at > 2:
                rs = self.restart()
            self.case(what, lambda: self.send(src, payload(rs)), reason)
        return rs

    def qualification(self):
        rs = self.restart()
        self.case("data before there is an address",
                  lambda: self.send(PEER, echo(teredo(PEER), NATIVE)),
                  "not-qualified")

        def with_ra(**more):
            return lambda rs: self.ra(rs, inner=ra_packet(rs.lladdr, **more))

        def with_options(*options):
            return with_ra(options=b"".join(options))

        good = prefix_option()
        rs = self.bad_ras((
            ("an advertisement from another port",
             "192.0.2.1:3545", self.ra, "ra-source"),
            ("an advertisement from the server's other address",
             S2, self.ra, "ra-source"),
            ("an advertisement from a stranger",
             "203.0.113.9:3544", self.ra, "ra-source"),
            ("an advertisement with another nonce", S1,
             lambda rs: auth(rs.nonce[:7] + bytes([rs.nonce[7] ^ 1])) +
             self.ra(rs)[13:], "ra-nonce"),
            ("an advertisement without a nonce", S1,
             lambda rs: self.ra(rs)[13:], "ra-nonce"),
            ("an advertisement without an origin indication", S1,
             lambda rs: self.ra(rs, mapped=""), "ra-no-origin"),
            *((f"an advertisement with origin {bad}", S1,
               lambda rs, bad=bad: self.ra(rs, mapped=bad), "ra-origin")
              for bad in ("10.0.0.1:4000", "192.168.0.1:4000",
                          "224.0.0.1:4000", "192.88.99.1:4000",
                          "0.0.0.0:4000", "203.0.113.7:0")),
            ("an advertisement to another link-local address", S1,
             lambda rs: self.ra(rs, inner=ra_packet(lladdr(PEER))),
             "not-for-us"),
            ("an advertisement with hop limit 254", S1,
             with_ra(hops=254), "ra-malformed"),
            ("an advertisement with code 1", S1,
             with_ra(code=1), "ra-malformed"),
            ("an advertisement with a wrong checksum", S1,
             with_ra(bad_sum=True), "ra-malformed"),
            ("an advertisement of 8 bytes", S1,
             lambda rs: self.ra(rs, inner=icmp6(
                 lladdr(S1, 0x8000), rs.lladdr, 134, bytes(4), hops=255)),
             "ra-malformed"),
            ("an advertisement with an option of length 0", S1,
             with_options(good, b"\1\0" + bytes(6)), "ra-malformed"),
            ("an advertisement with an option cut short", S1,
             with_options(good, b"\1\2" + bytes(6)), "ra-malformed"),
            ("an advertisement with a prefix option of 24 bytes", S1,
             with_options(prefix_option(units=3)[:24]), "ra-malformed"),
            ("an advertisement with MTU 1279", S1,
             with_options(good, mtu_option(1279)), "ra-malformed"),
            ("an advertisement with MTU 65496", S1,
             with_options(good, mtu_option(65496)), "ra-malformed"),
            ("an advertisement without a prefix", S1,
             with_options(mtu_option()), "ra-prefix"),
            ("an advertisement with two prefixes", S1,
             with_options(good, good), "ra-prefix"),
            ("an advertisement with a /48", S1,
             with_options(prefix_option(length=48)), "ra-prefix"),
            ("an advertisement of another /32", S1,
             with_options(prefix_option(prefix="2002::")), "ra-prefix"),
            ("an advertisement of another server's prefix", S1,
             with_options(prefix_option("192.0.2.9")), "ra-prefix"),
            ("an advertisement from a global IPv6 source", S1,
             with_ra(src=NATIVE), "not-qualified"),
        ), rs)
        self.case("the right answer is still waited for, and the second "
                  "address asked next",
                  lambda: self.send(S1, self.ra(rs)) or self.rs(S2),
                  counts={"ra-rx": 1, "rs-tx": 1}, state=("state",))
        self.tap.result("client: shows that it does",
                        self.dev.get()["state"] == "secondary")
        self.secure()

    def secure(self):
        """RFC 4380 section 5.2.2"""
        self.secret, self.ident = b"teredo-test-key!", b"host1"
        self.dev.set("secret", "teredo-test-key!", "client-id", "host1")
        self.wire.take()
        rs = self.restart()
        self.tap.result(
            "client: a secret: the solicitation is authentic",
            self.secured_rs(rs), rs)

        def forged(secret=None, ident=None, change=lambda p: p):
            return lambda rs: change(secured(
                rs.nonce, origin(self.mapped) + ra_packet(rs.lladdr),
                ident or self.ident, secret or self.secret))

        rs = self.bad_ras((
            ("secret: an advertisement with a wrong value", S1,
             forged(change=lambda p: p[:9] + bytes([p[9] ^ 1]) + p[10:]),
             "ra-auth"),
            ("secret: another origin than the value covers", S1,
             forged(change=lambda p: p.replace(origin(self.mapped),
                                               origin(OTHER))), "ra-auth"),
            ("secret: an advertisement made with another secret", S1,
             forged(secret=b"x"), "ra-auth"),
            ("secret: an advertisement for another identifier", S1,
             forged(ident=b"host2"), "ra-auth"),
            ("secret: an advertisement without a value", S1,
             lambda rs: auth(rs.nonce) + origin(self.mapped) +
             ra_packet(rs.lladdr), "ra-auth"),
        ), rs)
        self.case("secret: the server wants another one",
                  lambda: self.send(S1, self.ra(rs, confirmation=1)),
                  "key-rejected", state=("state", "error"))
        self.tap.result("client: secret: that is the error shown",
                        self.dev.get()["error"] == 5 and
                        self.dev.get()["state"] == "offline", self.dev.get())
        self.qualify()
        self.tap.result("client: secret: qualifies with right answers", True)
        self.secret = self.ident = None
        self.dev.set("client-id", "", "secret", "")

    def secured_rs(self, rs):
        return rs.payload == secured(rs.nonce, rs_packet(), self.ident,
                                     self.secret)

    def receiving(self):
        """RFC 4380 sections 5.2.3 and 7"""
        self.dev.set("discovery")
        self.qualify(discovery=True)
        own, peer = self.own, teredo(PEER)
        sink = self.sink(text6(own))
        data = udp6(peer, own, 5000, DISCARD)
        self.malformed(data, peer, own)

        self.case("an advertisement that was not asked for",
                  lambda: self.send(S1, auth(bytes(8)) + origin(MAPPED) +
                                    ra_packet(lladdr())), "ra-unexpected")
        for what, dst in (("another Teredo address", teredo(OTHER)),
                          ("a native address", NATIVE),
                          ("the own address with other flags",
                           teredo(MAPPED, flags=0x0300)),
                          ("a link-local address", lladdr(MAPPED))):
            self.case(f"data to {what}",
                      lambda d=dst: self.send(PEER, udp6(peer, d, 1, DISCARD)),
                      "not-for-us")
            self.case(f"a bubble to {what}",
                      lambda d=dst: self.send(PEER, bubble(peer, d)),
                      "not-for-us")
        self.case("data from another port than the source address says",
                  lambda: self.send("203.0.113.66:6667", data),
                  "mapping-mismatch")
        self.case("a bubble from another address than its source says",
                  lambda: self.send("203.0.113.67:6666", bubble(peer, own)),
                  "mapping-mismatch")
        for bad in ("10.9.9.9", "172.16.0.1", "192.168.3.4", "169.254.7.7",
                    "192.88.99.1"):
            self.case(f"data from {bad}, as its source address says",
                      lambda b=f"{bad}:6666": self.send(
                          b, udp6(teredo(b), own, 1, DISCARD)),
                      "outer-source")
            self.case(f"a bubble by way of the server for {bad}",
                      lambda b=f"{bad}:6666": self.send(
                          S1, origin(b) + bubble(teredo(b), own)),
                      "mapped-not-global")
        for bad in ("127.0.0.1", "0.0.0.1", "224.0.0.1", "255.255.255.255"):
            self.case(f"a bubble by way of the server for {bad}",
                      lambda b=f"{bad}:6666": self.send(
                          S1, origin(b) + bubble(teredo(b), own)),
                      "mapped-not-global")
        self.case("a bubble by way of the server for port 0",
                  lambda: self.send(S1, bubble(teredo("203.0.113.5:0"), own)),
                  "mapped-not-global")
        self.case("data from the own mapping",
                  lambda: self.send(MAPPED, udp6(teredo(MAPPED, flags=1), own,
                                                 1, DISCARD)), "loop")
        self.case("data from the own address",
                  lambda: self.send(PEER, udp6(own, own, 1, DISCARD)), "loop")
        self.case("a bubble by way of the server for the own mapping",
                  lambda: self.send(S1, origin(MAPPED) + bubble(
                      teredo(MAPPED, flags=1), own)), "loop")
        for what, src in (("a stranger", PEER), ("port 3545", "192.0.2.1:3545"),
                          ("the server's second address", S2)):
            self.case(f"an origin indication from {what}",
                      lambda s=src: self.send(s, origin(OTHER) +
                                              bubble(peer, own)),
                      "origin-not-server")
        for what, packet in (
                ("an echo request", echo(lladdr(PEER), own)),
                ("a router solicitation", rs_packet(src=lladdr(PEER),
                                                    dst=own)),
                ("UDP", udp6(lladdr(PEER), own, 1, DISCARD)),
                ("a bubble, not from the server,", bubble(lladdr(PEER), own))):
            self.case(f"{what} from a link-local address",
                      lambda p=packet: self.send(PEER, p), "link-local-source")
        for dst in ("ff02::1", "ff02::2", "ff02::fb", "ff0e::1234"):
            self.case(f"data to {dst}",
                      lambda d=dst: self.send(PEER, udp6(peer, ip6(d), 1, 1)),
                      "multicast")
        self.case("a bubble to ff02::2",
                  lambda: self.send(PEER, bubble(peer, ALL_ROUTERS)),
                  "multicast")
        for src in ("::", "::1", "::ffff:203.0.113.66", "::203.0.113.66",
                    "ff0e::1"):
            self.case(f"data from {src}",
                      lambda s=src: self.send(PEER, udp6(ip6(s), own, 1, 1)),
                      "not-global")
        self.routing_headers(peer, own)
        self.case("a bubble from a native host, not by way of the server",
                  lambda: self.send(PEER, bubble(NATIVE, own)), "unverified")
        self.case("a native host's bubble by way of the server that does not "
                  "say from where",
                  lambda: self.send(S1, bubble(NATIVE, own)), "unverified")
        self.discovery(own)
        self.accepted(own, peer, data)
        self.native(own)
        sink.close()

    def discovery(self, own):
        """RFC 4380 section 5.2.8"""
        near = teredo("203.0.113.77:41000")	# behind the same NAT
        group = {"addr": "224.0.0.253", "port": 3544}
        lan = "198.51.100.20:41000"
        self.case("a discovery bubble to the own address",
                  lambda: self.send(lan, bubble(near, ALL_NODES)),
                  "discovery-unicast")
        for what, src, packet in (
                ("that is no bubble", lan, udp6(near, ALL_NODES, 1, 1)),
                ("to another destination", lan, bubble(near, own)),
                ("with a native source", lan, bubble(NATIVE, ALL_NODES)),
                ("with a private mapping", lan,
                 bubble(teredo("10.0.0.1:41000"), ALL_NODES)),
                ("from outside the subnet", PEER, bubble(near, ALL_NODES))):
            self.case(f"a discovery bubble {what}",
                      lambda s=src, p=packet: self.send(s, p, **group),
                      "discovery-invalid")
        self.case("a discovery bubble of a client behind another NAT",
                  lambda: self.send(lan, bubble(teredo(OTHER), ALL_NODES),
                                    **group), "discovery-foreign")
        self.case("the own discovery bubble",
                  lambda: self.send(lan, bubble(own, ALL_NODES), **group),
                  "loop")
        self.case("a discovery bubble of a neighbour is answered",
                  lambda: self.send(lan, bubble(near, ALL_NODES), **group),
                  counts={"bubble-rx": 1, "bubble-tx": 1}, state=("peers",),
                  answers=lambda got: [(d.dst, d.payload) for d in got] ==
                  [(lan, bubble(own, near))])
        self.dev.flush()

    def accepted(self, own, peer, data):
        """What is let through next to what is not"""
        def twice():
            for _ in range(2):
                self.send(S1, origin(PEER) + bubble(peer, own))

        self.case("a bubble is answered, and is nothing to IPv6; the next one"
                  " in less than half a second is not", twice, "rate-limited",
                  {"bubble-rx": 1, "bubble-tx": 1}, state=("peers",),
                  answers=lambda got: [(d.dst, d.payload) for d in got] ==
                  [(PEER, bubble(own, peer))])
        self.case("a relay's bubble is answered to its link-local address",
                  lambda: self.send(S1, origin(OTHER) +
                                    bubble(lladdr(PEER), own)),
                  counts={"bubble-rx": 1, "bubble-tx": 1},
                  answers=lambda got: [(d.dst, d.payload) for d in got] ==
                  [(OTHER, bubble(own, lladdr(PEER)))])
        self.case("a direct bubble is consumed",
                  lambda: self.send(PEER, bubble(peer, own)),
                  counts={"bubble-rx": 1})
        self.case("data of a peer is delivered",
                  lambda: self.send(PEER, data), delivered=1)
        self.case("a peer's data with trailers is delivered",
                  lambda: self.send(PEER, data + b"\x01\4nonc\x80\2ab"),
                  counts={"trailers": 1}, delivered=1)
        self.case("a trailer cut short ends the trailers, not the packet",
                  lambda: self.send(PEER, data + b"\1\4no"),
                  counts={"trailers": 1}, delivered=1)
        self.case("behind it even a forbidden one",
                  lambda: self.send(PEER, data + b"\1\x09no\x40\0"),
                  counts={"trailers": 1}, delivered=1)
        self.case("a trailer that forbids it, from a trusted peer",
                  lambda: self.send(PEER, data + b"\x41\0"), "bad-trailer")
        self.case("congestion outside, no ECN inside",
                  lambda: self.send(PEER, data, tos=3), "ecn")
        self.case("congestion outside, ECN inside: delivered",
                  lambda: self.send(PEER, udp6(peer, own, 1, DISCARD,
                                               tclass=2), tos=3), delivered=1)
        self.case("a trusted peer's packet from elsewhere",
                  lambda: self.send(OTHER, data), "mapping-mismatch")
        self.case("a trusted peer's packet to somebody else",
                  lambda: self.send(PEER, udp6(peer, NATIVE, 1, 1)),
                  "not-for-us")
        self.dev.flush()

    def native(self, own):
        """RFC 4380 section 5.2.9"""
        relay = "203.0.113.200:3545"
        request = udp6(own, NATIVE, 2000, 7)
        self.wire.take()
        self.dev.tx(request)
        test = self.wire.wait(lambda d: d.dst == S1)

        def reply(nonce, src=NATIVE, **more):
            return icmp6(src, own, 129, bytes(4) + nonce, **more)

        nonce = test.payload[48:]
        self.tap.result("client: a native host is asked by way of the server",
                        test.payload == icmp6(own, NATIVE, 128,
                                              bytes(4) + nonce, hops=128) and
                        len(nonce) >= 8, test)
        for what, packet in (
                ("another nonce", reply(nonce[:-1] + bytes([nonce[-1] ^ 1]))),
                ("a wrong checksum", reply(nonce, bad_sum=True)),
                ("code 1", reply(nonce, code=1))):
            self.case(f"an echo reply with {what}",
                      lambda p=packet: self.send(relay, p), "echo-mismatch")
        self.case("the right echo reply is nothing to IPv6; what waited goes",
                  lambda: self.send(relay, reply(nonce)),
                  counts={"echo-rx": 1, "tx_packets": 1},
                  answers=lambda got: [(d.dst, d.payload) for d in got] ==
                  [(relay, request)])
        self.case("the native host's data is delivered",
                  lambda: self.send(relay, udp6(NATIVE, own, 7, DISCARD)),
                  delivered=1)
        self.dev.flush()

    def limits(self):
        """RFC 4380 section 7.3.3"""
        own, peer = self.own, teredo(PEER)
        self.dev.set("max-peers", "1")
        self.send(PEER, bubble(peer, own))
        self.case("one more peer than fits",
                  lambda: self.send(OTHER, bubble(teredo(OTHER), own)),
                  "peers-full")
        self.dev.set("max-peers", "1000")
        self.dev.flush()

    def sending(self):
        """RFC 4380 section 5.2.4"""
        own = self.own

        self.dev.flush()
        for bad in BAD_TARGETS:
            self.transmit(f"to a Teredo address with {bad}",
                          udp6(own, teredo(f"{bad}:5000"), 1, 2),
                          "mapped-not-global")
        self.transmit("to a Teredo address with port 0",
                      udp6(own, teredo("203.0.113.5:0"), 1, 2),
                      "mapped-not-global")
        self.transmit("to a Teredo address whose server is private",
                      udp6(own, teredo(PEER, "10.0.0.1"), 1, 2),
                      "mapped-not-global")
        self.transmit("to another address on the own mapping",
                      udp6(own, teredo(MAPPED, flags=1), 1, 2), "loop")
        self.transmit("from another address",
                      udp6(NATIVE, teredo(PEER), 1, 2), "foreign-source")
        self.transmit("to a multicast group",
                      udp6(own, ip6("ff0e::1"), 1, 2), "multicast")
        self.transmit("to a link-local address",
                      udp6(own, lladdr(PEER), 1, 2), "not-global")
        self.transmit("an IPv4 packet", udp4("192.0.2.8:1", "192.0.2.9:2", b""),
                      "not-ipv6", proto=0x0800)
        self.transmit("what claims to be IPv6",
                      ipv6(own, teredo(PEER), NH_NONE, version=5), "not-ipv6")

    def silence(self):
        """A peer that does not answer: four packets wait, RFC 4380 section
        5.2.4, and are given up after 8 s, as what a native host sent."""
        own, dst = self.own, teredo("203.0.113.44:4444")
        before = self.dev.counters()

        def diff():
            after = self.dev.counters()
            return {k: after[k] - before.get(k, 0) for k in after
                    if after[k] != before.get(k, 0) and
                    (k.startswith("drop:") or k == "rx_packets")}

        for _ in range(5):
            self.dev.tx(udp6(own, dst, 1, 2))
        self.tap.result(
            "client: the fifth packet for a silent peer [queue-full]",
            diff() == {"drop:queue-full": 1}, diff())
        self.send(PEER, udp6(NATIVE, own, 1, DISCARD))
        until("the end of the attempts", lambda: sum(diff().values()) >= 6, 15)
        self.tap.result(
            "client: nobody answered [peer-unreachable, unverified]",
            diff() == {"drop:queue-full": 1, "drop:peer-unreachable": 4,
                       "drop:unverified": 1}, diff())
        self.dev.flush()

    def errors(self):
        """What a device says of itself"""
        self.dev.set("extensions", "none")
        self.rs(S1)
        rs = self.restart()
        self.send(S1, self.ra(rs))
        self.send(S2, self.ra(self.rs(S2), mapped="203.0.113.77:40001"))
        until("the verdict", lambda: self.dev.get()["state"] == "offline")
        self.tap.result("client: another port for the second address "
                        "[symmetric-nat]", self.dev.get()["error"] == 3,
                        self.dev.get())
        self.dev.set("extensions", "all")

        run(self.ns, "ip", "route", "del", "default")
        self.dev.up(False)
        before = self.dev.counters()
        self.dev.up(True)
        until("the error", lambda: self.dev.get()["error"] == 4)
        after = self.dev.counters()
        self.tap.result("client: no route to the server [no-route]",
                        after["drop:no-route"] ==
                        before.get("drop:no-route", 0) + 1 and
                        after["rs-tx"] == before["rs-tx"], after)
        run(self.ns, "ip", "route", "add", "default", "via", self.wire.own)

        self.qualify(discovery=True)
        knob = f"/proc/sys/net/ipv6/conf/{self.dev.dev}/disable_ipv6"
        run(self.ns, "sh", "-c", f"echo 1 >{knob}")
        self.send(S1, self.ra(self.restart()))
        self.send(S2, self.ra(self.rs(S2)))
        until("the error", lambda: self.dev.get()["error"] == 6)
        self.tap.result("client: IPv6 is off on the device [address-failed]",
                        True)
        run(self.ns, "sh", "-c", f"echo 0 >{knob}")
        until("the address", lambda: self.dev.get()["address"] in
              self.addresses(), 15)
        self.tap.result("client: IPv6 is on again: the address is back",
                        self.dev.get()["error"] == 0, self.dev.get())

        self.dev.up(False)
        self.wire.take()
        self.case("a packet for a device that is down",
                  lambda: self.send(PEER, bubble(teredo(PEER), self.own)),
                  "device-down")


def no_answers(tap, prefix):
    """Two clients that are left alone, and judged later: 12 s and more."""
    def lone(dev, s1, s2):
        return Client(tap, prefix, "lone", dev, "203.0.112.10", "203.0.112.1",
                      "02:00:00:00:05:02", s1, s2, "203.0.112.10:40000")

    first = lone("tc1", "192.0.2.9:3544", "192.0.2.10:3544")
    second = lone("tc2", "192.0.2.17:3544", "192.0.2.18:3544")
    first.dev.up(True)
    second.dev.up(True)

    def half_answered():
        for d in second.wire.take():
            if d.dst == second.s1:
                d.nonce, d.lladdr = d.payload[4:12], d.payload[21:37]
                second.send(second.s1, second.ra(d))
        return second.dev.get()["error"] == 2

    def judge():
        until("the second address to be given up", half_answered, 60)
        tap.result("client: the second address does not answer "
                   "[server2-unreachable]", True)
        until("the server to be given up",
              lambda: first.dev.get()["error"] == 1, 30)
        tap.result("client: nobody answers [server-unreachable]", True)
    return judge
