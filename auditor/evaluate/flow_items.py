"""Flows as things that a requirement counts: every flow that …, at least one flow that …."""

from __future__ import annotations

from functools import partial

from auditor.evaluate.doubts import doubts
from auditor.evaluate.flow_rules import RowMatch, matching_rows, row_test, row_violation
from auditor.evaluate.matching import Scene
from auditor.evaluate.outcome import Violation
from auditor.evaluate.quantifiers import Item
from auditor.evaluate.wholly import wholly
from auditor.facts.evidence import Evidence
from auditor.facts.profile import FlowSelector
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth


def flow_items(
    where: FlowSelector, every: FlowSelector | None, some: FlowSelector | None, scene: Scene, fallback: Evidence
) -> list[Item]:
    """Return every row that may belong to ``where`` as an item of a requirement."""
    counted = row_test(wholly(where), scene)
    meets = None if every is None else row_test(wholly(every), scene, of_member=True)
    meets_one = None if some is None else row_test(wholly(some), scene, of_member=True)
    items = []
    for row, match in matching_rows(where, scene):
        items.append(
            Item(
                id=row.id,
                member=match.truth,
                counted=counted(row).truth,
                every=Truth.YES if meets is None else meets(row).truth,
                some=Truth.YES if meets_one is None else meets_one(row).truth,
                breach=partial(_breach, row, match, scene, fallback),
                doubt=partial(doubts, row, match.exists, match.carried, scene),
            )
        )
    return items


def _breach(row: FlowRow, match: RowMatch, scene: Scene, fallback: Evidence, _demand: str) -> Violation:
    return row_violation(row, match, scene, fallback)
