# SPDX-License-Identifier: GPL-2.0
"""For malformed.py: a Teredo device on a wire, how a case is judged, and what is
dropped in more than one role.
"""
import socket

from wire import (NH_DEST, NH_HOP, NH_NONE, NH_ROUTING, NH_UDP, Teredo, Wire,
                  auth, bubble, ip6, ipv6, netns, origin, udp4, udp6)

S1, S2 = "192.0.2.1:3544", "192.0.2.2:3544"
PEER = "203.0.113.66:6666"
OTHER = "203.0.113.99:9999"
NATIVE = ip6("2001:db8:77::1")
NODE6 = {"server": "2001:db8:6::1", "relay": "2001:db8:6::2",
         "hrelay": "2001:db8:6::3"}
DISCARD = 9

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
