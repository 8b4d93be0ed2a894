"""Which of two places wins, product by product: orders as the vendors' pages give them, and the chain that led to it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from auditor.catalog import Product
from auditor.catalog.settings import Merge, SettingDefinition
from auditor.facts.settings import Setting, SettingState
from tests.catalog.switchboard import Board, Way, catalog, ways

ORDERS = {
    "aider": ["config_home", "config", "environment", "dotenv_home", "dotenv", "flags"],
    "amazon-q": ["settings", "environment"],
    "claude-code": ["environment", "user", "project", "project_local", "flags", "managed", "managed_mdm", "managed_server"],
    "cline": ["endpoints", "environment"],
    "code-server": ["environment", "flags"],
    "coder": ["config_file", "environment", "flags"],
    "codex": ["system", "user", "project", "flags", "managed", "requirements"],
    "continue": ["config", "environment"],
    "copilot-cli": ["user", "environment", "flags", "managed", "managed_server", "managed_mdm"],
    "copilot-ide": ["settings", "environment", "policy", "managed", "managed_server"],
    "gemini-cli": ["system_defaults", "user", "settings", "system", "environment"],
    "goose": ["config", "environment"],
    "llama-cpp": ["environment", "flags"],
    "opencode": ["user", "project", "folder", "folder_home", "environment", "managed", "preferences"],
    "openhands": ["config_file", "environment"],
    "tgi": ["environment", "flags"],
    "vllm": ["config_file", "environment", "flags"],
    "zed": ["settings", "project", "environment"],
}
"""Product -> scopes, lowest first. Claude Code's files stand above the shell because their ``env`` block overrides it."""
TRUST = "projects_trusted"
"""The answer without which a product does not read the files of a repository."""
NOTHING_IN_COMMON = {
    "amazon-q": {"settings", "environment"},
    "cline": {"endpoints", "environment"},
    "copilot-cli": {"flags"},
    "opencode": {"environment"},
    "vllm": {"environment"},
}
"""Scopes that share no setting of one value with another, so that nothing can win there."""


def _values(setting: SettingDefinition) -> tuple[str, str] | None:
    """Return two values of a setting that differ in what they mean, ``None`` for lists and closed sets of one."""
    if setting.is_list or setting.secret or setting.merge is not Merge.HIGHEST_WINS:
        return None
    if setting.allowed:
        return (setting.allowed[0], setting.allowed[1]) if len(setting.allowed) > 1 else None
    if setting.is_bool:
        return None if setting.truthiness.value in ("presence", "any_nonempty") else ("true", "false")
    return ("https://one.example.net", "https://two.example.net")


def _pairs() -> Iterator[Any]:
    for identifier, order in ORDERS.items():
        product = catalog().product(identifier)
        for lower, higher in itertools.combinations(order, 2):
            found = _shared(product, lower, higher)
            if found is not None:
                yield pytest.param(product, *found, id=f"{identifier}-{lower}-{higher}-{found[0].id}")


def _shared(product: Product, lower: str, higher: str) -> tuple[SettingDefinition, Way, Way] | None:
    """Return a setting that both scopes can give a value, with a way in each."""
    for setting in product.settings:
        first = {w.scope.id: w for w in reversed(list(ways(product, setting))) if w.kind not in ("module", "helm")}
        if _values(setting) and lower in first and higher in first:
            return setting, first[lower], first[higher]
    return None


def _resolved(product: Product, setting: SettingDefinition, written: dict[Way, str], folder: Path) -> Setting:
    board = Board(product)
    for way, value in written.items():
        board.put(way, setting, value)
    trusted = {f.id: "yes" for f in product.facts if f.id == TRUST}
    found = board.write(folder, product.newest_version or "1.0", trusted)
    return next(s for s in found.settings if s.key == setting.id)


@pytest.mark.parametrize(("product", "setting", "lower", "higher"), list(_pairs()))
@pytest.mark.parametrize("turned", [False, True])
def test_the_higher_place_wins_and_the_chain_shows_both(
    product: Product, setting: SettingDefinition, lower: Way, higher: Way, turned: bool, tmp_path: Path
) -> None:
    values = _values(setting)
    assert values is not None
    low, high = reversed(values) if turned else values
    found = _resolved(product, setting, {lower: low, higher: high}, tmp_path)
    assert (found.state, found.value) == (SettingState.SET, high)
    told = [(s.scope, s.name, s.value, s.used) for s in found.chain]
    assert told == [(lower.scope.id, lower.name, low, False), (higher.scope.id, higher.name, high, True)]


@pytest.mark.parametrize("product", ORDERS)
def test_every_place_of_an_order_was_put_to_the_test(product: str) -> None:
    described = catalog().product(product)
    pairs = itertools.combinations(ORDERS[product], 2)
    tested = {scope for pair in pairs if _shared(described, *pair) for scope in pair}
    assert set(ORDERS[product]) - tested == NOTHING_IN_COMMON.get(product, set())
