"""How long light commands and the gate take, against the least that they could: importing click, and an empty Python.

Each command runs in turn (A B C A B C …) after one warm-up, so that a machine that slows down slows all
of them; the medians and their ratios are printed. Beside wall-clock time stands processor time, which other work on
the machine lengthens less.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
AUDITOR = str(Path(sys.executable).with_name("auditor"))
RUNS = 10
DEPLOYMENT = ROOT / "fixtures/deployments/coder-air-gapped"
GATE_LIMIT_SECONDS = 0.8
"""Configuration only, SARIF and JUnit written, median of 10, warm file cache: the gate of the issue."""
_GATE = "gate: check --stage change, SARIF and JUnit"


def commands(folder: Path) -> Mapping[str, list[str]]:
    """Return what is measured; ``folder`` takes the results, and holds a checkout and a baseline."""
    check = [AUDITOR, "check", str(DEPLOYMENT), "--stage", "change", "-q"]
    written = ["--output", f"sarif:{folder}/a.sarif", "--output", f"junit:{folder}/a.xml"]
    return {
        "empty Python": [sys.executable, "-c", "pass"],
        "import click": [sys.executable, "-c", "import click"],
        "auditor --version": [AUDITOR, "--version"],
        "auditor check --stage change": check,
        _GATE: [*check, *written],
        "gate with --baseline": [*check, *written, "--baseline", f"{folder}/baseline.json"],
        "gate with --base": [AUDITOR, "check", f"{folder}/checkout/prod", *check[3:], *written, "--base", "main"],
    }


def prepare(folder: Path) -> None:
    """Make the checkout and the baseline."""
    from tests import repositories

    shutil.copytree(DEPLOYMENT, folder / "checkout" / "prod")
    repositories.commit(folder / "checkout")
    subprocess.run(
        [AUDITOR, "check", str(DEPLOYMENT), "--stage", "change", "-q", "-o", f"json:{folder}/baseline.json"], check=False
    )


def measure(runs: int = RUNS) -> dict[str, list[tuple[float, float]]]:
    """Return (wall-clock, processor) seconds of every command, ``runs`` each, taken in turn after one warm-up."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        wanted = commands(folder)
        taken: dict[str, list[tuple[float, float]]] = {command: [] for command in wanted}
        for index in range(runs + 1):
            for label, command in wanted.items():
                used = _run(command)
                if index:
                    taken[label].append(used)
    return taken


def _run(command: list[str]) -> tuple[float, float]:
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return time.perf_counter() - started, used.ru_utime + used.ru_stime


def main() -> None:
    """Print the medians, their ratio to importing click, and whether the gate keeps its limit."""
    taken = measure()
    base = statistics.median(wall for wall, _ in taken["import click"])
    print(f"{'':45} {'wall-clock median and range':36} processor   ratio to import click")
    for name, pairs in taken.items():
        wall, processor = ([pair[n] for pair in pairs] for n in (0, 1))
        middle = statistics.median(wall)
        spread = f"({min(wall) * 1000:.0f} to {max(wall) * 1000:.0f})"
        worked = statistics.median(processor) * 1000
        print(f"{name:45} {middle * 1000:6.0f} ms {spread:26} {worked:6.0f} ms   {middle / base:5.2f}")
    gate = statistics.median(wall for wall, _ in taken[_GATE])
    kept = "kept" if gate <= GATE_LIMIT_SECONDS else "not kept, on this machine, now"
    print(f"limit of the gate: {GATE_LIMIT_SECONDS:.1f} s, {kept}")


if __name__ == "__main__":
    main()
