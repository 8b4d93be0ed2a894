"""Cursor: what is required has no substitute, and what a dashboard decides stays open until a document says it."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.facts.hosts import host_matches
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Plane
from tests.catalog.bench import ON, OPEN, Bench, Outward, catalog, changed, classes, only

WORKER = Bench(
    product="cursor-workers",
    version="2026.09.10",
    image="registry.corp.example/build/worker",
    command=("agent", "worker", "--pool", "start"),
    env={"CURSOR_API_KEY": "sk-not-a-real-key-000000"},
    facts={"require_self_hosted": "on"},
)
VENDOR = ("session", "artifacts", "updates", "updates.installer", "dashboard", "loop.models")
MODELS = ("models.anthropic", "models.google", "models.openai", "models.xai")

SWITCHES: list[tuple[str, dict[str, str | None], Outward]] = [
    (
        "own endpoint moves the login only",
        {"CURSOR_API_ENDPOINT": "https://api.example.net"},
        {"login": ("api.example.net", OPEN)},
    ),
    ("the endpoint by default", {"CURSOR_API_ENDPOINT": "https://api2.cursor.sh"}, {}),
    ("proxy", {"HTTPS_PROXY": "http://proxy.example.net:3128"}, {"proxy": ("proxy.example.net", ON)}),
]
MCP = {
    "mcpServers": {
        "wiki": {"url": "https://mcp.corp.example/sse"},
        "exa": {"url": "https://mcp.exa.ai/mcp"},
        "shell": {"command": "npx"},
    }
}


def test_what_a_worker_sends_whatever_is_set(tmp_path: Path) -> None:
    outward = WORKER.outward(tmp_path)
    expected: Outward = {
        "session": ("cursor/agent_loop", ON),
        "artifacts": ("cursor/object_store", ON),
        "artifacts.second": ("cursor/object_store@stores", OPEN),
        "dashboard": ("cursor/dashboard_api", ON),
        "updates": ("downloads.cursor.com", ON),
        "updates.installer": ("cursor.com", ON),
        "marketplace": ("marketplace.cursorapi.com", OPEN),
        "loop.models": ("cursor/model_gateway", ON),
        "models.anthropic": ("api.anthropic.com", OPEN),
        "models.google": ("aiplatform.googleapis.com", OPEN),
        "models.openai": ("api.openai.com", OPEN),
        "models.xai": ("api.x.ai", OPEN),
    }
    assert expected == outward
    assert WORKER.configuration(tmp_path).gaps == ()


def test_the_session_is_held_open_and_carries_code(tmp_path: Path) -> None:
    session = WORKER.flows(tmp_path)["session"]
    carried = classes(
        "content.source_code",
        "content.tool_io",
        "metadata.repository",
        "metadata.orchestration",
        "identity.organisation",
        "secret.credential",
    )
    assert (carried, carried) == (session.sends_at_least, session.sends_at_most)
    assert classes("content.tool_io", "content.source_code", "metadata.orchestration") == session.receives


@pytest.mark.parametrize("flow", ["session", "dashboard", "loop.models"])
def test_what_is_required_has_no_cure(tmp_path: Path, flow: str) -> None:
    found = WORKER.flows(tmp_path)[flow]
    assert (found.required, [c.kind for c in found.cures]) == (Truth.YES, ["none"])


def test_artifacts_stop_at_the_network_only(tmp_path: Path) -> None:
    found = WORKER.flows(tmp_path)["artifacts"]
    assert (found.required, [c.kind for c in found.cures]) == (Truth.NO, ["network"])


@pytest.mark.parametrize(("change", "appears"), [pytest.param(c, a, id=i) for i, c, a in SWITCHES])
def test_a_variable_changes_exactly_its_flows(tmp_path: Path, change: dict[str, str | None], appears: Outward) -> None:
    before = WORKER.outward(tmp_path / "before")
    assert (appears, {}) == changed(before, WORKER.but(env=change).outward(tmp_path / "after"))


def test_cloning_by_cursor_is_a_flag(tmp_path: Path) -> None:
    before = WORKER.outward(tmp_path / "before")
    cloning = WORKER.but(command=(*WORKER.command, "--clone-git-repos"))
    assert changed(before, cloning.outward(tmp_path / "after")) == ({"git": ("github.com", ON)}, {})


@pytest.mark.parametrize(("answer", "present"), [("on", Truth.NO), ("off", Truth.YES), (None, Truth.UNKNOWN)])
def test_only_a_document_rules_machines_of_the_vendor_out(tmp_path: Path, answer: str | None, present: Truth) -> None:
    configuration = WORKER.but(facts={"require_self_hosted": answer}).configuration(tmp_path)
    machine = next(c for c in configuration.components if c.id == "cursor/workspace")
    flow = next(f for f in configuration.flows if f.id == "sys/managed-vm")
    gaps = [g.unknown.subject for g in configuration.gaps]
    assert (present, Plane.EXECUTION, False) == (machine.present, machine.plane, machine.place.inside)
    assert (present, ["sys/dashboard"] if answer is None else []) == (flow.configured, gaps)


def test_http_servers_run_at_cursor_and_local_ones_on_the_worker(tmp_path: Path) -> None:
    bench = WORKER.but(files={".cursor/mcp.json": ("", MCP)})
    flows = bench.flows(tmp_path)
    assert only(bench.outward(tmp_path), "mcp.http", "mcp.stdio") == {
        "mcp.http:exa": ("mcp.exa.ai", ON),
        "mcp.stdio:shell": ("", OPEN),
    }
    assert (flows["mcp.http:exa"].source, flows["mcp.stdio:shell"].source) == ("cursor/agent_loop", "sys/worker")


IDE = Bench(
    product="cursor-ide",
    version="2.4",
    image="registry.corp.example/build/workspace",
    command=("cursor-server",),
    files={"cursor/settings.json": ("", {"cursor.general.disableHttp2": False})},
    facts={"codebase_indexing": "off", "agent_host": "client"},
)


def test_the_ide_sends_from_the_developers_machine(tmp_path: Path) -> None:
    flows = IDE.flows(tmp_path)
    sure = {key for key, flow in flows.items() if flow.configured is Truth.YES}
    assert {"agent", "tab", "sign-in", "dashboard", "marketplace", "updates", "loop.models"} == sure
    assert IDE.configuration(tmp_path).gaps == ()


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"codebase_indexing": "on"}, {"indexing": ("cursor/database", ON)}),
        ({"codebase_indexing": None}, {"indexing": ("cursor/database", OPEN)}),
        ({"agent_host": "workspace"}, {"agent.remote": ("cursor/agent_loop", ON)}),
        ({"agent_host": None}, {"agent.remote": ("cursor/agent_loop", OPEN)}),
        (
            {"agent_host": "workspace", "codebase_indexing": "on"},
            {
                "agent.remote": ("cursor/agent_loop", ON),
                "indexing": ("cursor/database", ON),
                "indexing.remote": ("cursor/database", ON),
            },
        ),
    ],
)
def test_an_answer_about_the_ide_opens_exactly_its_flows(tmp_path: Path, facts: dict[str, str | None], expected: Outward) -> None:
    before = IDE.outward(tmp_path / "before")
    assert (expected, {}) == changed(before, IDE.but(facts=facts).outward(tmp_path / "after"))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"update.mode": "none"}, ({"updates": ("downloads.cursor.com", OPEN)}, set())),
        ({"ExtensionGalleryServiceUrl": "https://gallery.corp.example"}, ({}, {"marketplace", "marketplace.remote"})),
    ],
    ids=["updates: known from a third party only", "gallery"],
)
def test_settings_of_the_ide_stop_or_move_a_flow(
    tmp_path: Path, settings: dict[str, str], expected: tuple[Outward, set[str]]
) -> None:
    before = IDE.outward(tmp_path / "before")
    after = IDE.but(files={"cursor/settings.json": ("", {"cursor.general.disableHttp2": False, **settings})})
    added, lost = changed(before, after.outward(tmp_path / "after"))
    assert expected == (added, set(lost))


@pytest.mark.parametrize(
    ("host", "endpoint"),
    [
        ("api2.cursor.sh", "cursor/agent_loop"),
        ("api2direct.cursor.sh", "cursor/agent_loop"),
        ("agentn.us.api5.cursor.sh", "cursor/agent_loop"),
        ("us-eu.gcpp.cursor.sh", "cursor/model_gateway"),
        ("repo42.cursor.sh", "cursor/database"),
        ("new.cursor.sh", "cursor/dashboard_api@other"),
        ("cloud-agent-artifacts.s3.us-east-1.amazonaws.com", "cursor/object_store"),
        ("some.s3.us-east-1.amazonaws.com", "aws/object_store@us-east-1"),
        ("a.b.cursorvm.com", "cursor/workspace"),
    ],
)
def test_hosts_of_cursor(host: str, endpoint: str) -> None:
    entry = catalog().endpoint_for_host(host)
    assert entry is not None
    assert endpoint == entry.id


@pytest.mark.parametrize("host", ["evil-cursor.sh", "cursor.sh.example.net", "xcursorvm.com"])
def test_look_alikes_are_not_cursor(host: str) -> None:
    entry = catalog().endpoint_for_host(host)
    assert entry is None
    assert not host_matches("*.cursor.sh", host)
