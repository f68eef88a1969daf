#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does what a document says.

    run_document.py DOCUMENT --build DIR    in a fresh folder, with the programs and the SDK of that build tree
    run_document.py --self-test             checks that mistakes in a document are found

Blocks fenced as ```LANGUAGE file=NAME are written to NAME. Blocks fenced as ```sh are run, in their order, by one shell
that ends at the first command that fails. Other blocks are for reading. The headers and pkg-config files are those that
an installation puts into place, so a header that is not installed is noticed.

The exit status is 0 when all went as written, 1 when not, 77 when this machine cannot do it (the last line says why).
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

PATIENCE = 300  # seconds
FENCE = re.compile(r"^```(\S*)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(text):
    """Files by name, and the script that the sh blocks make."""
    files, script = {}, ["set -euo pipefail"]
    for language, name, content in FENCE.findall(text):
        if name:
            files[name] = content
        elif language == "sh":

            script.append(content)
    return files, "\n".join(script)


def clear_mounts(folder):
    """Ends whatever is still mounted below `folder`: the connection first, so that nothing waits for it."""
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        fields = line.split()
        if fields[4].startswith(str(folder)):
            abort = Path("/sys/fs/fuse/connections", fields[2].split(":")[1], "abort")
            if abort.exists():
                abort.write_text("1", encoding="ascii")
            subprocess.run(["umount", "-l", fields[4]], check=False)


def run(text, environment):
    """True when every command succeeded."""
    folder = Path(tempfile.mkdtemp(prefix="iond-document-"))
    try:
        files, script = blocks(text)
        for name, content in files.items():
            (folder / name).write_text(content, encoding="utf-8")
        with subprocess.Popen(["bash", "-v", "-c", script], cwd=folder, env=environment, start_new_session=True) as shell:
            try:
                return shell.wait(PATIENCE) == 0
            except subprocess.TimeoutExpired:
                print(f"run_document: not done within {PATIENCE} s")
                return False
            finally:
                try:
                    os.killpg(shell.pid, signal.SIGKILL)  # what it left in the background; all of it is this test's
                except ProcessLookupError:
                    pass
    finally:
        clear_mounts(folder)
        shutil.rmtree(folder, ignore_errors=True)


def install_sdk(build, prefix):
    done = subprocess.run(["cmake", "--install", build, "--component", "sdk", "--prefix", prefix], check=False,
                          capture_output=True, text=True)
    if done.returncode != 0:
        print(done.stdout + done.stderr)
        sys.exit(1)
    found = list(Path(prefix).rglob("iond-heap.pc"))
    if len(found) != 1:
        print(f"run_document: the installation has {len(found)} iond-heap.pc instead of one")
        sys.exit(1)
    return found[0].parent


def run_with_build(document, build):
    if not os.access("/dev/fuse", os.W_OK) or os.geteuid() != 0:
        print("root and /dev/fuse are needed to run a daemon")
        return 77
    root = Path(__file__).resolve().parent.parent.parent
    with tempfile.TemporaryDirectory() as prefix:
        environment = dict(os.environ,
                           PATH=f"{build}/bin:{os.environ['PATH']}",
                           PKG_CONFIG_PATH=str(install_sdk(build, prefix)),
                           TRACES=str(root / "examples/traces"))
        return 0 if run(Path(document).read_text(encoding="utf-8"), environment) else 1


# Self-test: a document and whether it goes through.
PLANTED = [
    ("```text file=a\nhello\n```\n```sh\ngrep -q hello a\n```\n", True),
    ("```sh\nA=1\n```\ntext\n```sh\ntest $A = 1\n```\n", True),
    ("```sh\nfalse\n```\n```sh\ntrue\n```\n", False),
    ("```sh\nfalse | true\n```\n", False),
    ("```sh\ntest -f a\n```\n```c file=b\n```\n", False),
    ("```text\nfalse\n```\n", True),
]


def self_test():
    wrong = [text for text, good in PLANTED if run(text, dict(os.environ)) != good]
    print("".join(f"self-test: wrong verdict on {text!r}\n" for text in wrong), end="")
    return 1 if wrong else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    parser = argparse.ArgumentParser()
    parser.add_argument("document")
    parser.add_argument("--build", required=True)
    options = parser.parse_args(arguments)
    return run_with_build(options.document, str(Path(options.build).resolve()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
