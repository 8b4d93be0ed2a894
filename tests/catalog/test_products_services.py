"""Agents that are a vendor's service with a foot on the customer's machines: how they are known, and every switch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from auditor.config import recognise_systems
from auditor.documents import Redactor, read_tree
from tests.catalog.bench import ON, OPEN, Bench, Outward, catalog, changed

WORKER = '{"services": {"main": {"image": "corp/x", "command": ["cursor-agent", "worker", "start"]}}}'
TURN = '{"services": {"main": {"image": "corp/x", "command": ["cursor-agent", "-p", "mend it"]}}}'
STEPS = "jobs:\n  copilot-setup-steps:\n    runs-on: scale-set\n    steps: []\n"
COPILOT_HOSTS = tuple(f"api.{plan}githubcopilot.com" for plan in ("", "individual.", "business.", "enterprise."))
AGENT_HOSTS = tuple(f"api.{plan}.githubcopilot.com" for plan in ("individual", "business", "enterprise"))
BENCHES = {
    "cursor-cli": Bench(
        product="cursor-cli",
        version="2026.9",
        image="corp/x",
        command=("cursor-agent", "-p", "mend it"),
        env={"CURSOR_API_KEY": "not-a-real-key-00"},
        facts={"mcp": "none", "web_tools": "off"},
    ),
    "copilot-ide": Bench(
        product="copilot-ide",
        version="1.539.0",
        image="corp/x",
        command=("copilot-language-server",),
        files={
            ".vscode/mcp.json": ("", {"servers": {}}),
            "Code/User/settings.json": ("", {"github.copilot.enable": {"*": True}}),
        },
        facts={"completions": "off", "matching": "off"},
    ),
    "copilot-cloud-agent": Bench(
        product="copilot-cloud-agent",
        version="2026.11",
        image="corp/x",
        files={".github/workflows/copilot-setup-steps.yml": ("", STEPS)},
        facts={"own_runner": "yes", "firewall": "yes", "mcp": "none"},
    ),
    "codex-cloud": Bench(product="codex-cloud", version="2026.11", image="corp/x", facts={"internet": "none"}),
    "antigravity": Bench(
        product="antigravity",
        version="2.15.0",
        image="corp/x",
        command=("agy",),
        env={"AGY_LLM_GATEWAY_URL": "https://m.corp.example"},
        facts={"services": "none"},
    ),
}
CURSOR: Outward = {
    "agent": ("cursor/agent_loop", ON),
    "dashboard": ("cursor/dashboard_api", ON),
    "loop.models": ("cursor/model_gateway", ON),
    "update:cursor.com": ("cursor.com", OPEN),
    "update:downloads.cursor.com": ("downloads.cursor.com", OPEN),
}
EXPERIMENTS: Outward = {"experiments": ("default.exp-tas.com", ON)}
USAGE: Outward = {
    "telemetry:collector.github.com": ("collector.github.com", ON),
    "telemetry:copilot-telemetry.githubusercontent.com": ("copilot-telemetry.githubusercontent.com", ON),
}
CONTROL: Outward = {"control": ("api.github.com", ON)}
SIGN_IN: Outward = {
    "sign-in:accounts.google.com": ("accounts.google.com", OPEN),
    "sign-in:oauth2.googleapis.com": ("oauth2.googleapis.com", OPEN),
}
START: dict[str, Outward] = {
    "cursor-cli": CURSOR,
    "copilot-ide": {
        **CONTROL,
        **EXPERIMENTS,
        **USAGE,
        **{f"inference:{host}": (host, ON) for host in COPILOT_HOSTS},
        "catalogue": ("main.vscode-cdn.net", ON),
        "mcp.registry": ("api.mcp.github.com", OPEN),
    },
    "copilot-cloud-agent": {
        **{f"inference:{host}": (host, ON) for host in AGENT_HOSTS},
        "control": ("github/source_control", ON),
        "actions:pkg.actions.githubusercontent.com": ("pkg.actions.githubusercontent.com", ON),
        "actions:results-receiver.actions.githubusercontent.com": ("results-receiver.actions.githubusercontent.com", ON),
        "logs": ("productionresultssa0.blob.core.windows.net", OPEN),
        "packages:codeload.github.com": ("codeload.github.com", ON),
        "packages:ghcr.io": ("ghcr.io", ON),
        "setup": ("", OPEN),
        "uploads:uploads.github.com": ("uploads.github.com", ON),
        "uploads:user-images.githubusercontent.com": ("user-images.githubusercontent.com", ON),
    },
    "codex-cloud": {"task": ("chatgpt.com", ON), "code": ("github.com", ON), "setup": ("", ON)},
    "antigravity": {},
}
SERVER = {"servers": {"x": {"url": "https://mcp.example.net"}}}
EDITOR = {"github.copilot.enable": {"*": True}}
SWITCHES: list[tuple[str, dict[str, Any], Outward, Outward]] = [
    (
        "cursor-cli",
        {"env": {"CURSOR_API_KEY": None}},
        {"sign-in": ("prod.authentication.cursor.sh", ON)},
        {},
    ),
    ("cursor-cli", {"facts": {"web_tools": "on"}}, {"web": ("", ON)}, {}),
    ("cursor-cli", {"facts": {"mcp": "outside"}}, {"mcp": ("", ON)}, {}),
    ("cursor-cli", {"facts": {"mcp": None}}, {"mcp": ("", OPEN)}, {}),
    ("copilot-ide", {"files": {".vscode/mcp.json": ("", SERVER)}}, {"mcp:x": ("mcp.example.net", ON)}, {}),
    (
        "copilot-ide",
        {"files": {"Code/User/settings.json": ("", {**EDITOR, "telemetry.telemetryLevel": "off"})}},
        {},
        USAGE,
    ),
    (
        "copilot-ide",
        {"files": {"Code/User/settings.json": ("", {**EDITOR, "telemetry.telemetryLevel": "error"})}},
        {},
        {},
    ),
    (
        "copilot-ide",
        {"files": {"Code/User/settings.json": ("", {**EDITOR, "github-enterprise.uri": "https://corp.ghe.com"})}},
        {"control": ("corp.ghe.com", ON)},
        EXPERIMENTS,
    ),
    ("copilot-ide", {"facts": {"completions": None}}, {"completions": ("copilot-proxy.githubusercontent.com", OPEN)}, {}),
    ("copilot-ide", {"facts": {"matching": "on"}}, {"matching": ("origin-tracker.githubusercontent.com", ON)}, {}),
    # A runner of one's own moves the commands and nothing else.
    ("copilot-cloud-agent", {"facts": {"own_runner": "no"}}, {}, {}),
    ("copilot-cloud-agent", {"facts": {"firewall": "no"}}, {"egress": ("", ON)}, {}),
    ("copilot-cloud-agent", {"facts": {"mcp": "outside"}}, {"mcp": ("", ON)}, {}),
    ("codex-cloud", {"facts": {"internet": "packages"}}, {"egress": ("", ON)}, {}),
    ("codex-cloud", {"facts": {"internet": None}}, {"egress": ("", OPEN)}, {}),
    (
        "antigravity",
        {"env": {"AGY_LLM_GATEWAY_URL": None, "AGY_LLM_GATEWAY_API_KEY": "key-0"}},
        {
            **SIGN_IN,
            "inference": ("", OPEN),
            "inference:antigravity-pa.googleapis.com": ("antigravity-pa.googleapis.com", OPEN),
        },
        {},
    ),
    ("antigravity", {"facts": {"services": None}}, {"services": ("", OPEN)}, {}),
]
KNOWN: list[tuple[dict[str, str], set[str]]] = [
    ({"compose.yaml": TURN}, {"cursor-cli"}),
    # The same program as a worker is another product.
    ({"compose.yaml": WORKER}, {"cursor-workers"}),
    ({".github/workflows/copilot-setup-steps.yml": STEPS}, {"copilot-cloud-agent"}),
    ({".github/workflows/build.yml": STEPS}, set()),
    ({".vscode/settings.json": '{"github.copilot.enable": {"*": true}}'}, {"copilot-ide"}),
    ({"compose.yaml": '{"services": {"main": {"image": "corp/x", "command": ["agy"]}}}'}, {"antigravity"}),
]


@pytest.mark.parametrize("product", BENCHES)
def test_a_service_as_it_comes_has_exactly_these_flows(tmp_path: Path, product: str) -> None:
    assert BENCHES[product].outward(tmp_path) == START[product]


@pytest.mark.parametrize(("product", "change", "appears", "vanishes"), SWITCHES)
def test_a_switch_moves_exactly_its_flows(
    tmp_path: Path, product: str, change: Mapping[str, Any], appears: Outward, vanishes: Outward
) -> None:
    outward = BENCHES[product].but(**change).outward(tmp_path)
    assert changed(START[product], outward) == (appears, vanishes)


@pytest.mark.parametrize(("files", "products"), KNOWN)
def test_how_they_are_known(tmp_path: Path, files: Mapping[str, str], products: set[str]) -> None:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    documents = read_tree(tmp_path, tmp_path, Redactor()).documents
    assert {system.product for system in recognise_systems(documents, catalog())} == products
