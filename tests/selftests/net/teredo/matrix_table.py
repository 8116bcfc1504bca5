#!/usr/bin/python3 -SE
# SPDX-License-Identifier: GPL-2.0
"""What is known of pairs of NATs: by RFC 4380, by RFC 6081, of Miredo.

A row is the NAT of who begins, a column that of who is reached. "native" is a
host with IPv6 and without Teredo, behind a relay.

  matrix_table.py cells MODE...      the plan's cells for matrix.py
  matrix_table.py samenat            those of clients behind one NAT
  matrix_table.py table <RESULTS     their results beside what is known
  matrix_table.py markdown <RESULTS  the same for the documentation

MODE is "none" or "all" extensions.
"""
import sys

KINDS = ("cone", "addr", "port", "upnp-port", "upnp-symm", "pp-symm",
         "seq-symm", "random-symm", "addr-symm")

NAMES = {
    "cone": "cone",
    "addr": "address-restricted",
    "port": "port-restricted",
    "upnp-port": "UPnP port-restricted",
    "upnp-symm": "UPnP port-symmetric",
    "pp-symm": "port-preserving symmetric",
    "seq-symm": "sequential symmetric",
    "random-symm": "port-symmetric",
    "addr-symm": "address-symmetric",
    "native": "native IPv6",
}


def _table(columns, text):
    rows = {}
    for line in text.strip().splitlines():
        kind, *cells = line.split()
        rows[kind] = dict(zip(columns, cells, strict=True))
    return rows


# RFC 6081 section 3, figure 1: "yes" where RFC 4380 is enough.
RFC6081 = _table(KINDS, """
cone        yes yes yes     yes      SNS      SNS    SNS    SNS SNS
addr        yes yes yes     yes      SNS      SNS    SNS    SNS no
port        yes yes yes     yes      no       SNS+PP SNS+SP no  no
upnp-port   yes yes yes     yes      SNS+UPnP no     no     no  no
upnp-symm   SNS SNS no      SNS+UPnP SNS+UPnP no     no     no  no
pp-symm     SNS SNS SNS+PP  no       no       SNS+PP SNS+SP no  no
seq-symm    SNS SNS SNS+SP  no       no       no     no     no  no
random-symm SNS SNS no      no       no       no     no     no  no
addr-symm   SNS no  no      no       no       no     no     no  no
""")

# RFC 4380 sections 3.1, 5.2.1: a symmetric NAT gives its client no address.
# Nobody asks a gateway for a port then, so one that could give it is as good
# as one that cannot.
ASYMMETRIC = KINDS[:4]

# Miredo 1.2.6 on both sides, as measured in a lab like this one.
MIREDO = _table(("cone", "addr", "port", "pp-symm", "seq-symm",
                 "random-symm"), """
cone        yes yes yes yes yes yes
addr        yes yes yes yes yes yes
port        yes yes yes no  no  no
pp-symm     no  no  no  no  no  no
seq-symm    no  no  no  no  no  no
random-symm no  no  no  no  no  no
""")

# Two clients behind one NAT: RFC 4380 sections 5.2.8 and 8.3, RFC 6081 section
# 3.5. With a NAT that hairpins they are like clients of two NATs.
PLACES = {
    "hairpin": "the NAT hairpins",
    "link": "no hairpin, one link",
    "subnets": "no hairpin, two routed subnets",
    "nested": "nested NATs, the outer one does not hairpin",
    "apart": "no hairpin, subnets that are kept apart",
}
HELP = {
    "plain": "RFC 4380",
    "discovery": "discovery",
    "hp": "HP",
    "upnp": "HP and UPnP",
}
SAMENAT = _table(tuple(HELP), """
hairpin yes yes yes yes
link    no  yes yes yes
subnets no  no  yes yes
nested  no  no  no  yes
apart   no  no  no  no
""")


