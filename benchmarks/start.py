"""How long a light command takes, against the least that it could: importing click, and an empty Python.

Each command runs in turn (A B C A B C …) after one warm-up, so that a machine that slows down slows all
of them; the medians and their ratios are printed.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
AUDITOR = str(Path(sys.executable).with_name("auditor"))
RUNS = 10
COMMANDS = {
    "empty Python": [sys.executable, "-c", "pass"],
    "import click": [sys.executable, "-c", "import click"],
    "auditor --version": [AUDITOR, "--version"],
    "auditor check --stage change": [
        AUDITOR,
        "check",
        str(ROOT / "fixtures/deployments/coder-air-gapped"),
        "--stage",
        "change",
        "-q",
    ],
    "the same with SARIF and JUnit": [
        AUDITOR,
        "check",
        str(ROOT / "fixtures/deployments/coder-air-gapped"),
        "--stage",
        "change",
        "-q",
        "--output",
        "sarif:-",
        "--output",
        "junit:-",
    ],
}


def measure(runs: int = RUNS) -> dict[str, list[float]]:
    """Return wall-clock seconds of every command, ``runs`` each, taken in turn after one warm-up."""
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for index in range(runs + 1):
        for name, command in COMMANDS.items():
            started = time.perf_counter()
            subprocess.run(command, check=False, capture_output=True)
            if index:
                taken[name].append(time.perf_counter() - started)
    return taken


def main() -> None:
    """Print the medians and their ratio to importing click."""
    taken = measure()
    base = statistics.median(taken["import click"])
    for name, seconds in taken.items():
        middle = statistics.median(seconds)
        spread = f"({min(seconds) * 1000:.1f} to {max(seconds) * 1000:.1f})"
        print(f"{name:32} median {middle * 1000:7.1f} ms   {middle / base:5.2f} x import click   {spread}")


if __name__ == "__main__":
    main()
