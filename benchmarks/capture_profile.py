"""Where the time of ``auditor flows`` goes on a made capture: shares of the processor time of one process.

Run: ``python -m benchmarks.capture_profile [--size 1]`` (GB). One process reads the whole capture, so that nothing hides in a
second one; the main thread is sampled and each sample weighs the processor time since the one before, what the thread takes that
reads and digests ahead is the rest of the process. Warm up once: the first run of all compiles the kernel.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from types import FrameType

from benchmarks.traffic import write

_INTERVAL = 0.002
STAGES = (
    ("imports, loading compiled code", ("<frozen importlib", "importlib/", "/numba/", "/llvmlite/")),
    ("QUIC Initial packets", ("traffic/quic",)),
    ("DNS messages", ("traffic/dns.py", "traffic/names.py:add", "fast/shared.py:message", "traffic/tracker.py:_message")),
    ("first bytes of other flows", ("fast/payloads.py:look", "traffic/streams.py", "traffic/datagrams.py")),
    ("packets that the kernel leaves to Python", ("traffic/intake.py:take", "traffic/decoder.py", "traffic/tracker.py:add")),
    (
        "flows to columns",
        ("fast/columns.py", "fast/directions.py", "fast/harvest.py", "shared.py:finish", "traffic/table.py"),
    ),
    ("names by DNS, order of rows", ("traffic/observe.py:name_flows", "traffic/names.py", "traffic/publish.py:__init__")),
    ("CSV", ("traffic/publish.py", "fast/csv_lines.py")),
    ("waiting for bytes", ("traffic/window.py",)),
    ("kernel: records, headers, flows, plain hellos", ("fast/engine.py:_run",)),
    ("events of the kernel", ("fast/",)),
)
"""What a sample counts to: the first stage that has a frame of its stack."""


def stage_of(frame: FrameType | None) -> str:
    """Return the stage that a stack belongs to."""
    names = []
    while frame is not None:
        names.append(f"{frame.f_code.co_filename}:{frame.f_code.co_name}")
        frame = frame.f_back
    if names and names[0].endswith("fast/engine.py:_run"):
        return "kernel: records, headers, flows, plain hellos"
    return next((stage for stage, marks in STAGES if any(mark in name for mark in marks for name in names)), "the rest")


def profile(path: Path, out: Path) -> None:
    """Run the command in this process, and print the shares."""
    from auditor.cli import main

    shares: Counter[str] = Counter()
    last = time.thread_time()

    def sampled(_signal: int, frame: FrameType | None) -> None:
        nonlocal last
        now = time.thread_time()
        shares[stage_of(frame)] += now - last  # type: ignore[assignment]  # seconds, not whole numbers
        last = now

    signal.signal(signal.SIGPROF, sampled)
    signal.setitimer(signal.ITIMER_PROF, _INTERVAL, _INTERVAL)
    main(["flows", "-q", "-o", f"csv:{out}", str(path)])
    signal.setitimer(signal.ITIMER_PROF, 0)
    total = time.process_time()
    shares["thread that reads and digests"] = total - time.thread_time()  # type: ignore[assignment]
    print(f"{total:.2f} s of processor time")
    for stage, seconds in shares.most_common():
        print(f"  {100 * seconds / total:5.1f} %  {seconds:6.2f} s  {stage}")


def run() -> None:
    """Make a capture and profile the command on it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=float, default=1.0, help="GB")
    parser.add_argument("--capture", type=Path, help="a capture that is there already")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one processor: one process reads it
    with tempfile.TemporaryDirectory() as folder:
        path = options.capture or Path(folder) / "made.pcap"
        if options.capture is None:
            write(path, size=int(options.size * 1e9))
        profile(path, Path(folder) / "flows.csv")


if __name__ == "__main__":
    sys.exit(run())
