"""The region in a host's name grants no pass where the model id can move the request: from the file to the verdict."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from auditor import pipeline
from auditor.facts.assessment import Assessment
from auditor.facts.vocabulary import Stage

DIRECT = Path(__file__).resolve().parents[2] / "fixtures" / "deployments" / "coder-direct-provider"
PLAIN = "anthropic.claude-3-5-sonnet-20240620-v1:0"
SERVER = "aws/model_server@eu-central-1"


def judged(folder: Path, catalog: Path | None = None) -> Assessment:
    request = pipeline.Request(paths=(folder,), profiles=("eu-residency",), stage=Stage.CHANGE, catalog=catalog)
    inputs = pipeline.gather(request)
    return pipeline.judge(pipeline.model(inputs), inputs, "2026-11-24")


def with_model(folder: Path, name: str) -> Assessment:
    copy = folder / "deployment"
    shutil.copytree(DIRECT, copy)
    providers = copy / "config" / "ai-providers.json"
    providers.write_text(providers.read_text(encoding="utf-8").replace(PLAIN, name), encoding="utf-8")
    return judged(copy)


def processing(found: Assessment) -> tuple[str, ...]:
    return next(c.place.processing for c in found.components if c.id == SERVER)


def verdicts(found: Assessment) -> tuple[str, str]:
    by_id = {c.id: c.verdict for c in found.controls}
    return by_id["EUR-01"], by_id["EUR-02"]


@pytest.mark.parametrize(
    ("name", "countries", "expected"),
    [
        (PLAIN, ("DE",), ("pass", "pass")),
        (f"global.{PLAIN}", (), ("unknown", "unknown")),
        (f"us.{PLAIN}", ("DE", "US"), ("fail", "unknown")),
        (f"eu.{PLAIN}", ("CH", "DE", "ES", "FR", "GB", "IE", "IT", "SE"), ("fail", "unknown")),
    ],
)
def test_the_model_id_decides(tmp_path: Path, name: str, countries: tuple[str, ...], expected: tuple[str, str]) -> None:
    found = with_model(tmp_path, name)
    assert processing(found) == countries
    assert verdicts(found) == expected


def overlaid(folder: Path, file: str, text: str) -> Assessment:
    overlay = folder / "catalog"
    overlay.mkdir()
    (overlay / file).write_text(text, encoding="utf-8")
    return judged(DIRECT, overlay)


SOURCES = """
sources: {S: {title: a blog, publisher: somebody, relation: third_party, date: 2026-01-01, grade: third}}
defaults: {src: S}
"""


def test_a_weak_source_on_a_region_grants_no_pass(tmp_path: Path) -> None:
    regions = (
        f"{SOURCES}tables: [{{id: aws, title: regions, regions: [{{region: eu-central-1, title: Frankfurt, country: DE}}]}}]\n"
    )
    found = overlaid(tmp_path, "regions.yaml", regions)
    assert processing(found) == ()
    assert verdicts(found) == ("unknown", "unknown")
    assert any("a blog" in u.text for u in found.unknowns)


def test_a_weak_source_on_the_country_of_an_operator_grants_no_pass(tmp_path: Path) -> None:
    found = overlaid(tmp_path, "operators.yaml", f"{SOURCES}operators: [{{id: aws, title: Amazon Web Services, country: DE}}]\n")
    assert [c.verdict for c in found.controls if c.id == "EUR-05"] == ["unknown"]


CALLER = "10.20.1.10"


def logged(folder: Path, model_id: str, ran_in: str) -> Assessment:
    """Return the deployment judged with ``model_id`` configured, and one call of it in a log of the provider."""
    copy = folder / "deployment"
    shutil.copytree(DIRECT, copy)
    providers = copy / "config" / "ai-providers.json"
    providers.write_text(providers.read_text(encoding="utf-8").replace(PLAIN, model_id), encoding="utf-8")
    event = {
        "eventVersion": "1.09", "eventTime": "2026-11-23T10:00:01Z", "eventSource": "bedrock.amazonaws.com",
        "eventName": "Converse", "awsRegion": "eu-central-1", "sourceIPAddress": CALLER, "requestID": "r-1",
        "recipientAccountId": "123456789012", "requestParameters": {"modelId": model_id},
        "additionalEventData": {"inferenceRegion": ran_in},
        "userIdentity": {"arn": "arn:aws:sts::123456789012:assumed-role/agent/session", "accountId": "123456789012"},
        "tlsDetails": {"clientProvidedHostHeader": "bedrock-runtime.eu-central-1.amazonaws.com"},
    }  # fmt: skip
    (copy / "trail.json").write_text(json.dumps({"Records": [event]}), encoding="utf-8")
    manifest = copy / "auditor.yaml"
    text = manifest.read_text(encoding="utf-8").replace(
        "inputs:\n", "inputs:\n  - {log: trail.json, vantage: aws, sees: [corp]}\n"
    )
    manifest.write_text(text, encoding="utf-8")
    inputs = pipeline.gather(pipeline.Request(paths=(copy,), profiles=("eu-residency",), stage=Stage.OPERATE))
    return pipeline.judge(pipeline.model(inputs), inputs, "2026-11-24")


def test_a_call_that_a_log_shows_abroad_fails_although_nobody_knows_where_calls_may_run(tmp_path: Path) -> None:
    found = logged(tmp_path, f"global.{PLAIN}", "us-east-1")
    assert processing(found) == ()
    assert verdicts(found) == ("fail", "fail")
    evidence = {e.id: e for e in found.evidence}
    for control in ("EUR-01", "EUR-02"):
        for finding in (f for f in found.findings if f.control == control):
            assert "processing in US by the word of a log" in finding.title
            shown = [evidence[e] for e in finding.evidence if evidence[e].path == "trail.json"]
            assert any("processed at bedrock-runtime.us-east-1.amazonaws.com" in e.text for e in shown)


def test_a_call_that_a_log_shows_at_home_leaves_open_where_others_ran(tmp_path: Path) -> None:
    found = logged(tmp_path, f"global.{PLAIN}", "eu-central-1")
    assert verdicts(found) == ("unknown", "unknown")
    assert not [f for f in found.findings if f.control in ("EUR-01", "EUR-02")]