def rfc(extensions, begins, reached):
    """"yes", the extensions it takes, "no", or "-" where no RFC says."""
    both = {begins, reached} - {"native"}
    if both <= set(ASYMMETRIC):
        return "yes"
    if not extensions:
        return "no"
    if "native" in (begins, reached):
        return "-"
    return RFC6081[begins][reached]


def miredo(begins, reached):
    return MIREDO.get(begins, {}).get(reached, "-")


def host(letter, kind, mode):
    if kind == "native":
        return "web"
    return letter + kind.replace("-", "") + ("" if mode == "all" else "0")


def pairs():
    for begins in KINDS:
        for reached in KINDS:
            yield begins, reached
    for kind in KINDS:
        yield "native", kind
        yield kind, "native"


def cells(modes):
    for mode in modes:
        for begins, reached in pairs():
            known = rfc(mode == "all", begins, reached)
            print("cell", "either" if known in ("no", "-") else "yes",
                  host("a", begins, mode), host("b", reached, mode),
                  mode, begins, reached)


def samenat():
    for p, place in enumerate(PLACES, 1):
        for m, mode in enumerate(HELP, 1):
            print("cell", "yes" if SAMENAT[place][mode] == "yes" else "either",
                  "c%d%d1" % (p, m), "c%d%d2" % (p, m), "samenat", place, mode)


def read(lines):
    """{table: {(row, column): reached or not}}"""
    found = {}
    for line in lines:
        if line[0] == "\t":
            continue
        _, yes, _, _, _, name, row, column = line.split()
        found.setdefault(name, {})[row, column] = yes == "yes"
    return found


def word(known, yes):
    """What came of a pair, and in what it differs from what is known."""
    if known in ("no", "-"):
        return "YES" if yes else "no"
    return known if yes else "FAILS"


def grid(corner, cell, rows, columns):
    return [[corner, *columns],
            *([row, *(cell(row, column) for column in columns)]
              for row in rows)]


def pair_tables(found):
    ends = KINDS + ("native",)
    corner = "begins, reached"
    for mode, title in (("none", "Here, without extensions (RFC 4380)"),
                        ("all", "Here, with all extensions (RFC 6081)")):
        yield (title, grid(
            corner, lambda b, r, m=mode:
            word(rfc(m == "all", b, r), found[m][b, r])
            if (b, r) in found[m] else "", ends, ends))
    yield ("RFC 6081, figure 1",
           grid(corner, lambda b, r: RFC6081[b][r], KINDS, KINDS))
    yield ("Miredo 1.2.6 with itself",
           grid(corner, miredo, tuple(MIREDO), tuple(MIREDO)))


def samenat_tables(found):
    yield ("Here, two clients behind one NAT", grid(
        "place", lambda p, m: word(SAMENAT[p][m], found["samenat"][p, m]),
        PLACES, HELP))
    yield ("As RFC 4380 and RFC 6081 have it", grid(
        "place", lambda p, m: SAMENAT[p][m], PLACES, HELP))


def tables(found):
    """(title, rows) of each table."""
    return (samenat_tables if "samenat" in found else pair_tables)(found)


def table(found):
    for title, rows in tables(found):
        print("\n# %s" % title)
        for row in rows:
            print(("# %-17s" % row[0] +
                   "".join(" %-11s" % cell for cell in row[1:])).rstrip())


# What is not as the RFCs have it.
BOLD = {"YES": "**yes**", "FAILS": "**no**"}


def markdown(found):
    names = NAMES | PLACES | HELP
    for title, rows in tables(found):
        print("\n%s:\n" % title)
        for n, row in enumerate(rows):
            if n == 0:
                row = [names.get(word, word) for word in row]
            row = [BOLD.get(word, word) for word in row]
            print("| %s |" % " | ".join([names.get(row[0], row[0]), *row[1:]]))
            if n == 0:
                print("|" + " --- |" * len(row))


def main():
    command, args = sys.argv[1], sys.argv[2:]
    if command == "cells":
        cells(args)
    elif command == "samenat":
        samenat()
    else:
        {"table": table, "markdown": markdown}[command](read(sys.stdin))


main()
