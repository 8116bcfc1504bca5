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
import socket
import struct
import subprocess
import sys
import time

from malformed_trailers import Trailers
from wire import (ALL_NODES, ALL_ROUTERS, NH_DEST, NH_HOP, NH_NONE, NH_ROUTING,
                  NH_UDP, Tap, Teredo, Wire, auth, bubble, echo, icmp6, ip6,
                  ipv6, lladdr, mtu_option, netns, origin, prefix_option,
                  ra_packet, rs_packet, run, secured, stay_on_one_cpu, teredo,
                  text6, udp4, udp6, until)

S1, S2 = "192.0.2.1:3544", "192.0.2.2:3544"
MAPPED = "203.0.113.77:40000"		# what the client's NAT makes of it
PEER = "203.0.113.66:6666"
OTHER = "203.0.113.99:9999"
PRIVATE = "10.9.9.9:6666"
NATIVE = ip6("2001:db8:77::1")
NODE6 = {"server": "2001:db8:6::1", "relay": "2001:db8:6::2",
         "hrelay": "2001:db8:6::3"}
DISCARD = 9

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
BAD_TARGETS = ("10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.1.1",
               "192.88.99.1", "127.0.0.1", "0.0.0.1", "224.0.0.1",
               "255.255.255.255")


def malformed(good, src, dst):
    """RFC 4380 section 5.1.1: (what, payload, reason); @good is an inner
    packet that the device takes."""
    nonce = b"\x55" * 8
    b = bubble(src, dst)
    o = origin(PEER)
    yield "no byte at all", b"", "too-short"
    yield "39 bytes", b[:39], "too-short"
    yield "an authentication header and 39 bytes", \
        auth(nonce) + b[:39], "too-short"
    yield "an origin indication and 39 bytes", o + b[:39], "too-short"
    yield "an authentication header longer than the packet", \
        auth(nonce, idlen=255, aulen=255) + b, "bad-auth-header"
    yield "an authentication header that ends in the nonce", \
        auth(nonce, bytes(20), bytes(20))[:-1], "bad-auth-header"
    yield "an origin indication cut short", \
        auth(nonce, bytes(20)) + o[:7], "bad-origin"
    yield "indicator 0002", b"\0\2" + b, "bad-indicator"
    yield "indicator 00ff", b"\0\xff" + b, "bad-indicator"
    yield "two origin indications", o + o + b, "bad-indicator"
    yield "two authentication headers", auth(nonce) * 2 + b, "bad-indicator"
    yield "an origin indication before the authentication header", \
        o + auth(nonce) + b, "bad-indicator"
    for version in (4, 5, 7, 15):
        yield f"IP version {version}", \
            ipv6(src, dst, NH_NONE, version=version), "bad-version"
    yield "a bubble of payload length 1 without the byte", \
        ipv6(src, dst, NH_NONE, length=1), "bad-length"
    yield "one byte less than the payload length says", \
        good[:-1], "bad-length"
    yield "payload length 65535", \
        ipv6(src, dst, NH_NONE, b"x", length=65535), "bad-length"
    yield "trailer 40", good + b"\x40\2\0\0", "bad-trailer"
    yield "trailer 7f behind a known one", \
        good + b"\1\4nonc\x7f\0", "bad-trailer"


class Node:
    def __init__(self, tap, prefix, name, dev, addr, gw, mac):
        self.tap, self.name = tap, name
        self.ns = f"{prefix}-{name}"
        self.wire = Wire(f"{prefix}-wire", name, mac, gw, addr)
        self.addr = addr
        self.dev = Teredo(self.ns, dev)
        self.port = self.dev.get()["port"]

    def send(self, src, payload, tos=0, addr=None, port=None):
        self.wire.inject(udp4(src, f"{addr or self.addr}:{port or self.port}",
                              payload, tos))

    def sink(self, addr):
        """Takes UDP data, so that the stack does not answer it."""
        with netns(self.ns):
            sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            sock.bind((addr, DISCARD))
        return sock

    def case(self, name, act, drop=None, counts=None, delivered=0, answers=0,
             state=None):
        """@act puts a packet in. @answers: a number, or what must hold of the
        list of datagrams. A count is a number or a range."""
        self.wire.take()
        was, before = self.dev.get(), self.dev.counters()
        act()
        got = self.wire.take()
        now, after = self.dev.get(), self.dev.counters()
        seen = {k: after.get(k, 0) - before.get(k, 0)
                for k in {**before, **after}}
        seen = {k: v for k, v in seen.items() if v}
        want = dict(counts or {})
        if drop:
            want["drop:" + drop] = 1
        if delivered:
            want["Ip6InReceives"] = want["rx_packets"] = delivered
        changed = [k for k in ("state", "error", "mapped", "address", "peers")
                   if was[k] != now[k] and k not in (state or ())]
        if callable(answers):
            answered = answers(got)
        else:
            answered = len(got) == answers
        self.tap.result(f"{self.name}: {name}" + (f" [{drop}]" if drop else ""),
                        seen.keys() == want.keys() and
                        all(seen[k] in v if isinstance(v, range) else
                            seen[k] == v for k, v in want.items()) and
                        not changed and answered,
                        f"expected {want}", f"counted {seen}",
                        *(f"{k} was {was[k]}, is {now[k]}" for k in changed),
                        *(f"out came {d}" for d in got))

    def malformed(self, good, src, dst, sender=PEER, **where):
        for what, payload, reason in malformed(good, src, dst):
            self.case(what, lambda p=payload: self.send(sender, p, **where),
                      reason)


