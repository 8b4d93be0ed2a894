"""A plan as text, Markdown and JSON: whole outputs; hostile text stays in its line."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from auditor.facts.plan import SCHEMA, IrreplaceableRecord, Plan, StepKind, StepRecord
from auditor.report.escape import clean
from auditor.report.plan_text import render_plan, render_plan_markdown
from auditor.report.record_json import dump_record
from tests.report.samples import HOSTILE


@pytest.fixture(name="plan")
def _plan() -> Plan:
    setting = StepRecord(
        id="setting:coder/telemetry.enable=false",
        kind=StepKind.SETTING,
        text="Set CODER_TELEMETRY_ENABLE=false",
        system="coder",
        settings=(("telemetry.enable", "false"),),
        now="true",
        place="config/coder.env:4",
        names=("CODER_TELEMETRY_ENABLE",),
        effort=1,
        controls=("AG-01",),
        stops=tuple(f"flow {n}" for n in range(8)),
        breaks=("sign-in, whether the product needs it is not known",),
        opens=("requests to the gateway",),
        how=(),
        who="",
        assumed=False,
    )
    unset = replace(setting, id="setting:x", now="", place="", settings=(("a", "(unset)"), ("b", "")), stops=(), breaks=())
    evidence = replace(
        unset,
        id="evidence:permitted",
        kind=StepKind.EVIDENCE,
        text="What the network permits was not examined.",
        settings=(),
        names=(),
        opens=(),
        how=("Supply the policies.",),
        who="network",
        assumed=True,
    )
    return Plan(
        schema=SCHEMA,
        tool="auditor 0",
        as_of="2026-11-24T00:00:00Z",
        stage="operate",
        deployment="coder-prod",
        profile="air-gapped",
        profile_title="Air-gapped",
        now="fail",
        then="pass",
        exact=True,
        effort=4,
        steps=(setting, unset, evidence),
        irreplaceable=(),
    )


@pytest.fixture(name="stuck")
def _stuck(plan: Plan) -> Plan:
    loop = IrreplaceableRecord(
        "component", "cursor/agent_loop", "Cursor agent loop", "Nothing replaces it", ("FSH-02",), ("agent session (a → b)",)
    )
    flow = IrreplaceableRecord(
        "flow", "sign-in (a → c)", "sign-in (a → c)", "Nothing replaces it", ("AG-03",), ("sign-in (a → c)",)
    )
    return replace(plan, then="fail", effort=0, steps=(), irreplaceable=(loop, flow))


def test_goldens(plan: Plan, stuck: Plan, golden: Callable[[str, str], None]) -> None:
    golden("plan.txt", render_plan(plan))
    golden("plan.md", render_plan_markdown(plan))
    golden("plan.json", dump_record(plan).decode())
    golden("plan_irreplaceable.txt", render_plan(stuck))


def test_nothing_to_do_and_too_many_choices_are_said(plan: Plan) -> None:
    assert "nothing is to be done." in render_plan(replace(plan, steps=(), now="pass"))
    assert "too many choices" in render_plan(replace(plan, exact=False))


def test_hostile_text_stays_in_its_line(plan: Plan) -> None:
    steps = tuple(replace(s, text=HOSTILE, now=HOSTILE, how=(HOSTILE,), stops=(HOSTILE,), place=HOSTILE) for s in plan.steps)
    hostile = replace(plan, deployment=HOSTILE, steps=steps)
    for text in (render_plan(hostile), render_plan_markdown(hostile)):
        assert [line for line in text.splitlines() if clean(line) != line] == []
    assert "<script>" not in render_plan_markdown(hostile)
    assert json.loads(dump_record(hostile))["deployment"] == HOSTILE
