#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The other end of a Teredo device's wire, for tests of single packets.

A Wire injects IPv4 frames with any source address into a namespace and sees
all that comes out of it. Packets are built here from RFC 4380 and RFC 4861
alone, so the tests do not take the driver's word for a format.

Nothing here waits for a fixed time. A frame that is put on a veth pair is
received in the soft interrupt of the sender's CPU; the process stays on one
CPU, so the reply to an ICMP echo request sent after it says that the frame
was dealt with, and what was captured before that reply is all that came of it.
"""
import contextlib
import ctypes
import fcntl
import hashlib
import hmac
import ipaddress
import os
import select
import socket
import struct
import subprocess
import time

TEREDO_PORT = 3544
CLONE_NEWNET = 0x40000000
ETH_P_IP = 0x0800
ETH_P_IPV6 = 0x86dd
PACKET_OUTGOING = 4

NH_HOP, NH_UDP, NH_ROUTING, NH_ICMP6, NH_NONE, NH_DEST = 0, 17, 43, 58, 59, 60

_libc = ctypes.CDLL(None, use_errno=True)
_home = os.open("/proc/self/ns/net", os.O_RDONLY)


@contextlib.contextmanager
def netns(name):
    """Sockets made inside belong to the namespace for ever."""
    fd = os.open(f"/run/netns/{name}", os.O_RDONLY)
    try:
        if _libc.setns(fd, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {name}")
        yield
    finally:
        _libc.setns(_home, CLONE_NEWNET)
        os.close(fd)


def stay_on_one_cpu():
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def run(ns, *cmd):
    subprocess.run(["ip", "netns", "exec", ns, *cmd], check=True)


# Addresses

def ip4(text):
    return ipaddress.IPv4Address(text).packed


def ip6(text):
    return ipaddress.IPv6Address(text).packed


def invert(data):
    return bytes(b ^ 0xff for b in data)


def endpoint(text):
    """ADDR:PORT"""
    addr, port = text.rsplit(":", 1)
    return addr, int(port)


def identifier(mapped, flags=0):
    addr, port = endpoint(mapped)
    return (struct.pack("!H", flags) + invert(struct.pack("!H", port)) +
            invert(ip4(addr)))


def teredo(mapped, server="192.0.2.1", flags=0, prefix="2001::"):
    """RFC 4380 section 4"""
    return ip6(prefix)[:4] + ip4(server) + identifier(mapped, flags)


def lladdr(mapped="0.0.0.0:0", flags=0):
    return ip6("fe80::")[:8] + identifier(mapped, flags)


def text6(addr):
    return str(ipaddress.IPv6Address(addr))


# Packets

def checksum(data):
    if len(data) & 1:
        data += b"\0"
    s = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff


def ipv6(src, dst, nexthdr, payload=b"", hops=64, tclass=0, length=None,
         version=6):
    if length is None:
        length = len(payload)
    return struct.pack("!IHBB", version << 28 | tclass << 20, length, nexthdr,
                       hops) + src + dst + payload


def bubble(src, dst, hops=0):
    return ipv6(src, dst, NH_NONE, hops=hops)


def icmp6(src, dst, kind, body, code=0, hops=64, bad_sum=False):
    pseudo = src + dst + struct.pack("!II", len(body) + 4, NH_ICMP6)
    head = struct.pack("!BBH", kind, code, 0)
    s = checksum(pseudo + head + body)
    if bad_sum:
        s ^= 0x0101
    return ipv6(src, dst, NH_ICMP6,
                struct.pack("!BBH", kind, code, s) + body, hops=hops)


def echo(src, dst, data=b"12345678", kind=128):
    return icmp6(src, dst, kind, struct.pack("!HH", 0, 0) + data)


def udp6(src, dst, sport, dport, data=b"data", tclass=0):
    length = 8 + len(data)
    pseudo = src + dst + struct.pack("!II", length, NH_UDP)
    head = struct.pack("!HHH", sport, dport, length)
    s = checksum(pseudo + head + b"\0\0" + data) or 0xffff
    return ipv6(src, dst, NH_UDP, head + struct.pack("!H", s) + data,
                tclass=tclass)


def auth(nonce, ident=b"", value=b"", confirmation=0, idlen=None, aulen=None):
    """RFC 4380 section 5.1.1"""
    return (struct.pack("!BBBB", 0, 1, len(ident) if idlen is None else idlen,
                        len(value) if aulen is None else aulen) +
            ident + value + nonce + bytes([confirmation]))


def origin(mapped):
    addr, port = endpoint(mapped)
    return b"\0\0" + invert(struct.pack("!H", port)) + invert(ip4(addr))


def secured(nonce, rest, ident, secret, confirmation=0):
    """RFC 4380 section 5.2.2"""
    value = hmac.new(secret, nonce + bytes([confirmation]) + rest,
                     hashlib.sha1).digest()
    return auth(nonce, ident, value, confirmation) + rest


ALL_ROUTERS = ip6("ff02::2")
ALL_NODES = ip6("ff02::1")


def rs_packet(cone=False, src=None, dst=ALL_ROUTERS, hops=255, code=0,
              options=b"", **more):
    if src is None:
        src = lladdr(flags=0x8000 if cone else 0)
    return icmp6(src, dst, 133, bytes(4) + options, code=code, hops=hops,
                 **more)


def prefix_option(server="192.0.2.1", prefix="2001::", length=64, units=4):
    return (struct.pack("!BBBBIII", 3, units, length, 0x40, 0xffffffff,
                        0xffffffff, 0) + ip6(prefix)[:4] + ip4(server) +
            bytes(8))


def mtu_option(mtu=1280, units=1):
    return struct.pack("!BBHI", 5, units, 0, mtu)


def ra_packet(dst, src=None, options=None, hops=255, code=0, **more):
    if src is None:
        src = lladdr(f"192.0.2.1:{TEREDO_PORT}", 0x8000)
    if options is None:
        options = prefix_option() + mtu_option()
    return icmp6(src, dst, 134, struct.pack("!BBHII", 0, 0, 0, 0, 2000) +
                 options, code=code, hops=hops, **more)


def ipv4(src, dst, proto, payload, tos=0, ttl=64, ident=0, frag=0):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, tos, 20 + len(payload), ident,
                       frag, ttl, proto, 0, ip4(src), ip4(dst))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def udp4(src, dst, payload, tos=0):
    """@src, @dst: ADDR:PORT"""
    (saddr, sport), (daddr, dport) = endpoint(src), endpoint(dst)
    length = 8 + len(payload)
    head = struct.pack("!HHH", sport, dport, length)
    pseudo = ip4(saddr) + ip4(daddr) + struct.pack("!HH", 17, length)
    s = checksum(pseudo + head + b"\0\0" + payload) or 0xffff
    return ipv4(saddr, daddr, 17, head + struct.pack("!H", s) + payload, tos)


class Datagram:
    """A UDP packet that came out of a namespace."""

    def __init__(self, packet):
        ihl = (packet[0] & 15) * 4
        sport, dport, length = struct.unpack("!HHH", packet[ihl:ihl + 6])
        self.tos, self.ttl = packet[1], packet[8]
        self.src = f"{ipaddress.IPv4Address(packet[12:16])}:{sport}"
        self.dst = f"{ipaddress.IPv4Address(packet[16:20])}:{dport}"
        self.payload = packet[ihl + 8:ihl + length]

    def __repr__(self):
        return f"{self.src} > {self.dst} {self.payload.hex()}"


class Wire:
    """The far end of a namespace's only link, in the namespace @wire_ns."""

    def __init__(self, wire_ns, dev, mac, own, node):
        """@own, @node: IPv4 addresses of the two ends."""
        with netns(wire_ns):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                      socket.htons(ETH_P_IP))
            self.sock.bind((dev, ETH_P_IP))
        self.mac = bytes.fromhex(mac.replace(":", ""))
        self.own, self.node = own, node
        self.mark = 0
        self.kept = []

    def inject(self, packet):
        mac = self.mac
        if packet[16] >> 4 == 14:
            mac = b"\x01\x00\x5e" + bytes([packet[17] & 0x7f]) + packet[18:20]
        self.sock.send(mac + bytes.fromhex("020000000001") +
                       struct.pack("!H", ETH_P_IP) + packet)

    def _next(self, timeout):
        """The next IPv4 packet out of the namespace, or None."""
        end = time.monotonic() + timeout
        while True:
            left = end - time.monotonic()
            if left < 0 or not select.select([self.sock], [], [], left)[0]:
                return None
            frame, addr = self.sock.recvfrom(65536)
            if addr[2] != PACKET_OUTGOING:
                return frame[14:]

    def barrier(self, timeout=10):
        """All that was injected is dealt with; keeps what came out for it."""
        self.mark = (self.mark + 1) & 0xffff
        body = struct.pack("!HH", os.getpid() & 0xffff, self.mark)
        head = struct.pack("!BBH", 8, 0, 0)
        head = struct.pack("!BBH", 8, 0, checksum(head + body))
        self.inject(ipv4(self.own, self.node, 1, head + body))
        while True:
            packet = self._next(timeout)
            if packet is None:
                raise TimeoutError("no reply to the barrier's echo request")
            if packet[9] == 1 and packet[20] == 0 and packet[24:28] == body:
                return
            if packet[9] == 17:
                self.kept.append(Datagram(packet))

    def take(self):
        """What came out since the last call, up to now."""
        self.barrier()
        kept, self.kept = self.kept, []
        return kept

    def wait(self, wanted, timeout=10):
        """The next datagram that @wanted(datagram) holds of."""
        end = time.monotonic() + timeout
        while True:
            for i, d in enumerate(self.kept):
                if wanted(d):
                    del self.kept[:i + 1]
                    return d
            self.kept = []
            packet = self._next(max(0, end - time.monotonic()))
            if packet is None:
                raise TimeoutError("the expected packet did not come")
            if packet[9] == 17:
                self.kept.append(Datagram(packet))


