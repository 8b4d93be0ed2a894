"""What answers come to, as YAML: entries for ``attestations.yaml`` and for ``auditor.yaml``, each below its question.

Both texts load as they are; nobody has signed them until a person reviews and keeps them.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.facts.questions import AnswerDrafts, AttestationDraft, InputDraft, StatementDraft
from auditor.report.escape import yaml_comment, yaml_scalar


def render_attestation_drafts(drafts: AnswerDrafts) -> str:
    """Return an ``attestations.yaml``."""
    lines = [*_head(drafts, "attestations.yaml"), "version: 1"]
    lines.append("attestations:" if drafts.attestations else "attestations: []")
    for question, draft in drafts.attestations:
        lines += [f"  # {yaml_comment(question)}", *_attestation(draft)]
    return "\n".join(lines) + "\n"


def render_manifest_drafts(drafts: AnswerDrafts) -> str:
    """Return entries for ``inputs:`` and ``states:`` of ``auditor.yaml``; each list goes below the one that is there."""
    lines = _head(drafts, "auditor.yaml: add the entries to the lists that it has")
    of_documents = [(question, s) for question, s in drafts.statements if s.document]
    of_author = [(question, s) for question, s in drafts.statements if not s.document]
    if drafts.inputs or of_documents:
        lines.append("inputs:")
        for question, entry in drafts.inputs:
            lines += [f"  # {yaml_comment(question)}", _input(entry)]
        for question, statement in of_documents:
            lines += [f"  # {yaml_comment(question)}", *_document(statement)]
    if of_author:
        lines.append("states:")
        for question, statement in of_author:
            source = ", ".join(part for part in (statement.issuer, statement.date, statement.source) if part)
            lines += [f"  # {yaml_comment(question)}", f"  # answered by {yaml_comment(source)}", f"  - {_fact(statement)}"]
    return "\n".join(lines) + "\n"


def _head(drafts: AnswerDrafts, target: str) -> list[str]:
    notes = [f"# Note: {yaml_comment(note)}" for note in drafts.notes]
    return [f"# Drafted from answers for {yaml_comment(drafts.deployment)}, for {target}. Review before you keep it.", *notes]


def _attestation(draft: AttestationDraft) -> Iterator[str]:
    pairs = (
        ("id", draft.id),
        ("control", draft.control),
        ("subject", draft.subject),
        ("statement", draft.statement),
        ("by", draft.by),
        ("date", draft.date),
        ("expires", draft.expires),
    )
    for number, (key, value) in enumerate(pairs):
        yield f"  {'- ' if not number else '  '}{key}: {yaml_scalar(value)}"


def _input(entry: InputDraft) -> str:
    collected = f", collected: {yaml_scalar(entry.collected)}" if entry.collected else ""
    return f"  - {{{entry.kind}: {yaml_scalar(entry.path)}{collected}}}"


def _document(statement: StatementDraft) -> Iterator[str]:
    yield f"  - document: {yaml_scalar(statement.document)}"
    yield f"    issuer: {yaml_scalar(statement.issuer)}"
    yield f"    date: {yaml_scalar(statement.date)}"
    yield f"    states: [{_fact(statement)}]"


def _fact(statement: StatementDraft) -> str:
    fact, system, value = (yaml_scalar(text) for text in (statement.fact, statement.system, statement.value))
    return f"{{fact: {fact}, system: {system}, value: {value}}}"
