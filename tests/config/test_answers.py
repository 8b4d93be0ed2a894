"""Answers that contradict each other, bear no date, or answer nothing that was asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.catalog.catalog import Catalog
from auditor.config import configure
from auditor.config.answers import source_of
from auditor.documents import read_tree
from auditor.errors import InvalidInputError
from auditor.facts.configuration import Configuration
from auditor.facts.evidence import Evidence, FileLocation, StatementLocation
from auditor.facts.flows import IntendedFlow
from auditor.facts.manifest import Manifest, StatedFact, SystemEntry
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, UnknownKind

from .conftest import HERE

Ask = Callable[..., Configuration]


def _said(
    value: str, *, fact: str = "plan", document: str = "contract.pdf", date: str = "2026-01-01", line: int = 7
) -> StatedFact:
    location = StatementLocation(document, "0" * 64, "page 1", "vendor", date, value)
    return StatedFact("demo", fact, value, Evidence(Basis.DECLARED, location, value), FileLocation("auditor.yaml", "", line, 9))


@pytest.fixture
def ask(tmp_path: Path, catalog: Catalog) -> Ask:
    """Return a function: answers -> Configuration of one Demo."""

    def run(*facts: StatedFact) -> Configuration:
        systems = (SystemEntry("demo", "demo", "2.1", "corp", (), HERE),)
        manifest = Manifest("d", "auditor.yaml", False, None, (), systems, (), (), (), (), "", "", facts=facts)
        (tmp_path / "in").mkdir(exist_ok=True)
        return configure(read_tree(tmp_path / "in", tmp_path).documents, manifest, catalog)

    return run


def _plan(configuration: Configuration) -> IntendedFlow:
    return next(f for f in configuration.flows if f.id == "demo/plan")


@pytest.mark.parametrize("values", [("free", "enterprise"), ("enterprise", "free")])
def test_documents_that_contradict_each_other_answer_nothing(ask: Ask, values: tuple[str, str]) -> None:
    first, second = _said(values[0]), _said(values[1], document="review.md", line=9)
    plan = _plan(ask(first, second))
    assert plan.configured is Truth.UNKNOWN
    asked = (
        'Whether Demo has the flow "review by people" is not known: Is the plan enterprise? The answers contradict each other:'
    )
    assert [(u.kind, u.text) for u in plan.unknowns] == [
        (
            UnknownKind.CONFLICT,
            f"{asked} {source_of(first)} says {values[0]}; {source_of(second)} says {values[1]}",
        )
    ]
    assert source_of(second) == "review.md, page 1 (auditor.yaml:9)"
    assert {first.evidence, second.evidence} <= set(plan.evidence)


def test_the_same_answer_twice_is_one(ask: Ask) -> None:
    assert _plan(ask(_said("enterprise"), _said("enterprise", date=""))).configured is Truth.NO


def test_an_undated_document_answers_nothing(ask: Ask) -> None:
    plan = _plan(ask(_said("enterprise", date="")))
    assert plan.configured is Truth.UNKNOWN
    assert [(u.kind, u.settled_by) for u in plan.unknowns] == [
        (
            UnknownKind.EVIDENCE_UNDATED,
            ("Give the date of contract.pdf, page 1 (auditor.yaml:7) under inputs:",),
        )
    ]


def test_what_the_author_states_needs_no_date(ask: Ask) -> None:
    own = StatedFact("demo", "plan", "enterprise", Evidence(Basis.DECLARED, HERE, "plan"), HERE)
    assert _plan(ask(own)).configured is Truth.NO


@pytest.mark.parametrize(
    ("stated", "what", "why", "step"),
    [
        (
            _said("maybe"),
            '"maybe" is no answer to plan (Is the plan enterprise?)',
            "known here: enterprise, free",
            "use one of these",
        ),
        (
            _said("Free"),
            '"Free" is no answer to plan (Is the plan enterprise?)',
            "known here: enterprise, free",
            'did you mean "free"?',
        ),
        (_said("free", fact="plam"), 'Demo has no fact "plam"', "known here: plan", 'did you mean "plan"?'),
    ],
)
def test_an_answer_that_the_question_does_not_offer(ask: Ask, stated: StatedFact, what: str, why: str, step: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        ask(stated)
    assert [(d.what, d.why, d.next_step, d.where()) for d in caught.value.diagnostics()] == [
        (what, why, step, "auditor.yaml:7:9")
    ]
