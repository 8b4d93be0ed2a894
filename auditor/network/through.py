"""What pods reach through others: a proxy, gateway, resolver or any peer that may reach more (facts P16, P20).

A resolver is such a peer: whoever may ask it sends data out in the names it asks for.
"""

from __future__ import annotations

from collections import deque
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


def ways_through(answers: Answers, sources: Sequence[Pods], most: int = 0) -> tuple[Pods, ...]:
    """Return the other pods that ``sources`` may reach, over any number of steps, and that may reach addresses outside.

    With ``most`` the search ends as soon as so many are found, nearest first; the result is sorted by id.
    """
    reached = {id(p) for p in sources}
    waiting = deque(sources)
    found: list[Pods] = []
    while waiting and not (most and len(found) >= most):
        current = waiting.popleft()
        for peer in answers.alike:
            if id(peer) in reached or not answers.cluster.inside(current, peer).may_allow:
                continue
            reached.add(id(peer))
            waiting.append(peer)
            if next(ways_out(answers, peer), None):
                found.append(peer)
                if len(found) == most:
                    break
    return tuple(sorted(found, key=lambda p: p.id))
