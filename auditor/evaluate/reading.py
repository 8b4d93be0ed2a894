"""Small readers over located trees whose form the profile schema has already checked."""

from __future__ import annotations

from auditor.documents.tree import Document, Node, NodeKind
from auditor.errors import Diagnostic, InvalidInputError


def fault(document: Document, node: Node, what: str, next_step: str = "", why: str = "") -> InvalidInputError:
    """Return the error that refuses ``document`` because of ``node``."""
    diagnostic = Diagnostic(what=what, why=why, next_step=next_step, path=document.path, line=node.line, column=node.column)
    return InvalidInputError(diagnostic)


def text_at(node: Node, key: str, default: str = "") -> str:
    """Return the scalar under ``key`` with its line breaks folded, or ``default``."""
    value = node.get(key)
    return default if value is None else " ".join(value.text.split())


def texts(node: Node | None) -> tuple[str, ...]:
    """Return the texts of a sequence, of one scalar, or nothing."""
    if node is None:
        return ()
    if node.kind is NodeKind.SEQUENCE:
        return tuple(item.text for item in node.items)
    return (node.text,)
