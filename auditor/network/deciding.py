"""All policies of a cluster, and what they decide on the connections from one end to another in every world that is possible."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from auditor.facts.truth import Truth
from auditor.network.composing import Chosen, Composer
from auditor.network.connections import ALL, NONE
from auditor.network.decision import Decision, Step, either
from auditor.network.ends import End
from auditor.network.match import selects
from auditor.network.objects import Pods
from auditor.network.peers import World
from auditor.network.rules import Direction, Engine, Policy, Tier, Unread


@dataclass(frozen=True, slots=True)
class _Concerned:
    """What is remembered of pods; they are kept, so that their identity stays theirs."""

    pods: Pods
    policies: Sequence[Chosen]
    doubts: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All policies of a cluster."""

    world: World
    policies: tuple[Policy, ...]
    unread: tuple[Unread, ...]
    _spaces: dict[str, list[Policy]] = field(default_factory=dict, init=False, compare=False, repr=False)
    _seen: dict[tuple[int, Direction], _Concerned] = field(default_factory=dict, init=False, compare=False, repr=False)

    def decide(self, subject: Pods, peer: End, direction: Direction) -> Decision:
        """Return what the policies that select ``subject`` do with its connections to or from ``peer``."""
        chosen, doubts = self._concerned(subject, direction)
        if doubts:
            return Decision(ALL, ALL, doubts)
        platform = self.world.platform
        engines = self._engines(chosen)
        decisions = []
        if platform.enforces is not Truth.NO:
            asked = {Truth.YES: (True,), Truth.NO: (False,), Truth.UNKNOWN: (True, False)}[platform.enforces_admin]
            for admin in asked if any(p.tier is not Tier.POLICY for p, _ in chosen) else (True,):
                kept = [(p, s) for p, s in chosen if admin or p.tier is Tier.POLICY]
                decisions += [self._composer(subject, peer, direction, e, kept).decide(_of_engine(kept, e)) for e in engines]
        if platform.enforces is not Truth.YES and chosen:
            decisions.append(self._unenforced())
        if not decisions:
            default = _default(subject, direction)
            decisions.append(self._unenforced() if chosen else Decision(ALL, NONE, (default,)))
        return either(decisions)

    def selecting(self, subject: Pods, direction: Direction) -> tuple[Policy, ...]:
        """Return the policies that select or may select ``subject`` for a direction."""
        return tuple(p for p, _ in self._concerned(subject, direction)[0])

    def chosen(self, subject: Pods, direction: Direction) -> Sequence[Chosen]:
        """Return the policies that (may) select ``subject`` for a direction, each with whether it surely does."""
        return self._concerned(subject, direction)[0]

    def alike_outside(self, subject: Pods) -> tuple[tuple[int, Truth], ...] | None:
        """Return what all pods have in common whose egress to addresses has the same decisions, proof included.

        ``None`` where the proof speaks of these very pods: nothing surely isolates them under every engine that may be at work,
        a rule asks for more of the subject than its policy does, or there is a doubt.
        """
        chosen, doubts = self._concerned(subject, Direction.EGRESS)
        closing = {p.engine for p, s in chosen if p.tier is Tier.POLICY and s is Truth.YES and p.isolates(Direction.EGRESS)}
        surely = all(closing & ({Engine.KUBERNETES, e} - {Engine.CALICO}) for e in self._engines(chosen))
        own = any(rule.own is not None for p, _ in chosen for rule in p.egress or ())
        return tuple((id(p), selected) for p, selected in chosen) if surely and not own and not doubts else None

    def _composer(self, subject: Pods, peer: End, direction: Direction, engine: Engine, chosen: Sequence[Chosen]) -> Composer:
        seen = any(rule.sees_names for p, s in chosen if s is Truth.YES for rule in p.egress or ())
        return Composer(self.world, subject, peer, direction, engine, _default(subject, direction), sees_names=seen)

    def _engines(self, chosen: Sequence[Chosen]) -> tuple[Engine, ...]:
        """Return the engines that may be at work: the platform's, else those whose policies there are."""
        if self.world.platform.engine is not None:
            return (self.world.platform.engine,)
        present = {p.engine for p, _ in chosen} - {Engine.KUBERNETES}
        return tuple(e for e in Engine if e in present) or (Engine.KUBERNETES,)

    def _concerned(self, subject: Pods, direction: Direction) -> tuple[Sequence[Chosen], tuple[Step, ...]]:
        """Return the policies that (may) select ``subject``, and what makes their outcome unknown; remembered by pods."""
        known = self._seen.get((id(subject), direction))
        if known is None:
            near = (p for space in dict.fromkeys(("", subject.namespace)) for p in self._by_namespace().get(space, ()))
            concerned = [p for p in near if p.rules(direction) is not None or p.unread]
            chosen = [(p, s) for p in concerned if (s := selects(p, subject, self.world)) is not Truth.NO]
            known = self._seen[id(subject), direction] = _Concerned(subject, chosen, tuple(self._doubts(subject, chosen)))
        return known.policies, known.doubts

    def _by_namespace(self) -> Mapping[str, Sequence[Policy]]:
        """Return the policies by namespace, cluster-wide ones under the empty name: others never select a workload."""
        if not self._spaces:
            for policy in self.policies:
                self._spaces.setdefault(policy.namespace, []).append(policy)
        return self._spaces

    def _doubts(self, subject: Pods, chosen: Sequence[Chosen]) -> Iterator[Step]:
        if subject.doubt:
            yield Step(ALL, Truth.UNKNOWN, subject.doubt, subject.location)
        for policy, _ in chosen:
            for construct in policy.unread:
                yield Step(ALL, Truth.UNKNOWN, f"{policy.title} has a part that is not read: {construct}", policy.location)
        for unread in self.unread:
            if not subject.host_network and unread.namespace in ("", subject.namespace):
                yield Step(ALL, Truth.UNKNOWN, f"{unread.title} is of a dialect that is not read", unread.location)

    def _unenforced(self) -> Decision:
        platform = self.world.platform
        text = platform.unknown or "the network plugin does not enforce policies: " + "; ".join(platform.assumed)
        return Decision(ALL, NONE, (Step(ALL, Truth.YES if platform.enforces is Truth.NO else Truth.UNKNOWN, text),))


def _of_engine(chosen: Sequence[Chosen], engine: Engine) -> list[Chosen]:
    """Return the policies that an engine reads: the API's own, and those of its dialect."""
    return [c for c in chosen if c[0].engine in (Engine.KUBERNETES, engine)]


def _default(subject: Pods, direction: Direction) -> Step:
    """Return the default: without a policy for the direction all is allowed (facts P1)."""
    if subject.host_network:
        text = f"{subject.id} is on the network of its node, to which policies do not apply"
    else:
        text = f"no policy that was supplied isolates {subject.id} for {direction.value}, so all is allowed"
    return Step(ALL, Truth.YES, text, subject.location)
