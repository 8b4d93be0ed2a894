"""What judging one control yields, before waivers and attestations."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from auditor.facts.evidence import CatalogLocation, Evidence, FileLocation, FrameLocation, LineLocation
from auditor.facts.flows import Cure
from auditor.facts.inventory import Unknown
from auditor.facts.vocabulary import Basis, DataClass, Verdict, in_order

Part = TypeVar("Part")
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
        return f"{self.source}>{self.destination}#{self.data[0] if self.data else ANY_DATA}"


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
    found: dict[str, list[Violation]] = {}
    for violation in violations:
        found.setdefault(violation.key, []).append(violation)
    return tuple(_joined(found[key]) for key in sorted(found))


def distinct(unknowns: list[Unknown]) -> tuple[Unknown, ...]:
    """Return one unknown for each kind and subject, in order of kind and subject; the first text stays."""
    found: dict[tuple[str, str], Unknown] = {}
    for unknown in unknowns:
        found.setdefault((unknown.kind.value, unknown.subject), unknown)
    return tuple(found[key] for key in sorted(found))


def _joined(same: list[Violation]) -> Violation:
    """Return several violations with one key as one; what they say is said once."""
    first, *others = same
    if not others:
        return first
    bases = {b for v in same for b in v.bases}
    return Violation(
        source=first.source,
        destination=first.destination,
        title=_title(first, others),
        rows=_once(v.rows for v in same),
        subject=first.subject,
        data=in_order(c for v in same for c in v.data),
        bases=tuple(b for b in Basis if b in bases),
        cures=_once(v.cures for v in same),
        evidence=_once(v.evidence for v in same),
    )


def _title(first: Violation, others: list[Violation]) -> str:
    """Return one sentence: the common beginning, up to the first colon, is not repeated, and nothing is said twice."""
    title, head = first.title, f"{first.title.partition(': ')[0]}: "
    said = {first.title}
    for other in (o for o in others if o.title not in said):
        said.add(other.title)
        more = f"and {other.title.removeprefix(head)}" if other.title.startswith(head) else other.title
        title = f"{title.removesuffix('.')}; {more}"
    return title


def _once(parts: Iterable[tuple[Part, ...]]) -> tuple[Part, ...]:
    objects = {id(part): part for part in itertools.chain.from_iterable(parts)}  # the same ones come again and again
    return tuple(dict.fromkeys(objects.values()))


_STRENGTH = {FrameLocation: 0, LineLocation: 0, FileLocation: 1, CatalogLocation: 3}


def strongest_first(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Return what a reader should see first: captured frames, lines of files, statements, then the catalog."""
    return tuple(sorted(evidence, key=lambda e: _STRENGTH.get(type(e.location), 2)))
