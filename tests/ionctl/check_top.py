#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Uses `ionctl top` on a terminal, with stored usage files, and compares its picture with that in the documents.

    check_top.py IONCTL           checks; the exit status is 1 when something is wrong
    check_top.py IONCTL --update  draws the picture anew
"""

import shutil
import sys
import tempfile
from pathlib import Path

from terminal import Terminal

HERE = Path(__file__).resolve().parent
PICTURE = HERE.parent.parent / "docs" / "ionctl-top.svg"
HELP = "arrows scroll"  # the last thing that is drawn


def client_rows(text):
    """Names of the clients' files, from above."""
    lines = text.splitlines()
    titles = [number for number, line in enumerate(lines) if line.startswith("CLIENT")]
    rows = lines[titles[0] + 1:] if titles else []
    return [row.split()[0] for row in rows if row.split() and row.split()[0].count("-") == 1 and row[0].isdigit()]


def in_order(*names):
    return lambda text: HELP in text and client_rows(text) == list(names)


def top(ionctl, mount, *arguments):
    return Terminal([ionctl, "--usage-mount", str(mount), "top", *arguments])


def check_keys(ionctl):
    with top(ionctl, HERE / "mount", "-d", "3600") as terminal:
        terminal.wait_until(in_order("611-0", "702-0", "1390-0", "1232-0"))
        for key, names in [("p", ("611-0", "702-0", "1232-0", "1390-0")), ("r", ("1390-0", "1232-0", "702-0", "611-0")),
                           ("c", ("1232-0", "611-0", "702-0", "1390-0")), ("b", ("1232-0", "1390-0", "702-0", "611-0")),
                           ("r", ("611-0", "702-0", "1390-0", "1232-0")), ("\x1b[B", ("702-0", "1390-0", "1232-0")),
                           ("\x1b[B", ("1390-0", "1232-0")), ("\x1b[A", ("702-0", "1390-0", "1232-0"))]:
            terminal.send(key)
            terminal.wait_until(in_order(*names))
        terminal.resize(60, 10)
        terminal.wait_until(lambda text: "q quit" in text.splitlines()[9])
        terminal.send("q")
        assert terminal.wait() == 0


def check_daemon_that_goes_and_comes(ionctl):
    with tempfile.TemporaryDirectory() as folder:
        metrics = Path(folder) / "metrics"
        shutil.copy(HERE / "mount" / "metrics", metrics)
        with top(ionctl, folder, "-d", "0.05") as terminal:
            terminal.wait_until(in_order("611-0", "702-0", "1390-0", "1232-0"))
            metrics.rename(metrics.with_name("away"))
            terminal.wait_until(lambda text: "is it running?" in text and "611-0" in text)
            text = (HERE / "mount" / "metrics").read_text()
            metrics.with_name("new").write_text(text.replace('heap="system"} 3145728', 'heap="system"} 1073741824'))
            metrics.with_name("new").rename(metrics)
            terminal.wait_until(in_order("1232-0", "611-0", "702-0", "1390-0"))
            terminal.send("q")
            assert terminal.wait() == 0


def check_terminal_that_is_not_known(ionctl):
    with Terminal([ionctl, "--usage-mount", str(HERE / "mount"), "top"], environment={"TERM": "nonsense"}) as terminal:
        assert terminal.wait() == 2, terminal.text()
        assert "ionctl top --batch" in terminal.text(), terminal.text()


def check_picture(ionctl, update):
    with top(ionctl, HERE / "mount", "-d", "3600") as terminal:
        terminal.wait_until(in_order("611-0", "702-0", "1390-0", "1232-0"))
        picture = terminal.svg()
    if update:
        PICTURE.write_text(picture)
    assert PICTURE.read_text() == picture, f"{PICTURE} is not what top shows: {terminal.text()}"


def main(arguments):
    ionctl, update = arguments[0], arguments[1:] == ["--update"]
    check_keys(ionctl)
    check_daemon_that_goes_and_comes(ionctl)
    check_terminal_that_is_not_known(ionctl)
    check_picture(ionctl, update)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
