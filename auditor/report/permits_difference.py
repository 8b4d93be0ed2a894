"""What became reachable between two states of a network, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from auditor.facts.permits import PermitChange, PermitDifference
from auditor.facts.truth import Truth
from auditor.report.escape import clean

_REASONS_SHOWN = 3
_GROUPS: tuple[tuple[str, Callable[[PermitChange], bool]], ...] = (
    ("Became reachable", lambda c: c.was is Truth.NO),
    ("No longer reachable", lambda c: c.now is Truth.NO),
    ("Surely reachable now, and open before", lambda c: (c.was, c.now) == (Truth.UNKNOWN, Truth.YES)),
    ("Open now, and surely reachable before", lambda c: (c.was, c.now) == (Truth.YES, Truth.UNKNOWN)),
)


def render_permits_difference(difference: PermitDifference) -> str:
    """Return the difference as plain lines without any escape sequence."""
    lines: list[str] = []
    for title, belongs in _GROUPS:
        found = [c for c in difference.changes if belongs(c)]
        lines += _section(title, (line for c in found for line in _change(c)))
    lines += _section("Reaches more through others", (f"{source} through {other}" for source, other in difference.through))
    lines += _section("No longer through", (f"{source} through {other}" for source, other in difference.no_longer_through))
    lines += [f"appeared: {name}" for name in difference.appeared] + [f"vanished: {name}" for name in difference.vanished]
    lines += [f"not examined: {name}" for name in difference.not_examined]
    lines += [f"taken for given: {text}" for text in difference.assumed]
    return "\n".join(clean(line) for line in lines) + "\n"


def _section(title: str, lines: Iterable[str]) -> list[str]:
    return [title, *(f"  {line}" for line in list(lines) or ["nothing"])]


def _change(change: PermitChange) -> Iterator[str]:
    sure = {Truth.UNKNOWN: " (possibly)"}.get(change.now if change.now is not Truth.NO else change.was, "")
    yield f"{change.source} -> {change.destination}: {change.connections}{sure}"
    for reason in change.reasons[:_REASONS_SHOWN]:
        place = f" ({reason.location.path}:{reason.location.line})" if reason.location else ""
        yield f"  because {reason.text}{place}"
    if len(change.reasons) > _REASONS_SHOWN:
        yield f"  and {len(change.reasons) - _REASONS_SHOWN} more"
