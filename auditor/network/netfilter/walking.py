"""The way of a packet through base chains, rules and jumps, for all connections to a range of addresses at once.

Sources: nft(8) "Verdict statement" (accept ends a base chain and the next one is still asked, drop ends all); iptables(8)
"Targets" (RETURN, jumps, goto) and the order of tables raw, mangle, nat, filter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import inf

from auditor.facts.evidence import FileLocation
from auditor.facts.truth import Truth
from auditor.network.addresses import LOOPBACK, Range, cut
from auditor.network.connections import ALL, NONE, Connections
from auditor.network.decision import Decision, Step
from auditor.network.netfilter.candidates import Candidates, candidates
from auditor.network.netfilter.conditions import within
from auditor.network.netfilter.model import NEXT_HOOK, Base, FilterRule, Table, Verdict
from auditor.network.netfilter.rewriting import Rewriting
from auditor.network.netfilter.senders import left_by_loopback
from auditor.network.spans import Spans

MOST_VISITS = 50_000
"""Rules looked at for one range of addresses: jumps may call a chain again and again, and a hostile file may nest them."""
LONG = 32
"""From so many rules on a chain is asked through an index of the addresses that it names."""
DEEPEST = 16
"""nftables' own limit on jumps (NFT_JUMP_STACK_SIZE)."""


Way = tuple[Table, Base]


def decide(ways: Iterable[Way], place: Range) -> Decision:
    """Return what the base chains, each of which must accept, do with connections to ``place``.

    A packet whose destination a rule changes is asked about as another one by the chains after it. So a place may also be reached
    by what is sent elsewhere, past the chains before such a rule: these do not stop it for sure.
    """
    here = [way for way in ways if place.family in way[0].families]
    ordered = sorted(here, key=lambda way: -inf if way[1].order is None else way[1].order)
    found = _passed(ordered, place)
    coming = NONE
    for table, _ in ordered:
        coming |= _arriving(table, place)
    if not coming:
        return found
    arriving = _passed([(table, base) for table, base in ordered if not base.early and not base.rewrites], place)
    more = (arriving.may_allow & coming) - found.may_allow
    if not more:
        return found
    text = f"a rule that changes destinations may send on to {place.text()} what is sent elsewhere"
    return Decision(found.may_allow | more, found.may_deny, (*found.steps, Step(more, Truth.UNKNOWN, text)))


def _arriving(table: Table, place: Range) -> Connections:
    """Return what may come to a place of packets that are sent elsewhere; the rules that do it are found once for a table."""
    known = table.remembered.get(("", 0))
    if not isinstance(known, tuple):
        rules = (rule for rules in table.chains.values() for rule in rules)
        known = table.remembered["", 0] = tuple(r for r in rules if r.verdict is Verdict.UNREAD or r.to is not None)
    found = NONE
    for rule in known:
        if rule.to is None:
            found |= ALL
        elif rule.to.place is None and not rule.to.to_host:
            found |= rule.to.onward(rule.condition.match(place).possibly)
        elif any(spans & place.spans for spans in rule.to.spans(place.family)):
            found |= rule.to.onward(within(rule.condition))
    return found


def _passed(ways: Sequence[Way], place: Range) -> Decision:
    """Return what chains in their order do with connections to a place."""
    result, lost = Decision(ALL, NONE, ()), NONE
    vague = {base.order for _, base in ways if not base.rewrites}
    for number, (table, base) in enumerate(ways):
        walk = _Walk(table, place, rewrites=base.rewrites and base.order is not None and not vague & {base.order, None})
        own = walk.run(base)
        lost |= walk.lost & result.may_allow
        if walk.rewritten:
            result = result.also(_sent_on(own, walk.rewritten, ways[number + 1 :], place))
            break
        result = result.also(own)
    if any(table.undoes for table, _ in ways):
        return Decision(ALL, ALL, result.steps)
    return Decision(result.may_allow | lost, result.may_deny | lost, result.steps) if lost else result


