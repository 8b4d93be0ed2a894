"""``auditor profiles test`` in a terminal: which examples do not hold, and which verdicts none of them shows."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.facts.examples import ExampleReport, ExampleResult
from auditor.report.escape import clean


def render_examples(report: ExampleReport) -> str:
    """Return one line that counts, one for each verdict that differs and for each control that lacks examples."""
    return "".join(f"{clean(line)}\n" for line in _lines(report))


def _lines(report: ExampleReport) -> Iterator[str]:
    held = sum(result.holds for result in report.results)
    yield f"{report.profile}: {held} of {len(report.results)} expected verdicts hold ({', '.join(report.files)})"
    yield from (_differs(result) for result in report.results if not result.holds)
    by_control: dict[str, list[str]] = {}
    for control, verdict in report.lacking:
        by_control.setdefault(control, []).append(verdict.value)
    yield from (f"  {control}: no example expects {', '.join(verdicts)}" for control, verdicts in by_control.items())


def _differs(result: ExampleResult) -> str:
    at = f"{result.location.path}:{result.location.line}"
    return (
        f"  {at}: {result.control} says {result.found.value}, expected {result.expected.value}: {result.title} ({result.reason})"
    )
