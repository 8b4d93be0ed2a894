"""Rows of one form answer alike: a selector over forms catches what it catches row by row, in the model's order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.evaluate.flow_rules import matching_rows
from auditor.evaluate.matching import Scene
from auditor.evaluate.row_index import RowForms
from auditor.facts.permission import Permission, Strength
from auditor.facts.profile import ComponentSelector, Direction, FlowSelector, SelectorKey, Term, Values
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import DataClass, Plane, Role, RowName, Sighting
from tests.evaluate.builder import VENDOR, component, model, row

OUTSIDE = ComponentSelector((Term(SelectorKey.PERIMETER, Values(("outside",))),))
ONE = ComponentSelector((Term(SelectorKey.ID, Values(("vendor/one",))),))
GERMANY = ComponentSelector((Term(SelectorKey.PROCESSING, Values(("DE",))),))
PARTS = (
    component("coder/workspace", Plane.EXECUTION, Role.WORKSPACE),
    component("vendor/one", Plane.INFERENCE, Role.MODEL_SERVER, VENDOR),
    component("vendor/two", Plane.INFERENCE, Role.MODEL_SERVER, VENDOR),
)
OUT = row("coder/workspace", "vendor/one", "chat", sends=[DataClass.PROMPT])
TWIN = row("coder/workspace", "vendor/two", "chat", sends=[DataClass.PROMPT])
PROMPTS = FlowSelector(destination=OUTSIDE, data=("content.prompt",))


def caught(selector: FlowSelector, *rows: FlowRow, strength: Strength | None = None) -> list[tuple[str, Truth]]:
    """Return what is caught; ``strength`` is that of the first channel, the others have none."""
    built = model(PARTS, rows)
    first, *rest = built.channels
    channels = (replace(first, permission=Permission(Truth.YES, strength, (), "")), *rest)
    return [(r.id, match.truth) for r, match in matching_rows(selector, Scene(replace(built, channels=channels)))]


def test_components_that_are_alike_are_one_form_and_an_id_tells_them_apart() -> None:
    assert caught(PROMPTS, OUT, TWIN) == [(OUT.id, Truth.YES), (TWIN.id, Truth.YES)]
    assert caught(replace(PROMPTS, destination=ONE), TWIN, OUT) == [(OUT.id, Truth.YES)]
    assert caught(replace(PROMPTS, source=ONE, direction=Direction.RECEIVES, destination=ComponentSelector()), TWIN, OUT) == [
        (OUT.id, Truth.YES)
    ]


@pytest.mark.parametrize(
    ("selector", "change"),
    [
        (PROMPTS, {"exists": Truth.NO}),
        (PROMPTS, {"sends_at_least": (), "sends_at_most": ()}),
        (replace(PROMPTS, data=("inbound.software",), direction=Direction.RECEIVES), {"receives": (DataClass.SOFTWARE,)}),
        (FlowSelector(names=(RowName.SILENT,)), {"name": RowName.ABSENT}),
        (FlowSelector(sightings=(Sighting.NONE_COVERED,)), {"sighting": Sighting.ATTEMPT}),
        (FlowSelector(required=True), {"required": Truth.YES}),
        (FlowSelector(required=False), {"exists": Truth.NO, "configured": Truth.NO}),
        (FlowSelector(destination=GERMANY), {"processing": ("DE",)}),
        (FlowSelector(destination=OUTSIDE), {"destination_candidates": ("coder/workspace",), "destination": "coder/workspace"}),
        (replace(PROMPTS, data=("inbound.software",), direction=Direction.RECEIVES), {"flow": ""}),
    ],
)
def test_each_fact_that_a_selector_asks_for_parts_the_forms(selector: FlowSelector, change: dict[str, object]) -> None:
    """Of two rows that differ in one fact, together, each is answered as it is alone."""
    other = replace(OUT, id="other", **change)  # type: ignore[arg-type]
    alone = [*caught(selector, OUT), *caught(selector, other)]
    assert caught(selector, OUT, other) == alone
    assert len({truth for _, truth in alone}) + (len(alone) < 2) > 1


def test_the_strength_of_the_permission_parts_the_forms() -> None:
    strong = FlowSelector(strength=Values((Strength.NO_ROUTE.value,)))
    assert caught(strong, OUT, TWIN, strength=Strength.NO_ROUTE) == [(OUT.id, Truth.YES), (TWIN.id, Truth.UNKNOWN)]
    assert caught(strong, OUT, TWIN, strength=Strength.ADVISORY) == [(TWIN.id, Truth.UNKNOWN)]


def test_the_first_of_each_form_is_kept_and_every_row_has_its_number() -> None:
    forms = RowForms((OUT, TWIN, replace(OUT, id="again")), (OUT.destination, TWIN.destination, OUT.destination))
    assert [r.id for r in forms.first] == [OUT.id, TWIN.id]
    assert forms.positions == [[0, 2], [1]]
    assert forms.numbers == {OUT.id: 0, TWIN.id: 1, "again": 0}
