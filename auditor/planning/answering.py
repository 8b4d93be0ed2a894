"""Answers -> drafts in the manifest's own words: attestations, statements of documents, files for ``inputs:``."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from auditor.errors import Diagnostic, InvalidInputError
from auditor.facts.questions import (
    FAILS,
    SUPPLIED,
    Answer,
    AnswerDrafts,
    AnswerKind,
    AttestationDraft,
    InputDraft,
    QuestionList,
    QuestionRecord,
    StatementDraft,
)
from auditor.planning.asking import evidence_kind

LASTS = dt.timedelta(days=180)
"""How long a drafted attestation is in force when the answer does not say: short enough to be asked again."""
_NO_SUBJECT = re.compile(r"[\s*?]")


def drafts(asked: QuestionList, answers: Sequence[Answer], documents: Collection[str]) -> AnswerDrafts:
    """Return what ``answers`` come to; ``documents`` are those of their sources that are files of the deployment.

    Raises:
        InvalidInputError: an answer to no question of ``asked``, one that the question does not offer, or a file that
            is said to be supplied and is none of the deployment's.
    """
    known = {q.id: q for q in asked.questions}
    faults = [fault for a in answers for fault in _faults(a, known, documents)]
    if faults:
        raise InvalidInputError(*faults)
    attestations: list[tuple[str, AttestationDraft]] = []
    statements: list[tuple[str, StatementDraft]] = []
    inputs: list[tuple[str, InputDraft]] = []
    notes: list[str] = []
    for answer in answers:
        question = known[answer.question]
        if question.kind is AnswerKind.FACT:
            statements.append((question.text, _statement(question, answer, documents)))
        elif answer.answer == SUPPLIED:
            inputs.append((question.text, InputDraft(_input_kind(question), answer.source, answer.date)))
        elif answer.answer == FAILS:
            notes.append(f"{question.id} is answered {FAILS}: nothing is drafted, and it stays open for {_controls(question)}")
        else:
            attestations.extend((question.text, draft) for draft in _attestations(question, answer, notes))
    return AnswerDrafts(asked.deployment, tuple(attestations), tuple(statements), tuple(inputs), tuple(notes))


def _faults(answer: Answer, known: Mapping[str, QuestionRecord], documents: Collection[str]) -> Iterator[Diagnostic]:
    at = answer.location
    place = (at.path, at.line, at.column)
    question = known.get(answer.question)
    if question is None:
        near = difflib.get_close_matches(answer.question, list(known), n=1)
        step = f"did you mean {near[0]}?" if near else "list the questions with auditor questions DEPLOYMENT"
        why = "it is settled by now, or was asked of another deployment, stage or profile"
        yield Diagnostic(f"{answer.question} is no open question", why, step, *place)
    elif answer.answer not in question.answers:
        why = f"{question.id} takes: {', '.join(question.answers)}"
        yield Diagnostic(f'"{answer.answer}" is no answer to "{question.text}"', why, "use one of these", *place)
    elif answer.answer == SUPPLIED and question.kind is AnswerKind.EVIDENCE and answer.source not in documents:
        what = f'source: "{answer.source}" is no file or folder of the deployment'
        yield Diagnostic(
            what, "what is supplied must lie below the manifest's folder", "copy it there, and name its path", *place
        )


def _statement(question: QuestionRecord, answer: Answer, documents: Collection[str]) -> StatementDraft:
    document = answer.source if answer.source in documents else ""
    source = "" if document else answer.source
    return StatementDraft(document, answer.by, answer.date, question.system, question.fact, answer.answer, source)


def _input_kind(question: QuestionRecord) -> str:
    return evidence_kind(unknown.partition("@")[0] for unknown in question.unknowns) or "path"


def _attestations(question: QuestionRecord, answer: Answer, notes: list[str]) -> Iterator[AttestationDraft]:
    expires = answer.expires or (dt.date.fromisoformat(answer.date) + LASTS).isoformat()
    said = answer.statement or f"Nothing speaks against the control in this: {question.text}"
    statement = f"{said} (source: {answer.source})" if answer.source else said
    for number, (control, subject) in enumerate(question.needs, 1):
        if _NO_SUBJECT.search(subject):
            notes.append(f"{question.id}: no attestation can name the subject {subject!r}; supply the evidence itself")
        else:
            yield AttestationDraft(f"{question.id}-{number}", control, subject, statement, answer.by, answer.date, expires)


def _controls(question: QuestionRecord) -> str:
    return ", ".join(question.controls)
