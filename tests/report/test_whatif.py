"""A supposition as text and JSON: whole outputs, hostile text stays in its line."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from auditor.facts.difference import RecipientRecord
from auditor.facts.supposition import SCHEMA, FlowMoveRecord, SupposedRecord, Supposition, VerdictRecord
from auditor.report.escape import clean
from auditor.report.record_json import dump_record
from auditor.report.whatif_text import render_whatif
from tests.report.samples import HOSTILE


@pytest.fixture(name="supposition")
def _supposition() -> Supposition:
    return Supposition(
        schema=SCHEMA,
        tool="auditor 0",
        as_of="2026-11-24T00:00:00Z",
        stage="operate",
        deployment="coder-prod",
        supposed=(
            SupposedRecord("CODER_TELEMETRY_ENABLE", "coder", "telemetry.enable", "Telemetry", "true", "default", "", "false"),
            SupposedRecord("fact:web_push", "coder", "fact:web_push", "Web push?", "", "unknown", "", "off"),
            SupposedRecord("a.b", "llm", "a.b", "A", "x", "set", "config/a.env:4", "(unset)"),
            SupposedRecord("c", "llm", "c", "C", "", "assumed_default", "", ""),
        ),
        verdicts=(
            VerdictRecord("profile", "in-network", "In-network", ("in-network",), "fail", "unknown", "…"),
            VerdictRecord("control", "INW-01", "No content leaves", ("in-network",), "fail", "pass", "nothing speaks against it"),
            VerdictRecord("control", "INW-02", "No metadata leaves", ("in-network",), "unknown", "unknown", "1 question open"),
        ),
        flows=(
            FlowMoveRecord("vanishes", "coder/telemetry", "usage telemetry", "coder/control-plane", ("coder/sink",), (), "yes"),
            FlowMoveRecord("appears", "a/x", "", "a/b", (), ("host:x.example",), "unknown"),
            FlowMoveRecord("moves", "a/y", "y", "a/b", ("one",), ("two",), "no"),
            FlowMoveRecord("settles", "a/z", "z", "a/b", ("one",), ("one",), "no"),
            FlowMoveRecord("opens", "a/w", "w", "a/b", ("one",), ("one",), "yes"),
        ),
        recipients=(RecipientRecord("metadata.usage", "Coder Technologies", "receives", "none"),),
        set_aside=("coder/coderd>coder/sink/tcp/443",),
    )


def test_goldens(supposition: Supposition, golden: Callable[[str, str], None]) -> None:
    golden("whatif.txt", render_whatif(supposition))
    golden("whatif.json", dump_record(supposition).decode())


def test_full_shows_what_does_not_move(supposition: Supposition) -> None:
    assert "? control INW-02 No metadata leaves: unknown\n" in render_whatif(supposition, full=True)
    assert "unmoved" not in render_whatif(supposition, full=True)


def test_nothing_moved_is_said(supposition: Supposition) -> None:
    still = replace(supposition, verdicts=supposition.verdicts[2:], flows=(), recipients=(), set_aside=())
    text = render_whatif(still)
    assert "no verdict moves\n  1 verdict unmoved" in text
    assert "none appears, vanishes or moves" in text
    assert "Set aside" not in text


def test_hostile_text_stays_in_its_line(supposition: Supposition) -> None:
    hostile = replace(
        supposition,
        deployment=HOSTILE + supposition.deployment,
        flows=tuple(replace(f, purpose=HOSTILE + f.purpose, source=HOSTILE + f.source) for f in supposition.flows),
        supposed=tuple(replace(s, old=HOSTILE + s.old, asked=HOSTILE + s.asked) for s in supposition.supposed),
    )
    text = render_whatif(hostile)
    assert [line for line in text.splitlines() if clean(line) != line] == []
    assert len(text.splitlines()) == len(render_whatif(supposition).splitlines())
    assert json.loads(dump_record(hostile))["deployment"] == HOSTILE + supposition.deployment
