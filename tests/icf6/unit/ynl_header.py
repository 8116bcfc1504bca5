#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""icf6.yaml and icf6.h describe one interface.

The comparison is that of tests/userspace/ynl-header.py, which is proved on
damaged copies there; a few damages here prove that it sees this family, too.
"""

import copy
import importlib.util
import os
import sys

import yaml

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../..")


def load_compare():
    path = os.path.join(ROOT, "tests/userspace/ynl-header.py")
    spec = importlib.util.spec_from_file_location("ynl_header", path)
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode = True
    spec.loader.exec_module(module)
    return module.compare


def damages(header, spec):
    for old, new in (
            ("\tICF6_REASON_ND,\n", ""),
            ("ICF6_OPT_LOCK\t\t(1U << 10)", "ICF6_OPT_LOCK\t\t(1U << 20)"),
            ("ICF6_A_PORT_PORT,\t\t/* u16", "ICF6_A_PORT_PORT,\t\t/* u32"),
            ("ICF6_A_CONF_ICMP,\t\t/* bitfield32",
             "ICF6_A_CONF_ICMP,\t\t/* u32"),
            ("\tICF6_CMD_FLUSH,\n", ""),
            ("ICF6_LABEL_MAX\t\t63", "ICF6_LABEL_MAX\t\t64"),
            ("ICF6_PORT_PNRP\t\t3540", "ICF6_PORT_PNRP\t\t3541"),
    ):
        assert old in header, f"nothing to damage: {old!r}"
        yield f"header: {old.strip()!r}", header.replace(old, new, 1), spec
    for i, s in enumerate(spec["attribute-sets"]):
        broken = copy.deepcopy(spec)
        broken["attribute-sets"][i]["attributes"].pop(0)
        yield f"spec: first of {s['name']} dropped", header, broken
    for i, d in enumerate(spec["definitions"]):
        broken = copy.deepcopy(spec)
        if d["type"] == "const":
            broken["definitions"][i]["value"] = "x"
        else:
            broken["definitions"][i]["entries"].pop()
        yield f"spec: {d['name']} changed", header, broken


def main():
    compare = load_compare()
    with open(os.path.join(ROOT, "include/uapi/linux/icf6.h"),
              encoding="utf-8") as f:
        header = f.read()
    with open(os.path.join(ROOT, "Documentation/netlink/specs/icf6.yaml"),
              encoding="utf-8") as f:
        spec = yaml.safe_load(f)
    wrong = compare(header, spec)
    results = [(not wrong, "icf6.yaml and icf6.h agree", wrong)]
    for what, bad_header, bad_spec in damages(header, spec):
        results.append((not wrong and bool(compare(bad_header, bad_spec)),
                        f"noticed: {what}", []))
    print(f"TAP version 13\n1..{len(results)}")
    for n, (ok, name, lines) in enumerate(results, 1):
        print(f"{'ok' if ok else 'not ok'} {n} {name}")
        for line in lines:
            print(f"# {line}")
    return 0 if all(ok for ok, _, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main())
