"""JUnit XML: one test case a control, so that every CI system shows the verdicts as tests.

There is no official schema; elements and attributes are those that CI systems agree on (``testsuites``, ``testsuite``,
``testcase``, ``failure``, ``error``, ``skipped``). A fail is a failure, an unknown an error, waived and not applicable
are skipped with the reason, and so is what the baseline knew as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable

from auditor.facts.assessment import Assessment, ControlRecord
from auditor.report import words
from auditor.report.alerts import Alert, alerts, sentences
from auditor.report.change import change_view
from auditor.report.escape import shortened, svg_attribute, svg_text
from auditor.report.known import Known
from auditor.report.spots import Spots

MOST_LINES = 200
"""Findings and open points listed of one control; the rest is counted."""
_LONGEST = 2000


def render_junit(assessment: Assessment, root: str = "") -> bytes:
    """Return the XML document; times are 0 because an assessment holds no clock but ``as_of``."""
    raised: dict[str, list[Alert]] = {}
    spots = Spots(assessment, root)
    for alert in alerts(assessment, spots):
        raised.setdefault(alert.control.id, []).append(alert)
    known = Known(assessment)
    outcomes = [_outcome(assessment, control, known) for control in assessment.controls]
    counts = {
        "tests": len(outcomes),
        "failures": outcomes.count("failure"),
        "errors": outcomes.count("error"),
        "skipped": outcomes.count("skipped"),
    }
    totals = "".join(f' {name}="{number}"' for name, number in counts.items())
    name, stamp = _attribute("name", assessment.deployment), _attribute("timestamp", assessment.as_of.removesuffix("Z"))
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites{name}{totals} time="0">']
    lines.append(f'  <testsuite{name}{totals} time="0"{stamp}>')
    lines += _properties(assessment)
    holders = {control: profile.id for profile in reversed(assessment.profiles) for control in profile.controls}
    for control, outcome in zip(assessment.controls, outcomes, strict=True):
        mine = raised.get(control.id, [])
        spot = next((a.spot for a in mine if a.spot != spots.manifest()), spots.manifest())
        place = _attribute("file", spot.path) + f' line="{spot.line}"'
        group = _attribute("classname", f"{assessment.deployment}.{holders.get(control.id, 'controls')}")
        head = f'    <testcase{_attribute("name", f"{control.id} {control.title}")}{group} time="0"{place}'
        body = _body(assessment, control, outcome, mine, known.words(control.id))
        lines += [f"{head}>", *body, "    </testcase>"] if body else [f"{head}/>"]
    change = change_view(assessment)
    told = (*change.steps, *(f"alters {a}" for a in change.alterations), change.note) if change else ()
    lines += [f"    <system-out>{_lines(told)}</system-out>"] if told else []
    unread = [f"not examined: {n.path}: {n.reason}" for n in assessment.not_examined]
    lines += [f"    <system-err>{_lines(unread)}</system-err>"] if unread else []
    lines += ["  </testsuite>", "</testsuites>", ""]
    return "\n".join(lines).encode()


def _outcome(assessment: Assessment, control: ControlRecord, known: Known) -> str:
    """Return the child element of a control's test case, empty for a pass; the raw verdict tells what was waived."""
    if control.effective == "pass":
        return "skipped" if _waivers(assessment, control) else ""
    if known.excuses(control.id):
        return "skipped"
    return {"fail": "failure", "unknown": "error"}.get(control.effective, "skipped")


def _waivers(assessment: Assessment, control: ControlRecord) -> list[str]:
    return sorted({f.waived_by for f in assessment.findings if f.control == control.id and f.waived_by})


def _body(assessment: Assessment, control: ControlRecord, outcome: str, mine: list[Alert], since: str) -> list[str]:
    """Return what stands inside a test case."""
    waivers = ", ".join(_waivers(assessment, control))
    noted = [("waived_by", waivers), ("attested_by", ", ".join(control.attested_by))]
    held = [f"        <property{_attribute('name', n)}{_attribute('value', v)}/>" for n, v in noted if v]
    lines = ["      <properties>", *held, "      </properties>"] if held else []
    if not outcome:
        return lines
    if outcome == "skipped":
        message = f"waived by {waivers}" if waivers else f"not applicable: {control.reason or 'its condition is false'}"
        message = f"{control.effective}, {since}" if since else message
        return [*lines, f"      <skipped{_attribute('message', message)}/>"]
    told = [f"{sentences((a.text, a.since))} [{a.spot.path}:{a.spot.line}] {a.help}".strip() for a in mine]
    if outcome == "error":
        open_points = {u.id: u for u in assessment.unknowns}
        told = [f"{u.text} ({u.who})" for u in (open_points[i] for i in control.unknowns if i in open_points)] or told
    kind = _attribute("type", f"{control.severity} {control.effective}")
    message = _attribute(
        "message", f"{words.plural(len(mine), 'finding')}: {mine[0].text}" if outcome == "failure" else mine[0].text
    )
    return [*lines, f"      <{outcome}{message}{kind}>{_lines(told)}</{outcome}>"]


def _properties(assessment: Assessment) -> list[str]:
    held = {
        "auditor.tool": assessment.tool,
        "auditor.stage": assessment.stage,
        "auditor.as_of": assessment.as_of,
        "auditor.digest": assessment.digest,
        **({"auditor.base": assessment.base.commit} if assessment.base else {}),
        **{f"auditor.profile.{p.id}": p.verdict for p in assessment.profiles},
    }
    lines = [f"      <property{_attribute('name', name)}{_attribute('value', value)}/>" for name, value in held.items()]
    return ["    <properties>", *lines, "    </properties>"]


def _attribute(name: str, value: str) -> str:
    return f' {name}="{svg_attribute(shortened(value, _LONGEST))}"'


def _lines(texts: Iterable[str]) -> str:
    """Return the texts one a line, as XML text; what is beyond the limit is counted."""
    listed = list(texts)
    shown = [svg_text(shortened(text, _LONGEST)) for text in listed[:MOST_LINES]]
    return "\n".join([*shown, *([f"… and {len(listed) - MOST_LINES} more"] if len(listed) > MOST_LINES else [])])
