"""Paths into located trees: ``networking.derp.enable``, ``providers[].base_url``, ``mcpServers.*.url``.

A key that holds a dot is quoted: ``"a.b".c``. ``[]`` is every element, ``*`` every key. ``[kind=web,!match]`` is every
element whose ``kind`` is, or holds, ``web``, and that has no key ``match``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from auditor.documents.tree import Node, NodeKind

WHOLE_FILE = "."
"""As the block of variables: the file is one, as env files are."""
_STEP = re.compile(r'"([^"]*)"|(\[[^\]]*\])|([^.\["]+)')


def find(root: Node, path: str) -> Iterator[tuple[str, Node]]:
    """Yield (last key or index as text, node) for every node at ``path``, in source order."""
    yield from _descend(root, steps(path), "")


def block_steps(env_block: str) -> tuple[str, ...] | None:
    """Return the steps to the mapping of environment variables in a file of a scope, ``None`` where it has none."""
    if not env_block:
        return None
    return () if env_block == WHOLE_FILE else steps(env_block)


def first_at(root: Node, path: str) -> Node | None:
    """Return the first node at ``path``, or ``None``."""
    return next((node for _, node in find(root, path)), None)


@functools.lru_cache(maxsize=4096)
def steps(path: str) -> tuple[str, ...]:
    """Return the steps of ``path``; ``[]`` and ``*`` stay as they are."""
    return tuple(quoted or brackets or plain for quoted, brackets, plain in _STEP.findall(path))


def _descend(node: Node, remaining: tuple[str, ...], name: str) -> Iterator[tuple[str, Node]]:
    if not remaining:
        yield name, node
        return
    step, rest = remaining[0], remaining[1:]
    if step.startswith("[") and step.endswith("]"):
        for index, item in enumerate(node.items):
            if all(_fits(item, asked) for asked in step[1:-1].split(",") if asked):
                yield from _descend(item, rest, str(index))
    elif step == "*" and node.kind is NodeKind.MAPPING:
        for key, value in node.entries:
            yield from _descend(value, rest, key.text)
    else:
        below = node.get(step)
        if below is not None:
            yield from _descend(below, rest, step)


def _fits(item: Node, asked: str) -> bool:
    """Return whether an element has the value, or lacks the key, that a step in brackets asks for."""
    name, _, wanted = asked.partition("=")
    if name.startswith("!"):
        return item.get(name[1:]) is None
    value = item.get(name)
    return value is not None and wanted in (value.text, *(each.text for each in value.items))
