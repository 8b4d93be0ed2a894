"""Stores that breach stand on their own evidence; a doubt says what is open: that it exists, or where it is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.evaluate.matching import Scene
from auditor.evaluate.outcome import Found
from auditor.evaluate.store_rules import forbidden_stores
from auditor.facts.inventory import Store
from auditor.facts.profile import ComponentSelector, SelectorKey, StoreSelector, Term, Values
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, DataClass
from tests.evaluate.builder import NOWHERE, at, component, model

LINE = at(1, "profile.yaml")
ABROAD = StoreSelector(ComponentSelector(), (), Values(("DE",), negated=True))
HOLDER = component("coder/database", None, None)
STORE = Store("vendor/logs", "Vendor logs", "coder/database", (DataClass.TRANSCRIPT,), ("US",), "", "")


def found(**changes: object) -> Found:
    scene = Scene(model((HOLDER,), stores=(replace(STORE, **changes),)))  # type: ignore[arg-type]
    return forbidden_stores(ABROAD, scene, LINE)


@pytest.mark.parametrize(("own", "evidence", "bases"), [((at(7),), (at(7),), (Basis.CONFIGURED,)), ((), (LINE,), ())])
def test_its_own_evidence_else_the_line_of_the_profile(own: object, evidence: object, bases: object) -> None:
    assert [(v.evidence, v.bases) for v in found(exists=Truth.YES, evidence=own).violations] == [(evidence, bases)]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"exists": Truth.UNKNOWN}, "The store Vendor logs: whether it exists is not known."),
        ({"exists": Truth.UNKNOWN, "country": ("DE", "US")}, "The store Vendor logs: whether it exists is not known."),
        ({"title": "", "country": None}, "The store vendor/logs: where it is kept is not known."),
    ],
)
def test_a_doubt_says_what_is_open(changes: dict[str, object], text: str) -> None:
    assert [u.text for u in found(**{"exists": Truth.YES, **changes}).unknowns] == [text]


def test_a_store_spread_over_countries_of_which_some_are_accepted_names_them() -> None:
    within = StoreSelector(ComponentSelector(), (), Values(("DE",)))
    scene = Scene(model((HOLDER,), stores=(replace(STORE, exists=Truth.YES, country=("DE", "US")),)))
    assert [u.text for u in forbidden_stores(within, scene, LINE).unknowns] == [
        "The store Vendor logs: where it is kept is not known beyond this: in any of DE, US."
    ]
    alone = Scene(model((HOLDER,), stores=(replace(STORE, exists=Truth.YES, country=("DE",)),)))
    assert [v.subject for v in forbidden_stores(within, alone, LINE).violations] == ["vendor/logs"]


def test_a_store_in_one_country_is_not_called_spread() -> None:
    inside = ComponentSelector((Term(SelectorKey.PERIMETER, Values(("inside",))),))
    scene = Scene(model((component("coder/database", None, None, NOWHERE),), stores=(STORE,)))
    assert [u.text for u in forbidden_stores(StoreSelector(inside), scene, LINE).unknowns] == [
        "The store Vendor logs: where it is kept is not known."
    ]


def test_a_finding_names_the_store_its_data_and_its_country() -> None:
    assert [v.title for v in found().violations] == ["Vendor logs keeps session transcripts at coder database in US."]
    bare = found(title="", classes=()).violations
    assert [v.title for v in bare] == ["vendor/logs keeps data at coder database in US."]
