#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Each type and code class of RFC 4890, in and out, by exact counters."""

import socket
import struct

import craft
from craft import (ECHO_REPLY, ECHO_REQUEST, FAR, HOST, HOST_LL, ICMP6, NA,
                   NS, PEER, PEER_LL, RA, REDIRECT, RS, echo, error, icmp,
                   ip6, mld, nd, same, tcp, udp)

ND_TYPES = (RS, RA, NS, NA, 141, 142, 148, 149)
MLD_TYPES = (130, 131, 132, 143)
MRD_TYPES = (151, 152, 153)
MOBILE = (144, 145, 146, 147)
NAMED = (1, 2, 3, 4, 128, 129, 137, 160) + ND_TYPES + MLD_TYPES + MRD_TYPES

# RFC 4890 sections 4.4.1 and 4.4.2
ERRORS = [(1, code) for code in range(8)] + [(2, 0), (3, 0), (3, 1), (4, 0),
                                             (4, 1), (4, 2)]
OUT_OPTIONS = ((1, "dest_unreach"), (2, "too_big"), (3, "time_exceeded"),
               (4, "param_problem"))


class Icmp(craft.Tap):
    def flow(self, sport=5000, dport=5001, dst=PEER):
        """What the host sends; the peer may answer it from here on."""
        s = self.wire.socket()
        s.bind((HOST, sport))
        s.sendto(b"?", (dst, dport))
        same("what the host sent", ["udp"],
             [repr(a) for a in self.wire.answers()])
        return s

    def case_forged(self):
        """FW-10 errors that quote no flow are dropped, each type and code"""
        quoted = udp(5100, 5101, src=HOST, dst=PEER)
        for kind, code in ERRORS + [(3, 2), (4, 3)]:
            self.expect(f"{kind}/{code}", error(kind, code, quoted, 1280),
                        {"in icmp-error": 1})
        self.expect("of nothing", icmp(1, 4), {"in icmp-error": 1})
        self.expect("of TCP", error(1, 4, tcp(5100, 22, src=HOST, dst=PEER)),
                    {"in icmp-error": 1})
        self.expect("of an error", error(1, 4, icmp(1, 4, src=HOST,
                                                    dst=PEER)),
                    {"in icmp-error": 1})

    def case_not_strict(self):
        """FW-10 without icmp-strict those of RFC 4890 4.4.1, 4.4.2 pass"""
        self.fw.conf(icmp_strict="off")
        quoted = udp(5100, 5101, src=HOST, dst=PEER)
        for kind, code in ERRORS:
            self.expect(f"{kind}/{code}", error(kind, code, quoted, 1280),
                        {"in icmp-option": 1})
        for kind, code in ((3, 2), (4, 3)):
            self.expect(f"{kind}/{code}", error(kind, code, quoted),
                        {"in icmp-error": 1})

    def case_related(self):
        """FW-10 errors about a flow pass, and do not end it"""
        with self.flow() as s:
            quoted = udp(5000, 5001, src=HOST, dst=PEER)
            for kind, code in ERRORS:
                self.expect(f"{kind}/{code}",
                            error(kind, code, quoted, 1400, src=FAR),
                            {"in related": 1})
                self.expect("the flow after it", udp(5001, 5000),
                            {"in established": 1})
            s.setblocking(False)
            heard = 0
            while True:
                try:
                    s.recv(100)
                    heard += 1
                except BlockingIOError:
                    break
                except OSError:
                    pass
            same("what the program heard", len(ERRORS), heard)

    def case_related_unassigned(self):
        """RFC 4890 4.4.5 errors of unassigned types about a flow are dropped
        """
        with self.flow(5010, 5011):
            quoted = udp(5010, 5011, src=HOST, dst=PEER)
            for kind in (0, 5, 6, 100, 101, 126, 127):
                self.expect(kind, error(kind, 0, quoted, src=FAR),
                            {"in icmp": 1})
            self.expect("the flow after it", udp(5011, 5010),
                        {"in established": 1})

    def case_related_other_port(self):
        """FW-10 an error about a flow's addresses but not its ports is dropped
        """
        with self.flow(5002, 5003):
            self.expect("another source port",
                        error(1, 4, udp(5004, 5003, src=HOST, dst=PEER)),
                        {"in icmp-error": 1})
            self.expect("another peer",
                        error(1, 4, udp(5002, 5003, src=HOST, dst=FAR)),
                        {"in icmp-error": 1})

    def case_pmtu(self):
        """FW-10 a path MTU is learned through the firewall, not from forgery
        """
        def mtu(s):
            return s.getsockopt(socket.IPPROTO_IPV6, 24)	# IPV6_MTU

        dst = "2a00:66::67"		# of which nothing is known yet
        with self.flow(5006, 5007, dst) as s:
            s.connect((dst, 5007))
            same("before", 1500, mtu(s))
            forged = udp(5008, 5007, src=HOST, dst=dst)
            self.expect("forged", error(2, 0, forged, 1300),
                        {"in icmp-error": 1})
            same("after forgery", 1500, mtu(s))
            quoted = udp(5006, 5007, src=HOST, dst=dst)
            self.expect("real", error(2, 0, quoted, 1300),
                        {"in related": 1})
            same("after", 1300, mtu(s))

    def case_echo(self):
        """FW-30 echo requests pass by their option alone"""
        self.expect("closed", echo(), {"in icmp": 1})
        self.expect("to all nodes", echo(dst="ff02::1", src=PEER_LL),
                    {"in icmp": 1})
        for port in (7, 445):
            self.fw.open("tcp", port)
            self.fw.open("udp", port)
        self.expect("with open ports", echo(), {"in icmp": 1})
        self.fw.conf(echo_request="on")
        self.expect("allowed", echo(), {"in icmp-option": 1}, ["icmp 129/0"])
        self.expect("to all nodes", echo(dst="ff02::1", src=PEER_LL),
                    {"in icmp-option": 1}, ["icmp 129/0"])

    def case_echo_device(self):
        """FW-10 a device's own ICMPv6 options win over the global ones"""
        self.fw.dev("eth0", echo_request="on")
        self.expect("on", echo(ident=7), {"in icmp-option": 1},
                    ["icmp 129/0"])
        self.fw.conf(echo_request="on")
        self.fw.dev("eth0", echo_request="off")
        self.fw.flush()
        self.expect("off", echo(ident=8), {"in icmp": 1})
        self.fw.dev("eth0", echo_request="inherit")
        self.expect("inherited", echo(ident=9), {"in icmp-option": 1},
                    ["icmp 129/0"])

    def case_echo_reply(self):
        """FW-61 echo replies pass to requests of our own, also to a group"""
        self.expect("unasked", echo(ECHO_REPLY), {"in invalid": 1})
        with self.wire.socket(socket.SOCK_RAW, ICMP6) as s:
            request = struct.pack("!BBHHH", ECHO_REQUEST, 0, 0, 77, 1)
            s.sendto(request, (PEER, 0))
            self.wire.answers()
            self.expect("asked", echo(ECHO_REPLY, 77), {"in established": 1})
            self.expect("another identifier", echo(ECHO_REPLY, 78),
                        {"in invalid": 1})
            request = struct.pack("!BBHHH", ECHO_REQUEST, 0, 0, 79, 1)
            s.sendto(request, ("ff02::1", 0, 0, self.wire.index))
            self.wire.answers()
            for src in (PEER_LL, "fe80::68"):
                self.expect("from " + src,
                            echo(ECHO_REPLY, 79, src, HOST_LL),
                            {"in mcast-reply": 1})
            self.expect("another identifier",
                        echo(ECHO_REPLY, 80, PEER_LL, HOST_LL),
                        {"in invalid": 1})

    def case_nd(self):
        """FW-62 neighbour discovery passes with hop limit 255 and code 0"""
        for kind in ND_TYPES:
            for src in (PEER_LL, PEER):
                self.expect(f"{kind} from {src}", nd(kind, FAR, src=src),
                            {"in control": 1})
            self.expect(f"{kind} hop limits",
                        [nd(kind, FAR, hop=h) for h in (254, 64, 1, 0)],
                        {"in nd": 4})
            self.expect(f"{kind} code 1", nd(kind, FAR, code=1),
                        {"in nd": 1})

    def case_dad(self):
        """FW-62 an address that is being tested is defended"""
        before = self.fw.counters()
        self.wire.send(nd(NS, HOST, src="::", dst="ff02::1:ff00:1"))
        said = [a.dst for a in self.wire.answers(True)
                if a.proto == ICMP6 and a.type == NA]
        same("advertised to", ["ff02::1"], said)
        same("control", 2, self.fw.counters()["in control"] -
             before["in control"])

    def case_mld(self):
        """FW-63 listener discovery passes from the link with hop limit 1"""
        for kind in MLD_TYPES + MRD_TYPES:
            self.expect(f"{kind}", mld(kind), {"in control": 1})
            self.expect(f"{kind} from afar", mld(kind, FAR, HOST),
                        {"in mld": 1})
            self.expect(f"{kind} from the prefix", mld(kind, PEER, HOST),
                        {"in mld": 1})
            self.expect(f"{kind} hop limits",
                        [mld(kind, hop=h) for h in (0, 2, 64, 255)],
                        {"in mld": 4})
            report = kind in (131, 143)
            self.expect(f"{kind} from ::", mld(kind, "::", "ff02::1"),
                        {"in control" if report else "in mld": 1})

    def case_redirect(self):
        """FW-62 redirects need the option, the link and hop limit 255"""
        self.expect("closed", nd(REDIRECT), {"in icmp": 1})
        self.fw.conf(redirect="on")
        self.expect("allowed", nd(REDIRECT), {"in icmp-option": 1})
        self.expect("hop limit 254", nd(REDIRECT, hop=254), {"in nd": 1})
        self.expect("from afar", nd(REDIRECT, src=FAR, dst=HOST),
                    {"in nd": 1})

    def case_mobile(self):
        """FW-86 the types of Mobile IPv6 pass with their option"""
        for kind in MOBILE:
            self.expect(f"{kind}", icmp(kind), {"in icmp": 1})
        self.fw.conf(mip6="on")
        for kind in MOBILE:
            self.expect(f"{kind} allowed", icmp(kind), {"in mip6": 1})
        for kind in (143, 148):
            self.expect(f"{kind}, beside them", icmp(kind),
                        {"in mld" if kind == 143 else "in nd": 1})

    def case_others(self):
        """FW-10 no other type passes, whatever is allowed"""
        others = [t for t in range(256) if t not in NAMED + MOBILE]
        assert len(others) == 256 - len(NAMED) - 4
        for allowed in ("off", "on"):
            self.fw.conf(echo_request=allowed, redirect=allowed, mip6=allowed,
                         mcast_reply=allowed)
            for some in (others[::2], others[1::2]):
                self.expect(f"types {some}, all {allowed}",
                            [icmp(kind) for kind in some],
                            {"in icmp": len(some)})

    def case_probe(self):
        """FW-10 extended echo needs echo-request and the sysctl"""
        probe = icmp(160, 0, struct.pack("!HBB", 5, 1, 1))
        self.expect("neither", probe, {"in icmp": 1})
        self.fw.conf(echo_request="on")
        self.expect("the option alone", probe, {"in icmp": 1})
        self.wire.sysctl("net.ipv4.icmp_echo_enable_probe", 1)
        self.expect("both", probe, {"in icmp-option": 1}, ["icmp 161/1"])
        self.fw.conf(echo_request="off")
        self.expect("the sysctl alone", probe, {"in icmp": 1})
        self.wire.sysctl("net.ipv4.icmp_echo_enable_probe", 0)

    def case_out(self):
        """FW-31 own errors that belong to no flow need their option"""
        with self.wire.socket(socket.SOCK_RAW, ICMP6) as s:
            for kind, option in OUT_OPTIONS:
                packet = struct.pack("!BBHI", kind, 3 if kind == 1 else 0, 0,
                                     1280) + udp(5, 5)
                for allowed in ("off", "on"):
                    self.fw.conf(**{option: allowed})
                    before = self.fw.counters()
                    try:
                        s.sendto(packet, (PEER, 0))
                    except PermissionError:
                        assert allowed == "off"
                    on = allowed == "on"
                    self.judge.settled(
                        f"{option} {allowed}", before,
                        {} if on else {"out icmp-out": 1},
                        [f"icmp {kind}/{packet[1]}"] if on else [])

    def case_too_big_default(self):
        """FW-10 of the outbound options packet too big alone is on"""
        icmp_conf = self.fw.nl.do("conf-get")["conf"]["icmp"]
        same("on", ["too-big"], [k for k, on in icmp_conf.items() if on])

    def case_before_hooks(self):
        """FW-31 a packet that no hook sees does not give the host away"""
        bad = bytes([0x80, 4, 0, 0, 0, 0])	# unknown: tell the sender
        packet = ip6(craft.HOPOPTS, craft.ext(craft.UDP, bad) +
                     craft.udp_header(5, 5))
        self.expect("silent", packet, {"out icmp-out": 1})
        self.fw.conf(param_problem="on")
        self.expect("allowed", packet, {}, ["icmp 4/2"])


if __name__ == "__main__":
    craft.main(Icmp)
