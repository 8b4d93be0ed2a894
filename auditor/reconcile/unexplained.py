"""Traffic that no flow explains: whether anybody may intend it, and what would settle it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from auditor.facts.identity import ResolvedFlow
from auditor.facts.inventory import Component, Gap, Unknown
from auditor.facts.rows import ResolvedEnd
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, Party, UnknownKind
from auditor.reconcile.matching import Draft, may_be_hidden

_SNAPSHOTS = "Supply snapshots (kubectl get pods -A -o json) and events from the time of the traffic."


def is_open(source: ResolvedEnd, components: Mapping[str, Component], gaps: Iterable[Gap]) -> str:
    """Return why nobody can say that nobody intends what ``source`` does; empty when its inventory is closed."""
    if not source.candidates:
        return f"who sends from {source.label} is not established" + (f": {source.why}" if source.why else "")
    systems = {components[c].system for c in source.candidates if c in components}
    for gap in gaps:
        if gap.basis is Basis.CONFIGURED and _concerns(gap, source.candidates, systems):
            return gap.unknown.text
    return ""


def _concerns(gap: Gap, candidates: Sequence[str], systems: set[str]) -> bool:
    if gap.components:
        return bool(set(gap.components) & set(candidates))
    return not gap.system or gap.system in systems


def hidden_candidates(draft: Draft, flows: Sequence[ResolvedFlow], seen: set[str]) -> tuple[str, ...]:
    """Return the intended flows that traffic to an unnamed destination may be: unseen, or decided at run time."""
    return tuple(
        f.flow.purpose or f.flow.id
        for f in flows
        if (f.flow.id not in seen or not f.destination.candidates) and any(may_be_hidden(e, f) for e in draft.edges)
    )


def row_unknowns(
    source: ResolvedEnd, destination: ResolvedEnd, row: str, *, unnamed: bool, reason: str, intended: Truth
) -> tuple[Unknown, ...]:
    """Return what is not known of traffic that no flow explains, each with what would settle it."""
    found: list[Unknown] = []
    if not source.candidates:
        text = f"Who sends from {source.label} is not established{f': {source.why}' if source.why else ''}."
        here = f"Give the workload with the address {source.address} in the manifest."
        give = (_SNAPSHOTS,) if source.why else (here, "Or record before address translation.")
        found.append(Unknown(UnknownKind.SOURCE_NOT_ESTABLISHED, row, text, give, Party.NETWORK))
    found.extend(conflict_unknowns(source, destination, row))
    if unnamed:
        text = f"Nothing names {destination.label}, so who receives the data from {source.label} is not known."
        look = ("Record the name lookups of the same workload together with its traffic.",)
        found.append(Unknown(UnknownKind.DESTINATION_UNNAMED, row, text, look, Party.NETWORK))
    if intended is Truth.UNKNOWN:
        text = f"Whether anybody intends the traffic from {source.label} to {destination.label} is not known: {reason}"
        find = (f"Find the program on {source.label} that sends it, and supply its configuration.",)
        found.append(Unknown(UnknownKind.UNEXPLAINED_TRAFFIC, row, text, find, Party.PLATFORM))
    return tuple(found)


def conflict_unknowns(source: ResolvedEnd, destination: ResolvedEnd, row: str) -> tuple[Unknown, ...]:
    """Return an unknown for each end whose evidence contradicts itself."""
    steps = ("Find out who answers at the address, and name it in the manifest.",)
    return tuple(
        Unknown(UnknownKind.CONFLICT, row, f"The evidence contradicts itself: {end.conflict}.", steps, Party.NETWORK)
        for end in (source, destination)
        if end.conflict
    )
