#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
#
# resolve.py SOCKET COUNT NAME...: resolves the names in turn over one
# connection, COUNT times in all, each as soon as the one before is answered.
# Prints {resolves, failed, per_second, median_ms, p99_ms}.

import json
import socket
import sys
import time


def main():
    path, count, names = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    s.settimeout(60)
    s.connect(path)
    data, failed, times = b"", 0, []
    start = time.monotonic()
    for i in range(count):
        asked = time.monotonic()
        s.sendall(json.dumps({
            "method": "io.peer6.Pnrp.Resolve",
            "parameters": {"name": names[i % len(names)],
                           "clouds": ["Global_"], "max_results": 1,
                           "timeout": 10},
        }).encode() + b"\0")
        while b"\0" not in data:
            part = s.recv(65536)
            if not part:
                sys.exit("the daemon closed the connection")
            data += part
        reply, data = data.split(b"\0", 1)
        failed += not json.loads(reply).get("parameters", {}).get("results")
        times.append(time.monotonic() - asked)
    took = time.monotonic() - start
    times.sort()
    print(json.dumps({
        "resolves": count,
        "failed": failed,
        "per_second": round((count - failed) / took, 1),
        "median_ms": round(times[count // 2] * 1000, 2),
        "p99_ms": round(times[count * 99 // 100] * 1000, 2),
    }))


main()
