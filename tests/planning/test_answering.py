"""Answers -> drafts: what does not fit is refused at its line; ``fails`` drafts nothing; expiry is never open-ended."""

from __future__ import annotations

import pytest

from auditor.errors import InvalidInputError
from auditor.facts.evidence import FileLocation
from auditor.facts.questions import SCHEMA, Answer, AnswerDrafts, AnswerKind, QuestionList, QuestionRecord
from auditor.planning.answering import drafts


def question(number: int, kind: AnswerKind, answers: tuple[str, ...], subject: str = "permitted") -> QuestionRecord:
    return QuestionRecord(
        id=f"Q-{number:010x}",
        who="network",
        kind=kind,
        text=f"Question {number}?",
        steps=(),
        answers=answers,
        decides=0,
        controls=("INW-01", "AG-01"),
        blocking=True,
        effects=(),
        unknowns=(f"observation_missing@{subject}",),
        needs=(("AG-01", subject), ("INW-01", subject)),
        system="coder" if kind is AnswerKind.FACT else "",
        fact="web_push" if kind is AnswerKind.FACT else "",
    )


ASKED = QuestionList(
    SCHEMA,
    "auditor 0",
    "2026-11-24",
    "operate",
    "d",
    ("air-gapped",),
    (
        question(1, AnswerKind.FACT, ("on", "off")),
        question(2, AnswerKind.EVIDENCE, ("supplied", "holds", "fails")),
        question(3, AnswerKind.STATEMENT, ("holds", "fails")),
        question(4, AnswerKind.STATEMENT, ("holds", "fails"), subject="two words"),
    ),
)


def answer(number: int, text: str, source: str = "", expires: str = "", statement: str = "") -> Answer:
    at = FileLocation("answers.yaml", "0" * 64, number, 3)
    return Answer(f"Q-{number:010x}", text, "ops", "2026-11-20", source, statement, expires, at)


def made(*answers: Answer, documents: tuple[str, ...] = ()) -> AnswerDrafts:
    return drafts(ASKED, answers, documents)


def test_a_fact_becomes_a_statement_of_its_document_or_of_the_author() -> None:
    ((_, stated),) = made(answer(1, "off", source="docs/a.pdf"), documents=("docs/a.pdf",)).statements
    assert (stated.document, stated.issuer, stated.system, stated.fact, stated.value) == (
        "docs/a.pdf",
        "ops",
        "coder",
        "web_push",
        "off",
    )
    ((_, spoken),) = made(answer(1, "off", source="a call")).statements
    assert spoken.document == ""


def test_holds_becomes_one_attestation_for_each_control_and_expires() -> None:
    found = [d for _, d in made(answer(3, "holds", source="firewall export")).attestations]
    assert [(d.id, d.control, d.subject) for d in found] == [
        ("Q-0000000003-1", "AG-01", "permitted"),
        ("Q-0000000003-2", "INW-01", "permitted"),
    ]
    assert {d.expires for d in found} == {"2027-05-19"}
    assert found[0].statement == "Nothing speaks against the control in this: Question 3? (source: firewall export)"
    ((_, first), *_) = made(answer(3, "holds", expires="2026-12-01", statement="Checked.")).attestations
    assert (first.expires, first.statement) == ("2026-12-01", "Checked.")


def test_fails_and_what_no_attestation_can_name_are_noted() -> None:
    found = made(answer(3, "fails"), answer(4, "holds"))
    assert (found.attestations, found.statements, found.inputs) == ((), (), ())
    assert found.notes[0] == "Q-0000000003 is answered fails: nothing is drafted, and it stays open for INW-01, AG-01"
    assert "no attestation can name the subject 'two words'" in found.notes[1]


def test_supplied_becomes_an_input_of_the_right_kind() -> None:
    ((_, entry),) = made(answer(2, "supplied", source="traffic/a.pcap"), documents=("traffic/a.pcap",)).inputs
    assert (entry.kind, entry.path, entry.collected) == ("capture", "traffic/a.pcap", "2026-11-20")


@pytest.mark.parametrize(
    ("given", "what"),
    [
        (answer(9, "holds"), "Q-0000000009 is no open question"),
        (answer(1, "perhaps"), '"perhaps" is no answer to "Question 1?"'),
        (answer(3, "supplied"), '"supplied" is no answer to "Question 3?"'),
        (answer(2, "supplied", source="../outside.pcap"), 'source: "../outside.pcap" is no file or folder of the deployment'),
    ],
)
def test_what_does_not_fit_is_refused_at_its_line(given: Answer, what: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        made(given)
    (found,) = caught.value.diagnostics()
    assert (found.what, found.line) == (what, given.location.line)
