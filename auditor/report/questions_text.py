"""Questions as Markdown for people, as tables for a workbook, and as an answer file to fill in."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.facts.questions import FAILS, HOLDS, SUPPLIED, EffectRecord, QuestionList, QuestionRecord
from auditor.report import words
from auditor.report.escape import clean, markdown_text, yaml_comment, yaml_scalar
from auditor.report.tables import Row, Table, several

_MEANT = {
    HOLDS: "nothing in this speaks against the controls that it leaves open; becomes an attestation, which a person signs",
    FAILS: "something in this speaks against them; nothing is drafted, and it stays open",
    SUPPLIED: "the evidence lies below the manifest's folder now, and source: names it",
}
"""What the answers mean that are no values of a fact."""
_HEADS = (
    *("id", "who", "question", "help", "answers", "decides", "controls", "blocking", "if_answered"),
    *("answer", "by", "date", "source", "statement"),
)


def render_questions_markdown(asked: QuestionList) -> str:
    """Return the questions as GitHub flavoured Markdown, by party, the one that decides most first."""
    head = f"# Open questions: {_text(asked.deployment)}"
    scope = f"As of {asked.as_of[:10]}, stage {asked.stage}, against {_text(', '.join(asked.profiles))}."
    blocks = [head, scope, *(_nothing(asked.party) if not asked.questions else ())]
    blocks += ["\n".join(f"- **{answer}**: {_text(meaning)}." for answer, meaning in _meant(asked))] if _meant(asked) else []
    for party in dict.fromkeys(q.who for q in asked.questions):
        blocks.append(f"## For {words.word(words.PARTIES, party)}")
        blocks.extend(_together(e) for e in asked.together if e.answer == party)
        blocks.extend(_question(q) for q in asked.questions if q.who == party)
    return "\n\n".join(blocks) + "\n"


def questions_table(asked: QuestionList) -> Table:
    """Return one line a question, with empty cells for the answer."""
    return Table(_HEADS, tuple(_row(q) for q in asked.questions))


def render_answer_template(asked: QuestionList) -> str:
    """Return an answer file without answers: what is left empty is not answered."""
    lines = [
        f"# Answers to the open questions of {yaml_comment(asked.deployment)}, for auditor questions DEPLOYMENT --answers FILE.",
        "# Leave answer: empty where you do not know. source: a document of the deployment, or plain words.",
        *(f"# {answer}: {meaning}." for answer, meaning in _meant(asked)),
        "version: 1",
        "answers:" if asked.questions else "answers: []",
    ]
    for question in asked.questions:
        lines += [
            f"  # {yaml_comment(question.text)}",
            f"  # one of: {yaml_comment(', '.join(question.answers))}",
            f'  - {{id: {yaml_scalar(question.id)}, answer: "", by: "", date: "", source: ""}}',
        ]
    return "\n".join(lines) + "\n"


def _meant(asked: QuestionList) -> list[tuple[str, str]]:
    offered = {answer for question in asked.questions for answer in question.answers}
    return [(answer, meaning) for answer, meaning in _MEANT.items() if answer in offered]


def _nothing(party: str) -> tuple[str, ...]:
    if party:
        return (f"Nothing is open that {words.word(words.PARTIES, party)} can answer; others may be asked.",)
    return ("Nothing is open that these profiles ask for.",)


def _together(effect: EffectRecord) -> str:
    if not effect.moves:
        return "These answers decide nothing without those of others."
    return f"If all of them speak for the controls: {_text(_moves(effect.moves))}."


def _question(question: QuestionRecord) -> str:
    lines = [f"### {question.id}: {_decides(question)}", "", f"**Question:** {_text(question.text)}", ""]
    lines += [f"- To settle it: {_text(step)}" for step in question.steps]
    lines += [f"- Leaves open: {_text(', '.join(question.controls))}" + ("" if question.blocking else " (blocks nothing)")]
    lines += [f"- Answers: {_text(', '.join(question.answers))}", *_effects(question)]
    return "\n".join(lines)


def _decides(question: QuestionRecord) -> str:
    if question.decides:
        return f"decides {words.plural(question.decides, 'verdict')} alone"
    return f"one of several for {words.plural(len(question.controls), 'control')}"


def _effects(question: QuestionRecord) -> Iterator[str]:
    for effect in question.effects:
        if effect.moves:
            yield f"- If {_text(effect.answer)}: {_text(_moves(effect.moves))}"


def _moves(moves: tuple[tuple[str, str, str], ...]) -> str:
    return ", ".join(f"{name} {words.word(words.VERDICT_WORDS, new)}" for name, _, new in moves)


def _row(question: QuestionRecord) -> Row:
    effects = several(f"{e.answer}: {_moves(e.moves)}" for e in question.effects if e.moves)
    blocking = "yes" if question.blocking else "no"
    answers, controls = several(question.answers), several(question.controls)
    told = (question.id, question.who, question.text, several(question.steps), answers, question.decides, controls, blocking)
    return (*told, effects, "", "", "", "", "")


def _text(text: str) -> str:
    return markdown_text(clean(text))
