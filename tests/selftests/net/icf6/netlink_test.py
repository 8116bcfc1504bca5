#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Requests that are cut, too long, out of range, unknown or nonsense: each is
refused in words, and afterwards everything is as it was."""

import errno
import random
import struct

import craft
import icf6
from craft import same, udp
from icf6 import CONF, DEV, NLA_F_NESTED, PORT, TOP, Refused, encode, nla

NETLINK_CAP_ACK = 10
OPEN, CLOSED = 7001, 7002
SIZES = {"u8": 1, "u16": 2, "u32": 4, "u64": 8, "enum": 1, "flags": 8,
         "mask": 4}


def number(spec, name):
    return [entry[0] for entry in spec].index(name) + 1


def nest(name, content):
    return nla(number(TOP, name) | NLA_F_NESTED, content)


def port(**values):
    return nest("port", encode(PORT, {"proto": 17, "port": 9, **values}))


class Netlink(craft.Tap):
    def __init__(self, judge):
        super().__init__(judge)
        self.source = 20000

    def snapshot(self):
        conf = self.fw.nl.do("conf-get")
        for name in ("generation", "grace-left"):
            conf.pop(name, None)
            conf["conf"].pop(name, None)
        return (conf, [p["port"] for p in self.fw.nl.dump("port-get")],
                [d["dev"] for d in self.fw.nl.dump("dev-get")])

    def known(self):
        """A policy, and how it looks."""
        self.fw.open("udp", OPEN, "label=mine")
        self.fw.conf(echo_request="on", stealth="on")
        return self.snapshot()

    def enforced(self, wanted):
        same("policy", wanted, self.snapshot())
        self.source += 1
        self.expect("the open port", udp(self.source, OPEN),
                    {"in port-open": 1, "out stealth": 1})
        self.expect("another", udp(self.source, CLOSED), {"in port": 1})

    def request(self, cmd, payload, flags=icf6.NLM_F_ACK):
        if isinstance(cmd, str):
            cmd = icf6.COMMANDS.index(cmd)
        self.fw.nl.raw(self.fw.nl.family, cmd, payload, flags)

    def refused(self, what, cmd, payload, code=None, words=""):
        try:
            self.request(cmd, payload)
        except Refused as e:
            if code and e.code != code:
                raise craft.Failed(f"{what}: {e}") from e
            if words is not None and (not e.text or words not in e.text):
                raise craft.Failed(f"{what}: {e}, not \"{words}\"") from e
        else:
            raise craft.Failed(f"{what}: taken")

    def case_cut(self):
        """a message that ends anywhere is refused, and changes nothing"""
        wanted = self.known()
        parts = [
            nest("conf", encode(CONF, {"options": {"enabled": False},
                                       "log-rate": 7})),
            nest("dev", encode(DEV, {"ifname": "eth0", "firewalled": 0})),
            port(port=CLOSED, label="cut"),
        ]
        whole = b"".join(parts)
        ends = {len(b"".join(parts[:i])) for i in range(len(parts) + 1)}
        for n in range(len(whole)):
            if n not in ends:
                self.refused(f"{n} bytes", "replace", whole[:n])
        self.enforced(wanted)

    def case_sizes(self):
        """an attribute of the wrong size is refused"""
        wanted = self.known()
        requests = (("conf-set", "conf", CONF, {}),
                    ("dev-set", "dev", DEV, {"ifname": "eth0"}),
                    ("port-add", "port", PORT, {"proto": 6, "port": 5}))
        for cmd, top, spec, more in requests:
            for i, (name, kind, *_) in enumerate(spec, 1):
                rest = {k: v for k, v in more.items() if k != name}
                for size in {0, 1, 3, 5, 9, 300} - {SIZES.get(kind)} \
                        if kind in SIZES else ():
                    self.refused(f"{top} {name} of {size} bytes", cmd,
                                 nest(top, nla(i, bytes(size)) +
                                      encode(spec, rest)))
        self.enforced(wanted)

    def case_ranges(self):
        """values that are out of range are refused"""
        wanted = self.known()
        def conf(name, data):
            return nest("conf", nla(number(CONF, name), data))

        def u32(value):
            return struct.pack("=I", value)
        for what, payload in (
                ("an unknown option", conf("options", u32(1 << 31) * 2)),
                ("an unknown ICMPv6 option", conf("icmp", u32(1 << 20) * 2)),
                ("an unknown log", conf("log", u32(4) * 2)),
                ("an option that is not selected",
                 conf("options", u32(1) + u32(0))),
                ("edge-default", conf("edge-default", b"\3")),
                ("reject", conf("reject", b"\2")),
                ("boundary", conf("mcast-boundary", b"\x10")),
                ("grace", conf("grace", u32(86401))),
                ("log-rate", conf("log-rate", u32(1000001))),
                ("what is told only", conf("grace-left", u32(1)))):
            self.refused(what, "conf-set", payload, words=None)
        for what, payload, code in (
                ("scope", port(scope=3), errno.ERANGE),
                ("edge", port(edge=3), errno.ERANGE),
                ("port 0", port(port=0), errno.ERANGE),
                ("protocol 0", port(proto=0), errno.EPROTONOSUPPORT),
                ("protocol 58", port(proto=58), errno.EPROTONOSUPPORT),
                ("no device", port(scope="open"), errno.EINVAL),
                ("device of a global port", port(ifname="eth0"),
                 errno.EINVAL),
                ("a device that is not there",
                 port(scope="open", ifname="eth7"), errno.ENODEV),
                ("index 0", port(scope="open", ifindex=0), errno.ENODEV),
                ("index -1", port(scope="open", ifindex=0xffffffff),
                 errno.ENODEV),
                ("loopback", port(scope="ignored", ifindex=1),
                 errno.ENODEV),
                ("a name of 16 characters",
                 port(scope="open", ifname="e" * 16), None),
                ("a label of 64 bytes", port(label="x" * 64), None),
                ("a label without an end", port(label=b"x" * 70), None),
                ("an edge value of what is ignored",
                 port(scope="ignored", ifname="eth0", edge="allow"),
                 errno.EINVAL)):
            self.refused(what, "port-add", payload, code,
                         None if code == errno.ERANGE else "")
            self.refused(what + ", del", "port-del", payload, code,
                         None if code == errno.ERANGE else "")
        self.enforced(wanted)

    def case_unknown(self):
        """unknown attributes and commands, and too few, are refused"""
        wanted = self.known()
        self.refused("attribute", "port-add", port() + nla(99, b"x"))
        self.refused("nested attribute", "port-add",
                     nest("port", nla(99, bytes(4)) +
                          encode(PORT, {"proto": 6, "port": 5})))
        for cmd in (0, 13, 99, 255):
            self.refused(f"command {cmd}", cmd, port(), errno.EOPNOTSUPP,
                         None)
        for cmd, words in (("conf-set", "what is to be set"),
                           ("dev-set", "what is to be set"),
                           ("port-add", "which port"),
                           ("port-del", "which port"),
                           ("netns-set", "filtered or not")):
            self.refused(cmd, cmd, b"", errno.EINVAL, words)
        self.refused("dev-set", "dev-set",
                     nest("dev", encode(DEV, {"firewalled": 0})),
                     errno.EINVAL, "which device")
        # A nest that does not say that it is one.
        self.refused("not a nest", "port-add",
                     nla(number(TOP, "port"), encode(PORT, {
                         "proto": 6, "port": 5})), errno.EINVAL)
        self.enforced(wanted)

    def case_too_many(self):
        """FW-06 more ports than there is room for are refused as a whole"""
        wanted = self.known()
        # Without the whole request in each answer.
        self.fw.nl.sock.setsockopt(icf6.SOL_NETLINK, NETLINK_CAP_ACK, 1)
        entry = port(port=5)
        self.refused("all", "replace", entry * ((1 << 17) + 1), errno.ENOSPC,
                     "too many ports")
        many = b"".join(port(port=p, scope="open", ifname="eth0")
                        for p in range(100, 613))
        self.refused("of a device", "port-add", many, errno.ENOSPC,
                     "at most 512")
        self.enforced(wanted)

    def case_nonsense(self):
        """thousands of requests of which bits were turned do no harm"""
        rng = random.Random(6092)
        good = [
            ("conf-set", nest("conf", encode(CONF, {
                "options": {"stealth": True}, "log-rate": 5, "grace": 1}))),
            ("dev-set", nest("dev", encode(DEV, {
                "ifname": "eth0", "icmp": {"echo-request": True}}))),
            ("port-add", port(label="nonsense") + port(proto=6, port=80)),
            ("port-del", port() + nla(number(TOP, "flush"), b"\1")),
            ("replace", port(port=22, proto=6) + nest("conf", encode(
                CONF, {"reject": "adm-prohibited"}))),
        ]
        taken = refused = 0
        for _ in range(2000):
            cmd, payload = rng.choice(good)
            data = bytearray(payload)
            for _ in range(rng.randint(1, 4)):
                data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            if rng.random() < 0.3:
                data = data[:rng.randrange(len(data))]
            try:
                self.request(cmd, bytes(data))
                taken += 1
            except Refused:
                refused += 1
        assert taken and refused > 500, (taken, refused)
        self.fw.reset()
        self.fw.flush()
        wanted = self.known()
        self.enforced(wanted)

    def case_unattached(self):
        """a namespace that is not filtered has nothing to be set"""
        self.fw.nl.do("netns-set", attached=0)
        try:
            for cmd, payload in (("port-add", port()), ("reset", b""),
                                 ("replace", b""), ("flush", b""),
                                 ("conf-set", nest("conf", b""))):
                self.refused(cmd, cmd, payload, errno.EOPNOTSUPP,
                             "not filtered")
        finally:
            self.fw.nl.do("netns-set", attached=1)
        self.enforced(self.known())


if __name__ == "__main__":
    craft.main(Netlink)