# Generic netlink: counters by name, state, peers

def _attrs(data):
    off = 0
    while off + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, off)
        if length < 4:
            return
        yield kind & 0x3fff, data[off + 4:off + length]
        off += (length + 3) & ~3


def _attr(kind, data):
    return (struct.pack("=HH", 4 + len(data), kind) + data +
            bytes(-len(data) % 4))


class Teredo:
    """A device as the family "teredo" shows it."""

    STATES = ("dormant", "cone", "primary", "secondary", "qualified",
              "offline")

    def __init__(self, ns, dev):
        self.ns, self.dev, self.seq = ns, dev, 0
        with netns(ns):
            self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
            self.sock.bind((0, 0))
            self.ctl = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.snmp6 = open("/proc/self/net/snmp6", encoding="ascii")
            self.netdev = open("/proc/self/net/dev", encoding="ascii")
        reply = dict(self._ask(16, 3, _attr(2, b"teredo\0")))
        self.family = struct.unpack("=H", reply[1])[0]

    def _ask(self, family, cmd, attrs, ack=False):
        self.seq += 1
        body = struct.pack("=BBH", cmd, 1, 0) + attrs
        self.sock.send(struct.pack("=IHHII", 16 + len(body), family,
                                   5 if ack else 1, self.seq, 0) + body)
        data = self.sock.recv(65536)
        length, kind = struct.unpack_from("=IH", data)
        if kind == 2:
            err = -struct.unpack_from("=i", data, 16)[0]
            if err:
                raise OSError(err, f"{self.dev}: {os.strerror(err)}")
            return ()
        return _attrs(data[20:length])

    def get(self):
        """state, error, mapped, address, peers, counters {name: value}"""
        out = {"mapped": None, "address": None, "error": 0, "counters": {}}
        addr = port = None
        for kind, data in self._ask(self.family, 1,
                                    _attr(2, self.dev.encode() + b"\0")):
            if kind == 4:
                out["state"] = self.STATES[data[0]]
            elif kind == 5:
                out["nat"] = data[0]
            elif kind == 10:
                out["port"] = struct.unpack("!H", data)[0]
            elif kind == 11:
                addr = ipaddress.IPv4Address(data)
            elif kind == 12:
                port = struct.unpack("!H", data)[0]
            elif kind == 13:
                out["address"] = data
            elif kind == 14:
                out["error"] = struct.unpack("=I", data)[0]
            elif kind == 17:
                out["peers"] = struct.unpack("=I", data)[0]
            elif kind in (19, 20):
                nest = dict(_attrs(data))
                name = nest[2].rstrip(b"\0").decode()
                if kind == 20:
                    name = "drop:" + name
                out["counters"][name] = struct.unpack("=Q", nest[3])[0]
        if addr:
            out["mapped"] = f"{addr}:{port}"
        return out

    def counters(self):
        """The named ones, and what IPv6 and the device saw."""
        out = {k: v for k, v in self.get()["counters"].items() if v}
        self.snmp6.seek(0)
        for line in self.snmp6:
            if line.startswith("Ip6InReceives"):
                out["Ip6InReceives"] = int(line.split()[1])
                break
        self.netdev.seek(0)
        for line in self.netdev:
            name, _, rest = line.partition(":")
            if name.strip() == self.dev:
                fields = rest.split()
                out["rx_packets"] = int(fields[1])
                out["tx_packets"] = int(fields[9])
        return out

    def up(self, on):
        """SIOCGIFFLAGS, SIOCSIFFLAGS"""
        req = struct.pack("16sh14x", self.dev.encode(), 0)
        flags = struct.unpack("16sh14x",
                              fcntl.ioctl(self.ctl, 0x8913, req))[1]
        flags = flags | 1 if on else flags & ~1
        fcntl.ioctl(self.ctl, 0x8914,
                    struct.pack("16sh14x", self.dev.encode(), flags))

    def flush(self):
        """Forgets all peers, so that nothing is repeated for them."""
        self._ask(self.family, 3, _attr(2, self.dev.encode() + b"\0"), True)

    def set(self, *words):
        run(self.ns, "ip", "link", "set", self.dev, "type", "teredo", *words)

    def tx(self, packet, proto=ETH_P_IPV6):
        """Sends through the device, past routes and address selection."""
        with netns(self.ns):
            sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
        with sock:
            sock.sendto(packet, (self.dev, proto))


def until(what, condition, timeout=10):
    """Polls @condition, with a bound."""
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"gave up waiting for {what}")
        time.sleep(0.02)


class Tap:
    def __init__(self):
        self.n = self.failed = 0
        print("TAP version 13", flush=True)

    def result(self, name, ok, *why):
        self.n += 1
        print(f"{'ok' if ok else 'not ok'} {self.n} - {name}", flush=True)
        if not ok:
            self.failed += 1
            for line in why:
                print(f"# {line}", flush=True)

    def finish(self):
        print(f"1..{self.n}", flush=True)
        return 1 if self.failed else 0
