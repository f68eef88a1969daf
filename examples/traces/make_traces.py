#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the traces of this folder: shapes of real workloads, with fixed seeds.

    make_traces.py [DIRECTORY]     writes into DIRECTORY (default: this folder)
    make_traces.py --check         exit status 1 when a trace of this folder is not what this script writes

docs/traces.md describes the format. The sizes are those of common hardware (NV12 frames with strides aligned to 64
bytes, RGBA surfaces aligned to 64 pixels); the times are those of a 30 Hz camera, a 25 Hz film and a 60 Hz display.
"""

import random
import sys
from pathlib import Path

PAGE = 4096
MS = 1_000_000  # nanoseconds


def pages(size):
    return (size + PAGE - 1) // PAGE * PAGE


def nv12(width, height):
    """Bytes of a frame: luminance and half as much colour, lines aligned to 64 bytes, height to 16."""
    stride = (width + 63) // 64 * 64
    return pages(stride * ((height + 15) // 16 * 16) * 3 // 2)


def rgba(width, height):
    return pages((width + 63) // 64 * 64 * height * 4)


class Trace:
    def __init__(self, *comments):
        self.lines = ["ion-trace 1", *(f"# {comment}" for comment in comments)]
        self.events = []
        self.last = 0

    def alloc(self, time, client, size, heap="carveout", align=PAGE, flags=0):
        self.last += 1
        self.events.append((time, self.last, f"{client} alloc {self.last} {size} {align} {heap} {flags:#x}"))
        return self.last

    def free(self, time, client, buffer):
        # After allocations of the same moment, in the order of their calls.
        self.events.append((time, self.last + 0.5, f"{client} free {buffer}"))

    def text(self):
        events = [f"{time} {rest}" for time, _, rest in sorted(self.events, key=lambda event: event[:2])]
        return "\n".join(self.lines + events) + "\n"


def camera_preview():
    """A ring of 8 preview frames that is set up anew when the camera is switched, and snapshots beside it."""
    rng = random.Random(34)
    trace = Trace("Camera preview: a ring of 8 frames, snapshots of full size, 5 switches between two cameras.")
    time = 0
    for session in range(6):
        preview, snapshot = (nv12(1920, 1080), nv12(4000, 3000)) if session % 2 == 0 else (nv12(1280, 720),
                                                                                      nv12(2592, 1944))
        ring = [trace.alloc(time + i * MS, "camera", preview) for i in range(8)]
        statistics = [trace.alloc(time + 8 * MS + i, "camera", 16 * PAGE) for i in range(4)]
        for _ in range(rng.randint(10, 16)):
            time += rng.randint(300, 2000) * MS
            shot = trace.alloc(time, "camera", snapshot)
            thumbnail = trace.alloc(time + 2 * MS, "camera", nv12(320, 240))
            jpeg = trace.alloc(time + 30 * MS, "jpeg", pages(snapshot // rng.randint(5, 9)))
            # The picture is compressed while the next one may be taken; the file is written later.
            trace.free(time + rng.randint(120, 400) * MS, "camera", shot)
            trace.free(time + rng.randint(100, 900) * MS, "camera", thumbnail)
            trace.free(time + rng.randint(400, 2500) * MS, "jpeg", jpeg)
        time += 3000 * MS
        for i, buffer in enumerate(ring + statistics):
            trace.free(time + i * MS, "camera", buffer)
        time += 200 * MS
    return trace


def video_decode():
    """Reference frames that come and go out of order, bitstream buffers, and a stream that changes its resolution."""
    rng = random.Random(264)
    trace = Trace("Video decoding: up to 16 reference frames, bitstream buffers, the resolution changes 4 times.")
    time = 0
    for width, height in ((640, 360), (1280, 720), (1920, 1080), (1280, 720), (1920, 1080)):
        frame = nv12(width, height)
        vectors = pages(width * height // 64)  # motion vectors beside each frame
        references = []
        bitstream = [trace.alloc(time + i, "decoder", 64 * PAGE) for i in range(4)]
        for _ in range(110):
            time += 40 * MS
            references.append((trace.alloc(time, "decoder", frame), trace.alloc(time + 1, "decoder", vectors)))
            # Frames leave in display order, which is not the order of decoding; some stay for long.
            while len(references) > rng.choice((6, 9, 12, 16)):
                picture, motion = references.pop(rng.choice((0, 0, 0, 1, 2, 3)))
                trace.free(time + rng.randint(5, 30) * MS, "decoder", motion)
                trace.free(time + rng.randint(5, 39) * MS, "display", picture)
        # The new sequence begins while the last frames of the old one are still shown.
        for picture, motion in references:
            trace.free(time + rng.randint(40, 400) * MS, "decoder", motion)
            trace.free(time + rng.randint(40, 700) * MS, "display", picture)
        for buffer in bitstream:
            trace.free(time + 50 * MS, "decoder", buffer)
    return trace


def compositor():
    """Surfaces of all sizes, each with three buffers, that appear, are resized, and go."""
    rng = random.Random(60)
    trace = Trace("Compositor: surfaces with three buffers each that appear, are resized and go; one of the display.")
    sizes = [(64, 64), (480, 96), (720, 1280), (720, 640), (1080, 144), (1080, 1920), (400, 400), (256, 512)]
    surfaces = []
    time = 0
    for _ in range(3):
        trace.alloc(time, "display", rgba(1080, 1920), align=65536)

    def show():
        client = f"app{rng.randint(1, 6)}"
        width, height = rng.choice(sizes)
        size = rgba(width + rng.choice((0, 0, 64, 128)), height)
        surfaces.append((client, [trace.alloc(time + i * 16 * MS, client, size) for i in range(3)]))

    def hide(index):
        client, buffers = surfaces.pop(index)
        for buffer in buffers:
            # The last one shown is kept until something else is in its place.
            trace.free(time + rng.choice((50, 66, 83, 250)) * MS, client, buffer)

    for _ in range(260):
        time += rng.randint(60, 900) * MS
        if len(surfaces) < 3 or (len(surfaces) < 12 and rng.random() < 0.5):
            show()
        else:
            hide(rng.randrange(len(surfaces)))
            if rng.random() < 0.3:
                show()  # resized, or the next screen of the same program
    return trace


TRACES = {"camera_preview": camera_preview, "video_decode": video_decode, "compositor": compositor}


def main(arguments):
    here = Path(__file__).resolve().parent
    if arguments == ["--check"]:
        stale = [name for name, make in TRACES.items() if (here / f"{name}.trace").read_text() != make().text()]
        print("".join(f"{name}.trace is not what make_traces.py writes\n" for name in stale), end="")
        return 1 if stale else 0
    directory = Path(arguments[0]) if arguments else here
    for name, make in TRACES.items():
        (directory / f"{name}.trace").write_text(make().text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
