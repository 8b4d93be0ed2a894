"""Both formats of a difference: whole outputs, hostile text, same bytes."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from auditor.compare import difference
from auditor.facts.assessment import Assessment
from auditor.facts.difference import CauseKind, CauseRecord, Certainty, Difference, MoveRecord
from auditor.report.difference_json import dump_record
from auditor.report.difference_text import moves_together, render_difference
from auditor.report.escape import clean
from tests.report import samples


@pytest.fixture(name="coder")
def _coder(coder: Assessment) -> Assessment:
    return samples.real_kinds(coder)


@pytest.fixture
def mended(coder: Assessment) -> Assessment:
    """The coder deployment a week later: telemetry off, an upload gone, a new recipient of source code possible."""
    inputs = tuple(dataclasses.replace(i, sha256="0" * 64) if i.path == "config/coder.env" else i for i in coder.inputs)
    controls = tuple(
        dataclasses.replace(c, verdict="pass", effective="pass", findings=()) if c.id == "IN-03" else c for c in coder.controls
    )
    flows = tuple(
        dataclasses.replace(f, exists="no", configured="no") if f.purpose == "deployment telemetry" else f for f in coder.flows
    )
    flows = tuple(
        dataclasses.replace(f, sends_at_most=(*f.sends_at_most, "content.source_code")) if f.purpose == "update check" else f
        for f in flows
    )
    return dataclasses.replace(
        coder,
        as_of="2026-11-30T12:00:00Z",
        inputs=inputs,
        controls=controls,
        flows=flows,
        findings=tuple(f for f in coder.findings if f.control != "IN-03"),
    )


@pytest.fixture
def moved(coder: Assessment, mended: Assessment) -> Difference:
    return difference(coder, mended)


def test_goldens(moved: Difference, golden: Any) -> None:
    golden("difference.txt", render_difference(moved))
    golden("difference.json", dump_record(moved).decode())


def test_verdicts_that_moved_for_the_same_causes_share_them() -> None:
    one, other = (CauseRecord(CauseKind.MANIFEST, "auditor.yaml", f"{n} changed", Certainty.LIKELY) for n in "ab")
    moves = tuple(
        MoveRecord("control", f"C-{n}", f"Control {n}", "pass", "unknown", (cause,)) for n, cause in enumerate((one, one, other))
    )
    assert list(moves_together(moves)) == [
        (
            ("? control C-0 Control 0: pass → unknown", "? control C-1 Control 1: pass → unknown"),
            ("likely because a changed (manifest)",),
        ),
        (("? control C-2 Control 2: pass → unknown",), ("likely because b changed (manifest)",)),
    ]


def test_nothing_moved_is_said(coder: Assessment) -> None:
    text = render_difference(difference(coder, coder))
    assert "no verdict moved" in text
    assert "nobody gains or loses data" in text


def test_hostile_text_stays_in_its_line(coder: Assessment, mended: Assessment, moved: Difference) -> None:
    sides = [dataclasses.replace(samples.hostile(side), as_of=side.as_of) for side in (coder, mended)]
    hostile = difference(*sides)
    text = render_difference(hostile)
    assert [line for line in text.splitlines() if clean(line) != line] == []
    assert len(text.splitlines()) == len(render_difference(moved).splitlines())
    assert "<script>alert(1)</script>" in text
    assert json.loads(dump_record(hostile))["new"]["deployment"] == f"{samples.HOSTILE}coder-mislabelled"
