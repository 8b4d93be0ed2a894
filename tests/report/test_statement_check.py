"""A statement against the record that it speaks about: whatever was changed in it is told."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import Any

import pytest

from auditor.errors import InvalidInputError
from auditor.facts.assessment import Assessment
from auditor.report.assessment_json import dump_assessment
from auditor.report.in_toto import render_in_toto
from auditor.report.statement_check import Outcome, agreement_with_record, read_statement


def _digest(assessment: Assessment) -> str:
    return hashlib.sha256(dump_assessment(assessment)).hexdigest()


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [leaf for key, child in value.items() for leaf in _leaves(child, (*path, key))]
    if isinstance(value, list):
        return [leaf for index, child in enumerate(value) for leaf in _leaves(child, (*path, index))]
    return [path]


def test_a_value_changed_anywhere_is_told(coder: Assessment) -> None:
    data, digest = render_in_toto(coder), _digest(coder)
    leaves = _leaves(json.loads(data))
    assert len(leaves) > 80
    for *way, last in leaves:
        statement = json.loads(data)
        place = statement
        for step in way:
            place = place[step]
        place[last] = f"{place[last]}x" if isinstance(place[last], str) else not place[last]
        try:
            changed = read_statement(json.dumps(statement).encode(), "s.json")
        except InvalidInputError:
            continue
        assert agreement_with_record(changed, coder, digest, coder.tool).outcome is Outcome.FAILS, (*way, last)


@pytest.mark.parametrize(
    ("change", "tool", "outcome"),
    [
        ({}, "auditor 0.1.0", Outcome.HOLDS),
        ({"stage": "change"}, "auditor 0.1.0", Outcome.FAILS),
        ({"stage": "change"}, "auditor 9", Outcome.OPEN),
    ],
)
def test_another_version_cannot_tell_what_it_would_not_say_itself(
    coder: Assessment, change: dict[str, Any], tool: str, outcome: Outcome
) -> None:
    """The digest binds the record; only what is said of it is left open by another version."""
    statement = read_statement(render_in_toto(coder), "s.json")
    other = dataclasses.replace(coder, **change)
    assert agreement_with_record(statement, other, _digest(coder), tool).outcome is outcome


def test_another_record_is_told(coder: Assessment, cursor: Assessment) -> None:
    statement = read_statement(render_in_toto(coder), "s.json")
    check = agreement_with_record(statement, cursor, _digest(cursor), cursor.tool)
    assert check.outcome is Outcome.FAILS
    assert check.text.startswith("the record is another one")
