#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""One TCP connection whose every byte is looked at, at both ends.

stream.py serve [--sink]	takes one connection, sends back what it gets
				(--sink: only takes it, and says what it was)
stream.py send ADDRESS [--bytes N] [--rate N] [--sink]

The sender writes one line of JSON for each time that something new came back
(or was acknowledged, with --sink) and, at the end, one with "done". Without
--bytes it sends until SIGTERM. Bytes are a function of their place in the
stream, so both ends know what is right without having been told.
"""
import argparse
import fcntl
import hashlib
import json
import select
import signal
import socket
import struct
import sys
import termios
import time

PORT = 5301
BLOCK = 4096
SIOCOUTQ = termios.TIOCOUTQ
stop = False


def block(i):
    """4096 bytes, other ones for each @i"""
    return hashlib.shake_128(struct.pack("!Q", i)).digest(BLOCK)


class Expected:
    """Compares what comes, piece by piece."""

    def __init__(self):
        self.n = 0
        self.data = b""
        self.base = -1

    def take(self, data):
        while data:
            if self.n // BLOCK != self.base:
                self.base = self.n // BLOCK
                self.data = block(self.base)
            at = self.n % BLOCK
            want = self.data[at:at + len(data)]
            if data[:len(want)] != want:
                say(error="not what was sent", at=self.n)
                sys.exit(1)
            self.n += len(want)
            data = data[len(want):]


def say(**what):
    print(json.dumps(what), flush=True)


def serve(args):
    with socket.create_server(("::", PORT), family=socket.AF_INET6) as srv:
        say(listening=PORT)
        conn = srv.accept()[0]
    got = Expected()
    with conn:
        while True:
            data = conn.recv(65536)
            if not data:
                break
            got.take(data)
            if not args.sink:
                conn.sendall(data)
    say(done=True, bytes=got.n)


def unsent(sock):
    """Bytes that the other end has not acknowledged"""
    return struct.unpack("=i", fcntl.ioctl(sock, SIOCOUTQ, bytes(4)))[0]


def send(args):
    sock = socket.create_connection((args.address, PORT), timeout=60)
    sock.setblocking(False)
    back = Expected()
    sent = seen = 0
    begin = last = time.time()
    longest = 0.0
    closed = False
    say(connected=args.address)
    while True:
        now = time.time()
        limit = args.bytes if args.bytes is not None else 1 << 62
        if stop:
            limit = sent
        due = min(limit, int((now - begin) * args.rate) if args.rate
                  else limit)
        if sent >= limit and not closed:
            sock.shutdown(socket.SHUT_WR)
            closed = True
        want_write = [sock] if sent < due else []
        want_read = [] if args.sink and not closed else [sock]
        readable, writable, _ = select.select(want_read, want_write, [], 0.05)
        if writable:
            at = sent % BLOCK
            data = block(sent // BLOCK)[at:at + min(BLOCK, due - sent)]
            sent += sock.send(data)
        if readable:
            data = sock.recv(65536)
            if not data:
                break
            back.take(data)
        done = sent - unsent(sock) if args.sink else back.n
        if done > seen:
            now = time.time()
            longest = max(longest, now - last)
            if now - last > 0.2 or not seen:
                say(at=round(now, 3), pause=round(now - last, 3), bytes=done)
            seen, last = done, now
        elif args.sink and done == sent:
            last = time.time()
    if not args.sink and back.n != sent:
        say(error="cut short", sent=sent, back=back.n)
        return 1
    say(done=True, bytes=sent, longest=round(longest, 3))
    return 0


def on_term(*_):
    global stop
    stop = True


def main():
    parser = argparse.ArgumentParser()
    sub = parser.add_subparsers(dest="what", required=True)
    s = sub.add_parser("serve")
    s.add_argument("--sink", action="store_true")
    s = sub.add_parser("send")
    s.add_argument("address")
    s.add_argument("--bytes", type=int)
    s.add_argument("--rate", type=int, default=0, help="bytes a second")
    s.add_argument("--sink", action="store_true")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, on_term)
    if args.what == "serve":
        return serve(args)
    return send(args)


if __name__ == "__main__":
    sys.exit(main())
