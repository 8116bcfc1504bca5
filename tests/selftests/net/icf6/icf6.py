#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Speaks the generic netlink family "icf6", with nothing but Python.

As a command, for the test scripts:

	icf6.py attach|detach|reset|flush
	icf6.py conf [OPTION=on|off|NUMBER]...	set; without arguments, show
	icf6.py dev IFNAME [firewalled=0|1] [edge=0|1] [ICMP=on|off|inherit]...
	icf6.py open|close PROTO PORT [dev=IFNAME|ignore=IFNAME]
		[edge=deny|allow|app] [label=TEXT] [flush]
	icf6.py hold PROTO PORT	add, owned by a socket that is open till stdin ends
	icf6.py ports|devs|stats [IFNAME]	one JSON object a line
	icf6.py count DIR REASON [IFNAME]	one counter; DIR in, out or forward
	icf6.py watch events|log N		print N messages; says "ready" first

A request that is refused prints the error's name and the kernel's words, and
exits with 1.
"""

import errno
import json
import os
import socket
import struct
import sys

NETLINK_GENERIC = 16
SOL_NETLINK = 270
NETLINK_ADD_MEMBERSHIP = 1
NETLINK_EXT_ACK = 11
NETLINK_GET_STRICT_CHK = 12
NLM_F_REQUEST, NLM_F_MULTI, NLM_F_ACK = 1, 2, 4
NLM_F_DUMP_INTR, NLM_F_DUMP = 0x10, 0x300
NLM_F_CAPPED, NLM_F_ACK_TLVS = 0x100, 0x200
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLA_F_NESTED = 0x8000
SO_SNDBUFFORCE = 32

COMMANDS = ("unspec conf-get conf-set dev-get dev-set port-get port-add "
            "port-del replace reset flush stats-get netns-set conf-ntf "
            "dev-ntf dev-del-ntf port-add-ntf port-del-ntf replace-ntf "
            "log-ntf").split()
SCOPES = ("global", "open", "ignored")
EDGES = ("deny", "allow", "app")
ORIGINS = ("user", "p2p", "socket")
REJECTS = ("none", "adm-prohibited")
DIRS = ("in", "out", "forward")
ACTIONS = ("open", "open-inbound", "drop", "events-lost")
OPTIONS = ("enabled p2p stealth icmp-strict ipsec mip6 mcast-reply mdns ssdp "
           "forward lock order-after bogons edge-ula").split()
ICMP = ("echo-request dest-unreach too-big time-exceeded param-problem "
        "redirect").split()
LOG = ("drops", "opens")

# Attributes in the order of the header: name, type and what belongs to it.
CONF = [("options", "flags", OPTIONS), ("icmp", "flags", ICMP),
        ("log", "flags", LOG), ("log-rate", "u32"), ("log-burst", "u32"),
        ("edge-default", "enum", EDGES), ("edge-mark", "u32"),
        ("reject", "enum", REJECTS), ("grace", "u32"), ("grace-left", "u32"),
        ("mcast-boundary", "u8")]
DEV = [("ifindex", "u32"), ("ifname", "string"), ("firewalled", "u8"),
       ("edge", "u8"), ("edge-auto", "u8"), ("icmp", "flags", ICMP),
       ("icmp-inherit", "mask", ICMP), ("icmp-effective", "mask", ICMP)]
PORT = [("scope", "enum", SCOPES), ("ifindex", "u32"), ("ifname", "string"),
        ("proto", "u8"), ("port", "u16"), ("label", "string"),
        ("edge", "enum", EDGES), ("origin", "enum", ORIGINS),
        ("owner", "u32")]
COUNTER = [("dir", "enum", DIRS), ("reason", "u8"), ("name", "string"),
           ("text", "string"), ("accept", "u8"), ("value", "u64"),
           ("pad", "pad")]
TIMEOUT = [("name", "string"), ("value", "u32"), ("wanted", "u32")]
RECORD = [("time", "u64"), ("action", "enum", ACTIONS), ("reason", "u8"),
          ("reason-name", "string"), ("dir", "enum", DIRS),
          ("ifindex", "u32"), ("ifname", "string"), ("proto", "u8"),
          ("src", "in6"), ("dst", "in6"), ("sport", "u16"), ("dport", "u16"),
          ("size", "u32"), ("tcp-flags", "u8"), ("tcp-seq", "u32"),
          ("tcp-ack", "u32"), ("tcp-win", "u16"), ("icmp-type", "u8"),
          ("icmp-code", "u8"), ("lost", "u64"), ("pad", "pad")]
TOP = [("ifindex", "u32"), ("ifname", "string"), ("generation", "u32"),
       ("conf", "nest", CONF), ("dev", "nest", DEV), ("port", "nest", PORT),
       ("owned", "u8"), ("flush", "u8"), ("attached", "u8"),
       ("counter", "nest", COUNTER), ("lost", "u64"),
       ("timeout", "nest", TIMEOUT), ("log", "nest", RECORD), ("pad", "pad")]
MANY = ("dev", "port", "counter", "timeout")
FORMATS = {"u8": "=B", "u16": "=H", "u32": "=I", "u64": "=Q"}


class Refused(Exception):
    def __init__(self, code, text):
        super().__init__(f"{errno.errorcode.get(code, code)}: {text}")
        self.code = code
        self.text = text


def nla(kind, data):
    return struct.pack("=HH", 4 + len(data), kind) + data + \
        bytes(-len(data) % 4)


def nla_split(data):
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        if length < 4 or length > len(data):
            raise ValueError("bad attribute")
        yield kind & 0x3fff, data[4:length]
        data = data[(length + 3) & ~3:]


def encode(spec, values):
    """@values: {name: value}; of nests that may come often, a list."""
    out = b""
    for i, (name, kind, *rest) in enumerate(spec, 1):
        if name not in values:
            continue
        v = values[name]
        if kind == "nest":
            for one in v if isinstance(v, list) else [v]:
                out += nla(i | NLA_F_NESTED, encode(rest[0], one))
        elif isinstance(v, bytes):
            out += nla(i, v)
        elif kind == "flags":
            value = sum(1 << rest[0].index(k) for k, on in v.items() if on)
            mask = sum(1 << rest[0].index(k) for k in v)
            out += nla(i, struct.pack("=II", value, mask))
        elif kind == "mask":
            out += nla(i, struct.pack(
                "=I", sum(1 << rest[0].index(k) for k in v)))
        elif kind == "enum":
            out += nla(i, bytes([v if isinstance(v, int)
                                 else rest[0].index(v)]))
        elif kind == "string":
            out += nla(i, v.encode() + b"\0")
        else:
            out += nla(i, struct.pack(FORMATS[kind], v))
    return out


def decode(spec, data):
    out = {}
    for kind, v in nla_split(data):
        name, what, *rest = spec[kind - 1]
        if what == "nest":
            v = decode(rest[0], v)
        elif what == "flags":
            value, mask = struct.unpack("=II", v)
            v = {k: bool(value >> b & 1) for b, k in enumerate(rest[0])
                 if mask >> b & 1}
        elif what == "mask":
            bits = struct.unpack("=I", v)[0]
            v = [k for b, k in enumerate(rest[0]) if bits >> b & 1]
        elif what == "enum":
            v = rest[0][v[0]]
        elif what == "string":
            v = v.rstrip(b"\0").decode()
        elif what == "in6":
            v = socket.inet_ntop(socket.AF_INET6, v)
        elif what == "pad":
            continue
        else:
            v = struct.unpack(FORMATS[what], v)[0]
        if spec is TOP and name in MANY and name in ("counter", "timeout"):
            out.setdefault(name, []).append(v)
        else:
            out[name] = v
    return out


class Icf6:
    """One socket. Strict about what it gets, so that tests are."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                  NETLINK_GENERIC)
        self.sock.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        self.sock.setsockopt(SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1)
        try:
            self.sock.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 1 << 24)
        except PermissionError:
            pass
        self.sock.bind((0, 0))
        self.seq = 0
        self.family, self.groups = self._resolve("icf6")

    def _resolve(self, name):
        reply, = self.raw(16, 3, nla(2, name.encode() + b"\0"), 0)
        attrs = dict(nla_split(reply))
        groups = {}
        for _, group in nla_split(attrs.get(7, b"")):
            g = dict(nla_split(group))
            groups[g[1].rstrip(b"\0").decode()] = \
                struct.unpack("=I", g[2])[0]
        return struct.unpack("=H", attrs[1])[0], groups

    def raw(self, family, cmd, payload, flags=NLM_F_ACK):
        """The attributes of all answers."""
        self.seq += 1
        body = struct.pack("=BBH", cmd, 1, 0) + payload
        self.sock.send(struct.pack("=IHHII", 16 + len(body), family,
                                   NLM_F_REQUEST | flags, self.seq, 0) + body)
        answers = []
        while True:
            data = self.sock.recv(1 << 20)
            while data:
                length, kind, mflags, seq, _ = \
                    struct.unpack_from("=IHHII", data)
                message = data[16:length]
                data = data[(length + 3) & ~3:]
                if seq != self.seq:
                    continue
                if mflags & NLM_F_DUMP_INTR:
                    raise Refused(errno.EINTR, "the dump is not consistent")
                if kind in (NLMSG_ERROR, NLMSG_DONE):
                    self._check(kind, mflags, message)
                    return answers
                answers.append(message[4:])
                if not mflags & NLM_F_MULTI and not flags & NLM_F_ACK:
                    return answers

    @staticmethod
    def _check(kind, flags, message):
        error = struct.unpack_from("=i", message)[0] if message else 0
        if not error:
            return
        text = ""
        if flags & NLM_F_ACK_TLVS:
            skip = 4
            if kind == NLMSG_ERROR:
                skip = 20 if flags & NLM_F_CAPPED else \
                    4 + struct.unpack_from("=I", message, 4)[0]
            for k, v in nla_split(message[(skip + 3) & ~3:]):
                if k == 1:
                    text = v.rstrip(b"\0").decode()
        raise Refused(-error, text)

    def do(self, cmd, **values):
        """Keyword names as in the specification, with _ for -."""
        values = {k.replace("_", "-"): v for k, v in values.items()}
        answers = self.raw(self.family, COMMANDS.index(cmd),
                           encode(TOP, values))
        return decode(TOP, answers[0]) if answers else None

    def dump(self, cmd, **values):
        while True:
            try:
                return [decode(TOP, a) for a in
                        self.raw(self.family, COMMANDS.index(cmd),
                                 encode(TOP, values), NLM_F_DUMP)]
            except Refused as e:
                if e.code != errno.EINTR:
                    raise

    def join(self, group):
        self.sock.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
                             self.groups[group])

    def event(self):
        """The next (name, attributes) of the groups that were joined."""
        data = self.sock.recv(1 << 20)
        cmd = data[16]
        return COMMANDS[cmd], decode(TOP, data[20:])


