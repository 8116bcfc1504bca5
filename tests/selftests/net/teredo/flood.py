#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What strangers send, from many addresses that need not be their own.

usage: flood.py KIND N ARGUMENT...

  direct N TEREDO	N bubbles to the mapping of a client, each from another
			IPv4 address, as the Teredo address in it says
  indirect N TEREDO	the same by way of the client's server
  extended N TEREDO	the same, each with a nonce and a random port
  ports N TEREDO OWN	the same from N ports of the address OWN
  native N TEREDO OWN	N packets of as many native hosts to the mapping of a
			client, all brought by OWN
  solicit N SERVER NET	N router solicitations to a server, from the hosts
			and ports of the /24 NET (its first three octets)
  data N SIZE SERVER	N UDP packets of SIZE bytes (IPv6 header included)
			to as many clients of a server that is not there

The packets are built first, so that they leave close together.
"""
import ipaddress
import os
import socket
import sys

import wire

SO_SNDBUFFORCE = 32    # not in the module socket

def parts(text):
    """The server and the mapping in a Teredo address."""
    addr = wire.ip6(text)
    port = int.from_bytes(wire.invert(addr[10:12]), "big")
    return (str(ipaddress.IPv4Address(addr[4:8])),
            f"{ipaddress.IPv4Address(wire.invert(addr[12:16]))}:{port}")


def stranger(i):
    return f"100.{64 + i // 250 % 64}.{i % 250}.{i % 200 + 1}:{20000 + i}"


def bubbles(n, target, to, own=None, trailers=b""):
    for i in range(n):
        src = f"{own}:{20000 + i}" if own else stranger(i)
        yield wire.udp4(src, to, wire.bubble(wire.teredo(src),
                                             wire.ip6(target)) + trailers)


def build(kind, n, args):
    if kind == "solicit":
        for i in range(n):
            yield wire.udp4(f"{args[1]}.{i % 250 + 1}:{20000 + i}",
                            f"{args[0]}:{wire.TEREDO_PORT}",
                            wire.auth(os.urandom(8)) + wire.rs_packet())
        return
    server, mapped = parts(args[0])
    if kind == "native":
        for i in range(n):
            src = wire.ip6(f"2001:db8:ffff::{i + 1:x}")
            yield wire.udp4(f"{args[1]}:3545", mapped,
                            wire.udp6(src, wire.ip6(args[0]), 9, 9))
    elif kind == "direct":
        yield from bubbles(n, args[0], mapped)
    elif kind == "indirect":
        yield from bubbles(n, args[0], f"{server}:{wire.TEREDO_PORT}")
    elif kind == "extended":
        yield from bubbles(n, args[0], f"{server}:{wire.TEREDO_PORT}",
                           trailers=bytes.fromhex("010412345678 05023039"))
    elif kind == "ports":
        yield from bubbles(n, args[0], mapped, args[1])


def data(n, size, server):
    peers = [wire.text6(wire.teredo(stranger(i), server)) for i in range(n)]
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    # What waits in the device counts as sent only later.
    sock.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 1 << 24)
    for peer in peers:
        sock.sendto(bytes(size - 48), (peer, 9))


def main():
    kind, n, args = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    if kind == "data":
        data(n, int(args[0]), args[1])
        return
    packets = list(build(kind, n, args))
    sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    for packet in packets:
        sock.sendto(packet, (str(ipaddress.IPv4Address(packet[16:20])), 0))


main()
