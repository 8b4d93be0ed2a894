"""Reading an in-toto statement back: the parts, and whether they agree with each other. Pure; nothing here reads a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn

from auditor.errors import Diagnostic, InvalidInputError
from auditor.facts.assessment import Assessment
from auditor.report.envelope import Envelope, opened
from auditor.report.in_toto import PREDICATE_TYPE, RECORD_TYPE, STATEMENT_TYPE, build_statement
from auditor.report.strict_json import parse

_NEXT = "write one with: auditor report ASSESSMENT.json --output in-toto:statement.json"
_LISTS = ("passedTests", "warnedTests", "failedTests")
_RESULTS = ("PASSED", "WARNED", "FAILED")
_DIGEST = re.compile("[0-9a-f]{64}")

Json = dict[str, Any]


class Outcome(StrEnum):
    """What one check says."""

    HOLDS = "holds"
    FAILS = "fails"
    OPEN = "open"
    """Not looked at, or not decidable: no proof."""


@dataclass(frozen=True, slots=True)
class Check:
    """One question put to a statement, and the answer in words; the texts may be hostile."""

    name: str
    outcome: Outcome
    text: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as it was read; ``envelope`` is ``None`` where it is not signed."""

    content: Json
    envelope: Envelope | None
    inputs: tuple[tuple[str, str], ...]
    """(path below the deployment's folder, SHA-256)."""
    record: str
    """SHA-256 of the assessment record, empty without one."""
    tool: str


def read_statement(data: bytes, path: str) -> Statement:
    """Return the statement in ``data``, in an envelope or bare.

    Raises:
        InvalidInputError: not strict JSON, no statement about a test result, or a part of the wrong shape.
    """
    whole = parse(data, path, _NEXT)
    envelope = opened(whole, path) if isinstance(whole, dict) and "payload" in whole else None
    content = parse(envelope.payload, path, _NEXT) if envelope else whole
    if not isinstance(content, dict) or content.get("_type") != STATEMENT_TYPE:
        _refuse(path, "this is no in-toto statement", f"_type is not {STATEMENT_TYPE}")
    if content.get("predicateType") != PREDICATE_TYPE:
        _refuse(path, "this statement is about something else", f"predicateType is not {PREDICATE_TYPE}")
    subjects = [_subject(entry, path) for entry in _items(content.get("subject"), "subject", path)]
    if not subjects:
        _refuse(path, "the statement speaks about nothing", "subject is empty")
    records = [digest for kind, _, digest in subjects if kind == RECORD_TYPE]
    predicate = content.get("predicate")
    if not isinstance(predicate, dict):
        _refuse(path, "the statement has no predicate", "predicate is no object")
    tool = _predicate(predicate, path)
    inputs = tuple((name, digest) for kind, name, digest in subjects if kind != RECORD_TYPE)
    return Statement(content, envelope, inputs, records[0] if records else "", tool)


def agreement(statement: Statement) -> Check:
    """Return whether the result follows from the lists and notes beside it."""
    predicate = statement.content["predicate"]
    told = [name for key in _LISTS for name in predicate.get(key, [])]
    twice = sorted({name for name in told if told.count(name) > 1})
    open_points = _unproven(predicate)
    result = predicate["result"]
    if twice:
        return Check("content", Outcome.FAILS, f"a control has two outcomes: {', '.join(twice)}")
    against = bool(predicate.get("failedTests")) or any(blocks for _, blocks in open_points)
    if result == "PASSED" and (against or predicate.get("warnedTests") or open_points):
        return Check("content", Outcome.FAILS, "the result is PASSED, and beside it stands a control that is no pass")
    if result == "WARNED" and against:
        return Check("content", Outcome.FAILS, "the result is WARNED, and beside it stands a control that failed or blocks")
    said = f"agrees with itself; {statement.tool} says {result}"
    counts = ", ".join(f"{len(predicate.get(key, []))} {key.removesuffix('Tests')}" for key in _LISTS)
    return Check("content", Outcome.HOLDS, f"{said}: {counts}, {len(open_points)} unproven")


def agreement_with_record(statement: Statement, assessment: Assessment, sha256: str, tool: str) -> Check:
    """Return whether the statement says of a record exactly what this tool would say; ``sha256`` is that of the file."""
    if sha256 != statement.record:
        named = f"the statement is about {statement.record}" if statement.record else "the statement names no record"
        return Check("assessment", Outcome.FAILS, f"the record is another one: its SHA-256 is {sha256}, {named}")
    if build_statement(assessment) == statement.content:
        return Check("assessment", Outcome.HOLDS, "the record is the one, and the statement says what it says")
    if assessment.tool != tool:
        text = f"the record is the one; whether {assessment.tool} would say the same of it, {tool} cannot tell"
        return Check("assessment", Outcome.OPEN, text)
    return Check("assessment", Outcome.FAILS, "the statement says something else than the record")


def _predicate(predicate: Json, path: str) -> str:
    """Check the shape of the predicate and return the name of the tool."""
    if predicate.get("result") not in _RESULTS:
        _refuse(path, "the statement has no result", f"predicate.result is none of {', '.join(_RESULTS)}")
    for key in _LISTS:
        if not all(isinstance(name, str) for name in _items(predicate.get(key, []), f"predicate.{key}", path)):
            _refuse(path, "the statement is malformed", f"predicate.{key} holds something that is no text")
    configuration = _items(predicate.get("configuration"), "predicate.configuration", path)
    if not all(isinstance(entry, dict) for entry in configuration):
        _refuse(path, "the statement is malformed", "predicate.configuration holds something that is no object")
    name = configuration[0].get("name") if configuration else None
    return name if isinstance(name, str) else "a tool that is not named"


def _unproven(predicate: Json) -> list[tuple[str, bool]]:
    notes = predicate["configuration"][0].get("annotations") if predicate["configuration"] else None
    points = notes.get("unproven") if isinstance(notes, dict) else None
    return [
        (str(point.get("control", "")), point.get("blocks") is not False)
        for point in (points if isinstance(points, list) else [])
        if isinstance(point, dict)
    ]


def _subject(entry: Any, path: str) -> tuple[str, str, str]:
    """Return media type (empty without one), name and digest."""
    name = entry.get("name") if isinstance(entry, dict) else None
    digests = entry.get("digest") if isinstance(entry, dict) else None
    digest = digests.get("sha256") if isinstance(digests, dict) else None
    if not isinstance(name, str) or not name or not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        _refuse(path, "the statement is malformed", "a subject has no name or no SHA-256 digest in lower case")
    kind = entry.get("mediaType")
    return kind if isinstance(kind, str) else "", name, digest


def _items(value: Any, what: str, path: str) -> list[Any]:
    if not isinstance(value, list):
        _refuse(path, "the statement is malformed", f"{what} is no list")
    return value


def _refuse(path: str, what: str, why: str) -> NoReturn:
    raise InvalidInputError(Diagnostic(what=what, why=why, path=path, next_step=_NEXT))
