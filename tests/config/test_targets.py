"""Where entries of a list go: kinds that the catalog does not know, URLs whose host cannot be told, and how it is worded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from auditor.catalog.catalog import Catalog
from auditor.facts.configuration import Configuration
from auditor.facts.settings import SettingState
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Party, UnknownKind

from .conftest import DEMO, catalog_of

Deploy = Callable[..., Configuration]
Find = Callable[[Configuration, str], Any]

CLOSED = "hosts: {openai: api.openai.example}", 'hosts: {openai: api.openai.example, own: ""}'
PAGED = 'names: {path: ["[]"]}', 'names: {path: ["[]", items]}'


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    """Return the miniature product with a closed table of kinds and a second place for its list."""
    assert CLOSED[0] in DEMO
    assert PAGED[0] in DEMO
    return catalog_of(tmp_path, DEMO.replace(*CLOSED).replace(*PAGED))


def _export(deploy: Deploy, text: str) -> Configuration:
    return deploy({"demo.env": "DEMO_X=1\n", "p.json": text}, origins={"p.json": "GET /providers"})


def _entry(kind: str, url: str) -> str:
    return f'[{{"name": "x", "enabled": true, "type": "{kind}", "base_url": "{url}"}}]'


def test_a_kind_outside_of_a_closed_table_leaves_its_url_in_doubt(deploy: Deploy, flow: Find) -> None:
    inference = flow(_export(deploy, _entry("quantum", "http://10.0.0.5:8000/v1")), "demo/inference:x")
    assert (inference.configured, inference.destination.address) == (Truth.UNKNOWN, "10.0.0.5")
    assert [(u.kind, u.text, u.who) for u in inference.unknowns] == [
        (
            UnknownKind.FACT_UNKNOWN,
            'Where the flow "inference by x" goes is not known: type quantum is not known, so nothing says that it heeds its URL',
            Party.VENDOR,
        )
    ]


@pytest.mark.parametrize("kind", ["own", "openai"])
def test_a_kind_of_a_closed_table_heeds_its_url(deploy: Deploy, flow: Find, kind: str) -> None:
    inference = flow(_export(deploy, _entry(kind, "http://10.0.0.5:8000/v1")), "demo/inference:x")
    assert (inference.configured, inference.destination.address) == (Truth.YES, "10.0.0.5")


def test_a_kind_without_default_host_and_without_url_goes_nobody_knows_where(deploy: Deploy, flow: Find) -> None:
    inference = flow(_export(deploy, _entry("own", "")), "demo/inference:x")
    assert (inference.configured, inference.destination.name, inference.destination.address) == (Truth.YES, "", "")


def test_a_url_whose_host_cannot_be_told_does_not_fall_back_on_the_default(deploy: Deploy, flow: Find) -> None:
    url = "http://inside.corp.example\\\\.evil.example/v1"
    inference = flow(_export(deploy, _entry("openai", url)), "demo/inference:x")
    assert (inference.destination.name, [u.kind for u in inference.unknowns]) == ("", [UnknownKind.SETTING_UNKNOWN])


def test_an_export_that_counts_more_than_it_holds_is_open(deploy: Deploy) -> None:
    page = f'{{"count": 2, "items": {_entry("own", "http://10.0.0.5/")}}}'
    setting = next(s for s in _export(deploy, page).settings if s.key == "providers")
    assert (setting.state, setting.reason) == (
        SettingState.UNKNOWN,
        "providers at p.json:1: the export counts 2 entries and holds 1",
    )
    whole = next(s for s in _export(deploy, page.replace('"count": 2', '"count": 1')).settings if s.key == "providers")
    assert whole.state is SettingState.SET


def test_a_mapping_where_a_list_belongs_is_no_empty_list(deploy: Deploy) -> None:
    setting = next(s for s in _export(deploy, '{"items": {"x": {"type": "openai"}}}').settings if s.key == "providers")
    assert (setting.state, "something else than a list" in setting.reason) == (SettingState.UNKNOWN, True)


def test_a_flow_of_a_weak_source_is_named(deploy: Deploy, flow: Find) -> None:
    rumour = flow(_export(deploy, "[]"), "demo/rumour")
    assert [u.text for u in rumour.unknowns] == [
        'That Demo has the flow "rumoured upload" is known only from a weak source (a blog)'
    ]
