"""``assessment/v1`` to JSON and back: the one door of msgspec.

Writing keeps field order, indents by two, ends with a newline. Reading is strict: types, unknown and
duplicate names, closed vocabularies and the schema word are all checked, and a fault is told by its JSON path.
"""

from __future__ import annotations

import json
import re
import types
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, NoReturn, get_args, get_origin, get_type_hints

from auditor.errors import Diagnostic, InvalidInputError
from auditor.facts import assessment as records
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import (
    Basis,
    DataClass,
    Mark,
    OnUnknown,
    Party,
    Plane,
    Role,
    RowName,
    Severity,
    Sighting,
    Stage,
    Verdict,
)
from auditor.report.strict_json import parse

_TRUTH = frozenset(t.value for t in Truth)
_VERDICT = frozenset(v.value for v in Verdict)
_BASIS = frozenset(b.value for b in Basis)
_CLASSES = frozenset(c.value for c in DataClass)

CLOSED: dict[tuple[str, str], frozenset[str]] = {
    ("Assessment", "schema"): frozenset({records.SCHEMA}),
    ("Assessment", "stage"): frozenset(s.value for s in Stage),
    ("EvidenceRecord", "kind"): frozenset({"file", "frames", "lines", "statement", "catalog"}),
    ("EvidenceRecord", "basis"): _BASIS,
    ("PlaceRecord", "inside"): _TRUTH,
    ("ComponentRecord", "plane"): frozenset({"", *(p.value for p in Plane)}),
    ("ComponentRecord", "role"): frozenset({"", *(r.value for r in Role)}),
    ("ComponentRecord", "present"): _TRUTH,
    ("ComponentRecord", "holds"): _CLASSES,
    ("StoreRecord", "classes"): _CLASSES,
    ("StoreRecord", "exists"): _TRUTH,
    ("ChannelRecord", "sighting"): frozenset(s.value for s in Sighting),
    ("ChannelRecord", "permitted"): _TRUTH,
    ("FlowRecord", "declared"): _TRUTH,
    ("FlowRecord", "configured"): _TRUTH,
    ("FlowRecord", "permitted"): _TRUTH,
    ("FlowRecord", "sighting"): frozenset(s.value for s in Sighting),
    ("FlowRecord", "name"): frozenset(n.value for n in RowName),
    ("FlowRecord", "marks"): frozenset(m.value for m in Mark),
    ("FlowRecord", "exists"): _TRUTH,
    ("FlowRecord", "sends_at_least"): _CLASSES,
    ("FlowRecord", "sends_at_most"): _CLASSES,
    ("FlowRecord", "receives"): _CLASSES,
    ("FlowRecord", "required"): _TRUTH,
    ("FlowRecord", "crosses_perimeter"): _TRUTH,
    ("UnknownRecord", "who"): frozenset(p.value for p in Party),
    ("FindingRecord", "severity"): frozenset(s.value for s in Severity),
    ("ControlRecord", "severity"): frozenset(s.value for s in Severity),
    ("ControlRecord", "on_unknown"): frozenset(u.value for u in OnUnknown),
    ("ControlRecord", "verdict"): _VERDICT,
    ("ControlRecord", "effective"): _VERDICT,
    ("ProfileRecord", "verdict"): _VERDICT,
    ("ClaimRecord", "verdict"): _VERDICT,
    ("RungRecord", "verdict"): _VERDICT,
    ("ExceptionRecord", "kind"): frozenset({"waiver", "attestation"}),
    ("ExceptionRecord", "status"): frozenset({"in_force", "expired", "unused", "orphaned", "refused", "void"}),
    ("StepRecord", "kind"): frozenset({"adds", "changes", "removes"}),
    ("StepRecord", "sends_at_least"): _CLASSES,
    ("StepRecord", "sends_at_most"): _CLASSES,
}
"""(record, field) to its closed vocabulary; for a list, of its elements. The JSON Schema holds the same sets."""

