# SPDX-License-Identifier: GPL-2.0
"""The trailers of RFC 6081, right, malformed, and as lies, one packet at a time.

For malformed.py: what goes to its client by way of the server or from a peer,
exactly what comes out, and what is counted.
"""
import socket
import struct

from wire import bubble, endpoint, origin, teredo, udp6

S1 = "192.0.2.1:3544"
PEER = "203.0.113.66:6666"		# what the peer's address says
REAL = "203.0.113.67:7777"		# where it is
OTHER = "203.0.113.99:9999"
LOCAL = "198.51.100.10"			# the client's own address
LAN = ("10.1.2.3:4096", "192.168.7.7:4097")
DISCARD = 9
HEADERS = 28				# IPv4 and UDP

NONCE = b"\1\4\xde\xad\xbe\xef"
SOLICIT, ADVERT = b"\4\4\0\0\0\0", b"\4\4\1\0\0\0"
SKIPPED = b"\x80\2ab"


def entry(where):
    addr, port = endpoint(where)
    return socket.inet_aton(addr) + struct.pack("!H", port)


def alternates(*where):
    entries = b"".join(entry(w) for w in where)
    return struct.pack("BBH", 3, 2 + len(entries), 0) + entries


# In a bubble these say nothing: it is answered as if they were not there.
SILENT = (
    ("a nonce cut short", b"\1\4\xde\xad"),
    ("a nonce of 3 bytes", b"\1\3\xde\xad\xbe"),
    ("a nonce of 5 bytes", b"\1\5\xde\xad\xbe\xef\0"),
    ("a nonce behind one cut short", b"\x80\xff" + NONCE),
    ("one byte", b"\1"),
    ("a type without its value", b"\5\2"),
    ("a random port of 1 byte", b"\5\1\4"),
    ("a random port of 3 bytes", b"\5\3\4\xb1\0"),
    ("a discovery option of 3 bytes", b"\4\3\0\0\0"),
    ("a discovery option of an unknown type", b"\4\4\2\0\0\0"),
    ("255 bytes of zeros", bytes(255)),
    ("an unknown one", SKIPPED),
)
BAD_LISTS = (
    ("is empty", b"\3\0"),
    ("has no entry", b"\3\2\0\0"),
    ("has half an entry", b"\3\5\0\0\x0a\1\2"),
    ("has an entry and a half", b"\3\x0b\0\0" + entry(LAN[0]) + b"\x0a\1\2"),
    ("has five entries", alternates(*[LAN[0]] * 5)),
    ("has port 0", alternates("10.1.2.3:0")),
    *((f"has {ip}", alternates(LAN[0], f"{ip}:4096"))
      for ip in ("0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.253",
                 "255.255.255.255")),
)
# What a peer may call its own, and what of it is believed.
LIES = (
    ("hosts of the Internet",
     [f"203.0.113.{i}:53" for i in (101, 102, 103, 104)], []),
    ("four ports of a host inside",
     [f"10.1.2.3:{port}" for port in (1, 2, 3, 4)], ["10.1.2.3:1"]),
    ("the address of the client itself", [f"{LOCAL}:4096"], []),
    ("the mapping that it has anyhow", [PEER], []),
    ("two hosts inside", list(LAN), list(LAN)),
)


