#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the manual pages with what they describe.

    check_manuals.py BIN_DIR     BIN_DIR has iond and ionctl

The options of iond(8) and ionctl(1) are those of --help, of every subcommand; the keys of iond.toml(5) are those that
the daemon's tables have; libion(3) has every exported function. Prints what is missing or too much; the exit status is
1 when there is any.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OPTION = re.compile(r"--[a-z][a-z-]*")


def page(name):
    return (ROOT / "man" / (name + ".scd")).read_text(encoding="utf-8")


def help_of(program, *command):
    return subprocess.run([program, *command, "--help"], check=True, capture_output=True, text=True, timeout=60).stdout


def subcommands_of(text):
    below = text.partition("Subcommands:\n")[2]
    return re.findall(r"^  ([a-z]+) ", below, re.MULTILINE)


def all_help(program, *command):
    """Help texts of a program and of everything below, by command."""
    text = help_of(program, *command)
    texts = {command: text}
    for name in subcommands_of(text):
        texts |= all_help(program, *command, name)
    return texts


def differences(what, documented, real):
    return [f"{what}: {name} is not documented" for name in sorted(real - documented)] + [
        f"{what}: {name} does not exist" for name in sorted(documented - real)
    ]


def documented_options(name):
    """Options at the beginning of bold text; options of other programs stand in plain text."""
    return set(re.findall(r"\*(--[a-z][a-z-]*)\*", page(name)))


def check_programs(bin_dir):
    problems = []
    for program, name in (("iond", "iond.8"), ("ionctl", "ionctl.1")):
        texts = all_help(str(bin_dir / program))
        real = {option for text in texts.values() for option in OPTION.findall(text)}
        problems += differences(name, documented_options(name), real)
        for command in filter(None, texts):
            if subcommands_of(texts[command]):
                continue
            if not re.search(rf"^\*{' '.join(command)}\*", page(name), re.MULTILINE):
                problems.append(f"{name}: the command {' '.join(command)} is not documented")
    return problems


def configuration_keys():
    """The rows of docs/configuration.md, which a unit test compares with the parser."""
    text = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| `([a-z_.]+)` \|", text, re.MULTILINE))


def check_keys():
    rows = re.findall(r"^(\*[a-z].*) \(", page("iond.toml.5"), re.MULTILINE)
    documented = {key for row in rows for key in re.findall(r"\*([a-z_.]+)\*", row)}
    return differences("iond.toml.5", documented, configuration_keys())


def check_functions():
    real = set(re.findall(r"^    (ion_\w+);", (ROOT / "client/src/libion.map").read_text(encoding="utf-8"), re.MULTILINE))
    documented = set(re.findall(r"^int (ion_\w+)\(", page("libion.3"), re.MULTILINE))
    return differences("libion.3", documented, real)


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    problems = check_programs(Path(sys.argv[1])) + check_keys() + check_functions()
    print("\n".join(problems) or "the manual pages agree with what they describe")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
