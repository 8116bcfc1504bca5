#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
#
# random_calls.py SOCKET SEED CALLS: methods of all interfaces with members that
# exist, mostly with values of the wrong kind or range, several in one write, and
# a third of the connections left before the answers. Each call has to be answered.

import json
import random
import socket
import sys

METHODS = {
    "io.peer6.Pnrp": (
        "ListClouds ListRegistrations GetStatistics GetInitialization "
        "ListSeeds ListCache StartCloud Synchronize Flush Repair SetMode "
        "Resolve Register Unregister Ping ConvertName GetMachineName "
        "SetMachineName"),
    "io.peer6.Identity": (
        "Create List Get Rename Delete SetDefault GetXml Export Import "
        "DeriveName"),
    "io.peer6.Service": "GetVersion GetStatus ListPortMappings Reload Monitor",
    "org.varlink.service": "GetInfo GetInterfaceDescription",
}
MEMBERS = (
    "name clouds applications comment payload_string payload_binary prefix "
    "transient handle cloud host timeout mode target criteria local "
    "max_results steps all publish auto_publish classifier friendly_name "
    "profile make_default identity password strong_encryption xml unsecured "
    "since kinds interface").split()
VALUES = [
    None, True, False, 0, 1, -1, 2**40, 0.2, 1e300, "", "0.a", "0.b", "x",
    "Global_", "Link", "alice.pnrp.net", "default", "resolve_only",
    "2001:db8:1::a", "[2001:db8:1::b]:3540", "2001:db8::/64", "any_instance",
    "nearest", "a" * 4000, "\u00e9\U0001f600", [], ["Global_"], ["x"], [1], {},
    [{"port": 1, "protocol": 6}],
    [{"address": "::1", "port": 1, "protocol": 6}], [{}] * 11, "QUJD",
    "f" * 64, "strong",
]
# Calls that mean something, among the nonsense.
SENSE = {
    "Resolve": lambda: {"name": name(), "timeout": 0.2},
    "Register": lambda: {"name": name(), "transient": chance(0.5)},
    "Unregister": lambda: {"name": name()},
    "SetMode": lambda: {"cloud": cloud(),
                        "mode": random.choice(["default", "resolve_only"])},
    "Synchronize": lambda: {"cloud": cloud(), "host": "2001:db8:1::b"},
    "Ping": lambda: {"cloud": cloud(), "host": "2001:db8:1::b",
                     "timeout": 0.2},
    "SetMachineName": lambda: {"publish": chance(0.5)},
}


def chance(p):
    return random.random() < p


def name():
    return random.choice(["0.a", "0.b", "0.c"])


def cloud():
    return random.choice(["Global_", "Link"])


def one_call():
    interface = random.choice(list(METHODS))
    method = random.choice(METHODS[interface].split())
    parameters = {m: random.choice(VALUES)
                  for m in random.sample(MEMBERS, random.randint(0, 3))}
    # Nobody shall wait for half a minute.
    if not isinstance(parameters.get("timeout", 0.2), bool):
        parameters["timeout"] = 0.2 if method in ("Resolve", "Ping") else 5
    if chance(0.4):
        parameters.pop("timeout", None)
    if method in SENSE and chance(0.6):
        parameters = SENSE[method]()
    if method in ("Resolve", "Ping"):
        parameters.setdefault("timeout", 0.2)
    return json.dumps({"method": interface + "." + method,
                       "parameters": parameters}).encode() + b"\0"


def main():
    path, seed, total = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    random.seed(seed)
    answered = 0
    while answered < total:
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(60)
        s.connect(path)
        calls = [one_call() for _ in range(random.randint(1, 12))]
        s.sendall(b"".join(calls))
        data = b""
        while not chance(0.03) and data.count(b"\0") < len(calls):
            part = s.recv(65536)
            if not part:
                print("closed after", data[-300:], "of", calls)
                return 1
            data += part
        answered += data.count(b"\0")
        s.close()
    print(answered)
    return 0


sys.exit(main())
