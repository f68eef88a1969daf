#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that every #include follows the layers of the tree.

    check_layers.py [ROOT]       checks ROOT (default: the repository of this file)
    check_layers.py --self-test  plants mistakes in a temporary tree and checks that each is found

Prints "file:line: problem" for each wrong include; the exit status is 1 when there is any.
"""

import re
import sys
import tempfile
from fnmatch import fnmatch
from pathlib import Path

# A layer is a folder below daemon/, a file of daemon/ itself by its stem, a folder below client/ that has a row, or
# another folder of the root.
# Its row lists what its files may include: layers, or patterns for paths.
HEAP_INTERFACE = ["heaps/heap.h", "heaps/memory.h"]
HEAP_TYPES = ["heaps/heap_type.h", "heaps/option.h"]
EVERYTHING = ["daemon/*", "heaps/*", "plugins/*"]
LAYERS = {
    "daemon/base": ["daemon/base"],
    "daemon/abi": ["daemon/abi", "daemon/base"],
    "daemon/core": ["daemon/core", "daemon/base", "include/iond/driver.h", *HEAP_INTERFACE],
    "daemon/journal": ["daemon/journal", "daemon/core", "daemon/base", *HEAP_INTERFACE],
    "daemon/config": ["daemon/config", "daemon/core/fault_rule.h", "daemon/core/limits.h", "daemon/core/limit_check.h", "daemon/base", *HEAP_INTERFACE, *HEAP_TYPES],
    "daemon/usage": ["daemon/usage", "daemon/core", "daemon/base", *HEAP_INTERFACE],
    "daemon/service": [
        "daemon/service", "daemon/abi", "daemon/core", "daemon/config", "daemon/base", *HEAP_INTERFACE
    ],
    "daemon/deliver": ["daemon/deliver", "daemon/base"],
    "daemon/transport": [
        "daemon/transport", "daemon/journal", "daemon/usage", "daemon/core", "daemon/base", *HEAP_INTERFACE
    ],
    "daemon/control": ["daemon/control", "daemon/base"],
    "daemon/loop": ["daemon/loop", "daemon/base"],
    "daemon/host": [
        "daemon/host", "daemon/core", "daemon/config", "daemon/loop", "daemon/base", "heaps", "plugins"
    ],
    "daemon/supervise": [
        "daemon/supervise", "daemon/host", "daemon/loop", "daemon/service", "daemon/usage", "daemon/core", "daemon/abi",
        "daemon/config", "daemon/base", "daemon/deliver/client_fds.h", "daemon/deliver/client_memory.h", *HEAP_INTERFACE
    ],
    "daemon/worker": EVERYTHING,
    "daemon/keeper": EVERYTHING,
    "daemon/main": EVERYTHING,
    "daemon/options": EVERYTHING,
    "daemon/check": EVERYTHING,
    "daemon/prepare": ["daemon/keeper", "daemon/base"],
    "heaps": ["heaps", "daemon/base"],
    "plugins": ["plugins", "heaps", "daemon/base", "include/iond/driver.h"],
    "include": ["heaps", "daemon/base"],
    "client/usage": ["client/usage", "daemon/base"],
    "client/views": ["client/views", "client/usage", "daemon/base"],
    "client": ["client", "daemon/abi/uapi_extension.h", "daemon/control/control_protocol.h", "daemon/base"],
}

# Rows for single files. The interface that plug-ins see depends on base alone.
FILES = {path: [*HEAP_INTERFACE, "daemon/base"] for path in HEAP_INTERFACE}
FILES |= {path: [*HEAP_INTERFACE, *HEAP_TYPES, "daemon/base"] for path in HEAP_TYPES}
# `ionctl run` is a host of the model, in a tool that otherwise only talks to one.
FILES["client/tools/run.cpp"] = [
    "client/tools", "daemon/config/load.h", "daemon/supervise/supervisor.h", "daemon/base", "heaps/heap_catalog.h"
]
# `ionctl heap` makes heaps of its own, in a tool that otherwise only talks to a daemon.
for stem in ("check", "choice", "compare", "plugin_file"):
    for suffix in (".cpp", ".h"):
        FILES[f"client/tools/heap_{stem}{suffix}"] = [
            "client/tools", "daemon/base/quantity.h", "daemon/base", "heaps", "plugins"
        ]

# Headers of libraries: only the files that match may include them, so that one place knows each library.
LIBRARIES = {
    "event2/*": ["daemon/loop/*"],
    "fuse*": ["daemon/transport/*"],
    "cuse*": ["daemon/transport/*"],
    "spdlog/*": ["daemon/base/log.*"],
    "toml++/*": ["daemon/config/*"],
    "seccomp.h": ["daemon/supervise/filter.*"],
    "ncurses.h": ["client/tools/top_screen.*"],
    "CLI/*": ["daemon/main*", "daemon/options*", "client/tools/*"],
    "sys/ptrace.h": ["daemon/deliver/*"],
    "dlfcn.h": ["plugins/*"],
}

# Pure layers make no system call, so they have no use for these headers. <linux/ioctl.h> has only the macros
# that command numbers are made of.
PURE = [
    "daemon/abi/*", "daemon/core/*", "daemon/usage/*", "daemon/service/*", "daemon/config/*", "client/usage/*",
    "client/views/*"
]
SYSTEM_HEADERS = ["sys/*", "unistd.h", "fcntl.h", "linux/*"]
PURE_EXCEPTIONS = {"daemon/config/load.*": SYSTEM_HEADERS, "daemon/abi/*": ["linux/ioctl.h"]}

SUFFIXES = {".h", ".hpp", ".c", ".cc", ".cpp"}
INCLUDE = re.compile(r"^\s*#\s*include\b\s*(.*)")
OPERAND = re.compile(r'"([^"]+)"|<([^>]+)>')


def matches(path, patterns):
    """True when a pattern matches `path`; a pattern without wildcard also matches everything below it."""
    return any(fnmatch(path, pattern) or path.startswith(pattern + "/") for pattern in patterns)


def layer_of(path):
    parts = Path(path).parts
    if parts[0] != "daemon":
        below = "/".join(parts[:2])
        return below if below in LAYERS else parts[0]
    return "daemon/" + (parts[1] if len(parts) > 2 else Path(parts[1]).stem)


def project_problem(root, path, included):
    """What is wrong with `#include "included"` in `path`; None when nothing is."""
    if not (root / included).is_file():
        return f'"{included}" is not a path from the repository root'
    layer = layer_of(path)
    allowed = FILES.get(path, LAYERS.get(layer))
    if allowed is None:
        return f'layer {layer} has no row in {Path(__file__).name}'
    if not matches(included, allowed):
        return f'{layer} may not include "{included}"'
    return None


def system_problem(path, included):
    """What is wrong with `#include <included>` in `path`; None when nothing is."""
    for library, users in LIBRARIES.items():
        if matches(included, [library]) and not matches(path, users):
            return f"<{included}> belongs in {' or '.join(users)} only"
    excused = [header for files, headers in PURE_EXCEPTIONS.items() if matches(path, [files]) for header in headers]
    if matches(path, PURE) and matches(included, SYSTEM_HEADERS) and not matches(included, excused):
        return f"{layer_of(path)} makes no system call: <{included}> has no place in it"
    return None


def problem_of(root, path, operand):
    found = OPERAND.match(operand)
    if not found:
        return "an include must name its file"
    project, system = found.groups()
    return project_problem(root, path, project) if project else system_problem(path, system)


def check(root):
    """Lines "file:line: problem" for all sources below `root`."""
    problems = []
    for top in ("client", "daemon", "heaps", "include", "plugins"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in SUFFIXES:
                continue
            path = file.relative_to(root).as_posix()
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                include = INCLUDE.match(line)
                problem = include and problem_of(root, path, include.group(1))
                if problem:
                    problems.append(f"{path}:{number}: {problem}")
    return problems


# Self-test: (file, its include, whether it must be refused). The files are all there; only the arrow counts.
PLANTED = [
    ("daemon/base/a.cpp", '"daemon/base/result.h"', False),
    ("daemon/base/b.cpp", '"daemon/core/ids.h"', True),
    ("daemon/base/log.cpp", "<spdlog/spdlog.h>", False),
    ("daemon/base/c.cpp", "<spdlog/spdlog.h>", True),
    ("daemon/abi/a.cpp", '"daemon/core/ids.h"', True),
    ("daemon/abi/b.h", "<linux/ioctl.h>", False),
    ("daemon/abi/c.h", "<linux/fs.h>", True),
    ("daemon/core/a.cpp", '"heaps/heap.h"', False),
    ("daemon/core/b.cpp", '"heaps/arena.h"', True),
    ("daemon/core/c.cpp", "<sys/mman.h>", True),
    ("daemon/core/d.cpp", "<linux/ioctl.h>", True),
    ("daemon/config/load.cpp", "<fcntl.h>", False),
    ("daemon/config/a.cpp", "<fcntl.h>", True),
    ("daemon/config/b.cpp", "<toml++/toml.h>", False),
    ("daemon/config/c.cpp", '"heaps/heap_type.h"', False),
    ("daemon/config/d.cpp", '"heaps/arena.h"', True),
    ("daemon/usage/a.cpp", '"daemon/service/service.h"', True),
    ("daemon/usage/b.cpp", "<toml++/toml.h>", True),
    ("daemon/usage/c.cpp", "  <unistd.h>", True),
    ("daemon/service/a.cpp", '"daemon/transport/reply.h"', True),
    ("daemon/journal/a.cpp", '"daemon/core/ids.h"', False),
    ("daemon/journal/b.cpp", "<sys/mman.h>", False),
    ("daemon/deliver/a.cpp", "<sys/ptrace.h>", False),
    ("daemon/worker/a.cpp", "<sys/ptrace.h>", True),
    ("daemon/transport/a.cpp", "<fuse3/fuse_lowlevel.h>", False),
    ("daemon/transport/b.cpp", "<event2/event.h>", True),
    ("daemon/transport/c.cpp", '"daemon/service/service.h"', True),
    ("daemon/loop/a.cpp", "<event2/event.h>", False),
    ("daemon/loop/b.cpp", "<fuse_lowlevel.h>", True),
    ("daemon/control/a.cpp", "<cuse_lowlevel.h>", True),
    ("daemon/worker/b.cpp", '"heaps/arena.h"', False),
    ("daemon/supervise/a.cpp", '"daemon/service/service.h"', False),
    ("daemon/supervise/b.cpp", '"daemon/transport/reply.h"', True),
    ("daemon/supervise/c.cpp", "<seccomp.h>", True),
    ("daemon/host/a.cpp", '"daemon/service/service.h"', True),
    ("client/tools/run.cpp", '"daemon/core/ids.h"', True),
    ("daemon/main.cpp", "<CLI/CLI.hpp>", False),
    ("daemon/main_extra.cpp", '"daemon/base/result.h"', True),
    ("daemon/keeper/a.cpp", "<CLI/CLI.hpp>", True),
    ("daemon/unheard_of/a.cpp", '"daemon/base/result.h"', True),
    ("heaps/a.cpp", '"heaps/arena.h"', False),
    ("heaps/b.cpp", '"daemon/core/ids.h"', True),
    ("heaps/heap.h", '"heaps/arena.h"', True),
    ("heaps/memory.h", '"daemon/base/result.h"', False),
    ("heaps/option.h", '"heaps/arena.h"', True),
    ("client/tools/heap_check.cpp", '"heaps/arena.h"', False),
    ("client/tools/status.cpp", '"heaps/arena.h"', True),
    ("client/a.c", '"daemon/core/ids.h"', True),
    ("client/tools/top.cpp", "<ncurses.h>", True),
    ("client/tools/top_screen.cpp", "<ncurses.h>", False),
    ("client/usage/a.cpp", '"daemon/base/result.h"', False),
    ("client/usage/b.cpp", "<unistd.h>", True),
    ("client/views/a.cpp", '"client/usage/figures.h"', False),
    ("client/views/b.cpp", '"client/tools/subcommand.h"', True),
    ("client/views/c.cpp", '"heaps/arena.h"', True),
    ("client/b.c", '"result.h"', True),
    ("client/c.c", "WHATEVER", True),
]
TARGETS = [
    "daemon/base/result.h", "daemon/core/ids.h", "daemon/service/service.h", "daemon/transport/reply.h",
    "heaps/arena.h", "heaps/heap_type.h", "client/usage/figures.h", "client/tools/subcommand.h"
]


def self_test():
    """0 when exactly the planted mistakes are found, each at its line."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        texts = {target: "" for target in TARGETS}
        texts.update({path: f"// one\n#include {operand}\n" for path, operand, _ in PLANTED})
        for path, text in texts.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        found = {line.split(": ", 1)[0] for line in check(root)}
    expected = {f"{path}:2" for path, _, refused in PLANTED if refused}
    for place in sorted(expected - found):
        print(f"self-test: not caught: {place}")
    for place in sorted(found - expected):
        print(f"self-test: caught without reason: {place}")
    return 1 if expected != found else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    problems = check(root)
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
