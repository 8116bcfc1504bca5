#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A Varlink client that knows nothing of peer6:
#
#   varlink.py SOCKET METHOD [PARAMETERS]     one call: prints each reply
#   varlink.py --more ...                     the same, asking for several
#   varlink.py --hold ...                     stays connected until its input ends
#   varlink.py --raw SOCKET                   sends its input as it is, prints what comes
#   varlink.py --flood SOCKET NUMBER          keeps so many connections, prints what the
#                                             last one is told
#   varlink.py --deaf SOCKET METHOD           calls again and again, reads nothing,
#                                             prints "dropped" when it is thrown out
#   varlink.py --as UID[,GROUP...] ...        as that user, with these supplementary groups
#
# Exit status: 0, 1 the last reply is an error, 2 the other side closed.

import json
import os
import socket
import sys

TIMEOUT = 60


def connect(path):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    s.settimeout(TIMEOUT)
    s.connect(path)
    return s


def replies(s):
    data = b""
    while True:
        part = s.recv(65536)
        if not part:
            return
        data += part
        while b"\0" in data:
            one, data = data.split(b"\0", 1)
            yield json.loads(one)


def message(method, parameters=None, more=False):
    m = {"method": method, "parameters": parameters or {}}
    if more:
        m["more"] = True
    return json.dumps(m).encode() + b"\0"


def call(words, more, hold):
    parameters = json.loads(words[2]) if len(words) > 2 else {}
    s = connect(words[0])
    s.sendall(message(words[1], parameters, more))
    if more:
        s.settimeout(None)
    for reply in replies(s):
        print(json.dumps(reply), flush=True)
        if not reply.get("continues"):
            if hold:
                sys.stdin.read()
            return 1 if "error" in reply else 0
    return 2


def raw(path):
    s = connect(path)
    try:
        s.sendall(sys.stdin.buffer.read())
        s.shutdown(socket.SHUT_WR)
        while True:
            data = s.recv(65536)
            if not data:
                break
            sys.stdout.buffer.write(data.replace(b"\0", b"\n"))
    except (BrokenPipeError, ConnectionResetError):
        pass
    return 0


def flood(path, number):
    held = [connect(path) for _ in range(number)]
    s = held[-1]
    for reply in replies(s):
        print(json.dumps(reply), flush=True)
    # The first one is still served.
    held[0].sendall(message("io.peer6.Service.GetVersion"))
    for reply in replies(held[0]):
        print(json.dumps(reply), flush=True)
        return 0
    return 2


def deaf(path, method):
    s = connect(path)
    try:
        while True:
            s.sendall(message(method))
    except (BrokenPipeError, ConnectionResetError):
        print("dropped")
        return 0
    except socket.timeout:
        print("stalled")
        return 2


def main():
    words = sys.argv[1:]
    if words[0] == "--as":
        ids = [int(n) for n in words[1].split(",")]
        os.setgroups(ids[1:])
        os.setgid(ids[0])
        os.setuid(ids[0])
        words = words[2:]
    if words[0] == "--raw":
        return raw(words[1])
    if words[0] == "--flood":
        return flood(words[1], int(words[2]))
    if words[0] == "--deaf":
        return deaf(words[1], words[2])
    more = "--more" in words
    hold = "--hold" in words
    return call([w for w in words if w not in ("--more", "--hold")], more, hold)


sys.exit(main())
