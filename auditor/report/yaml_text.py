"""Nested mappings and lists as YAML in block style: our own keys, every text through ``yaml_scalar``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from auditor.report.escape import yaml_scalar

Tree = Mapping[str, "Tree"] | Sequence["Tree"] | str | int


def yaml_text(tree: Tree) -> str:
    """Return ``tree`` as the text of one YAML document, a newline at its end."""
    return "\n".join(_lines(tree)) + "\n"


def _lines(tree: Tree) -> Iterator[str]:
    if isinstance(tree, Mapping) and tree:
        for key, value in tree.items():
            yield from _entry(f"{yaml_scalar(key)}:", value)
    elif isinstance(tree, Sequence) and not isinstance(tree, str) and tree:
        for item in tree:
            first, *rest = _lines(item)
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)
    else:
        yield _leaf(tree)


def _entry(head: str, value: Tree) -> Iterator[str]:
    if isinstance(value, str | int) or not value:
        yield f"{head} {_leaf(value)}"
    else:
        yield head
        yield from (f"  {line}" for line in _lines(value))


def _leaf(value: Tree) -> str:
    if isinstance(value, str):
        return yaml_scalar(value)
    if isinstance(value, int):
        return str(value)
    return "{}" if isinstance(value, Mapping) else "[]"
