"""Calls that a log shows abroad and that may be any of several flows: one of them is a breach if each would be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.evaluate.flow_rules import forbidden_flows
from auditor.evaluate.matching import Scene
from auditor.evaluate.outcome import Found
from auditor.facts.model import Model
from auditor.facts.profile import ComponentSelector, Direction, FlowSelector, SelectorKey, Term, Values
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import DataClass, Plane, Role, RowName
from tests.evaluate.builder import VENDOR, at, component, model, row, seen

ABROAD = ComponentSelector((Term(SelectorKey.PROCESSING, Values(("DE",), negated=True)),))
CONTENT = FlowSelector(ComponentSelector(), ABROAD, ("content",))
PARTS = (
    component("coder/agent-loop", Plane.AGENT_LOOP, Role.AGENT_LOOP),
    component("vendor/api", Plane.INFERENCE, Role.MODEL_SERVER, replace(VENDOR, processing=None)),
)


def shared(purpose: str, *, sends: DataClass = DataClass.PROMPT) -> FlowRow:
    return replace(seen(row("coder/agent-loop", "vendor/api", purpose, sends=[sends])), name=RowName.CONFIRMED_SHARED)


def found(*rows: FlowRow, processed: tuple[str, ...] = ("US",), selector: FlowSelector = CONTENT) -> Found:
    made: Model = model(PARTS, rows)
    channels = tuple(replace(channel, processed=processed) for channel in made.channels)
    return forbidden_flows(selector, Scene(replace(made, channels=channels)), at(1, "profile.yaml"))


CHAT, SMALL, USAGE = shared("chat"), shared("small"), shared("usage", sends=DataClass.USAGE)


def test_whichever_flow_it_was_it_is_a_breach() -> None:
    result = found(CHAT, SMALL)
    assert [v.rows for v in result.violations] == [(CHAT.id,), (SMALL.id,)]
    assert result.violations[0].title == (
        "From coder agent-loop to vendor api, run by Vendor Inc. (law of US): prompts (chat; configured, "
        "seen in captured traffic and processing in US "
        "by the word of a log, which does not tell it from other flows there)."
    )
    assert result.unknowns == ()


def test_it_may_have_been_the_flow_that_nothing_is_asked_of() -> None:
    result = found(CHAT, USAGE)
    assert result.violations == ()
    assert [u.subject for u in result.unknowns] == [CHAT.id]


@pytest.mark.parametrize("processed", [("DE",), ()])
def test_calls_at_home_or_nowhere_shown_prove_nothing(processed: tuple[str, ...]) -> None:
    result = found(CHAT, SMALL, processed=processed)
    assert (result.violations, len(result.unknowns)) == ((), 2)


def test_a_flow_that_is_switched_off_made_no_call() -> None:
    off = replace(USAGE, exists=Truth.NO)
    assert [v.rows for v in found(CHAT, off).violations] == [(CHAT.id,)]


def test_a_flow_that_may_be_on_may_have_made_the_call() -> None:
    assert found(CHAT, replace(USAGE, exists=Truth.UNKNOWN)).violations == ()
    assert [v.rows for v in found(CHAT, replace(SMALL, exists=Truth.UNKNOWN)).violations] == [(CHAT.id,)]
    open_ones = [replace(flow, exists=Truth.UNKNOWN) for flow in (CHAT, SMALL)]
    assert [v.rows for v in found(*open_ones).violations] == [(CHAT.id,), (SMALL.id,)]


def test_calls_that_are_known_to_be_one_flow_are_no_other() -> None:
    own = replace(CHAT, processed=("US",), name=RowName.CONFIRMED)
    result = found(own, SMALL)
    assert [v.rows for v in result.violations] == [(own.id,)]
    assert "processing in US by the word of a log)" in result.violations[0].title
    assert [u.subject for u in result.unknowns] == [SMALL.id]


def test_only_who_asks_for_the_place_of_processing_is_answered_by_it() -> None:
    inside = ComponentSelector((Term(SelectorKey.STORAGE, Values(("DE",), negated=True)),))
    nowhere = replace(CONTENT, destination=inside)
    stored = replace(PARTS[1], place=replace(PARTS[1].place, storage=None))
    made = model((PARTS[0], stored), (CHAT, SMALL))
    channels = tuple(replace(channel, processed=("US",)) for channel in made.channels)
    assert forbidden_flows(nowhere, Scene(replace(made, channels=channels)), at(1)).violations == ()


def test_data_that_comes_back_from_abroad_counts_as_well() -> None:
    """``from`` may be asked where it processes too: what answers is then the source of the data."""
    selector = FlowSelector(ABROAD, ComponentSelector(), ("content",), Direction.SENDS)
    back = [replace(flow, sends_at_least=(), sends_at_most=(), receives=(DataClass.COMPLETION,)) for flow in (CHAT, SMALL)]
    assert [(v.source, v.rows) for v in found(*back, selector=selector).violations] == [("vendor/api", (b.id,)) for b in back]


def test_what_else_is_asked_of_an_end_leaves_the_question_of_its_place() -> None:
    both = ComponentSelector((Term(SelectorKey.PERIMETER, Values(("outside",))), *ABROAD.terms))
    assert len(found(CHAT, SMALL, selector=replace(CONTENT, destination=both)).violations) == 2


def test_without_any_call_shown_what_may_not_be_there_stays_open() -> None:
    abroad = [replace(flow, exists=Truth.UNKNOWN, processing=("US",)) for flow in (CHAT, SMALL)]
    result = found(*abroad, processed=())
    assert (result.violations, len(result.unknowns)) == ((), 2)


def test_calls_on_one_channel_tell_nothing_of_another() -> None:
    other = replace(shared("other"), channel="another")
    made = model(PARTS, (CHAT, SMALL, other))
    channels = tuple(replace(c, processed=("US",)) if c.id == CHAT.channel else c for c in made.channels)
    result = forbidden_flows(CONTENT, Scene(replace(made, channels=channels)), at(1, "profile.yaml"))
    assert [v.rows for v in result.violations] == [(CHAT.id,), (SMALL.id,)]
    assert [u.subject for u in result.unknowns] == [other.id]
