"""What the tiers of policies decide on the connections from one end to another, in every world that is possible.

A tier is asked in the order Admin, NetworkPolicy, Baseline, default (network-policy-api, "Policy tiers"; facts A1). Each
decision keeps what *may* be allowed and what *may* be denied; a connection in both is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from auditor.facts.evidence import FileLocation
from auditor.facts.truth import Truth
from auditor.network.connections import ALL, NONE, OTHER, Connections
from auditor.network.match import End, Match, World, rule_match, selects
from auditor.network.objects import Pods
from auditor.network.rules import Action, Direction, Policy, Rule, Tier, Unread


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that took part in a decision."""

    connections: Connections
    allows: Truth
    """Unknown for what makes the outcome unknown."""
    text: str
    location: FileLocation | None = None
    by_rule: bool = False
    """Whether a rule of a policy says it, not a default."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What may happen to the connections between two ends."""

    may_allow: Connections
    may_deny: Connections
    steps: tuple[Step, ...]

    def answer(self, wanted: Connections) -> Truth:
        """Return yes when all of ``wanted`` is surely allowed, no when all is surely denied, else unknown."""
        if not wanted & self.may_deny:
            return Truth.YES
        return Truth.NO if not wanted & self.may_allow else Truth.UNKNOWN

    @property
    def allowed(self) -> Connections:
        """Return what is surely allowed."""
        return ALL - self.may_deny

    def also(self, other: Decision) -> Decision:
        """Return the decision when both ends must allow (facts P17)."""
        return Decision(self.may_allow & other.may_allow, self.may_deny | other.may_deny, (*self.steps, *other.steps))


@dataclass(slots=True)
class _Progress:
    """A decision under way through the tiers."""

    open: Connections = ALL
    passed: Connections = NONE
    may_allow: Connections = NONE
    may_deny: Connections = NONE
    steps: list[Step] = field(default_factory=list)

    def take(self, action: Action, match: Match, step: Step) -> None:
        """Apply one rule to what is still open."""
        taken = self.open & match.possibly
        if not taken:
            return
        truth = step.allows if match.surely.covers(taken) else Truth.UNKNOWN
        self.steps.append(replace(step, connections=taken, allows=truth))
        if action is Action.ALLOW:
            self.may_allow |= taken
        elif action is Action.DENY:
            self.may_deny |= taken
        else:
            self.passed |= taken

    def allow(self, taken: Connections, text: str, location: FileLocation | None = None) -> None:
        """Note that ``taken`` is allowed."""
        if taken:
            self.may_allow |= taken
            self.steps.append(Step(taken, Truth.YES, text, location))

    def next_tier(self) -> None:
        """Hand on what no rule took and what rules passed."""
        self.open, self.passed = self.open | self.passed, NONE

    def done(self) -> Decision:
        """Return the decision."""
        return Decision(self.may_allow, self.may_deny, tuple(self.steps))


_ALLOWS = {Action.ALLOW: Truth.YES, Action.DENY: Truth.NO, Action.PASS: Truth.UNKNOWN}
_VERBS = {Action.ALLOW: "allows it", Action.DENY: "denies it", Action.PASS: "passes it on to the next tier"}


