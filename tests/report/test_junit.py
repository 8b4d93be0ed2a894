from __future__ import annotations

import dataclasses
from typing import Any
from xml.etree import ElementTree as ET

from auditor.facts.assessment import Assessment, NotExaminedRecord
from auditor.report import junit
from auditor.report.junit import render_junit
from tests.report import samples, verdicts


def _parse(data: bytes) -> ET.Element:
    return ET.fromstring(data)  # noqa: S314 -- our own output


def test_goldens(coder: Assessment, cursor: Assessment, golden: Any) -> None:
    golden("coder.xml", render_junit(coder, "deploy/prod").decode())
    golden("cursor.xml", render_junit(cursor).decode())


def test_each_verdict_has_its_element() -> None:
    suites = _parse(render_junit(verdicts.build()))
    cases = {case.attrib["name"].split()[0]: [child.tag for child in case] for case in suites.iter("testcase")}
    assert cases == {
        "P-1": [],
        "A-1": ["properties"],
        "F-1": ["failure"],
        "U-1": ["error"],
        "U-2": ["error"],
        "W-1": ["properties", "skipped"],
        "N-1": ["skipped"],
    }
    counts = {name: suites.attrib[name] for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "7", "failures": "1", "errors": "2", "skipped": "2"}
    assert {s.attrib["message"] for s in suites.iter("skipped")} == {
        "waived by waiver-7",
        "not applicable: no mobile client is configured",
    }


def test_a_control_that_fails_beside_a_waiver_still_fails(coder: Assessment) -> None:
    case = next(c for c in _parse(render_junit(coder)).iter("testcase") if c.attrib["name"].startswith("AG-02"))
    assert [child.tag for child in case] == ["properties", "failure"]
    assert "STUN" not in (case.findtext("failure") or "")


def test_what_was_not_read_is_said(coder: Assessment) -> None:
    unread = dataclasses.replace(coder, not_examined=(NotExaminedRecord("a.pcap", "cut off", True),))
    assert _parse(render_junit(unread)).findtext("./testsuite/system-err") == "not examined: a.pcap: cut off"


def test_hostile_text_breaks_no_element(coder: Assessment) -> None:
    hostile = samples.hostile(coder, samples.HOSTILE + "]]>\ufffe\uffff")
    plain, found = _parse(render_junit(coder)), _parse(render_junit(hostile))
    assert [e.tag for e in found.iter() if e.tag == "testcase"] == [e.tag for e in plain.iter() if e.tag == "testcase"]
    assert {e.tag for e in found.iter()} <= {e.tag for e in plain.iter()} | {"system-err"}
    tail = "\\u001b[31m\\u202e\\u2028\\ud800\\u0000\\u000a`|=1+1]]>\\ufffe\\uffff"
    shown = "<script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}[link=x]" + tail
    assert all(shown in c.attrib["name"] for c in found.iter("testcase"))
    assert all(shown in (c.text or "") for c in found.iter("failure"))


def test_a_long_list_is_cut_and_counted(coder: Assessment) -> None:
    many = tuple(dataclasses.replace(coder.findings[1], id=f"AG-01@{n}") for n in range(junit.MOST_LINES + 3))
    suites = _parse(render_junit(dataclasses.replace(coder, findings=many)))
    case = next(c for c in suites.iter("testcase") if c.attrib["name"].startswith("AG-01"))
    assert (case.findtext("failure") or "").splitlines()[-1] == "… and 3 more"
