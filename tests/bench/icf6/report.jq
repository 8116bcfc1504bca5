# SPDX-License-Identifier: GPL-2.0-or-later
#
# From the lines that "run" measured: what each filter adds to conntrack alone,
# a table to read, and whether the promises are kept.

def line(f; n): .[] | select(.filter == f and .ports == n);
def added(f; n; k): line(f; n)[k] - line("conntrack"; 0)[k];
def right($w): tostring | (" " * ($w - length) // "") + .;
def left($w): . + (" " * ($w - length) // "");
def per_second: if . then 1e9 / . | round else null end;

# Instructions repeat but for a few: what timers and the scheduler do.
def same: 1.02;

. as $lines
| [("established_ns", "new_ns") as $what | (0, 100, 10000) as $ports
   | select($what == "established_ns" or $ports > 0)
   | {$what, $ports}
     + ([("icf6", "nft", "brief") as $f
         | {key: $f, value: ($lines | added($f; $ports; $what) | round)}]
        | from_entries)
     | . + {ratio: (.icf6 / .nft * 1000 | round / 1000)}] as $added
| {
    $kernel,
    lines: [.[] | . + {established_per_s: (.established_ns | per_second),
                       new_per_s: (.new_ns | per_second)}],
    added_ns: $added,
    promises: [
      {promise: "icf6 adds at most half of what the equivalent nftables ruleset adds",
       kept: ($added | all(.ratio <= 0.5))},
      {promise: "what icf6 costs does not grow with the number of ports",
       kept: ([(0, 10000) as $n | line("icf6"; $n).established_ns]
              | .[1] <= .[0] * same)},
      {promise: "neither does it for a new flow",
       kept: ([(100, 10000) as $n | line("icf6"; $n).new_ns]
              | .[1] <= .[0] * same)}
    ]
  }
| .table = [
    (["filter", "ports", "packets/s", "new flows/s", "TCP Mbit/s"],
     (.lines[] | [.filter, .ports, .established_per_s, .new_per_s // "-", .tcp_mbit])
     | (.[0] | left(12)) + (.[1:] | map(right(13)) | add)),
    "",
    (["added, ns", "ports", "icf6", "nft", "brief", "icf6/nft"],
     (.added_ns[] | [(.what | rtrimstr("_ns")), .ports, .icf6, .nft, .brief, .ratio])
     | (.[0] | left(12)) + (.[1:] | map(right(10)) | add))
  ]