@dataclass(frozen=True, slots=True)
class _Concerned:
    """What is remembered of pods; they are kept, so that their identity stays theirs."""

    pods: Pods
    policies: Sequence[tuple[Policy, Truth]]
    doubts: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All policies of a cluster."""

    world: World
    policies: tuple[Policy, ...]
    unread: tuple[Unread, ...]
    _seen: dict[tuple[int, Direction], _Concerned] = field(default_factory=dict, init=False, compare=False, repr=False)

    def decide(self, subject: Pods, peer: End, direction: Direction) -> Decision:
        """Return what the policies that select ``subject`` do with its connections to or from ``peer``."""
        chosen, doubts = self._concerned(subject, direction)
        if doubts:
            return Decision(ALL, ALL, doubts)
        platform = self.world.platform
        decisions = []
        if platform.enforces is not Truth.NO:
            asked = {Truth.YES: (True,), Truth.NO: (False,), Truth.UNKNOWN: (True, False)}[platform.enforces_admin]
            for admin in asked if any(p.tier is not Tier.POLICY for p, _ in chosen) else (True,):
                kept = [(p, s) for p, s in chosen if admin or p.tier is Tier.POLICY]
                decisions.append(_Tiers(self.world, subject, peer, direction).decide(kept))
        if platform.enforces is not Truth.YES and chosen:
            decisions.append(self._unenforced())
        if not decisions:
            decisions.append(self._unenforced() if chosen else _default(subject, direction))
        return _either(decisions)

    def _concerned(self, subject: Pods, direction: Direction) -> tuple[Sequence[tuple[Policy, Truth]], tuple[Step, ...]]:
        """Return the policies that (may) select ``subject``, and what makes their outcome unknown; remembered by pods."""
        known = self._seen.get((id(subject), direction))
        if known is None:
            concerned = [p for p in self.policies if p.rules(direction) is not None or p.unread]
            chosen = [(p, s) for p in concerned if (s := selects(p, subject, self.world)) is not Truth.NO]
            known = self._seen[id(subject), direction] = _Concerned(subject, chosen, tuple(self._doubts(subject, chosen)))
        return known.policies, known.doubts

    def _doubts(self, subject: Pods, chosen: Sequence[tuple[Policy, Truth]]) -> Iterator[Step]:
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


@dataclass(frozen=True, slots=True)
class _Tiers:
    world: World
    subject: Pods
    peer: End
    direction: Direction

    def decide(self, chosen: Sequence[tuple[Policy, Truth]]) -> Decision:
        progress = _Progress()
        admin = sorted((c for c in chosen if c[0].tier is Tier.ADMIN), key=lambda c: (c[0].priority or 0, c[0].title))
        for _, group in groupby(admin, key=lambda c: c[0].priority):
            self._group(list(group), progress)
        progress.next_tier()
        isolating = [c for c in chosen if c[0].tier is Tier.POLICY]
        decisions = []
        if isolating:
            isolated = replace(progress, steps=list(progress.steps))
            self._union(isolating, isolated)
            decisions.append(isolated.done())
        if all(selected is Truth.UNKNOWN for _, selected in isolating):
            self._group([c for c in chosen if c[0].tier is Tier.BASELINE], progress)
            default = _default(self.subject, self.direction).steps[0]
            progress.allow(progress.open | progress.passed, default.text, default.location)
            decisions.append(progress.done())
        return _either(decisions)

    def _group(self, group: Sequence[tuple[Policy, Truth]], progress: _Progress) -> None:
        """Ask policies of one priority: any of them may be first (facts A2)."""
        before, surely = progress.open, NONE
        for policy, selected in group:
            progress.open = before
            for rule in policy.rules(self.direction) or ():
                match = self._match(rule, policy)
                if selected is Truth.UNKNOWN:
                    match = Match(NONE, match.possibly)
                progress.take(rule.action, match, _step(rule, policy))
                progress.open -= match.surely
                surely |= match.surely
        progress.open = before - surely

    def _union(self, chosen: Sequence[tuple[Policy, Truth]], progress: _Progress) -> None:
        """Ask NetworkPolicies: what any rule allows is allowed, all else is denied (facts P3)."""
        surely, policies = NONE, [p for p, _ in chosen]
        before = progress.open
        for policy, selected in chosen:
            for rule in policy.rules(self.direction) or ():
                match = self._match(rule, policy)
                if selected is Truth.UNKNOWN:
                    match = Match(NONE, match.possibly)
                progress.take(Action.ALLOW, match, _step(rule, policy))
                surely |= match.surely
        rest = before - surely
        first = policies[0]
        if rest:
            progress.may_deny |= rest
            names = ", ".join(p.title for p in policies)
            text = f"{names} isolates the workload for {self.direction.value}, and no rule allows it"
            progress.steps.append(Step(rest, Truth.NO, text, first.location))
        if rest & OTHER and self.world.platform.covers_other is not Truth.YES:
            text = "a NetworkPolicy cannot name ICMP and other protocols, so whether they are stopped is up to the plugin"
            progress.may_allow |= rest & OTHER
            progress.steps.append(Step(rest & OTHER, Truth.UNKNOWN, text, first.location))

    def _match(self, rule: Rule, policy: Policy) -> Match:
        destination = self.peer if self.direction is Direction.EGRESS else self.subject
        return rule_match(rule, policy, self.peer, destination, self.world)


def _step(rule: Rule, policy: Policy) -> Step:
    text = f"{policy.title}, {rule.title}, {_VERBS[rule.action]}"
    return Step(NONE, _ALLOWS[rule.action], text, rule.location, by_rule=True)


def _default(subject: Pods, direction: Direction) -> Decision:
    """Return the default: without a policy for the direction all is allowed (facts P1)."""
    if subject.host_network:
        text = f"{subject.id} is on the network of its node, to which policies do not apply"
    else:
        text = f"no policy that was supplied isolates {subject.id} for {direction.value}, so all is allowed"
    return Decision(ALL, NONE, (Step(ALL, Truth.YES, text, subject.location),))


def _either(decisions: Sequence[Decision]) -> Decision:
    """Return what is possible in any of the worlds."""
    may_allow, may_deny = NONE, NONE
    steps: dict[Step, None] = {}
    for decision in decisions:
        may_allow, may_deny = may_allow | decision.may_allow, may_deny | decision.may_deny
        steps |= dict.fromkeys(decision.steps)
    return Decision(may_allow, may_deny, tuple(steps))
