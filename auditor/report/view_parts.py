"""The small parts of the view model that its larger records share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reference:
    """A link inside the report."""

    anchor: str
    label: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One basis of one flow."""

    truth: str
    """``yes`` | ``no`` | ``unknown``, and ``tried`` for what was observed without data."""
    words: str


@dataclass(frozen=True, slots=True)
class CureView:
    """One change that would stop, move or settle something."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """One located fact."""

    anchor: str
    id: str
    basis: str
    where: str
    """``file:line:column``, capture with frames, document with page, catalog fact."""
    text: str
    excerpt: str
    line: int
    details: tuple[tuple[str, str], ...]
