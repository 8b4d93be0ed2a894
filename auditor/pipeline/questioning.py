"""``auditor questions``: what is open, who can answer, and what each answer would move, tried by judging again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from auditor.documents import confine
from auditor.facts.assessment import Assessment
from auditor.facts.evidence import Evidence, FileLocation
from auditor.facts.inventory import Unknown
from auditor.facts.manifest import Attestation
from auditor.facts.model import Model
from auditor.facts.questions import SCHEMA, AnswerDrafts, AnswerKind, EffectRecord, QuestionList, QuestionRecord
from auditor.facts.settings import Change
from auditor.facts.vocabulary import Basis, Party
from auditor.manifest import load_answers
from auditor.pipeline.modelling import judge, model
from auditor.pipeline.request import Inputs
from auditor.planning.answering import drafts
from auditor.planning.asked import FACT
from auditor.planning.asking import (
    CatalogQuestion,
    OpenQuestion,
    answers_to_try,
    catalog_questions,
    controls_of,
    needed_attestations,
    open_questions,
)

_ASSUMED = FileLocation("(assumed answer)", "", 1, 1)


def ask(inputs: Inputs, as_of: str, party: Party | None = None) -> QuestionList:
    """Return the open questions for ``party`` (``None``: everybody), those that decide most first; pure."""
    deployment = model(inputs)
    now = judge(deployment, inputs, as_of)
    asked = catalog_questions(inputs.manifest.systems, inputs.catalog)
    found = open_questions(now, _raised(deployment), asked)
    wanted = [q for q in found if party is None or q.who == party.value]
    records = [_record(q, _effects(q, deployment, now, inputs, as_of)) for q in wanted]
    order = list(Party)
    records.sort(key=lambda r: (order.index(Party(r.who)), -r.decides, -len(r.controls), r.id))
    profiles = tuple(p.id for p in now.profiles)
    together = tuple(_together(who, records, deployment, now, inputs, as_of) for who in dict.fromkeys(r.who for r in records))
    return QuestionList(SCHEMA, now.tool, now.as_of, now.stage, now.deployment, profiles, tuple(records), together, party or "")


def _together(
    who: str, records: Sequence[QuestionRecord], deployment: Model, now: Assessment, inputs: Inputs, as_of: str
) -> EffectRecord:
    """Return what moves when all answers of one party speak for the controls."""
    needs = sorted({need for r in records if r.who == who for need in r.needs})
    assumed = assumed_attestations(needs, as_of)
    then = judge(deployment, replace(inputs, attestations=(*assumed, *inputs.attestations)), as_of)
    return EffectRecord(who, tuple(_moves(now, then)))


def assumed_attestations(pairs: Sequence[tuple[str, str]], as_of: str) -> tuple[Attestation, ...]:
    """Return statements that fill each (control, subject): an assumption, in force at ``as_of``."""
    evidence = Evidence(Basis.DECLARED, _ASSUMED, "assumed")
    return tuple(
        Attestation(f"assumed-{n}", control, subject, "assumed", "nobody yet", as_of[:10], as_of[:10], evidence)
        for n, (control, subject) in enumerate(pairs, 1)
    )


def _raised(deployment: Model) -> Iterator[Unknown]:
    for row in deployment.rows:
        yield from row.unknowns
    yield from (gap.unknown for gap in deployment.gaps)


def _effects(question: OpenQuestion, deployment: Model, now: Assessment, inputs: Inputs, as_of: str) -> tuple[EffectRecord, ...]:
    found = []
    for answer, catalog in answers_to_try(question).items():
        then = _answered(question, answer, catalog, deployment, inputs, as_of)
        found.append(EffectRecord(answer, tuple(_moves(now, then))))
    return tuple(found)


def _answered(
    question: OpenQuestion, answer: str, catalog: CatalogQuestion | None, deployment: Model, inputs: Inputs, as_of: str
) -> Assessment:
    if catalog is not None:
        return judge(model(inputs, (Change(catalog.system, f"{FACT}{catalog.fact}", answer),)), inputs, as_of)
    assumed = assumed_attestations(needed_attestations(question), as_of)
    return judge(deployment, replace(inputs, attestations=(*assumed, *inputs.attestations)), as_of)


def _moves(now: Assessment, then: Assessment) -> Iterator[tuple[str, str, str]]:
    was = {c.id: c.effective for c in now.controls}
    for control in then.controls:
        if was[control.id] != control.effective:
            yield control.id, was[control.id], control.effective
    for before, after in zip(now.profiles, then.profiles, strict=True):
        if before.verdict != after.verdict:
            yield f"profile {after.id}", before.verdict, after.verdict


def _record(question: OpenQuestion, effects: tuple[EffectRecord, ...]) -> QuestionRecord:
    catalog = question.catalog
    return QuestionRecord(
        id=question.id,
        who=question.who,
        kind=AnswerKind(question.kind),
        text=question.text,
        steps=question.steps,
        answers=question.answers,
        decides=max((len(e.moves) for e in effects), default=0),
        controls=controls_of(question),
        blocking=any(u.blocking for u in question.unknowns),
        effects=effects,
        unknowns=tuple(u.id for u in question.unknowns),
        needs=needed_attestations(question),
        system=catalog.system if catalog is not None else "",
        fact=catalog.fact if catalog is not None else "",
    )


def draft_answers(asked: QuestionList, answer_file: Path, deployment: Path) -> AnswerDrafts:
    """Return what the answers of a file come to; reads it, and looks which sources are files of the deployment.

    Raises:
        InvalidInputError: a malformed file, or an answer that fits no question.
    """
    answers = load_answers(answer_file, answer_file.name)
    base = deployment if deployment.is_dir() else deployment.parent
    named = (a.source for a in answers if a.source)
    documents = {source for source in named if (base / source).exists() and not confine(base / source, base)}
    return drafts(asked, answers, documents)
