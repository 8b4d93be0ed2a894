"""``auditor flows`` on made captures of several sizes, against whichever tools written in C are installed.

Run: ``python -m benchmarks.capture [--sizes 0.1 1 4] [--runs 3] [--without tshark] [--nfstream PYTHON]``.
The commands run in turn (A B C A B C
…) after one warm-up, so that a machine that slows down slows all of them; medians of wall-clock time, of processor time and of
the most memory are printed, ratios to auditor, and whether packets and names agree. Captures are made in a temporary folder.
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.traffic import write

AUDITOR = [sys.executable, "-m", "auditor"]
_SMALL_PACKETS = 1000
_NAME_FIELD = "tls.handshake.extensions_server_name"
_NAMES = ("-Y", _NAME_FIELD, "-T", "fields", "-e", _NAME_FIELD)
_SLOW = 0.3
"""GB beyond which tshark is asked once and not in turn: it takes a minute a GB."""


class Run(NamedTuple):
    """What one run of a command took."""

    wall: float
    processor: float
    memory: float
    """MiB."""


class Tool(NamedTuple):
    """A command that is measured."""

    name: str
    needs: str
    command: Callable[[Path, Path], list[str]]
    """From the capture and an empty folder for results."""
    slow: bool = False


TOOLS = (
    Tool("auditor flows (all names)", "", lambda path, out: [*AUDITOR, "flows", "-q", "-o", f"csv:{out}/flows.csv", str(path)]),
    Tool("nfpcapd (no names)", "nfpcapd", lambda path, out: ["nfpcapd", "-r", str(path), "-l", str(out)]),
    Tool("argus (no names)", "argus", lambda path, out: ["argus", "-r", str(path), "-w", f"{out}/argus"]),
    Tool("ndpiReader (names)", "ndpiReader", lambda path, out: ["ndpiReader", "-i", str(path), "-q", "-C", f"{out}/ndpi.csv"]),
    Tool("tshark (conversations)", "tshark", lambda path, _: ["tshark", "-n", "-r", str(path), "-q", "-z", "conv,ip"], slow=True),
    Tool("tshark (names)", "tshark", lambda path, _: ["tshark", "-n", "-r", str(path), *_NAMES], slow=True),
)  # fmt: skip


NFSTREAM = "import sys; from nfstream import NFStreamer; NFStreamer(source=sys.argv[1]).to_csv(path=sys.argv[2])"
"""What an interpreter that has NFStream runs; it is none of the project's dependencies (``pip install nfstream`` elsewhere)."""


def nfstream(python: str) -> Tool:
    """Return NFStream, run by the interpreter ``python``, which has it."""
    return Tool("NFStream (names)", python, lambda path, out: [python, "-c", NFSTREAM, str(path), f"{out}/flows.csv"])


def measure(command: list[str], output: Path) -> Run:
    """Run a command, its output to a file; return what it took.

    Raises:
        RuntimeError: the command failed.
    """
    started = time.perf_counter()
    with output.open("wb") as stream, subprocess.Popen(command, stdout=stream, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}")
    return Run(time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def _middle(runs: list[Run]) -> Run:
    return Run(*(statistics.median(values) for values in zip(*runs, strict=True)))


def compare(path: Path, folder: Path, runs: int, tools: Sequence[Tool]) -> None:
    """Print one line a tool for one capture, then what agrees."""
    size = path.stat().st_size / 1e9
    tools = [t for t in tools if not t.needs or shutil.which(t.needs)]
    taken: dict[str, list[Run]] = {tool.name: [] for tool in tools}
    for index in range(runs + 1):
        for tool in tools:
            if tool.slow and index > 1 and size > _SLOW:
                continue
            out = folder / tool.name.split("(")[0].strip().replace(" ", "-") / str(index)
            out.mkdir(parents=True, exist_ok=True)
            run = measure(tool.command(path, out), folder / f"{tool.name}.txt")
            if index or tool.slow:
                taken[tool.name].append(run)
    own = _middle(taken[tools[0].name])
    for name, several in taken.items():
        run = _middle(several)
        print(
            f"  {name:28} {run.wall:8.2f} s  {run.processor:8.2f} s of processor  {run.memory:6.0f} MiB"
            f"   auditor takes {own.wall / run.wall:6.2f} x the time, {own.processor / run.processor:6.2f} x the processor"
        )
    _agree(folder, runs, "tshark (names)" in taken)


def _agree(folder: Path, runs: int, named: bool) -> None:
    """Print whether the others count and name the same."""
    with (folder / "auditor-flows" / str(runs) / "flows.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    packets = sum(int(row["packets_out"]) + int(row["packets_in"]) for row in rows)
    print(f"  auditor: {len(rows)} flows, {packets} packets, {len({row['server_name'] for row in rows} - {''})} server names")
    nfcapd = folder / "nfpcapd" / str(runs)
    if nfcapd.is_dir() and shutil.which("nfdump"):
        told = subprocess.run(
            ["nfdump", "-R", str(nfcapd), "-q", "-N", "-o", "fmt:%pkt"], capture_output=True, text=True, check=True
        )
        counted = sum(int(line) for line in told.stdout.split() if line.isdigit())
        print(f"  nfpcapd: {counted} packets: {'agrees' if counted == packets else 'DIFFERS'}")
    if named:
        text = (folder / "tshark (names).txt").read_text(errors="replace")
        names = {name for line in text.splitlines() for name in line.split(",")} - {""}
        same = names == {row["server_name"] for row in rows} - {""}
        print(f"  tshark: {len(names)} server names: {'agrees' if same else 'DIFFERS'}")


def small(folder: Path, runs: int) -> None:
    """Print how long a capture of a thousand packets takes, from command to result."""
    path = folder / "small.pcap"
    write(path, packets=_SMALL_PACKETS)
    several = [measure(TOOLS[0].command(path, folder), folder / "out.txt") for _ in range(runs + 1)][1:]
    run = _middle(several)
    print(f"{_SMALL_PACKETS} packets: {run.wall:.2f} s, {run.processor:.2f} s of processor, {run.memory:.0f} MiB")


def main() -> None:
    """Make captures and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", nargs="+", type=float, default=[0.1, 1.0], help="GB; 4 shows what a large one takes")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--without", nargs="*", default=[], help="tools that are left out")
    parser.add_argument("--nfstream", metavar="PYTHON", help="an interpreter that has NFStream, which is then measured too")
    options = parser.parse_args()
    tools = [tool for tool in TOOLS if tool.needs not in options.without]
    tools += [nfstream(options.nfstream)] if options.nfstream else []
    with tempfile.TemporaryDirectory() as name:
        small(Path(name), options.runs)
        for size in options.sizes:
            folder = Path(name) / str(size)
            folder.mkdir()
            path = folder / "made.pcap"
            packets = write(path, size=int(size * 1e9))
            print(f"{size:g} GB, {packets} packets")
            compare(path, folder, options.runs, tools)
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
