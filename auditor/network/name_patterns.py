"""Patterns of host names: each dialect has wildcards of its own, and none is read as another's (facts A4, C8).

Sources: network-policy-api, NPEP-133 (``*.x`` is one or more labels, not ``x`` itself); Cilium's matchpattern package (``*``
stays within a label, ``**.`` in front is any depth, ``*`` alone is every name); Calico Enterprise "DNS policy" (``*`` stands for
one or more labels); Istio ServiceEntry (``*.x`` is any depth, not ``x`` itself); Squid's ``dstdomain`` (``.x`` is ``x`` and any
depth below it); Coder's and Claude Code's lists (``*.x`` is one or more labels, ``*`` inside one label, ``*`` alone every name).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

_WITHIN, _LABEL = "[-a-z0-9_]*", "[-a-z0-9_]+"
_LABELS = rf"{_LABEL}(?:\.{_LABEL})*"


class NameDialect(StrEnum):
    """Whose wildcards a pattern uses."""

    EXACT = "exact"
    ADMIN = "network-policy-api"
    CILIUM = "cilium"
    CALICO = "calico"
    ISTIO = "istio"
    SQUID = "squid"
    TOOL = "agent tool"


@dataclass(frozen=True, slots=True)
class NamePattern:
    """A pattern as it is written, with the dialect that gives it its meaning."""

    text: str
    dialect: NameDialect

    def matches(self, name: str) -> bool:
        """Return whether the pattern takes a host name; letter case and one trailing dot do not count."""
        return _compiled(_plain(self.text), self.dialect).fullmatch(_plain(name)) is not None


def _plain(name: str) -> str:
    return name.strip().lower().removesuffix(".")


@lru_cache(maxsize=4096)
def _compiled(pattern: str, dialect: NameDialect) -> re.Pattern[str]:  # noqa: PLR0911 -- one line a dialect
    if dialect is NameDialect.CILIUM:
        return re.compile(_cilium(pattern))
    if dialect is NameDialect.CALICO:
        return re.compile(_LABELS.join(map(re.escape, pattern.split("*"))))
    if dialect is NameDialect.SQUID and pattern.startswith("."):
        return re.compile(rf"(?:{_LABELS}\.)?{re.escape(pattern[1:])}")
    if dialect is NameDialect.TOOL:
        return re.compile(_tool(pattern))
    if dialect is NameDialect.ISTIO and pattern == "*":
        return re.compile(".+")
    if dialect in (NameDialect.ADMIN, NameDialect.ISTIO) and pattern.startswith("*."):
        return re.compile(rf"{_LABELS}{re.escape(pattern[1:])}")
    return re.compile(re.escape(pattern))


def _cilium(pattern: str) -> str:
    if pattern == "*":
        return ".+"
    front, rest = ("", pattern)
    if pattern.startswith("**."):
        front, rest = rf"{_LABELS}\.", pattern[3:]
    return front + _WITHIN.join(map(re.escape, rest.split("*")))


def _tool(pattern: str) -> str:
    if pattern == "*":
        return ".+"
    front, rest = (rf"{_LABELS}\.", pattern[2:]) if pattern.startswith("*.") else ("", pattern)
    return front + _LABEL.join(map(re.escape, rest.split("*")))
