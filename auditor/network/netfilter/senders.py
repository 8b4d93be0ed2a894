"""Rules as they are for one sender: once its addresses are known, and once it is known by where a packet left.

Sources: iptables(8), ``-s``, ``-o``. In the hook ``output`` a packet that was sent elsewhere still leaves by the interface of its
first route: the kernel hands that one to all chains of a hook (measured with packets in namespaces, November 2026).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from auditor.network.connections import ALL
from auditor.network.netfilter.conditions import Both, Condition, Either, From, Leaves, Not, Perhaps, Traffic
from auditor.network.netfilter.model import Table
from auditor.network.spans import EMPTY, Spans

Sender = Mapping[int, Spans]
"""By family: addresses among which the sender's surely are; a family that is not there is not known."""
NOTHING = Either(())


def sent_from(table: Table, sender: Sender) -> Table:
    """Return a table as it is for a sender: what asks for its address is decided where all or none of its addresses are meant."""

    def decided(condition: Condition) -> Condition:
        if not isinstance(condition, From):
            return condition
        own = sender.get(condition.family, EMPTY)
        if own and condition.within.covers(own):
            return Traffic(ALL)
        return NOTHING if own and not condition.within & own else Perhaps(condition.construct)

    return _with(table, decided)


def left_by_loopback(table: Table, *, loopback: bool) -> Table:
    """Return a table as it is for what left by the loopback interface, or by another, wherever it goes now."""

    def decided(condition: Condition) -> Condition:
        if not isinstance(condition, Leaves):
            return condition
        if condition.loopback:
            return Traffic(ALL) if loopback else NOTHING
        return NOTHING if loopback else Perhaps(condition.construct)

    return _with(table, decided)


def _with(table: Table, decided: Callable[[Condition], Condition]) -> Table:
    chains = {
        name: tuple(replace(rule, condition=_changed(rule.condition, decided)) for rule in rules)
        for name, rules in table.chains.items()
    }
    return Table(table.title, table.families, chains, table.leaving, table.crossing, table.undoes)


def _changed(condition: Condition, decided: Callable[[Condition], Condition]) -> Condition:
    if isinstance(condition, Both):
        return Both(tuple(_changed(part, decided) for part in condition.parts))
    if isinstance(condition, Either):
        return Either(tuple(_changed(part, decided) for part in condition.parts))
    return Not(_changed(condition.part, decided)) if isinstance(condition, Not) else decided(condition)
