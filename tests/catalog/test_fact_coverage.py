"""Every variable and host that the fact files name is in the catalog, or listed with the reason why no flow depends on it."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import pytest
import yaml

from auditor.catalog import load_catalog
from auditor.catalog.library import SHIPPED
from tests.conftest import ROOT

FACTS = ROOT.parent / "shared" / "facts"
FILES = ("agents.md", "coder_cursor.md", "endpoints.md")
LISTED: dict[str, dict[str, list[str]]] = yaml.safe_load(
    (Path(__file__).parent / "names_without_a_flow.yaml").read_text(encoding="utf-8")
)
pytestmark = pytest.mark.skipif(not FACTS.is_dir(), reason="the fact files are not beside the project")
_VARIABLE = re.compile(r"\b[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+\b")
_TOP_LEVEL = "com|org|io|ai|net|dev|sh|us|eu|cn|ru|app|info|ms|chat|so|me|cloud|site|pub|de|co|in"
_HOST = re.compile(rf"(?<![\w/@.{{}}-])(?:[a-z0-9-]+\.)+(?:{_TOP_LEVEL})\b(?![\w-]*[/(]?\w*\.py)")
_BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


@functools.cache
def _text(name: str) -> str:
    return (FACTS / name).read_text(encoding="utf-8")


@functools.cache
def _in_catalog() -> frozenset[str]:
    return frozenset(v for path in SHIPPED.rglob("*.yaml") for v in _VARIABLE.findall(path.read_text(encoding="utf-8")))


def _listed(kind: str) -> list[str]:
    return [name for names in LISTED[kind].values() for name in names]


@pytest.mark.parametrize("name", FILES)
def test_every_variable_is_in_the_catalog_or_listed_with_its_reason(name: str) -> None:
    assert sorted(set(_VARIABLE.findall(_text(name))) - _in_catalog() - set(_listed("variables"))) == []


@pytest.mark.parametrize("name", FILES)
def test_every_host_has_an_operator_or_is_listed_with_its_reason(name: str) -> None:
    blocks = _BLOCK.findall(_text(name)) or [_text(name)]
    hosts = {host for block in blocks for host in _HOST.findall(block)}
    known = load_catalog()
    assert sorted(h for h in hosts - set(_listed("hosts")) if known.endpoint_for_host(h) is None) == []


def test_nothing_is_listed_twice_or_beside_the_catalog() -> None:
    everything = "".join(_text(name) for name in FILES)
    for kind in ("variables", "hosts"):
        names = _listed(kind)
        assert sorted(n for n in names if names.count(n) > 1) == []
        assert [n for n in names if n not in everything] == []
    assert sorted(set(_listed("variables")) & _in_catalog()) == []
    assert [h for h in _listed("hosts") if load_catalog().endpoint_for_host(h) is not None] == []
