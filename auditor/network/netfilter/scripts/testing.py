"""Tests of a script that what it shows decides. Source: POSIX.1-2024, test."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.facts.truth import Truth
from auditor.network.netfilter.scripts.values import Field

_ONE, _TWO = 2, 3
"""Words of a test with one operand, and with two."""


def decided_test(fields: Sequence[Field]) -> Truth:
    """Return whether ``[ … ]`` succeeds: comparisons of known texts and numbers alone are decided."""
    words = fields[1:-1] if fields[0].text in ("[", "[[") else fields[1:]
    if not all(f.known for f in words):
        return Truth.UNKNOWN
    texts = [f.text for f in words]
    if len(texts) == _ONE and texts[0] in ("-z", "-n"):
        return Truth.of(bool(texts[1]) is (texts[0] == "-n"))
    if len(texts) != _TWO:
        return Truth.UNKNOWN
    left, sign, right = texts
    if sign in ("=", "==", "!="):
        return Truth.of((left == right) is (sign != "!="))
    if sign in ("-eq", "-ne") and left.isdecimal() and right.isdecimal():
        return Truth.of((int(left) == int(right)) is (sign == "-eq"))
    return Truth.UNKNOWN
