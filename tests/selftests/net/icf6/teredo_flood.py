#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Packets to a Teredo node, without an end.

	teredo_flood.py send FROM TO FILE
		FROM and TO are ADDRESS:PORT over IPv4. Inside is UDP to port
		7000 of the IPv6 address in FILE, which is looked at again and
		again, from the Teredo address that FROM has without a NAT, so
		that no path has to be opened first (RFC 4380 section 5.2.3).
		Ends when the file does.
	teredo_flood.py listen	to port 7000, and never answers; says "ready"
"""

import ipaddress
import socket
import sys
import time

import craft

PORT = 7000


def endpoint(text):
    address, port = text.split(":")
    return address, int(port)


def teredo(address, port):
    raw = craft.addr("2001:0:c000:201::")[:10] + \
        (port ^ 0xffff).to_bytes(2, "big") + \
        bytes(b ^ 0xff for b in socket.inet_aton(address))
    return str(ipaddress.IPv6Address(raw))


def packet(src, dst):
    return craft.udp(7000, PORT, src=src, dst=dst)


def send(own, to, path):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(own)
    src, dst, data = teredo(*own), None, None
    while True:
        try:
            with open(path, encoding="ascii") as f:
                now = f.read().strip()
        except FileNotFoundError:
            return
        if now and now != dst:
            dst, data = now, packet(src, now)
        for _ in range(16 if data else 0):
            try:
                sock.sendto(data, to)
            except OSError:
                pass	# what the packet before was answered with
        time.sleep(0.002)	# for those who work against it


def listen():
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    sock.bind(("::", PORT))
    print("ready", flush=True)
    while True:
        sock.recv(100)


if __name__ == "__main__":
    if sys.argv[1] == "listen":
        listen()
    else:
        send(endpoint(sys.argv[2]), endpoint(sys.argv[3]), sys.argv[4])
