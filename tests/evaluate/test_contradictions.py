"""Controls that no deployment can meet together are refused at load; what can be met together is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.errors import InvalidInputError
from auditor.evaluate import load_profile, shipped_profiles
from auditor.evaluate.contradictions import contradictions
from tests.evaluate.test_loading import CONTROL, HEAD

FORBID = "forbid: {flow: {from: {perimeter: inside}, to: {perimeter: outside}}}"
FLOW = "{from: {role: proxy}, to: {role: proxy}, data: [content]}"
EXECUTION = "require: {component: {where: {plane: execution}, all: {perimeter: inside}}}"


def said(folder: Path, *requirements: str, head: str = HEAD) -> str:
    """Return why a profile of these requirements is refused, nothing when it is not."""
    controls = "".join(CONTROL.replace("MY-01", f"MY-0{n}").replace(FORBID, text) for n, text in enumerate(requirements, 1))
    (folder / "mine.yaml").write_text(f"{head}controls:\n{controls}", encoding="utf-8")
    try:
        load_profile("mine.yaml", folder)
    except InvalidInputError as error:
        return error.diagnostics()[0].what
    return ""


@pytest.mark.parametrize(
    "one",
    [
        "require: {component: {where: {plane: execution}, all: {plane: inference}}}",
        "require: {component: {where: {operator: customer}, any: {operator: {not: [customer, vendor]}}}}",
        "require: {component: {where: {processing: [DE]}, all: {processing: [FR]}}}",
        "require: {component: {where: {role: proxy}, all: {processing: [DE]}, any: {processing: {not: [DE]}}}}",
        "require: {flow: {where: {from: {perimeter: inside}}, all: {from: {perimeter: outside}}}}",
        "require: {store: {where: {at: {perimeter: inside}}, all: {at: {perimeter: outside}}}}",
    ],
)
def test_a_requirement_that_excludes_itself(tmp_path: Path, one: str) -> None:
    assert said(tmp_path, one) == "no deployment can meet MY-01: what it asks excludes itself"


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        ("require: {component: {where: {role: proxy}, at_least: 1}}", "forbid: {component: {role: [proxy, relay]}}", "forbids"),
        (EXECUTION, "forbid: {component: {plane: execution, perimeter: inside}}", "forbids"),
        (EXECUTION, "forbid: {component: {role: {not: proxy}, plane: execution}}", ""),
        (EXECUTION, "require: {component: {where: {plane: execution}, all: {perimeter: outside}}}", "excludes"),
        (EXECUTION, "require: {component: {where: {perimeter: inside}, all: {plane: inference}}}", "excludes"),
        (
            "require: {component: {where: {plane: inference}, all: {processing: [DE, FR]}}}",
            "require: {component: {where: {plane: inference}, all: {processing: {not: [DE, FR, US]}}}}",
            "excludes",
        ),
        (
            "require: {component: {where: {plane: inference}, all: {processing: [DE, FR]}}}",
            "require: {component: {where: {plane: inference}, all: {processing: {not: [DE]}}}}",
            "",
        ),
        (
            "require: {flow: {where: {from: {plane: execution}, to: {perimeter: outside}}, at_least: 1}}",
            "forbid: {flow: {to: {perimeter: outside}}}",
            "forbids",
        ),
        (
            "require: {flow: {where: {to: {perimeter: outside}, data: [content.prompt]}, at_least: 1}}",
            "forbid: {flow: {to: {perimeter: outside}, data: [content]}}",
            "forbids",
        ),
        (
            "require: {flow: {where: {to: {perimeter: outside}, data: [metadata]}, at_least: 1}}",
            "forbid: {flow: {to: {perimeter: outside}, data: [content]}}",
            "",
        ),
        (
            "require: {flow: {where: {to: {perimeter: outside}, name: [latent]}, at_least: 1}}",
            "forbid: {flow: {to: {perimeter: outside}}}",
            "",
        ),
        (
            "require: {store: {where: {at: {perimeter: inside}, data: [content.transcript]}, at_least: 1}}",
            "forbid: {store: {data: [content]}}",
            "forbids",
        ),
        (
            "require: {store: {where: {at: {perimeter: inside}}, at_least: 1}}",
            "forbid: {store: {data: [content]}}",
            "",
        ),
        (
            "require: {store: {where: {country: [DE]}, at_least: 1}}",
            "forbid: {store: {country: [DE]}}",
            "forbids",
        ),
    ],
)
def test_two_controls(tmp_path: Path, one: str, other: str, what: str) -> None:
    expected = f"MY-01 requires what MY-02 {what}" if what else ""
    assert said(tmp_path, one, other) == expected
    # Of two requirements that exclude each other, the first one that is read is told.
    turned = {"forbids": "MY-02 requires what MY-01 forbids", "": ""}
    first = {"MY-01 requires what MY-02 excludes", "MY-02 requires what MY-01 excludes"}
    assert said(tmp_path, other, one) in ({turned[what]} if what in turned else first)


def test_a_condition_leaves_both_possible(tmp_path: Path) -> None:
    conditional = "when: {component: {role: relay}}\n    forbid: {component: {plane: execution, perimeter: inside}}"
    assert said(tmp_path, EXECUTION, conditional) == ""


def test_parameters_count_with_their_values(tmp_path: Path) -> None:
    head = f"{HEAD}parameters: {{allowed_countries: [DE]}}\n"
    one = "require: {component: {where: {plane: inference}, all: {processing: {parameter: allowed_countries}}}}"
    assert said(tmp_path, one, "require: {component: {where: {plane: inference}, all: {processing: [US]}}}", head=head)
    assert not said(tmp_path, one, "require: {component: {where: {plane: inference}, all: {processing: [DE, US]}}}", head=head)


def test_what_is_inherited_counts_too(tmp_path: Path) -> None:
    head = f"{HEAD}extends: self-hosted-execution\n"
    other = "require: {component: {where: {plane: execution}, all: {hosted_by: partner}}}"
    assert "SHE-02" in said(tmp_path, other, head=head)


@pytest.mark.parametrize("name", shipped_profiles())
def test_no_shipped_profile_contradicts_itself(name: str) -> None:
    assert list(contradictions(load_profile(name).controls)) == []


PROXY = "component: {where: {role: proxy}, at_least: 1}"


def counted(requirement: str) -> str:
    """Return a requirement that asks nothing of its members with the number that has to be there."""
    asks = requirement.startswith("forbid") or any(f" {word}:" in requirement for word in ("all", "any", "at_least"))
    return requirement if asks else f"{requirement[:-2]}, at_least: 1}}}}"


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        # A prohibition has to take in all that is required, term by term.
        ("require: {component: {where: {operator: {not: [a, b]}}}}", "forbid: {component: {operator: {not: a}}}", "forbids"),
        ("require: {component: {where: {operator: {not: a}}}}", "forbid: {component: {operator: {not: [a, b]}}}", ""),
        ("require: {component: {where: {operator: {not: a}}}}", "forbid: {component: {operator: b}}", ""),
        ("require: {component: {where: {operator: a}}}", "forbid: {component: {operator: {not: b}}}", "forbids"),
        ("require: {component: {where: {operator: [a, b]}}}", "forbid: {component: {operator: {not: b}}}", ""),
        ("require: {component: {where: {operator: [a, b]}}}", "forbid: {component: {operator: a}}", ""),
        ("require: {component: {where: {operator: a}}}", "forbid: {component: {operator: a, role: proxy}}", ""),
        ("require: {component: {where: {operator: {not: [a, b]}}}}", "forbid: {component: {operator: a}}", ""),
        ("require: {component: {where: {operator: {not: a}}}}", "forbid: {component: {operator: {not: a}}}", "forbids"),
        # Ends, data, direction and strength of flows.
        (f"require: {{flow: {{where: {FLOW}}}}}", f"forbid: {{flow: {FLOW}}}", "forbids"),
        (
            f"require: {{flow: {{where: {FLOW}}}}}",
            "forbid: {flow: {from: {role: relay}, to: {role: proxy}, data: [content]}}",
            "",
        ),
        (
            f"require: {{flow: {{where: {FLOW}}}}}",
            "forbid: {flow: {from: {role: proxy}, to: {role: relay}, data: [content]}}",
            "",
        ),
        (f"require: {{flow: {{where: {FLOW}}}}}", f"forbid: {{flow: {FLOW[:-1]}, direction: receives}}}}", ""),
        (f"require: {{flow: {{where: {FLOW}}}}}", "forbid: {flow: {from: {role: proxy}, to: {role: proxy}}}", ""),
        (f"require: {{flow: {{where: {FLOW}}}}}", f"forbid: {{flow: {FLOW[:-1]}, strength: sandbox}}}}", ""),
        (f"require: {{flow: {{where: {FLOW[:-1]}, strength: sandbox}}}}}}", f"forbid: {{flow: {FLOW}}}", "forbids"),
        (f"require: {{flow: {{where: {FLOW}}}}}", f"forbid: {{flow: {FLOW[:-1]}, required: yes}}}}", ""),
        ("require: {flow: {where: {from: {role: proxy}, to: {role: proxy}}}}", f"forbid: {{flow: {FLOW}}}", ""),
        (
            "require: {flow: {where: {from: {role: proxy}}, any: {data: [content], direction: receives}}}",
            "forbid: {flow: {from: {role: proxy}, data: [content], direction: receives}}",
            "forbids",
        ),
        # Stores.
        ("require: {store: {where: {data: [content.prompt]}}}", "forbid: {store: {data: [content]}}", "forbids"),
        ("require: {store: {where: {data: [content]}}}", "forbid: {store: {data: [content.prompt]}}", ""),
        ("require: {store: {where: {at: {role: proxy}}}}", "forbid: {store: {data: [content]}}", ""),
        ("require: {store: {where: {at: {role: proxy}}}}", "forbid: {store: {at: {role: relay}}}", ""),
        ("require: {store: {where: {at: {role: proxy}}}}", "forbid: {store: {at: {role: proxy}}}", "forbids"),
        ("require: {store: {where: {country: DE}}}", "forbid: {store: {country: DE}}", "forbids"),
        ("require: {store: {where: {country: DE}}}", "forbid: {store: {country: FR}}", ""),
        # What another requirement asks of all of them.
        (f"require: {{{PROXY}}}", "require: {component: {where: {plane: inference}, all: {role: relay}}}", ""),
        (f"require: {{{PROXY}}}", "require: {component: {where: {role: proxy}, any: {role: [proxy, relay]}}}", ""),
        (
            "require: {component: {where: {operator: [a, b]}}}",
            "require: {component: {where: {operator: [a, b]}, all: {operator: {not: a}}}}",
            "",
        ),
        (
            "require: {component: {where: {operator: a}}}",
            "require: {component: {where: {operator: [a, b]}, all: {operator: {not: a}}}}",
            "excludes",
        ),
        (
            "require: {flow: {where: {data: [content]}, any: {to: {role: proxy}}}}",
            "forbid: {flow: {to: {role: proxy}, data: [content]}}",
            "forbids",
        ),
        (
            "require: {flow: {where: {to: {role: proxy}}, any: {data: [content]}}}",
            "forbid: {flow: {to: {role: proxy}, data: [content]}}",
            "forbids",
        ),
        (
            "require: {store: {where: {data: [content]}, any: {at: {role: proxy}}}}",
            "forbid: {store: {data: [content]}}",
            "forbids",
        ),
        (
            "require: {store: {where: {at: {role: proxy}}, any: {data: [content]}}}",
            "forbid: {store: {data: [content]}}",
            "forbids",
        ),
        ("require: {store: {where: {at: {role: proxy}}, any: {country: DE}}}", "forbid: {store: {country: DE}}", "forbids"),
        ("require: {store: {where: {country: DE}, any: {at: {role: proxy}}}}", "forbid: {store: {country: DE}}", "forbids"),
    ],
)
def test_only_what_can_never_be_met_together_is_refused(tmp_path: Path, one: str, other: str, what: str) -> None:
    found = said(tmp_path, *map(counted, (one, other)))
    assert what in found
    assert bool(found) is bool(what), found


@pytest.mark.parametrize(
    "one",
    [
        "require: {component: {where: {operator: {not: a}}, all: {operator: {not: b}}}}",
        "require: {component: {where: {operator: {not: a}}, all: {operator: b}}}",
        "require: {component: {where: {operator: {not: a}}, all: {operator: {not: [a, b]}}}}",
        "require: {component: {where: {operator: [a, b]}, all: {operator: {not: a}}}}",
        "require: {component: {where: {operator: [a, b]}, all: {operator: [b, c]}}}",
        "require: {flow: {where: {to: {role: proxy}}, all: {from: {role: relay}}}}",
    ],
)
def test_what_can_be_met_stays(tmp_path: Path, one: str) -> None:
    assert said(tmp_path, one) == ""


def test_a_flow_whose_destination_excludes_itself(tmp_path: Path) -> None:
    one = "require: {flow: {where: {to: {perimeter: inside}}, all: {to: {perimeter: outside}}}}"
    assert "excludes itself" in said(tmp_path, one)
