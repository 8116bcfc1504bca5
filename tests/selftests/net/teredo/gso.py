#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""UDP in one packet of many segments (UDP_SEGMENT).

usage: gso.py recv ADDR6 PORT BYTES    says "ready", and how many bytes came as
				soon as they are BYTES, or none came for 5 s
       gso.py send ADDR6 PORT SIZE N   N segments of SIZE bytes by one system
				call, so that the stack makes one packet of them
"""
import os
import socket
import sys

UDP_SEGMENT = 103


def main(kind, addr, port, *args):
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    if kind == "send":
        size, count = map(int, args)
        sock.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, size)
        sock.sendto(os.urandom(size * count), (addr, int(port)))
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    sock.bind((addr, int(port)))
    sock.settimeout(5)
    print("ready", flush=True)
    got = 0
    try:
        while got < int(args[0]):
            got += len(sock.recv(65536))
    except TimeoutError:
        pass
    print(got, flush=True)


main(*sys.argv[1:])