def switch(word):
    return {"on": True, "1": True, "off": False, "0": False}[word]


def conf_values(words):
    conf = {}
    for word in words:
        name, value = word.split("=", 1)
        if name in OPTIONS:
            conf.setdefault("options", {})[name] = switch(value)
        elif name in ICMP:
            conf.setdefault("icmp", {})[name] = switch(value)
        elif name in LOG:
            conf.setdefault("log", {})[name] = switch(value)
        elif name in ("edge-default", "reject"):
            conf[name] = value
        else:
            conf[name] = int(value, 0)
    return conf


def dev_values(ifname, words):
    dev = {"ifname": ifname}
    for word in words:
        name, value = word.split("=", 1)
        if name not in ICMP:
            dev[name] = int(value)
        elif value == "inherit":
            dev.setdefault("icmp-inherit", []).append(name)
        else:
            dev.setdefault("icmp", {})[name] = switch(value)
    return dev


def port_values(words):
    proto, port, *rest = words
    out = {"proto": {"tcp": 6, "udp": 17}.get(proto) or int(proto),
           "port": int(port)}
    top = {}
    for word in rest:
        name, _, value = word.partition("=")
        if name in ("dev", "ignore"):
            out["scope"] = "open" if name == "dev" else "ignored"
            out["ifname"] = value
        elif name == "flush":
            top["flush"] = 1
        else:
            out[name] = value
    return out, top


