#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes a table and teredo.json of what run has measured; exit status 1 if a
# promised ratio is not kept. Usage: report.py DIR

import json
import os
import statistics
import sys

PATHS = ["teredo", "miredo", "fou", "geneve", "ipv4"]
METRICS = [
    ("tcp_mbit", "TCP, Mbit/s"),
    ("udp64_kpps", "UDP of 64 bytes, thousand packets/s"),
    ("rtt_us", "round trip, microseconds"),
    ("rs_per_s", "RS answered a second"),
    ("rs_asked", "RS sent a second, at most"),
]
# Ratios are taken within a round and then their median: the speed of the
# machine, which changes from round to round, is in both halves of each.
RATIOS = [
    ("tcp_teredo_miredo", "tcp_mbit", "miredo", 15),
    ("tcp_teredo_fou", "tcp_mbit", "fou", None),
    ("tcp_teredo_geneve", "tcp_mbit", "geneve", None),
    ("tcp_teredo_ipv4", "tcp_mbit", "ipv4", None),
    ("udp64_teredo_miredo", "udp64_kpps", "miredo", None),
    ("udp64_teredo_fou", "udp64_kpps", "fou", None),
    ("udp64_teredo_geneve", "udp64_kpps", "geneve", None),
    ("rtt_teredo_miredo", "rtt_us", "miredo", None),
    ("rtt_teredo_fou", "rtt_us", "fou", None),
    ("rs_teredo_miredo", "rs_per_s", "miredo", 5),
]


def number(value):
    return float(f"{value:.4g}")


def main(folder):
    samples = {metric: {} for metric, _ in METRICS}
    with open(os.path.join(folder, "samples"), encoding="ascii") as file:
        for line in file:
            _, metric, path, value = line.split()
            samples[metric].setdefault(path, []).append(float(value))
    with open(os.path.join(folder, "kernel"), encoding="ascii") as file:
        kernel = file.read().strip()

    with open(os.path.join(folder, "processors"), encoding="ascii") as file:
        processors = int(file.read())

    result = {"kernel": kernel, "processors": processors,
              "rounds": len(samples["rs_per_s"]["teredo"])}
    for metric, paths in samples.items():
        result[metric] = {
            path: number(statistics.median(values))
            for path, values in paths.items()
        }
    result["ratio"] = {}
    failed = []
    for name, metric, other, least in RATIOS:
        pairs = zip(samples[metric]["teredo"], samples[metric][other])
        ratio = number(statistics.median(a / b for a, b in pairs))
        result["ratio"][name] = ratio
        # On one processor the load is most of what is measured.
        if metric == "rs_per_s" and processors < 2:
            continue
        if least and ratio < least:
            failed.append((name, ratio, least))
    result["samples"] = samples
    with open(os.path.join(folder, "teredo.json"), "w",
              encoding="ascii") as file:
        json.dump(result, file, indent=1)
        file.write("\n")

    print(f"\nLinux {kernel}, {processors} processors, medians of {result['rounds']} rounds\n")
    print(" " * 36 + "".join(f"{path:>10}" for path in PATHS))
    for metric, words in METRICS:
        row = "".join(
            f"{result[metric][path]:>10g}" if path in result[metric]
            else " " * 10 for path in PATHS)
        print(f"{words:36}{row}")
    print("\nteredo, divided by each\n")
    for metric, words in METRICS:
        row = " " * 10
        for path in PATHS[1:]:
            ratio = [result["ratio"][name] for name, m, other, _ in RATIOS
                     if m == metric and other == path]
            row += f"{ratio[0]:>10.3g}" if ratio else " " * 10
        print(f"{words:36}{row}".rstrip())
    for name, ratio, least in failed:
        print(f"\nbench: a promised ratio is not kept [{name}]\n"
              f"It is {ratio}, and has to be {least} or more.\n"
              "Do: make bench-teredo again on a machine that does nothing "
              "else", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
