"""What captured traffic is worth after a change: packets show the state before it.

A sighting counts on as long as some flow that is intended, or may be, explains it. Where a change turned off, or moved
elsewhere, the last flow that explained a channel, a capture after the change would not show it: its packets are set
aside and named, those of a flow that shared the channel among them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auditor.facts.model import Model
from auditor.facts.rows import FlowRow
from auditor.facts.settings import Change
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Sighting
from auditor.pipeline.modelling import Foresight, model
from auditor.pipeline.request import Inputs
from auditor.reconcile import intention

_SEEN = (Sighting.DATA, Sighting.ATTEMPT)


def foreseen(inputs: Inputs, before: Model, changes: Sequence[Change]) -> tuple[Model, tuple[str, ...]]:
    """Return the model after ``changes`` and the channels whose packets were set aside; ``before`` is without them."""
    after = model(inputs, changes)
    past = stale_channels(before, after)
    return (model(inputs, changes, Foresight(past=frozenset(past))) if past else after), past


def stale_channels(before: Model, after: Model) -> tuple[str, ...]:
    """Return the channels whose sightings the change makes a thing of the past, sorted.

    No flow is left that may be live, or packets that a flow explained are explained by none any more.
    """
    were, are = _live(before.rows), _live(after.rows)
    seen = {r.channel for r in after.rows if r.sighting in _SEEN}
    unexplained = _unexplained(after.rows) - _unexplained(before.rows)
    return tuple(sorted(c for c in seen if were.get(c) and (not are.get(c) or c in unexplained)))


def _unexplained(rows: Sequence[FlowRow]) -> set[str]:
    return {r.channel for r in rows if not r.flow and r.sighting in _SEEN}


def _live(rows: Sequence[FlowRow]) -> Mapping[str, set[str]]:
    """Return channel -> the flows on it that somebody intends or may intend."""
    found: dict[str, set[str]] = {}
    for row in rows:
        if row.flow and intention(row.configured, row.declared) is not Truth.NO:
            found.setdefault(row.channel, set()).add(row.flow)
    return found
