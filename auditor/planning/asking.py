"""Open points -> questions: one for everything that a single answer settles, with an id that lasts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from auditor.catalog import Catalog
from auditor.facts.assessment import Assessment, UnknownRecord
from auditor.facts.inventory import Unknown
from auditor.facts.manifest import SystemEntry
from auditor.facts.questions import FAILS, HOLDS, SUPPLIED, AnswerKind, unanswered
from auditor.facts.vocabulary import UnknownKind

_DIGITS = 10
_CAPTURES = frozenset(
    {
        UnknownKind.OBSERVATION_MISSING.value,
        UnknownKind.OBSERVATION_WINDOW.value,
        UnknownKind.OBSERVATION_COVERAGE.value,
        UnknownKind.OBSERVATION_STALE.value,
        UnknownKind.NOT_EXERCISED.value,
        UnknownKind.SOURCE_NOT_ESTABLISHED.value,
        UnknownKind.DESTINATION_UNNAMED.value,
    }
)
_FILES = frozenset(
    {
        UnknownKind.PERMITTED_NOT_EXAMINED.value,
        UnknownKind.PERMITTED_OPEN.value,
        UnknownKind.INVENTORY_OPEN.value,
        UnknownKind.SETTING_UNKNOWN.value,
        UnknownKind.NOT_EXAMINED.value,
        UnknownKind.UNEXPLAINED_TRAFFIC.value,
    }
)
_WEAK = UnknownKind.FACT_WEAK
"""Weak facts share one step and differ in what is asked: each is a question of its own."""


@dataclass(frozen=True, slots=True)
class CatalogQuestion:
    """A question that the catalog asks of one system."""

    system: str
    fact: str
    question: str
    answers: tuple[str, ...]
    who: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question before anybody tried what an answer would move."""

    id: str
    who: str
    kind: AnswerKind
    text: str
    steps: tuple[str, ...]
    answers: tuple[str, ...]
    unknowns: tuple[UnknownRecord, ...]
    catalog: CatalogQuestion | None


def catalog_questions(systems: Sequence[SystemEntry], catalog: Catalog) -> tuple[CatalogQuestion, ...]:
    """Return every question of the products that run here, in the order of systems and files."""
    return tuple(
        CatalogQuestion(s.id, q.id, q.question, q.answers, q.who.value, q.settled_by)
        for s in systems
        for q in catalog.product(s.product).facts
    )


def open_questions(
    assessment: Assessment, raised: Iterable[Unknown], asked: Sequence[CatalogQuestion]
) -> tuple[OpenQuestion, ...]:
    """Return the questions behind the open points of ``assessment`` that leave a control open, by id.

    ``raised`` are the unknowns that the model itself holds, before any control asks: those of one system with the same
    steps are one question. An open point that rests on several questions belongs to each.
    """
    own: dict[str, list[Unknown]] = {}
    for unknown in raised:
        own.setdefault(f"{unknown.kind.value}@{unknown.subject}", []).append(unknown)
    grouped: dict[str, tuple[OpenQuestion, list[UnknownRecord]]] = {}
    for record in assessment.unknowns:
        for key, question in _questions_of(record, own.get(record.id, []), asked) if record.controls else ():
            grouped.setdefault(key, (question, []))[1].append(record)
    made = (_whole(question, tuple(records)) for question, records in grouped.values())
    return tuple(sorted(made, key=lambda q: q.id))


def evidence_kind(kinds: Iterable[str]) -> str:
    """Return which kind of input answers open points of ``kinds``: ``capture``, ``path``, or empty where none does."""
    found = set(kinds)
    return "capture" if found & _CAPTURES else "path" if found & _FILES else ""


def _questions_of(
    record: UnknownRecord, own: Sequence[Unknown], asked: Sequence[CatalogQuestion]
) -> Iterator[tuple[str, OpenQuestion]]:
    texts = [record.text, *(u.text for u in own)]
    facts = [q for q in asked if any(unanswered(q.question) in text for text in texts)]
    facts = [q for q in facts if _is_of(record.subject, q.system)] or facts
    for question in facts:
        key = f"fact:{question.system}/{question.fact}"
        yield key, _blank(key, question.who, question.question, question.steps, question)
    rest = [u for u in own if not any(q.question in u.text for q in facts)]
    shared = {(u.who.value, u.settled_by): u for u in rest if u.settled_by and u.kind is not _WEAK}
    for (who, steps), unknown in shared.items():
        key = f"steps:{_system(record.subject)}:{who}:{'|'.join(steps)}"
        yield key, _blank(key, who, unknown.text, steps, None)
    if not facts and not shared:
        yield record.id, _blank(record.id, record.who, record.text, record.settled_by, None)


def _blank(key: str, who: str, text: str, steps: tuple[str, ...], catalog: CatalogQuestion | None) -> OpenQuestion:
    number = f"Q-{hashlib.sha256(key.encode('utf-8', 'backslashreplace')).hexdigest()[:_DIGITS]}"
    answers = catalog.answers if catalog is not None else ()
    return OpenQuestion(number, who, AnswerKind.FACT, text, steps, answers, (), catalog)


def _whole(question: OpenQuestion, records: tuple[UnknownRecord, ...]) -> OpenQuestion:
    if question.catalog is not None:
        kind, answers = AnswerKind.FACT, question.answers
    elif evidence_kind(r.kind for r in records):
        kind, answers = AnswerKind.EVIDENCE, (SUPPLIED, HOLDS, FAILS)
    else:
        kind, answers = AnswerKind.STATEMENT, (HOLDS, FAILS)
    return OpenQuestion(question.id, question.who, kind, question.text, question.steps, answers, records, question.catalog)


def _is_of(subject: str, system: str) -> bool:
    return subject.startswith(f"{system}/")


def _system(subject: str) -> str:
    return subject.partition("/")[0]


def needed_attestations(question: OpenQuestion) -> tuple[tuple[str, str], ...]:
    """Return (control, subject) of everything that an attestation would have to fill, sorted."""
    pairs = {(control.rpartition("/")[2], record.subject) for record in question.unknowns for control in record.controls}
    return tuple(sorted(pairs))


def controls_of(question: OpenQuestion) -> tuple[str, ...]:
    """Return the ids of the controls that it leaves open, in order."""
    return tuple(dict.fromkeys(control for control, _ in needed_attestations(question)))


def answers_to_try(question: OpenQuestion) -> Mapping[str, CatalogQuestion | None]:
    """Return answer -> the catalog's question that it answers (``None``: an attestation), for a trial of each."""
    if question.catalog is not None:
        return dict.fromkeys(question.answers, question.catalog)
    return {HOLDS: None}
