"""A destination outside processes where the flows to it say, and nowhere known as soon as one of them does not tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.facts.inventory import Component
from auditor.facts.places import CUSTOMER, Countries, Place
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Plane, Role
from auditor.reconcile import placed_by_flows
from tests.evaluate.builder import row

SERVER = Component(
    "aws/model_server@eu-central-1",
    "Bedrock",
    Plane.INFERENCE,
    Role.MODEL_SERVER,
    "",
    "",
    "",
    Place(False, "aws", "aws", None, ("DE",), "US", reason="the model id decides"),
)


def to(countries: Countries, number: int = 1, exists: Truth = Truth.YES, why: str = "") -> FlowRow:
    made = row("coder/agent-loop", SERVER.id, f"model {number}", exists=exists)
    return replace(made, processing=countries, processing_reason=why)


def place(*rows: FlowRow, component: Component = SERVER) -> Place:
    return placed_by_flows([component], rows)[0].place


@pytest.mark.parametrize("exists", [Truth.YES, Truth.UNKNOWN])
def test_what_may_go_there_decides(exists: Truth) -> None:
    assert place(to(("DE",)), to(("IE", "SE"), 2, exists)) == replace(SERVER.place, processing=("DE", "IE", "SE"), reason="")


def test_one_flow_that_does_not_tell_leaves_it_open() -> None:
    found = place(to(("DE",)), to(None, 2, why="a global profile"))
    assert (found.processing, found.reason) == (None, "a global profile")


def test_one_flow_that_does_not_tell_opens_what_the_catalog_said() -> None:
    known = replace(SERVER, place=replace(SERVER.place, processing=("DE",), reason=""))
    assert place(to(None), component=known).processing is None


def test_what_is_switched_off_decides_nothing() -> None:
    assert place(to(None, exists=Truth.NO), to(("DE",), 2)).processing == ("DE",)
    assert place(to(("DE",), exists=Truth.NO)) == SERVER.place


def test_what_may_go_elsewhere_decides_nothing() -> None:
    either = replace(to(("DE",)), destination_candidates=(SERVER.id, "openai/model_server"))
    assert place(either) == SERVER.place


@pytest.mark.parametrize("inside", [True, None])
def test_what_a_zone_says_of_an_own_component_stays(inside: bool | None) -> None:
    own = Place(inside, CUSTOMER, CUSTOMER, ("DE",), ("DE",))
    assert place(to(("US",)), component=replace(SERVER, place=own)) == own
    assert place(to(("US",)), component=replace(SERVER, system="llm")) == SERVER.place
