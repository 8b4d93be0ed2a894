"""Which holders of its addresses a flow met, told by the engine that holds the flows: ``traffic.tenures`` as an expression."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from auditor.traffic.tenures import Changes
from auditor.traffic.times import LARGEST

if TYPE_CHECKING:
    from ibis.expr.types import Table

_MET = (("src_addr", "start"), ("src_addr", "end"), ("dst_addr", "start"), ("dst_addr", "end"))


def with_tenures(flows: Table, changes: Changes) -> Table:
    """Return the flows with the column ``tenure``: what ``traffic.tenures.tenure`` returns."""
    import ibis

    if not changes:
        return flows.mutate(tenure=ibis.literal(""))
    spans = ibis.memtable(_spans(changes), schema={name: "int64" if name != "holder" else "string" for name in _SPAN})
    names = [f"tenure_{number}" for number in range(len(_MET))]
    found = flows
    for name, (address, time) in zip(names, _MET, strict=True):
        one = spans.rename({name: "number", f"{name}_holder": "holder", f"{name}_since": "since", f"{name}_until": "until"})
        when = found[time]
        within = (when >= one[f"{name}_since"], when < one[f"{name}_until"])
        found = found.left_join(one, [found[address] == one[f"{name}_holder"], *within]).drop(
            f"{name}_holder", f"{name}_since", f"{name}_until"
        )
    numbers = [found[name].fill_null(0).cast("string") for name in names]
    word = numbers[0] + "-" + numbers[1] + "/" + numbers[2] + "-" + numbers[3]
    known = found[names[0]].notnull() | found[names[2]].notnull()
    return found.mutate(tenure=known.ifelse(word, "")).drop(*names)


_SPAN = ("holder", "since", "until", "number")


def _spans(changes: Changes) -> dict[str, list[Any]]:
    """Return the times between changes, by address and number, as columns; together they cover all times."""
    spans: dict[str, list[Any]] = {name: [] for name in _SPAN}
    for address, times in sorted(changes.items()):
        for number, (since, until) in enumerate(pairwise((-LARGEST, *times, LARGEST))):
            for name, value in zip(_SPAN, (address, since, until, number), strict=True):
                spans[name].append(value)
    return spans
