"""What-if over shipped deployments: verdicts before and after, flows, and what captured traffic is then worth."""

from __future__ import annotations

from auditor import pipeline
from auditor.facts.settings import Change
from auditor.facts.supposition import Supposition
from auditor.facts.vocabulary import Stage
from auditor.pipeline.foreseeing import foreseen, stale_channels
from auditor.pipeline.supposing import suppose
from tests.acceptance.harness import AS_OF, gathered

NAME = "coder-mislabelled"
TELEMETRY = "coder/coderd>coder/telemetry_sink/tcp/443"


def supposed(*pairs: tuple[str, str | None], stage: Stage = Stage.OPERATE, name: str = NAME) -> Supposition:
    return suppose(gathered(name, stage), pairs, AS_OF)


def test_a_switch_stops_its_flow_and_packets_from_before_are_set_aside() -> None:
    found = supposed(("CODER_TELEMETRY_ENABLE", "false"))
    assert [(f.change, f.flow, f.crosses_perimeter) for f in found.flows] == [("vanishes", "coder/telemetry", "yes")]
    assert found.set_aside == (TELEMETRY,)
    (record,) = found.supposed
    assert (record.key, record.old, record.old_state, record.new) == ("telemetry.enable", "true", "default", "false")
    assert {r.recipient for r in found.recipients} == {"Coder Technologies"}


def test_every_profile_and_control_is_told_whether_or_not_it_moves() -> None:
    found = supposed(("telemetry.enable", "false"))
    inputs = gathered(NAME, Stage.OPERATE)
    now = pipeline.judge(pipeline.model(inputs), inputs, AS_OF)
    assert [v.id for v in found.verdicts if v.kind == "profile"] == [p.id for p in now.profiles]
    assert {v.id: v.old for v in found.verdicts if v.kind == "control"} == {c.id: c.effective for c in now.controls}


def test_a_leak_switched_on_turns_a_pass_into_a_failure() -> None:
    found = supposed(("telemetry.enable", "true"), stage=Stage.CHANGE, name="coder-air-gapped")
    moved = {v.id: (v.old, v.new) for v in found.verdicts if v.old != v.new}
    assert moved["AG-01"] == ("pass", "fail")
    assert moved["air-gapped"] == ("pass", "fail")
    assert ("appears", "coder/telemetry") in {(f.change, f.flow) for f in found.flows}


def test_a_redirect_moves_a_flow() -> None:
    found = supposed(("coder/telemetry.url", "https://telemetry.corp.example"), stage=Stage.CHANGE)
    (move,) = [f for f in found.flows if f.flow == "coder/telemetry"]
    assert (move.change, move.old) == ("moves", ("coder/telemetry_sink",))
    assert move.new != move.old
    assert move.crosses_perimeter == "no"


def test_packets_that_another_flow_explains_stay() -> None:
    inputs = gathered(NAME, Stage.OPERATE)
    before = pipeline.model(inputs)
    assert stale_channels(before, before) == ()
    after, past = foreseen(inputs, before, (Change("coder", "telemetry.enable", "false"),))
    assert {r.channel for r in after.rows if r.sighting.value == "data"} == {
        r.channel for r in before.rows if r.sighting.value == "data"
    } - set(past)


def test_the_same_question_has_the_same_answer_and_changes_nothing() -> None:
    assert supposed(("telemetry.enable", "false")) == supposed(("telemetry.enable", "false"))
    assert supposed(("telemetry.enable", "true")).flows == ()


def test_a_secret_is_supposed_and_not_shown() -> None:
    inputs = gathered(NAME, Stage.CHANGE)
    secrets = [(s.id, x.id) for s in inputs.manifest.systems for x in inputs.catalog.product(s.product).settings if x.secret]
    system, key = secrets[0]
    found = suppose(inputs, ((f"{system}/{key}", "hunter2-very-secret"),), AS_OF)
    assert found.supposed[0].new == "(not shown)"
    assert "hunter2-very-secret" not in str(found)
