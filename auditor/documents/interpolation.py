"""``${NAME}`` in texts, as Compose and POSIX shells write it; a pure function, applied by whoever knows the values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BRACE = re.compile(r"[{}]")
_OPERATORS = (":-", ":?", ":+", "-", "?", "+")
_MAXIMUM_NESTING = 20
"""Hostile text must not cost the stack."""


def interpolate(text: str, environment: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Return ``text`` with its variables replaced, and the names that have no value, in order of appearance.

    Understands ``$NAME``, ``${NAME}``, ``${NAME:-default}``, ``${NAME-default}``, ``${NAME:+other}``,
    ``${NAME+other}``, ``${NAME:?message}``, ``${NAME?message}`` with nesting, and ``$$`` for a dollar sign
    (Compose specification, "Interpolation"). What has no value stays as written.
    """
    unresolved: dict[str, None] = {}
    return _Expansion(environment, unresolved).expand(text, 0), tuple(unresolved)


@dataclass(frozen=True, slots=True)
class _Expansion:
    environment: Mapping[str, str]
    unresolved: dict[str, None]

    def expand(self, text: str, depth: int) -> str:
        parts: list[str] = []
        at = 0
        closings = _closings(text)
        while (dollar := text.find("$", at)) >= 0:
            parts.append(text[at:dollar])
            piece, at = self._variable(text, dollar, closings.get(dollar + 1), depth)
            parts.append(piece)
        return "".join((*parts, text[at:]))

    def _variable(self, text: str, dollar: int, end: int | None, depth: int) -> tuple[str, int]:
        """Return the replacement of what starts at ``dollar`` and the offset behind it; ``end``: its closing brace."""
        if text.startswith("$$", dollar):
            return "$", dollar + 2
        braced = text.startswith("${", dollar)
        name = _NAME.match(text, dollar + (2 if braced else 1))
        if name is None or (braced and end is None):
            return "$", dollar + 1
        if not braced or end is None:
            return self._plain(name.group(), text[dollar : name.end()]), name.end()
        whole, rest = text[dollar : end + 1], text[name.end() : end]
        if not rest:
            return self._plain(name.group(), whole), end + 1
        operator = next((o for o in _OPERATORS if rest.startswith(o)), "")
        if not operator or depth >= _MAXIMUM_NESTING:
            self.unresolved[name.group()] = None
            return whole, end + 1
        replaced = self._operate(name.group(), operator, rest[len(operator) :], depth)
        return (whole if replaced is None else replaced), end + 1

    def _plain(self, name: str, whole: str) -> str:
        if name in self.environment:
            return self.environment[name]
        self.unresolved[name] = None
        return whole

    def _operate(self, name: str, operator: str, argument: str, depth: int) -> str | None:
        value = self.environment.get(name)
        usable = bool(value) if operator.startswith(":") else value is not None
        if operator.endswith("+"):
            return self.expand(argument, depth + 1) if usable else ""
        if usable:
            return value
        if operator.endswith("-"):
            return self.expand(argument, depth + 1)
        self.unresolved[name] = None
        return None


def _closings(text: str) -> dict[int, int]:
    """Return the offset of each opening brace with that of the brace that closes it, in one pass."""
    found: dict[int, int] = {}
    waiting: list[int] = []
    for match in _BRACE.finditer(text):
        if match.group() == "{":
            waiting.append(match.start())
        elif waiting:
            found[waiting.pop()] = match.start()
    return found
