"""What a workload reaches through others: a proxy, gateway, resolver or any peer that may reach more (facts P16, P20).

A resolver is such a peer: whoever may ask it sends data out in the names it asks for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from auditor.network.addresses import Range
from auditor.network.answering import ANYWHERE, Answers
from auditor.network.connections import Connections
from auditor.network.sources import Source


def ways_out(answers: Answers, source: Source) -> Iterator[tuple[Range, Connections, bool]]:
    """Yield the regions of addresses that are not surely closed: (range, connections, whether they are surely open)."""
    for everywhere in ANYWHERE:
        for region in answers.regions(source, everywhere.family):
            allowed = region.decision.allowed
            if allowed or region.decision.may_allow:
                yield region.range, allowed or region.decision.may_allow, bool(allowed)


def neighbours(answers: Answers, source: Source) -> Iterator[Source]:
    """Yield whoever ``source`` may reach directly: pods that policies may let it reach, and peers outside of a cluster."""
    if source.pods is not None:
        for pods in answers.alike:
            if pods is not source.pods and answers.cluster.inside(source.pods, pods).may_allow:
                yield Source.of(pods)
    for governed in answers.governed:
        if governed.subject.id in source.peers:
            yield Source.governed(governed)


def ways_through(answers: Answers, sources: Sequence[Source], most: int = 0) -> tuple[str, ...]:
    """Return the ids of others that ``sources`` may reach, over any number of steps, and that may reach addresses outside.

    With ``most`` the search ends as soon as so many are found, nearest first; the result is sorted.
    """
    reached = {s.key for s in sources}
    waiting = deque(sources)
    found: list[str] = []
    while waiting and not (most and len(found) >= most):
        for peer in neighbours(answers, waiting.popleft()):
            if peer.key in reached:
                continue
            reached.add(peer.key)
            waiting.append(peer)
            if next(ways_out(answers, peer), None):
                found.append(peer.id)
                if len(found) == most:
                    break
    return tuple(sorted(found))
