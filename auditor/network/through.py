"""What pods reach through others: a proxy, gateway, resolver or any peer that may reach more (facts P16, P20).

A resolver is such a peer: whoever may ask it sends data out in the names it asks for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.network.addresses import Range
from auditor.network.answering import ANYWHERE, Answers
from auditor.network.connections import Connections
from auditor.network.objects import Pods


def ways_out(answers: Answers, pods: Pods) -> Iterator[tuple[Range, Connections, bool]]:
    """Yield the regions of addresses that are not surely closed: (range, connections, whether they are surely open)."""
    for everywhere in ANYWHERE:
        for region in answers.regions(pods, everywhere.family):
            allowed = region.decision.allowed
            if allowed or region.decision.may_allow:
                yield region.range, allowed or region.decision.may_allow, bool(allowed)


def ways_through(answers: Answers, sources: Sequence[Pods]) -> tuple[Pods, ...]:
    """Return the other pods that ``sources`` may reach, over any number of steps, and that may reach addresses outside."""
    reached = list(sources)
    waiting = list(sources)
    while waiting:
        current = waiting.pop()
        for peer in answers.cluster.alike:
            if not any(peer is r for r in reached) and answers.cluster.inside(current, peer).may_allow:
                reached.append(peer)
                waiting.append(peer)
    others = [p for p in reached if not any(p is s for s in sources)]
    return tuple(sorted((p for p in others if next(ways_out(answers, p), None)), key=lambda p: p.id))
