"""The way of a packet through base chains, rules and jumps, for all connections to a range of addresses at once.

Sources: nft(8) "Verdict statement" (accept ends a base chain and the next one is still asked, drop ends all); iptables(8)
"Targets" (RETURN, jumps, goto) and the order of tables raw, mangle, nat, filter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from auditor.facts.truth import Truth
from auditor.network.addresses import Range
from auditor.network.connections import ALL, NONE, Connections
from auditor.network.decision import Decision, Step
from auditor.network.netfilter.candidates import Candidates, candidates
from auditor.network.netfilter.model import Base, FilterRule, Table, Verdict
from auditor.network.spans import Spans

MOST_VISITS = 50_000
"""Rules looked at for one range of addresses: jumps may call a chain again and again, and a hostile file may nest them."""
LONG = 32
"""From so many rules on a chain is asked through an index of the addresses that it names."""
DEEPEST = 16
"""nftables' own limit on jumps (NFT_JUMP_STACK_SIZE)."""


def decide(ways: Iterable[tuple[Table, Base]], place: Range) -> Decision:
    """Return what the base chains, each of which must accept, do with connections to ``place``.

    A packet whose destination a rule changed was asked about as another one by the chains before: these do not stop it for sure.
    """
    ways = tuple(ways)
    found = _passed(ways, place)
    if not any(base.early for _, base in ways) or not any(_changes_destinations(table, place) for table, _ in ways):
        return found
    arriving = _passed([(table, base) for table, base in ways if not base.early], place)
    return Decision(found.may_allow | arriving.may_allow, found.may_deny | arriving.may_deny, found.steps)


def _changes_destinations(table: Table, place: Range) -> bool:
    unread = (rule.verdict is Verdict.UNREAD for rules in table.chains.values() for rule in rules)
    return place.family in table.families and any(unread)


def _passed(ways: Iterable[tuple[Table, Base]], place: Range) -> Decision:
    result, undone = Decision(ALL, NONE, ()), False
    for table, base in ways:
        if place.family in table.families:
            result, undone = result.also(_Walk(table, place).run(base)), undone or table.undoes
    return Decision(ALL, ALL, result.steps) if undone else result


def cuts(tables: Iterable[Table], family: int) -> Iterator[Spans]:
    """Yield the address sets of a family by which rules tell destinations apart."""
    for table in tables:
        if family in table.families:
            for rules in table.chains.values():
                for rule in rules:
                    yield from rule.condition.spans(family)


@dataclass(slots=True)
class _Walk:
    table: Table
    place: Range
    may_allow: Connections = NONE
    may_deny: Connections = NONE
    steps: list[Step] = field(default_factory=list)
    visits: int = 0

    def run(self, base: Base) -> Decision:
        rest = self._chain(base.chain, ALL, (), sure=True)
        if rest:
            deny = base.policy is Verdict.DROP
            if deny or self.table.chains.get(base.chain):
                text = f"{self.table.title}, chain {base.chain}: what no rule ends is {'dropped' if deny else 'accepted'}"
                self.steps.append(Step(rest, Truth.of(not deny), text, base.location))
            self._end(rest, Verdict.DROP if deny else Verdict.ACCEPT)
        return Decision(self.may_allow, self.may_deny, tuple(self.steps))

    def _end(self, taken: Connections, verdict: Verdict) -> None:
        if verdict is not Verdict.DROP:
            self.may_allow |= taken
        if verdict is not Verdict.ACCEPT:
            self.may_deny |= taken

    def _chain(self, name: str, here: Connections, above: tuple[str, ...], *, sure: bool) -> Connections:
        """Follow ``here`` through a chain and return what may come out at its end."""
        if name in above or len(above) >= DEEPEST or name not in self.table.chains:
            self._give_up(here, f"{self.table.title}: the chain {name} is not supplied, or jumps run in a circle")
            return NONE
        returned = NONE
        for rule in self._rules(name):
            self.visits += 1
            if not here:
                break
            if self.visits > MOST_VISITS:
                self._give_up(here, f"{self.table.title}: its jumps lead through too many rules")
                return NONE
            match = rule.condition.match(self.place)
            taken = here & match.possibly
            if not taken or rule.verdict is Verdict.CONTINUE:
                continue
            here -= match.surely
            now = sure and match.surely.covers(taken)
            if rule.verdict is Verdict.RETURN:
                returned |= taken
            elif rule.verdict in (Verdict.JUMP, Verdict.GOTO):
                if sure and not now:
                    self._note(rule, taken, sure=False)
                back = self._chain(rule.target, taken, (*above, name), sure=now)
                here, returned = (here | back, returned) if rule.verdict is Verdict.JUMP else (here, returned | back)
            else:
                self._note(rule, taken, sure=now)
                self._end(taken, rule.verdict)
        return here | returned

    def _rules(self, name: str) -> Sequence[FilterRule]:
        """Return the rules of a chain that may take the place."""
        rules = self.table.chains[name]
        if len(rules) < LONG:
            return rules
        key = (name, self.place.family)
        known = self.table.remembered.get(key)
        if not isinstance(known, Candidates):
            known = self.table.remembered[key] = candidates(rules, self.place.family)
        return known.at(self.place)

    def _note(self, rule: FilterRule, taken: Connections, *, sure: bool) -> None:
        allows = {Verdict.ACCEPT: Truth.YES, Verdict.DROP: Truth.NO}.get(rule.verdict, Truth.UNKNOWN)
        open_points = [] if sure else [*rule.condition.unread()]
        open_points += [rule.target] if rule.verdict is Verdict.UNREAD else []
        more = f" (not decided from the file: {', '.join(dict.fromkeys(open_points))})" if open_points else ""
        text = f"{self.table.title}: {rule.text}{more}"
        self.steps.append(Step(taken, allows if sure else Truth.UNKNOWN, text, rule.location, by_rule=True))

    def _give_up(self, here: Connections, why: str) -> None:
        self.steps.append(Step(here, Truth.UNKNOWN, why))
        self._end(here, Verdict.UNREAD)
