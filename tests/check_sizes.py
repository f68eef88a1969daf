#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the size and shape of the C and C++ files of the tree.

    check_sizes.py [ROOT]       checks ROOT (default: the repository of this file)
    check_sizes.py --self-test  plants mistakes in a temporary tree and checks that each is found

Prints "file: problem" for each mistake; the exit status is 1 when there is any. The length of functions is
clang-tidy's business.
"""

import statistics
import sys
import tempfile
from fnmatch import fnmatch
from pathlib import Path

TOPS = ["client", "daemon", "examples", "heaps", "include", "plugins", "tests"]
SUFFIXES = {".h", ".hpp", ".c", ".cc", ".cpp"}
MAX_LINES = 400
MAX_MEDIAN = 120
LICENCE = "SPDX-License-Identifier: Apache-2.0"
FIRST_LINES = [f"// {LICENCE}", f"/* {LICENCE} */"]  # the second for headers that C89 programs include

# What others program against explains itself: this share of the lines that are not blank are comments.
PUBLIC_HEADERS = ["heaps/heap.h", "heaps/memory.h", "client/include/*"]
MIN_COMMENTS = 0.30


def comment_share(lines):
    """Share of lines with a comment among those that are not blank."""
    comments = total = 0
    in_block = False
    for line in lines:
        if not line.strip():
            continue
        total += 1
        comments += in_block or "//" in line or "/*" in line
        if not in_block and "/*" in line:
            line = line.split("/*", 1)[1]
            in_block = True
        in_block = in_block and "*/" not in line
    return comments / total if total else 1.0


def problems_of(path, lines):
    if not lines or lines[0] not in FIRST_LINES:
        yield f"the first line is not {FIRST_LINES[0]}"
    if len(lines) > MAX_LINES:
        yield f"{len(lines)} lines, more than {MAX_LINES}"
    if any(fnmatch(path, pattern) for pattern in PUBLIC_HEADERS) and comment_share(lines) < MIN_COMMENTS:
        yield f"{comment_share(lines):.0%} comment lines in a public header, less than {MIN_COMMENTS:.0%}"


def check(root):
    """Lines "file: problem" for all sources below `root`."""
    problems = []
    lengths = []
    for top in TOPS:
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in SUFFIXES:
                continue
            lines = file.read_text(encoding="utf-8").splitlines()
            path = file.relative_to(root).as_posix()
            problems += [f"{path}: {problem}" for problem in problems_of(path, lines)]
            lengths.append(len(lines))
    if lengths and statistics.median(lengths) > MAX_MEDIAN:
        problems.append(f"all files: the median is {statistics.median(lengths):g} lines, more than {MAX_MEDIAN}")
    return problems


# Self-test: file, its lines, and how the complaint about it begins ("" for none).
FIRST = FIRST_LINES[0]
PLANTED = [
    ("daemon/good.cpp", [FIRST, "int a;"], ""),
    ("daemon/full.cpp", [FIRST] * MAX_LINES, ""),
    ("daemon/long.cpp", [FIRST] * (MAX_LINES + 1), "401 lines"),
    ("daemon/bare.c", ["int a;"], "the first line"),
    ("daemon/late.c", ["", FIRST], "the first line"),
    ("daemon/empty.c", [], "the first line"),
    ("client/include/ion/c.h", [FIRST_LINES[1], "/**", " * x", " */", "int a;", "int b;"], ""),
    ("client/include/ion/bare.h", [FIRST_LINES[1], "int a;  /* x", " y */", "int b;", *["int c;"] * 5], ""),
    ("client/include/ion/poor.h", [FIRST, *["int a;"] * 3], "25% comment"),
    ("client/private.h", [FIRST, *["int a;"] * 30], ""),
    ("heaps/heap.h", [FIRST, *["int a;"] * 9], "10% comment"),
]


def self_test():
    """0 when exactly the planted mistakes are found, and a tree of long files for its median."""
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for path, lines, _ in PLANTED:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        found = dict(problem.split(": ", 1) for problem in check(root))
    for path, _, expected in PLANTED:
        if not found.get(path, "").startswith(expected) or (path in found and not expected):
            failures.append(f"self-test: {path}: {found.get(path, 'nothing')!r} instead of {expected!r}")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "daemon").mkdir()
        (Path(folder) / "daemon/a.c").write_text((FIRST + "\n") * (MAX_MEDIAN + 1), encoding="utf-8")
        if len(check(Path(folder))) != 1:
            failures.append("self-test: the median is not checked")
    print("\n".join(failures), end="\n" if failures else "")
    return 1 if failures else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    problems = check(root)
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
