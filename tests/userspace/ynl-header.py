#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The YAML specification and the uapi header describe one interface.

Every enumerator, constant and attribute of include/uapi/linux/teredo.h must be
in Documentation/netlink/specs/teredo.yaml with the same value, and the other
way round; attributes must also have the type that the header's comment names.

The comparison is then run on damaged copies of both files, one damage at a
time: a checker that lets one through would prove nothing.
"""

import copy
import os
import re
import sys

import yaml

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
HEADER = os.path.join(ROOT, "include/uapi/linux/teredo.h")
SPEC = os.path.join(ROOT, "Documentation/netlink/specs/teredo.yaml")

# The first words of an attribute's comment in the header, and what they mean.
TYPES = {
    "u8": ("u8", None),
    "u16": ("u16", None),
    "u32": ("u32", None),
    "u64": ("u64", None),
    "be16": ("u16", "big-endian"),
    "be32": ("u32", "big-endian"),
    "in6_addr": ("binary", None),
    "binary": ("binary", None),
    "string": ("string", None),
    "nest": ("nest", None),
    "bitfield32": ("bitfield32", None),
}


def header_read(text):
    """The enums as {name: [(enumerator, value, comment)]}, and the defines."""
    enums = []
    for m in re.finditer(r"^enum\s*(\w*)\s*\{(.*?)^\};", text, re.S | re.M):
        value, members = 0, []
        for line in m.group(2).splitlines():
            e = re.match(r"\s*(\w+)\s*(=[^,/]*)?,?\s*(?:/\*\s*(.*?)\s*\*/)?\s*$",
                         line)
            if not e:
                continue
            if e.group(2):
                value = int(e.group(2)[1:], 0)
            members.append((e.group(1), value, e.group(3) or ""))
            value += 1
        enums.append((m.group(1), members))
    defines = dict(re.findall(r"^#define[ \t]+(\w+)[ \t]+(\S+)", text, re.M))
    flags = {n: 1 << int(b) for n, b in
             re.findall(r"^#define\s+(\w+)\s+\(1U << (\d+)\)", text, re.M)}
    return enums, defines, flags


def c_name(prefix, name):
    return (prefix + name).upper().replace("-", "_")


def entry_name(entry):
    return entry if isinstance(entry, str) else entry["name"]


def compare(header_text, spec):
    """A list of the differences, in words."""
    enums, defines, flags = header_read(header_text)
    by_name = {name: members for name, members in enums if name}
    by_prefix = {}
    for name, members in enums:
        if not name and members:
            prefix = os.path.commonprefix([m[0] for m in members
                                           if not m[0].startswith("_")])
            by_prefix[prefix] = members
    seen, wrong = set(), []

    def same(what, want, members, first):
        """@members of the header against the names @want of the spec."""
        have = [(n, v) for n, v, _ in members
                if not n.startswith("__") and v >= first]
        expect = [(n, i) for i, n in enumerate(want, first)]
        for n, v in expect:
            if (n, v) not in have:
                wrong.append(f"{what}: the header has no {n} = {v}")
        for n, v in have:
            if (n, v) not in expect:
                wrong.append(f"{what}: the spec has no {n} = {v}")
        if not members[-1][0].startswith("__"):
            wrong.append(f"{what}: the header's enum has no end mark")

    def enum_of(what, name):
        if name not in by_name:
            wrong.append(f"{what}: the header has no enum {name}")
            return None
        seen.add(name)
        return by_name[name]

    for d in spec["definitions"]:
        what = f"{d['type']} {d['name']}"
        if d["type"] == "const":
            name = c_name(spec["name"] + "-", d["name"])
            have = defines.get(name, "").strip('"')
            seen.add(name)
            if have != str(d["value"]):
                wrong.append(f"{what}: the header's {name} is {have!r}")
        elif d["type"] == "flags":
            for i, e in enumerate(d["entries"]):
                name = c_name(d["name-prefix"], entry_name(e))
                seen.add(name)
                if flags.get(name) != 1 << i:
                    wrong.append(f"{what}: the header has no {name} at bit {i}")
        else:
            members = enum_of(what, d["enum-name"])
            if members:
                same(what, [c_name(d["name-prefix"], entry_name(e))
                            for e in d["entries"]], members, 0)

    for s in spec["attribute-sets"]:
        what = f"attribute set {s['name']}"
        prefix = c_name(s["name-prefix"], "")
        if "enum-name" in s:
            members = enum_of(what, s["enum-name"])
        else:
            members = by_prefix.get(prefix)
            seen.add(prefix)
        if not members:
            wrong.append(f"{what}: the header has no enum for it")
            continue
        if members[0][:2] != (prefix + "UNSPEC", 0):
            wrong.append(f"{what}: 0 is not {prefix}UNSPEC")
        same(what, [c_name(s["name-prefix"], a["name"])
                    for a in s["attributes"]], members, 1)
        comments = {n: c for n, _, c in members}
        for a in s["attributes"]:
            name = c_name(s["name-prefix"], a["name"])
            words = re.match(r"(\w*)", comments.get(name, "")).group(1)
            if words not in TYPES:
                if a["type"] != "pad":
                    wrong.append(f"{what}: {name} has no type in the header")
                continue
            if (a["type"], a.get("byte-order")) != TYPES[words]:
                wrong.append(f"{what}: {name} is {words} in the header")
            if words == "in6_addr" and \
                    a.get("checks", {}).get("exact-len") != 16:
                wrong.append(f"{what}: {name} is not 16 bytes long")

    ops = spec["operations"]
    members = enum_of("operations", ops["enum-name"])
    if members:
        same("operations", [c_name(ops["name-prefix"], o["name"])
                            for o in ops["list"]], members, 1)
    names = {o["name"] for o in ops["list"]}
    attrs = {s["name"]: {a["name"] for a in s["attributes"]}
             for s in spec["attribute-sets"]}
    groups = {g["name"] for g in spec["mcast-groups"]["list"]}
    for o in ops["list"]:
        if "notify" in o and o["notify"] not in names:
            wrong.append(f"operation {o['name']}: no {o['notify']}")
        if "mcgrp" in o and o["mcgrp"] not in groups:
            wrong.append(f"operation {o['name']}: no group {o['mcgrp']}")
        for kind in ("do", "dump"):
            for way in o.get(kind, {}).values():
                for a in way.get("attributes", []):
                    if a not in attrs[o["attribute-set"]]:
                        wrong.append(f"operation {o['name']}: no attribute {a}")

    for g in spec["mcast-groups"]["list"]:
        name = c_name(g["c-define-name"], "")
        seen.add(name)
        if defines.get(name, "").strip('"') != g["name"]:
            wrong.append(f"group {g['name']}: the header's {name} is another")
    for key in ("c-family-name", "c-version-name"):
        seen.add(spec[key])
    if defines.get(spec["c-family-name"], "").strip('"') != spec["name"]:
        wrong.append("the family's name is another in the header")

    # What the header has and the spec does not.
    for name in by_name:
        if name not in seen:
            wrong.append(f"the spec does not have the header's enum {name}")
    for prefix in by_prefix:
        if prefix not in seen:
            wrong.append(f"the spec does not have the header's enum {prefix}*")
    for name in list(defines) + list(flags):
        if name in seen or name.endswith("_MAX") or name.startswith("_") or \
                "(" in name or name.startswith("TEREDO_XSTATS_"):
            continue
        wrong.append(f"the spec does not have the header's {name}")
    for name in ("TEREDO_ID_MAX", "TEREDO_SECRET_MAX"):
        if name in defines and name not in seen:
            wrong.append(f"the spec does not have the header's {name}")
    return wrong


def damages(header, spec):
    """(what was done, header, spec) for each way of breaking one of them."""
    for old, new in (
            ("TEREDO_REASON_LOOP,", "TEREDO_REASON_LOOPS,"),
            ("TEREDO_REASON_LOOP,\n", ""),
            ("\tTEREDO_REASON_LOOP,\n",
             "\tTEREDO_REASON_NEW,\n\tTEREDO_REASON_LOOP,\n"),
            ("\tTEREDO_REASON_DEVICE_DOWN,\n",
             "\tTEREDO_REASON_DEVICE_DOWN,\n\tTEREDO_REASON_LAST,\n"),
            ("TEREDO_COUNT_RS_TX,\n\tTEREDO_COUNT_RS_RX,",
             "TEREDO_COUNT_RS_RX,\n\tTEREDO_COUNT_RS_TX,"),
            ("TEREDO_A_REFRESH,\t\t/* u32", "TEREDO_A_REFRESH,\t\t/* u8"),
            ("IFLA_TEREDO_PORT,\t\t/* be16", "IFLA_TEREDO_PORT,\t\t/* be32"),
            ("IFLA_TEREDO_BUBBLE_TTL,", "IFLA_TEREDO_BUBBLE_TTL = 20,"),
            ("TEREDO_UDP_PORT\t\t3544", "TEREDO_UDP_PORT\t\t3545"),
            ("F_LOCAL\t(1U << 1)", "F_LOCAL\t(1U << 4)"),
            ('TEREDO_MCGRP_EVENTS\t"events"', 'TEREDO_MCGRP_EVENTS\t"event"'),
            ("enum teredo_peer_event {", "enum teredo_peer_happening {"),
            ("#define TEREDO_UDP_PORT",
             "#define TEREDO_NEW\t1\n#define TEREDO_UDP_PORT"),
            ("\tTEREDO_CMD_PEER_NTF,", "\tTEREDO_CMD_PEER_EVENT,"),
    ):
        assert old in header, f"nothing to damage: {old!r}"
        yield f"header: {old.strip()!r}", header.replace(old, new, 1), spec

    def one(what, change):
        broken = copy.deepcopy(spec)
        change(broken)
        return f"spec: {what}", header, broken

    for i, d in enumerate(spec["definitions"]):
        if d["type"] == "const":
            yield one(f"value of {d['name']}",
                      lambda s, i=i: s["definitions"][i].update(value="x"))
            continue
        yield one(f"last of {d['name']} dropped",
                  lambda s, i=i: s["definitions"][i]["entries"].pop())
        yield one(f"{d['name']} turned round",
                  lambda s, i=i: s["definitions"][i]["entries"].reverse())
        yield one(f"{d['name']} dropped",
                  lambda s, i=i: s["definitions"].pop(i))
    for i, a in enumerate(spec["attribute-sets"]):
        yield one(f"first of {a['name']} dropped",
                  lambda s, i=i: s["attribute-sets"][i]["attributes"].pop(0))
        yield one(f"type in {a['name']}",
                  lambda s, i=i:
                  s["attribute-sets"][i]["attributes"][0].update(type="s64"))
        yield one(f"{a['name']} dropped",
                  lambda s, i=i: s["attribute-sets"].pop(i))
    yield one("operation dropped", lambda s: s["operations"]["list"].pop())
    yield one("operations swapped",
              lambda s: s["operations"]["list"].reverse())
    yield one("group renamed",
              lambda s: s["mcast-groups"]["list"][0].update(name="x"))


def main():
    with open(HEADER, encoding="utf-8") as f:
        header = f.read()
    with open(SPEC, encoding="utf-8") as f:
        spec = yaml.safe_load(f)
    results = []

    wrong = compare(header, spec)
    results.append((not wrong, "teredo.yaml and teredo.h agree", wrong))
    for what, bad_header, bad_spec in damages(header, spec):
        try:
            caught = not wrong and bool(compare(bad_header, bad_spec))
        except (KeyError, IndexError):
            caught = True
        results.append((caught, f"noticed: {what}", []))

    print(f"TAP version 13\n1..{len(results)}")
    for n, (ok, name, lines) in enumerate(results, 1):
        print(f"{'ok' if ok else 'not ok'} {n} {name}")
        for line in lines:
            print(f"# {line}")
    return 0 if all(ok for ok, _, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main())
