"""Questions over shipped deployments: nothing open is left out, ids last, and answers become evidence that counts."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from auditor import pipeline
from auditor.facts.assessment import Assessment
from auditor.facts.questions import HOLDS, AnswerKind, QuestionList
from auditor.facts.vocabulary import Party, Stage
from auditor.pipeline.questioning import ask, draft_answers
from auditor.report.answer_drafts import render_attestation_drafts, render_manifest_drafts
from tests.acceptance.harness import AS_OF, DEPLOYMENTS, gathered

UNPROVEN = "cursor-self-hosted-workers-unproven"
REQUIRE = "Does the team setting require self-hosted agents (Require), or only allow them (Allow)?"


@pytest.fixture(scope="module")
def asked() -> QuestionList:
    return ask(gathered(UNPROVEN, Stage.CHANGE), AS_OF)


def judged(folder: Path) -> Assessment:
    inputs = pipeline.gather(pipeline.Request(paths=(folder,), stage=Stage.CHANGE))
    return pipeline.judge(pipeline.model(inputs), inputs, AS_OF)


def test_every_open_point_that_leaves_a_control_open_is_asked_and_nothing_else(asked: QuestionList) -> None:
    inputs = gathered(UNPROVEN, Stage.CHANGE)
    open_points = {u.id for u in pipeline.judge(pipeline.model(inputs), inputs, AS_OF).unknowns if u.controls}
    assert {u for q in asked.questions for u in q.unknowns} == open_points
    assert len({q.id for q in asked.questions}) == len(asked.questions)


def test_a_question_of_the_catalog_is_asked_once_for_all_that_hangs_on_it() -> None:
    asked = ask(gathered("coder-mislabelled", Stage.CHANGE), AS_OF)
    (found,) = [q for q in asked.questions if q.text == "How do users sign in?"]
    assert (found.kind, found.system) == (AnswerKind.FACT, "claude-code")
    assert len(found.unknowns) > 1
    assert {e.answer for e in found.effects} == set(found.answers)


def test_questions_are_ranked_within_a_party_and_a_party_gets_its_own(asked: QuestionList) -> None:
    order = [(list(Party).index(Party(q.who)), -q.decides, -len(q.controls), q.id) for q in asked.questions]
    assert order == sorted(order)
    vendor = ask(gathered(UNPROVEN, Stage.CHANGE), AS_OF, Party.VENDOR)
    assert vendor.questions == tuple(q for q in asked.questions if q.who == "vendor")
    assert vendor.together == tuple(t for t in asked.together if t.answer == "vendor")
    assert {t.answer for t in asked.together} == {q.who for q in asked.questions}


def test_ids_outlive_another_profile_and_stage(asked: QuestionList) -> None:
    operate = {q.text: q.id for q in ask(gathered(UNPROVEN, Stage.OPERATE), AS_OF).questions}
    assert operate[REQUIRE] == next(q.id for q in asked.questions if q.text == REQUIRE)


def test_what_an_effect_says_is_what_judging_again_says(asked: QuestionList, tmp_path: Path) -> None:
    """Every question is answered ``holds`` or with its best answer; the drafts, kept, settle what was promised."""
    lines = []
    for question in asked.questions:
        best = max(question.effects, key=lambda e: len([m for m in e.moves if m[2] == "pass"])).answer
        answer = best if question.kind is AnswerKind.FACT else HOLDS
        lines.append(f'  - {{id: {question.id}, answer: "{answer}", by: "ops \'x\': #1", date: 2026-11-20, source: "call: 1"}}\n')
    (tmp_path / "answers.yaml").write_text("version: 1\nanswers:\n" + "".join(lines), encoding="utf-8")
    folder = tmp_path / "deployment"
    shutil.copytree(DEPLOYMENTS / UNPROVEN, folder)
    drafted = draft_answers(asked, tmp_path / "answers.yaml", folder)
    (folder / "attestations.yaml").write_text(render_attestation_drafts(drafted), encoding="utf-8")
    manifest = (folder / "auditor.yaml").read_text(encoding="utf-8")
    text = render_manifest_drafts(drafted)
    assert "states:" in text
    (folder / "auditor.yaml").write_text(f"{manifest}\nattestations: attestations.yaml\n{text}", encoding="utf-8")
    before, after = judged(DEPLOYMENTS / UNPROVEN), judged(folder)
    assert [p.verdict for p in before.profiles if p.id == "self-hosted-execution"] == ["unknown"]
    assert [p.verdict for p in after.profiles if p.id == "self-hosted-execution"] == ["pass"]
    assert [c.id for c in after.controls if c.effective == "unknown"] == []


def test_a_document_and_a_supplied_file_become_entries_of_inputs(asked: QuestionList, tmp_path: Path) -> None:
    folder = tmp_path / "deployment"
    shutil.copytree(DEPLOYMENTS / UNPROVEN, folder)
    (folder / "docs").mkdir()
    (folder / "docs" / "reading.md").write_text("Require", encoding="utf-8")
    fact = next(q for q in asked.questions if q.text == REQUIRE)
    evidence = next(q for q in asked.questions if q.kind is AnswerKind.EVIDENCE)
    (tmp_path / "a.yaml").write_text(
        f"version: 1\nanswers:\n"
        f'  - {{id: {fact.id}, answer: "{fact.answers[0]}", by: ops, date: 2026-11-20, source: docs/reading.md}}\n'
        f"  - {{id: {evidence.id}, answer: supplied, by: ops, date: 2026-11-20, source: docs/reading.md}}\n",
        encoding="utf-8",
    )
    drafted = draft_answers(asked, tmp_path / "a.yaml", folder)
    assert [s.document for _, s in drafted.statements] == ["docs/reading.md"]
    assert [(i.kind, i.path) for _, i in drafted.inputs] == [("path", "docs/reading.md")]
    manifest = (DEPLOYMENTS / UNPROVEN / "auditor.yaml").read_text(encoding="utf-8")
    kept = render_manifest_drafts(drafted).split("inputs:\n", 1)[1]
    (folder / "auditor.yaml").write_text(manifest.replace("inputs:\n", f"inputs:\n{kept}", 1), encoding="utf-8")
    inputs = pipeline.gather(pipeline.Request(paths=(folder,), stage=Stage.CHANGE))
    assert [f.value for f in inputs.manifest.facts if f.fact == fact.fact] == [fact.answers[0]]


def test_nothing_open_means_nothing_asked() -> None:
    inputs = gathered("coder-direct-provider", Stage.CHANGE)
    only = replace(inputs, profiles=inputs.profiles[:1], manifest=replace(inputs.manifest, claim=None))
    assert ask(only, AS_OF).questions == ()


def test_what_all_answers_of_a_party_decide_together_is_told() -> None:
    asked = ask(gathered("coder-air-gapped", Stage.OPERATE), AS_OF, Party.NETWORK)
    (together,) = asked.together
    assert ("profile air-gapped", "unknown", "pass") in together.moves
    assert all(q.decides < len(together.moves) for q in asked.questions)
