"""The name of a row for every combination, against a table written out by hand."""

from __future__ import annotations

import itertools

import pytest

from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Mark, RowName, Sighting
from auditor.reconcile.naming import existence, intention, marks_of, name_row

Y, N, U = Truth.YES, Truth.NO, Truth.UNKNOWN
# Columns: data alone, data shared, attempt, none although covered, none and uncovered.
COLUMNS = (
    (Sighting.DATA, True),
    (Sighting.DATA, False),
    (Sighting.ATTEMPT, None),
    (Sighting.NONE_COVERED, None),
    (Sighting.NONE_UNCOVERED, None),
)
TABLE = {
    (Y, Y): "confirmed confirmed_shared attempted silent unexercised",
    (Y, U): "confirmed confirmed_shared attempted silent unexercised",
    (Y, N): "bypass bypass blocked blocked blocked",
    (U, Y): "unexplained unexplained attempted possible possible",
    (U, U): "unexplained unexplained attempted possible possible",
    (U, N): "bypass bypass attempted possible possible",
    (N, Y): "undeclared undeclared attempted latent latent",
    (N, U): "undeclared undeclared attempted absent absent",
    (N, N): "bypass bypass attempted absent absent",
}
CASES = [
    (intended, permitted, sighting, sole, RowName(name))
    for (intended, permitted), names in TABLE.items()
    for (sighting, only), name in zip(COLUMNS, names.split(), strict=True)
    for sole in ((True, False) if only is None else (only,))
]


def test_the_table_is_complete() -> None:
    combinations = set(itertools.product(Truth, Truth, Sighting, (True, False)))
    assert {case[:4] for case in CASES} == combinations
    assert len(CASES) == 72


@pytest.mark.parametrize(("intended", "permitted", "sighting", "sole", "name"), CASES)
def test_every_combination_has_its_name(intended: Truth, permitted: Truth, sighting: Sighting, sole: bool, name: RowName) -> None:
    assert name_row(intended, permitted, sighting, sole) is name
    asked = name_row(intended, permitted, sighting, sole, permission_asked=True)
    was_open = name is RowName.ABSENT and permitted is U
    assert asked is (RowName.OPEN if was_open else name)


def test_every_name_can_occur() -> None:
    assert {case[4] for case in CASES} | {RowName.OPEN} == set(RowName)


@pytest.mark.parametrize(
    ("configured", "declared", "expected"),
    [(Y, Y, Y), (Y, N, Y), (Y, U, Y), (N, Y, N), (N, N, N), (N, U, N), (U, Y, Y), (U, N, U), (U, U, U)],
)
def test_a_document_never_turns_off_what_the_configuration_leaves_open(
    configured: Truth, declared: Truth, expected: Truth
) -> None:
    assert intention(configured, declared) is expected


@pytest.mark.parametrize(
    ("configured", "declared", "sighting", "disputed", "marks"),
    [
        (Y, U, Sighting.NONE_COVERED, False, (Mark.UNDOCUMENTED,)),
        (Y, Y, Sighting.DATA, False, ()),
        (N, Y, Sighting.NONE_COVERED, False, (Mark.CONTRADICTED,)),
        (Y, N, Sighting.NONE_COVERED, False, (Mark.UNDOCUMENTED, Mark.CONTRADICTED)),
        (N, N, Sighting.DATA, False, (Mark.CONTRADICTED,)),
        (N, N, Sighting.ATTEMPT, False, ()),
        (Y, Y, Sighting.DATA, True, (Mark.CONTRADICTED,)),
    ],
)
def test_marks(configured: Truth, declared: Truth, sighting: Sighting, disputed: bool, marks: tuple[Mark, ...]) -> None:
    assert marks_of(configured, declared, sighting, disputed=disputed) == marks


@pytest.mark.parametrize(
    ("configured", "sighting", "modelled", "expected"),
    [
        (N, Sighting.DATA, True, Y),
        (U, Sighting.NONE_COVERED, True, U),
        (N, Sighting.NONE_UNCOVERED, True, N),
        (Y, Sighting.NONE_COVERED, True, Y),
        (U, Sighting.ATTEMPT, True, U),
        (U, Sighting.ATTEMPT, False, N),
    ],
)
def test_existence(configured: Truth, sighting: Sighting, modelled: bool, expected: Truth) -> None:
    assert existence(configured, sighting, modelled=modelled) is expected