class Trailers:
    def __init__(self, client):
        self.client, self.own, self.peer = client, client.own, teredo(PEER)
        self.bubble = bubble(self.peer, self.own)
        self.answer = bubble(self.own, self.peer)

    def forwarded(self, trailers):
        self.client.send(S1, origin(PEER) + self.bubble + trailers)

    def case(self, *args, **more):
        self.client.case(*args, **more)

    def answered(self, *want):
        return lambda got: [(d.dst, d.payload) for d in got] == list(want)

    def silent(self):
        for what, trailers in SILENT:
            self.client.dev.flush()
            self.case(f"a bubble with {what} is answered",
                      lambda t=trailers: self.forwarded(t),
                      counts={"bubble-rx": 1, "bubble-tx": 1, "trailers": 1},
                      state=("peers",),
                      answers=self.answered((PEER, self.answer)))

    def lists(self):
        for what, trailers in BAD_LISTS:
            self.client.dev.flush()
            self.case(f"a list of alternate addresses that {what}",
                      lambda t=trailers: self.forwarded(t), "bad-alternate",
                      counts={"trailers": 1})
        for what, told, believed in LIES:
            self.client.dev.flush()
            want = {"bubble-rx": 1, "trailers": 1,
                    "bubble-tx": 1 + len(believed)}
            if believed:
                want["alternate-tx"] = len(believed)
            self.case(f"alternate addresses: {what}",
                      lambda t=told: self.forwarded(alternates(*t)),
                      counts=want, state=("peers",),
                      answers=self.modest(len(told), believed))

    def modest(self, n, believed):
        """To each its own bubble, smaller than the one that caused it."""
        size = HEADERS + len(origin(PEER) + self.bubble) + 4 + 6 * n

        def check(got):
            return ([d.dst for d in got] == [PEER, *believed] and
                    all(HEADERS + len(d.payload) < size for d in got))
        return check

    def nonces(self):
        invitation = []

        def invited(got):
            if [d.dst for d in got] != [PEER, S1]:
                return False
            if got[0].payload != self.answer + NONCE:
                return False
            rest = got[1].payload[len(self.answer):]
            invitation.append(rest[2:6])
            return (got[1].payload.startswith(self.answer) and
                    rest[:2] == b"\1\4" and rest[2:6] != bytes(4) and
                    rest[6:14] == b"\3\x08\0\0" + socket.inet_aton(LOCAL))

        self.client.dev.flush()
        self.case("a nonce is echoed, and an own one goes by the server",
                  lambda: self.forwarded(NONCE),
                  counts={"bubble-rx": 1, "bubble-tx": 2, "indirect-tx": 1,
                          "trailers": 1}, state=("peers",), answers=invited)
        nonce = invitation[0]
        data = udp6(self.peer, self.own, 1, DISCARD)

        def direct(src, trailers):
            return lambda: self.client.send(src, self.bubble + trailers)

        for what, src, trailers, reason in (
                ("without a nonce", REAL, b"", "mapping-mismatch"),
                ("with the peer's own nonce", REAL, NONCE, "nonce-mismatch"),
                ("with nonce 0", REAL, b"\1\4" + bytes(4), "nonce-mismatch"),
                ("with the nonce, one bit wrong", REAL,
                 b"\1\4" + bytes([nonce[0] ^ 1]) + nonce[1:],
                 "nonce-mismatch"),
                ("with the nonce cut short", REAL, b"\1\4" + nonce[:3],
                 "mapping-mismatch"),
                ("with the nonce behind a forbidden trailer", REAL,
                 b"\x40\0\1\4" + nonce, "bad-trailer")):
            counts = {} if reason == "bad-trailer" or not trailers else \
                {"trailers": 1}
            self.case(f"a bubble from elsewhere {what}",
                      direct(src, trailers), reason, counts=counts)
        self.case("data from elsewhere with the nonce",
                  lambda: self.client.send(REAL, data + b"\1\4" + nonce),
                  "mapping-mismatch", counts={"trailers": 1})
        self.case("a bubble with the nonce is believed, and answered",
                  direct(REAL, b"\1\4" + nonce),
                  counts={"bubble-rx": 1, "bubble-tx": 1, "nonce-rx": 1,
                          "trailers": 1},
                  answers=self.answered((REAL, self.answer + NONCE)))
        self.case("data from there is delivered",
                  lambda: self.client.send(REAL, data), delivered=1)
        self.case("data from elsewhere is not",
                  lambda: self.client.send(OTHER, data), "mapping-mismatch")

    def guesses(self):
        self.client.dev.flush()
        self.case("a peer whose nonce somebody guesses",
                  lambda: self.forwarded(NONCE),
                  counts={"bubble-rx": 1, "bubble-tx": 2, "indirect-tx": 1,
                          "trailers": 1}, state=("peers",),
                  answers=lambda got: self.note(got))
        for _ in range(16):
            self.client.send(OTHER, self.bubble + b"\1\4nope")
        self.case("after 16 wrong ones the right one is none",
                  lambda: self.client.send(
                      REAL, self.bubble + b"\1\4" + self.nonce),
                  "nonce-mismatch", counts={"trailers": 1})

    def note(self, got):
        self.nonce = got[1].payload[len(self.answer) + 2:][:4]
        return len(got) == 2

    def solicitations(self):
        self.client.dev.flush()
        self.case("a direct bubble",
                  lambda: self.client.send(PEER, self.bubble),
                  counts={"bubble-rx": 1}, state=("peers",))
        self.case("a solicitation from elsewhere",
                  lambda: self.client.send(REAL, self.bubble + SOLICIT),
                  "mapping-mismatch", counts={"trailers": 1})
        self.case("a solicitation is answered; the next one in less than half "
                  "a second is not",
                  lambda: [self.client.send(PEER, self.bubble + SOLICIT)
                           for _ in range(2)],
                  counts={"bubble-rx": 2, "bubble-tx": 1, "advert-tx": 1,
                          "trailers": 2},
                  answers=self.answered((PEER, self.answer + ADVERT)))
        self.case("an answer is not answered",
                  lambda: self.client.send(PEER, self.bubble + ADVERT),
                  counts={"bubble-rx": 1, "trailers": 1})

    def off(self):
        self.client.dev.set("extensions", "none")
        self.client.qualify()
        self.own = self.client.own
        self.bubble = bubble(self.peer, self.own)
        self.answer = bubble(self.own, self.peer)
        self.case("without extensions nothing is read",
                  lambda: self.forwarded(NONCE + alternates(*LAN) + SOLICIT),
                  counts={"bubble-rx": 1, "bubble-tx": 1, "trailers": 1},
                  state=("peers",),
                  answers=self.answered((PEER, self.answer)))
        self.client.dev.flush()
        self.case("not even what is malformed",
                  lambda: self.forwarded(BAD_LISTS[0][1]),
                  counts={"bubble-rx": 1, "bubble-tx": 1, "trailers": 1},
                  state=("peers",),
                  answers=self.answered((PEER, self.answer)))
        self.client.dev.set("extensions", "all")
        self.client.qualify()

    def run(self):
        with self.client.sink(socket.inet_ntop(socket.AF_INET6, self.own)):
            self.silent()
            self.lists()
            self.nonces()
            self.guesses()
            self.solicitations()
        self.off()
        self.client.dev.flush()
