"""Questions about what may be reached: by whose permission, and how strongly it is enforced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from auditor.facts.evidence import Evidence
from auditor.facts.permission import Permission, Strength
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis
from auditor.network.addresses import FAMILIES, Range, cut, whole
from auditor.network.alike import groups, tells_no_pods
from auditor.network.cluster import Cluster, Region
from auditor.network.connections import ALL, NONE, Connections
from auditor.network.decision import Decision, Step, either
from auditor.network.ends import Named, Neighbour, Served, Target
from auditor.network.layers import WEAKEST_FIRST, Governed, LayeredDecision, together
from auditor.network.objects import Pods
from auditor.network.rules import Direction
from auditor.network.sources import PodPolicies, Source, addresses_of

ANYWHERE: tuple[Range, ...] = tuple(whole(family) for family in FAMILIES)
"""Every address of both families: a destination of which only a name is known."""


@dataclass(slots=True)
class Answers:
    """A cluster and what governs workloads besides, with the regions that were already computed."""

    cluster: Cluster
    governed: tuple[Governed, ...] = ()
    _groups: dict[int, Pods] = field(default_factory=dict)
    _alike: list[Pods] = field(default_factory=list)
    _near: dict[int, tuple[Pods, ...]] = field(default_factory=dict)
    _regions: dict[tuple[object, int], tuple[Region, ...]] = field(default_factory=dict)

    def regions(self, source: Source, family: int) -> tuple[Region, ...]:
        """Return every address of a family with what ``source`` may do there."""
        below = self._of_pods(source.pods, family) if source.pods is not None else ()
        if not source.layers:
            return below
        blocks = [r.range.spans for r in below] + [block for layer in source.layers for block in layer.cuts(family)]
        found: list[Region] = []
        for atom in cut(family, blocks):
            decision = together(_all_layers(self.cluster, source), atom).decision
            last = found[-1] if found else None
            if last and last.decision == decision:
                found[-1] = Region(Range(family, last.range.first, atom.last), decision)
            else:
                found.append(Region(atom, decision))
        return tuple(found)

    def _of_pods(self, pods: Pods, family: int) -> tuple[Region, ...]:
        key = (self.cluster.book.alike_outside(pods) or id(pods), family)
        if key not in self._regions:
            self._regions[key] = self.cluster.regions(pods, family)
        return self._regions[key]

    @property
    def alike(self) -> Sequence[Pods]:
        """Return one of each group of pods that no policy can tell apart."""
        self._grouped()
        return self._alike

    def group(self, pods: Pods) -> Pods:
        """Return the one that stands for all pods that no policy can tell apart from ``pods``."""
        return self._grouped().get(id(pods), pods)

    def _grouped(self) -> Mapping[int, Pods]:
        if not self._groups:
            self._groups.update(groups(self.cluster.pods, self.cluster.book.policies))
            self._alike.extend({id(first): first for first in self._groups.values()}.values())
        return self._groups

    def near(self, pods: Pods) -> tuple[Pods, ...]:
        """Return one of each group that pods may reach inside; their own group among them where they may reach its others."""
        first = self.group(pods)
        if id(first) not in self._near:
            blind = tells_no_pods(self.cluster.book, first)
            known: dict[object, bool] = {}
            found: list[Pods] = []
            for p in self.alike:
                plain = blind and not self.cluster.book.chosen(p, Direction.INGRESS)
                key = (p.network, p.host_network, p.addresses, p.ports, p.labels_known, p.doubt) if plain else id(p)
                if key not in known:
                    known[key] = bool(self.cluster.inside(first, p).may_allow)
                if known[key]:
                    found.append(p)
            self._near[id(first)] = tuple(found)
        return self._near[id(first)]

    def decisions(self, source: Source, target: Target) -> Iterator[LayeredDecision]:
        """Yield one outcome for pods, or one for each region that a range of addresses touches."""
        if isinstance(target, Pods):
            yield self._to_pods(source, target)
            return
        if isinstance(target, Neighbour):
            yield _to_neighbour(source, target)
            return
        if isinstance(target, Served):
            yield _as_served(self._to_pods(source, target.pods), target)
            return
        place = target.range if isinstance(target, Named) else target
        for region in self.regions(source, place.family):
            if not region.range.spans & place.spans:
                continue
            if source.layers or isinstance(target, Named):
                asked = Named(target.name, region.range) if isinstance(target, Named) else region.range
                yield together(_all_layers(self.cluster, source), asked)
            elif source.pods is not None:
                yield LayeredDecision(region.decision, ((PodPolicies(self.cluster, source.pods), region.decision),))

    def _to_pods(self, source: Source, target: Pods) -> LayeredDecision:
        """Return the outcome for pods: their own ends' policies, and the layers on the way to wherever they are."""
        if source.pods is not None:
            inside = self.cluster.inside(source.pods, target)
            found = LayeredDecision(inside, ((PodPolicies(self.cluster, source.pods), inside),))
        else:
            text = f"whether {target.id} lets in what comes from outside the cluster is not read"
            found = LayeredDecision(Decision(ALL, ALL, (Step(ALL, Truth.UNKNOWN, text, target.location),)), ())
        if not source.layers:
            return found
        places = addresses_of(target) or ANYWHERE
        ways = [d for p in places for atom in self._atoms(source, p) for d in (together(source.layers, atom),)]
        each = tuple((layer, either([d for w in ways for x, d in w.by_layer if x is layer])) for layer in source.layers)
        return LayeredDecision(found.decision.also(either([w.decision for w in ways])), (*found.by_layer, *each))

    def _atoms(self, source: Source, place: Range) -> Iterator[Range]:
        blocks = [block for layer in source.layers for block in layer.cuts(place.family)]
        yield from (a for a in cut(place.family, [*blocks, place.spans]) if place.spans.covers(a.spans))

    def permission(self, sources: Sequence[Source], targets: Sequence[Target], wanted: Connections) -> Permission:
        """Return yes when all sources may make all of ``wanted`` to all targets, no when none may make any, else unknown.

        Without a source or a target nothing is known.
        """
        outcomes = [outcome for s in sources for t in targets for outcome in self.decisions(s, t)]
        truths = {outcome.decision.answer(wanted) for outcome in outcomes}
        if not outcomes:
            return Permission(Truth.UNKNOWN, None, (), "nothing that was supplied says where it leads")
        truth = truths.pop() if len(truths) == 1 else Truth.UNKNOWN
        steps = tuple(dict.fromkeys(s for o in outcomes for s in deciding(o.decision, wanted)))
        facts = tuple(dict.fromkeys(Evidence(Basis.PERMITTED, s.location, s.text) for s in steps if s.location is not None))
        strength = _strength(truth, outcomes, wanted) or self._unenforced(truth, sources, steps)
        return Permission(truth, strength, facts, self._reason(truth, sources, steps))

    def _unenforced(self, truth: Truth, sources: Sequence[Source], steps: Sequence[Step]) -> Strength | None:
        """Return "advisory" where policies speak of it and the plugin is not known to enforce them."""
        ruled = truth is not Truth.NO and any(s.allows is Truth.NO for s in steps) and any(s.pods for s in sources)
        return Strength.ADVISORY if ruled and self.cluster.book.world.platform.enforces is not Truth.YES else None

    def _reason(self, truth: Truth, sources: Sequence[Source], steps: Sequence[Step]) -> str:
        texts = list(dict.fromkeys(s.text for s in steps))
        if truth is Truth.NO:
            texts += self.assumed(sources)
        return "; ".join(texts)

    def assumed(self, sources: Sequence[Source]) -> tuple[str, ...]:
        """Return what answers about ``sources`` take for given, each one clause."""
        platform = self.cluster.book.world.platform.assumed if any(s.pods for s in sources) else ()
        return tuple(dict.fromkeys((*platform, *(text for s in sources for layer in s.layers for text in layer.assumed))))


