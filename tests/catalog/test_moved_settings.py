"""Variables that say where a product looks for its files: read there, not at the usual place, and open without them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from auditor.facts.configuration import Configuration
from tests.catalog.bench import Bench, catalog

SERVERS = {"mcpServers": {"moved": {"url": "https://moved.example.net"}}}
USUAL_SERVERS = {"mcpServers": {"usual": {"url": "https://usual.example.net"}}}


@dataclass(frozen=True)
class Move:
    """A variable, the file at the place that it names and the one at the usual place, and what each of them sets."""

    product: str
    command: tuple[str, ...]
    variable: str
    place: str
    moved: str
    content: Any
    usual: str
    usual_content: Any
    setting: str
    value: str
    usual_value: str
    scope: str
    """The scope that stays open without the file."""
    others: Mapping[str, Any] = field(default_factory=dict)


MOVES = (
    Move(
        "claude-code",
        ("claude",),
        "CLAUDE_CONFIG_DIR",
        "/srv/claude",
        "srv/claude/settings.json",
        {"env": {"ANTHROPIC_BASE_URL": "https://moved.example.net"}},
        "home/dev/.claude/settings.json",
        {"env": {"ANTHROPIC_BASE_URL": "https://usual.example.net"}},
        "base.anthropic",
        "https://moved.example.net",
        "https://usual.example.net",
        "relocated",
    ),
    Move(
        "codex",
        ("codex",),
        "CODEX_HOME",
        "~/codex-work",
        "home/dev/codex-work/config.toml",
        'openai_base_url = "https://moved.example.net"\n',
        "home/dev/.codex/config.toml",
        'openai_base_url = "https://usual.example.net"\n',
        "base.openai",
        "https://moved.example.net",
        "https://usual.example.net",
        "relocated",
    ),
    Move(
        "copilot-cli",
        ("copilot",),
        "COPILOT_HOME",
        "~/copilot",
        "home/dev/copilot/config.json",
        {"autoUpdate": False},
        "home/dev/.copilot/config.json",
        {"autoUpdate": True},
        "update",
        "false",
        "true",
        "relocated",
    ),
    Move(
        "copilot-cli",
        ("copilot",),
        "COPILOT_HOME",
        "/srv/copilot",
        "srv/copilot/mcp-config.json",
        SERVERS,
        "home/dev/.copilot/config.json",
        {},
        "mcp_servers",
        "moved",
        "",
        "mcp",
    ),
    Move(
        "goose",
        ("goose", "session"),
        "GOOSE_PATH_ROOT",
        "/srv/goose",
        "srv/goose/config/config.yaml",
        {"otel_exporter_otlp_endpoint": "https://moved.example.net"},
        "home/dev/.config/goose/config.yaml",
        {"otel_exporter_otlp_endpoint": "https://usual.example.net"},
        "otel",
        "https://moved.example.net",
        "https://usual.example.net",
        "relocated",
    ),
    Move(
        "cline",
        ("cline",),
        "CLINE_GLOBAL_SETTINGS_PATH",
        "/srv/cline/global.json",
        "srv/cline/global.json",
        {"telemetryOptOut": True},
        ".cline/endpoints.json",
        {},
        "telemetry.off",
        "true",
        "false",
        "relocated",
    ),
    Move(
        "cline",
        ("cline",),
        "CLINE_MCP_SETTINGS_PATH",
        "/srv/cline/servers.json",
        "srv/cline/servers.json",
        SERVERS,
        "home/dev/cline_mcp_settings.json",
        USUAL_SERVERS,
        "mcp_servers",
        "moved",
        "usual",
        "relocated_mcp",
    ),
)
_CASES = [pytest.param(m, id=f"{m.variable}-{m.setting}") for m in MOVES]


def _configuration(move: Move, folder: Path, env: Mapping[str, str], *files: tuple[str, Any]) -> Configuration:
    version = catalog().product(move.product).newest_version or "1.0"
    bench = Bench(move.product, version, "corp/program", move.command, env, {name: ("", content) for name, content in files})
    return bench.configuration(folder)


def _value(found: Configuration, setting: str) -> str:
    return next(s.value for s in found.settings if s.key == setting)


def _open(found: Configuration) -> set[str]:
    return {g.unknown.subject.removeprefix("sys/") for g in found.gaps}


@pytest.mark.parametrize("move", _CASES)
def test_without_the_variable_the_usual_place_is_read(move: Move, tmp_path: Path) -> None:
    found = _configuration(move, tmp_path, {}, (move.moved, move.content), (move.usual, move.usual_content))
    assert _value(found, move.setting) == move.usual_value
    assert move.scope not in _open(found) - {"mcp"}


@pytest.mark.parametrize("move", _CASES)
def test_with_it_the_file_at_its_place_is_read_and_not_the_usual_one(move: Move, tmp_path: Path) -> None:
    env = {move.variable: move.place}
    found = _configuration(move, tmp_path, env, (move.moved, move.content), (move.usual, move.usual_content))
    assert _value(found, move.setting) == move.value
    assert move.scope not in _open(found)
    assert f"the file {move.moved}" not in " ".join(g.unknown.text for g in found.gaps)


@pytest.mark.parametrize("move", _CASES)
def test_without_that_file_the_inventory_stays_open(move: Move, tmp_path: Path) -> None:
    found = _configuration(move, tmp_path, {move.variable: move.place}, (move.usual, move.usual_content))
    assert move.scope in _open(found)


@pytest.mark.parametrize("move", _CASES)
def test_a_variable_whose_value_nobody_sees_leaves_it_open(move: Move, tmp_path: Path) -> None:
    env = {move.variable: "${PLACE}"}
    found = _configuration(move, tmp_path, env, (move.moved, move.content), (move.usual, move.usual_content))
    assert move.scope in _open(found)


def test_the_settings_of_a_cline_provider_stay_open_wherever_they_stand(tmp_path: Path) -> None:
    bench = Bench("cline", "3.0.65", "corp/program", ("cline",), {"CLINE_PROVIDER_SETTINGS_PATH": "/srv/p.json"})
    assert "relocated_providers" in _open(bench.but(files={"srv/p.json": ("", {})}).configuration(tmp_path))


@pytest.mark.parametrize(
    ("others", "shared"),
    [({}, "no"), ({"OPENCODE_CONFIG_CONTENT": '{"share": "disabled"}'}, "no"), (None, "unknown")],
)
def test_text_in_a_variable_counts_where_every_process_has_it(others: dict[str, str] | None, shared: str, tmp_path: Path) -> None:
    mine = {"OPENCODE_CONFIG_CONTENT": '{"share": "disabled"}'}
    bench = Bench("opencode", "1.18.33", "corp/program", ("opencode",), mine, {"opencode.json": ("", {"share": "auto"})})
    if others != {}:
        second = {"services": {"b": {"image": "corp/program", "command": ["opencode"], "environment": others or {}}}}
        bench = bench.but(files={"b/compose.yaml": ("", second)})
    assert bench.flows(tmp_path)["share"].configured.value == shared