# A client: RFC 4380 sections 5.2.1 to 5.2.4, 5.2.8, 5.2.9

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

    def routing_headers(self, src, dst):
        """RFC 6169 section 2.3.3"""
        def rh0(nexthdr):
            return (bytes([nexthdr, 2, 0, 1, 0, 0, 0, 0]) + NATIVE)

        pad = bytes([NH_ROUTING, 0, 1, 4, 0, 0, 0, 0])
        tail = udp6(src, dst, 1, DISCARD)[40:]
        for what, first, ext in (
                ("first", NH_ROUTING, b""),
                ("behind hop-by-hop options", NH_HOP, pad),
                ("behind destination options", NH_DEST, pad),
                ("behind both", NH_HOP,
                 bytes([NH_DEST, 0, 1, 4, 0, 0, 0, 0]) + pad)):
            packet = ipv6(src, dst, first, ext + rh0(NH_UDP) + tail)
            self.case(f"a routing header of type 0, {what}",
                      lambda p=packet: self.send(PEER, p), "routing-header")

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

    def transmit(self, what, packet, reason, **more):
        """As case(), for a sender on this host: it is told by ICMPv6, over
        loopback, so what IPv6 receives does not count here. Nor do bubbles to
        a Teredo client that is told."""
        self.wire.take()
        before = self.dev.counters()
        self.dev.tx(packet, **more)
        got = [d for d in self.wire.take() if len(d.payload) != 40]
        after = self.dev.counters()
        seen = {k: after[k] - before.get(k, 0) for k in after
                if after[k] != before.get(k, 0) and
                k not in ("Ip6InReceives", "bubble-tx", "indirect-tx")}
        self.tap.result(f"{self.name}: sending {what} [{reason}]",
                        seen == {"drop:" + reason: 1} and not got,
                        f"counted {seen}", *(f"out came {d}" for d in got))

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


# A server: RFC 4380 section 5.3.1

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

    def rest(self):
        # A Teredo address is routed to nowhere here, so by the device only.
        Client.transmit(self, "data", udp6(self.native, teredo(PEER), 1, 2),
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


# A relay: RFC 4380 sections 5.4.1 and 5.4.2

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
        Client.routing_headers(self, peer, own)
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
        transmit = Client.transmit
        for bad in BAD_TARGETS:
            transmit(self, f"to a client at {bad}",
                     udp6(own, teredo(f"{bad}:5000"), 1, 2),
                     "mapped-not-global")
        transmit(self, "to a client of a private server",
                 udp6(own, teredo(OTHER, "10.0.0.1"), 1, 2),
                 "mapped-not-global")
        transmit(self, "to a native host", udp6(own, NATIVE, 1, 2),
                 "not-served")
        transmit(self, "for a Teredo address",
                 udp6(teredo(OTHER), peer, 1, 2), "foreign-source")
        transmit(self, "for a link-local address",
                 udp6(lladdr(OTHER), peer, 1, 2), "foreign-source")
        transmit(self, "to a multicast group", udp6(own, ip6("ff0e::1"), 1, 2),
                 "multicast")
        transmit(self, "to a link-local address",
                 udp6(own, lladdr(PEER), 1, 2), "not-global")
        transmit(self, "an IPv4 packet",
                 udp4("192.0.2.8:1", "192.0.2.9:2", b""), "not-ipv6",
                 proto=0x0800)
        self.dev.up(False)
        until("the end of all peers", lambda: not self.dev.get()["peers"])
        self.case("a packet for a device that is down",
                  lambda: self.send(PEER, bubble(peer, own)), "device-down")


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
