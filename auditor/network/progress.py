"""A decision under way: what is still open, and what rules did with the rest."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from auditor.facts.evidence import FileLocation
from auditor.facts.truth import Truth
from auditor.network.connections import ALL, NONE, Connections
from auditor.network.decision import Decision, Step
from auditor.network.match import Match
from auditor.network.rules import Action, Policy, Rule

_ALLOWS = {Action.ALLOW: Truth.YES, Action.DENY: Truth.NO, Action.PASS: Truth.UNKNOWN}
_VERBS = {Action.ALLOW: "allows it", Action.DENY: "denies it", Action.PASS: "passes it on to the next tier"}


@dataclass(slots=True)
class Progress:
    """A decision under way through the tiers."""

    open: Connections = ALL
    passed: Connections = NONE
    may_allow: Connections = NONE
    may_deny: Connections = NONE
    steps: list[Step] = field(default_factory=list)

    def take(self, rule: Rule, policy: Policy, match: Match) -> None:
        """Apply one rule to what is still open, which stays as it is: the caller says when it is used up."""
        taken = self.open & match.possibly
        if not taken:
            return
        step = _step(rule, policy)
        truth = step.allows if match.surely.covers(taken) else Truth.UNKNOWN
        self.steps.append(replace(step, connections=taken, allows=truth))
        if rule.action is Action.ALLOW:
            self.may_allow |= taken
        elif rule.action is Action.DENY:
            self.may_deny |= taken
        else:
            self.passed |= taken

    def allow(self, taken: Connections, text: str, location: FileLocation | None = None, truth: Truth = Truth.YES) -> None:
        """Note that ``taken`` is, or may be, allowed."""
        if taken:
            self.may_allow |= taken
            self.steps.append(Step(taken, truth, text, location))

    def close(self, surely: Truth, text: str, location: FileLocation | None) -> Connections:
        """Deny what is open and return it; where that is not sure, it stays open as well."""
        rest = self.open
        if rest:
            self.may_deny |= rest
            self.steps.append(Step(rest, Truth.NO if surely is Truth.YES else Truth.UNKNOWN, text, location))
        if surely is Truth.YES:
            self.open = NONE
        return rest

    def leave_open(self, text: str, location: FileLocation | None) -> None:
        """Take in that what is open may be allowed or denied, and that nothing further decides it."""
        if self.open:
            self.may_allow, self.may_deny = self.may_allow | self.open, self.may_deny | self.open
            self.steps.append(Step(self.open, Truth.UNKNOWN, text, location))
        self.open = NONE

    def next_tier(self) -> None:
        """Hand on what no rule took and what rules passed."""
        self.open, self.passed = self.open | self.passed, NONE

    def done(self) -> Decision:
        """Return the decision."""
        return Decision(self.may_allow, self.may_deny, tuple(self.steps))


def _step(rule: Rule, policy: Policy) -> Step:
    more = f" ({rule.narrowed})" if rule.narrowed else ""
    text = f"{policy.title}, {rule.title}, {_VERBS[rule.action]}{more}"
    return Step(NONE, _ALLOWS[rule.action], text, rule.location, by_rule=True)
