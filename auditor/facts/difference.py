"""``difference/v1``: what moved between two assessments of one deployment, and by what cause as far as digests tell.

Wire records, flat like ``assessment/v1``. Texts may be hostile and are escaped by the sink.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SCHEMA = "difference/v1"
NONE = "none"
"""Stands for a verdict, a finding or a right to data that one side does not have."""


class CauseKind(StrEnum):
    """What can move a verdict, in the order in which causes are told."""

    CONFIGURATION = "configuration"
    POLICY = "policy"
    """A file that says what the network permits."""
    TRAFFIC = "traffic"
    DOCUMENT = "document"
    MANIFEST = "manifest"
    PROFILE = "profile"
    CATALOG = "catalog"
    TOOL = "tool"
    STAGE = "stage"
    EXCEPTION = "exception"
    """A waiver or attestation was added, removed or changed."""
    EXPIRY = "expiry"
    """A waiver or attestation ran out, or evidence grew too old."""
    DATE = "date"
    """The assessments are as of different days."""
    INPUT = "input"
    """An input of another kind."""
    NOT_RECORDED = "not_recorded"
    """Nothing that the two assessments record differs."""


class Certainty(StrEnum):
    """How surely a cause moved a verdict, surest first."""

    SHOWN = "shown"
    """The evidence that came or went lies in it, or nothing else differs."""
    LIKELY = "likely"
    """The open questions that came or went are of its kind."""
    POSSIBLE = "possible"
    """It differs, and nothing rules it out."""


@dataclass(frozen=True, slots=True)
class SideRecord:
    """One of the two assessments."""

    deployment: str
    as_of: str
    stage: str
    tool: str
    digest: str


@dataclass(frozen=True, slots=True)
class CauseRecord:
    """Something that differs between the two and moves, or may move, a verdict."""

    kind: CauseKind
    subject: str
    """Path of the input, id of the profile or exception; empty for the whole."""
    text: str
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class MoveRecord:
    """A verdict that is another one now."""

    kind: str
    """``claim`` | ``profile`` | ``control``."""
    id: str
    title: str
    old: str
    """Verdict, or ``none``."""
    new: str
    causes: tuple[CauseRecord, ...]
    """Never empty, surest first."""


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """A finding or a flow that appeared, vanished or changed."""

    change: str
    """``appeared`` | ``vanished`` | ``changed``."""
    id: str
    title: str
    fields: tuple[tuple[str, str, str], ...]
    """(field, old, new) of what changed, in the words of ``assessment/v1``; empty unless ``changed``."""


@dataclass(frozen=True, slots=True)
class RecipientRecord:
    """Someone outside whose share in a class of data is another one now."""

    data: str
    recipient: str
    old: str
    """``receives`` | ``may_receive`` | ``none``."""
    new: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that moved between two assessments."""

    schema: str
    old: SideRecord
    new: SideRecord
    moves: tuple[MoveRecord, ...]
    recipients: tuple[RecipientRecord, ...]
    findings: tuple[ChangeRecord, ...]
    flows: tuple[ChangeRecord, ...]
    changed: tuple[CauseRecord, ...]
    """Everything by digest, version or date that differs, whether or not it moved a verdict."""
