"""What a report of 10,000 flows costs in every format: seconds and bytes, against writing the same record as JSON in one run.

Run: ``python -m benchmarks.report``. Processor time, so that what else the machine does counts little; garbage is collected
as seldom as the command line does.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

from auditor.cli import OBJECTS_BETWEEN_COLLECTIONS
from auditor.cli.formats import AssessmentFormat, Rendering, render
from auditor.report.page import Depth
from tests.report import large

FLOWS = 10_000
LIMIT_SECONDS = 3.0
"""A report of so many flows: the issue's words."""


def seconds(work: Callable[[], bytes]) -> tuple[float, int]:
    """Return the least processor time of three runs, and the size of the result."""
    best, size = float("inf"), 0
    for _ in range(3):
        start = time.process_time()
        size = len(work())
        best = min(best, time.process_time() - start)
    return best, size


def main() -> None:
    """Print one line a format, the page in each depth."""
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    assessment = large.build(FLOWS)
    render(large.build(50), AssessmentFormat.HTML)  # templates are compiled once
    peer = 0.0
    for form in AssessmentFormat:
        for depth in Depth if form is AssessmentFormat.HTML else (Depth.FULL,):
            taken, size = seconds(lambda form=form, depth=depth: render(assessment, form, Rendering(depth=depth)))
            peer = peer or taken
            name = f"{form} {depth}" if form is AssessmentFormat.HTML else form
            late = "" if taken <= LIMIT_SECONDS else f", more than {LIMIT_SECONDS:.0f} s on this machine, now"
            print(f"{name:13} {taken:5.2f} s ({taken / peer:5.1f} x json), {size / 1e6:4.1f} MB{late}", flush=True)


if __name__ == "__main__":
    main()
