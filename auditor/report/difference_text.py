"""A difference in words: moved verdicts with their causes first, then who gains or loses data, findings, flows."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from auditor.facts.difference import CauseRecord, Certainty, ChangeRecord, Difference, MoveRecord, RecipientRecord
from auditor.report import words
from auditor.report.escape import clean

_CERTAINTY = {Certainty.SHOWN: "because", Certainty.LIKELY: "likely because", Certainty.POSSIBLE: "possibly because"}
_CHANGES = {"appeared": "+", "vanished": "-", "changed": "~"}
_SHARES = {"receives": "receives", "may_receive": "may receive"}
_FLOW_FIELDS = {"name": words.ROW_NAMES, "sighting": words.SIGHTINGS}


def render_difference(difference: Difference) -> str:
    """Return the difference as plain text; every text from outside is cleaned, one statement a line."""
    old, new = difference.old, difference.new
    lines = [
        f"{new.deployment}: {new.as_of[:10]} ({new.stage}) against {old.as_of[:10]} ({old.stage})"
        + (f", formerly {old.deployment}" if old.deployment != new.deployment else ""),
        *_section("Verdicts", "no verdict moved", _moved(difference.moves)),
        *_section("Recipients outside", "nobody gains or loses data", recipient_lines(difference.recipients)),
        *_section("Findings", "none appeared, vanished or changed", (x for c in difference.findings for x in change_lines(c))),
        *_section("Flows", "none appeared, vanished or changed", (x for c in difference.flows for x in change_lines(c))),
        *_section("What differs underneath", "nothing", (f"{c.kind.value}: {c.text}" for c in difference.changed)),
    ]
    return "\n".join(clean(line) for line in lines) + "\n"


def _section(title: str, nothing: str, lines: Iterable[str]) -> list[str]:
    listed = list(lines)
    return ["", title, *(f"  {line}" for line in listed or [nothing])]


def _moved(moves: tuple[MoveRecord, ...]) -> Iterator[str]:
    for heads, causes in moves_together(moves):
        yield from heads
        yield from (f"    {cause}" for cause in causes)


def moves_together(moves: tuple[MoveRecord, ...]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield moved verdicts, a line each, with the causes that neighbours share, said once below them."""
    for causes, same in itertools.groupby(moves, key=lambda move: move.causes):
        yield tuple(_move(move) for move in same), tuple(_cause(cause) for cause in causes)


def _move(move: MoveRecord) -> str:
    verdicts = [words.word(words.VERDICT_WORDS, v) if v != "none" else "not judged" for v in (move.old, move.new)]
    name = f"“{move.title}”" if move.kind == "claim" else f"{move.id} {move.title}"
    return f"{words.VERDICT_GLYPHS.get(move.new, '–')} {move.kind} {name}: {verdicts[0]} → {verdicts[1]}"


def _cause(cause: CauseRecord) -> str:
    return f"{_CERTAINTY[cause.certainty]} {cause.text} ({cause.kind.value.replace('_', ' ')})"


def recipient_lines(records: tuple[RecipientRecord, ...]) -> list[str]:
    """Return a line for each recipient and kind of change, with all its classes, by recipient."""
    moved: dict[tuple[str, str, str], list[str]] = {}
    for record in records:
        moved.setdefault((record.recipient, record.old, record.new), []).append(record.data)
    lines = []
    for (who, old, new), classes in sorted(moved.items()):
        sign = "-" if new == "none" else "+" if old == "none" else "~"
        now = "no longer receives" if new == "none" else _SHARES[new]
        was = "" if "none" in (old, new) else f" (before: {_SHARES[old]})"
        lines.append(f"{sign} {who} {now}{was}: {words.data_words(tuple(classes))}")
    return lines


def change_lines(change: ChangeRecord) -> list[str]:
    """Return what appeared, vanished or changed, and a line for each field that did."""
    lines = [f"{_CHANGES[change.change]} {change.title} [{change.id}]"]
    for field, old, new in change.fields:
        was, now = (words.word(_FLOW_FIELDS.get(field, {}), value) or "nothing" for value in (old, new))
        lines.append(f"    {field.replace('_', ' ')}: {was} → {now}")
    return lines
