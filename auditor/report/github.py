"""GitHub annotations: workflow commands that the runner turns into marks beside the lines (GitHub "Workflow commands").

A step shows ten annotations of each kind, so the tenth says how many more there are. A fail and a blocking unknown are
errors, an unknown that does not block is a warning, what is waived, or known to the baseline, or a step of a change, is a notice.
"""

from __future__ import annotations

from auditor.facts.assessment import Assessment
from auditor.facts.gate import StepRecord
from auditor.report.alerts import Alert, alerts, told
from auditor.report.change import step_words
from auditor.report.escape import clean, shortened, workflow_property, workflow_text
from auditor.report.spots import Spot, Spots

MOST_OF_A_KIND = 10
_LONGEST_TITLE, _LONGEST_TEXT = 200, 2000
_KINDS = ("error", "warning", "notice")


def render_github(assessment: Assessment, root: str = "") -> bytes:
    """Return one workflow command a line, errors first; nothing where there is nothing to say."""
    spots = Spots(assessment, root)
    found: dict[str, list[tuple[Spot, str, str]]] = {kind: [] for kind in _KINDS}
    for alert in alerts(assessment, spots):
        found["notice" if alert.excused else "error" if alert.blocking else "warning"].append(_of_alert(alert))
    for finding in assessment.findings:
        if finding.waived_by:
            title = f"{finding.control} waived by {finding.waived_by}"
            found["notice"].append((spots.of_finding(finding), title, finding.title))
    for step in assessment.base.steps if assessment.base else ():
        found["notice"].append((_of_step(step, spots), "What the change does", step_words(step)))
    lines = []
    for kind in _KINDS:
        shown = found[kind]
        if len(shown) > MOST_OF_A_KIND:
            more = len(shown) - MOST_OF_A_KIND + 1
            rest = (spots.manifest(), f"{more} more", f"{more} more of this kind stand in the report.")
            shown = [*shown[: MOST_OF_A_KIND - 1], rest]
        lines += [_command(kind, *entry) for entry in shown]
    return "".join(f"{line}\n" for line in lines).encode()


def _of_step(step: StepRecord, spots: Spots) -> Spot:
    """Return the line that makes what is added or changed; what is removed has no line any more."""
    return spots.at(step.path, step.line) if step.path and step.kind != "removes" else spots.manifest()


def _of_alert(alert: Alert) -> tuple[Spot, str, str]:
    return alert.spot, f"{alert.control.id} {alert.control.title}", told(alert)


def _command(kind: str, spot: Spot, title: str, text: str) -> str:
    title = workflow_property(shortened(clean(title), _LONGEST_TITLE))
    place = f"file={workflow_property(clean(spot.path))},line={spot.line},col={spot.column}"
    return f"::{kind} {place},title={title}::{workflow_text(shortened(clean(text), _LONGEST_TEXT))}"
