#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes a table and teredo.json of what run has measured; exit status 1 if a
# promise is not kept. Usage: report.py DIR

import json
import os
import statistics
import sys

PATHS = ["teredo", "miredo", "fou", "geneve", "ipv4"]
METRICS = [
    ("tcp_mbit", "TCP, Mbit/s"),
    ("udp64_kpps", "UDP of 64 bytes, thousand packets/s"),
    ("rtt_us", "round trip, microseconds"),
    ("relay_mbit", "TCP from a relay, Mbit/s"),
    ("setup_rtts", "first answer, in round trips"),
    ("rs_per_s", "RS answered a second"),
    ("rs_asked", "RS sent a second, at most"),
]
# Ratios are taken within a round: the speed of the machine, which changes from
# round to round, is in both halves of each. Name, metric, ours, the other's,
# what is promised of the median.
RATIOS = [
    ("tcp_vs_fou", "tcp_mbit", "teredo", "fou", 0.95),
    ("tcp_vs_miredo", "tcp_mbit", "teredo", "miredo", 30),
    ("tcp_vs_geneve", "tcp_mbit", "teredo", "geneve", None),
    ("tcp_vs_ipv4", "tcp_mbit", "teredo", "ipv4", None),
    ("udp64_vs_fou", "udp64_kpps", "teredo", "fou", 0.9),
    ("udp64_vs_miredo", "udp64_kpps", "teredo", "miredo", None),
    ("udp64_vs_geneve", "udp64_kpps", "teredo", "geneve", None),
    ("rtt_vs_miredo", "rtt_us", "teredo", "miredo", None),
    ("rtt_vs_fou", "rtt_us", "teredo", "fou", None),
    ("relay_vs_miredo", "relay_mbit", "teredo", "miredo", None),
    ("rs_vs_miredo", "rs_per_s", "teredo", "miredo", 5),
    ("rs_million_vs_one", "rs_clients", "1000000", "1", 0.9),
]
PEERS = ["1000", "1000000"]
# On one processor the load is most of what is measured, and nothing waits.
NEED_PROCESSORS = {"rs_vs_miredo", "tcp_vs_miredo"}


def number(value):
    return float(f"{value:.4g}")


def spread(values):
    return {"min": number(min(values)),
            "median": number(statistics.median(values)),
            "max": number(max(values))}


def read(folder):
    samples = {}
    with open(os.path.join(folder, "samples"), encoding="ascii") as file:
        for line in file:
            _, metric, path, value = line.split()
            samples.setdefault(metric, {}).setdefault(path, []).append(
                float(value))
    return samples


def first_line(folder, name):
    with open(os.path.join(folder, name), encoding="ascii") as file:
        return file.read().strip()


def evaluate(samples, processors):
    """The figures by key, and what was promised and is not so."""
    result, failed = {}, []

    def promise(name, value, limit, kept):
        if not kept:
            failed.append((name, value, limit))

    for metric, _ in METRICS:
        if metric in samples:
            result[metric] = {path: spread(values)
                              for path, values in samples[metric].items()}
    result["ratio"] = {}
    for name, metric, ours, other, least in RATIOS:
        if not samples.get(metric, {}).keys() >= {ours, other}:
            continue
        ratio = spread([a / b for a, b in zip(samples[metric][ours],
                                              samples[metric][other])])
        result["ratio"][name] = ratio
        if least and not (name in NEED_PROCESSORS and processors < 2):
            promise(f"ratio.{name}", ratio["median"], f"{least} or more",
                    ratio["median"] >= least)
    if "rs_clients" in samples:
        result["rs_clients"] = {n: spread(values) for n, values
                                in samples["rs_clients"].items()}
    if "setup_rtts" in samples:
        rtts = result["setup_rtts"]["teredo"]["median"]
        promise("setup_rtts.teredo", rtts, "2.2 or less", rtts <= 2.2)
    if "peers_ns" in samples:
        peers = result["peers"] = {}
        for n in PEERS:
            peers[n] = {
                "ns_per_packet": spread(samples["peers_ns"][n]),
                "ns_in": spread(samples["peers_in_ns"][n]),
                "ns_out": spread(samples["peers_out_ns"][n]),
            }
        peers["bytes_each"] = samples["peers_bytes_each"]["teredo"][0]
        peers["stalls_above_1_ms"] = samples["peers_stalls"]["teredo"][0]
        result["ratio"]["peers_million_vs_thousand"] = flat = spread(
            [b / a for a, b in zip(*(samples["peers_ns"][n]
                                     for n in PEERS))])
        promise("ratio.peers_million_vs_thousand", flat["median"],
                "1.2 or less", flat["median"] <= 1.2)
        promise("peers.bytes_each", peers["bytes_each"], "320 or less",
                peers["bytes_each"] <= 320)
        # The clock of several processors on a busy host says nothing.
        if processors < 2:
            promise("peers.stalls_above_1_ms", peers["stalls_above_1_ms"],
                    "0", peers["stalls_above_1_ms"] == 0)
    return result, failed


def table(result):
    print(" " * 36 + "".join(f"{path:>10}" for path in PATHS))
    for metric, words in METRICS:
        if metric in result:
            row = "".join(
                f"{result[metric][path]['median']:>10g}"
                if path in result[metric] else " " * 10 for path in PATHS)
            print(f"{words:36}{row}".rstrip())
    print("\n" + " " * 36 + f"{'min':>10}{'median':>10}{'max':>10}")
    for name, ratio in result["ratio"].items():
        print(f"ratio.{name:30}" +
              "".join(f"{ratio[k]:>10.3g}" for k in ratio))
    if "peers" in result:
        for n in PEERS:
            for key, ns in result["peers"][n].items():
                print(f"{f'peers.{n}.{key}':36}" +
                      "".join(f"{ns[k]:>10g}" for k in ns))
        for key in "bytes_each", "stalls_above_1_ms":
            print(f"{f'peers.{key}':36}{'':10}"
                  f"{result['peers'][key]:>10g}")


def main(folder):
    samples = read(folder)
    processors = int(first_line(folder, "processors"))
    figures, failed = evaluate(samples, processors)
    rounds = max(len(values) for paths in samples.values()
                 for values in paths.values())
    result = {"kernel": first_line(folder, "kernel"),
              "processors": processors, "rounds": rounds, **figures,
              "samples": samples}
    with open(os.path.join(folder, "teredo.json"), "w",
              encoding="ascii") as file:
        json.dump(result, file, indent=1)
        file.write("\n")

    print(f"\nLinux {result['kernel']}, {processors} processors, "
          f"medians of {rounds} rounds\n")
    table(result)
    for name, value, limit in failed:
        print(f"\nbench: a promise is not kept [{name}]\n"
              f"It is {value}, and has to be {limit}.\n"
              "Do: make bench-teredo again on a machine that does nothing "
              "else", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
