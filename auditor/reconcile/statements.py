"""What documents say of a flow: the most specific statements about its ends."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from auditor.facts.evidence import Evidence
from auditor.facts.flows import DeclaredStatement
from auditor.facts.hosts import host_matches
from auditor.facts.truth import Truth

ANY = "*"


@dataclass(frozen=True, slots=True)
class Declared:
    """What all documents together say of one flow."""

    truth: Truth
    disputed: bool
    """One document states it, another denies it."""
    evidence: tuple[Evidence, ...]


def matches(statement: DeclaredStatement, sources: Collection[str], destinations: Collection[str]) -> bool:
    """Return whether the statement is about a flow with these ids (and host names) at its ends."""
    return (statement.source == ANY or statement.source in sources) and (
        statement.destination == ANY
        or statement.destination in destinations
        or any(host_matches(statement.destination, d) for d in destinations)
    )


def is_concrete(statement: DeclaredStatement) -> bool:
    """Return whether the statement says of exactly one source and one destination that something is sent."""
    wild = any(sign in statement.destination for sign in ("*", "{"))
    return bool(statement.sends) and statement.source != ANY and not wild


def declared(
    own: Truth, statements: Sequence[DeclaredStatement], sources: Collection[str], destinations: Collection[str]
) -> Declared:
    """Return what is declared of a flow: ``own`` is what its reader already knew of documents.

    A statement about one source or one destination goes before one about all. Where documents of equal reach
    disagree, the flow counts as declared, and as disputed.
    """
    found = [s for s in statements if matches(s, sources, destinations)]
    reach = max(map(_reach, found), default=0)
    found = [s for s in found if _reach(s) == reach]
    says = {Truth.of(bool(s.sends)) for s in found} | ({own} - {Truth.UNKNOWN})
    truth = Truth.YES if Truth.YES in says else Truth.NO if says else Truth.UNKNOWN
    return Declared(truth, len(says) > 1, tuple(s.evidence for s in found))


def _reach(statement: DeclaredStatement) -> int:
    return (statement.source != ANY) + (statement.destination != ANY)
