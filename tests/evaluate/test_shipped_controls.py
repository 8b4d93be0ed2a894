"""Every control of every shipped profile: one deployment that passes, one that fails, one that leaves it unknown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from auditor.evaluate import load_profile, shipped_profiles
from auditor.evaluate.judging import Judge
from auditor.evaluate.matching import Scene
from auditor.evaluate.outcome import Outcome
from auditor.evaluate.resolving import resolved
from auditor.facts.inventory import Store
from auditor.facts.permission import Strength
from auditor.facts.places import Place
from auditor.facts.profile import Control
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import DataClass, Plane, Role, RowName, Sighting, Stage, Verdict
from tests.evaluate.builder import AS_OF, NOWHERE, VENDOR, Mini, air_gapped, component, coverage, row

Change = Callable[[Mini], Mini]
CONTROLS: dict[str, Control] = {c.id: resolved(c) for name in shipped_profiles() for c in load_profile(name).controls}
TELEMETRY = "coder/control-plane>vendor/telemetry#telemetry"


def moved(id_: str, place: Place = VENDOR) -> Change:
    """Return the change that puts a component elsewhere."""
    return lambda mini: mini.with_component(replace(mini.components[id_], place=place))


def partner_hosted(mini: Mini) -> Mini:
    found = mini.components["coder/workspace"]
    return mini.with_component(replace(found, place=replace(found.place, hosted_by="partner")))


def host_unknown(mini: Mini) -> Mini:
    found = mini.components["coder/workspace"]
    return mini.with_component(replace(found, place=replace(found.place, hosted_by="")))


def telemetry(exists: Truth, *classes: DataClass, **changes: object) -> Change:
    """Return the change that sets the one flow to the outside."""

    def change(mini: Mini) -> Mini:
        changed = row("coder/control-plane", "vendor/telemetry", "telemetry", exists=exists, sends=classes)
        return mini.with_row(replace(changed, **changes))  # type: ignore[arg-type]

    return change


def routed(operator: str) -> Change:
    """Return the change that puts a gateway of ``operator`` before the model."""

    def change(mini: Mini) -> Mini:
        proxy = component("vendor/proxy", Plane.SUPPORTING, Role.PROXY, replace(VENDOR, operator=operator))
        mini = mini.with_component(proxy).with_row(row("coder/ai-gateway", "vendor/proxy", "model requests"))
        return mini.with_row(row("vendor/proxy", "llm/model-server", "model requests"))

    return change


def dialled_in(exists: Truth) -> Change:
    return lambda mini: mini.with_row(row("vendor/telemetry", "coder/control-plane", "remote support", exists=exists))


def abroad(country: str) -> Change:
    """Return the change that sends prompts to a vendor who processes, stores and sits in ``country``, empty for unknown."""

    def change(mini: Mini) -> Mini:
        known = (country,) if country else None
        place = replace(VENDOR, processing=known, storage=known, operator_country=country)
        return telemetry(Truth.YES, DataClass.PROMPT)(moved("vendor/telemetry", place)(mini))

    return change


def processed(*countries: str) -> Change:
    """Return the change that moves the model's place of processing."""

    def change(mini: Mini) -> Mini:
        found = mini.components["llm/model-server"]
        return mini.with_component(replace(found, place=replace(found.place, processing=countries or None)))

    return change


def kept(*countries: str) -> Change:
    def change(mini: Mini) -> Mini:
        classes = (DataClass.TRANSCRIPT,)
        return replace(mini, stores=(Store("coder/t", "transcripts", "coder/agent-loop", classes, countries or None, "", ""),))

    return change


def enforced(strength: Strength | None) -> Change:
    def change(mini: Mini) -> Mini:
        found = telemetry(Truth.YES)(mini)
        return replace(found, strengths={"coder/control-plane>vendor/telemetry/tcp/443": strength} if strength else {})

    return change


def named(name: RowName, place: Place = VENDOR) -> Change:
    return lambda mini: moved("vendor/telemetry", place)(telemetry(Truth.NO, name=name)(mini))


def american(mini: Mini) -> Mini:
    """Return the deployment with everything inside in the United States."""
    inside = {
        k: replace(c, place=replace(c.place, processing=("US",), storage=("US",))) if c.place.inside else c
        for k, c in mini.components.items()
    }
    return replace(mini, components=inside)


