"""``auditor permits`` in a terminal: the answer, the deciding rule with its place, and what would change it."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.facts.permits import PermitAnswer, PermitReason, PermitReport
from auditor.report.escape import clean

_REASONS_SHOWN = 6


def render_permits(report: PermitReport) -> str:
    """Return the report as plain lines without any escape sequence."""
    lines = [line for answer in report.answers for line in _answer(answer)]
    lines += [f"through others: it may reach {name}, which may reach addresses outside" for name in report.through]
    lines += [f"by names: {reason.text}{_place(reason)}" for reason in report.by_name]
    lines += [f"not examined: {name}" for name in report.not_examined]
    lines += [f"taken for given: {text}" for text in report.assumed]
    return "\n".join(clean(line) for line in lines) + "\n"


def _answer(answer: PermitAnswer) -> Iterator[str]:
    strength = f", {answer.strength}" if answer.strength else ""
    yield f"{answer.source} -> {answer.destination}: {answer.permitted.value} for {answer.asked}{strength}"
    for reason in answer.reasons[:_REASONS_SHOWN]:
        yield f"  because {reason.text}{_place(reason)}"
    if len(answer.reasons) > _REASONS_SHOWN:
        yield f"  and {len(answer.reasons) - _REASONS_SHOWN} more"
    for text in answer.would_change:
        yield f"  to change it: {text}"


def _place(reason: PermitReason) -> str:
    return f" ({reason.location.path}:{reason.location.line})" if reason.location else ""
