"""A component outside every system takes part by a flow alone; a flow that may go elsewhere decides nothing by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.evaluate.matching import Scene
from auditor.evaluate.presence import Presence
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Plane, Role
from tests.evaluate.builder import VENDOR, component, model, row

INSIDE = component("s0/part", Plane.EXECUTION, Role.WORKSPACE)
OUTSIDE = component("o1/part", Plane.INFERENCE, Role.MODEL_SERVER, VENDOR)


def own(exists: Truth) -> FlowRow:
    """Return a row that goes to the outside component and nowhere else."""
    return row("s0/part", "o1/part", exists=exists)


def shared(exists: Truth) -> FlowRow:
    """Return a row that may as well stay inside."""
    return replace(own(exists), destination_candidates=("o1/part", "s0/part"))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], Truth.YES),
        ([own(Truth.YES)], Truth.YES),
        ([own(Truth.NO)], Truth.NO),
        ([own(Truth.UNKNOWN)], Truth.UNKNOWN),
        ([shared(Truth.NO)], Truth.UNKNOWN),
        ([shared(Truth.YES)], Truth.UNKNOWN),
        ([own(Truth.NO), shared(Truth.NO)], Truth.NO),
        ([own(Truth.NO), shared(Truth.YES)], Truth.UNKNOWN),
        ([own(Truth.YES), shared(Truth.NO)], Truth.YES),
    ],
)
def test_only_a_flow_of_its_own_brings_an_outside_component_in_or_keeps_it_out(rows: list[FlowRow], expected: Truth) -> None:
    assert Presence(Scene(model([INSIDE, OUTSIDE], rows))).of(OUTSIDE) is expected


def test_a_component_of_a_system_is_there_without_any_flow() -> None:
    assert Presence(Scene(model([INSIDE, OUTSIDE], [own(Truth.NO)]))).of(INSIDE) is Truth.YES
