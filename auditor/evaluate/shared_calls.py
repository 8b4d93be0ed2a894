"""Calls that a log shows processed in a country, and that may be any of several flows on one channel.

No log tells such flows apart, so the place is proven for none of them. But where each of them would be a breach if the calls were
its own, one of them is a breach, whichever it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from auditor.evaluate.matching import Scene
from auditor.facts.profile import FlowSelector, SelectorKey
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth


def certain_of_one(selector: FlowSelector, scene: Scene, truth: Callable[[FlowRow], Truth]) -> dict[str, FlowRow]:
    """Return by id the rows one of which certainly matches, each as if the calls were its own.

    ``truth`` tells of a row whether it matches the selector. Rows that may not exist are left out where others certainly do.
    """
    terms = (*selector.source.terms, *selector.destination.terms)
    if all(term.key is not SelectorKey.PROCESSING for term in terms):
        return {}
    found: dict[str, FlowRow] = {}
    for rows in scene.once("rows that share calls", _sharing):
        if all(truth(replace(row, exists=Truth.YES)) is Truth.YES for row in rows):
            certain = [row for row in rows if row.exists is Truth.YES] or rows
            found.update((row.id, row) for row in certain)
    return found


def _sharing(scene: Scene) -> tuple[list[FlowRow], ...]:
    """Return, by channel, the rows that may be the calls of which a log tells a country, where that is shown for none of them."""
    shown = {channel.id: channel.processed for channel in scene.model.channels if channel.processed}
    by_channel: dict[str, list[FlowRow]] = {}
    for row in scene.model.rows if shown else ():
        if row.channel in shown and row.exists is not Truth.NO:
            by_channel.setdefault(row.channel, []).append(replace(row, processed=shown[row.channel]))
    own = {row.channel for row in scene.model.rows if row.processed}
    return tuple(rows for channel, rows in by_channel.items() if channel not in own)