BASES: dict[str, Change] = {
    "USR": american,
    "USR-03": lambda mini: kept("US")(american(mini)),
    "EUR-03": kept("DE"),
}
EXAMPLES: dict[str, tuple[Change, Change]] = {
    "VM-01": (moved("coder/workspace", replace(VENDOR, operator="an unnamed party")), moved("coder/workspace", NOWHERE)),
    "SHE-01": (moved("coder/workspace"), moved("coder/workspace", NOWHERE)),
    "SHE-02": (partner_hosted, host_unknown),
    "FSH-01": (moved("coder/control-plane"), moved("coder/control-plane", NOWHERE)),
    "FSH-02": (moved("coder/agent-loop"), moved("coder/agent-loop", NOWHERE)),
    "FSH-03": (moved("coder/ai-gateway"), moved("coder/ai-gateway", NOWHERE)),
    "FSH-04": (routed("vendor"), routed("")),
    "INW-01": (telemetry(Truth.YES, DataClass.PROMPT), telemetry(Truth.YES, sends_at_most=(DataClass.PROMPT,))),
    "INW-02": (telemetry(Truth.YES, DataClass.REPOSITORY), telemetry(Truth.UNKNOWN, DataClass.REPOSITORY)),
    "INW-03": (telemetry(Truth.YES, DataClass.CREDENTIAL), telemetry(Truth.YES, sends_at_most=(DataClass.CREDENTIAL,))),
    "AG-01": (telemetry(Truth.YES), telemetry(Truth.UNKNOWN)),
    "AG-02": (
        telemetry(Truth.NO, sighting=Sighting.ATTEMPT, name=RowName.ATTEMPTED),
        lambda m: moved("vendor/telemetry", NOWHERE)(telemetry(Truth.NO, sighting=Sighting.ATTEMPT)(m)),
    ),
    "AG-03": (telemetry(Truth.YES, required=Truth.YES), telemetry(Truth.YES, required=Truth.UNKNOWN)),
    "AG-04": (dialled_in(Truth.YES), dialled_in(Truth.UNKNOWN)),
    "EUR-01": (abroad("CH"), abroad("")),
    "EUR-02": (processed("GB"), processed()),
    "EUR-03": (kept("US"), kept()),
    "EUR-04": (abroad("NO"), abroad("")),
    "EUR-05": (abroad("US"), abroad("")),
    "USR-01": (abroad("DE"), abroad("")),
    "USR-02": (processed("CA"), processed()),
    "USR-03": (kept("DE"), kept()),
    "USR-04": (abroad("DE"), abroad("")),
    "USR-05": (abroad("DE"), abroad("")),
    "RP-01": (named(RowName.LATENT), named(RowName.OPEN, NOWHERE)),
    "RP-02": (named(RowName.BYPASS), named(RowName.UNEXPLAINED, NOWHERE)),
    "RP-03": (enforced(Strength.ADVISORY), enforced(None)),
}
"""Control -> what makes the clean deployment fail it, what leaves it unknown."""


def clean(control: str) -> Mini:
    """Return the deployment that passes the control."""
    return (BASES.get(control) or BASES.get(control.split("-", 1)[0]) or (lambda mini: mini))(air_gapped())


def outcome(control: str, mini: Mini) -> Outcome:
    built = mini.model(stage=Stage.OPERATE, permitted=Truth.NO, captures=[coverage()])
    return Judge(Scene(built), AS_OF).outcome(CONTROLS[control])


def test_every_shipped_control_has_its_examples() -> None:
    assert set(EXAMPLES) == {c.id for name in shipped_profiles() for c in load_profile(name).controls}


@pytest.mark.parametrize("control", list(EXAMPLES))
def test_pass(control: str) -> None:
    assert outcome(control, clean(control)).verdict is Verdict.PASS


@pytest.mark.parametrize("control", list(EXAMPLES))
def test_fail(control: str) -> None:
    found = outcome(control, EXAMPLES[control][0](clean(control)))
    assert found.verdict is Verdict.FAIL
    assert all(v.evidence for v in found.violations)


@pytest.mark.parametrize("control", list(EXAMPLES))
def test_unknown(control: str) -> None:
    found = outcome(control, EXAMPLES[control][1](clean(control)))
    assert found.verdict is Verdict.UNKNOWN
    assert found.unknowns


@pytest.mark.parametrize("control", list(EXAMPLES))
@pytest.mark.parametrize("stage", list(Stage))
def test_nothing_to_look_at_is_never_a_pass(control: str, stage: Stage) -> None:
    assert Judge(Scene(Mini().model(stage=stage)), AS_OF).outcome(CONTROLS[control]).verdict is Verdict.UNKNOWN


def test_without_a_gateway_the_gateway_control_does_not_apply() -> None:
    direct = Mini(
        {k: c for k, c in air_gapped().components.items() if k != "coder/ai-gateway"},
        {"m": row("coder/agent-loop", "llm/model-server", "model requests")},
    )
    built = direct.model(stage=Stage.CHANGE)
    assert Judge(Scene(built), AS_OF).outcome(CONTROLS["FSH-03"]).verdict is Verdict.NOT_APPLICABLE


def test_a_destination_of_unknown_use_keeps_the_condition_open() -> None:
    odd = replace(component("host:odd.example", None, None, VENDOR), system="")
    mini = Mini({k: c for k, c in air_gapped().components.items() if k != "coder/ai-gateway"}).with_component(odd)
    mini = mini.with_row(row("coder/workspace", "host:odd.example"))
    assert Judge(Scene(mini.model()), AS_OF).outcome(CONTROLS["FSH-03"]).verdict is Verdict.UNKNOWN
