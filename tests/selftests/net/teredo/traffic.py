#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Traffic that never minds what becomes of it.

usage: traffic.py outer ADDR PORT     UDP over IPv4: bubbles, data, rubbish
       traffic.py inner ADDR6...      UDP over IPv6, to each in turn

Says "begun", and runs until SIGTERM. Whatever a send fails with is only
counted: devices, routes and addresses come and go meanwhile. The last line
says how many packets went out, and how many did not.
"""
import os
import random
import signal
import socket
import struct
import sys
import time

SERVER = socket.inet_aton("192.0.2.1")


def teredo(ip, port):
    return (struct.pack("!HH", 0x2001, 0) + SERVER +
            struct.pack("!HH", random.getrandbits(16) & 0x3cff,
                        port ^ 0xffff) +
            bytes(b ^ 0xff for b in socket.inet_aton(ip)))


def outer_payloads(addr, port):
    """From strangers, to whoever has this mapping: flags differ, so few hit."""
    for _ in range(64):
        src = teredo("198.51.100.%d" % random.randint(1, 254),
                     random.randint(1024, 65535))
        dst = teredo(addr, port)
        head = struct.pack("!IHBB", 6 << 28, 0, 59, 0) + src + dst
        data = struct.pack("!IHBB", 6 << 28, 64, 17, 64) + src + dst
        origin = struct.pack("!HH", 0, port ^ 0xffff) + os.urandom(4)
        yield random.choice([head, origin + head, data + bytes(64),
                             os.urandom(80), b"\0\1\0\0" + os.urandom(60),
                             head[:30]])


def main():
    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
    if sys.argv[1] == "outer":
        addr, port = sys.argv[2], int(sys.argv[3])
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        work = [(p, (addr, port)) for p in outer_payloads(addr, port)]
    else:
        sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        work = [(bytes(n), (a, 9)) for a in sys.argv[2:]
                for n in (32, 1200, 3000)]
    sent = failed = 0
    print("begun")
    while not stop:
        start = time.monotonic()
        for payload, to in work:
            try:
                sock.sendto(payload, to)
                sent += 1
            except OSError:
                failed += 1
        # The better part of an emulated processor is for others.
        time.sleep(0.01 + 3 * (time.monotonic() - start))
    print("sent", sent, "failed", failed)


main()
