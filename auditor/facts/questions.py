"""``questions/v1``: what is open, put to those who can answer, and the answers (``auditor questions``).

Wire records, flat like ``assessment/v1``. Texts may be hostile and are escaped by the sink.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from auditor.facts.evidence import FileLocation

SCHEMA = "questions/v1"


class AnswerKind(StrEnum):
    """What an answer becomes."""

    FACT = "fact"
    """One of the answers that the catalog's question offers: a statement of a document or of the author."""
    EVIDENCE = "evidence"
    """A file to be supplied, or a person's word that it would show nothing against the controls."""
    STATEMENT = "statement"
    """A person's word: an attestation."""


HOLDS, FAILS, SUPPLIED = "holds", "fails", "supplied"
"""Answers to what is no question of the catalog: nothing speaks against the controls, something does, a file shows it."""


@dataclass(frozen=True, slots=True)
class EffectRecord:
    """What one answer alone would move."""

    answer: str
    moves: tuple[tuple[str, str, str], ...]
    """(control, or profile with the word before it, verdict now, verdict then)."""


@dataclass(frozen=True, slots=True)
class QuestionRecord:
    """One question; it may stand for several open points that one answer settles."""

    id: str
    """``Q-`` and ten digits of a digest of what is asked: the same as long as the question is."""
    who: str
    kind: AnswerKind
    text: str
    steps: tuple[str, ...]
    """What would settle it."""
    answers: tuple[str, ...]
    """What an answer file may say."""
    decides: int
    """How many verdicts of controls and profiles move by the best answer to this question alone."""
    controls: tuple[str, ...]
    """Controls that it leaves open, together with others or alone."""
    blocking: bool
    effects: tuple[EffectRecord, ...]
    unknowns: tuple[str, ...]
    """Ids of the open points, as the assessment lists them."""
    needs: tuple[tuple[str, str], ...]
    """(control, subject) that an attestation would have to name."""
    system: str = ""
    """With ``fact``: the system that it is about."""
    fact: str = ""


@dataclass(frozen=True, slots=True)
class QuestionList:
    """All questions, by party, the one that decides most first."""

    schema: str
    tool: str
    as_of: str
    stage: str
    deployment: str
    profiles: tuple[str, ...]
    questions: tuple[QuestionRecord, ...]
    together: tuple[EffectRecord, ...] = ()
    """For each party (``answer``): what moves when all its answers speak for the controls."""
    party: str = ""
    """The only party that was asked; empty: everybody."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as a file gives it."""

    question: str
    answer: str
    by: str
    date: str
    source: str
    """Path of a document or file, or plain words on where the answer is from; empty when not given."""
    statement: str
    expires: str
    """Last day of an attestation; empty: a fixed time after ``date``."""
    location: FileLocation


@dataclass(frozen=True, slots=True)
class AttestationDraft:
    """One entry for ``attestations.yaml``."""

    id: str
    control: str
    subject: str
    statement: str
    by: str
    date: str
    expires: str


@dataclass(frozen=True, slots=True)
class StatementDraft:
    """An answer to a question of the catalog for ``states:``; with a document it stands in its entry under ``inputs:``."""

    document: str
    issuer: str
    date: str
    system: str
    fact: str
    value: str
    source: str = ""
    """Where the answer is from in plain words, where no document of the deployment holds it."""


@dataclass(frozen=True, slots=True)
class InputDraft:
    """A file for ``inputs:``."""

    kind: str
    """``capture`` or ``path``."""
    path: str
    collected: str


@dataclass(frozen=True, slots=True)
class AnswerDrafts:
    """What an answer file comes to, in the manifest's own words, each with the question that it answers."""

    deployment: str
    attestations: tuple[tuple[str, AttestationDraft], ...]
    statements: tuple[tuple[str, StatementDraft], ...]
    inputs: tuple[tuple[str, InputDraft], ...]
    notes: tuple[str, ...]
    """What nothing was drafted for, and why."""


def unanswered(question: str) -> str:
    """Return the clause by which an open point says that a question of the catalog is its reason."""
    return f'the question "{question}" has no answer'
