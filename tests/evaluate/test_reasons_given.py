"""What an unknown says of a row or a component: the most basic fact that is missing, in its own words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.evaluate.doubts import doubts
from auditor.evaluate.matching import Scene
from auditor.evaluate.presence import Presence, component_doubts
from auditor.facts.inventory import Component, Unknown
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import DataClass, Party, Plane, Role, UnknownKind
from tests.evaluate.builder import NOWHERE, VENDOR, at, component, model, row

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
SPACE = component("coder/workspace", Plane.EXECUTION, Role.WORKSPACE)
SERVER = component("vendor/api", Plane.INFERENCE, Role.MODEL_SERVER, VENDOR)
PARTS = (SPACE, SERVER)
OUT = row("coder/workspace", "vendor/api", "chat", sends=[DataClass.PROMPT])
OPEN = Unknown(UnknownKind.SETTING_UNKNOWN, "chat", "whether it is on")


def doubt(given: FlowRow, exists: Truth = YES, carried: Truth = YES, *parts: Component, **of_channel: object) -> Unknown:
    made = model(parts or PARTS, [given])
    channels = tuple(replace(c, **of_channel) for c in made.channels)  # type: ignore[arg-type]
    (found,) = doubts(given, exists, carried, Scene(replace(made, channels=channels)))
    return found


def test_a_rows_own_unknowns_go_first() -> None:
    assert doubt(replace(OUT, unknowns=(OPEN,)), UNKNOWN) is OPEN


def test_whether_a_flow_is_there() -> None:
    maybe = replace(OUT, exists=UNKNOWN, reason="it is not set")
    assert doubt(maybe, UNKNOWN).text == "Whether chat from coder/workspace to vendor/api is on is not known: it is not set"
    assert doubt(replace(maybe, purpose=""), UNKNOWN).text.startswith("Whether this flow from")
    unexplained = doubt(replace(maybe, flow=""), UNKNOWN)
    assert (unexplained.kind, unexplained.who) == (UnknownKind.UNEXPLAINED_TRAFFIC, Party.NETWORK)


def test_what_is_asked_of_a_flow_that_is_there() -> None:
    made = model(PARTS, [OUT])
    nowhere = Scene(replace(made, channels=()))
    assert doubts(OUT, UNKNOWN, YES, nowhere)[0].text.startswith("How strongly the network holds chat from coder/workspace")
    assert doubts(replace(OUT, purpose=""), UNKNOWN, YES, nowhere)[0].text.startswith("How strongly the network holds this flow")


def test_who_sends() -> None:
    ghost = replace(OUT, source="addr:192.0.2.9", source_candidates=())
    assert doubt(ghost).kind is UnknownKind.SOURCE_NOT_ESTABLISHED
    assert doubt(replace(OUT, source_candidates=())).kind is UnknownKind.FACT_UNKNOWN  # the source is a known component
    named = replace(ghost, source_candidates=("addr:192.0.2.9",))
    assert doubt(named).kind is UnknownKind.DESTINATION_UNKNOWN


@pytest.mark.parametrize("end", ["source", "destination"])
def test_evidence_that_contradicts_itself(end: str) -> None:
    (channel,) = model(PARTS, [OUT]).channels
    torn = {end: replace(getattr(channel, end), conflict="two owners")}
    found = doubt(OUT, YES, YES, **torn)
    assert (found.kind, found.text) == (UnknownKind.CONFLICT, "The evidence on vendor/api contradicts itself: two owners.")
    assert doubts(OUT, YES, YES, Scene(replace(model(PARTS, [OUT]), channels=())))[0].kind is UnknownKind.FACT_UNKNOWN


def test_where_an_end_is_and_who_runs_it() -> None:
    nowhere = replace(SERVER, place=replace(NOWHERE, reason=""))
    assert doubt(OUT, YES, YES, SPACE, nowhere).text == "Whether vendor api is inside the perimeter is not known."
    why = replace(SERVER, place=NOWHERE)
    assert doubt(OUT, YES, YES, SPACE, why).text.endswith("is not known: no zone is given for it.")
    ownerless = replace(SERVER, place=replace(VENDOR, operator=""))
    assert doubt(OUT, YES, YES, SPACE, ownerless).text == "Who operates vendor api is not known."
    assert doubt(OUT, YES, YES, SERVER).subject == "coder/workspace"


ADDRESS = component("addr:192.0.2.9", Plane.INFERENCE, Role.MODEL_SERVER, VENDOR)
TO_ADDRESS = row("coder/workspace", "addr:192.0.2.9", "chat", sends=[DataClass.PROMPT])
HIDES = "addr:192.0.2.9 hides its name, so what coder/workspace sends there is not known."


@pytest.mark.parametrize(
    ("given", "carried", "of_channel", "text"),
    [
        (TO_ADDRESS, UNKNOWN, {"name_hidden": True, "names": ("a.example",)}, HIDES),
        (TO_ADDRESS, UNKNOWN, {"names": ()}, HIDES),
        (TO_ADDRESS, UNKNOWN, {"names": ("a.example",)}, "What coder/workspace sends to addr:192.0.2.9 is not known well enough"),
        (OUT, UNKNOWN, {"names": ()}, "What coder/workspace sends to vendor/api is not known well enough to judge."),
        (OUT, UNKNOWN, {}, "What coder/workspace sends to vendor/api is not known well enough to judge."),
        (replace(OUT, flow=""), UNKNOWN, {}, "Nothing explains the traffic from coder/workspace to vendor/api; it may hold all"),
        (TO_ADDRESS, YES, {"name_hidden": True, "names": ()}, "A fact about addr:192.0.2.9"),
        (replace(OUT, flow=""), YES, {}, "A fact about vendor/api"),
    ],
)
def test_what_is_sent(given: FlowRow, carried: Truth, of_channel: dict[str, object], text: str) -> None:
    parts = (SPACE, ADDRESS if given is TO_ADDRESS else SERVER)
    assert doubt(given, YES, carried, *parts, **of_channel).text.startswith(text)


def test_a_row_without_a_channel_hides_nothing() -> None:
    bare = Scene(replace(model((SPACE, ADDRESS), [TO_ADDRESS]), channels=()))
    assert doubts(TO_ADDRESS, YES, UNKNOWN, bare)[0].kind is UnknownKind.FACT_WEAK


@pytest.mark.parametrize(
    ("countries", "why", "text"),
    [
        (None, "", "A fact about vendor/api (its place, role, operator or country) is not known."),
        (("US",), "", "A fact about vendor/api (its place, role, operator or country) is not known."),
        (("DE", "US"), "it is global", "is not known, or not narrow enough (any of DE, US): it is global."),
    ],
)
def test_where_it_is_processed(countries: tuple[str, ...] | None, why: str, text: str) -> None:
    assert doubt(replace(OUT, processing=countries, processing_reason=why)).text.endswith(text)


def reasons(given: Component, present: Truth = YES, *rows: FlowRow) -> list[str]:
    return [u.text for u in component_doubts(given, present, rows)]


def test_whether_a_component_takes_part() -> None:
    untitled = replace(SERVER, title="")
    assert reasons(SERVER, UNKNOWN) == ["Whether vendor api takes part in this deployment is not known."]
    assert reasons(untitled, UNKNOWN) == ["Whether vendor/api takes part in this deployment is not known."]
    why = replace(SERVER, present=UNKNOWN, present_reason="no document says so")
    told = ["Whether vendor api takes part in this deployment is not known: no document says so."]
    maybe = replace(OUT, exists=UNKNOWN, unknowns=(OPEN,))
    assert reasons(replace(why, system="vendor"), UNKNOWN, maybe) == told
    assert reasons(why, UNKNOWN) == told
    assert reasons(why, UNKNOWN, maybe) == [OPEN.text], "outside every system only a flow brings it in, so its question decides"
    assert reasons(SERVER, UNKNOWN, maybe) == [OPEN.text]
    certain = replace(maybe, exists=YES)
    assert reasons(SERVER, UNKNOWN, certain) == ["Whether vendor api takes part in this deployment is not known."]
    assert reasons(SERVER, UNKNOWN, certain, maybe) == [OPEN.text]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"plane": None}, "What vendor api is for is not known: nothing explains it."),
        ({"role": None}, "What vendor api is for is not known: nothing explains it."),
        ({"title": "", "plane": None}, "What vendor/api is for is not known: nothing explains it."),
        ({"place": NOWHERE}, "Whether vendor api is inside the perimeter is not known: no zone is given for it."),
        ({"place": replace(NOWHERE, reason="")}, "Whether vendor api is inside the perimeter is not known."),
        ({"place": replace(VENDOR, operator="")}, "Who operates vendor api, and on whose machines, is not known."),
        ({"place": replace(VENDOR, hosted_by="")}, "Who operates vendor api, and on whose machines, is not known."),
        ({}, "A fact about vendor api (its country or product) is not known."),
        ({"place": replace(VENDOR, processing=None)}, "A fact about vendor api (its country or product) is not known."),
        (
            {"place": replace(VENDOR, processing=("DE", "US"), storage=("US",))},
            "A fact about vendor api (its country or product) is not known, or not narrow enough: it processes in any of DE, US.",
        ),
        (
            {"place": replace(VENDOR, processing=("DE", "US"), storage=("DE", "US"))},
            "not known, or not narrow enough: it processes in any of DE, US and stores in any of DE, US.",
        ),
    ],
)
def test_what_is_missing_of_a_component(changes: dict[str, object], text: str) -> None:
    (told,) = reasons(replace(SERVER, **changes))  # type: ignore[arg-type]
    assert told.endswith(text)


def test_evidence_on_a_component_is_its_own_else_that_of_a_certain_row() -> None:
    maybe = replace(OUT, id="1", exists=UNKNOWN, evidence=(at(1),))
    certain = replace(OUT, id="2", evidence=(at(2),))
    bare = replace(OUT, id="0", evidence=())
    made = model(PARTS, [bare, maybe, certain])
    assert Presence(Scene(made)).evidence(SERVER) == (at(2),)
    assert Presence(Scene(model(PARTS, [bare, maybe]))).evidence(SERVER) == (at(1),)
    assert Presence(Scene(model(PARTS, [bare]))).evidence(SERVER) == ()
    assert Presence(Scene(made)).evidence(replace(SERVER, evidence=(at(7),))) == (at(7),)


@pytest.mark.parametrize(
    ("changes", "expected"), [({}, NO), ({"system": "vendor"}, YES), ({"place": replace(VENDOR, inside=True)}, YES)]
)
def test_only_what_lies_outside_every_system_and_the_perimeter_needs_a_flow(changes: dict[str, object], expected: Truth) -> None:
    given = replace(SERVER, **changes)  # type: ignore[arg-type]
    off = replace(OUT, exists=NO)
    assert Presence(Scene(model((SPACE, given), [off]))).of(given) is expected
