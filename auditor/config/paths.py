"""Paths into located trees: ``networking.derp.enable``, ``providers[].base_url``, ``mcpServers.*.url``.

A key that holds a dot is quoted: ``"a.b".c``. ``[]`` is every element, ``*`` every key; ``[kind=web,!match]`` every element
whose ``kind`` is ``web`` and that has no ``match``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from auditor.documents.tree import Node, NodeKind

_STEP = re.compile(r'"([^"]*)"|(\[[^\]]*\])|([^.\["]+)')


def find(root: Node, path: str) -> Iterator[tuple[str, Node]]:
    """Yield (last key or index as text, node) for every node at ``path``, in source order."""
    yield from _descend(root, steps(path), "")


def first_at(root: Node, path: str) -> Node | None:
    """Return the first node at ``path``, or ``None``."""
    return next((node for _, node in find(root, path)), None)


@functools.lru_cache(maxsize=4096)
def steps(path: str) -> tuple[str, ...]:
    """Return the steps of ``path``; ``[]``, ``[kind=web]`` and ``*`` stay as they are."""
    return tuple(quoted or brackets or plain for quoted, brackets, plain in _STEP.findall(path))


def _descend(node: Node, remaining: tuple[str, ...], name: str) -> Iterator[tuple[str, Node]]:
    if not remaining:
        yield name, node
        return
    step, rest = remaining[0], remaining[1:]
    if is_element(step):
        for index, item in enumerate(node.items):
            if all(_holds(item, test) for test in step[1:-1].split(",") if test):
                yield from _descend(item, rest, str(index))
    elif step == "*" and node.kind is NodeKind.MAPPING:
        for key, value in node.entries:
            yield from _descend(value, rest, key.text)
    else:
        below = node.get(step)
        if below is not None:
            yield from _descend(below, rest, step)


def is_element(step: str) -> bool:
    """Return whether a step of a path goes into the elements of a list."""
    return step.startswith("[")


def _holds(element: Node, test: str) -> bool:
    """Return whether an element passes one test of a filter: ``key=text``, or ``!key`` for a key that it has not."""
    name, _, text = test.removeprefix("!").partition("=")
    below = element.get(name)
    given = below is not None and below.kind is not NodeKind.NULL
    return not given if test.startswith("!") else below is not None and given and below.text == text
