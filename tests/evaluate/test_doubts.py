"""What a doubt says is what is not known: a flow that is certainly there is not called possibly off."""

from __future__ import annotations

from dataclasses import replace

from auditor.evaluate.flow_rules import forbidden_flows
from auditor.evaluate.matching import Scene
from auditor.facts.permission import Permission, Strength
from auditor.facts.profile import FlowSelector, Values
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Party, Plane, Role, UnknownKind
from tests.evaluate.builder import VENDOR, at, component, model, row

PARTS = (
    component("coder/workspace", Plane.EXECUTION, Role.WORKSPACE),
    component("vendor/api", Plane.INFERENCE, Role.MODEL_SERVER, VENDOR),
)
OUT = row("coder/workspace", "vendor/api", "chat")
STRONG = FlowSelector(strength=Values((Strength.NETWORK_POLICY.value,)))


def scene(strength: Strength | None, **changes: object) -> Scene:
    built = model(PARTS, [replace(OUT, **changes)])  # type: ignore[arg-type]
    channel = replace(built.channels[0], permission=Permission(Truth.YES, strength, (), ""))
    return Scene(replace(built, channels=(channel,)))


def texts(selector: FlowSelector, given: Scene) -> list[tuple[UnknownKind, str, Party]]:
    return [(u.kind, u.text, u.who) for u in forbidden_flows(selector, given, at(1)).unknowns]


def test_an_unknown_strength_is_called_so_and_asked_of_the_network() -> None:
    text = "How strongly the network holds chat from coder/workspace to vendor/api to what it permits is not known."
    assert texts(STRONG, scene(None)) == [(UnknownKind.FACT_UNKNOWN, text, Party.NETWORK)]
    assert texts(STRONG, scene(Strength.ADVISORY)) == []


def test_an_unknown_requirement_is_called_so() -> None:
    text = "Whether chat from coder/workspace to vendor/api is required is not known."
    given = scene(Strength.NETWORK_POLICY, required=Truth.UNKNOWN)
    assert texts(FlowSelector(required=True), given) == [(UnknownKind.FACT_UNKNOWN, text, Party.VENDOR)]


def test_a_flow_that_may_be_off_is_still_called_so() -> None:
    found = texts(STRONG, scene(None, exists=Truth.UNKNOWN))
    assert [(kind, "is on is not known" in text) for kind, text, _ in found] == [(UnknownKind.SETTING_UNKNOWN, True)]
