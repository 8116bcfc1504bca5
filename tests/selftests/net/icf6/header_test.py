#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Headers, fragments and addresses: what no flow and no port excuses; groups
and edge devices."""

import socket
import struct
import subprocess

import craft
from craft import (AH, DSTOPTS, ESP, FAR, HOPOPTS, HOST, HOST_LL, ICMP6, MH,
                   NONE, PEER, PEER_LL, ROUTING, TCP, UDP, echo, ext,
                   fragment, fragments, ip6, same, tcp, tcp_header, udp,
                   udp_header)

PORT = 7001
ULA = "fd00:6::66"

# RFC 6092 REC-3
BOGONS = ("::ffff:192.0.2.1", "::192.0.2.1", "::2", "2001:db8::1",
          "2001:10::1", "2001:1f:ffff::1", "fec0::1", "feff::1")
PLAIN = ("2001:db7::1", "2001:db9::1", "2001:20::1", "2001::1", "2002::1",
         "3fff::1", ULA)


def routing(kind, left=0):
    return bytes([UDP, 2, kind, left]) + bytes(4) + craft.addr(FAR)


class Header(craft.Tap):
    def open(self):
        self.fw.open("udp", PORT)
        self.fw.open("tcp", PORT)

    def case_rh0(self):
        """FW-82 routing header type 0 is dropped, also to an open port"""
        self.open()
        for left in (0, 1):
            self.expect(f"{left} left", ip6(ROUTING, routing(0, left) +
                                            udp_header(40, PORT)),
                        {"in routing-header": 1})
        self.expect("behind another", ip6(DSTOPTS, ext(ROUTING) + routing(0) +
                                          udp_header(41, PORT)),
                    {"in routing-header": 1})
        # The stack takes this one from Mobile IPv6 alone.
        self.expect("type 2", ip6(ROUTING, routing(2) +
                                  udp_header(42, PORT)),
                    {"in port-open": 1})

    def case_chains(self):
        """FW-81 what is behind extension headers is judged, up to sixteen"""
        for n in (1, 3, 15):
            chain = ext(DSTOPTS) * (n - 1) + ext(UDP)
            self.expect(f"{n} headers", ip6(DSTOPTS, chain +
                                            udp_header(40 + n, PORT)),
                        {"in port": 1})
        self.expect("seventeen", ip6(DSTOPTS, ext(DSTOPTS) * 16 + ext(UDP) +
                                     udp_header(80, PORT)),
                    {"in headers": 1})
        self.open()
        self.expect("open", ip6(DSTOPTS, ext(UDP) + udp_header(81, PORT)),
                    {"in port-open": 1}, ["icmp 1/4"])
        self.expect("seventeen, open", ip6(DSTOPTS, ext(DSTOPTS) * 16 +
                                           ext(UDP) + udp_header(82, PORT)),
                    {"in headers": 1})
        self.expect("hop-by-hop", ip6(HOPOPTS, ext(UDP) +
                                      udp_header(83, PORT)),
                    {"in port-open": 1}, ["icmp 1/4"])

    def case_cut(self):
        """FW-81 headers that end too early are dropped"""
        self.open()
        self.expect("TCP", ip6(TCP, tcp_header(40, PORT)[:10]),
                    {"in headers": 1})
        self.expect("UDP", ip6(UDP, udp_header(40, PORT)[:3]),
                    {"in headers": 1})
        self.expect("ICMPv6", ip6(ICMP6, b"\x80\0\0"), {"in headers": 1})
        self.expect("extension", ip6(DSTOPTS, ext(UDP)[:4]),
                    {"in headers": 1})
        self.expect("longer than the packet",
                    ip6(DSTOPTS, bytes([UDP, 9]) + b"\1\4\0\0\0\0" +
                        udp_header(40, PORT)), {"in headers": 1})
        self.expect("nothing", ip6(UDP, b""), {"in headers": 1})

    def case_wrong_sum(self):
        """FW-81 a wrong checksum opens nothing"""
        self.open()
        for proto, header in ((UDP, udp_header(40, PORT)),
                              (TCP, tcp_header(40, PORT))):
            bad = bytearray(header)
            bad[0] ^= 1
            self.expect(f"{proto}", ip6(proto, bytes(bad)),
                        {"in invalid": 1})

    def case_protocols(self):
        """FW-03 what has no ports is dropped"""
        for proto in (4, 41, 47, 88, 89, 103, 115, 139, 140, 253, 254):
            self.expect(f"protocol {proto}", ip6(proto, bytes(40)),
                        {"in proto": 1})
        self.expect("no next header", ip6(NONE, b""), {"in invalid": 1})

    def case_ipsec(self):
        """FW-86 ipsec opens AH, ESP and UDP 500 and 4500, and no more"""
        ah = struct.pack("!BBHII", UDP, 1, 0, 256, 1)
        packets = (
            ("AH", lambda p: ip6(AH, ah + udp_header(p, 99)), "port"),
            ("ESP", lambda p: ip6(ESP, struct.pack("!II", p, 1) + bytes(32)),
             "proto"),
            ("IKE", lambda p: udp(p, 500), "port"),
            ("NAT traversal", lambda p: udp(p, 4500), "port"))
        for i, (what, packet, reason) in enumerate(packets):
            self.expect(what, packet(600 + i), {f"in {reason}": 1})
        self.fw.conf(ipsec="on")
        for i, (what, packet, _) in enumerate(packets):
            before = self.fw.counters()
            self.wire.send(packet(700 + i))
            self.wire.answers()
            after = self.fw.counters()
            same(what, 1, after["in ipsec"] - before["in ipsec"])
        self.expect("UDP 501", udp(700, 501), {"in port": 1})
        self.expect("TCP 500", tcp(700, 500), {"in port": 1})

    def case_mip6(self):
        """FW-86 mip6 opens the mobility header"""
        header = bytes([NONE, 0, 1, 0, 0, 0, 0, 0])
        packet = ip6(MH, craft.summed(MH, header, 4, PEER, HOST))
        self.expect("closed", packet, {"in proto": 1})
        self.fw.conf(mip6="on")
        before = self.fw.counters()
        self.wire.send(packet)
        self.wire.answers()
        same("allowed", 1, self.fw.counters()["in mip6"] -
             before["in mip6"])

    def case_fragments(self):
        """FW-03 fragments are judged as the packet that they make"""
        data = udp_header(40, PORT, bytes(2000))
        self.expect("closed", fragments(UDP, data, 1000, 1), {"in port": 1})
        self.open()
        self.expect("open", fragments(UDP, data, 1000, 2),
                    {"in port-open": 1}, ["icmp 1/4"])
        self.expect("last first", fragments(UDP, udp_header(
            41, PORT, bytes(2000)), 1000, 3)[::-1], {"in port-open": 1},
            ["icmp 1/4"])
        self.expect("atomic", fragment(UDP, udp_header(42, PORT), ident=4),
                    {"in port-open": 1}, ["icmp 1/4"])

    def case_fragments_tiny(self):
        """FW-81 a first fragment without its whole header is dropped

        RFC 8200 section 4.5. It is not put together with the rest, which
        waits in vain, and so the header is never read in parts.
        """
        self.open()
        for port in (PORT, PORT + 1):
            split = fragments(TCP, tcp_header(40, port), 8, port)
            same("fragments", 3, len(split))
            self.expect(f"{port}", split, {"in headers": 1})
        self.expect("all of it in one", fragment(TCP, tcp_header(41, PORT),
                                                 ident=PORT + 2),
                    {"in port-open": 1}, ["rst"])

    def case_fragments_later(self):
        """FW-03 later fragments alone are nothing, and are not answered"""
        self.open()
        self.expect("later", fragment(UDP, bytes(64), 64, False, 7), {})
        self.expect("in the middle", fragment(UDP, bytes(64), 640, True, 8),
                    {})

    def case_fragments_overlap(self):
        """FW-03 fragments that overlap are not put together (RFC 5722)"""
        self.open()
        data = udp_header(40, PORT, bytes(56))
        self.expect("overlap", [
            fragment(UDP, data[:48], 0, True, 9),
            fragment(UDP, data[40:], 40, False, 9),
            fragment(UDP, data[48:], 48, False, 9)], {})

    def case_fragments_late(self):
        """FW-31 fragments that stay alone do not give the host away"""
        self.wire.sysctl("net.netfilter.nf_conntrack_frag6_timeout", 1)
        before = self.fw.counters()
        self.wire.send(fragment(UDP, udp_header(40, PORT, bytes(56)), 0, True,
                                10))
        self.until(20, "the error that is not sent", lambda:
                   self.fw.counters()["out icmp-out"] >
                   before.get("out icmp-out", 0))
        self.judge.settled("first alone", before, {"out icmp-out": 1})
        self.wire.sysctl("net.netfilter.nf_conntrack_frag6_timeout", 60)

    def case_bogons(self):
        """FW-81 sources that no host may use are dropped"""
        self.open()
        for src in BOGONS:
            self.expect(src, udp(40, PORT, src=src), {"in bogon": 1})
        for src in PLAIN:
            self.expect(src, udp(40, PORT, src=src), {"in port-open": 1},
                        ["icmp 1/4"])
        self.fw.conf(bogons="off")
        self.expect("switched off", udp(40, PORT, src="2001:db8::1"),
                    {"in port-open": 1}, ["icmp 1/4"])

    def case_multicast_source(self):
        """FW-80 no multicast source comes in or goes out"""
        self.open()
        self.expect("in", udp(40, PORT, src="ff02::1"), {})
        with self.wire.socket(socket.SOCK_RAW, socket.IPPROTO_RAW) as s:
            before = self.fw.counters()
            try:
                s.sendto(udp(40, 40, src="ff02::1", dst=PEER), (PEER, 0))
            except PermissionError:
                pass
            self.judge.settled("out", before, {"out mcast-source": 1})

    def case_spoofed(self):
        """FW-83 own addresses are no sources, of whichever device"""
        self.open()
        with self.wire.host:
            for words in ("link add dummy8 type dummy",
                          "link set dummy8 addrgenmode none",
                          "link set dummy8 up",
                          "addr add 2a00:88::1/64 dev dummy8 nodad",
                          "addr add fe80::88/64 dev dummy8 nodad"):
                subprocess.check_call(["ip", *words.split()])
        for src, dst in ((HOST, HOST), ("2a00:88::1", HOST),
                         (HOST_LL, HOST_LL)):
            self.expect(src, udp(40, PORT, src=src, dst=dst),
                        {"in spoofed": 1})
        self.expect("a link-local address of another link",
                    udp(40, PORT, src="fe80::88", dst=HOST_LL),
                    {"in port-open": 1})
        with self.wire.host:
            subprocess.check_call(["ip", "link", "del", "dummy8"])

    def case_ula(self):
        """FW-84 unique local addresses stop at an edge device"""
        self.expect("not an edge", udp(40, PORT, src=ULA), {"in port": 1})
        self.fw.dev("eth0", edge=1)
        self.expect("edge", udp(40, PORT, src=ULA), {"in ula": 1})
        self.fw.conf(edge_ula="on")
        self.expect("allowed", udp(40, PORT, src=ULA), {"in port": 1})
        self.fw.dev("eth0", edge=0)

    def case_edge(self):
        """FW-71 an edge device needs an entry that says edge"""
        self.fw.dev("eth0", edge=1)
        self.expect("closed", udp(40, PORT), {"in port": 1})
        self.fw.open("udp", PORT)
        self.expect("deny", udp(41, PORT), {"in edge": 1})
        self.fw.open("udp", PORT, "edge=allow")
        self.expect("allow", udp(42, PORT), {"in port-open": 1},
                    ["icmp 1/4"])
        self.fw.dev("eth0", edge=0)

    def case_edge_app(self):
        """FW-72 edge=app needs a listener whose mark consents"""
        self.fw.dev("eth0", edge=1)
        self.fw.conf(edge_mark=0x10)
        self.fw.open("udp", PORT, "edge=app")
        self.expect("nobody", udp(40, PORT), {"in edge": 1})
        with self.wire.socket() as s:
            s.bind(("::", PORT))
            self.expect("no mark", udp(41, PORT), {"in edge": 1})
            s.setsockopt(socket.SOL_SOCKET, 36, 0x20)		# SO_MARK
            self.expect("another mark", udp(42, PORT), {"in edge": 1})
            s.setsockopt(socket.SOL_SOCKET, 36, 0x30)
            self.expect("consent", udp(43, PORT), {"in port-open": 1})
        self.fw.dev("eth0", edge=0)

    def case_edge_p2p(self):
        """FW-73 p2p's ports are open on edge devices, others' are not"""
        self.fw.dev("eth0", edge=1)
        self.fw.conf(p2p="on")
        self.fw.open("udp", PORT)
        for port in (3540, 3587):
            self.expect(f"UDP {port}", udp(40, port), {"in port-open": 1},
                        ["icmp 1/4"])
            self.expect(f"TCP {port}", tcp(40, port), {"in port-open": 1},
                        ["rst"])
        self.expect("another", udp(40, PORT), {"in edge": 1})
        self.fw.conf(p2p="off")
        for port in (3540, 3587):
            self.expect(f"UDP {port}, off", udp(44, port), {"in port": 1})
            self.expect(f"TCP {port}, off", tcp(44, port), {"in port": 1})
        self.fw.dev("eth0", edge=0)

    def case_groups(self):
        """FW-64 a group's port needs an entry or a preset"""
        with self.wire.socket() as s:
            for group in ("ff02::fb", "ff02::c", "ff02::f", "ff02::4242"):
                s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                             craft.addr(group) +
                             struct.pack("=I", self.wire.index))
            self.wire.answers()
            known = (("mdns", "ff02::fb", 5353), ("ssdp", "ff02::c", 1900),
                     ("ssdp", "ff02::f", 1900))
            for preset, group, port in known:
                def packet(p, g=group):
                    return udp(40, p, src=PEER_LL, dst=g)
                self.expect(group, packet(port), {"in port": 1})
                other = "ssdp" if preset == "mdns" else "mdns"
                self.fw.conf(**{preset: "on", other: "off"})
                self.fw.flush()
                self.expect(f"{group} {preset}", packet(port),
                            {"in preset": 1})
                self.expect(f"{group} other port", packet(port + 1),
                            {"in port": 1})
                self.expect("another group", packet(port, "ff02::4242"),
                            {"in port": 1})
                self.expect("not a group", udp(40, port, src=PEER_LL,
                                               dst=HOST_LL), {"in port": 1})
                self.fw.conf(**{preset: "off"})
            self.fw.open("udp", 4242)
            self.expect("entry", udp(40, 4242, src=PEER_LL,
                                     dst="ff02::4242"), {"in port-open": 1})

    def case_window(self):
        """FW-60 answers to own multicast: from the link, to the same port"""
        for words in ({"mcast_reply": "on"}, {"p2p": "on"}):
            self.fw.reset()
            self.fw.flush()
            with self.wire.socket() as s:
                s.bind((HOST_LL, 6100, 0, self.wire.index))
                target = ("ff02::c", 1900, 0, self.wire.index)
                s.sendto(b"?", target)
                self.expect("without the option",
                            udp(1900, 6100, src=PEER_LL, dst=HOST_LL),
                            {"in port": 1}, ["udp"])
                self.fw.conf(**words)
                s.sendto(b"?", target)
                self.wire.answers()
                for i, src in enumerate((PEER_LL, "fe80::99", PEER)):
                    dst = HOST if src == PEER else HOST_LL
                    self.expect(f"from {src}",
                                udp(1901 + i, 6100, src=src, dst=dst),
                                {"in mcast-reply": 1},
                                ["icmp 1/4"] if src == PEER else [])
                self.expect("from off the link", udp(1900, 6100, src=FAR),
                            {"in port": 1})
                self.expect("to another port",
                            udp(1900, 6101, src=PEER_LL, dst=HOST_LL),
                            {"in port": 1})
                self.expect("to a group", udp(1900, 6100, src=PEER_LL,
                                              dst="ff02::1"), {"in port": 1})

    def case_echo_far(self):
        """FW-61 an echo reply needs the identifier that was asked with"""
        self.expect("unasked", echo(129, 9, PEER_LL, HOST_LL),
                    {"in invalid": 1})


if __name__ == "__main__":
    craft.main(Header)
