#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Draws teredo.json as bars of the median, with lines from the least to the
# most. Needs gnuplot. Usage: plot.py DIR (teredo.svg comes to lie there)

import json
import os
import subprocess
import sys

PANELS = [
    ("tcp_mbit", "TCP through two NATs, Mbit/s"),
    ("udp64_kpps", "UDP of 64 bytes, thousand packets/s"),
    ("relay_mbit", "TCP from a relay, Mbit/s"),
    ("rs_per_s", "RS answered a second"),
    ("setup_rtts", "first answer, round trips of the path"),
    ("peers", "nanoseconds a packet, of so many peers"),
]


def bars(result, key):
    if key == "peers":
        return {n: value["ns_per_packet"] for n, value
                in result[key].items() if isinstance(value, dict)}
    return result[key]


def script(result, out):
    panels = [(key, title) for key, title in PANELS if key in result]
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    lines = [f"set terminal svg size {420 * columns},{320 * rows} "
             "background 'white'",
             f"set output '{out}'",
             f"set multiplot layout {rows},{columns}",
             "set style fill solid 0.4 border",
             "set boxwidth 0.6", "set yrange [0:*]", "unset key",
             "set grid ytics"]
    for key, title in panels:
        lines += [f"set title \"{title}\"", "$data << END"]
        for i, (name, v) in enumerate(bars(result, key).items()):
            lines.append(f"{i} {v['median']} {v['min']} {v['max']} {name}")
        lines += ["END", f"set xrange [-0.6:{len(bars(result, key)) - 0.4}]",
                  "plot $data using 1:2:xtic(5) with boxes lc rgb '#3b6ea5', "
                  "$data using 1:2:3:4 with yerrorbars lc rgb 'black' pt 0"]
    return "\n".join(lines + ["unset multiplot", ""])


def main(folder):
    path = os.path.join(folder, "teredo.json")
    try:
        with open(path, encoding="ascii") as file:
            result = json.load(file)
    except FileNotFoundError:
        print("bench-plot: there is nothing to draw [no-figures]\n"
              f"There is no {path}.\nDo: make bench-teredo", file=sys.stderr)
        return 1
    out = os.path.join(folder, "teredo.svg")
    try:
        subprocess.run(["gnuplot"], input=script(result, out), text=True,
                       check=True)
    except FileNotFoundError:
        print("bench-plot: cannot draw [no-gnuplot]\n"
              "The program gnuplot is not installed.\n"
              "Do: apt-get install gnuplot-nox", file=sys.stderr)
        return 1
    print(out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
