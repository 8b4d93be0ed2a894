"""Questions as Markdown, workbook, template and drafts: whole outputs, hostile text stays where it belongs."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.facts.questions import (
    SCHEMA,
    AnswerDrafts,
    AnswerKind,
    AttestationDraft,
    EffectRecord,
    InputDraft,
    QuestionList,
    QuestionRecord,
    StatementDraft,
)
from auditor.manifest import load_answers, load_attestations
from auditor.report.answer_drafts import render_attestation_drafts, render_manifest_drafts
from auditor.report.questions_text import questions_table, render_answer_template, render_questions_markdown
from auditor.report.record_json import dump_record
from tests.report.samples import HOSTILE

TRAP = f"{HOSTILE}\r\n# x: [1] | =1+1 <b> *a* \u202e"


@pytest.fixture(name="asked")
def _asked() -> QuestionList:
    fact = QuestionRecord(
        id="Q-0000000001",
        who="vendor",
        kind=AnswerKind.FACT,
        text="Is web search on?",
        steps=("Supply the order form.", "Or show the dashboard."),
        answers=("on", "off"),
        decides=2,
        controls=("INW-01", "AG-01"),
        blocking=True,
        effects=(
            EffectRecord("on", (("INW-01", "unknown", "fail"),)),
            EffectRecord("off", (("INW-01", "unknown", "pass"), ("profile in-network", "unknown", "pass"))),
        ),
        unknowns=("fact_unknown@coder/web_search",),
        needs=(("INW-01", "coder/web_search"),),
        system="coder",
        fact="web_search",
    )
    other = replace(
        fact,
        id="Q-0000000002",
        who="network",
        kind=AnswerKind.EVIDENCE,
        text="What the network permits was not examined.",
        answers=("supplied", "holds", "fails"),
        decides=0,
        blocking=False,
        effects=(EffectRecord("holds", ()),),
        system="",
        fact="",
    )
    together = (EffectRecord("vendor", (("INW-01", "unknown", "pass"),)), EffectRecord("network", ()))
    return QuestionList(
        SCHEMA, "auditor 0", "2026-11-24T00:00:00Z", "operate", "coder-prod", ("in-network",), (fact, other), together
    )


@pytest.fixture(name="drafted")
def _drafted() -> AnswerDrafts:
    attestation = AttestationDraft("Q-1-1", "AG-01", "permitted", "Checked: all.", "ops", "2026-11-20", "2027-05-19")
    return AnswerDrafts(
        "coder-prod",
        (("What is permitted?", attestation),),
        (
            ("Is web search on?", StatementDraft("docs/a.pdf", "Coder", "2026-11-20", "coder", "web_search", "off")),
            ("Is web push on?", StatementDraft("", "ops", "2026-11-20", "coder", "web_push", "off")),
        ),
        (("Record the mirror.", InputDraft("capture", "traffic/b.pcap", "2026-11-20")),),
        ("Q-3 is answered fails",),
    )


def test_goldens(asked: QuestionList, drafted: AnswerDrafts, golden: Callable[[str, str], None]) -> None:
    golden("questions.md", render_questions_markdown(asked))
    golden("questions.json", dump_record(asked).decode())
    golden("answers.yaml", render_answer_template(asked))
    golden("attestations_draft.yaml", render_attestation_drafts(drafted))
    golden("manifest_draft_entries.yaml", render_manifest_drafts(drafted))


def test_the_template_loads_and_answers_nothing(asked: QuestionList, tmp_path: Path) -> None:
    (tmp_path / "answers.yaml").write_text(render_answer_template(asked), encoding="utf-8")
    assert load_answers(tmp_path / "answers.yaml", "answers.yaml") == ()


def test_nothing_open_is_said(asked: QuestionList) -> None:
    none = replace(asked, questions=())
    assert "Nothing is open that these profiles ask for." in render_questions_markdown(none)
    assert "that the legal or contract team can answer" in render_questions_markdown(replace(none, party="legal"))
    assert render_answer_template(none).endswith("answers: []\n")


def test_the_workbook_has_a_line_for_each_question_and_room_for_answers(asked: QuestionList) -> None:
    from auditor.report.xlsx import render_workbook

    table = questions_table(asked)
    assert [len(row) for row in table.rows] == [len(table.heads)] * 2
    data = render_workbook((("Questions", table),))
    assert data == render_workbook((("Questions", table),))
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        text = book.read("xl/sharedStrings.xml").decode()
    assert "Is web search on?" in text
    assert "<f>" not in text


def test_hostile_text_is_text(asked: QuestionList, drafted: AnswerDrafts, tmp_path: Path) -> None:
    questions = tuple(replace(q, text=TRAP, steps=(TRAP,), answers=(TRAP,)) for q in asked.questions)
    hostile = replace(asked, deployment=TRAP, questions=questions)
    markdown = render_questions_markdown(hostile)
    of_effects, of_meanings = 2, 4  # lines that only answers bring which mean something
    assert len(markdown.splitlines()) == len(render_questions_markdown(asked).splitlines()) - of_effects - of_meanings
    assert "<b>" not in markdown
    assert "\u202e" not in markdown
    (tmp_path / "answers.yaml").write_text(render_answer_template(hostile), encoding="utf-8")
    assert load_answers(tmp_path / "answers.yaml", "answers.yaml") == ()
    ((_, attestation),) = drafted.attestations
    entry = replace(attestation, statement=TRAP, by=TRAP)
    text = render_attestation_drafts(replace(drafted, deployment=TRAP, notes=(TRAP,), attestations=((TRAP, entry),)))
    (tmp_path / "attestations.yaml").write_text(text, encoding="utf-8")
    (loaded,) = load_attestations(tmp_path / "attestations.yaml", "attestations.yaml")
    sayable = TRAP.replace("\ud800", "\ufffd")
    assert (loaded.statement, loaded.by) == (sayable, sayable)
