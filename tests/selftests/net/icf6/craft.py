# SPDX-License-Identifier: GPL-2.0
"""Packets made by hand, and exactly what a filtered host does with each.

The peer has no IPv6 of its own: frames leave by a packet socket, from a host
that exists in these files alone, and what comes back is seen by the same
socket and by nobody else. So no second stack answers, and no counter moves but
by what a test sent.

Nothing here waits for silence. The sender stays on one processor, where a veth
pair keeps the order, so an advertisement that answers a last solicitation says
that all before it was judged and answered (Wire.answers).
"""

import collections
import ctypes
import os
import socket
import struct
import sys
import time
import traceback

sys.dont_write_bytecode = True

# pylint: disable=wrong-import-position
import icf6  # noqa: E402

CLONE_NEWNET = 0x40000000
SO_RCVBUFFORCE = 33
ETH_P_ALL, ETH_P_IPV6 = 3, 0x86dd
HOPOPTS, TCP, UDP, ROUTING, FRAGMENT = 0, 6, 17, 43, 44
ESP, AH, ICMP6, NONE, DSTOPTS, MH = 50, 51, 58, 59, 60, 135
FIN, SYN, RST, ACK = 1, 2, 4, 16

HOST, HOST_LL = "2a00:6::1", "fe80::1"
PEER, PEER_LL = "2a00:6::66", "fe80::66"
FAR = "2a00:66::66"		# behind the peer
BARRIER = "fe80::67"
MAC = bytes.fromhex("020000000066")

ECHO_REQUEST, ECHO_REPLY = 128, 129
RS, RA, NS, NA, REDIRECT = 133, 134, 135, 136, 137
CONTROL = (RS, RA, NS, NA, 143)


def addr(text):
    return socket.inet_pton(socket.AF_INET6, text)


def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def summed(proto, data, at, src, dst):
    """@data with its checksum at offset @at."""
    pseudo = addr(src) + addr(dst) + struct.pack("!II", len(data), proto)
    value = checksum(pseudo + data) or 0xffff
    return data[:at] + struct.pack("!H", value) + data[at + 2:]


def ip6(proto, payload, src=PEER, dst=HOST, hop=64):
    return struct.pack("!IHBB", 6 << 28, len(payload), proto, hop) + \
        addr(src) + addr(dst) + payload


def icmp(kind, code=0, body=bytes(4), src=PEER, dst=HOST, hop=64):
    return ip6(ICMP6, summed(ICMP6, struct.pack("!BBH", kind, code, 0) + body,
                             2, src, dst), src, dst, hop)


def udp_header(sport, dport, data=b"?", src=PEER, dst=HOST):
    return summed(UDP, struct.pack("!HHHH", sport, dport, 8 + len(data), 0) +
                  data, 6, src, dst)


def udp(sport, dport, data=b"?", src=PEER, dst=HOST, hop=64):
    return ip6(UDP, udp_header(sport, dport, data, src, dst), src, dst, hop)


def tcp_header(sport, dport, flags=SYN, seq=1, ack=0, data=b"", src=PEER,
               dst=HOST):
    return summed(TCP, struct.pack("!HHIIBBHHH", sport, dport, seq, ack,
                                   5 << 4, flags, 65535, 0, 0) + data, 16,
                  src, dst)


def tcp(sport, dport, flags=SYN, seq=1, ack=0, data=b"", src=PEER, dst=HOST):
    return ip6(TCP, tcp_header(sport, dport, flags, seq, ack, data, src, dst),
               src, dst)


def error(kind, code, quoted, value=0, src=PEER, dst=HOST):
    """An ICMPv6 error about the packet @quoted."""
    return icmp(kind, code, struct.pack("!I", value) + quoted[:1200], src, dst)


def fragment(proto, data, offset=0, more=False, ident=1, src=PEER, dst=HOST):
    return ip6(FRAGMENT, struct.pack("!BBHI", proto, 0, offset | more, ident) +
               data, src, dst)


def fragments(proto, data, size, ident, src=PEER, dst=HOST):
    return [fragment(proto, data[i:i + size], i, i + size < len(data), ident,
                     src, dst) for i in range(0, len(data), size)]


def ext(proto, option=b"\1\4\0\0\0\0"):
    """A hop-by-hop or destination options header; or, of six bytes, any."""
    return bytes([proto, 0]) + option


