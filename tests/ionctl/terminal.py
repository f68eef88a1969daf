# SPDX-License-Identifier: Apache-2.0
"""A program on a terminal of its own, whose screen can be looked at and drawn."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from html import escape

import pyte

PATIENCE_S = 60  # until a program that shows nothing is called stuck

# Of a drawn screen, in SVG's user units.
CELL_WIDTH = 8.4
CELL_HEIGHT = 18
MARGIN = 10
COLOURS = {"default": "#d8d8d8", "red": "#ff6b6b"}
BACKGROUND = "#1e1e1e"


class Terminal:
    """`command` as a process with a terminal of `columns` x `rows`; killed at the end of a `with`."""

    def __init__(self, command, columns=100, rows=24, environment=None):
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.status = None
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execvpe(command[0], command, {**os.environ, "TERM": "linux", **(environment or {})})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.master)

    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display) + "\n"

    def send(self, keys):
        os.write(self.master, keys.encode())

    def resize(self, columns, rows):
        self.screen.resize(rows, columns)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _read(self, deadline):
        """False at the end of its output."""
        ready, _, _ = select.select([self.master], [], [], max(deadline - time.monotonic(), 0))
        if not ready:
            raise TimeoutError("the program shows:\n" + self.text())
        try:
            data = os.read(self.master, 65536)
        except OSError:  # EIO: the last process has closed it
            data = b""
        self.stream.feed(data)
        return bool(data)

    def wait_until(self, condition):
        """Until `condition` holds for the text of the screen."""
        deadline = time.monotonic() + PATIENCE_S
        while not condition(self.text()):
            if not self._read(deadline):
                raise EOFError("the program has ended; it showed:\n" + self.text())

    def wait(self):
        """Reads on until the program ends: its exit status."""
        deadline = time.monotonic() + PATIENCE_S
        while self._read(deadline):
            pass
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.status

    def svg(self):
        """The screen as a picture."""
        width = self.screen.columns * CELL_WIDTH + 2 * MARGIN
        height = self.screen.lines * CELL_HEIGHT + 2 * MARGIN
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.1f} {height:.1f}" '
            'font-family="monospace" font-size="14">',
            f'<rect width="100%" height="100%" rx="6" fill="{BACKGROUND}"/>',
        ]
        for row in range(self.screen.lines):
            parts += self._svg_row(row)
        return "\n".join(parts) + "\n</svg>\n"

    def _svg_row(self, row):
        cells = [self.screen.buffer[row][column] for column in range(self.screen.columns)]
        top = MARGIN + row * CELL_HEIGHT
        begin = 0
        while begin < len(cells):
            look = (cells[begin].fg, cells[begin].reverse, cells[begin].bold)
            end = begin
            while end < len(cells) and (cells[end].fg, cells[end].reverse, cells[end].bold) == look:
                end += 1
            colour, background = COLOURS.get(look[0], COLOURS["default"]), BACKGROUND
            if look[1]:
                colour, background = background, colour
                yield (f'<rect x="{MARGIN + begin * CELL_WIDTH:.1f}" y="{top}" '
                       f'width="{(end - begin) * CELL_WIDTH:.1f}" height="{CELL_HEIGHT}" fill="{background}"/>')
            text = "".join(cell.data for cell in cells[begin:end])
            if text.strip():
                weight = ' font-weight="bold"' if look[2] else ""
                yield (f'<text x="{MARGIN + begin * CELL_WIDTH:.1f}" y="{top + 13}" fill="{colour}"{weight} '
                       f'textLength="{len(text.rstrip()) * CELL_WIDTH:.1f}" xml:space="preserve">'
                       f"{escape(text.rstrip())}</text>")
            begin = end
