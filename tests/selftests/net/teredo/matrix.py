#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""All pairs of a matrix at once: who reaches whom, and at what cost.

  matrix.py ROUTER RESULTS <PLAN

ROUTER is the namespace that all packets between NATs pass. The plan has lines

  server ADDRESS...                outer addresses that are servers
  native NAME NAMESPACE IPV6       a host with IPv6
  client NAME NAMESPACE SERVER ADDRESS PORT
                                   a client with device teredo0. Should it get
                                   no address, others try the one that it
                                   would have with this mapping
  portmap NAME ADDRESS PORT        its gateway has mapped a port for it
  cell WANT NAME NAME DESCRIPTION  the first is to reach the second; WANT is
                                   "yes" or "either"

For each cell one line of RESULTS: "ok" or "not", "yes" or "no" (reached or
not), milliseconds until the first packet was answered or reported, bubbles
sent straight and through servers, then the description. Below it, indented,
what was wrong.

An echo request is sent in each cell, and the first one has to be answered:
it waits while the path is opened. Or ICMPv6 says in time that the peer is
unreachable; then bubbles end, and a later packet neither gets through nor
causes any.
"""
import heapq
import select
import socket
import struct
import sys
import time

import teredo_genl
from teredo_genl import socket_in

ETH_P_IP = 0x0800
SOL_ICMPV6, ICMP6_FILTER = 58, 1
UNREACHABLE, ECHO_REQUEST, ECHO_REPLY = 1, 128, 129
TEREDO_PORT = 3544
LINK_LOCAL = b"\xfe\x80"
SO_RCVBUFFORCE = 33

DEVICE = "teredo0"
# Patience, not a promise: three solicitations of either server fit in thrice.
SETTLED_IN = 80
# What the application is promised: an error within this many seconds.
ERROR_IN = 10
# Where the path is open or known to be shut, an answer takes no timer.
SOON = 5
# No bubble for this long: longer than any pause between two of one attempt.
QUIET = 5
# Each side makes four attempts, of up to four bubbles: straight, from or to a
# random port, in a test of one, through the server; and the other answers each
# of the latter by the first two and an inner address of the peer.
BUBBLES_MAX = 2 * 4 * (4 + 3)


def teredo_address(server, address, port):
    return (struct.pack(">HH", 0x2001, 0) + socket.inet_aton(server) +
            struct.pack(">HH", 0, port ^ 0xffff) +
            bytes(b ^ 0xff for b in socket.inet_aton(address)))


class End:
    def __init__(self, namespace, address):
        self.namespace = namespace
        self.address = address
        self.socket = None
        self.genl = None

    def settle(self):
        """Whether it is qualified or was refused; then its address is known."""
        attrs = self.genl.get(DEVICE)
        state = attrs[teredo_genl.A_STATE][0]
        if state == teredo_genl.STATE_QUALIFIED:
            self.address = attrs[teredo_genl.A_ADDRESS]
        return state in (teredo_genl.STATE_QUALIFIED,
                         teredo_genl.STATE_OFFLINE)

    def open(self):
        s = socket_in(self.namespace, socket.AF_INET6, socket.SOCK_RAW,
                      socket.IPPROTO_ICMPV6)
        # A bit set is a type that is kept away.
        keep = bytearray(b"\xff" * 32)
        for kind in (UNREACHABLE, ECHO_REPLY):
            word = struct.unpack_from("=I", keep, kind // 32 * 4)[0]
            struct.pack_into("=I", keep, kind // 32 * 4,
                             word & ~(1 << kind % 32))
        s.setsockopt(SOL_ICMPV6, ICMP6_FILTER, bytes(keep))
        s.setblocking(False)
        self.socket = s


class Cell:
    def __init__(self, want, begins, reached, text):
        self.want = want
        self.begins = begins
        self.reached = reached
        self.text = text
        self.sent = {}
        self.heard = {}		# sequence number: (what, seconds)
        self.straight = self.indirect = 0
        self.last = 0
        self.at_end = 0
        self.faults = []

    def open(self):
        return self.heard.get(1, ("",))[0] == "answer"

    def fault(self, text):
        self.faults.append(text)


class Matrix:
    def __init__(self, router, plan):
        self.ends = {}
        self.cells = []
        self.servers = set()
        for line in plan:
            word, *args = line.split()
            getattr(self, "read_" + word)(*args)
        self.settle()
        self.by_pair = {}
        self.by_client = {}
        for n, cell in enumerate(self.cells):
            cell.ident = n + 1
            pair = (cell.begins.address, cell.reached.address)
            for key in (pair, pair[::-1]):
                self.by_pair[key] = cell
                # A relay's bubbles come from an address of its link.
                if key[0][:4] != b"\x20\x01\0\0":
                    self.by_client[key[1]] = cell
        for cell in self.cells:
            if not cell.begins.socket:
                cell.begins.open()
        # Only what comes in: each packet that passes is seen once.
        self.router = socket_in(router, socket.AF_PACKET, socket.SOCK_DGRAM,
                                socket.htons(ETH_P_IP))
        self.router.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE,
                               8 << 20)
        self.router.setblocking(False)
        self.sockets = {c.begins.socket: self.icmp for c in self.cells}
        self.sockets[self.router] = self.packet
        self.poll = select.epoll()
        self.by_fd = {}
        for s, take in self.sockets.items():
            self.poll.register(s, select.EPOLLIN)
            self.by_fd[s.fileno()] = (s, take)
        self.due = []
        self.last_bubble = time.monotonic()

    def settle(self):
        waiting = [e for e in self.ends.values() if e.genl]
        deadline = time.monotonic() + SETTLED_IN
        while waiting:
            if time.monotonic() > deadline:
                sys.exit("%d clients, %s the first, are neither qualified nor "
                         "refused" % (len(waiting), waiting[0].namespace))
            waiting = [e for e in waiting if not e.settle()]
            time.sleep(0.1 if waiting else 0)

    def read_server(self, *addresses):
        self.servers |= {socket.inet_aton(a) for a in addresses}

    def read_native(self, name, namespace, address):
        self.ends[name] = End(namespace,
                              socket.inet_pton(socket.AF_INET6, address))

    def read_client(self, name, namespace, server, address, port):
        end = End(namespace, teredo_address(server, address, int(port)))
        end.genl = teredo_genl.Teredo(namespace)
        self.ends[name] = end

    def read_portmap(self, name, address, port):
        self.ends[name].genl.portmap(DEVICE, address, int(port))

    def read_cell(self, want, begins, reached, *text):
        self.cells.append(Cell(want, self.ends[begins], self.ends[reached],
                               " ".join(text)))

    def icmp(self, data, now):
        if data[0] == UNREACHABLE:
            what = "error %d" % data[1]
            if len(data) < 56 or data[48] != ECHO_REQUEST:
                return
            data = data[48:]
        else:
            what = "answer"
        ident, seq = struct.unpack_from(">HH", data, 4)
        if not 0 < ident <= len(self.cells):
            return
        cell = self.cells[ident - 1]
        if seq in cell.sent and seq not in cell.heard:
            cell.heard[seq] = (what, now - cell.sent[seq])

    def packet(self, data, now):
        start = (data[0] & 15) * 4
        if data[9] != socket.IPPROTO_UDP or len(data) < start + 48:
            return
        dst, dport = data[16:20], struct.unpack_from(">H", data, start + 2)[0]
        p = start + 8
        if data[p:p + 2] == b"\0\1":
            p += 13 + data[p + 2] + data[p + 3]
        if data[p:p + 2] == b"\0\0":
            p += 8
        if len(data) < p + 40 or data[p] >> 4 != 6 or \
                data[p + 4:p + 6] != b"\0\0" or data[p + 6] != 59:
            return
        # What a server passes on was counted on its way there.
        if data[12:16] in self.servers:
            return
        src6, dst6 = data[p + 8:p + 24], data[p + 24:p + 40]
        cell = self.by_pair.get((src6, dst6))
        if src6[:2] == LINK_LOCAL:
            cell = self.by_client.get(dst6)
        elif dst6[:2] == LINK_LOCAL:
            cell = self.by_client.get(src6)
        if not cell:
            return
        if dst in self.servers and dport == TEREDO_PORT:
            cell.indirect += 1
        else:
            cell.straight += 1
        cell.last = self.last_bubble = now

    def send(self, cell, seq):
        cell.sent[seq] = time.monotonic()
        to = (socket.inet_ntop(socket.AF_INET6, cell.reached.address), 0)
        try:
            cell.begins.socket.sendto(struct.pack(
                ">BBHHH8s", ECHO_REQUEST, 0, 0, cell.ident, seq, b"matrix  "),
                to)
        except OSError as e:
            # A host without a route says so at once.
            cell.heard[seq] = ("error " + e.strerror,
                               time.monotonic() - cell.sent[seq])

    def at(self, when, cell, seq):
        heapq.heappush(self.due, (when, cell.ident, seq))

    def run(self, until, limit):
        """Sends what is due until UNTIL says so; False after LIMIT seconds."""
        end = time.monotonic() + limit
        while True:
            now = time.monotonic()
            while self.due and self.due[0][0] <= now:
                _, ident, seq = heapq.heappop(self.due)
                self.send(self.cells[ident - 1], seq)
            if not self.due and until():
                return True
            if now >= end:
                return False
            wait = min(0.25, end - now)
            if self.due:
                wait = min(wait, max(0, self.due[0][0] - now))
            for fd, _ in self.poll.poll(wait):
                s, take = self.by_fd[fd]
                try:
                    while True:
                        take(s.recv(2048), time.monotonic())
                except BlockingIOError:
                    pass

    def all_heard(self, cells, *seqs):
        return all(s in c.heard for c in cells for s in seqs)

    def round(self, cells, limit, *seqs):
        now = time.monotonic()
        for n, cell in enumerate(cells):
            for i, seq in enumerate(seqs):
                self.at(now + n * 0.005 + i * 0.2, cell, seq)
        self.run(lambda: self.all_heard(cells, *seqs),
                 limit + len(cells) * 0.005 + len(seqs) * 0.2)

    def play(self):
        self.round(self.cells, ERROR_IN + 2, 1)
        yes = [c for c in self.cells if c.open()]
        no = [c for c in self.cells if not c.open()]
        self.round(yes, SOON, 2, 3)
        if not self.run(lambda: time.monotonic() - self.last_bubble > QUIET,
                        ERROR_IN + 4 * QUIET):
            for c in self.cells:
                if time.monotonic() - c.last < QUIET:
                    c.fault("bubbles do not end")
        for c in self.cells:
            c.at_end = c.straight + c.indirect
        self.round(no, SOON, 2)
        self.run(lambda: time.monotonic() - self.last_bubble > 2.5, 2.5)

    def judge(self, cell):
        what, seconds = cell.heard.get(1, ("nothing", 0))
        if cell.open():
            for seq in (2, 3):
                got = cell.heard.get(seq, ("nothing",))[0]
                if got != "answer":
                    cell.fault("packet %d: %s" % (seq, got))
        else:
            if cell.want == "yes":
                cell.fault("unreachable: " + what)
            if not what.startswith("error"):
                cell.fault("no ICMPv6 error for the first packet")
            elif seconds > ERROR_IN:
                cell.fault("the error took %.1f s" % seconds)
            if not cell.heard.get(2, ("",))[0].startswith("error"):
                cell.fault("no ICMPv6 error for a later packet: %s" %
                           cell.heard.get(2, ("nothing",))[0])
            more = cell.straight + cell.indirect - cell.at_end
            if more:
                cell.fault("%d bubbles for a later packet" % more)
        if cell.straight + cell.indirect > BUBBLES_MAX:
            cell.fault("%d bubbles" % (cell.straight + cell.indirect))
        return ("not" if cell.faults else "ok",
                "yes" if cell.open() else "no", int(seconds * 1000),
                cell.straight, cell.indirect, cell.text)


def main():
    matrix = Matrix(sys.argv[1], sys.stdin)
    matrix.play()
    with open(sys.argv[2], "w", encoding="ascii") as out:
        for cell in matrix.cells:
            print(*matrix.judge(cell), file=out)
            for fault in cell.faults:
                print("\t" + fault, file=out)


main()
