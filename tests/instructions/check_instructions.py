#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts the instructions and heap allocations of fixed requests, and compares them with a baseline.

    check_instructions.py HOT_PATH [--update]

Runs tests/instructions/hot_path.cpp under valgrind's callgrind, whose processor is the same everywhere. Fails when a request
takes more than TOLERANCE more instructions than tests/instructions/baseline.json says, or any more allocations; when 100,000
buffers of 1,000 clients make one cost more times as much than WORKLOADS say; and when the baseline knows other requests. --update
writes the baseline. The exit status is 77 where there is no valgrind.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BASELINE = Path(__file__).with_name("baseline.json")
WORKLOADS = {"channel": 1.2, "handle": 1.2, "import": 2}  # how many times as much one may cost before a FULL table
COUNT = 1000
EMPTY, FULL = (0, 1), (100_000, 1000)  # buffers and clients
TOLERANCE = 0.05
ALLOCATORS = {"malloc", "calloc", "realloc", "aligned_alloc"}


def parse(text):
    """Instructions, and calls of the allocators, of a file in callgrind's format."""
    names, calls, callee = {}, 0, ""
    for line in text.splitlines():
        if match := re.match(r"c?fn=\((\d+)\)(?: (.*))?", line):
            number, name = match.groups()
            names.setdefault(number, name)
            callee = names[number] if line.startswith("cfn") else ""
        elif line.startswith("calls=") and callee.split("'")[0] in ALLOCATORS:
            calls += int(line[6:].split()[0])
    total = re.search(r"^(?:summary|totals): (\d+)", text, re.MULTILINE)
    return int(total.group(1)), calls


def count(program, workload, table):
    """Instructions and allocations of one request with that many buffers and clients."""
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(
            ["valgrind", "--quiet", "--tool=callgrind", "--toggle-collect=count_this", f"--callgrind-out-file={out.name}",
             program, workload, str(COUNT), *map(str, table)], check=True, timeout=900, stdin=subprocess.DEVNULL)
        instructions, allocations = parse(Path(out.name).read_text(encoding="utf-8"))
    return {"instructions": round(instructions / COUNT), "allocations": round(allocations / COUNT, 2)}


def compare(measured, full, baseline):
    """What is worse than it may be, as lines."""
    if measured.keys() != baseline.keys():
        yield f"the baseline has {sorted(baseline)} instead of {sorted(measured)}: --update writes it anew"
        return
    for name, one in measured.items():
        known = baseline[name]
        if one["instructions"] > known["instructions"] * (1 + TOLERANCE):
            yield f"{name}: {one['instructions']} instructions, baseline {known['instructions']}"
        if one["allocations"] > known["allocations"] + 0.05:  # tables that grow allocate now and then
            yield f"{name}: {one['allocations']} allocations, baseline {known['allocations']}"
        if full[name]["instructions"] > one["instructions"] * WORKLOADS[name]:
            yield (f"{name}: {full[name]['instructions']} instructions with {FULL[0]} buffers of {FULL[1]} clients, "
                   f"{one['instructions']} without")


def main(arguments):
    if shutil.which("valgrind") is None:
        print("there is no valgrind")
        return 77
    program = arguments[0]
    measured = {name: count(program, name, EMPTY) for name in WORKLOADS}
    full = {name: count(program, name, FULL) for name in WORKLOADS}
    for name in WORKLOADS:
        print(f"{name:10}{measured[name]['instructions']:8} instructions{measured[name]['allocations']:7} allocations"
              f"{full[name]['instructions']:8} instructions with {FULL[0]} buffers of {FULL[1]} clients")
    if "--update" in arguments[1:]:
        BASELINE.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
        return 0
    problems = list(compare(measured, full, json.loads(BASELINE.read_text(encoding="utf-8"))))
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
