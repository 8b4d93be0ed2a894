"""Conditions, destinations and names of the catalog in words: what a reader without the product's file has to go by."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.catalog import load_catalog
from auditor.catalog.conditions import parse_condition
from auditor.report.catalog_terminal import render_product
from auditor.report.catalog_words import condition_words, destination_words, setting_words, stopping

CATALOG = load_catalog()


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        ("always", ""),
        ("never", "never"),
        ({"setting": "telemetry.enable"}, "telemetry.enable is on"),
        ({"setting": "x", "is": "unset"}, "x is not set"),
        ({"setting": "x", "is": "equals", "value": ""}, "x is (empty)"),
        ({"not": {"fact": "auth", "is": "equals", "value": "key"}}, "not (the answer to auth is key)"),
        ({"version": ">=2.36"}, "the version is >=2.36"),
        ({"packaging": "helm"}, "it is started by helm"),
        ({"item": "url", "is": "set"}, "its url is set"),
        ({"all": [{"setting": "a"}, {"any": [{"setting": "b"}, {"setting": "c"}]}]}, "a is on and (b is on or c is on)"),
    ],
)
def test_a_condition_in_words(tree: Any, words: str) -> None:
    assert condition_words(parse_condition(tree)) == words


def test_where_a_flow_goes_when_it_exists_and_what_stops_it() -> None:
    coder, copilot = CATALOG.product("coder"), CATALOG.product("copilot-cli")
    flows = {f.id: f for f in (*coder.flows, *copilot.flows)}
    assert destination_words(flows["control"]) == "api.github.com, or where enterprise says"
    assert destination_words(flows["inference.own"]) == "where provider says"
    assert stopping(copilot, flows["control"]) == ("offline",)
    assert stopping(copilot, flows["inference.own"]) == ()
    setting = coder.setting("telemetry.enable")
    assert setting is not None
    assert setting_words(setting).startswith("CODER_TELEMETRY_ENABLE, --telemetry")
    assert setting_words(setting).endswith("; default true")


@pytest.mark.parametrize("product", CATALOG.products())
def test_every_flow_says_where_it_goes(product: str) -> None:
    told = [line for line in render_product(CATALOG.product(product)).splitlines() if line.startswith("      goes to ")]
    assert len(told) == len(CATALOG.product(product).flows)
    assert [line for line in told if not line.removeprefix("      goes to ").strip()] == []