def show(values):
    print(json.dumps(values), flush=True)


def run(command, words):
    fw = Icf6()
    if command in ("attach", "detach"):
        fw.do("netns-set", attached=int(command == "attach"))
    elif command in ("reset", "flush"):
        fw.do(command)
    elif command == "conf":
        if words:
            fw.do("conf-set", conf=conf_values(words))
        else:
            show(fw.do("conf-get"))
    elif command == "dev":
        if len(words) > 1:
            fw.do("dev-set", dev=dev_values(words[0], words[1:]))
        else:
            show(fw.do("dev-get", ifname=words[0])["dev"])
    elif command in ("open", "close"):
        port, top = port_values(words)
        fw.do("port-add" if command == "open" else "port-del", port=port,
              **top)
    elif command == "hold":
        port, _ = port_values(words)
        fw.do("port-add", port=port, owned=1)
        print("ready", flush=True)
        sys.stdin.read()
    elif command == "ports":
        for one in fw.dump("port-get",
                           **({"ifname": words[0]} if words else {})):
            show(one["port"])
    elif command == "devs":
        for one in fw.dump("dev-get"):
            show(one["dev"])
    elif command == "stats":
        show(fw.do("stats-get", **({"ifname": words[0]} if words else {})))
    elif command == "count":
        stats = fw.do("stats-get",
                      **({"ifname": words[2]} if len(words) > 2 else {}))
        print(sum(c["value"] for c in stats.get("counter", [])
                  if c["dir"] == words[0] and c["name"] == words[1]))
    elif command == "watch":
        fw.join(words[0])
        print("ready", flush=True)
        for _ in range(int(words[1])):
            name, values = fw.event()
            show({"event": name, **values})
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        return run(sys.argv[1], sys.argv[2:])
    except Refused as e:
        print(e, file=sys.stderr)
        return 1
    except BrokenPipeError:
        os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
