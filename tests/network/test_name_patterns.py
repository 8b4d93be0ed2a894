"""Wildcards of names: what one dialect takes, another does not (facts A4, C8)."""

from __future__ import annotations

import pytest

from auditor.network import NameDialect, NamePattern

NAMES = ["cilium.io", "a.cilium.io", "a.b.cilium.io", "xcilium.io", "cilium.io.example"]


@pytest.mark.parametrize(
    ("dialect", "pattern", "taken"),
    [
        (NameDialect.EXACT, "cilium.io", ["cilium.io"]),
        (NameDialect.ADMIN, "*.cilium.io", ["a.cilium.io", "a.b.cilium.io"]),
        (NameDialect.CILIUM, "*.cilium.io", ["a.cilium.io"]),
        (NameDialect.CILIUM, "**.cilium.io", ["a.cilium.io", "a.b.cilium.io"]),
        (NameDialect.CILIUM, "*cilium.io", ["cilium.io", "xcilium.io"]),
        (NameDialect.CILIUM, "*", NAMES),
        (NameDialect.CALICO, "*.cilium.io", ["a.cilium.io", "a.b.cilium.io"]),
        (NameDialect.CALICO, "a.*.io", ["a.cilium.io", "a.b.cilium.io"]),
        (NameDialect.ISTIO, "*.cilium.io", ["a.cilium.io", "a.b.cilium.io"]),
        (NameDialect.ISTIO, "*", NAMES),
    ],
)
def test_each_dialect_has_wildcards_of_its_own(dialect: NameDialect, pattern: str, taken: list[str]) -> None:
    assert [n for n in NAMES if NamePattern(pattern, dialect).matches(n)] == taken


def test_case_and_a_trailing_dot_do_not_count_and_a_dot_is_a_dot() -> None:
    assert NamePattern("API.example.com.", NameDialect.EXACT).matches("api.Example.COM")
    assert not NamePattern("*.example.com", NameDialect.CILIUM).matches("a.exampleXcom")
