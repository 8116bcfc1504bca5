#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Flows and ports: who may begin a flow, and who has begun one."""

import errno
import itertools
import socket
import struct
import subprocess
import time

import craft
import icf6
from craft import (ACK, FAR, FIN, HOST, HOST_LL, PEER, PEER_LL, RST, SYN,
                   error, same, tcp, udp)

# Ports on which somebody listens, and one on which nobody does
TCP_PORT, UDP_PORT, NOBODY = 7000, 7001, 7002


class Flow(craft.Tap):
    def __init__(self, judge):
        super().__init__(judge)
        self.listener = self.wire.socket(socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("::", TCP_PORT))
        self.listener.listen()
        self.ports = itertools.count(20000)

    def connect(self, dport=9000):
        """A connection that the host begins, half way: (socket, SYN)"""
        s = self.wire.socket(socket.SOCK_STREAM)
        s.setblocking(False)
        # Nothing of it may be heard of in the next case.
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                     struct.pack("=ii", 1, 0))
        same("connect", errno.EINPROGRESS, s.connect_ex((PEER, dport)))
        syn = self.wire.await_answer(lambda a: a.proto == craft.TCP and
                                     a.ports[1] == dport)
        return s, syn

    def case_closed(self):
        """FW-03 a closed port is silent, with and without a listener"""
        with self.wire.socket() as s:
            s.bind(("::", UDP_PORT))
            for port in (TCP_PORT, NOBODY, 1, 65535):
                self.expect(f"TCP {port}", tcp(next(self.ports), port),
                            {"in port": 1})
            for port in (UDP_PORT, NOBODY, 1, 65535):
                self.expect(f"UDP {port}", udp(next(self.ports), port),
                            {"in port": 1})
            for src in (FAR, PEER_LL):
                dst = HOST_LL if src == PEER_LL else HOST
                self.expect(f"from {src}", udp(5, UDP_PORT, src=src, dst=dst),
                            {"in port": 1})

    def case_first_after_load(self):
        """FW-04 nothing is open by itself"""
        same("ports", [], list(self.fw.nl.dump("port-get")))

    def case_well_known(self):
        """FW-50 no port is special: every one is closed, TCP and UDP"""
        every = range(1, 65536, 97)
        self.expect("TCP", [tcp(40000, p) for p in every],
                    {"in port": len(every)})
        self.expect("UDP", [udp(40000, p) for p in every],
                    {"in port": len(every)})

    def case_udp_flow(self):
        """FW-03 what answers the host passes, and nothing beside it"""
        with self.wire.socket() as s:
            s.bind((HOST, 5000))
            s.sendto(b"?", (PEER, 5001))
            same("sent", ["udp"], [repr(a) for a in self.wire.answers()])
            self.expect("the answer", udp(5001, 5000), {"in established": 1})
            self.expect("from another port", udp(5002, 5000), {"in port": 1})
            self.expect("to another port", udp(5001, 5003), {"in port": 1})
            self.expect("from another host", udp(5001, 5000, src=FAR),
                        {"in port": 1})
            same("heard", (b"?", PEER), (lambda d, a: (d, a[0]))
                 (*s.recvfrom(10)))

    def case_tcp_out(self):
        """FW-03 a connection of the host's is established and ended"""
        s, syn = self.connect()
        with s:
            sport, dport = syn.ports
            self.expect("SYN-ACK", tcp(dport, sport, SYN | ACK, 100,
                                       syn.seq + 1),
                        {"in established": 1}, ["tcp"])
            same("error", 0, s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
            self.expect("data", tcp(dport, sport, ACK, 101, syn.seq + 1,
                                    b"hello"), {"in established": 1}, ["tcp"])
            same("heard", b"hello", s.recv(10))
            self.expect("the end", tcp(dport, sport, FIN | ACK, 106,
                                       syn.seq + 1),
                        {"in established": 1}, None)
            same("heard", b"", s.recv(10))

    def case_simultaneous(self):
        """FW-03 both sides may open a connection at once (RFC 6092 REC-31)"""
        s, syn = self.connect(9001)
        with s:
            sport, dport = syn.ports
            self.expect("SYN meets SYN", tcp(dport, sport, SYN, 500),
                        {"in established": 1}, ["syn-ack"])
            self.expect("SYN-ACK", tcp(dport, sport, SYN | ACK, 500,
                                       syn.seq + 1),
                        {"in established": 1}, ["tcp"])
            same("error", 0, s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
            same("peer", PEER, s.getpeername()[0])

    def case_icmp_keeps_tcp(self):
        """FW-10 an ICMPv6 error does not end a connection's state"""
        s, syn = self.connect(9002)
        with s:
            sport, dport = syn.ports
            self.expect("SYN-ACK", tcp(dport, sport, SYN | ACK, 100,
                                       syn.seq + 1),
                        {"in established": 1}, ["tcp"])
            quoted = tcp(sport, dport, ACK, syn.seq + 1, 101, src=HOST,
                         dst=PEER)
            for kind, code in ((1, 4), (1, 0), (3, 0), (4, 1)):
                self.expect(f"{kind}/{code}", error(kind, code, quoted),
                            {"in related": 1})
            self.expect("data", tcp(dport, sport, ACK, 101, syn.seq + 1,
                                    b"on"), {"in established": 1}, ["tcp"])
            same("heard", b"on", s.recv(10))

    def case_traceroute(self):
        """FW-03 traceroute out sees each router and the end"""
        with self.wire.socket() as s:
            for hops, (kind, code) in enumerate(((3, 0), (3, 0), (1, 4)), 1):
                port = 33433 + hops
                s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS,
                             hops)
                s.sendto(b"?", (FAR, port))
                sent = self.wire.answers()
                same("sent", ["udp"], [repr(a) for a in sent])
                quoted = udp(sent[0].ports[0], port, src=HOST, dst=FAR,
                             hop=1)
                self.expect(f"hop {hops}", error(kind, code, quoted,
                                                 src=f"2a00:70::{hops}"),
                            {"in related": 1})

    def case_no_syn(self):
        """FW-90 TCP that begins nothing is dropped, also at an open port"""
        for opened in (False, True):
            if opened:
                self.fw.open("tcp", TCP_PORT)
            for flags in (ACK, ACK | 8, ACK | 32):
                self.expect(f"flags {flags}",
                            tcp(next(self.ports), TCP_PORT, flags, 1, 1),
                            {"in no-syn": 1})
            for flags in (0, FIN, FIN | ACK, RST, SYN | ACK, SYN | FIN,
                          SYN | RST, FIN | 8 | 32, 63, RST | ACK):
                self.expect(f"flags {flags}",
                            tcp(next(self.ports), TCP_PORT, flags, 1, 1),
                            {"in invalid": 1})

    def case_formula(self):
        """FW-20 open on the device, or open globally and not ignored"""
        words = {"global": (), "open": ("dev=eth0",),
                 "ignored": ("ignore=eth0",)}
        for sets in itertools.product((False, True), repeat=3):
            chosen = [k for k, on in zip(words, sets) if on]
            is_global, is_open, is_ignored = sets
            accept = is_open or (is_global and not is_ignored)
            self.fw.reset()
            for k in chosen:
                self.fw.open("udp", NOBODY, *words[k])
            self.expect(f"UDP {chosen}", udp(next(self.ports), NOBODY),
                        {"in port-open" if accept else "in port": 1},
                        ["icmp 1/4"] if accept else [])
            self.expect(f"TCP, which is not {chosen}",
                        tcp(next(self.ports), NOBODY), {"in port": 1})
            self.expect("the port beside it", udp(next(self.ports),
                                                  NOBODY + 1), {"in port": 1})

    def case_other_device(self):
        """FW-07 a port of one device is not open on another"""
        with self.wire.host:
            subprocess.check_call(["ip", "link", "add", "dummy9", "type",
                                   "dummy"])
        self.fw.open("udp", NOBODY, "dev=dummy9")
        self.expect("eth0", udp(next(self.ports), NOBODY), {"in port": 1})
        with self.wire.host:
            subprocess.check_call(["ip", "link", "del", "dummy9"])
        same("ports", [], list(self.fw.nl.dump("port-get")))

    def case_idempotent(self):
        """FW-08 the same request twice is no error and no second entry"""
        for _ in range(2):
            self.fw.open("tcp", 22, "label=one")
            same("ports", 1, len(list(self.fw.nl.dump("port-get"))))
        for _ in range(2):
            self.fw.close("tcp", 22)
            same("ports", 0, len(list(self.fw.nl.dump("port-get"))))

    def case_interrupted_dump(self):
        """FW-09 a dump that was overtaken by a change says so"""
        nl = self.fw.nl
        nl.do("replace", port=[{"proto": 6, "port": p, "label": "x" * 60}
                               for p in range(1, 4001)])
        with self.wire.host:
            reader = icf6.Icf6()
        for change in (False, True):
            # The socket's buffer holds few of the answers, so most are
            # made after the change.
            reader.sock.send(struct.pack(
                "=IHHIIBBH", 20, reader.family,
                icf6.NLM_F_REQUEST | icf6.NLM_F_DUMP, 1, 0,
                icf6.COMMANDS.index("port-get"), 1, 0))
            seen, interrupted, first = 0, False, True
            while True:
                data = reader.sock.recv(1 << 20)
                done = False
                while data:
                    length, kind, flags = struct.unpack_from("=IHH", data)
                    interrupted |= bool(flags & icf6.NLM_F_DUMP_INTR)
                    done |= kind == icf6.NLMSG_DONE
                    seen += kind == reader.family
                    data = data[(length + 3) & ~3:]
                if first and change:
                    self.fw.open("udp", 4001)
                first = False
                if done:
                    break
            same("interrupted", change, interrupted)
            assert seen >= 4000, seen

    def case_disabled(self):
        """FW-25 enabled=off lets all pass, and counts it"""
        self.fw.conf(enabled="off")
        # One more each way is the solicitation at the end of all tests.
        self.expect("UDP", udp(next(self.ports), NOBODY),
                    {"in disabled": 2, "in control": -1,
                     "out disabled": 2}, ["icmp 1/4"])
        self.fw.conf(enabled="on")
        self.expect("UDP", udp(next(self.ports), NOBODY), {"in port": 1})

    def case_switched_off(self):
        """FW-24 flows of a device that is switched off are tracked"""
        self.fw.dev("eth0", firewalled=0)
        s, syn = self.connect(9003)
        with s:
            sport, dport = syn.ports
            self.wire.send(tcp(dport, sport, SYN | ACK, 100, syn.seq + 1))
            self.wire.answers()
            self.fw.dev("eth0", firewalled=1)
            self.expect("data", tcp(dport, sport, ACK, 101, syn.seq + 1,
                                    b"on"), {"in established": 1}, ["tcp"])
            self.expect("another", tcp(dport, sport + 1, SYN), {"in port": 1})

    def case_loopback(self):
        """FW-23 the host may talk to itself, whatever is closed"""
        before = self.fw.counters()
        for address in ("::1", HOST):
            with self.wire.socket() as a, self.wire.socket() as b:
                a.bind((address, 0))
                b.sendto(b"x", a.getsockname()[:2])
                same("heard", b"x", a.recv(10))
        self.judge.settled("loopback", before, {"in loopback": 2,
                                                "out loopback": 2})

    def renamed(self, old, new):
        """With what a device loses while it is down."""
        self.wire.sysctl(f"net.ipv6.conf.{old}.keep_addr_on_down", 1)
        with self.wire.host:
            for words in (f"link set {old} down",
                          f"link set {old} name {new}",
                          f"link set {new} up",
                          f"addr replace {HOST_LL}/64 dev {new} nodad",
                          f"neigh replace {PEER} lladdr 02:00:00:00:00:66 "
                          f"dev {new} nud permanent",
                          f"neigh replace {PEER_LL} lladdr 02:00:00:00:00:66 "
                          f"dev {new} nud permanent",
                          f"route replace default via {PEER_LL} dev {new}"):
                subprocess.check_call(["ip", "-6", *words.split()])

    def case_rename(self):
        """FW-22 a device that is renamed keeps its rules, at once"""
        self.fw.open("udp", NOBODY, "dev=eth0")
        self.renamed("eth0", "lan7")
        got = next(iter(self.fw.nl.dump("port-get")))["port"]["ifname"]
        same("name", "lan7", got)
        self.expect("its port", udp(next(self.ports), NOBODY),
                    {"in port-open": 1}, ["icmp 1/4"])
        self.expect("another", udp(next(self.ports), 7003), {"in port": 1})
        self.renamed("lan7", "eth0")

    def case_owner(self):
        """FW-88 a socket's port ends with the socket, not with its closing"""
        with self.wire.host:
            owner = icf6.Icf6()
        port, _ = icf6.port_values(["udp", str(NOBODY)])
        owner.do("port-add", port=port, owned=1)
        self.expect("open", udp(next(self.ports), NOBODY),
                    {"in port-open": 1}, ["icmp 1/4"])
        owner.sock.close()
        self.until(10, "the port to close",
                   lambda: not list(self.fw.nl.dump("port-get")))
        self.expect("closed", udp(next(self.ports), NOBODY), {"in port": 1})

    def case_owner_and_user(self):
        """FW-88 a user's entry for the same port outlives the socket's"""
        with self.wire.host:
            owner = icf6.Icf6()
        port, _ = icf6.port_values(["udp", str(NOBODY)])
        self.fw.open("udp", NOBODY)
        owner.do("port-add", port=port, owned=1)
        same("entries", 2, len(list(self.fw.nl.dump("port-get"))))
        owner.sock.close()
        self.until(10, "one entry", lambda: len(list(
            self.fw.nl.dump("port-get"))) == 1)
        self.expect("still open", udp(next(self.ports), NOBODY),
                    {"in port-open": 1}, ["icmp 1/4"])

    def case_stealth(self):
        """FW-32 stealth: an open port without a listener is silent"""
        for proto in ("tcp", "udp"):
            self.fw.open(proto, NOBODY)
        self.expect("TCP", tcp(next(self.ports), NOBODY),
                    {"in port-open": 1}, ["rst"])
        self.expect("UDP", udp(next(self.ports), NOBODY),
                    {"in port-open": 1}, ["icmp 1/4"])
        self.fw.conf(stealth="on")
        self.expect("TCP", tcp(next(self.ports), NOBODY),
                    {"in port-open": 1, "out stealth": 1})
        self.expect("UDP", udp(next(self.ports), NOBODY),
                    {"in port-open": 1, "out stealth": 1})

    def case_log_once(self):
        """FW-43 each packet that is dropped is logged once"""
        self.fw.conf(drops="on", log_rate=10000, log_burst=10000)
        with self.wire.host:
            log = icf6.Icf6()
        log.join("log")
        log.sock.settimeout(10)
        sent = [udp(next(self.ports), p) for p in range(100, 200)]
        self.expect("drops", sent, {"in port": 100})
        seen = [log.event()[1]["log"]["dport"] for _ in sent]
        same("logged", list(range(100, 200)), seen)
        log.sock.setblocking(False)
        try:
            raise craft.Failed(f"one more: {log.event()}")
        except BlockingIOError:
            pass

    def case_log_lost(self):
        """FW-42 what finds no room in the log is counted, exactly"""
        self.fw.conf(drops="on", log_rate=1, log_burst=5)
        with self.wire.host:
            log = icf6.Icf6()
        log.join("log")
        log.sock.settimeout(20)
        lost = self.fw.nl.do("stats-get").get("lost", 0)
        sent = [udp(40000, p) for p in range(1000, 2000)]
        self.expect("drops", sent, {"in port": 1000})
        told, missed = 0, 0
        while told + missed < 1000:
            record = log.event()[1]["log"]
            if record["action"] == "events-lost":
                missed += record["lost"]
            else:
                told += 1
        same("sum", 1000, told + missed)
        same("counted", missed, self.fw.nl.do("stats-get")["lost"] - lost)
        assert 5 <= told < 100, told

    def case_table_full(self):
        """FW-03 with conntrack's table full what is closed stays closed"""
        path = "/proc/sys/net/netfilter/nf_conntrack_max"
        with open(path, encoding="ascii") as f:
            was = f.read()
        s, syn = self.connect(9004)
        try:
            sport, dport = syn.ports
            self.wire.send(tcp(dport, sport, SYN | ACK, 100, syn.seq + 1))
            self.wire.answers()
            with open(path, "w", encoding="ascii") as f:
                f.write("1")
            for port in range(300, 400):
                self.wire.send(udp(40001, port), tcp(40001, port))
            same("answers", [], self.wire.answers())
            self.expect("an old connection",
                        tcp(dport, sport, ACK, 101, syn.seq + 1, b"on"),
                        {"in established": 1}, ["tcp"])
            self.expect("neighbours", craft.nd(craft.NS, PEER),
                        {"in control": 1})
        finally:
            with open(path, "w", encoding="ascii") as f:
                f.write(was)
            s.close()
            self.wire.answers()
        self.expect("afterwards", udp(40002, NOBODY), {"in port": 1})

    def case_dhcp(self):
        """FW-52 DHCPv6 answers pass on the link, from 547 to 546 alone"""
        self.expect("answer", udp(547, 546, src=PEER_LL, dst=HOST_LL),
                    {"in dhcp": 1}, ["icmp 1/4"])
        for what, packet in (
                ("from afar", udp(547, 546, src=FAR)),
                ("from the prefix", udp(547, 546, dst=HOST_LL)),
                ("to a global address", udp(547, 546, src=PEER_LL)),
                ("from another port", udp(548, 546, src=PEER_LL,
                                          dst=HOST_LL)),
                ("to a server", udp(546, 547, src=PEER_LL, dst=HOST_LL))):
            self.expect(what, packet, {"in port": 1})

    def case_rejected(self):
        """FW-87 at most 1024 attempts wait for their answer, six seconds"""
        # Only packet too big; else errors would be limited themselves.
        self.wire.sysctl("net.ipv6.icmp.ratemask", "2")
        self.fw.conf(reject="adm-prohibited")
        begun = time.monotonic()
        self.expect("attempts", [tcp(p, NOBODY) for p in range(1024, 2148)],
                    {"in port": 1124})
        first = self.wire.await_answer(lambda a: a.proto == craft.ICMP6 and
                                       a.type == 1)
        assert time.monotonic() - begun >= 6, time.monotonic() - begun
        same("answer", "icmp 1/1", repr(first))
        for n in range(1, 1024):
            same(f"answer {n}", "icmp 1/1", repr(self.wire.await_answer(
                lambda a: a.proto == craft.ICMP6 and a.type == 1)))
        same("more", [], self.wire.answers())
        self.expect("UDP has no answer", udp(1024, NOBODY), {"in port": 1})
        self.fw.conf(reject="none")

    def case_timeouts(self):
        """FW-85 timeouts shorter than RFC 6092's are told, and no others"""
        def short():
            return {t["name"]: t["wanted"] for t in
                    self.fw.nl.do("conf-get").get("timeout", [])}

        base = "net.netfilter."
        found = short()
        assert "nf_conntrack_udp_timeout" in found, found
        for name, wanted in found.items():
            self.wire.sysctl(base + name, wanted)
        same("with the wanted values", {}, short())
        self.wire.sysctl(base + "nf_conntrack_tcp_timeout_syn_sent", 239)
        same("one second less", {"nf_conntrack_tcp_timeout_syn_sent": 240},
             short())

    def case_atomic_many(self):
        """FW-11 a replace is all or nothing"""
        self.fw.open("udp", NOBODY)
        ports = [{"proto": 6, "port": p} for p in range(1, 1000)]
        for wrong in ({"proto": 6, "port": 0}, {"proto": 7, "port": 1},
                      {"proto": 6, "port": 1, "scope": "open",
                       "ifname": "eth99"}):
            try:
                self.fw.nl.do("replace", port=ports + [wrong])
            except icf6.Refused as e:
                assert e.text, e
            else:
                raise craft.Failed(f"{wrong} was taken")
            left = [p["port"]["port"] for p in self.fw.nl.dump("port-get")]
            same("ports", [NOBODY], left)


if __name__ == "__main__":
    craft.main(Flow)
