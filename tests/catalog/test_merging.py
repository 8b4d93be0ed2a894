"""What several places come to where the highest does not simply win: rules as the vendors' pages give them.

Sources: code.claude.com/docs "Settings" and "MCP" (denials add up, a switch off stays off), Zed's settings store (``disable_ai``
cannot be taken back below), schema of Copilot's managed settings (force-on), kiro.dev "Permissions" (deny, ask, allow).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from auditor.facts.settings import Setting, SettingState
from tests.catalog.bench import Bench

CLAUDE = Bench(product="claude-code", version="2.1.330", image="corp/claude", command=("claude",))
USER, PROJECT = "home/dev/.claude/settings.json", ".claude/settings.json"
LOCAL, MANAGED = ".claude/settings.local.json", "managed-settings.json"
ZED = Bench(product="zed", version="1.21", image="corp/zed", command=("zed",))
COPILOT = Bench(product="copilot-cli", version="1.0.102", image="corp/copilot", command=("copilot",))
COPILOT_USER, COPILOT_MANAGED = ".copilot/config.json", "github-copilot/managed-settings.json"
KIRO = Bench(product="kiro", version="2.0", image="corp/kiro", command=("kiro-cli",))
KIRO_USER, KIRO_PLACE = ".kiro/settings/permissions.yaml", ".kiro/workspace-roots/a1/permissions.yaml"
KIRO_MANAGED = "kiro/managed-settings.json"

Files = Mapping[str, Any]


def setting(bench: Bench, key: str, files: Files, folder: Path, env: Mapping[str, str] | None = None) -> Setting:
    changed = bench.but(env=dict(env or {}), files={name: ("", json.dumps(content)) for name, content in files.items()})
    return next(s for s in changed.configuration(folder).settings if s.key == key)


def rules(*effects: str, **more: str) -> dict[str, Any]:
    return {"rules": [{"capability": "web_fetch", "effect": effect, **more} for effect in effects]}


def remote(value: bool) -> Files:
    return {"disableRemoteControl": value}


def connectors(value: bool) -> Files:
    return {"disableClaudeAiConnectors": value}


def content(value: bool) -> Files:
    return {"telemetry": {"captureContent": value}}


FLAGS: list[tuple[Bench, str, Files, str, str]] = [
    (CLAUDE, "remote_control_off", {USER: remote(True), MANAGED: remote(False)}, "true", "user"),
    (CLAUDE, "remote_control_off", {PROJECT: remote(False), LOCAL: remote(False)}, "false", "project_local"),
    (CLAUDE, "connectors_off", {PROJECT: connectors(True), LOCAL: connectors(False)}, "true", "project"),
    (CLAUDE, "connectors_off", {USER: connectors(False), MANAGED: connectors(True)}, "true", "managed"),
    (COPILOT, "otel.content", {COPILOT_USER: content(True), COPILOT_MANAGED: content(False)}, "true", "user"),
    (COPILOT, "otel.content", {COPILOT_USER: content(False), COPILOT_MANAGED: content(True)}, "true", "managed"),
    (KIRO, "web.fetch", {KIRO_USER: rules("deny"), KIRO_MANAGED: rules("ask")}, "deny", "permissions"),
    (KIRO, "web.fetch", {KIRO_USER: rules("allow"), KIRO_MANAGED: rules("deny")}, "deny", "managed"),
    (KIRO, "web.fetch", {KIRO_USER: rules("allow"), KIRO_PLACE: rules("ask")}, "ask", "permissions_workspace"),
    (KIRO, "web.fetch", {KIRO_USER: rules("allow", "deny", "ask"), KIRO_MANAGED: rules("ask")}, "deny", "permissions"),
    (KIRO, "web.fetch", {KIRO_USER: rules("allow"), KIRO_PLACE: rules("allow")}, "allow", "permissions_workspace"),
]
"""(product, setting, what each place says, the value in force, the scope whose word it is)"""


@pytest.mark.parametrize(("bench", "key", "files", "value", "used"), FLAGS)
def test_the_value_in_force_and_whose_word_it_is(
    bench: Bench, key: str, files: Files, value: str, used: str, tmp_path: Path
) -> None:
    found = setting(bench, key, files, tmp_path)
    assert (found.state, found.value) == (SettingState.SET, value)
    assert len(found.chain) >= len(files)
    assert [s.scope for s in found.chain if s.used] == [used]


LISTS = [
    ("permissions.deny", {USER: ["WebFetch"], PROJECT: ["Bash"], MANAGED: ["WebSearch"]}, ["WebFetch", "Bash", "WebSearch"]),
    ("permissions.deny", {PROJECT: ["WebFetch"], LOCAL: []}, ["WebFetch"]),
]


@pytest.mark.parametrize(("key", "files", "values"), LISTS)
def test_denials_of_every_place_add_up(key: str, files: Files, values: list[str], tmp_path: Path) -> None:
    written = {name: {"permissions": {"deny": each}} for name, each in files.items()}
    flows = CLAUDE.but(files={n: ("", json.dumps(c)) for n, c in written.items()}).flows(tmp_path / "flows")
    assert (flows["webfetch.check"].configured.value == "no") == ("WebFetch" in values)
    found = setting(CLAUDE, key, written, tmp_path)
    assert found.state is SettingState.SET
    assert sorted(found.value.split(", ")) == sorted(values)


SHELL = {"rules": [{"capability": "shell", "effect": "deny"}]}


@pytest.mark.parametrize("written", [rules("deny", match="*.example.net"), rules("deny", exclude="*.example.net"), SHELL])
def test_a_rule_of_kiro_on_some_addresses_or_on_something_else_denies_no_page(written: dict[str, Any], tmp_path: Path) -> None:
    found = setting(KIRO, "web.fetch", {KIRO_USER: written}, tmp_path)
    assert (found.state, found.value) == (SettingState.DEFAULT, "allow")


def test_a_rule_of_kiro_may_be_for_several_capabilities(tmp_path: Path) -> None:
    both = {"rules": [{"capability": ["web_search", "web_fetch"], "effect": "deny"}]}
    assert setting(KIRO, "web.fetch", {KIRO_USER: both}, tmp_path).value == "deny"


@pytest.mark.parametrize(("effects", "state"), [(["never"], SettingState.UNKNOWN), (["never", "deny"], SettingState.SET)])
def test_an_effect_that_is_not_known_is_open_unless_another_rule_denies(
    effects: list[str], state: SettingState, tmp_path: Path
) -> None:
    assert setting(KIRO, "web.fetch", {KIRO_USER: rules(*effects)}, tmp_path).state is state


ABSENT = {
    "claude-code": ("sys/user", "sys/project", "sys/managed", "sys/mcp"),
    "goose": ("sys/config",),
    "codex": (),
    "copilot-cli": (),
    "cline": (),
}
"""Files that could name the place themselves, so that without them it is open anyway."""
MOVED = [
    ("claude-code", "claude", "CLAUDE_CONFIG_DIR", "/srv/claude", "/home/dev/.claude", "relocated"),
    ("codex", "codex", "CODEX_HOME", "/srv/codex", "/home/dev/.codex", "relocated"),
    ("copilot-cli", "copilot", "COPILOT_HOME", "/srv/copilot", "/home/dev/.copilot/", "relocated"),
    ("goose", "goose run", "GOOSE_PATH_ROOT", "/srv/goose", None, "relocated"),
    ("cline", "cline", "CLINE_GLOBAL_SETTINGS_PATH", "/srv/global.json", None, "relocated"),
    ("cline", "cline", "CLINE_PROVIDER_SETTINGS_PATH", "/srv/providers.json", None, "relocated_providers"),
    ("cline", "cline", "CLINE_MCP_SETTINGS_PATH", "/srv/mcp.json", "/srv/cline_mcp_settings.json", "relocated_mcp"),
]
"""(product, command, variable, a place of its own, the place that it has anyway, the scope that stays open)"""


@pytest.mark.parametrize(("product", "command", "variable", "moved", "usual", "scope"), MOVED)
def test_settings_at_a_place_of_their_own_are_open_until_they_are_shown(
    product: str, command: str, variable: str, moved: str, usual: str | None, scope: str, tmp_path: Path
) -> None:
    def is_open(value: str | None, folder: str) -> bool:
        env = {variable: value} if value is not None else {}
        bench = Bench(
            product=product, version="9.0", image="corp/image", command=tuple(command.split()), env=env, absent=ABSENT[product]
        )
        return f"sys/{scope}" in {g.unknown.subject for g in bench.configuration(tmp_path / folder).gaps}

    assert not is_open(None, "unset")
    assert is_open(moved, "moved")
    assert usual is None or not is_open(usual, "usual")


@pytest.mark.parametrize(("user", "project"), [(True, False), (False, True)])
def test_a_project_cannot_switch_the_ai_of_zed_on_again(user: bool, project: bool, tmp_path: Path) -> None:
    files = {"zed/settings.json": {"disable_ai": user}, ".zed/settings.json": {"disable_ai": project}}
    found = setting(ZED, "ai.off", files, tmp_path)
    assert (found.state, found.value) == (SettingState.SET, "true")
