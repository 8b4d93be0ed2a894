from __future__ import annotations

import dataclasses
import gzip
import json
import random
import re
from typing import Any

import jsonschema
import pytest

from auditor.facts.assessment import Assessment, NotExaminedRecord
from auditor.report import sarif
from auditor.report.escape import clean
from auditor.report.sarif import render_sarif
from tests.conftest import ROOT
from tests.report import samples, verdicts

SCHEMA = json.loads((ROOT / "third_party" / "sarif" / "sarif-2.1.0-rtm.4.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft4Validator(SCHEMA)


def _run(assessment: Assessment) -> dict[str, Any]:
    log = json.loads(render_sarif(assessment))
    VALIDATOR.validate(log)
    run: dict[str, Any] = log["runs"][0]
    return run


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for child in value.values() for text in _texts(child)]
    if isinstance(value, list):
        return [text for child in value for text in _texts(child)]
    return [value] if isinstance(value, str) else []


def test_goldens(coder: Assessment, cursor: Assessment, golden: Any) -> None:
    golden("coder.sarif", render_sarif(coder, "deploy/prod").decode())
    golden("cursor.sarif", render_sarif(cursor).decode())


def test_each_verdict_has_its_place_in_the_standard() -> None:
    run = _run(verdicts.build())
    assert [(r["ruleId"], r["kind"], r["level"]) for r in run["results"]] == [
        ("F-1", "fail", "error"),
        ("U-1/unknown", "open", "error"),
        ("U-2/unknown", "open", "warning"),
    ]
    assert run["properties"]["controls"] == {"fail": 1, "unknown": 2, "pass": 3, "not_applicable": 1}
    assert run["properties"]["waivedFindings"] == 1
    assert "waiver-7" not in render_sarif(verdicts.build()).decode()


def test_every_result_has_what_github_demands(coder: Assessment, cursor: Assessment) -> None:
    for assessment in (coder, cursor, verdicts.build()):
        run = _run(assessment)
        rules = run["tool"]["driver"]["rules"]
        for rule in rules:
            assert re.fullmatch(r"\d\.\d", rule["properties"]["security-severity"])
            assert "security" in rule["properties"]["tags"]
            assert min(len(rule[part]["text"]) for part in ("shortDescription", "fullDescription", "help")) > 0
        for result in run["results"]:
            place = result["locations"][0]["physicalLocation"]
            assert place["artifactLocation"]["uri"]
            assert set(place["region"]) == {"startLine", "startColumn", "endLine", "endColumn"}
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
            assert result["partialFingerprints"]["primaryLocationLineHash"]
        prints = [r["partialFingerprints"]["primaryLocationLineHash"] for r in run["results"]]
        assert len(set(prints)) == len(prints)
        assert "" not in _texts(run)


def test_hops_of_a_path_are_steps_and_parallel_flows_are_none(coder: Assessment) -> None:
    first = _run(coder)["results"]
    steps = next(r for r in first if "codeFlows" in r)["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["location"]["message"]["text"].split(":")[0] for step in steps] == [
        "Coder Agents loop → LiteLLM gateway",
        "LiteLLM gateway → Anthropic API",
    ]
    beside = dataclasses.replace(coder.findings[1], rows=(*coder.findings[1].rows, *coder.findings[2].rows))
    assert all("codeFlows" not in r for r in _run(dataclasses.replace(coder, findings=(beside,)))["results"])


def test_an_unknown_that_does_not_block_is_a_low_rule() -> None:
    rules = {rule["id"]: rule["properties"]["security-severity"] for rule in _run(verdicts.build())["tool"]["driver"]["rules"]}
    assert (rules["U-1/unknown"], rules["U-2/unknown"], rules["F-1"]) == ("8.0", "2.0", "9.5")


def test_what_was_not_read_is_a_notification(coder: Assessment) -> None:
    unread = (NotExaminedRecord("a.pcap", "cut off", True), NotExaminedRecord("b.bin", "binary", False))
    invocation = _run(dataclasses.replace(coder, not_examined=unread))["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert [n["level"] for n in invocation["toolExecutionNotifications"]] == ["error", "warning"]


def test_hostile_text_is_shown_literally_and_links_nowhere(coder: Assessment) -> None:
    run = _run(samples.hostile(coder, samples.HOSTILE + "[here](https://evil.example)"))
    assert all(clean(text) == text for text in _texts(run))
    shown = [t for r in run["results"] for t in _texts([r["message"], r["locations"], r.get("codeFlows", [])])]
    assert not [text for text in shown if re.search(r"(?<!\\)\]\(", text)]
    uris = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]}
    assert all(re.fullmatch(r"[A-Za-z0-9/._~%-]+", uri) for uri in uris)
    assert len(run["results"]) == len(_run(coder)["results"])
    assert all("<script>alert(1)</script>" in r["message"]["text"] for r in run["results"])


@pytest.mark.parametrize("path", ["/etc/passwd", "//evil.example/x", "javascript:alert(1)", "c:x", "é b"])
def test_no_path_becomes_another_scheme_or_host(coder: Assessment, path: str) -> None:
    claim = dataclasses.replace(
        verdicts.build(), claim=None, evidence=(), inputs=(dataclasses.replace(coder.inputs[0], path=path),)
    )
    uri = _run(claim)["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert not uri.startswith("/")
    assert ":" not in uri


def test_limits_hold_and_what_is_left_out_is_counted(coder: Assessment) -> None:
    """More results than GitHub shows, each with a text that no compressor shortens: the worst stay, the file passes."""
    source = random.Random(7)  # noqa: S311 -- noise, not a secret
    many = tuple(
        dataclasses.replace(
            coder.findings[1],
            id=f"AG-01@{n}",
            severity="critical" if n == 5000 else "low",
            title=source.randbytes(5000).hex() if n % 10 == 0 else f"leak {n}",
        )
        for n in range(5001)
    )
    data = render_sarif(dataclasses.replace(coder, findings=many))
    run = json.loads(data)["runs"][0]
    assert (len(run["results"]), run["results"][0]["properties"]["auditorId"]) == (sarif.MOST_RESULTS, "AG-01@5000")
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert notes[0]["message"]["text"] == "6 more results are left out here; they stand in the assessment."
    assert max(len(text) for text in _texts(run)) <= sarif.LONGEST_TEXT
    assert len(gzip.compress(data)) < 10_000_000
