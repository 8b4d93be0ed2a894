"""Truth tables of ``all``, ``any`` and ``at_least`` over every combination of membership and answer."""

from __future__ import annotations

import itertools

import pytest

from auditor.evaluate.outcome import Violation
from auditor.evaluate.quantifiers import Item, enough, every_holds, judge_items, some_holds
from auditor.facts.inventory import Unknown
from auditor.facts.profile import ComponentSelector, Require
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import UnknownKind

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
ANY = ComponentSelector()


def item(member: Truth, every: Truth = YES, some: Truth = YES, name: str = "x") -> Item:
    return Item(
        name,
        member,
        member,
        every,
        some,
        lambda lacking: Violation("x", "", lacking, (), name, (), (), (), ()),
        lambda: (Unknown(UnknownKind.FACT_UNKNOWN, name, ""),),
    )


@pytest.mark.parametrize(
    ("member", "answer", "expected"),
    [
        (YES, YES, YES),
        (YES, NO, NO),
        (YES, UNKNOWN, UNKNOWN),
        (NO, YES, YES),
        (NO, NO, YES),
        (NO, UNKNOWN, YES),
        (UNKNOWN, YES, YES),
        (UNKNOWN, NO, UNKNOWN),
        (UNKNOWN, UNKNOWN, UNKNOWN),
    ],
)
def test_all_is_an_implication(member: Truth, answer: Truth, expected: Truth) -> None:
    assert every_holds(item(member, every=answer)) is expected


@pytest.mark.parametrize(("one", "other"), list(itertools.product(itertools.product(Truth, Truth), repeat=2)))
def test_any_is_a_disjunction(one: tuple[Truth, Truth], other: tuple[Truth, Truth]) -> None:
    pairs = (one, other)
    if (YES, YES) in pairs:
        expected = YES
    elif all(NO in pair for pair in pairs):
        expected = NO
    else:
        expected = UNKNOWN
    assert some_holds([item(member, some=answer) for member, answer in pairs]) is expected


@pytest.mark.parametrize(
    ("members", "least", "expected"),
    [
        ((), 1, NO),
        ((YES,), 1, YES),
        ((UNKNOWN,), 1, UNKNOWN),
        ((NO, NO), 1, NO),
        ((YES, UNKNOWN), 2, UNKNOWN),
        ((YES, YES, NO), 2, YES),
        ((YES, NO), 2, NO),
    ],
)
def test_at_least(members: tuple[Truth, ...], least: int, expected: Truth) -> None:
    assert enough([item(m) for m in members], least) is expected


def test_nothing_to_judge_is_unknown() -> None:
    found = judge_items(Require(ANY, every=ANY), [item(NO)], "X-01", "", is_open=False)
    assert found.violations == ()
    assert [(u.kind, u.subject) for u in found.unknowns] == [(UnknownKind.NOTHING_TO_JUDGE, "X-01")]


def test_a_member_that_breaks_all_is_a_violation_though_the_inventory_is_open() -> None:
    found = judge_items(Require(ANY, every=ANY), [item(YES, every=NO)], "X-01", "", is_open=True)
    assert [v.subject for v in found.violations] == ["x"]


@pytest.mark.parametrize(("is_open", "violations"), [(False, ["what is demanded"]), (True, [])])
def test_what_is_lacking_may_hide_in_an_open_inventory(is_open: bool, violations: list[str]) -> None:
    found = judge_items(Require(ANY, at_least=2), [item(YES)], "X-01", "what is demanded", is_open=is_open)
    assert [v.title for v in found.violations] == violations


def test_only_a_possible_member_leaves_the_count_open() -> None:
    found = judge_items(Require(ANY), [item(YES, name="a"), item(UNKNOWN, name="b")], "X-01", "", is_open=False)
    assert (found.violations, found.unknowns) == ((), ())
    found = judge_items(Require(ANY, at_least=2), [item(YES, name="a"), item(UNKNOWN, name="b")], "X-01", "", is_open=False)
    assert [u.subject for u in found.unknowns] == ["b"]