def echo(kind=ECHO_REQUEST, ident=0x1234, src=PEER, dst=HOST):
    return icmp(kind, 0, struct.pack("!HH", ident, 1) + b"echo", src, dst)


def nd(kind, target=HOST, code=0, src=PEER_LL, dst=HOST_LL, hop=255):
    """Of the right length for each type, with no option."""
    body = bytes(4)
    if kind == RA:
        body = bytes(12)
    elif kind in (NS, NA):
        body += addr(target)
    elif kind == REDIRECT:
        body += addr(FAR) + addr(FAR)
    return icmp(kind, code, body, src, dst, hop)


def mld(kind, src=PEER_LL, dst=HOST_LL, hop=1):
    body = bytes(4) + (bytes(16) if kind != 143 else b"")
    if kind == 130:
        body = struct.pack("!HH", 1000, 0) + bytes(16)
    return icmp(kind, 0, body, src, dst, hop)


class Netns:
    """with Netns(path): what is opened inside belongs to that namespace."""

    libc = ctypes.CDLL(None, use_errno=True)

    def __init__(self, path):
        self.fd = os.open(path, os.O_RDONLY)
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY)

    def _set(self, fd):
        if self.libc.setns(fd, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")

    def __enter__(self):
        self._set(self.fd)

    def __exit__(self, *_):
        self._set(self.home)


class Answer:
    def __init__(self, frame):
        self.proto = frame[20]
        self.src = socket.inet_ntop(socket.AF_INET6, frame[22:38])
        self.dst = socket.inet_ntop(socket.AF_INET6, frame[38:54])
        self.data = frame[54:]

    @property
    def type(self):
        return self.data[0]

    @property
    def code(self):
        return self.data[1]

    @property
    def ports(self):
        return struct.unpack_from("!HH", self.data)

    @property
    def flags(self):
        return self.data[13]

    @property
    def seq(self):
        return struct.unpack_from("!I", self.data, 4)[0]

    def __repr__(self):
        if self.proto == ICMP6:
            return f"icmp {self.type}/{self.code}"
        if self.proto == TCP:
            kind = "rst" if self.flags & RST else \
                "syn-ack" if self.flags & (SYN | ACK) == SYN | ACK else "tcp"
            return kind
        return "udp" if self.proto == UDP else f"proto {self.proto}"


class Wire:
    def __init__(self, host, peer, ifname="eth0"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        self.host = Netns(host)
        with Netns(peer):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                      socket.htons(ETH_P_ALL))
            self.sock.bind((ifname, ETH_P_ALL))
        # All that comes of a burst has to fit in.
        self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
        self.sock.settimeout(20)
        self.quiet = False	# nothing was sent since counters were read
        with self.host:
            with open("/proc/self/net/if_inet6", encoding="ascii") as f:
                assert any(line.endswith(f" {ifname}\n") for line in f)
            self.mac = self.hardware(ifname)
            self.index = socket.if_nametoindex(ifname)

    @staticmethod
    def hardware(ifname):
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
            s.bind((ifname, ETH_P_IPV6))
            return s.getsockname()[4]

    def frame(self, packet, mac=MAC):
        dst = self.mac
        if packet[24] == 0xff:
            dst = b"\x33\x33" + packet[36:40]
        return dst + mac + struct.pack("!H", ETH_P_IPV6) + packet

    def send(self, *packets, mac=MAC):
        self.quiet = False
        for packet in packets:
            self.sock.send(self.frame(packet, mac))

    def _read(self):
        while True:
            frame, where = self.sock.recvfrom(65536)
            if where[2] != socket.PACKET_OUTGOING and \
                    frame[12:14] == b"\x86\xdd":
                return Answer(frame)

    def answers(self, everything=False):
        """What the host sent until it was done with all that it was sent;
        without what it says by itself as a neighbour."""
        body = bytes(4) + addr(HOST) + b"\1\1" + MAC
        self.send(icmp(NS, 0, body, BARRIER, HOST, 255))
        found = []
        while True:
            a = self._read()
            if a.proto == ICMP6 and a.type == NA and a.dst == BARRIER:
                return found
            if a.proto == HOPOPTS:
                continue
            if everything or a.proto != ICMP6 or a.type not in CONTROL:
                found.append(a)

    def await_answer(self, test):
        """The next packet that the host sends and that passes @test."""
        while True:
            a = self._read()
            if test(a):
                return a

    def socket(self, kind=socket.SOCK_DGRAM, proto=0):
        self.quiet = False
        with self.host:
            return socket.socket(socket.AF_INET6, kind, proto)

    def sysctl(self, name, value):
        path = "/proc/sys/" + name.replace(".", "/")
        with self.host, open(path, "w", encoding="ascii") as f:
            f.write(str(value))


class Firewall:
    """The host's; counters are {"in port": 1, ...}."""

    def __init__(self, wire):
        self.wire = wire
        with wire.host:
            self.nl = icf6.Icf6()

    def conf(self, **values):
        words = [f"{k.replace('_', '-')}={v}" for k, v in values.items()]
        self.nl.do("conf-set", conf=icf6.conf_values(words))

    def dev(self, ifname, **values):
        words = [f"{k.replace('_', '-')}={v}" for k, v in values.items()]
        self.nl.do("dev-set", dev=icf6.dev_values(ifname, words))

    def open(self, proto, port, *rest):
        port, top = icf6.port_values([proto, str(port), *rest])
        self.nl.do("port-add", port=port, **top)

    def close(self, proto, port, *rest):
        port, top = icf6.port_values([proto, str(port), *rest])
        self.nl.do("port-del", port=port, **top)

    def reset(self):
        self.nl.do("reset")

    def flush(self):
        self.nl.do("flush")

    def counters(self):
        stats = self.nl.do("stats-get")
        return collections.Counter({f"{c['dir']} {c['name']}": c["value"]
                                    for c in stats.get("counter", [])})


class Failed(Exception):
    pass


def same(what, wanted, got):
    if wanted != got:
        raise Failed(f"{what}: {got}, not {wanted}")


class Judge:
    """Sends, and says whether exactly the counters moved that should."""

    def __init__(self, host, peer):
        self.wire = Wire(host, peer)
        self.fw = Firewall(self.wire)
        self.last = None

    def expect(self, what, packets, counts, answers=()):
        """@counts of what came in or was dropped; what goes out without being
        dropped is told by @answers instead, None for whatever it is."""
        before = self.last if self.wire.quiet else None
        before = before or self.fw.counters()
        self.wire.send(*([packets] if isinstance(packets, bytes)
                         else packets))
        self.settled(what, before, counts, answers)

    def settled(self, what, before, counts, answers=()):
        got = [repr(a) for a in self.wire.answers()]
        moved = {}
        self.last = self.fw.counters()
        self.wire.quiet = True
        for name, value in self.last.items():
            n = value - before[name] - (name == "in control")
            if n and name != "out outbound":
                moved[name] = n
        same(what, counts, moved)
        if answers is not None:
            same(f"{what}: answers", list(answers), got)


class Tap:
    """Cases are methods named by what they prove, in the order that they are
    written in; their first line of documentation is the name that is shown."""

    def __init__(self, judge):
        self.judge = judge
        self.wire = judge.wire
        self.fw = judge.fw

    def run(self):
        cases = [v for k, v in type(self).__dict__.items()
                 if k.startswith("case_")]
        print(f"TAP version 13\n1..{len(cases)}", flush=True)
        failed = 0
        for i, case in enumerate(cases, 1):
            name = case.__doc__.splitlines()[0].rstrip(".")
            try:
                self.fw.reset()
                self.fw.flush()
                self.wire.answers()
                case(self)
                print(f"ok {i} - {name}", flush=True)
            except Exception as e:  # pylint: disable=broad-except
                failed = 1
                print(f"not ok {i} - {name}")
                text = str(e) if isinstance(e, Failed) else \
                    traceback.format_exc()
                for line in text.splitlines():
                    print(f"# {line}", flush=True)
        return failed

    def expect(self, *args, **kwargs):
        self.judge.expect(*args, **kwargs)

    def until(self, seconds, what, test):
        end = time.monotonic() + seconds
        while not test():
            if time.monotonic() > end:
                raise Failed(f"waited in vain for {what}")
            time.sleep(0.02)


def main(tests):
    sys.exit(tests(Judge(*sys.argv[1:3])).run())