def _all_layers(cluster: Cluster, source: Source) -> tuple[PodPolicies, ...]:
    own = (PodPolicies(cluster, source.pods),) if source.pods is not None else ()
    return (*own, *source.layers)


def _as_served(found: LayeredDecision, target: Served) -> LayeredDecision:
    """Return the outcome for pods as that for the service in front of them; a port that leads nowhere known is left open."""
    unled = NONE
    for outer, inner in target.ports:
        unled |= outer if not inner else NONE

    def seen(decision: Decision) -> Decision:
        steps = tuple(replace(s, connections=target.seen(s.connections) | (s.connections & unled)) for s in decision.steps)
        if unled:
            text = f"which port of {target.pods.id} the service's port leads to is not known"
            steps = (*steps, Step(unled, Truth.UNKNOWN, text, target.pods.location))
        denied = ALL - target.seen(ALL - decision.may_deny)
        return Decision(target.seen(decision.may_allow) | unled, denied | unled, steps)

    return LayeredDecision(seen(found.decision), tuple((layer, seen(d)) for layer, d in found.by_layer))


def _to_neighbour(source: Source, target: Neighbour) -> LayeredDecision:
    if target.id in source.peers:
        text = f"{source.id} and {target.id} are on one network"
        return LayeredDecision(Decision(ALL, NONE, (Step(ALL, Truth.YES, text),)), ())
    text = f"{source.id} and {target.id} have no network in common; what a host publishes of it may be reached all the same"
    return LayeredDecision(Decision(ALL, ALL, (Step(ALL, Truth.UNKNOWN, text),)), ())


def _strength(truth: Truth, outcomes: Sequence[LayeredDecision], wanted: Connections) -> Strength | None:
    """Return the weakest of the levels at which each outcome is denied; of what is allowed, "advisory" where advice denies it."""
    if truth is Truth.NO:
        found = [level for outcome in outcomes if (level := outcome.strength(wanted)) is not None]
        return min(found, key=WEAKEST_FIRST.index) if len(found) == len(outcomes) else None
    advised = any(outcome.advised(wanted) for outcome in outcomes)
    return Strength.ADVISORY if truth is Truth.YES and advised else None


def deciding(decision: Decision, wanted: Connections) -> tuple[Step, ...]:
    """Return the steps that decide on ``wanted``: those of the outcome, or all where the outcome is unknown."""
    truth = decision.answer(wanted)
    steps = [s for s in decision.steps if s.connections & wanted]
    if truth is Truth.UNKNOWN:
        return tuple(steps)
    return tuple(s for s in steps if s.allows is truth)


def matching(pods: Iterable[Pods], name: str) -> tuple[Pods, ...]:
    """Return the pods that a user names: ``namespace/name[Kind]``, ``namespace/name`` or ``name``."""
    return tuple(p for p in pods if name in (p.id, f"{p.namespace}/{p.name}", p.name))
