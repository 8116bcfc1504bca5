#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""One packet, and what came back.

	probe.py syn DST PORT [SOURCE_PORT]	syn-ack, rst, icmp or silent
	probe.py udp DST PORT			reply, icmp or silent
	probe.py serve PORT...			TCP and UDP; says "ready", echoes

Exactly one packet is sent, so that counters can be compared exactly. An ICMPv6
error counts as one when it comes from DST.
"""

import select
import selectors
import socket
import struct
import sys
import time

WAIT = 0.7


def icmp_socket():
    return socket.socket(socket.AF_INET6, socket.SOCK_RAW,
                         socket.IPPROTO_ICMPV6)


def wait_for(sockets, judge):
    end = time.monotonic() + WAIT
    while True:
        left = end - time.monotonic()
        ready = select.select(sockets, [], [], max(left, 0))[0]
        if not ready:
            return "silent"
        for s in ready:
            data, source = s.recvfrom(65536)
            said = judge(s, data, source[0])
            if said:
                return said


def is_error(data, source, dst):
    return source == dst and data[0] < 128


def syn(dst, port, sport=40000):
    icmp = icmp_socket()
    raw = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_TCP)
    raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_CHECKSUM, 16)
    raw.sendto(struct.pack("!HHIIBBHHH", sport, port, 1, 0, 5 << 4, 2, 65535,
                           0, 0), (dst, 0))

    def judge(sock, data, source):
        if sock is icmp:
            return "icmp" if is_error(data, source, dst) else None
        if source != dst or struct.unpack_from("!HH", data) != (port, sport):
            return None
        flags = data[13]
        return "rst" if flags & 4 else "syn-ack" if flags & 18 == 18 else None

    return wait_for([icmp, raw], judge)


def udp(dst, port):
    icmp = icmp_socket()
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    sock.sendto(b"?", (dst, port))

    def judge(s, data, source):
        if s is icmp:
            return "icmp" if is_error(data, source, dst) else None
        return "reply"

    return wait_for([icmp, sock], judge)


def serve(ports):
    sel = selectors.DefaultSelector()
    for port in ports:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            s = socket.socket(socket.AF_INET6, kind)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(("::", port))
            if kind == socket.SOCK_STREAM:
                s.listen()
                sel.register(s, selectors.EVENT_READ, "listen")
            else:
                sel.register(s, selectors.EVENT_READ, "udp")
    print("ready", flush=True)
    while True:
        for key, _ in sel.select():
            s = key.fileobj
            if key.data == "listen":
                sel.register(s.accept()[0], selectors.EVENT_READ, "tcp")
            elif key.data == "udp":
                data, source = s.recvfrom(65536)
                s.sendto(data, source)
            else:
                try:
                    data = s.recv(65536)
                    s.sendall(data)
                except OSError:
                    data = b""
                if not data:
                    sel.unregister(s)
                    s.close()


def main():
    what, *rest = sys.argv[1:]
    if what == "serve":
        serve([int(p) for p in rest])
    elif what == "syn":
        print(syn(rest[0], *(int(p) for p in rest[1:])))
    else:
        print(udp(rest[0], int(rest[1])))


if __name__ == "__main__":
    main()
