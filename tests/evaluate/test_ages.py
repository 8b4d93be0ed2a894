"""Dated evidence: exports too old, undated or from later leave a control open; documents only when from later."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.evaluate import load_profile
from auditor.evaluate.ages import age_doubts
from auditor.evaluate.matching import Scene
from auditor.evaluate.sufficiency import insufficiencies
from auditor.facts.evidence import Evidence, FileLocation, StatementLocation
from auditor.facts.manifest import InputEntry, StatedFact
from auditor.facts.profile import Control, EvidenceNeed, Parameter
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, ConfigState
from tests.evaluate.builder import model

AIR_GAPPED = {c.id: c for c in load_profile("air-gapped").controls}
CONTROL: Control = AIR_GAPPED["AG-01"]
AT = FileLocation("auditor.yaml", "", 1, 1)
EXPORT = InputEntry("path", "ai.json", (), ConfigState.LIVE, "2026-11-20", "GET /ai", "", (), "", AT)


def doubts(entry: InputEntry, as_of: str = "2026-11-24", control: Control = CONTROL) -> list[str]:
    manifest = replace(model().manifest, inputs=(entry,))
    return [f"{u.kind.value}@{u.subject}" for u in age_doubts(control, manifest, as_of)]


def test_shipped_profiles_say_how_old_evidence_may_be_and_inherited_controls_keep_their_own() -> None:
    found = {c.id: {p.name: p.values for p in c.parameters}["max_age"] for c in AIR_GAPPED.values()}
    assert {c.split("-")[0]: age for c, age in found.items()} == {
        "VM": ("90d",),
        "SHE": ("90d",),
        "FSH": ("90d",),
        "INW": ("30d",),
        "AG": ("30d",),
    }


@pytest.mark.parametrize(
    ("collected", "expected"),
    [
        ("2026-11-20", []),
        ("2026-10-25", []),
        ("2026-10-24", ["observation_stale@ai.json"]),
        ("2026-11-24", []),  # the day judged
        ("2026-11-25", ["observation_stale@ai.json"]),
        ("", ["evidence_undated@ai.json"]),
    ],
)
def test_an_export_is_of_its_day(collected: str, expected: list[str]) -> None:
    assert doubts(replace(EXPORT, collected=collected)) == expected
    assert doubts(replace(EXPORT, state=ConfigState.COMMITTED, collected=collected)) == expected  # from: makes it an export


def test_a_committed_file_needs_no_date_and_one_that_it_has_counts() -> None:
    plain = replace(EXPORT, state=ConfigState.COMMITTED, origin="")
    assert doubts(replace(plain, collected="")) == []
    assert doubts(replace(plain, collected="2020-01-01")) == ["observation_stale@ai.json"]


def test_without_max_age_only_evidence_from_later_is_refused() -> None:
    free = replace(CONTROL, parameters=(Parameter("observed_window", ("24h",)),))
    assert doubts(replace(EXPORT, collected=""), control=free) == []
    assert doubts(replace(EXPORT, collected="2020-01-01"), control=free) == []
    assert doubts(replace(EXPORT, collected="2026-12-01"), control=free) == ["observation_stale@ai.json"]


def test_a_document_may_be_old_and_not_from_later() -> None:
    def of(date: str) -> list[str]:
        at = StatementLocation("docs/dpa.pdf", "", "page 7", "vendor", date, "")
        fact = StatedFact("coder", "web_push", "off", Evidence(Basis.DECLARED, at, ""))
        manifest = replace(model().manifest, facts=(fact,))
        return [u.text for u in age_doubts(CONTROL, manifest, "2026-11-24T10:00:00Z")]

    assert of("2020-01-01") == of("2026-11-24") == []
    assert of("2026-11-25") == ["docs/dpa.pdf is of 2026-11-25, which is later than the date judged (2026-11-24T10:00:00Z)."]


def test_the_age_of_exports_matters_only_to_controls_that_need_configuration() -> None:
    built = model()
    stale = replace(built, manifest=replace(built.manifest, inputs=(replace(EXPORT, collected="2020-01-01"),)))

    def open_for(*bases: Basis) -> list[str]:
        control = replace(CONTROL, evidence=EvidenceNeed(bases, bases, bases))
        return [u.subject for u in insufficiencies(control, Scene(stale), lambda _: Truth.YES, "2026-11-24")]

    assert "ai.json" in open_for(Basis.CONFIGURED)
    assert "ai.json" not in open_for(Basis.PERMITTED)


def test_a_live_state_needs_a_date_without_an_origin_and_other_inputs_are_judged_elsewhere() -> None:
    assert doubts(replace(EXPORT, origin="", collected="")) == ["evidence_undated@ai.json"]
    for kind in ("capture", "log", "document"):
        assert doubts(replace(EXPORT, kind=kind, collected="2020-01-01")) == []


def test_a_document_without_a_date_and_a_statement_of_the_author_are_not_from_later() -> None:
    undated = Evidence(Basis.DECLARED, StatementLocation("dpa.pdf", "", "page 1", "vendor", "", ""), "")
    own = Evidence(Basis.DECLARED, AT, "the author says so")
    facts = tuple(StatedFact("coder", "web_search", "off", evidence) for evidence in (undated, own))
    manifest = replace(model().manifest, facts=facts)
    assert list(age_doubts(CONTROL, manifest, "2026-11-24")) == []
