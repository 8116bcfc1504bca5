#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What mtu.sh cannot ask ordinary programs for.

  mtu.py ecn SENDER ROUTER RECEIVER SRC DST
	the table of RFC 6040 sections 4.1 and 4.2, one line for each of its 16
	fields: inner, outer as it was sent, outer as it was made on the way,
	inner as it was delivered, or "drop"
  mtu.py tcp SENDER RECEIVER SRC DST BYTES
	a TCP transfer; prints how many bytes arrive unchanged
  mtu.py udpgso SENDER RECEIVER SRC DST SIZE COUNT
	COUNT datagrams of SIZE bytes with one system call; prints how many of
	that size arrive
  mtu.py checksums FILE
	prints how many UDP packets of a capture (Ethernet) have a right, a
	wrong and no checksum, outside and inside, and the longest IPv4 packet
  mtu.py offload NETNS DEV on|off
	checksums by the (virtual) hardware, as ethtool -K DEV tx on|off

Namespaces are named as by ip netns.
"""
import array
import fcntl
import os
import random
import select
import socket
import struct
import subprocess
import sys

from wire import checksum, netns

PORT = 7007
IPV6_TCLASS, IPV6_RECVTCLASS = 67, 66
UDP_SEGMENT = 103
SIOCETHTOOL, ETHTOOL_STXCSUM = 0x8946, 0x17


def pair(sender, receiver, src, dst):
    with netns(receiver):
        rx = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        rx.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVTCLASS, 1)
        rx.bind((dst, PORT))
    with netns(sender):
        tx = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        tx.bind((src, 0))
        tx.connect((dst, PORT))
    return tx, rx


def ready(sock, timeout):
    return bool(select.select([sock], [], [], timeout)[0])


def nft(ns, script):
    subprocess.run(["ip", "netns", "exec", ns, "nft", "-f", "-"], check=True,
                   input=script.encode())


ECN = ("not-ect", "ect1", "ect0", "ce")


def ecn(sender, router, receiver, src, dst):
    """The marker of the next packet says that the one before was dropped.

    Each processor has a queue of its own: sent from one, none overtakes."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    tx, rx = pair(sender, receiver, src, dst)
    with netns(router):
        tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM,
                            socket.htons(0x0800))

    def send(tclass, data):
        tx.setsockopt(socket.IPPROTO_IPV6, IPV6_TCLASS, tclass)
        tx.send(data)

    def outer_tos(data):
        while ready(tap, 5):
            packet = tap.recv(65536)
            if packet.endswith(data):
                return packet[1]
        raise TimeoutError("the packet was not seen on its way")

    for outer in range(4):
        for inner in range(4):
            data = b"field %d%d" % (inner, outer)
            nft(router, f"""table ip set_ecn
delete table ip set_ecn
table ip set_ecn {{
 chain c {{ type filter hook forward priority 0;
  @th,{8 * (8 + 40 + 8)},{8 * len(data)} 0x{data.hex()} ip ecn set {ECN[outer]}
 }}
}}
""")
            # The other bits are DSCP: none of it may get out or be changed.
            send(0x28 | inner, data)
            sent = outer_tos(data)
            send(0, b"marker %d%d" % (inner, outer))
            got = "drop"
            while ready(rx, 5):
                arrived, anc, _, _ = rx.recvmsg(100, 100)
                if arrived.startswith(b"marker"):
                    break
                tclass = array.array("i", anc[0][2])[0]
                got = ECN[tclass & 3] if tclass & ~3 == 0x28 else hex(tclass)
            else:
                got = "nothing arrives any more"
            print(ECN[inner], ECN[sent] if sent < 4 else hex(sent), ECN[outer],
                  got)
    nft(router, "delete table ip set_ecn\n")


def tcp(sender, receiver, src, dst, size):
    size = int(size)
    with netns(receiver):
        listener = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        # An earlier connection of this port may still be in TIME-WAIT.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((dst, PORT))
        listener.listen()
    with netns(sender):
        tx = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        tx.bind((src, 0))
        tx.settimeout(20)
        tx.connect((dst, PORT))
    rx = listener.accept()[0]
    data = random.Random(size).randbytes(size)
    got = bytearray()
    tx.setblocking(False)
    sent = 0
    while len(got) < size:
        readable, writable, _ = select.select([rx], [tx] if sent < size else [],
                                              [], 20)
        if not readable and not writable:
            break
        if writable:
            sent += tx.send(data[sent:sent + 65536])
        if readable:
            got += rx.recv(1 << 20)
    print(len(got) if got == data else f"wrong after {len(got)}")


def udpgso(sender, receiver, src, dst, size, count):
    tx, rx = pair(sender, receiver, src, dst)
    size, count = int(size), int(count)
    tx.setsockopt(socket.SOL_UDP, UDP_SEGMENT, size)
    data = bytes(range(256)) * (size * count // 256 + 1)
    data = data[:size * count]
    tx.send(data)
    got = b""
    n = 0
    while n < count and ready(rx, 5):
        datagram = rx.recv(65536)
        if len(datagram) == size:
            n += 1
        got += datagram
    print(n if got == data else "data came out another")


def checksums(path):
    right = wrong = none = inner_right = inner_wrong = longest = 0
    with open(path, "rb") as f:
        f.read(24)
        while head := f.read(16):
            length = struct.unpack_from("=I", head, 8)[0]
            ip = f.read(length)[14:]
            if ip[0] >> 4 != 4 or ip[9] != 17 or \
                    struct.unpack_from("!H", ip, 6)[0] & 0x3fff:
                continue
            total = struct.unpack_from("!H", ip, 2)[0]
            longest = max(longest, total)
            udp = ip[20:total]
            if udp[6:8] == b"\0\0":
                none += 1
            elif checksum(ip[12:20] + struct.pack("!HH", 17, len(udp)) + udp):
                wrong += 1
            else:
                right += 1
            inner = udp[8:]
            if len(inner) > 40 and inner[0] >> 4 == 6 and \
                    inner[6] in (6, 17, 58):
                payload = inner[40:]
                if checksum(inner[8:40] + struct.pack(
                        "!II", len(payload), inner[6]) + payload):
                    inner_wrong += 1
                else:
                    inner_right += 1
    print(f"right={right} wrong={wrong} none={none} "
          f"inner_right={inner_right} inner_wrong={inner_wrong} "
          f"longest={longest}")


def offload(ns, dev, state):
    with netns(ns):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    value = array.array("I", [ETHTOOL_STXCSUM, int(state == "on")])
    req = struct.pack("16sP16x", dev.encode(), value.buffer_info()[0])
    fcntl.ioctl(sock, SIOCETHTOOL, req)


{"ecn": ecn, "tcp": tcp, "udpgso": udpgso, "checksums": checksums,
 "offload": offload}[sys.argv[1]](*sys.argv[2:])
