"""The only door to ``jsonschema``: schema errors as located diagnostics in plain words."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.documents.acceptance import plainly_accepts
from auditor.documents.tree import Node, NodeKind
from auditor.errors import Diagnostic

if TYPE_CHECKING:
    from jsonschema import ValidationError

_KINDS = {"object": "a mapping", "array": "a list", "string": "a text", "null": "nothing"}
_SENTENCES = {
    "const": ('{name} is "{value}", and only "{limit}" is known', 'write "{limit}"'),
    "minItems": ("{name} is empty", "give at least one"),
    "minProperties": ("{name} is empty", "give at least one"),
    "minLength": ("{name} is empty", "give a value"),
    "uniqueItems": ("{name} names something twice", "keep one of the two"),
    "pattern": ('{name} is "{value}", which has the wrong form', "correct the value"),
    "anyOf": ("{name} has a form that is not known here", "correct the value"),
    "oneOf": ("{name} has a form that is not known here", "correct the value"),
}
"""Keyword of JSON Schema -> what is wrong, what to do."""


def check(root: Node, shown: str, schema: Traversable | Path) -> tuple[Diagnostic, ...]:
    """Return one diagnostic for each way in which ``root`` breaks ``schema`` (JSON Schema 2020-12), by position.

    Every scalar is a text, so the schema types scalars as strings and gives numbers and switches by pattern.
    A subschema's ``description`` says in plain words what is expected and becomes the *why*.
    """
    value, rules = plain(root), json.loads(schema.read_text(encoding="utf-8"))
    if plainly_accepts(value, rules, rules):
        return ()
    from jsonschema import Draft202012Validator

    found: dict[tuple[int, int, str], Diagnostic] = {}
    for error in Draft202012Validator(rules).iter_errors(value):
        for leaf in _leaves(error):
            for diagnostic in _explain(leaf, root, shown):
                found.setdefault((diagnostic.line, diagnostic.column, diagnostic.what), diagnostic)
    return tuple(found[key] for key in sorted(found))


def plain(node: Node) -> Any:
    """Return the tree as dictionaries, lists, texts and ``None``."""
    if node.kind is NodeKind.MAPPING:
        return {key.text: plain(value) for key, value in node.entries}
    if node.kind is NodeKind.SEQUENCE:
        return [plain(item) for item in node.items]
    return None if node.kind is NodeKind.NULL else node.text


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    """Yield the errors worth telling: of several alternatives those of the branch that came closest."""
    if error.validator not in ("anyOf", "oneOf") or not error.context:
        yield error
        return
    branches: dict[Any, list[ValidationError]] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0], []).append(inner)
    # The branch whose errors lie deepest fits the shape; a branch of the wrong type fails at the top.
    closest = max(branches.values(), key=lambda b: (max(len(e.path) for e in b), not _wrong_type(b), -len(b)))
    if all(_wrong_type(b) for b in branches.values()) and len(branches) > 1:
        yield error
        return
    for inner in closest:
        yield from _leaves(inner)


def _wrong_type(branch: list[ValidationError]) -> bool:
    return any(e.validator == "type" and not e.path for e in branch)


def _explain(error: ValidationError, root: Node, shown: str) -> list[Diagnostic]:
    path = tuple(error.absolute_path)
    node = root.at(*path) or root
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, Mapping) else {}
    if error.validator == "additionalProperties":
        return _unknown_keys(node, schema, shown)
    if error.validator == "required":
        return _missing(error, node, shown)
    why = str(schema.get("description", ""))
    key = node.key(str(error.instance)) if "propertyNames" in error.absolute_schema_path else None
    if key is not None:
        return [Diagnostic(f'key "{key.text}" has the wrong form', why, "rename it", shown, key.line, key.column)]
    what, next_step = _sentence(error, path)
    above = root.at(*path[:-1]) if node.kind is NodeKind.NULL and path else None
    located = (above.key(str(path[-1])) if above is not None else None) or node
    return [Diagnostic(what, why, next_step, shown, located.line, located.column)]


def _unknown_keys(node: Node, schema: Mapping[str, Any], shown: str) -> list[Diagnostic]:
    known = tuple(schema.get("properties", {}))
    return [
        Diagnostic(
            f'unknown key "{key.text}"',
            f"known here: {', '.join(known)}" if known else "no key is allowed here",
            suggestion(key.text, known) or "remove it",
            shown,
            key.line,
            key.column,
        )
        for key, _ in node.entries
        if key.text not in known
    ]


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean "…"?`` for the nearest known word, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f'did you mean "{near[0]}"?' if near else ""


def _missing(error: ValidationError, node: Node, shown: str) -> list[Diagnostic]:
    """Return one message for each key that is not there (the library reports each, naming all)."""
    name, required = _name(tuple(error.absolute_path)), _texts(error.validator_value)
    return [
        Diagnostic(f'{name} lacks "{key}"', "", f'add "{key}:"', shown, node.line, node.column)
        for key in required
        if node.get(key) is None
    ]


def _sentence(error: ValidationError, path: tuple[str | int, ...]) -> tuple[str, str]:
    """Return what is wrong and what to do, in plain words."""
    name, value, limit = _name(path), error.instance, error.validator_value
    if error.validator == "type":
        kinds = " or ".join(_KINDS.get(kind, kind) for kind in ([limit] if isinstance(limit, str) else _texts(limit)))
        return f"{name} must be {kinds}, and is {_kind(value)}", "correct the value"
    if error.validator == "enum":
        known = _texts(limit)
        return f'{name} is "{value}", which is not one of: {", ".join(known)}', suggestion(
            str(value), known
        ) or "use one of these"
    template = _SENTENCES.get(str(error.validator))
    if template is None:
        return f"{name}: {error.message}", "correct the value"
    return template[0].format(name=name, value=value, limit=limit), template[1].format(limit=limit)


def _texts(values: object) -> tuple[str, ...]:
    return tuple(str(value) for value in values) if isinstance(values, list) else ()


def _kind(value: object) -> str:
    if value is None:
        return "empty"
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else f'the text "{value}"'


def _name(path: tuple[str | int, ...]) -> str:
    if not path:
        return "the file"
    return "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
