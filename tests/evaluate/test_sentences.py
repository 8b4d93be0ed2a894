"""The sentences that an officer signs, letter by letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.evaluate import load_profile
from auditor.evaluate.resolving import resolved
from auditor.evaluate.sentences import sentence

SHIPPED = {
    "VM-01": "Every component of the execution plane must not be operated by an unnamed party.",
    "SHE-01": "Every component of the execution plane must be inside the perimeter.",
    "SHE-02": "Every component of the execution plane must be hosted on machines of the customer.",
    "FSH-01": (
        "Every component of the control plane must be inside the perimeter, operated by the customer and hosted on "
        "machines of the customer."
    ),
    "FSH-02": (
        "Every component of the agent loop must be inside the perimeter, operated by the customer and hosted on machines of "
        "the customer."
    ),
    "FSH-03": (
        "Every model gateway, proxy or relay of the inference plane, if there is any, must be inside the perimeter, operated "
        "by the customer and hosted on machines of the customer."
    ),
    "FSH-04": (
        "No path from anything inside the perimeter to any component of the inference plane may pass through any component "
        "that is not operated by the customer."
    ),
    "INW-01": (
        "Nothing inside the perimeter may send content (source code, prompts, answers, tool output and the like) to anything "
        "outside the perimeter."
    ),
    "INW-02": (
        "Nothing inside the perimeter may send repository metadata or orchestration metadata to anything outside the perimeter."
    ),
    "INW-03": "Nothing inside the perimeter may send secrets to anything outside the perimeter.",
    "AG-01": "Nothing inside the perimeter may connect to anything outside the perimeter.",
    "AG-02": "Nothing inside the perimeter may even try to connect to anything outside the perimeter.",
    "AG-03": "Nothing inside the perimeter may need a connection to anything outside the perimeter.",
    "AG-04": "Nothing outside the perimeter may connect to anything inside the perimeter.",
}


def test_the_ladder_in_sentences() -> None:
    assert {c.id: sentence(resolved(c)) for c in load_profile("air-gapped").controls} == SHIPPED


HEAD = """\
profile: mine
title: Mine
version: "1"
valid_until: "2027-12-31"
controls:
  - id: MY-01
    title: Mine
"""
TAIL = """
    evidence: {change: [configured], predeploy: [configured], operate: [configured]}
    on_unknown: block
    severity: high
    rationale: Because.
    remediation: Stop it.
"""


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            "forbid: {flow: {to: {processing: {not: {parameter: allowed_countries}}}, data: [content.prompt]}}",
            "Nothing may send prompts to any component that processes data outside DE or FR.",
        ),
        (
            "forbid: {flow: {from: {role: workspace}, to: {operator: [a, b]}, data: [inbound], direction: receives}}",
            "No workspace may receive downloads from any component that is operated by a or b.",
        ),
        (
            "forbid: {flow: {from: {role: workspace}, data: [secret], direction: any}}",
            "No workspace may exchange secrets with anything.",
        ),
        (
            "forbid: {flow: {name: [undeclared, unexplained]}}",
            "There must be no flow found to be undeclared or unexplained.",
        ),
        (
            "forbid: {component: {plane: inference, operator_country: {not: [DE]}}}",
            "There must be no component of the inference plane that is not operated under the law of DE.",
        ),
        (
            "forbid: {path: {from: {plane: execution}, to: {perimeter: outside}, data: [content.source_code]}}",
            (
                "No path for source code may lead from any component of the execution plane to anything outside the perimeter, "
                "over any number of hops."
            ),
        ),
        (
            "forbid: {store: {at: {perimeter: outside}, data: [content.transcript]}}",
            "There must be no store of session transcripts kept by something outside the perimeter.",
        ),
        (
            "require: {component: {where: {role: model_server}, any: {operator: customer}, at_least: 2}}",
            "At least one model server must be operated by the customer; and there must be at least 2 model servers.",
        ),
        (
            "require: {component: {where: {role: agent_loop, plane: agent_loop}, at_least: 1}}",
            "There must be at least 1 agent loop.",
        ),
        (
            "require: {component: {where: {plane: supporting}, all: {operator: {not: acme}, storage: {not: [US]}}}}",
            "Every component of the supporting services must not be operated by acme and not store data in US.",
        ),
        (
            "require: {flow: {where: {from: {plane: execution}}, all: {to: {perimeter: inside}}}}",
            "Every flow from a component of the execution plane must go to something inside the perimeter.",
        ),
        (
            "require: {evidence: {of: {perimeter: inside}, complete: [configured]}}",
            "The evidence from configuration must be complete for every component inside the perimeter.",
        ),
        (
            "when: {not: {component: {role: relay}}}\n    forbid: {component: {role: proxy}}",
            "If it is not so that there is a relay, there must be no proxy.",
        ),
    ],
)
def test_the_language_in_sentences(tmp_path: Path, written: str, expected: str) -> None:
    used = "parameters: {allowed_countries: [DE, FR]}\n" if "allowed_countries" in written else ""
    (tmp_path / "mine.yaml").write_text(f"{HEAD.replace('controls:', f'{used}controls:')}    {written}{TAIL}")
    (control,) = load_profile("mine.yaml", tmp_path).controls
    assert sentence(resolved(control)) == expected
