#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What a host lets through to those behind it (RFC 4890 section 4.3)."""

import sys

import craft
from craft import (DSTOPTS, FAR, FRAGMENT, HOPOPTS, HOST, PEER, PEER_LL,
                   ROUTING, UDP, echo, error, ext, fragments, icmp, ip6, same,
                   tcp, udp, udp_header)

LAN = "2a00:7::66"	# behind the host, at its eth1
PORT = 7001


class Forward(craft.Tap):
    def __init__(self, judge, lan):
        super().__init__(judge)
        self.lan = lan

    def arrived(self):
        """What came out at the other end since the last look."""
        found = []
        self.lan.sock.setblocking(False)
        try:
            while True:
                frame, where = self.lan.sock.recvfrom(65536)
                if where[2] != craft.socket.PACKET_OUTGOING and \
                        frame[12:14] == b"\x86\xdd":
                    found.append(craft.Answer(frame))
        except BlockingIOError:
            return [repr(a) for a in found if a.proto != HOPOPTS and not
                    (a.proto == craft.ICMP6 and a.type in craft.CONTROL)]

    def through(self, what, packets, counts, wanted):
        """@wanted is what arrives; nothing is ever answered."""
        self.arrived()
        self.expect(what, packets, counts)
        same(f"{what}: arrived", list(wanted), self.arrived())

    def on(self):
        """eth1 is the inside: from there everything may go."""
        self.fw.conf(forward="on")
        self.fw.dev("eth1", firewalled=0)

    def case_off(self):
        """FW-03 what is forwarded is not filtered, unless it is asked for"""
        self.through("UDP", udp(40, PORT, dst=LAN), {}, ["udp"])
        self.through("TCP", tcp(40, PORT, dst=LAN), {}, ["tcp"])
        self.expect("the host itself", udp(40, PORT), {"in port": 1})

    def case_closed(self):
        """FW-03 what nobody behind asked for is dropped in silence"""
        self.on()
        for port in (1, PORT, 65535):
            self.through(f"UDP {port}", udp(41, port, dst=LAN),
                         {"forward port": 1}, [])
            self.through(f"TCP {port}", tcp(41, port, dst=LAN),
                         {"forward port": 1}, [])
        for proto in (4, 41, 115, 253):
            self.through(f"protocol {proto}",
                         ip6(proto, bytes(40), dst=LAN),
                         {"forward proto": 1}, [])

    def case_open(self):
        """FW-07 an open port is open for hosts behind, too"""
        self.on()
        self.fw.open("udp", PORT)
        self.through("UDP", udp(42, PORT, dst=LAN),
                     {"forward port-open": 1}, ["udp"])
        self.through("TCP", tcp(42, PORT, dst=LAN), {"forward port": 1}, [])
        self.fw.open("udp", PORT, "ignore=eth0")
        self.through("ignored", udp(43, PORT, dst=LAN), {"forward port": 1},
                     [])

    def case_flow(self):
        """FW-03 what a host behind began is answered, and no one else"""
        self.on()
        before = self.fw.counters()
        request = udp(5000, 5001, src=LAN, dst=PEER)
        # Judged by the inside, where everything may.
        self.lan.send(request)
        self.judge.settled("request", before, {"forward unfirewalled": 1},
                           ["udp"])
        self.through("answer", udp(5001, 5000, dst=LAN),
                     {"forward established": 1}, ["udp"])
        self.through("from another port", udp(5002, 5000, dst=LAN),
                     {"forward port": 1}, [])
        for kind, code in ((1, 0), (1, 4), (2, 0), (3, 0), (3, 1), (4, 1)):
            self.through(f"{kind}/{code}",
                         error(kind, code, request, 1400, src=FAR, dst=LAN),
                         {"forward related": 1}, [f"icmp {kind}/{code}"])
        for kind in (5, 100, 127):
            self.through(f"{kind}", error(kind, 0, request, src=FAR,
                                          dst=LAN), {"forward icmp": 1}, [])

    def case_forged(self):
        """RFC 4890 4.3.1 errors that belong to no flow, by icmp-strict"""
        self.on()
        other = udp(5100, 5101, src=LAN, dst=PEER)
        for kind, code in ((1, 0), (1, 4), (2, 0), (3, 0), (3, 1), (4, 0)):
            packet = error(kind, code, other, 1400, dst=LAN)
            self.fw.conf(icmp_strict="on")
            self.through(f"{kind}/{code}", packet,
                         {"forward icmp-error": 1}, [])
            self.fw.conf(icmp_strict="off")
            self.through(f"{kind}/{code}, not strict", packet,
                         {"forward icmp-option": 1}, [f"icmp {kind}/{code}"])

    def case_echo(self):
        """RFC 4890 4.3.1 echo requests pass, unasked replies do not"""
        self.on()
        self.through("request", echo(ident=21, dst=LAN),
                     {"forward icmp-option": 1}, ["icmp 128/0"])
        self.through("reply", echo(129, 22, dst=LAN),
                     {"forward icmp": 1}, [])
        self.expect("to the host itself", echo(ident=23), {"in icmp": 1})

    def case_types(self):
        """RFC 4890 4.3.2 Mobile IPv6 is 144 to 147; no other type passes"""
        self.on()
        for kind in (144, 145, 146, 147):
            self.through(f"{kind}", icmp(kind, dst=LAN),
                         {"forward mip6": 1}, [f"icmp {kind}/0"])
        for kind in (0, 5, 99, 100, 127, 130, 131, 132, 133, 134, 135, 136,
                     137, 138, 139, 140, 141, 142, 143, 148, 149, 150, 151,
                     152, 153, 160, 200, 255):
            self.through(f"{kind}", icmp(kind, 0, bytes(20), dst=LAN),
                         {"forward icmp": 1}, [])

    def case_headers(self):
        """FW-82 routing header type 0 is not forwarded"""
        self.on()
        self.fw.open("udp", PORT)
        header = bytes([UDP, 2, 0, 1]) + bytes(4) + craft.addr(FAR)
        self.through("RH0", ip6(ROUTING, header + udp_header(
            50, PORT, dst=LAN), dst=LAN), {"forward routing-header": 1}, [])
        self.through("behind options", ip6(DSTOPTS, ext(ROUTING) + header +
                                           udp_header(51, PORT, dst=LAN),
                                           dst=LAN),
                     {"forward routing-header": 1}, [])
        self.through("type 2", ip6(ROUTING, header[:2] + b"\2" + header[3:] +
                                   udp_header(52, PORT, dst=LAN), dst=LAN),
                     {"forward port-open": 1}, [f"proto {ROUTING}"])
        self.through("seventeen", ip6(DSTOPTS, ext(DSTOPTS) * 16 + ext(UDP) +
                                      udp_header(53, PORT, dst=LAN),
                                      dst=LAN), {"forward headers": 1}, [])

    def case_sources(self):
        """FW-81 FW-83 forged sources are not forwarded"""
        self.on()
        self.fw.open("udp", PORT)
        for src in ("2001:db8::1", "::ffff:192.0.2.1", "fec0::1"):
            self.through(src, udp(54, PORT, src=src, dst=LAN),
                         {"forward bogon": 1}, [])
        for src in (HOST, "2a00:7::1"):
            self.through(src, udp(54, PORT, src=src, dst=LAN),
                         {"forward spoofed": 1}, [])
        self.fw.dev("eth0", edge=1)
        self.through("ULA", udp(54, PORT, src="fd00::1", dst=LAN),
                     {"forward ula": 1}, [])
        self.through("edge", udp(54, PORT, dst=LAN), {"forward edge": 1}, [])
        self.fw.dev("eth0", edge=0)

    def case_link_local(self):
        """FW-52 what is for the link alone is not for hosts behind"""
        self.on()
        self.through("DHCPv6", udp(547, 546, dst=LAN),
                     {"forward port": 1}, [])
        self.expect("link-local source", udp(547, 546, src=PEER_LL, dst=LAN),
                    {}, None)
        same("arrived", [], self.arrived())

    def case_fragments(self):
        """FW-03 fragments are judged as a whole, and arrive as they came"""
        self.on()
        data = udp_header(60, PORT, bytes(2000), dst=LAN)
        self.through("closed", fragments(UDP, data, 1000, 1, dst=LAN),
                     {"forward port": 1}, [])
        self.fw.open("udp", PORT)
        self.through("open", fragments(UDP, data, 1000, 2, dst=LAN),
                     {"forward port-open": 1}, [f"proto {FRAGMENT}"] * 3)


def main():
    judge = craft.Judge(*sys.argv[1:3])
    lan = craft.Wire(sys.argv[1], sys.argv[3], "eth1")
    sys.exit(Forward(judge, lan).run())


if __name__ == "__main__":
    main()
