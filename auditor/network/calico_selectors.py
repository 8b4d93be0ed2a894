"""Calico's selector expressions: ``has(x) && role in {'a', 'b'} || !(y == 'z')``.

Source: Calico documentation "Network policy", section "Selector". A comparison with a label that is absent does not hold, except
``!=`` and ``not in``, which then do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from auditor.facts.truth import Truth, all_of, any_of, negate

_TOKEN = re.compile(
    r"\s*(?:(&&|\|\||==|!=|[(){},!])|(not\s+in\b|in\b|contains\b|starts\s+with\b|ends\s+with\b)|'([^']*)'|\"([^\"]*)\"|([\w./-]+))"
)


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels of an object; of incomplete ones an absent label is not known to be absent."""

    known: Mapping[str, str]
    complete: bool
    everywhere: bool = False
    """Whether the object lies in no namespace, which is what ``global()`` asks."""


Expression = Callable[[Labels], Truth]
"""What a selector says of labels."""


class SelectorError(ValueError):
    """A selector that does not follow the grammar."""


def unknown(_: Labels) -> Truth:
    """Return unknown: the expression of a selector that cannot be read."""
    return Truth.UNKNOWN


def everything(_: Labels) -> Truth:
    """Return yes: the expression ``all()``."""
    return Truth.YES


def somewhere(labels: Labels) -> Truth:
    """Return whether an object lies in a namespace: ``all()`` of a selector of namespaces."""
    return Truth.of(not labels.everywhere)


def parse(text: str, *, spaces: bool = False) -> Expression:
    """Return what a selector says; an empty one takes all.

    Args:
        text: the selector.
        spaces: whether it selects namespaces, of which ``all()`` takes every one, and nothing that lies in none.

    Raises:
        SelectorError: the text does not follow the grammar.
    """
    if not text.strip():
        return everything
    parser = _Parser(_tokens(text), somewhere if spaces else everything)
    found = parser.either()
    if parser.rest():
        raise SelectorError(f"{parser.rest()[0][1]} is not expected")
    return found


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    stripped = text.rstrip()
    while at < len(stripped):
        match = _TOKEN.match(stripped, at)
        if match is None:
            raise SelectorError(f"{stripped[at:].strip()[:20]} is not understood")
        at = match.end()
        mark, word, single, double, name = match.groups()
        if mark or word:
            found.append(("mark", mark or " ".join(word.split())))
        elif name is not None:
            found.append(("name", name))
        else:
            found.append(("text", single if single is not None else double))
    return found


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]], every: Expression) -> None:
        self._tokens = tokens
        self._every = every
        self._at = 0

    def rest(self) -> list[tuple[str, str]]:
        return self._tokens[self._at :]

    def either(self) -> Expression:
        parts = [self._both()]
        while self._accept("||"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else lambda labels: any_of(p(labels) for p in parts)

    def _both(self) -> Expression:
        parts = [self._single()]
        while self._accept("&&"):
            parts.append(self._single())
        return parts[0] if len(parts) == 1 else lambda labels: all_of(p(labels) for p in parts)

    def _single(self) -> Expression:
        if self._accept("!"):
            inner = self._single()
            return lambda labels: negate(inner(labels))
        if self._accept("("):
            inner = self.either()
            self._expect(")")
            return inner
        return self._call_or_comparison()

    def _call_or_comparison(self) -> Expression:
        name = self._take("name")
        if not self._accept("("):
            return self._comparison(name)
        if name == "has":
            key = self._take("name")
            self._expect(")")
            return lambda labels: _present(labels, key)
        self._expect(")")
        if name == "all":
            return self._every
        if name == "global":
            return lambda labels: Truth.of(labels.everywhere)
        raise SelectorError(f"{name}() is not known")

    def _comparison(self, key: str) -> Expression:
        operator = self._take("mark")
        if operator in ("in", "not in"):
            values = self._set()
            return _compared(key, lambda v: v in values, negated=operator == "not in")
        value = self._take("text")
        tests: Mapping[str, Callable[[str], bool]] = {
            "==": lambda v: v == value,
            "!=": lambda v: v == value,
            "contains": lambda v: value in v,
            "starts with": lambda v: v.startswith(value),
            "ends with": lambda v: v.endswith(value),
        }
        if operator not in tests:
            raise SelectorError(f"{operator} is no comparison")
        return _compared(key, tests[operator], negated=operator == "!=")

    def _set(self) -> frozenset[str]:
        self._expect("{")
        values = []
        while not self._accept("}"):
            values.append(self._take("text"))
            self._accept(",")
        return frozenset(values)

    def _accept(self, mark: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == ("mark", mark):
            self._at += 1
            return True
        return False

    def _expect(self, mark: str) -> None:
        if not self._accept(mark):
            raise SelectorError(f"{mark} is missing")

    def _take(self, kind: str) -> str:
        if self._at >= len(self._tokens) or self._tokens[self._at][0] != kind:
            got = self._tokens[self._at][1] if self._at < len(self._tokens) else "the end"
            raise SelectorError(f"{got} stands where a {kind} should")
        self._at += 1
        return self._tokens[self._at - 1][1]


def _present(labels: Labels, key: str) -> Truth:
    if key in labels.known:
        return Truth.YES
    return Truth.NO if labels.complete else Truth.UNKNOWN


def _compared(key: str, test: Callable[[str], bool], *, negated: bool) -> Expression:
    def holds(labels: Labels) -> Truth:
        if key not in labels.known:
            return Truth.of(negated) if labels.complete else Truth.UNKNOWN
        return Truth.of(test(labels.known[key]) is not negated)

    return holds
