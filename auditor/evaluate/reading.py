"""Small readers over located trees whose form the profile schema has already checked."""

from __future__ import annotations

from auditor.documents.tree import Document, Node, NodeKind
from auditor.errors import Diagnostic, InvalidInputError
from auditor.facts.countries import ISO_3166_ALPHA2, country_help


def fault(document: Document, node: Node, what: str, next_step: str = "", why: str = "") -> InvalidInputError:
    """Return the error that refuses ``document`` because of ``node``."""
    diagnostic = Diagnostic(what=what, why=why, next_step=next_step, path=document.path, line=node.line, column=node.column)
    return InvalidInputError(diagnostic)


def text_at(node: Node, key: str, default: str = "") -> str:
    """Return the scalar under ``key`` with its line breaks folded, or ``default``."""
    value = node.get(key)
    return default if value is None else " ".join(value.text.split())


def check_countries(document: Document, node: Node) -> None:
    """Refuse a code that is no country: nothing lies there, so that what forbids it would hold everywhere.

    Raises:
        InvalidInputError: a text of ``node`` (a scalar or a list) is no ISO 3166-1 alpha-2 code.
    """
    for item in node.items or (node,):
        if item.text not in ISO_3166_ALPHA2:
            why, next_step = country_help(item.text)
            raise fault(document, item, f'"{item.text}" is not an ISO 3166-1 alpha-2 country code', next_step, why)


def texts(node: Node | None) -> tuple[str, ...]:
    """Return the texts of a sequence, of one scalar, or nothing."""
    if node is None:
        return ()
    if node.kind is NodeKind.SEQUENCE:
        return tuple(item.text for item in node.items)
    return (node.text,)
