"""What judging one control yields, before waivers and attestations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.facts.evidence import CatalogLocation, Evidence, FileLocation, FrameLocation, LineLocation
from auditor.facts.flows import Cure
from auditor.facts.inventory import Unknown
from auditor.facts.vocabulary import Basis, DataClass, Verdict

ANY_DATA = "any"


@dataclass(frozen=True, slots=True)
class Violation:
    """One breach: what breaches, along which rows, with evidence that is never empty."""

    source: str
    destination: str
    title: str
    """One plain sentence: who sends what to whom."""
    rows: tuple[str, ...]
    """Row ids along the path, in order."""
    subject: str
    """Component or store id when the breach is not a flow, else empty."""
    data: tuple[DataClass, ...]
    bases: tuple[Basis, ...]
    cures: tuple[Cure, ...]
    evidence: tuple[Evidence, ...]

    @property
    def key(self) -> str:
        """Return the part of the finding id behind ``CONTROL@``."""
        if self.subject:
            return self.subject
        return f"{self.source}>{self.destination}#{self.data[0].value if self.data else ANY_DATA}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Raw verdict of one control with what it stands on."""

    verdict: Verdict
    reason: str
    violations: tuple[Violation, ...] = ()
    unknowns: tuple[Unknown, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What matching found: breaches that are certain, and what leaves others undecided."""

    violations: tuple[Violation, ...] = ()
    unknowns: tuple[Unknown, ...] = ()


def merged(violations: list[Violation]) -> tuple[Violation, ...]:
    """Return violations with one key joined into one, sorted by key: an id is unique and outlives new hops."""
    found: dict[str, Violation] = {}
    for violation in violations:
        known = found.get(violation.key)
        found[violation.key] = violation if known is None else _join(known, violation)
    return tuple(found[key] for key in sorted(found))


def distinct(unknowns: list[Unknown]) -> tuple[Unknown, ...]:
    """Return one unknown for each kind and subject, in order of kind and subject; the first text stays."""
    found: dict[tuple[str, str], Unknown] = {}
    for unknown in unknowns:
        found.setdefault((unknown.kind.value, unknown.subject), unknown)
    return tuple(found[key] for key in sorted(found))


def _join(one: Violation, other: Violation) -> Violation:
    head = f"{one.title.partition(': ')[0]}: "
    more = f"and {other.title.removeprefix(head)}" if other.title.startswith(head) else other.title
    title = one.title if more in one.title else f"{one.title.removesuffix('.')}; {more}"
    return Violation(
        source=one.source,
        destination=one.destination,
        title=title,
        rows=tuple(dict.fromkeys((*one.rows, *other.rows))),
        subject=one.subject,
        data=tuple(c for c in DataClass if c in one.data or c in other.data),
        bases=tuple(b for b in Basis if b in one.bases or b in other.bases),
        cures=tuple(dict.fromkeys((*one.cures, *other.cures))),
        evidence=tuple(dict.fromkeys((*one.evidence, *other.evidence))),
    )


def strongest_first(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Return what a reader should see first: captured frames, lines of files, statements, then the catalog."""
    order = {FrameLocation: 0, LineLocation: 0, FileLocation: 1, CatalogLocation: 3}
    return tuple(sorted(evidence, key=lambda e: order.get(type(e.location), 2)))
