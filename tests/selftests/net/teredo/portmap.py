#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""Tells Teredo devices of port mappings, as a daemon does that asked a gateway.

  portmap.py <LINES

A line is NAMESPACE DEVICE ADDRESS PORT; port 0 takes the mapping back.
"""
import ctypes
import os
import socket
import struct
import sys

CLONE_NEWNET = 0x40000000
NETLINK_GENERIC, GENL_ID_CTRL = 16, 16
NLM_F_REQUEST, NLM_F_ACK, NLMSG_ERROR = 1, 4, 2
CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 3, 1, 2

# include/uapi/linux/teredo.h
TEREDO_CMD_PORTMAP_SET = 7
TEREDO_A_IFNAME, TEREDO_A_PORTMAP_ADDR, TEREDO_A_PORTMAP_PORT = 2, 24, 25

_libc = ctypes.CDLL(None, use_errno=True)


def attribute(kind, data):
    return (struct.pack("=HH", 4 + len(data), kind) + data +
            bytes(-len(data) % 4))


def attributes(data):
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        yield kind, data[4:length]
        data = data[(length + 3) & ~3:]


def ask(s, family, command, *attrs):
    payload = struct.pack("=BBH", command, 1, 0) + b"".join(attrs)
    s.send(struct.pack("=IHHII", 16 + len(payload), family,
                       NLM_F_REQUEST | NLM_F_ACK, 0, 0) + payload)
    answer = b""
    while True:
        data = s.recv(65536)
        while data:
            length, kind = struct.unpack_from("=IH", data)
            if kind == NLMSG_ERROR:
                error = -struct.unpack_from("=i", data, 16)[0]
                if error:
                    raise OSError(error, os.strerror(error))
                return answer
            answer = data[16:length]
            data = data[(length + 3) & ~3:]


def main():
    for line in sys.stdin:
        namespace, device, address, port = line.split()
        fd = os.open("/run/netns/" + namespace, os.O_RDONLY)
        if _libc.setns(fd, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns " + namespace)
        os.close(fd)
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                           NETLINK_GENERIC) as s:
            family = dict(attributes(ask(
                s, GENL_ID_CTRL, CTRL_CMD_GETFAMILY,
                attribute(CTRL_ATTR_FAMILY_NAME, b"teredo\0"))[4:]))
            ask(s, struct.unpack("=H", family[CTRL_ATTR_FAMILY_ID])[0],
                TEREDO_CMD_PORTMAP_SET,
                attribute(TEREDO_A_IFNAME, device.encode() + b"\0"),
                attribute(TEREDO_A_PORTMAP_ADDR, socket.inet_aton(address)),
                attribute(TEREDO_A_PORTMAP_PORT,
                          struct.pack(">H", int(port))))


main()
