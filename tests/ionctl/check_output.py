#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what ionctl prints of a stored set of usage files with stored texts, byte by byte.

    check_output.py IONCTL           checks; a difference is shown, and the exit status is 1
    check_output.py IONCTL --update  writes the stored texts anew: look at what changed before you commit it

The usage files are in mount/, the texts in golden/, the pictures where the documents show them. JSON is checked against
docs/ionctl.schema.json as well, and docs/ionctl.md shows the stored texts behind the commands.
"""

import difflib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema

HERE = Path(__file__).resolve().parent
DOCS = HERE.parent.parent / "docs"
GOLDEN = HERE / "golden"
DONE, FAILED, WRONG_USE, NOT_REACHABLE, REFUSED, NOT_FOUND = range(6)

# (arguments, exit status, file with the output; None: there is none)
CASES = [
    ("heaps", DONE, GOLDEN / "heaps.txt"),
    ("heaps --bytes", DONE, GOLDEN / "heaps_bytes.txt"),
    ("heaps --json", DONE, GOLDEN / "heaps.json"),
    ("clients", DONE, GOLDEN / "clients.txt"),
    ("clients --json", DONE, GOLDEN / "clients.json"),
    ("buffers", DONE, GOLDEN / "buffers.txt"),
    ("buffers --json", DONE, GOLDEN / "buffers.json"),
    ("holders 3", DONE, GOLDEN / "holders.txt"),
    ("holders 12", DONE, GOLDEN / "holders_partial.txt"),
    ("holders 4 --json", DONE, GOLDEN / "holders.json"),
    ("holders 13", NOT_FOUND, None),
    ("holders all", WRONG_USE, None),
    ("leaks", DONE, GOLDEN / "leaks.txt"),
    ("leaks --json", DONE, GOLDEN / "leaks.json"),
    ("map carveout", DONE, GOLDEN / "map.txt"),
    ("map camera --json", DONE, GOLDEN / "map.json"),
    ("map carveout --svg -", DONE, DOCS / "ionctl-map.svg"),
    ("map system", NOT_FOUND, None),
    ("map ../metrics", NOT_FOUND, None),
    ("map", WRONG_USE, None),
    ("explain", DONE, GOLDEN / "explain.txt"),
    ("explain 1", DONE, GOLDEN / "explain_no_heap.txt"),
    ("explain 2 --json", DONE, GOLDEN / "explain.json"),
    ("explain 3", NOT_FOUND, None),
    ("explain x", WRONG_USE, None),
    ("fault list", DONE, GOLDEN / "faults.txt"),
    ("fault list --json", DONE, GOLDEN / "faults.json"),
    ("fault add", WRONG_USE, None),
    ("top --batch -n 1", DONE, GOLDEN / "top.txt"),
    ("top --batch -n 2 -d 0 --sort pid --reverse", DONE, GOLDEN / "top_twice.txt"),
    ("top --json", DONE, GOLDEN / "top.json"),
    ("top", WRONG_USE, None),  # no terminal
    ("top --sort size", WRONG_USE, None),
    ("nonsense", WRONG_USE, None),
    ("", WRONG_USE, None),
]


def run(ionctl, arguments, mount):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ION_")}
    command = [ionctl, "--usage-mount", str(mount), *arguments.split()]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment,
                          stdin=subprocess.DEVNULL)


def difference(golden, output):
    stored = golden.read_text() if golden.exists() else ""
    return "".join(difflib.unified_diff(stored.splitlines(True), output.splitlines(True), str(golden), "output"))


def strict(schema):
    """The schema without members that it does not name: programs allow for new ones, this test does not."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: strict(one) for name, one in schema.items()}
    if "properties" in schema and schema.get("type") == "object":
        closed["additionalProperties"] = False
    return closed


def json_problem(arguments, output):
    if "--json" not in arguments:
        return None
    try:
        schema = strict(json.loads((DOCS / "ionctl.schema.json").read_text()))
        jsonschema.Draft7Validator(schema).validate(json.loads(output))
    except jsonschema.ValidationError as problem:
        return f"against the schema: {problem.message} in {list(problem.absolute_path)}\n"
    return None


def problem_of(case, done, update):
    arguments, status, golden = case
    if done.returncode != status:
        return f"exit status {done.returncode}, not {status}: {done.stderr}"
    if golden is None:
        return f"output where none belongs: {done.stdout}" if done.stdout or not done.stderr else None
    if done.stderr:
        return f"on stderr: {done.stderr}"
    if update:
        golden.write_text(done.stdout)
    return difference(golden, done.stdout) or json_problem(arguments, done.stdout)


def document_with_examples():
    """docs/ionctl.md with the stored text behind each command that it shows."""
    texts = {arguments: golden.read_text() for arguments, _, golden in CASES if golden}
    return re.sub(r"```\n\$ ionctl (.*)\n(?:(?!```).*\n)*```\n",
                  lambda shown: f"```\n$ ionctl {shown[1]}\n{texts[shown[1]]}```\n",
                  (DOCS / "ionctl.md").read_text())


def check_examples(update):
    """1 when the document does not show what ionctl prints."""
    wanted = document_with_examples()
    if update:
        (DOCS / "ionctl.md").write_text(wanted)
    problem = difference(DOCS / "ionctl.md", wanted)
    print(problem, end="")
    return 1 if problem else 0


def main(arguments):
    ionctl, update = arguments[0], arguments[1:] == ["--update"]
    failures = 0
    cases = [(case, HERE / "mount") for case in CASES]
    # Without a daemon every one that reads files says so; and a wrong use remains one.
    cases += [((line, status if status == WRONG_USE and line != "top" else NOT_REACHABLE, None), HERE / "golden")
              for line, status, _ in CASES]
    for case, mount in cases:
        problem = problem_of(case, run(ionctl, case[0], mount), update)
        if problem:
            print(f"ionctl --usage-mount {mount} {case[0]}: {problem}")
            failures += 1
    failures += check_examples(update)
    print(f"{len(cases)} commands, {failures} not as they should be")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
