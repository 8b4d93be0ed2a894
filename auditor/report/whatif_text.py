"""A supposition in words: what is supposed, which verdicts move, which flows appear, vanish or go elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from auditor.facts.supposition import FlowMoveRecord, SupposedRecord, Supposition, VerdictRecord
from auditor.report import words
from auditor.report.difference_text import recipient_lines
from auditor.report.escape import clean

_SIGNS = {"appears": "+", "vanishes": "-", "moves": "→", "settles": "!", "opens": "?"}
_CROSSES = {"yes": ", to the outside", "unknown": ", perhaps to the outside"}


def render_whatif(supposition: Supposition, *, full: bool = False) -> str:
    """Return the supposition as plain text, one statement a line, every text cleaned; ``full`` adds what does not move."""
    moved = [v for v in supposition.verdicts if v.old != v.new]
    still = len(supposition.verdicts) - len(moved)
    verdict_lines = [_verdict(v) for v in (supposition.verdicts if full else moved)]
    lines = [
        f"{supposition.deployment}: as of {supposition.as_of[:10]} ({supposition.stage}), if",
        *(f"  {_supposed(s)}" for s in supposition.supposed),
        *_section("Verdicts", "no verdict moves", [line for lines in verdict_lines for line in lines]),
        *([] if full or not still else [f"  {words.plural(still, 'verdict')} unmoved"]),
        *_section("Flows", "none appears, vanishes or moves", (line for f in supposition.flows for line in _flow(f))),
        *_section("Recipients outside", "nobody gains or loses data", recipient_lines(supposition.recipients)),
        *_aside(supposition.set_aside),
    ]
    return "\n".join(clean(line) for line in lines) + "\n"


def _section(title: str, nothing: str, lines: Iterable[str]) -> list[str]:
    listed = list(lines)
    return ["", title, *(f"  {line}" for line in listed or [nothing])]


def _supposed(record: SupposedRecord) -> str:
    was = {"unknown": "not known", "default": f"{record.old or 'unset'}, by default", "set": record.old or "empty"}
    assumed = f"{record.old or 'unset'}, by default as far as the inputs tell"
    place = f" at {record.old_place}" if record.old_place else ""
    name = record.asked if record.key in (record.asked, record.asked.partition("/")[2]) else f"{record.asked} ({record.key})"
    return f"{name} of {record.system} were {record.new or 'empty'}; it is {was.get(record.old_state, assumed)}{place}"


def _verdict(record: VerdictRecord) -> Iterator[str]:
    glyph = words.VERDICT_GLYPHS.get(record.new, "–")
    old, new = (words.word(words.VERDICT_WORDS, v) for v in (record.old, record.new))
    change = f"{old} → {new}" if old != new else new
    yield f"{glyph} {record.kind} {record.id} {record.title}: {change}"
    if old != new and record.kind == "control":
        yield f"    {record.reason}"


def _flow(record: FlowMoveRecord) -> Iterator[str]:
    what = f"{record.source}: {record.purpose or 'traffic without a known purpose'}"
    where = _CROSSES.get(record.crosses_perimeter, "")
    old, new = ", ".join(record.old), ", ".join(record.new)
    end = {"moves": f"goes to {new} instead of {old}", "settles": f"is certain, to {new}", "opens": f"becomes open, to {new}"}
    told = end.get(record.change, f"{record.change}, to {new or old}")
    yield f"{_SIGNS[record.change]} {what}: {told}{where} [{record.flow}]"


def _aside(channels: tuple[str, ...]) -> list[str]:
    if not channels:
        return []
    return _section("Set aside: packets captured before the change, taken as not seen again after it", "", channels)
