"""Expressions of Azure templates (``[parameters('sku')]``), as far as a template and its parameter files decide them.

Source: Microsoft, "Template functions in ARM templates" and "Syntax and expressions" (2026). What needs a run
(``resourceGroup().location``, ``uniqueString``, ``copyIndex``) is not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from auditor.documents.tree import Node, NodeKind

_TOKEN = re.compile(r"\s*(?:'((?:[^']|'')*)'|([A-Za-z_][\w.]*)|(\d+)|(.))", re.DOTALL)
_HOLE = re.compile(r"\{(\d+)\}")
MOST_STEPS = 400
"""Tokens and references that one value may take; longer ones are left undecided."""


class _UndecidedError(Exception):
    """The value needs a run, or is written in a way that is not read."""


@dataclass(frozen=True, slots=True)
class Template:
    """One template with the values that parameter files give."""

    root: Node
    given: Mapping[str, str | None]
    """Parameter → its value in parameter files; ``None`` where they disagree or its value is no text."""

    def text(self, node: Node | None) -> str:
        """Return the value of a scalar, empty where it is no scalar or not decided."""
        if node is None or node.kind is not NodeKind.SCALAR:
            return ""
        try:
            return _Reader(self, MOST_STEPS).value(node.text)
        except _UndecidedError:
            return ""


class _Reader:
    def __init__(self, template: Template, steps: int) -> None:
        self._template = template
        self._steps = steps

    def value(self, text: str) -> str:
        if text.startswith("[["):
            return text[1:]
        if not (text.startswith("[") and text.endswith("]")):
            return text
        tokens = [m.groups() for m in _TOKEN.finditer(text[1:-1].strip())]
        value, at = self._expression(tokens, 0)
        if at != len(tokens):
            raise _UndecidedError
        return value

    def _spend(self) -> None:
        self._steps -= 1
        if self._steps < 0:
            raise _UndecidedError

    def _expression(self, tokens: list[tuple[str | None, ...]], at: int) -> tuple[str, int]:
        self._spend()
        literal, name, number, _ = tokens[at] if at < len(tokens) else (None,) * 4
        if literal is not None or number is not None:
            return (literal or "").replace("''", "'") if literal is not None else number or "", at + 1
        if name is None or at + 1 >= len(tokens) or tokens[at + 1][3] != "(":
            raise _UndecidedError
        arguments: list[str] = []
        at += 2
        while at < len(tokens) and tokens[at][3] != ")":
            if arguments:
                if tokens[at][3] != ",":
                    raise _UndecidedError
                at += 1
            value, at = self._expression(tokens, at)
            arguments.append(value)
        if at >= len(tokens):
            raise _UndecidedError
        return self._call(name.lower(), arguments), at + 1

    def _call(self, name: str, arguments: list[str]) -> str:
        if name in ("parameters", "variables") and len(arguments) == 1:
            return self._named(name, arguments[0])
        if name == "concat":
            return "".join(arguments)
        if name == "tolower" and len(arguments) == 1:
            return arguments[0].lower()
        if name == "format" and arguments:
            holes = [int(n) for n in _HOLE.findall(arguments[0])]
            if any(n + 1 >= len(arguments) for n in holes):
                raise _UndecidedError
            return _HOLE.sub(lambda m: arguments[int(m.group(1)) + 1], arguments[0])
        raise _UndecidedError

    def _named(self, table: str, name: str) -> str:
        """Return a parameter (names are the same in any case) or variable, itself perhaps an expression."""
        self._spend()
        if table == "parameters" and name.lower() in self._template.given:
            given = self._template.given[name.lower()]
            if given is None:
                raise _UndecidedError
            return given
        entries = self._template.root.get(table)
        found = next((v for k, v in entries.entries if k.text.lower() == name.lower()), None) if entries is not None else None
        node = found.get("defaultValue") if found is not None and table == "parameters" else found
        if node is None or node.kind is not NodeKind.SCALAR or node.redacted:
            raise _UndecidedError
        return self.value(node.text)


def given_by(files: list[Node]) -> dict[str, str | None]:
    """Return the parameters that parameter files give: one value each, ``None`` where files differ or one leaves it out."""
    values: dict[str, set[str | None]] = {}
    tables = [_parameters(root) for root in files]
    for name in {n for table in tables for n in table}:
        values[name] = {table.get(name) for table in tables}
    return {name: next(iter(found)) if len(found) == 1 else None for name, found in values.items()}


def _parameters(root: Node) -> dict[str, str | None]:
    entries = root.get("parameters")
    found: dict[str, str | None] = {}
    for key, entry in entries.entries if entries is not None else ():
        value = entry.get("value")
        plain = value is not None and value.kind is NodeKind.SCALAR and not value.redacted
        found[key.text.lower()] = value.text if value is not None and plain else None
    return found
