"""Log readers: records a second by format, and the ratio to what Python's own parser needs for the same lines.

Run: ``python -m benchmarks.logs [FORMAT…]``. The peer only splits each line, or decodes its JSON; it understands nothing.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from auditor.traffic.logs import LogFile, LogSource, read_log
from auditor.traffic.reading import uncollected
from tests.traffic.logs.samples import MAP, SAMPLES

RECORDS = 20_000
_LINES = ("zeek", "hubble", "suricata", "gcp_vpc", "ocsf", "aws_vpc", "squid", "envoy", "route53_resolver", "bind", "coredns")
"""Formats whose samples are lines that can be repeated with other ends."""


def _grown(name: str) -> list[str]:
    """Return lines of a format: its sample again and again, each time with another client, port and flow."""
    unit = [line for line in SAMPLES[name].splitlines() if not line.startswith("#")]
    found = []
    for number in range(RECORDS // len(unit)):
        client = f"10.{number >> 8 & 63}.{number & 255}.5"
        for line in unit:
            text = line.replace("10.0.0.5", client).replace("10.1.0.5", client).replace("50000", str(1024 + number))
            found.append(text.replace("C1\t", f"C{number}\t").replace('"flow_id": ', f'"flow_id": {number + 1}'))
    return found


def _peer(lines: Iterable[str]) -> int:
    count = 0
    for line in lines:
        count += len(json.loads(line)) if line.startswith("{") else len(line.split())
    return count


def measure(name: str) -> None:
    """Print one line for a format."""
    lines = _grown(name)
    header = [line for line in SAMPLES[name].splitlines() if line.startswith("#")]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.log"
        path.write_text("\n".join([*header, *lines]) + "\n")
        with uncollected():
            begun = time.process_time()
            reading = read_log(LogSource("bench", (LogFile("bench", str(path)),), format=name, columns=MAP))
            given = sum(1 for _ in reading.records)
            ours = time.process_time() - begun
    begun = time.process_time()
    _peer(lines)
    theirs = time.process_time() - begun
    print(f"{name:18} {len(lines) / ours:9,.0f} records/s  {given:6} given  {ours / theirs:5.1f} x the peer")


if __name__ == "__main__":
    for chosen in sys.argv[1:] or _LINES:
        measure(chosen)
