"""How the policies of each engine come together to one decision.

Tiers are asked in the order Admin, the engine's own policies, Baseline, default (network-policy-api, "Policy tiers"; facts A1).
Of the engine's own: NetworkPolicy allows what any rule allows (facts P3); Cilium puts its own beside it, a denial first (facts
C5, C13); Calico asks its tiers by order, NetworkPolicy standing in the tier ``default`` at order 1000 (Calico, "Tier" and
"Kubernetes policy").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import inf

from auditor.facts.truth import Truth, all_of, any_of
from auditor.network.connections import NONE, OTHER, Connections
from auditor.network.decision import Decision, Step
from auditor.network.ends import End
from auditor.network.match import Match, rule_match
from auditor.network.objects import Pods, PolicyTier
from auditor.network.peers import World
from auditor.network.progress import Progress
from auditor.network.rules import Action, Direction, Engine, NamePeer, Policy, Rule, Tier

Chosen = tuple[Policy, Truth]
"""A policy with whether it selects the subject: yes or unknown."""
DEFAULT_TIER = "default"
_KUBERNETES_ORDER = 1000.0
_DEFAULT_TIER_ORDER = 1_000_000.0


@dataclass(frozen=True, slots=True)
class Composer:
    """One question: what the policies of one engine do between two ends."""

    world: World
    subject: Pods
    peer: End
    direction: Direction
    engine: Engine
    default: Step
    """What holds where no policy says anything."""
    sees_names: bool = False
    """Whether the subject's look-ups of names are seen, so that Cilium's rules of names take effect (facts C9)."""

    def decide(self, chosen: Sequence[Chosen]) -> Decision:
        """Return the decision of the policies that (may) select the subject."""
        progress = Progress()
        self._ranked((c for c in chosen if c[0].tier is Tier.ADMIN), progress)
        progress.next_tier()
        if self.engine is Engine.CALICO:
            self._calico([c for c in chosen if c[0].tier is Tier.POLICY], progress)
        else:
            self._union([c for c in chosen if c[0].tier is Tier.POLICY], progress)
        self._ranked((c for c in chosen if c[0].tier is Tier.BASELINE), progress)
        progress.next_tier()
        progress.allow(progress.open, self.default.text, self.default.location)
        return progress.done()

    def _ranked(self, chosen: Iterable[Chosen], progress: Progress) -> None:
        ordered = sorted(chosen, key=lambda c: (c[0].priority or 0, c[0].title))
        for _, group in groupby(ordered, key=lambda c: c[0].priority):
            self._group(list(group), progress)

    def _group(self, group: Sequence[Chosen], progress: Progress) -> None:
        """Ask policies of one priority: any of them may be first (facts A2)."""
        before, surely = progress.open, NONE
        for policy, selected in group:
            progress.open = before
            for rule in policy.rules(self.direction) or ():
                match = self._match(rule, policy, selected)
                progress.take(rule, policy, match)
                progress.open -= match.surely
                surely |= match.surely
        progress.open = before - surely

    def _union(self, chosen: Sequence[Chosen], progress: Progress) -> None:
        """Ask policies whose order does not count: what any rule denies is denied, then what any allows is allowed."""
        for action in (Action.DENY, Action.ALLOW):
            surely = NONE
            for policy, selected in chosen:
                for rule in policy.rules(self.direction) or ():
                    if rule.action is action:
                        match = self._match(rule, policy, selected)
                        progress.take(rule, policy, match)
                        surely |= match.surely
            progress.open -= surely
        isolating = [c for c in chosen if c[0].isolates(self.direction)]
        if isolating:
            self._isolate(isolating, progress)
        elif self.world.platform.always_isolates is not Truth.NO and not self.subject.host_network:
            self._by_mode(progress)

    def _by_mode(self, progress: Progress) -> None:
        text = "the enforcement mode always denies what no policy allows"
        progress.close(self.world.platform.always_isolates, text, None)

    def _isolate(self, isolating: Sequence[Chosen], progress: Progress) -> None:
        surely = any_of(selected for _, selected in isolating)
        first = isolating[0][0]
        names = ", ".join(p.title for p, _ in isolating)
        text = f"{names} isolates the workload for {self.direction.value}, and no rule allows it"
        self._spare_other(progress.close(surely, text, first.location), isolating, progress)

    def _spare_other(self, denied: Connections, chosen: Sequence[Chosen], progress: Progress) -> None:
        """Leave ICMP and the rest open where only NetworkPolicy denies them and the plugin is not known to do so (facts P13)."""
        named = any(p.engine is not Engine.KUBERNETES for p, _ in chosen)
        if denied & OTHER and self.world.platform.covers_other is not Truth.YES and not named:
            text = "a NetworkPolicy cannot name ICMP and other protocols, so whether they are stopped is up to the plugin"
            progress.allow(denied & OTHER, text, chosen[0][0].location, Truth.UNKNOWN)

    def _calico(self, chosen: Sequence[Chosen], progress: Progress) -> None:
        """Ask Calico's tiers by order; one without a policy for the subject is passed over."""
        by_tier: dict[str, list[Chosen]] = {}
        for policy, selected in chosen:
            by_tier.setdefault(policy.place or DEFAULT_TIER, []).append((policy, selected))
        unplaced = [name for name in by_tier if not self._supplied(name)]
        if unplaced and len(by_tier) > 1:
            text = f"when tier {', '.join(sorted(unplaced))} is asked is not known: it was not supplied"
            progress.leave_open(text, by_tier[unplaced[0]][0][0].location)
            return
        for tier in sorted(map(self._tier, by_tier), key=lambda t: (t.order, t.name)):
            self._calico_tier(tier, sorted(by_tier[tier.name], key=_calico_order), progress)
            progress.next_tier()

    def _supplied(self, name: str) -> bool:
        return name == DEFAULT_TIER or name in self.world.objects.tiers

    def _tier(self, name: str) -> PolicyTier:
        fallback = _DEFAULT_TIER_ORDER if name == DEFAULT_TIER else inf
        return self.world.objects.tiers.get(name) or PolicyTier(name, fallback, passes=False)

    def _calico_tier(self, tier: PolicyTier, chosen: Sequence[Chosen], progress: Progress) -> None:
        for _, of_one_order in groupby(chosen, key=lambda c: _order(c[0])):
            tied = list(of_one_order)
            if len({(p.engine, p.kind, p.namespace) for p, _ in tied}) > 1:
                # By which name they are told apart differs between versions: any of them may be first.
                self._group(tied, progress)
                continue
            for each in tied:
                self._group([each], progress)
        if not tier.passes and progress.open:
            ends = Truth.YES if self._supplied(tier.name) else Truth.UNKNOWN
            surely, first = all_of((any_of(selected for _, selected in chosen), ends)), chosen[0][0]
            names = ", ".join(p.title for p, _ in chosen)
            text = f"{names} ends tier {tier.name} for {self.direction.value} with a denial, and no rule allows it"
            self._spare_other(progress.close(surely, text, first.location), chosen, progress)

    def _match(self, rule: Rule, policy: Policy, selected: Truth) -> Match:
        destination = self.peer if self.direction is Direction.EGRESS else self.subject
        match = rule_match(rule, policy, self.subject, self.peer, destination, self.world)
        blind = policy.engine is Engine.CILIUM and not self.sees_names and any(isinstance(p, NamePeer) for p in rule.peers or ())
        return Match(NONE, match.possibly) if selected is Truth.UNKNOWN or blind else match


def _order(policy: Policy) -> float:
    return _KUBERNETES_ORDER if policy.engine is Engine.KUBERNETES else policy.order


def _calico_order(chosen: Chosen) -> tuple[float, str, str]:
    """Return by what Calico sorts the policies of a tier: order, then name, which is kept with the tier in front of it."""
    policy = chosen[0]
    return _order(policy), policy.name.removeprefix(f"{policy.place or DEFAULT_TIER}."), policy.namespace
