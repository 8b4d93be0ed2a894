"""What a workload reaches through others: a proxy, gateway, resolver or any peer that may reach more (facts P16, P20).

A resolver is such a peer: whoever may ask it sends data out in the names it asks for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from auditor.facts.evidence import FileLocation
from auditor.facts.permission import Strength
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Transport
from auditor.network.addresses import FAMILIES, LOOPBACK, Range
from auditor.network.answering import ANYWHERE, Answers
from auditor.network.connections import ALL, Connections, wanted
from auditor.network.layers import Resolver
from auditor.network.objects import Pods
from auditor.network.peers import peer_match
from auditor.network.rules import Action, ChosenPeer, Direction, PodPeer
from auditor.network.sources import Source
from auditor.network.spans import Spans

CLUSTER_RESOLVER = Pods(
    "kube-system", "kube-dns", "Pod", {"k8s-app": "kube-dns"}, (), host_network=False, addresses=(), doubt="", location=None
)
"""The resolver that a cluster has: CoreDNS and kube-dns carry this label in this namespace (Kubernetes, "Customizing DNS")."""
_QUESTIONS = wanted(Transport.UDP, 53) | wanted(Transport.TCP, 53)


def ways_out(answers: Answers, source: Source, inside: Sequence[Range] = ()) -> Iterator[tuple[Range, Connections, bool]]:
    """Yield the ranges of addresses that are not surely closed: (range, connections, whether they are surely open).

    Args:
        answers: the network.
        source: whose ways are asked for.
        inside: ranges that do not count as outside: the networks of the perimeter, and the loopback ones in any case.
    """
    for everywhere in ANYWHERE:
        spared = _spared(everywhere.family, inside)
        for region in answers.regions(source, everywhere.family):
            allowed = region.decision.allowed
            for first, last in (region.range.spans - spared).pairs if region.decision.may_allow else ():
                yield Range(everywhere.family, first, last), allowed or region.decision.may_allow, bool(allowed)


def sealed_at(answers: Answers, sources: Sequence[Source], inside: Sequence[Range] = ()) -> Strength | None:
    """Return the weakest level at which any address outside is denied to ``sources``, ``None`` where one is not surely denied."""
    outside = [
        Range(everywhere.family, first, last)
        for everywhere in ANYWHERE
        for first, last in (everywhere.spans - _spared(everywhere.family, inside)).pairs
    ]
    return answers.permission(sources, outside, ALL).strength


def _spared(family: int, inside: Sequence[Range]) -> Spans:
    return Spans.of((r.first, r.last) for r in (*inside, *LOOPBACK) if r.family == family)


def neighbours(answers: Answers, source: Source) -> Iterator[Source]:
    """Yield whoever ``source`` may reach directly: pods that policies may let it reach, and peers outside of a cluster."""
    if source.pods is not None:
        twin = answers.group(source.pods) if not source.layers else source.pods
        yield from (Source.of(pods) for pods in answers.near(source.pods) if pods is not twin)
    for governed in answers.governed:
        if governed.subject.id in source.peers:
            yield Source.governed(governed)


def lookups(answers: Answers, source: Source) -> Iterator[Resolver]:
    """Yield the resolvers that may carry names out that ``source`` looks up, and that no other way of it tells (facts P16).

    A resolver among the pods that were supplied is a peer like any other; here are those that were not supplied.
    """
    yield from (r for r in source.resolvers if r.forwards is not Truth.NO)
    if source.pods is not None and not any(_is_resolver(p) for p in answers.cluster.pods):
        decision = answers.cluster.inside(source.pods, CLUSTER_RESOLVER)
        if decision.may_allow & _QUESTIONS:
            steps = [s for s in decision.steps if s.connections & _QUESTIONS and s.allows is not Truth.NO]
            place = next((s.location for s in steps if s.location is not None), None)
            text = f"{source.id} may ask the cluster's resolver (kube-system, k8s-app: kube-dns), which was not supplied"
            yield Resolver(Truth.UNKNOWN, f"{text} and may ask others", place)


def unsupplied(answers: Answers, source: Source) -> Iterator[tuple[str, FileLocation]]:
    """Yield the rules that allow pods none of which was supplied: what these may reach is not known.

    Where the manifest says that the objects are complete, there are no such pods.
    """
    world = answers.cluster.book.world
    if source.pods is None or world.platform.complete is Truth.YES:
        return
    known = (*answers.alike, CLUSTER_RESOLVER)
    for policy in answers.cluster.book.selecting(source.pods, Direction.EGRESS):
        for rule in policy.egress or ():
            peers = [p for p in rule.peers or () if isinstance(p, PodPeer | ChosenPeer)] if rule.action is Action.ALLOW else []
            if any(all(peer_match(peer, policy, pods, world) is Truth.NO for pods in known) for peer in peers):
                yield f"pods that were not supplied, as {policy.title}, {rule.title}, allows", rule.location


def asks_within(answers: Answers, source: Source, inside: Sequence[Range]) -> Range | None:
    """Return addresses of the perimeter that ``source`` may ask for names, ``None`` when it may ask nobody there."""
    for family in FAMILIES:
        within = Spans.of((r.first, r.last) for r in inside if r.family == family)
        for region in answers.regions(source, family) if within else ():
            common = region.range.spans & within
            if common and region.decision.may_allow & _QUESTIONS:
                return Range(family, *common.pairs[0])
    return None


def _is_resolver(pods: Pods) -> bool:
    return pods.namespace == CLUSTER_RESOLVER.namespace and pods.labels.get("k8s-app") == "kube-dns"


def ways_through(answers: Answers, sources: Sequence[Source], most: int = 0, inside: Sequence[Range] = ()) -> tuple[str, ...]:
    """Return the ids of others that ``sources`` may reach, over any number of steps, and that may reach addresses outside.

    With ``most`` the search ends as soon as so many are found, nearest first; the result is sorted. ``inside`` is as in
    ``ways_out``.
    """
    # Others of a source's own group may reach what it may, unless something more stands on its way.
    reached = {s.key for s in sources} | {id(answers.group(s.pods)) for s in sources if s.pods is not None and not s.layers}
    waiting = deque(sources)
    found: list[str] = []
    while waiting and not (most and len(found) >= most):
        for peer in neighbours(answers, waiting.popleft()):
            if peer.key in reached:
                continue
            reached.add(peer.key)
            waiting.append(peer)
            if next(ways_out(answers, peer, inside), None):
                found.append(peer.id)
                if len(found) == most:
                    break
    return tuple(sorted(found))
