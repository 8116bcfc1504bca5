#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""UDP probe: tells from outside how a NAT maps and filters (RFC 4787, 5780).

  serve EP...                 answer requests on these endpoints
  peer PORT SERVER            as serve, on a local port that has first got a
                              mapping from SERVER; prints that mapping
  map PORT DEST...            the mapping each destination sees
  ask PORT CONTACT FROM [DELAY]
                              CONTACT has FROM answer after DELAY seconds:
                              prints what came in: the source, or "nothing"
  push PORT CONTACT FROM TO   CONTACT has FROM send to TO, not to us
  classify PORT A1 A2 P1 P2   behaviour toward two addresses with two ports
  agent                       map, ask, push, classify as lines on standard
                              input, each answered by one line; "patience S"
                              sets how long to wait for an answer

An endpoint is ADDR:PORT. A request is JSON: which of the server's endpoints
answer, after how long and to whom; the answer names the source it saw.
"""

import heapq
import json
import select
import socket
import sys
import time

PATIENCE = 5.0


def endpoint(text):
    addr, port = text.rsplit(":", 1)
    return addr, int(port)


def text(ep):
    return "%s:%d" % tuple(ep)


def udp(addr, port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((addr, port))
    return s


def serve(socks):
    due = []
    order = 0
    while True:
        wait = max(0, due[0][0] - time.monotonic()) if due else None
        for s in select.select(list(socks.values()), [], [], wait)[0]:
            data, src = s.recvfrom(2048)
            req = json.loads(data)
            if "seen" in req:
                continue
            for a in req["answers"]:
                out = socks[a["from"]] if a.get("from") else s
                order += 1
                heapq.heappush(due, (
                    time.monotonic() + a.get("delay", 0), order, out,
                    json.dumps({"tag": a["tag"], "seen": text(src)}),
                    endpoint(a["to"]) if a.get("to") else src))
        while due and due[0][0] <= time.monotonic():
            _, _, out, msg, to = heapq.heappop(due)
            out.sendto(msg.encode(), to)


def request(s, dest, answers):
    s.sendto(json.dumps({"answers": answers}).encode(), dest)


def collect(s, until, seconds):
    """Answers by tag, until the one tagged UNTIL; None if that never came."""
    got = {}
    deadline = time.monotonic() + seconds
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([s], [], [], left)[0]:
            return None
        data, src = s.recvfrom(2048)
        msg = json.loads(data)
        if "tag" not in msg:
            continue
        got[msg["tag"]] = (msg["seen"], text(src))
        if msg["tag"] == until:
            return got


def mapping(s, dest):
    request(s, dest, [{"tag": "m"}])
    got = collect(s, "m", PATIENCE)
    return got["m"][0] if got else "nothing"


def late(s, got):
    """What another processor still carried when the fence overtook it."""
    while select.select([s], [], [], 0.2)[0]:
        data, src = s.recvfrom(2048)
        msg = json.loads(data)
        got[msg["tag"]] = (msg["seen"], text(src))
    return got


def cmd_patience(argv):
    global PATIENCE
    PATIENCE = float(argv[0])
    return "ok"


def cmd_map(argv):
    with udp("", int(argv[0])) as s:
        return " ".join(mapping(s, endpoint(d)) for d in argv[1:])


def cmd_ask(argv):
    port, contact, source = int(argv[0]), endpoint(argv[1]), argv[2]
    delay = float(argv[3]) if len(argv) > 3 else 0
    s = udp("", port)
    request(s, contact, [{"tag": "a", "from": source, "delay": delay}])
    got = collect(s, "a", delay + 0.5) if delay else None
    if not got:
        # Sent after the answer and on the same path, so that its arrival
        # proves the answer lost. A delayed answer gets half a second, and
        # its fence a mapping of its own.
        request(s, contact, [{"tag": "fence"}])
        got = collect(s, "fence", PATIENCE)
        if got is None:
            return "no contact"
        got = late(s, got)
    return got["a"][1] if "a" in got else "nothing"


def cmd_push(argv):
    s = udp("", int(argv[0]))
    request(s, endpoint(argv[1]), [
        {"tag": "p", "from": argv[2], "to": argv[3]}, {"tag": "fence"}])
    return "sent" if collect(s, "fence", PATIENCE) else "no contact"


def cmd_classify(argv):
    port = int(argv[0])
    a1, a2 = argv[1:3]
    p1, p2 = (int(p) for p in argv[3:5])
    s = udp("", port)
    seen = [mapping(s, d) for d in ((a1, p1), (a1, p2), (a2, p1), (a2, p2))]
    if "nothing" in seen:
        return "no contact"
    if len(set(seen)) == 1:
        kind = "endpoint"
    elif seen[0] == seen[1] and seen[2] == seen[3]:
        kind = "address"
    else:
        kind = "address-port"
    ports = [endpoint(e)[1] for e in seen]
    deltas = {b - a for a, b in zip(ports, ports[1:])}
    first = "kept" if ports[0] == port else "changed"
    rest = "kept" if set(ports[1:]) == {port} else "changed"
    step = deltas.pop() if len(deltas) == 1 else "varies"

    s = udp("", port + 1)
    request(s, (a1, p1), [
        {"tag": "aa", "from": text((a2, p2))},
        {"tag": "ap", "from": text((a1, p2))}, {"tag": "fence"}])
    got = collect(s, "fence", PATIENCE)
    if got is None:
        return "no contact"
    got = late(s, got)
    if "aa" in got:
        filt = "any" if "ap" in got else "odd"
    else:
        filt = "address" if "ap" in got else "address-port"
    return "mapping=%s first=%s rest=%s step=%s filter=%s" % (
        kind, first, rest, step, filt)


def main():
    cmd, argv = sys.argv[1], sys.argv[2:]
    if cmd == "serve":
        socks = {e: udp(*endpoint(e)) for e in argv}
        print("ready", flush=True)
        serve(socks)
    elif cmd == "peer":
        s = udp("", int(argv[0]))
        print(mapping(s, endpoint(argv[1])), flush=True)
        serve({"": s})
    elif cmd == "agent":
        for line in sys.stdin:
            words = line.split()
            print(COMMANDS[words[0]](words[1:]), flush=True)
    else:
        print(COMMANDS[cmd](argv))


COMMANDS = {"map": cmd_map, "ask": cmd_ask, "push": cmd_push,
            "classify": cmd_classify, "patience": cmd_patience}
main()
