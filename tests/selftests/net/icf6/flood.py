#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""UDP packets to port 7000, without an end; and who counts what arrives.

	flood.py teredo FROM TO FILE
		FROM and TO are ADDRESS:PORT over IPv4. Inside is a packet to
		the IPv6 address in FILE, which is looked at again and again,
		from the Teredo address that FROM has without a NAT, so that
		no path has to be opened first (RFC 4380 section 5.2.3).
	flood.py link DEV FILE
		out of DEV whenever it is there, to craft.HOST behind the
		network card 02:00:00:00:00:01
	flood.py listen
		to that port, and never answers; says "ready"

A flood ends when FILE does.
"""

import ipaddress
import os
import socket
import struct
import sys
import time

import craft

PORT = 7000
BURST = 8


def burst(send):
    begun = time.monotonic()
    for _ in range(BURST):
        try:
            send()
        except OSError:
            pass	# of the packet before, or the device is down
    # The packets are also received in this time. Most of a processor is left
    # to those who work against them, however slow it is.
    time.sleep(max(0.005, 3 * (time.monotonic() - begun)))


def over_teredo(own, to, path):
    def endpoint(text):
        address, port = text.split(":")
        return address, int(port)

    own, to = endpoint(own), endpoint(to)
    raw = craft.addr("2001:0:c000:201::")[:10] + \
        (own[1] ^ 0xffff).to_bytes(2, "big") + \
        bytes(b ^ 0xff for b in socket.inet_aton(own[0]))
    src, dst, data = str(ipaddress.IPv6Address(raw)), None, b""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(own)
    while True:
        try:
            with open(path, encoding="ascii") as f:
                now = f.read().strip()
        except FileNotFoundError:
            return
        if now != dst:
            dst, data = now, craft.udp(PORT, PORT, src=src, dst=now)
        burst(lambda: sock.sendto(data, to))


def over_link(dev, path):
    frame = bytes.fromhex("020000000001") + craft.MAC + \
        struct.pack("!H", craft.ETH_P_IPV6) + craft.udp(PORT, PORT)
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    # By name, each time: the device may be another one by now.
    while os.path.exists(path):
        burst(lambda: sock.sendto(frame, (dev, craft.ETH_P_IPV6)))


def listen():
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    sock.bind(("::", PORT))
    print("ready", flush=True)
    while True:
        sock.recv(100)


if __name__ == "__main__":
    {"teredo": over_teredo, "link": over_link,
     "listen": listen}[sys.argv[1]](*sys.argv[2:])
