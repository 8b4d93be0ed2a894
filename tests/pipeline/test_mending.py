"""Plans over shipped deployments: applied, the profile holds, no step can be left out; or what is irreplaceable is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor import pipeline
from auditor.evaluate import load_profile, shipped_profiles
from auditor.facts.plan import Plan, StepKind
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import RowName, Stage
from auditor.pipeline.mending import Mended, Workshop, mend, verdict
from auditor.pipeline.modelling import Foresight
from auditor.pipeline.planner import plan
from auditor.planning.actions import RECAPTURE, Action
from tests.acceptance.harness import AS_OF, NAMES, gathered

QUICK = [
    ("coder-air-gapped", "air-gapped", Stage.OPERATE),
    ("coder-direct-provider", "in-network", Stage.CHANGE),
    ("coder-direct-provider", "air-gapped", Stage.OPERATE),
    ("cursor-self-hosted-workers", "fully-self-hosted", Stage.OPERATE),
    ("cursor-self-hosted-workers-unproven", "self-hosted-execution", Stage.OPERATE),
    ("coder-air-gapped", "us-residency", Stage.CHANGE),
]
TELEMETRY = "coder/coderd>coder/telemetry_sink/tcp/443"


def workshop(name: str, profile: str, stage: Stage) -> Workshop:
    return Workshop(gathered(name, stage), load_profile(profile), AS_OF)


def planned(name: str, profile: str, stage: Stage = Stage.CHANGE) -> Plan:
    inputs = gathered(name, stage)
    return plan(replace(inputs, profiles=(load_profile(profile),)), profile, AS_OF)


def check(bench: Workshop, mended: Mended) -> None:
    if mended.satisfied:
        assert verdict(bench.apply(mended.chosen)) == "pass"
        for action in mended.chosen:
            rest = [a for a in mended.chosen if a is not action]
            assert verdict(bench.apply(rest)) != "pass", f"{action.key} can be left out"
        return
    assert mended.impossible
    assert [o.key for o in mended.impossible if o.actions] == []
    everything = {a.group: a for o in mended.obstacles for a in o.actions}
    after = bench.apply(tuple(everything.values()))
    assert verdict(after) != "pass", "something that was called irreplaceable is not"
    found = {f.id for f in after.assessment.findings}
    wanted = {o.finding for o in mended.impossible if o.subject}
    assert wanted <= found


@pytest.mark.parametrize(("name", "profile", "stage"), QUICK)
def test_a_plan_is_enough_and_nothing_in_it_is_too_much(name: str, profile: str, stage: Stage) -> None:
    bench = workshop(name, profile, stage)
    check(bench, mend(bench))


@pytest.mark.slow
@pytest.mark.parametrize("stage", [Stage.CHANGE, Stage.OPERATE])
@pytest.mark.parametrize("profile", shipped_profiles())
@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_deployment_and_profile(name: str, profile: str, stage: Stage) -> None:
    bench = workshop(name, profile, stage)
    check(bench, mend(bench))


def test_what_holds_needs_nothing() -> None:
    found = planned("coder-air-gapped", "air-gapped")
    assert (found.now, found.then, found.steps, found.irreplaceable, found.effort) == ("pass", "pass", (), (), 0)


def test_a_step_names_its_setting_its_place_and_what_it_stops() -> None:
    found = planned("coder-direct-provider", "air-gapped", Stage.OPERATE)
    (step,) = [s for s in found.steps if s.settings == (("update_check", "false"),)]
    assert (step.kind, step.system) == (StepKind.SETTING, "coder")
    assert step.place == "config/coder.env:12"
    assert step.now == "true"
    assert "CODER_UPDATE_CHECK" in step.names
    assert step.stops == ("look for newer releases of Coder (coder/control-plane → github/source_control)",)
    assert step.breaks == ()
    assert step.opens == ()
    assert "AG-01" in step.controls


def test_one_umbrella_cuts_many_flows_and_switches_that_work_only_together_are_found() -> None:
    found = planned("coder-direct-provider", "air-gapped")
    (umbrella,) = [s for s in found.steps if s.id == "deny:coder/coderd"]
    assert len(umbrella.stops) > 1
    operate = planned("coder-direct-provider", "air-gapped", Stage.OPERATE)
    together = [s for s in operate.steps if len(s.settings) > 1]
    assert [dict(s.settings).keys() for s in together] == [{"tf.cli_config_file", "fact:terraform_mirror"}]


def test_a_vendor_s_loop_cannot_move() -> None:
    found = planned("cursor-self-hosted-workers", "fully-self-hosted")
    assert found.steps == ()
    components = {i.id: i for i in found.irreplaceable if i.kind == "component"}
    assert components.keys() >= {"cursor/agent_loop", "cursor/dashboard_api", "cursor/model_gateway"}
    assert any("agent session" in flow for flow in components["cursor/agent_loop"].flows)


def test_evidence_is_a_marked_assumption() -> None:
    found = planned("coder-air-gapped", "air-gapped", Stage.OPERATE)
    assert {s.id for s in found.steps} == {"evidence:observed", "evidence:permitted"}
    assert all(s.assumed and s.how and s.who == "network" for s in found.steps)


def test_packets_from_before_count_until_captures_after_the_change_are_there() -> None:
    bench = workshop("coder-mislabelled", "in-network", Stage.OPERATE)
    (switch,) = [
        a
        for row in bench.apply(()).model.rows
        if row.flow == "coder/telemetry"
        for a in bench.means.for_row(row)
        if a.kind is StepKind.SETTING
    ]
    before = bench.apply((switch,))
    assert before.stale == {TELEMETRY}
    again = Action(RECAPTURE, StepKind.EVIDENCE, 2, "")
    assert TELEMETRY not in {r.channel for r in bench.apply((switch, again)).model.rows if r.exists is not Truth.NO}


def test_a_denied_flow_moves_nothing_and_is_still_tried() -> None:
    inputs = gathered("coder-mislabelled", Stage.OPERATE)
    denied = frozenset({TELEMETRY})
    rows = pipeline.model(inputs, foresight=Foresight(denied=denied, refused=denied)).rows
    (row,) = [r for r in rows if r.channel == TELEMETRY]
    assert (row.exists, row.permitted, row.name, row.sighting.value) == (Truth.NO, Truth.NO, RowName.BLOCKED, "attempt")


def test_the_same_deployment_has_the_same_plan() -> None:
    assert planned("coder-direct-provider", "in-network") == planned("coder-direct-provider", "in-network")
