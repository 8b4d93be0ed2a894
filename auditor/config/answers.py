"""Answers to the questions of the catalog, as the manifest and its documents state them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from auditor.catalog.product import Product
from auditor.config.assignment import SystemProduct
from auditor.config.effective import place
from auditor.errors import Diagnostic, InvalidInputError
from auditor.facts.evidence import FileLocation, StatementLocation
from auditor.facts.manifest import Manifest, StatedFact


def check_answers(systems: Sequence[SystemProduct], manifest: Manifest) -> None:
    """Check every answer against the questions of its system's product.

    Raises:
        InvalidInputError: a fact that the product does not ask for, or an answer that its question does not offer.
    """
    faults = [d for f in manifest.facts for s in systems if s.entry.id == f.system for d in _faults(f, s.product)]
    if faults:
        raise InvalidInputError(*faults)


def _faults(stated: StatedFact, product: Product) -> Iterator[Diagnostic]:
    question = next((q for q in product.facts if q.id == stated.fact), None)
    if question is None:
        yield _fault(stated, f'{product.title} has no fact "{stated.fact}"', stated.fact, [q.id for q in product.facts])
    elif question.answers and stated.value not in question.answers:
        what = f'"{stated.value}" is no answer to {stated.fact} ({question.question})'
        yield _fault(stated, what, stated.value, list(question.answers))


def _fault(stated: StatedFact, what: str, given: str, known: list[str]) -> Diagnostic:
    near = difflib.get_close_matches(given.lower(), known, n=1)
    step = f'did you mean "{near[0]}"?' if near else "use one of these"
    at = stated.location or (stated.evidence.location if isinstance(stated.evidence.location, FileLocation) else None)
    why = f"known here: {', '.join(known) or 'none'}"
    return Diagnostic(what, why, step, at.path, at.line, at.column) if at is not None else Diagnostic(what, why, step)


def answers_of(manifest: Manifest, system: str) -> dict[str, tuple[StatedFact, ...]]:
    """Return every answer for a system by fact id, in order of the manifest."""
    found: dict[str, list[StatedFact]] = {}
    for fact in manifest.facts:
        if fact.system in ("", system):
            found.setdefault(fact.fact, []).append(fact)
    return {key: tuple(facts) for key, facts in found.items()}


def is_dated(stated: StatedFact) -> bool:
    """Return whether the answer says when it held.

    The author's own is dated by the manifest, and what no manifest states is an assumption (a comparison's best case).
    """
    location = stated.evidence.location
    return stated.location is None or not isinstance(location, StatementLocation) or location.date != ""


def source_of(stated: StatedFact) -> str:
    """Return where an answer stands, for people: ``docs/review.md, page 2 (auditor.yaml:14)``."""
    location = stated.evidence.location
    if not isinstance(location, StatementLocation):
        return place(stated.evidence)
    where = f"{location.document}, {location.place}" if location.place else location.document
    return f"{where} ({stated.location.path}:{stated.location.line})" if stated.location is not None else where
