"""``{not: [US]}`` over sets of countries: a set partly outside satisfies no requirement, and breaks every prohibition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from auditor.evaluate.judging import Judge
from auditor.evaluate.matching import Scene
from auditor.evaluate.outcome import Outcome
from auditor.facts.evidence import FileLocation
from auditor.facts.inventory import Component, Store
from auditor.facts.model import Model
from auditor.facts.places import Countries
from auditor.facts.profile import (
    ComponentSelector,
    Condition,
    Control,
    EvidenceNeed,
    Exists,
    FlowSelector,
    Forbid,
    Junction,
    Require,
    Requirement,
    Selector,
    SelectorKey,
    StoreSelector,
    Term,
    Values,
)
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, DataClass, OnUnknown, Plane, Role, Severity, Verdict
from tests.evaluate.builder import AS_OF, VENDOR, component, model, row

PASS, FAIL, UNKNOWN, NOT_APPLICABLE = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN, Verdict.NOT_APPLICABLE
NOT_US = Values(("US",), negated=True)
INFERENCE = ComponentSelector((Term(SelectorKey.PLANE, Values(("inference",))),))
ABROAD = ComponentSelector((Term(SelectorKey.PROCESSING, NOT_US),))
CUSTOMER = ComponentSelector((Term(SelectorKey.OPERATOR, Values(("customer",))),))
PROMPTS = ("content.prompt",)
LOOP = component("coder/agent-loop", Plane.AGENT_LOOP, Role.AGENT_LOOP)


def control(requirement: Requirement, when: Condition | None = None) -> Control:
    needed = (Basis.CONFIGURED,)
    return Control(
        id="X-01",
        title="x",
        owner="x",
        requirement=requirement,
        when=when,
        evidence=EvidenceNeed(needed, needed, needed),
        on_unknown=OnUnknown.BLOCK,
        severity=Severity.HIGH,
        maps=(),
        rationale="",
        remediation="",
        parameters=(),
        location=FileLocation("x.yaml", "a" * 64, 1, 1),
    )


def server(countries: Countries) -> Component:
    return component("vendor/llm", Plane.INFERENCE, Role.MODEL_SERVER, replace(VENDOR, processing=countries, storage=countries))


def deployment(countries: Countries) -> Model:
    """Return a loop that sends prompts to a model server which processes and keeps them in ``countries``."""
    sent = replace(row(LOOP.id, "vendor/llm", sends=[DataClass.PROMPT]), processing=countries)
    store = Store("vendor/llm/log", "prompt log", "vendor/llm", (DataClass.PROMPT,), countries, "", "")
    return model([LOOP, server(countries)], [sent], stores=[store])


def judge(requirement: Requirement, countries: Countries, when: Condition | None = None) -> Outcome:
    return Judge(Scene(deployment(countries)), AS_OF).outcome(control(requirement, when))


def of_components(key: SelectorKey) -> tuple[Selector, Selector]:
    return INFERENCE, ComponentSelector((Term(key, NOT_US),))


NOUNS: dict[str, tuple[Selector, Selector]] = {
    "component, processing": of_components(SelectorKey.PROCESSING),
    "component, storage": of_components(SelectorKey.STORAGE),
    "flow, place of processing": (FlowSelector(data=PROMPTS), FlowSelector(destination=ABROAD)),
    "flow, place of processing of its data": (FlowSelector(data=PROMPTS), FlowSelector(destination=ABROAD, data=PROMPTS)),
    "flow, its destination's storage": (
        FlowSelector(data=PROMPTS),
        FlowSelector(destination=ComponentSelector((Term(SelectorKey.STORAGE, NOT_US),))),
    ),
    "store, country": (StoreSelector(data=PROMPTS), StoreSelector(country=NOT_US)),
    "store, where it is kept": (StoreSelector(data=PROMPTS), StoreSelector(at=ABROAD)),
}
"""(where, what is required) of each noun."""
QUANTIFIERS: dict[str, Callable[[Selector, Selector], Require]] = {
    "all": lambda where, what: Require(where, every=what),
    "any": lambda where, what: Require(where, some=what),
    "at_least": lambda where, what: Require(_both(where, what)),
}


def _both(where: Selector, what: Selector) -> Selector:
    """Return one selector that asks both, for the counting of ``at_least``."""
    if isinstance(where, ComponentSelector) and isinstance(what, ComponentSelector):
        return ComponentSelector((*where.terms, *what.terms))
    if isinstance(where, FlowSelector) and isinstance(what, FlowSelector):
        return replace(where, destination=what.destination)
    assert isinstance(where, StoreSelector)
    assert isinstance(what, StoreSelector)
    return replace(where, country=what.country, at=what.at)


@pytest.mark.parametrize("noun", NOUNS)
@pytest.mark.parametrize("quantifier", ["all", "any"])
@pytest.mark.parametrize(
    ("countries", "expected"),
    [(("DE",), PASS), (("DE", "FR"), PASS), (("DE", "US"), UNKNOWN), (("US",), FAIL), (None, UNKNOWN)],
)
def test_a_set_partly_outside_satisfies_no_requirement(
    noun: str, quantifier: str, countries: Countries, expected: Verdict
) -> None:
    found = judge(QUANTIFIERS[quantifier](*NOUNS[noun]), countries)
    assert found.verdict is expected
    assert bool(found.unknowns) is (expected is UNKNOWN)
    assert all("DE, US" in u.text for u in found.unknowns if countries)


@pytest.mark.parametrize("noun", NOUNS)
@pytest.mark.parametrize(
    ("countries", "expected"), [(("DE",), PASS), (("DE", "US"), UNKNOWN), (("US",), UNKNOWN), (None, UNKNOWN)]
)
def test_a_set_partly_outside_is_not_counted(noun: str, countries: Countries, expected: Verdict) -> None:
    """Wholly inside nothing matches ``where``, so there is nothing to judge."""
    assert judge(QUANTIFIERS["at_least"](*NOUNS[noun]), countries).verdict is expected


@pytest.mark.parametrize("noun", NOUNS)
@pytest.mark.parametrize(("countries", "expected"), [(("DE",), FAIL), (("DE", "US"), FAIL), (("US",), PASS), (None, UNKNOWN)])
def test_a_set_partly_outside_breaks_a_prohibition(noun: str, countries: Countries, expected: Verdict) -> None:
    what = _both(*NOUNS[noun])
    assert judge(Forbid(what), countries).verdict is expected


@pytest.mark.parametrize(("countries", "expected"), [(("DE",), FAIL), (("DE", "US"), FAIL), (("US",), UNKNOWN)])
def test_all_asks_of_whatever_lies_partly_outside(countries: Countries, expected: Verdict) -> None:
    """Of what lies wholly within the list nothing is asked, and then there is nothing to judge."""
    where = ComponentSelector((*INFERENCE.terms, *ABROAD.terms))
    assert judge(Require(where, every=CUSTOMER), countries).verdict is expected


CONDITIONS: dict[str, Exists] = {
    "component": Exists(ComponentSelector((*INFERENCE.terms, *ABROAD.terms))),
    "flow": Exists(FlowSelector(destination=ABROAD, data=PROMPTS)),
}


@pytest.mark.parametrize("noun", CONDITIONS)
@pytest.mark.parametrize(
    ("countries", "expected"), [(("DE",), FAIL), (("DE", "US"), FAIL), (("US",), NOT_APPLICABLE), (None, UNKNOWN)]
)
def test_a_condition_holds_of_what_lies_partly_outside(noun: str, countries: Countries, expected: Verdict) -> None:
    assert judge(Require(INFERENCE, every=CUSTOMER), countries, CONDITIONS[noun]).verdict is expected


@pytest.mark.parametrize("noun", CONDITIONS)
@pytest.mark.parametrize(
    ("countries", "expected"), [(("DE",), NOT_APPLICABLE), (("DE", "US"), UNKNOWN), (("US",), FAIL), (None, UNKNOWN)]
)
def test_a_condition_denied_is_undecided_by_what_lies_partly_outside(noun: str, countries: Countries, expected: Verdict) -> None:
    once = Junction("not", (CONDITIONS[noun],))
    thrice = Junction("not", (Junction("not", (once,)),))
    for when in (once, thrice, Junction("all", (once,)), Junction("any", (once,))):
        assert judge(Require(INFERENCE, every=CUSTOMER), countries, when).verdict is expected


def test_what_is_asked_of_a_flow_does_not_ask_again_whether_it_exists() -> None:
    """A flow that counts by its name need not carry data to be what is required of it."""
    latent = replace(row(LOOP.id, "vendor/llm", exists=Truth.NO), processing=("DE",))
    where = FlowSelector(names=(latent.name,))
    built = model([LOOP, server(("DE",))], [latent])
    outcome = Judge(Scene(built), AS_OF).outcome(control(Require(where, every=FlowSelector(destination=ABROAD))))
    assert outcome.verdict is PASS
