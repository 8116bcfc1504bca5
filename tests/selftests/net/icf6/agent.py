#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Runs commands of icf6.py and probe.py for lib.sh, one after the other.

To start Python for each takes longer than what the command does. A request is
a line of words with 0x1f in between; the answer is the lines that the command
prints, "!" before those for standard error, and "=STATUS" at the end. The
first word "probe" names the other program, "exit" ends this one.
"""

import contextlib
import io
import sys

import icf6
import probe


def run(words):
    if words[0] == "probe":
        numbers = [int(w) for w in words[3:]]
        print({"syn": probe.syn, "udp": probe.udp}[words[1]](words[2],
                                                             *numbers))
        return 0
    return icf6.run(words[0], words[1:])


def main():
    for line in sys.stdin:
        words = line.rstrip("\n").split("\x1f")
        if words == ["exit"]:
            return
        out, complaint = io.StringIO(), ""
        try:
            with contextlib.redirect_stdout(out):
                status = run(words)
        except (icf6.Refused, OSError, ValueError, KeyError) as e:
            status, complaint = 1, str(e) or repr(e)
        sys.stdout.write(out.getvalue())
        for text in complaint.splitlines():
            print("!" + text)
        print(f"={status}", flush=True)


if __name__ == "__main__":
    main()
