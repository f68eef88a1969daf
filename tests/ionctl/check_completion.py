#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Asks bash to complete ionctl's commands, and compares that with the help texts: check_completion.py IONCTL SCRIPT."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent

COMPLETE = """
source {script}
COMP_WORDS=({words})
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_ionctl "${{COMP_WORDS[0]}}" "${{COMP_WORDS[COMP_CWORD]}}" "${{COMP_WORDS[COMP_CWORD - 1]}}"
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


class Completion:
    def __init__(self, ionctl, script):
        self.ionctl, self.script = ionctl, script

    def of(self, *words):
        """What bash offers in the place of the last word."""
        quoted = " ".join(shlex.quote(word) for word in [self.ionctl, *words])
        done = subprocess.run(["bash", "--norc", "-c", COMPLETE.format(script=shlex.quote(self.script), words=quoted)],
                              capture_output=True, text=True, timeout=60, check=True,
                              env={"ION_USAGE_MOUNT": str(HERE / "mount"), "PATH": "/usr/bin:/bin"})
        assert not done.stderr, done.stderr
        return done.stdout.split()

    def help_of(self, *words):
        """The subcommands and the long options of a help text."""
        text = subprocess.run([self.ionctl, *words, "--help"], capture_output=True, text=True, timeout=60,
                              check=True).stdout
        subcommands = re.findall(r"^  ([a-z]+) ", text.split("Subcommands:\n", 1)[-1], re.MULTILINE)
        options = re.findall(r"^  (?:-\w,)?(--[a-z-]+)", text, re.MULTILINE)
        return (subcommands if "Subcommands:\n" in text else []), options


def check_against_help(completion, *words):
    """All that a help text lists is offered, for each of its subcommands as well: how many there are."""
    subcommands, options = completion.help_of(*words)
    offered = completion.of(*words, "--")
    assert options and set(options) <= set(offered), (words, options, offered)
    assert not subcommands or completion.of(*words, "") == sorted(subcommands), (words, subcommands)
    return 1 + sum(check_against_help(completion, *words, one) for one in subcommands)


def main(arguments):
    completion = Completion(*arguments)
    commands = check_against_help(completion)
    for words, expected in [
        (["he"], ["heap", "heaps"]),
        (["buff"], ["buffers"]),
        (["compl"], []),  # not for people
        (["--usage-mount", ""], []),  # files
        (["map", ""], ["camera", "carveout"]),
        (["map", "camera", ""], []),
        (["--usage-mount", "/nonexistent", "map", ""], []),
        (["--runtime-dir", "/x", "map", "car"], ["carveout"]),
        (["map", "--svg", ""], []),  # a file's name
        (["explain", ""], ["1", "2"]),
        (["holders", "1"], ["1", "10", "11", "12"]),
        (["heap", "remove", "s"], ["system"]),
        (["top", "--sort", ""], ["bytes", "change", "command", "pid"]),
        (["top", "--sort", "=", "c"], ["change", "command"]),
        (["top", "--sort", "="], ["bytes", "change", "command", "pid"]),
        (["top", "--js"], ["--json"]),
        (["run", "--", "ls", "--"], []),
    ]:
        assert completion.of(*words) == expected, (words, completion.of(*words), expected)
    print(f"{commands} help texts compared")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
