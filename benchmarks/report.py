"""What a report of 10,000 flows costs: seconds and bytes of each depth, against writing the same record as JSON in the same run.

Run: ``python -m benchmarks.report``. Processor time, so that what else the machine does counts little.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from auditor.report.assessment_json import dump_assessment
from auditor.report.html import render_html
from auditor.report.page import Depth
from auditor.report.xlsx import render_xlsx
from tests.report import large

FLOWS = 10_000


def seconds(work: Callable[[], bytes]) -> tuple[float, int]:
    """Return the least processor time of three runs, and the size of the result."""
    best, size = float("inf"), 0
    for _ in range(3):
        start = time.process_time()
        size = len(work())
        best = min(best, time.process_time() - start)
    return best, size


def main() -> None:
    """Print one line a format."""
    assessment = large.build(FLOWS)
    render_html(large.build(50))  # templates are compiled once
    peer, bytes_ = seconds(lambda: dump_assessment(assessment))
    print(f"{FLOWS} flows: json {peer:.2f} s, {bytes_ / 1e6:.1f} MB")
    for depth in Depth:
        taken, size = seconds(lambda depth=depth: render_html(assessment, depth).encode())
        print(f"html {depth:8} {taken:5.2f} s ({taken / peer:.1f} x json), {size / 1e6:.1f} MB")
    taken, size = seconds(lambda: render_xlsx(assessment))
    print(f"xlsx          {taken:5.2f} s ({taken / peer:.1f} x json), {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
