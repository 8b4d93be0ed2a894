# ruff: noqa: E501 -- lines of YAML and JSON in texts stay whole
"""Loading: on demand, overlaid, refused with a place."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.catalog import load_catalog
from auditor.errors import InvalidInputError
from auditor.facts.vocabulary import Grade, Relation

PRODUCT = """
product: mine
title: Mine
vendor: me
licence: {spdx: MIT, open_source: yes}
sources: {S: {title: source, publisher: me, relation: vendor, date: 2026-01-01, grade: vendor}}
defaults: {src: S}
scopes: []
workloads: [{id: w, title: W}]
components: [{id: c, title: C, plane: inference, role: model_server, runs_in: w}]
settings: [{id: s, names: {env: [S]}, grade: third}]
flows: []
"""
ENDPOINTS = """
operator: anthropic
sources: {S: {title: source, publisher: me, relation: competitor, date: 2026-01-01, grade: vendor}}
defaults: {src: S}
endpoints:
  - {id: anthropic/model_server, title: Mine, hosts: [api.anthropic.com], plane: inference, role: model_server, processing: [NO, SE]}
"""
OPERATORS = """
sources: {S: {title: source, publisher: me, relation: vendor, date: 2026-01-01, grade: vendor}}
defaults: {src: S}
operators: [{id: me, title: Me, country: NO}]
"""


def _overlay(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_an_overlay_adds_and_replaces(tmp_path: Path) -> None:
    shipped = load_catalog()
    catalog = load_catalog(_overlay(tmp_path, products__mine=PRODUCT, endpoints__anthropic=ENDPOINTS, operators=OPERATORS))
    assert catalog.products() == tuple(sorted((*shipped.products(), "mine")))
    entry = catalog.endpoint_for_host("api.anthropic.com")
    assert entry is not None
    assert (entry.title, entry.processing, entry.hosted_by) == ("Mine", ("NO", "SE"), "anthropic")
    operator = catalog.operator("me")
    assert operator is not None
    assert operator.country == "NO"
    assert catalog.operator("anthropic") == shipped.operator("anthropic")
    assert catalog.sha256 != shipped.sha256
    assert shipped.sha256 == load_catalog().sha256


def test_facts_say_what_they_rest_on(tmp_path: Path) -> None:
    catalog = load_catalog(_overlay(tmp_path, products__mine=PRODUCT, endpoints__anthropic=ENDPOINTS))
    setting = catalog.product("mine").settings[0]
    location = setting.fact.location()
    assert (location.file, location.fact, location.grade, location.relation) == (
        "overlay/products/mine.yaml",
        "settings.s",
        Grade.THIRD,
        Relation.VENDOR,
    )
    entry = catalog.endpoint("anthropic/model_server")
    assert entry is not None
    assert (setting.fact.decides, entry.fact.decides, catalog.product("mine").components[0].fact.decides) == (False, False, True)


def test_an_unknown_product_names_its_neighbours() -> None:
    with pytest.raises(InvalidInputError) as caught:
        load_catalog().product("vlm")
    assert "did you mean vllm" in caught.value.diagnostics()[0].next_step


@pytest.mark.parametrize(
    ("name", "text", "what", "line"),
    [
        ("products__mine", PRODUCT.replace("flows: []", "flows: []\nair_gap_capable: yes"), 'unknown key "air_gap_capable"', 13),
        ("products__mine", PRODUCT.replace("title: Mine", "title: Mine\nself_hosted: yes"), 'unknown key "self_hosted"', 4),
        ("products__other", PRODUCT, 'the file says "mine" and is called "other"', 0),
        ("products__mine", PRODUCT + "flows: []\n", "", 13),
        ("endpoints__anthropic", ENDPOINTS.replace("[api.anthropic.com]", '["*.com"]'), "", 6),
        ("endpoints__anthropic", ENDPOINTS.replace("[NO, SE]", "europe"), "", 6),
    ],
    ids=["verdict-word", "verdict-word-2", "wrong-name", "duplicate-key", "pattern-without-two-labels", "country-word"],
)
def test_a_faulty_overlay_is_refused_with_its_place(tmp_path: Path, name: str, text: str, what: str, line: int) -> None:
    with pytest.raises(InvalidInputError) as caught:
        load_catalog(_overlay(tmp_path / "mine", **{name: text}))
    diagnostics = caught.value.diagnostics()
    assert all(d.path == f"mine/{name.replace('__', '/')}.yaml" for d in diagnostics)
    assert diagnostics[0].line == line
    assert what in diagnostics[0].what


def test_a_folder_without_catalog_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="holds no catalog file"):
        load_catalog(tmp_path)
    with pytest.raises(InvalidInputError, match="is not a folder"):
        load_catalog(tmp_path / "none")