def _sent_on(own: Decision, rewritten: Sequence[Rewritten], after: Sequence[Way], place: Range) -> Decision:
    """Return what becomes of connections some of which go elsewhere: these the chains after see as what they became."""
    plain = own.also(_passed(after, place))
    surely = NONE
    for each in rewritten:
        surely |= each.taken if each.sure else NONE
    allow, deny = plain.may_allow - surely, plain.may_deny - surely
    steps = [replace(s, connections=s.connections - surely) for s in plain.steps if s.connections - surely]
    rest = [_as_left(way, place) for way in after if not way[1].rewrites]  # a connection is rewritten once
    for each in rewritten:
        may_allow, may_deny, then = NONE, NONE, []
        for atom in _atoms(each.to.place_for(place), rest):
            found = _passed(rest, atom)
            may_allow |= each.to.back(each.taken, found.may_allow)
            may_deny |= each.to.back(each.taken, found.may_deny)
            then += [replace(s, connections=back) for s in found.steps if (back := each.to.back(each.taken, s.connections))]
        sure = each.sure and not (may_allow and may_deny)
        truth = Truth.UNKNOWN if not sure else Truth.of(bool(may_allow))
        steps += [
            Step(each.taken, truth, f"{each.text}: what it takes goes to {each.to.text()} instead", each.location, True),
            *then,
        ]
        allow, deny = allow | may_allow, deny | may_deny
    return Decision(allow, deny, tuple(steps))


def _as_left(way: Way, asked: Range) -> Way:
    """Return a chain as it is for what was sent to ``asked``: within one hook the interface stays that of the first route."""
    table, base = way
    if base.order is None or base.order >= NEXT_HOOK:
        return way
    loopback = any(r.family == asked.family and r.spans.covers(asked.spans) for r in LOOPBACK)
    known = table.remembered.get(("left", int(loopback)))
    if not isinstance(known, Table):
        known = table.remembered["left", int(loopback)] = left_by_loopback(table, loopback=loopback)
    return known, base


def _atoms(place: Range, ways: Sequence[Way]) -> tuple[Range, ...]:
    tables = {id(table): table for table, _ in ways}.values()
    return tuple(a for a in cut(place.family, [*cuts(tables, place.family), place.spans]) if place.spans.covers(a.spans))


def cuts(tables: Iterable[Table], family: int) -> Iterator[Spans]:
    """Yield the address sets of a family by which rules tell destinations apart."""
    for table in tables:
        if family in table.families:
            for rules in table.chains.values():
                for rule in rules:
                    yield from rule.condition.spans(family)
                    if rule.to is not None:
                        yield from rule.to.spans(family)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """Connections that a rule sends elsewhere."""

    taken: Connections
    sure: bool
    to: Rewriting
    text: str
    location: FileLocation


@dataclass(slots=True)
class _Walk:
    table: Table
    place: Range
    rewrites: bool = False
    """Whether a rule that changes destinations is followed, and not left open."""
    lost: Connections = NONE
    """What may go anywhere from here on, past the chains that follow: handed to a program, or sent where it is not known."""
    rewritten: list[Rewritten] = field(default_factory=list)
    may_allow: Connections = NONE
    may_deny: Connections = NONE
    steps: list[Step] = field(default_factory=list)
    visits: int = 0

    def run(self, base: Base) -> Decision:
        rest = self._chain(base.chain, ALL, (), sure=True)
        if rest:
            deny = base.policy is Verdict.DROP
            if deny or self.table.chains.get(base.chain):
                plain = f"{self.table.title}, chain {base.chain}: what no rule ends is {'dropped' if deny else 'accepted'}"
                text = f"{self.table.title}: {base.ending}" if base.ending else plain
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
            elif rule.to is not None and self.rewrites:
                self.rewritten.append(Rewritten(taken, now, rule.to, f"{self.table.title}: {rule.text}", rule.location))
            else:
                self._note(rule, taken, sure=now)
                self._end(taken, rule.verdict)
                self.lost |= taken if rule.verdict in (Verdict.UNREAD, Verdict.REWRITE) else NONE
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
        open_points += [rule.target] if rule.verdict in (Verdict.UNREAD, Verdict.REWRITE) else []
        more = f" (not decided from the file: {', '.join(dict.fromkeys(open_points))})" if open_points else ""
        text = f"{self.table.title}: {rule.text}{more}"
        self.steps.append(Step(taken, allows if sure else Truth.UNKNOWN, text, rule.location, by_rule=True))

    def _give_up(self, here: Connections, why: str) -> None:
        self.steps.append(Step(here, Truth.UNKNOWN, why))
        self._end(here, Verdict.UNREAD)
