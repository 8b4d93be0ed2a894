"""Conditions are Kleene logic: more knowledge never turns a yes into a no."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.catalog.conditions import ALWAYS, NEVER, AllOf, AnyOf, Ask, Atom, AtomKind, Condition, Not
from auditor.catalog.product import Era, Licence, Product
from auditor.catalog.settings import Truthiness
from auditor.catalog.sources import NO_SOURCE, Fact
from auditor.config.context import SystemContext, SystemParts
from auditor.config.deciding import Decision, Ground
from auditor.config.effective import unless
from auditor.config.values import in_range, is_truthy
from auditor.facts.truth import Truth, all_of, any_of, negate
from auditor.facts.vocabulary import Grade

NOTHING = Fact("", "", NO_SOURCE, Grade.UNKNOWN)
PRODUCT = Product(
    "p",
    "P",
    "v",
    Licence("", Truth.UNKNOWN, NOTHING),
    "",
    "",
    (Era("E1", "<2", ""),),
    (),
    (),
    (),
    (),
    (),
    (),
    (),
    (),
    (),
    (),
    (),
    (),
)
FACTS = ("a", "b", "c")


def _context(answers: dict[str, str], version: str = "") -> SystemContext:
    changes: dict[str, str | None] = {f"fact:{k}": v for k, v in answers.items()}
    return SystemContext(SystemParts("s", PRODUCT, version, None, (), {}, changes))


def _atom(name: str) -> Condition:
    return Atom(AtomKind.FACT, name, Ask.EQUALS, "yes")


CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    st.sampled_from(FACTS).map(_atom),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda p: AllOf(tuple(p))),
        st.lists(inner, min_size=1, max_size=3).map(lambda p: AnyOf(tuple(p))),
        inner.map(Not),
    ),
    max_leaves=8,
)
ANSWERS = st.dictionaries(st.sampled_from(FACTS), st.sampled_from(["yes", "no"]))


def _expected(condition: Condition, answers: dict[str, str]) -> Truth:
    if isinstance(condition, Atom):
        return Truth.of(answers[condition.name] == "yes" if condition.name in answers else None)
    if isinstance(condition, Not):
        return negate(_expected(condition.part, answers))
    parts = [_expected(p, answers) for p in condition.parts]
    return all_of(parts) if isinstance(condition, AllOf) else any_of(parts)


@given(CONDITIONS, ANSWERS)
def test_conditions_follow_kleene(condition: Condition, answers: dict[str, str]) -> None:
    assert _context(answers).decide(condition).truth is _expected(condition, answers)


@given(CONDITIONS, ANSWERS, ANSWERS)
def test_learning_more_never_reverses_an_answer(condition: Condition, answers: dict[str, str], more: dict[str, str]) -> None:
    before = _context(answers).decide(condition).truth
    after = _context({**more, **answers}).decide(condition).truth
    assert before in (Truth.UNKNOWN, after)


@given(CONDITIONS, ANSWERS)
def test_the_grounds_alone_decide(condition: Condition, answers: dict[str, str]) -> None:
    """Whatever is not among the grounds of a decided answer may be forgotten."""
    decision = _context(answers).decide(condition)
    named = {g.atom.name for g in decision.grounds}
    if decision.truth is not Truth.UNKNOWN:
        kept = {k: v for k, v in answers.items() if k in named}
        assert _context(kept).decide(condition).truth is decision.truth


def test_always_never_versions_and_eras() -> None:
    context = _context({}, "1.9.3")
    era, other = Atom(AtomKind.ERA, "E1"), Atom(AtomKind.ERA, "E9")
    assert [context.decide(c).truth for c in (ALWAYS, NEVER, era, other)] == [Truth.YES, Truth.NO, Truth.YES, Truth.UNKNOWN]
    assert _context({}).decide(era).truth is Truth.UNKNOWN


@pytest.mark.parametrize(
    ("version", "wanted", "expected"),
    [
        ("2.36.1", ">=2.36", Truth.YES),
        ("v2.9", "<2.10", Truth.YES),
        ("2.36", "=2.36", Truth.YES),
        ("2.36.4", "=2.36", Truth.YES),
        ("3", ">=2.36,<3", Truth.NO),
        ("latest", ">=1", Truth.UNKNOWN),
    ],
)
def test_version_ranges(version: str, wanted: str, expected: Truth) -> None:
    assert in_range(version, wanted) is expected


@pytest.mark.parametrize(
    ("rule", "yes", "no", "unknown"),
    [
        (Truthiness.ANY_NONEMPTY, ["0", "false", " "], [""], []),
        (Truthiness.PRESENCE, ["", "0"], [], []),
        (Truthiness.BOOL_LOOSE, ["1", "True", "YES", "on"], ["0", "2", "", "enabled"], []),
        (Truthiness.EXACT_TRUE, ["true", "1"], ["True", "yes", "0"], []),
        (Truthiness.FALSE_STRING, ["", "no", "False"], ["false", "0"], []),
        (Truthiness.JSON_BOOL, ["true"], ["false"], ["1", "yes", ""]),
        (Truthiness.GO_BOOL, ["1", "t", "TRUE"], ["0", "F", "false"], ["yes", "", "tRUE"]),
    ],
)
def test_truthiness(rule: Truthiness, yes: list[str], no: list[str], unknown: list[str]) -> None:
    texts: Any = {Truth.YES: yes, Truth.NO: no, Truth.UNKNOWN: unknown}
    assert {t: [x for x in xs if is_truthy(x, rule) is t] for t, xs in texts.items()} == texts


def _ground(text: str, unseen: str = "") -> Ground:
    return Ground(Atom(AtomKind.SETTING, text), Truth.UNKNOWN, text + unless(unseen), unseen=unseen)


def test_sources_that_nobody_showed_are_named_once_for_all_that_they_could_set() -> None:
    grounds = (
        _ground("A unset", "the file"),
        _ground("B=1 at x:1"),
        _ground("C unset", "the file"),
        _ground("D unset", "the flags"),
    )
    told = Decision(Truth.UNKNOWN, grounds).reason
    assert told == "A unset; C unset, unless the file sets one of them; B=1 at x:1; D unset, unless the flags sets it"
    assert Decision(Truth.UNKNOWN, grounds[:1] * 2).reason == "A unset, unless the file sets it"
