#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The same packets to two hosts; which of them got through, by the address of
the network card that each is sent from. See icf6_nft.sh."""

import json
import struct
import subprocess
import sys

import craft
from craft import (AH, DSTOPTS, ESP, FAR, HOPOPTS, HOST, HOST_LL, ICMP6, NONE,
                   PEER, PEER_LL, ROUTING, TCP, UDP, echo, error, ext, fragment, fragments, icmp, ip6, mld,
                   nd, tcp, tcp_header, udp, udp_header)

PROFILES = {
    "closed": {"OPEN_TCP": "{ 0 }", "OPEN_UDP": "{ 0 }", "ICMP": "{ 255 }"},
    "open": {"OPEN_TCP": "{ 22, 3540, 65535 }", "OPEN_UDP": "{ 1, 53, 3540 }",
             "ICMP": "{ 128 }"},
}

# What icf6 decides otherwise than the ruleset, in which profiles, and why.
EXPLAINED = {
    "17 destination options, UDP 53": (
        ("open",), "accept", "more than 16 headers are not read by icf6; "
        "nftables has no limit"),
}


def packets():
    """(name, [packet]...) of which each name is one thing to judge."""
    out = []

    def add(name, *some):
        out.append((name, list(some)))

    ports = (1, 22, 23, 53, 80, 445, 546, 547, 3540, 3587, 65535)
    for p in ports:
        add(f"TCP {p}", tcp(30000 + p % 1000, p))
        add(f"UDP {p}", udp(31000 + p % 1000, p))
        add(f"TCP {p} link", tcp(32000, p, src=PEER_LL, dst=HOST_LL))
        add(f"UDP {p} off link", udp(33000, p, src=FAR))
    for flags in range(64):
        add(f"TCP 22 flags {flags:#x}", tcp(34000 + flags, 22, flags, 1, 1))
    for kind in range(256):
        add(f"ICMPv6 {kind}", icmp(kind, 0, bytes(20)))
        add(f"ICMPv6 {kind} hop limit 255", nd(kind, FAR)
            if kind in (133, 134, 135, 136, 137)
            else icmp(kind, 0, bytes(20), PEER_LL, HOST_LL, 255))
        add(f"ICMPv6 {kind} hop limit 1", icmp(kind, 0, bytes(20), PEER_LL,
                                               HOST_LL, 1))
    for kind in (130, 131, 132, 143, 151, 152, 153):
        add(f"MLD {kind} from ::", mld(kind, "::", "ff02::1"))
        add(f"MLD {kind} from the prefix", mld(kind, PEER, HOST))
    for kind in (133, 134, 135, 136, 141, 142, 148, 149):
        add(f"ND {kind} code 1", nd(kind, FAR, code=1))
        add(f"ND {kind} from the prefix", nd(kind, FAR, src=PEER))
    add("DAD", nd(craft.NS, HOST, src="::", dst="ff02::1:ff00:1"))
    flow = udp(5000, 5001, src=HOST, dst=PEER)
    other = udp(5000, 5002, src=HOST, dst=PEER)
    for kind, codes in ((1, 8), (2, 2), (3, 3), (4, 4), (5, 1), (100, 1),
                        (127, 1)):
        for code in range(codes):
            add(f"error {kind}/{code} of a flow", error(kind, code, flow,
                                                        1280))
            add(f"error {kind}/{code} of none", error(kind, code, other,
                                                      1280))
    add("answer", udp(5001, 5000))
    add("answer from another port", udp(5002, 5000))
    add("answer from another host", udp(5001, 5000, src=FAR))
    add("echo request", echo())
    add("echo request to all nodes", echo(src=PEER_LL, dst="ff02::1"))
    add("echo reply", echo(craft.ECHO_REPLY))
    for src in ("::ffff:192.0.2.1", "::192.0.2.1", "::2", "2001:db8::1",
                "2001:10::1", "2001:20::1", "fec0::1", "fd00::1", HOST,
                HOST_LL, "2002::1", "2001::1", "3fff::1"):
        add(f"from {src}", udp(35000, 53, src=src))
    add("DHCPv6", udp(547, 546, src=PEER_LL, dst=HOST_LL))
    add("DHCPv6 from afar", udp(547, 546, src=FAR))
    add("DHCPv6 to a global address", udp(547, 546, src=PEER_LL))
    add("DHCPv6 the other way", udp(546, 547, src=PEER_LL, dst=HOST_LL))
    for p in (22, 53, 99):
        for kind in (0, 2):
            add(f"routing header {kind}, UDP {p}", ip6(
                ROUTING, bytes([UDP, 2, kind, 0]) + bytes(4) +
                craft.addr(FAR) + udp_header(36000 + kind, p)))
        for n in (1, 2, 15, 17):
            add(f"{n} destination options, UDP {p}", ip6(
                DSTOPTS, ext(DSTOPTS) * (n - 1) + ext(UDP) +
                udp_header(37000 + n, p)))
        add(f"hop-by-hop, UDP {p}", ip6(HOPOPTS, ext(UDP) +
                                        udp_header(38000, p)))
        add(f"fragments, UDP {p}", *fragments(
            UDP, udp_header(39000, p, bytes(2000)), 1000, p))
        add(f"tiny fragments, TCP {p}", *fragments(
            TCP, tcp_header(39001, p), 8, 100 + p))
        add(f"atomic fragment, UDP {p}", fragment(
            UDP, udp_header(39002, p), ident=200 + p))
        add(f"later fragment {p}", fragment(UDP, udp_header(39003, p), 64,
                                            False, 300 + p))
    add("TCP cut", ip6(TCP, tcp_header(40000, 22)[:10]))
    add("UDP cut", ip6(UDP, udp_header(40000, 53)[:3]))
    add("UDP wrong sum", ip6(UDP, b"\1" + udp_header(40001, 53)[1:]))
    add("ICMPv6 cut", ip6(ICMP6, b"\x80\0\0"))
    add("no next header", ip6(NONE, b""))
    for proto in (4, 41, 47, ESP, 89, 103, 132, 135, 136, 253):
        add(f"protocol {proto}", ip6(proto, bytes(40)))
    add("AH", ip6(AH, struct.pack("!BBHII", UDP, 1, 0, 256, 1) +
                  udp_header(40002, 99)))
    return out


class Side:
    def __init__(self, host, peer):
        self.wire = craft.Wire(host, peer)
        self.host = host

    def nft(self, *words, stdin=None):
        return subprocess.run(["nsenter", f"--net={self.host}", "nft",
                               *words], check=True, input=stdin, text=True,
                              stdout=subprocess.PIPE).stdout

    def judge(self, some):
        """The numbers of those that passed."""
        self.nft("flush", "set", "ip6", "observe", "passed")
        subprocess.run(["nsenter", f"--net={self.host}", "conntrack", "-F"],
                       check=True, stderr=subprocess.DEVNULL)
        with self.wire.socket() as s:
            s.bind((HOST, 5000))
            s.sendto(b"?", (PEER, 5001))
            for i, (_, sent) in enumerate(some):
                self.wire.send(*sent, mac=b"\x02\1\0\0" +
                               struct.pack("!H", i))
                if i % 20 == 19:
                    self.wire.answers()
            self.wire.answers()
        listed = json.loads(self.nft("-j", "list", "set", "ip6", "observe",
                                     "passed"))
        passed = set()
        for one in listed["nftables"]:
            for mac in one.get("set", {}).get("elem", []):
                mac = mac if isinstance(mac, str) else mac["elem"]["val"]
                if mac.startswith("02:01:"):
                    passed.add(int(mac.replace(":", "")[-4:], 16))
        return passed


def configure(icf, nft, name, ruleset):
    fw = craft.Firewall(icf.wire)
    fw.reset()
    if name == "open":
        for port in (22, 3540, 65535):
            fw.open("tcp", port)
        for port in (1, 53, 3540):
            fw.open("udp", port)
        fw.conf(echo_request="on")
    defines = "".join(f"define {k} = {v}\n"
                      for k, v in PROFILES[name].items())
    nft.nft("-f", "-", stdin="table ip6 icf6\ndelete table ip6 icf6\n" +
            defines + ruleset)


def main():
    icf, nft = Side(*sys.argv[1:3]), Side(*sys.argv[3:5])
    with open(sys.argv[5], encoding="ascii") as f:
        ruleset = f.read()
    some, failed = packets(), 0
    print(f"TAP version 13\n1..{2 * len(PROFILES)}", flush=True)
    for n, profile in enumerate(PROFILES):
        configure(icf, nft, profile, ruleset)
        ours, theirs = icf.judge(some), nft.judge(some)
        differ = {}
        for i in ours ^ theirs:
            differ[some[i][0]] = "accept" if i in theirs else "drop"
        wanted = {k: v[1] for k, v in EXPLAINED.items() if profile in v[0]}
        ok = differ == wanted
        failed |= not ok
        print(f"{'ok' if ok else 'not ok'} {2 * n + 1} - {profile}: "
              f"{len(some)} packets, {len(differ)} verdicts differ")
        for name, verdict in sorted(differ.items()):
            why = EXPLAINED.get(name, ((), "", "unexplained"))[2]
            print(f"# {name}: nftables would {verdict}: {why}")
        for name in sorted(set(wanted) - set(differ)):
            print(f"# {name}: explained, but does not differ")
        # A judge that lets all or nothing through would agree with itself.
        ok = 20 < len(ours) < len(some) // 2
        failed |= not ok
        print(f"{'ok' if ok else 'not ok'} {2 * n + 2} - {profile}: "
              f"{len(ours)} passed icf6, {len(theirs)} nftables", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
