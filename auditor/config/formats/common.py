"""What several formats share: bindings from mappings and from words."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping

from auditor.config.bindings import Binding, Source, Word
from auditor.documents.interpolation import interpolate
from auditor.documents.tree import Node, NodeKind


def bind(source: Source, name: str, node: Node, value: str | None, reason: str = "", *, surely: bool = False) -> Binding:
    """Return ``name`` bound at ``node``; the evidence says it in one text."""
    shown = "(not in the inputs)" if value is None else value
    return Binding(name, value, source.evidence(node, f"{name}={shown}"), node.redacted, reason, value is not None or surely)


def bind_mapping(source: Source, node: Node | None, known: Mapping[str, str] | None = None) -> dict[str, Binding]:
    """Return the scalars of a mapping as bindings; with ``known``, ``${NAME}`` is replaced from it."""
    found: dict[str, Binding] = {}
    for key, value in node.entries if node is not None else ():
        if value.kind is NodeKind.NULL:
            found[key.text] = bind(source, key.text, key, None, "its value is taken from whoever starts the process")
        elif value.kind is NodeKind.SCALAR:
            found[key.text] = bind_text(source, key.text, value, value.text, known)
    return found


def bind_text(source: Source, name: str, node: Node, text: str, known: Mapping[str, str] | None) -> Binding:
    """Return ``name`` bound to ``text`` after interpolation; what has no value leaves the whole unknown."""
    if known is None or node.redacted:
        return bind(source, name, node, text)
    value, missing = interpolate(text, known)
    if missing:
        names = ", ".join("${" + m + "}" for m in missing)
        return bind(source, name, node, None, f"{names} has no value in the inputs")
    return bind(source, name, node, value)


def words_of(source: Source, node: Node | None, known: Mapping[str, str] | None = None) -> tuple[Word, ...]:
    """Return the words of a command, given as a list or as one text."""
    if node is None or node.kind is NodeKind.NULL:
        return ()
    if node.kind is NodeKind.SEQUENCE:
        return tuple(w for item in node.items for w in _word(source, item, item.text, known))
    return tuple(w for text in _split(node.text) for w in _word(source, node, text, known))


def plain_values(bindings: Iterable[Binding]) -> dict[str, str]:
    """Return the values that are known, for interpolation."""
    return {b.name: b.value for b in bindings if b.value is not None and not b.redacted}


def short_line(text: str) -> str:
    """Return a command as one line of at most 60 characters, for a reason."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:57]}..."  # noqa: PLR2004 -- a line of a report


def _word(source: Source, node: Node, text: str, known: Mapping[str, str] | None) -> tuple[Word, ...]:
    shown = interpolate(text, known)[0] if known is not None else text
    return (Word(shown, source.evidence(node, shown), node.redacted),)


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        # An unclosed quote: the words as they stand are still worth reading.
        return text.split()
