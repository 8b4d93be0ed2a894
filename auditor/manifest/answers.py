"""Answers to questions, as a file gives them: every fault located, whether they fit the questions judged elsewhere."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from auditor.documents import load_strict
from auditor.documents.tree import Node
from auditor.facts.questions import Answer
from auditor.manifest.reading import Reading, text


def load_answers(path: Path, shown: str) -> tuple[Answer, ...]:
    """Return the answers of a file that say something, in its order; an empty ``answer:`` is left for later.

    Raises:
        InvalidInputError: malformed, against the schema, a question answered twice, an answer without ``by`` or
            ``date``, or a bad date.
    """
    schema = resources.files("auditor.documents") / "schemas" / "answers-v1.json"
    reading = Reading(load_strict(path, shown, schema))
    listed = reading.document.root.get("answers")
    first: dict[str, Node] = {}
    found = []
    for node in listed.items if listed is not None else ():
        key = node.get("id") or node
        before = first.setdefault(key.text, key)
        if before is not key:
            reading.fault(key, f"{key.text} is answered twice", reading.first_at(before, key), "keep one of the answers")
        if text(node, "answer").strip():
            found.append(_answer(reading, node))
    reading.finish()
    return tuple(found)


def _answer(reading: Reading, node: Node) -> Answer:
    for key in ("by", "date"):
        if not text(node, key).strip():
            reading.fault(node, f"an answer lacks {key}:", "somebody answers, and on some day", f"add {key}:")
    for key in ("date", "expires"):
        given = node.get(key)
        if given is not None and given.text.strip():
            reading.date(given)
    if text(node, "date") and text(node, "expires") and text(node, "expires") <= text(node, "date"):
        reading.fault(node.get("expires") or node, "expires is not after date", next_step="give a later date")
    return Answer(
        question=text(node, "id"),
        answer=text(node, "answer").strip(),
        by=text(node, "by"),
        date=text(node, "date"),
        source=text(node, "source"),
        statement=text(node, "statement"),
        expires=text(node, "expires"),
        location=reading.locate(node.get("answer") or node),
    )
