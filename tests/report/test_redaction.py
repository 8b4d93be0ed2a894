"""For a vendor's eyes: no name of the customer is left in any format, links hold, and pseudonyms are stable under a key."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from auditor.cli import main
from auditor.cli.formats import AssessmentFormat, Rendering, render
from auditor.compare import with_baseline
from auditor.facts.assessment import Assessment, ClaimRecord
from auditor.facts.gate import BaseRecord
from auditor.report.assessment_json import dump_assessment, load_assessment
from auditor.report.redaction import redacted
from tests.conftest import ROOT
from tests.report.test_html import Page

KEY = b"a key of the customer's own"
TEXTS = [f for f in AssessmentFormat if f not in (AssessmentFormat.XLSX, AssessmentFormat.PDF)]
SHIPPED = sorted(ROOT.glob("reports/*/assessment.json"))


def _secrets(whole: Assessment) -> set[str]:
    """Return what must not be left: deployment, own files, people, own networks and hosts, excerpts."""
    found = {whole.deployment, whole.owner, *(x.by for x in whole.exceptions), *(x.ticket for x in whole.exceptions)}
    found |= {i.path for i in whole.inputs if "/" in i.path} | {x.reason for x in whole.exceptions}
    found |= {e.excerpt for e in whole.evidence if "/" in e.excerpt} | {e.statement for e in whole.evidence}
    found |= {n for z in whole.zones for n in (*z.networks, *z.hosts)} | {n for w in whole.workloads for n in w.networks}
    return {text for text in found if text}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.parent.name)
def test_no_name_of_the_customer_is_left(path: Path) -> None:
    whole = load_assessment(path.read_bytes(), path.name)
    data = dump_assessment(redacted(whole, KEY)).decode()
    assert [text for text in sorted(_secrets(whole)) if text in data] == []
    assert load_assessment(data.encode(), "redacted.json").controls == redacted(whole, KEY).controls


@pytest.mark.parametrize("form", TEXTS)
def test_every_format_is_redacted(coder: Assessment, form: AssessmentFormat) -> None:
    text = render(coder, form, Rendering("deploy/prod", pseudonyms=KEY)).decode()
    assert [secret for secret in sorted(_secrets(coder)) if secret in text] == []
    assert "files.transfer.example" not in text
    assert "deploy/prod" not in text


def test_verdicts_numbers_and_what_the_vendor_knows_stay(coder: Assessment) -> None:
    shared = redacted(coder, KEY)
    assert [(c.id, c.effective) for c in shared.controls] == [(c.id, c.effective) for c in coder.controls]
    assert [c.payload_out for c in shared.channels] == [c.payload_out for c in coder.channels]
    assert (shared.digest, shared.as_of) == (coder.digest, coder.as_of)
    assert "api.anthropic.com" in {name for channel in shared.channels for name in channel.names}
    assert {o.title for o in shared.operators} == {o.title for o in coder.operators}


def test_the_owner_of_what_a_baseline_knew_goes_too(coder: Assessment) -> None:
    earlier = dataclasses.replace(coder, as_of="2026-10-01T08:00:00Z", owner="Anna Example")
    text = dump_assessment(redacted(with_baseline(coder, earlier, "gate/main.json", "0" * 64), KEY)).decode()
    assert "Anna Example" not in text
    assert "gate/main.json" not in text


def test_the_customers_own_words_go(coder: Assessment) -> None:
    """The label of the claim, reasons of parameters, and what a profile of the customer's own is called and says."""
    word = "Musterbank"
    claim = ClaimRecord(f"{word} EU", "mine", "fail", f'"{word} EU" is contradicted by 1 finding.', "auditor.yaml", 3)
    own = dataclasses.replace(
        coder.profiles[0],
        id=f"{word.lower()}-rules",
        title=f"Rules of {word}",
        sentence=f"Rules of {word} does not hold.",
        origin=f"policy/{word}.yaml, named on the command line",
        parameters=(("max_age", "90d", f"{word} asked"),),
        relaxed=(("FS-01", "less", f"{word} asked"),),
        controls=("MB-01",),
    )
    control = dataclasses.replace(
        coder.controls[0], id="MB-01", title=f"As {word} wants", rationale=f"{word} says so.", remediation=f"Ask {word}."
    )
    base = BaseRecord(f"release/{word}", "1" * 40, "", approved=False, steps=(), alterations=())
    whole = dataclasses.replace(
        coder, claim=claim, profiles=(*coder.profiles[1:], own), controls=(*coder.controls[1:], control), base=base
    )
    shared = redacted(whole, KEY)
    assert word.lower() not in dump_assessment(shared).decode().lower()
    assert shared.claim == dataclasses.replace(
        claim, label="withheld", sentence='"withheld" is contradicted by 1 finding.', profile=claim.profile
    )
    kept = {c.id: c.title for c in coder.controls[1:]}
    assert {c.id: c.title for c in shared.controls} == {**kept, "MB-01": "withheld"}


def test_links_hold(coder: Assessment) -> None:
    shared = redacted(coder, KEY)
    evidence, flows, channels = ({x.id for x in part} for part in (shared.evidence, shared.flows, shared.channels))
    assert {e for f in shared.findings for e in f.evidence} <= evidence
    assert {row for f in shared.findings for row in f.rows} <= flows
    assert [f.channel in channels for f in shared.flows] == [f.channel in {c.id for c in coder.channels} for f in coder.flows]
    assert len(flows) == len(coder.flows)
    page = Page(render(coder, AssessmentFormat.HTML, Rendering(pseudonyms=KEY)).decode())
    assert {target.removeprefix("#") for target in page.targets} <= set(page.ids)


def test_pseudonyms_are_stable_under_a_key_and_only_there(coder: Assessment) -> None:
    later = dataclasses.replace(coder, as_of="2026-12-24T00:00:00Z", findings=coder.findings[:1])
    assert redacted(coder, KEY).deployment == redacted(later, KEY).deployment
    assert redacted(coder, KEY).flows == redacted(later, KEY).flows
    assert redacted(coder, KEY).deployment != redacted(coder, b"another").deployment


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("dial db1.corp.example:5432", "db1"),
        ("mail anna@corp.example", "anna"),
        ("10.20.0.0/16 and fd00:20::1", "10.20"),
        ("see fd00:20::1", "fd00"),
        ("https://git.corp.example/x", "git.corp"),
    ],
)
def test_names_in_sentences_go(coder: Assessment, text: str, left: str) -> None:
    finding = dataclasses.replace(coder.findings[0], title=text)
    assert left not in redacted(dataclasses.replace(coder, findings=(finding,)), KEY).findings[0].title


@pytest.mark.parametrize("text", ["12:30:05 on 2026-11-20", "values.yaml:41", "version 1.2.3", "api.anthropic.com"])
def test_what_is_no_name_stays(coder: Assessment, text: str) -> None:
    finding = dataclasses.replace(coder.findings[0], title=text)
    assert redacted(dataclasses.replace(coder, findings=(finding,)), KEY).findings[0].title == text


def test_the_option_reads_its_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "key").write_bytes(KEY)
    saved = ROOT / "reports" / "coder-mislabelled" / "assessment.json"
    arguments = ["report", str(saved), "-q", "-o", f"markdown:{tmp_path / 'm.md'}", "--redact"]
    assert main([*arguments, str(tmp_path / "key")]) == 0
    assert "coder-mislabelled" not in (tmp_path / "m.md").read_text()
    assert main([*arguments, str(tmp_path / "none")]) == 2
    assert "--redact" in capsys.readouterr().err
