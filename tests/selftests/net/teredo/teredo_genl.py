# SPDX-License-Identifier: GPL-2.0
"""What Teredo devices say of themselves, and what they are told, by netlink."""
import ctypes
import os
import socket
import struct

CLONE_NEWNET = 0x40000000
NETLINK_GENERIC, GENL_ID_CTRL = 16, 16
NLM_F_REQUEST, NLM_F_ACK, NLMSG_ERROR = 1, 4, 2
CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 3, 1, 2

# include/uapi/linux/teredo.h
CMD_DEV_GET, CMD_PORTMAP_SET = 1, 7
A_IFNAME, A_STATE, A_ADDRESS = 2, 4, 13
A_PORTMAP_ADDR, A_PORTMAP_PORT = 24, 25
STATE_QUALIFIED, STATE_OFFLINE = 4, 5

_libc = ctypes.CDLL(None, use_errno=True)


def socket_in(namespace, *args):
    """It belongs to the namespace for ever; this process stays there."""
    fd = os.open("/run/netns/" + namespace, os.O_RDONLY)
    if _libc.setns(fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns " + namespace)
    os.close(fd)
    return socket.socket(*args)


def attribute(kind, data):
    return (struct.pack("=HH", 4 + len(data), kind) + data +
            bytes(-len(data) % 4))


def attributes(data):
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        yield kind, data[4:length]
        data = data[(length + 3) & ~3:]


def ask(s, family, command, *attrs):
    """The attributes of the answer, which may be none."""
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
            answer = data[20:length]
            data = data[(length + 3) & ~3:]


class Teredo:
    """The family "teredo" in a namespace."""

    def __init__(self, namespace):
        self.socket = socket_in(namespace, socket.AF_NETLINK, socket.SOCK_RAW,
                                NETLINK_GENERIC)
        family = dict(attributes(ask(
            self.socket, GENL_ID_CTRL, CTRL_CMD_GETFAMILY,
            attribute(CTRL_ATTR_FAMILY_NAME, b"teredo\0"))))
        self.family = struct.unpack("=H", family[CTRL_ATTR_FAMILY_ID])[0]

    def _ask(self, command, device, *attrs):
        return dict(attributes(ask(
            self.socket, self.family, command,
            attribute(A_IFNAME, device.encode() + b"\0"), *attrs)))

    def get(self, device):
        return self._ask(CMD_DEV_GET, device)

    def portmap(self, device, address, port):
        """What a daemon does that had a gateway map a port."""
        self._ask(CMD_PORTMAP_SET, device,
                  attribute(A_PORTMAP_ADDR, socket.inet_aton(address)),
                  attribute(A_PORTMAP_PORT, struct.pack(">H", port)))
