"""Questions to a cluster: may these pods reach that destination, by whose permission, and how strongly is it enforced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from auditor.facts.evidence import Evidence
from auditor.facts.permission import Permission, Strength
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis
from auditor.network.addresses import FAMILIES, Range, whole
from auditor.network.cluster import Cluster, Region
from auditor.network.connections import Connections
from auditor.network.decision import Decision, Step
from auditor.network.ends import End, Named
from auditor.network.objects import Pods

ANYWHERE: tuple[Range, ...] = tuple(whole(family) for family in FAMILIES)
"""Every address of both families: a destination of which only a name is known."""


@dataclass(slots=True)
class Answers:
    """A cluster with the regions that were already computed."""

    cluster: Cluster
    _alike: list[Pods] = field(default_factory=list)
    _regions: dict[tuple[object, int], tuple[Region, ...]] = field(default_factory=dict)

    def regions(self, source: Pods, family: int) -> tuple[Region, ...]:
        """Return every address of a family with what ``source`` may do there."""
        key = (self.cluster.book.alike_outside(source) or id(source), family)
        if key not in self._regions:
            self._regions[key] = self.cluster.regions(source, family)
        return self._regions[key]

    @property
    def alike(self) -> Sequence[Pods]:
        """Return one of each group of pods that no policy can tell apart."""
        if not self._alike:
            self._alike.extend(self.cluster.alike)
        return self._alike

    def decisions(self, source: Pods, target: End) -> Iterator[Decision]:
        """Yield one decision for pods, or one for each region that a range of addresses touches."""
        if isinstance(target, Pods):
            yield self.cluster.inside(source, target)
            return
        place = target.range if isinstance(target, Named) else target
        for region in self.regions(source, place.family):
            if region.range.spans & place.spans:
                named = Named(target.name, region.range) if isinstance(target, Named) else None
                yield self.cluster.outside(source, named) if named else region.decision

    def permission(self, sources: Sequence[Pods], targets: Sequence[End], wanted: Connections) -> Permission:
        """Return yes when all sources may make all of ``wanted`` to all targets, no when none may make any, else unknown.

        Without a source or a target nothing is known.
        """
        found = [(d.answer(wanted), d) for s in sources for t in targets for d in self.decisions(s, t)]
        truths = {truth for truth, _ in found}
        if not found:
            return Permission(Truth.UNKNOWN, None, (), "nothing that was supplied says where it leads")
        truth = truths.pop() if len(truths) == 1 else Truth.UNKNOWN
        steps = tuple(dict.fromkeys(s for _, d in found for s in deciding(d, wanted)))
        facts = tuple(dict.fromkeys(Evidence(Basis.PERMITTED, s.location, s.text) for s in steps if s.location is not None))
        return Permission(truth, self._strength(truth, steps), facts, self._reason(truth, steps))

    def _strength(self, truth: Truth, steps: Sequence[Step]) -> Strength | None:
        if truth is Truth.NO:
            return Strength.NETWORK_POLICY
        ruled = any(s.allows is Truth.NO for s in steps)
        return Strength.ADVISORY if ruled and self.cluster.book.world.platform.enforces is not Truth.YES else None

    def _reason(self, truth: Truth, steps: Sequence[Step]) -> str:
        texts = list(dict.fromkeys(s.text for s in steps))
        if truth is Truth.NO:
            texts += self.cluster.book.world.platform.assumed
        return "; ".join(texts)


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