LEFT_OUT: frozenset[tuple[str, str]] = frozenset(
    {
        *(("ChannelRecord", "untold"), ("ChannelRecord", "via"), ("CoverageRecord", "blind"), ("CoverageRecord", "unproving")),
        ("Assessment", "contracts"),
    }
)
"""(record, field) of what logs and contracts alone bring: not written while empty, so that other assessments stay as they are."""

_PLACE = re.compile(r"^(?P<what>.*) - at `(?P<path>[^`]*)`$", re.DOTALL)
_NEXT = "Give the JSON that auditor check wrote with --output json:PATH, unchanged."


def dump_assessment(assessment: records.Assessment) -> bytes:
    """Return ``assessment`` as UTF-8 JSON: field order, two spaces, newline at the end; same record, same bytes.

    A lone surrogate (an undecodable file name) is written as its JSON escape, so that it reads back unchanged.

    Raises:
        ValueError: a number is not finite.
    """
    import msgspec

    built = msgspec.to_builtins(assessment)
    for record, field in LEFT_OUT:
        for item in {"ChannelRecord": built["channels"], "CoverageRecord": built["coverage"]}.get(record, [built]):
            if not item[field]:
                del item[field]
    text = json.dumps(built, ensure_ascii=False, allow_nan=False, indent=2)
    return (text + "\n").encode("utf-8", "backslashreplace")


def load_assessment(data: bytes, shown: str) -> records.Assessment:
    """Return the assessment in ``data``; ``shown`` is the path that messages name.

    Raises:
        InvalidInputError: not UTF-8 JSON, another schema, a wrong type, an unknown, missing or duplicate name, or a
            word outside its vocabulary; the message holds the JSON path.
    """
    import msgspec

    raw = parse(data, shown, _NEXT)
    if not isinstance(raw, dict) or raw.get("schema") != records.SCHEMA:
        found = raw.get("schema", "none") if isinstance(raw, dict) else type(raw).__name__
        _refuse(shown, f"not an {records.SCHEMA} file", f"$.schema is {found!r}")
    faults = [
        Diagnostic(f"{what} at {path}", why="it is not part of assessment/v1", next_step=_NEXT, path=shown)
        for path, what in _foreign(raw, records.Assessment, "$")
    ]
    if faults:
        raise InvalidInputError(*faults)
    try:
        return msgspec.convert(raw, records.Assessment, strict=True)
    except msgspec.ValidationError as error:
        match = _PLACE.match(str(error))
        what, path = (match["what"], match["path"]) if match else (str(error), "$")
        _refuse(shown, f"wrong value at {path}", what)


def _foreign(value: Any, kind: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield (path, what) for names and words that ``kind`` does not know; wrong types are left to msgspec."""
    if get_origin(kind) is types.UnionType:
        kind = next(k for k in get_args(kind) if k is not type(None))
    if get_origin(kind) is tuple and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _foreign(item, get_args(kind)[0], f"{path}[{index}]")
    elif is_dataclass(kind) and isinstance(value, dict):
        yield from _foreign_record(value, kind, path)


def _foreign_record(value: dict[str, Any], kind: Any, path: str) -> Iterator[tuple[str, str]]:
    hints = get_type_hints(kind)
    known = {field.name for field in fields(kind)}
    for name, child in value.items():
        if name not in known:
            yield f"{path}.{name}", "unknown name"
            continue
        words = CLOSED.get((kind.__name__, name))
        for text in child if isinstance(child, list) else [child]:
            if words is not None and isinstance(text, str) and text not in words:
                yield f"{path}.{name}", f"unknown word {text!r}"
        yield from _foreign(child, hints[name], f"{path}.{name}")


def _refuse(shown: str, what: str, why: str) -> NoReturn:
    raise InvalidInputError(Diagnostic(what, why=why, next_step=_NEXT, path=shown))
