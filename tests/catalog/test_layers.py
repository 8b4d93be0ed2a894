"""The effective value of settings that several places give, with the chain that led to it, product by product.

The expectations are the vendors' words on their products, not what the tool says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from auditor.facts.settings import Setting, SettingState
from tests.catalog.bench import Bench, catalog

HOME = "home/dev"
COMMANDS = {
    "aider": ("aider",),
    "claude-code": ("claude",),
    "copilot-cli": ("copilot",),
    "gemini-cli": ("gemini",),
    "goose": ("goose", "session"),
    "kiro": ("kiro-cli",),
    "opencode": ("opencode",),
    "zed": ("zed",),
}
USER, LOCAL = f"{HOME}/.claude/settings.json", ".claude/settings.local.json"
PROJECT, MANAGED = ".claude/settings.json", "etc/claude-code/managed-settings.json"
GEMINI = {
    "system_defaults": "etc/gemini-cli/system-defaults.json",
    "user": f"{HOME}/.gemini/settings.json",
    "settings": ".gemini/settings.json",
    "system": "etc/gemini-cli/settings.json",
}
FILE, SERVER = "etc/github-copilot/managed-settings.json", ".github-private/copilot/managed-settings.json"
DEVICE = "GitHubCopilot/Settings.json"
RULES, WORKSPACE = f"{HOME}/.kiro/settings/permissions.yaml", f"{HOME}/.kiro/workspace-roots/1f/permissions.yaml"
_FILES = (".json", ".yml", ".yaml", ".toml", ".env")
ADMINISTRATION = "etc/kiro/managed-settings.json"


@dataclass(frozen=True)
class Row:
    """Places of one product, and what they come to."""

    product: str
    setting: str
    value: str
    chain: tuple[tuple[str, str], ...]
    """(scope, its value), lowest first."""
    won: tuple[str, ...]
    """Scopes whose value the product acts on, empty when none is honoured."""
    files: Mapping[str, Any] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()


def _model(name: str) -> dict[str, Any]:
    return {"model": name}


def _otlp(host: str) -> dict[str, Any]:
    return {"telemetry": {"endpoint": f"https://{host}.example.net", "otlpEndpoint": f"https://{host}.example.net"}}


def _share(host: str) -> dict[str, Any]:
    return {"enterprise": {"url": f"https://{host}.example.net"}}


def _rule(effect: str, **more: Any) -> dict[str, Any]:
    return {"rules": [{"capability": "web_fetch", "effect": effect, **more}]}


def _steps(product: str, setting: str, places: list[tuple[str, str, Any]], values: list[str]) -> list[Row]:
    """Return a row for each number of places, lowest first: the last one wins."""
    rows = []
    for count in range(1, len(places) + 1):
        given = places[:count]
        chain = tuple((scope, value) for (scope, _, _), value in zip(given, values, strict=False))
        rows.append(
            Row(
                product,
                setting,
                values[count - 1],
                chain,
                (given[-1][0],),
                {name: content for _, name, content in given if name.endswith(_FILES)},
                {name: content for _, name, content in given if name.isupper()},
                tuple(w for scope, name, content in given if scope == "flags" for w in (name, content)),
            )
        )
    return rows


ROWS = [
    *_steps(
        "claude-code",
        "model",
        [
            ("environment", "ANTHROPIC_MODEL", "shell"),
            ("user", USER, _model("user")),
            ("project", PROJECT, _model("project")),
            ("project_local", LOCAL, _model("local")),
            ("flags", "--model", "flag"),
            ("managed", MANAGED, _model("managed")),
        ],
        ["shell", "user", "project", "local", "flag", "managed"],
    ),
    Row(
        "claude-code",
        "base.anthropic",
        "https://block.example.net",
        (("environment", "https://shell.example.net"), ("user", "https://block.example.net")),
        ("user",),
        {USER: {"env": {"ANTHROPIC_BASE_URL": "https://block.example.net"}}},
        {"ANTHROPIC_BASE_URL": "https://shell.example.net"},
    ),
    # Honoured from managed settings alone: elsewhere it is shown, and not used.
    Row("claude-code", "managed_mcp_only", "false", (("user", "true"),), (), {USER: {"allowManagedMcpServersOnly": True}}),
    Row(
        "claude-code",
        "managed_mcp_only",
        "true",
        (("user", "false"), ("managed", "true")),
        ("managed",),
        {USER: {"allowManagedMcpServersOnly": False}, MANAGED: {"allowManagedMcpServersOnly": True}},
    ),
    *_steps(
        "gemini-cli",
        "otel.endpoint",
        [
            ("system_defaults", GEMINI["system_defaults"], _otlp("defaults")),
            ("user", GEMINI["user"], _otlp("user")),
            ("settings", GEMINI["settings"], _otlp("project")),
            ("system", GEMINI["system"], _otlp("system")),
            ("environment", "GEMINI_TELEMETRY_OTLP_ENDPOINT", "https://env.example.net"),
        ],
        [f"https://{h}.example.net" for h in ("defaults", "user", "project", "system", "env")],
    ),
    *_steps(
        "copilot-cli",
        "otel",
        [
            ("user", f"{HOME}/.copilot/config.json", _otlp("user")),
            ("managed", FILE, _otlp("file")),
            ("managed_server", SERVER, _otlp("server")),
            ("managed_mdm", DEVICE, _otlp("device")),
        ],
        [f"https://{h}.example.net" for h in ("user", "file", "server", "device")],
    ),
    # An allow list narrows every other, a deny list adds to every other.
    Row(
        "copilot-cli",
        "mcp.allowed",
        "b",
        (("managed", ""), ("managed_server", ""), ("managed_mdm", "")),
        ("managed_mdm",),
        {
            FILE: {"allowedMcpServers": [{"serverName": "a"}, {"serverName": "b"}]},
            SERVER: {"allowedMcpServers": [{"serverName": "b"}, {"serverName": "c"}]},
            DEVICE: {"allowedMcpServers": [{"serverName": "b"}, {"serverName": "a"}]},
        },
    ),
    Row(
        "copilot-cli",
        "mcp.denied",
        "a, b",
        (("managed", ""), ("managed_mdm", "")),
        ("managed_mdm",),
        {
            FILE: {"deniedMcpServers": [{"serverName": "a"}]},
            DEVICE: {"deniedMcpServers": [{"serverName": "b"}]},
        },
    ),
    Row(
        "copilot-cli",
        "remote_mode",
        "disabled",
        (("managed", "enabled"), ("managed_server", "disabled")),
        ("managed_server",),
        {FILE: {"remoteControl": {"mode": "enabled"}}, SERVER: {"remoteControl": {"mode": "disabled"}}},
    ),
    Row(
        "copilot-cli",
        "remote_mode",
        "",
        (("user", "disabled"),),
        (),
        {f"{HOME}/.copilot/config.json": {"remoteControl": {"mode": "disabled"}}},
    ),
    # Deny over ask over allow, whatever the scope and the order of the rules.
    Row(
        "kiro",
        "web.fetch",
        "deny",
        (("permissions", "deny"), ("permissions_workspace", "allow"), ("managed", "ask")),
        ("permissions",),
        {RULES: _rule("deny"), WORKSPACE: _rule("allow"), ADMINISTRATION: _rule("ask")},
    ),
    Row(
        "kiro",
        "web.fetch",
        "ask",
        (("permissions", "allow"), ("managed", "ask")),
        ("managed",),
        {RULES: _rule("allow"), ADMINISTRATION: _rule("ask")},
    ),
    Row(
        "kiro",
        "web.fetch",
        "deny",
        (("permissions", "deny"),),
        ("permissions",),
        {RULES: {"rules": [*_rule("allow")["rules"], *_rule("deny")["rules"], *_rule("ask")["rules"]]}},
    ),
    Row(
        "kiro",
        "web.fetch",
        "deny",
        (("permissions", "allow"), ("managed", "deny")),
        ("managed",),
        {RULES: _rule("allow"), ADMINISTRATION: {"rules": [{"capability": "all", "effect": "deny"}]}},
    ),
    # A rule that denies a part, or leaves one out, is none on all.
    Row("kiro", "web.fetch", "allow", (), (), {RULES: _rule("deny", match=["https://example.org/*"])}),
    Row(
        "kiro",
        "web.fetch",
        "allow",
        (("permissions", "allow"),),
        ("permissions",),
        {RULES: _rule("allow"), ADMINISTRATION: _rule("deny", exclude=["https://docs.example.org/*"])},
    ),
    # What was switched off for good stays off in a project.
    Row(
        "zed",
        "ai.off",
        "true",
        (("settings", "true"), ("project", "false")),
        ("settings",),
        {f"{HOME}/.config/zed/settings.json": {"disable_ai": True}, ".zed/settings.json": {"disable_ai": False}},
    ),
    Row(
        "zed",
        "ai.off",
        "true",
        (("settings", "false"), ("project", "true")),
        ("project",),
        {f"{HOME}/.config/zed/settings.json": {"disable_ai": False}, ".zed/settings.json": {"disable_ai": True}},
    ),
    *_steps(
        "goose",
        "otel",
        [
            ("config", f"{HOME}/.config/goose/config.yaml", {"otel_exporter_otlp_endpoint": "https://file.example.net"}),
            ("environment", "OTEL_EXPORTER_OTLP_ENDPOINT", "https://env.example.net"),
        ],
        ["https://file.example.net", "https://env.example.net"],
    ),
    # opencode's page "Config", "Precedence order", and the order of .opencode folders in its config.ts.
    *_steps(
        "opencode",
        "share.url",
        [
            ("user", f"{HOME}/.config/opencode/opencode.json", _share("user")),
            ("project", "opencode.json", _share("project")),
            ("folder", ".opencode/opencode.json", _share("folder")),
            ("inline", "OPENCODE_CONFIG_CONTENT", json.dumps(_share("inline"))),
            ("managed", "etc/opencode/opencode.json", _share("managed")),
        ],
        [f"https://{h}.example.net" for h in ("user", "project", "folder", "inline", "managed")],
    ),
    Row(
        "opencode",
        "share.url",
        "https://project.example.net",
        (
            ("user", "https://user.example.net"),
            ("named", "https://named.example.net"),
            ("project", "https://project.example.net"),
        ),
        ("project",),
        {
            f"{HOME}/.config/opencode/opencode.json": _share("user"),
            "srv/team.json": _share("named"),
            "opencode.json": _share("project"),
        },
        {"OPENCODE_CONFIG": "/srv/team.json"},
    ),
    # Read no more: the files of projects. Those of the user and of the variable are.
    Row(
        "opencode",
        "share.url",
        "https://user.example.net",
        (
            ("user", "https://user.example.net"),
            ("project", "https://project.example.net"),
            ("folder", "https://folder.example.net"),
        ),
        ("user",),
        {
            f"{HOME}/.config/opencode/opencode.json": _share("user"),
            "opencode.json": _share("project"),
            ".opencode/opencode.json": _share("folder"),
        },
        {"OPENCODE_DISABLE_PROJECT_CONFIG": "true"},
    ),
    # Files are merged key by key: what only the user's file says stays.
    Row(
        "opencode",
        "mcp_servers",
        "a, b",
        (("user", ""), ("project", "")),
        ("project",),
        {
            f"{HOME}/.config/opencode/opencode.json": {"mcp": {"a": {"url": "https://a.example.net"}}},
            "opencode.json": {"mcp": {"b": {"url": "https://b.example.net"}}},
        },
    ),
    # A reference to a variable of the environment, alone and inside a text.
    Row(
        "opencode",
        "share.url",
        "https://s.example.net/x",
        (("project", "https://s.example.net/x"),),
        ("project",),
        {"opencode.json": {"enterprise": {"url": "https://{env:SHARE_HOST}/x"}}},
        {"SHARE_HOST": "s.example.net"},
    ),
    # aider.chat "YAML config file" and "Config with .env"; main.py of 0.86.2: what .env says replaces the shell's value.
    *_steps(
        "aider",
        "model",
        [
            ("config_home", f"{HOME}/.aider.conf.yml", {"model": "home"}),
            ("config", ".aider.conf.yml", {"model": "root"}),
            ("environment", "AIDER_MODEL", "shell"),
            ("dotenv_home", f"{HOME}/.env", "AIDER_MODEL=env-home\n"),
            ("dotenv", ".env", "AIDER_MODEL=env-root\n"),
            ("flags", "--model", "flag"),
        ],
        ["home", "root", "shell", "env-home", "env-root", "flag"],
    ),
    Row("aider", "update", "no", (("dotenv", "no"),), ("dotenv",), {".env": "AIDER_CHECK_UPDATE=no\n"}),
]


def _resolved(row: Row, folder: Path) -> Setting:
    bench = Bench(
        row.product,
        catalog().product(row.product).newest_version or "1.0",
        "corp/program",
        (*COMMANDS[row.product], *row.words),
        row.env,
        {name: ("", content) for name, content in row.files.items()},
    )
    return next(s for s in bench.configuration(folder).settings if s.key == row.setting)


@pytest.mark.parametrize("row", [pytest.param(r, id=f"{r.product}-{n}-{r.setting}") for n, r in enumerate(ROWS)])
def test_the_effective_value_and_the_chain_that_led_to_it(row: Row, tmp_path: Path) -> None:
    found = _resolved(row, tmp_path)
    assert found.value == row.value
    assert tuple((s.scope, s.value) for s in found.chain) == row.chain
    assert tuple(s.scope for s in found.chain if s.used) == row.won
    assert (found.state is SettingState.SET) == bool(row.won)
