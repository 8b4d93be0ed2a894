"""What moves between two assessments of one deployment when settings are supposed: every verdict, and whole flows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from auditor.facts.assessment import Assessment, FlowRecord
from auditor.facts.supposition import FlowMoveRecord, VerdictRecord

_NONE = "none"


def verdicts(old: Assessment, new: Assessment) -> tuple[VerdictRecord, ...]:
    """Return every profile and control with both verdicts, in the order of the new assessment, profiles first."""
    return (*_profiles(old, new), *_controls(old, new))


def flow_moves(old: Assessment, new: Assessment) -> tuple[FlowMoveRecord, ...]:
    """Return the flows that appear, vanish, go elsewhere, become certain or open, by id.

    A flow is one purpose of one component; its rows differ by destination and channel. What nothing intends is its own.
    """
    before, after = _by_flow(old), _by_flow(new)
    found = (_move(key, before.get(key, []), after.get(key, [])) for key in sorted(before.keys() | after.keys()))
    return tuple(move for move in found if move is not None)


def _profiles(old: Assessment, new: Assessment) -> Iterator[VerdictRecord]:
    was = {p.id: p.verdict for p in old.profiles}
    for profile in new.profiles:
        yield VerdictRecord(
            "profile", profile.id, profile.title, (profile.id,), was.get(profile.id, _NONE), profile.verdict, profile.sentence
        )


def _controls(old: Assessment, new: Assessment) -> Iterator[VerdictRecord]:
    was = {c.id: c.effective for c in old.controls}
    for control in new.controls:
        holders = tuple(p.id for p in new.profiles if control.id in p.controls)
        yield VerdictRecord(
            "control", control.id, control.title, holders, was.get(control.id, _NONE), control.effective, control.reason
        )


def _by_flow(side: Assessment) -> Mapping[str, list[FlowRecord]]:
    found: dict[str, list[FlowRecord]] = {}
    for row in side.flows:
        found.setdefault(row.flow or row.id, []).append(row)
    return found


def _move(key: str, before: list[FlowRecord], after: list[FlowRecord]) -> FlowMoveRecord | None:
    were, are = ([r for r in rows if r.exists != "no"] for rows in (before, after))
    old, new = _destinations(were), _destinations(are)
    change = _change(were, are, old, new)
    if not change:
        return None
    shown = (are or were)[0]
    return FlowMoveRecord(change, key, shown.purpose, shown.source, old, new, _crossing(are or were))


def _change(were: list[FlowRecord], are: list[FlowRecord], old: tuple[str, ...], new: tuple[str, ...]) -> str:
    if not were or not are:
        return "appears" if are else "vanishes" if were else ""
    if old != new:
        return "moves"
    sure = [all(r.exists == "yes" for r in rows) for rows in (were, are)]
    return {(False, True): "settles", (True, False): "opens"}.get((sure[0], sure[1]), "")


def _destinations(rows: list[FlowRecord]) -> tuple[str, ...]:
    return tuple(sorted({r.destination for r in rows}))


def _crossing(rows: list[FlowRecord]) -> str:
    found = {r.crosses_perimeter for r in rows}
    return next(word for word in ("yes", "unknown", "no") if word in found)
