"""Development containers: what starts, with which environment, and what stays open."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from auditor.config import recognise_systems
from auditor.config.bindings import Launch, Library, Packaging, sources_of
from auditor.config.formats import read_launches
from auditor.documents import Document, Redactor, read_tree
from auditor.facts.evidence import FileLocation
from tests.catalog.bench import catalog

PLACES = (".devcontainer/devcontainer.json", ".devcontainer.json", ".devcontainer/own/devcontainer.json")


def read(folder: Path, content: Any, name: str = PLACES[0]) -> tuple[Document, ...]:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return read_tree(folder, folder, Redactor()).documents


def launch(folder: Path, content: Any) -> Launch:
    (found,) = read_launches(Library(sources_of(read(folder, content), ())))
    return found


@pytest.mark.parametrize("name", PLACES)
def test_it_is_known_by_its_name(tmp_path: Path, name: str) -> None:
    documents = read(tmp_path, {"image": "corp/dev:1"}, name)
    (found,) = read_launches(Library(sources_of(documents, ())))
    assert (found.packaging, found.image, found.evidence.text) == (
        Packaging.DEVCONTAINER,
        "corp/dev:1",
        f"the development container of {name}",
    )


def test_comments_and_trailing_commas_are_no_fault(tmp_path: Path) -> None:
    assert launch(tmp_path, '{\n  // ours\n  "image": "corp/dev:1", /* pinned */\n}\n').image == "corp/dev:1"


def test_the_editor_s_environment_wins_over_the_container_s_and_what_comes_from_outside_is_open(tmp_path: Path) -> None:
    content = {
        "image": "corp/dev:1",
        "containerEnv": {"A": "1", "B": "1", "C": "${localEnv:C:fallback}"},
        "remoteEnv": {"B": "2", "PATH": "${containerEnv:PATH}:/opt/bin", "D": None},
    }
    env = launch(tmp_path, json.dumps(content, indent=1)).env
    places = {name: b.evidence.location for name, b in env.items()}
    lines = {name: place.line for name, place in places.items() if isinstance(place, FileLocation)}
    found = {name: (b.value, lines[name], b.surely) for name, b in env.items()}
    assert found == {"A": ("1", 4, True), "B": ("2", 9, True), "C": (None, 6, False), "PATH": (None, 10, False)}


def test_what_is_built_installed_or_run_is_open(tmp_path: Path) -> None:
    content = {
        "build": {"dockerfile": "Dockerfile"},
        "features": {"ghcr.io/devcontainers/features/node:1": {}},
        "onCreateCommand": "mkdir -p /work",
        "postCreateCommand": ["npm", "install"],
        "postStartCommand": {"server": "serve --all", "quiet": "true"},
    }
    assert [o.reason for o in launch(tmp_path, content).hidden] == [
        "build.dockerfile makes the container: what is in it is open",
        "the feature ghcr.io/devcontainers/features/node:1 installs programs: what they do is open",
        "postCreateCommand runs npm install: what it starts is open",
        "postStartCommand server runs serve --all: what it starts is open",
    ]


def test_compose_files_and_images_from_outside_leave_the_image_open(tmp_path: Path) -> None:
    assert launch(tmp_path / "a", {"dockerComposeFile": ["../compose.yaml"], "service": "app"}).image == ""
    assert launch(tmp_path / "b", {"image": "${localEnv:IMAGE}"}).image == ""


@pytest.mark.parametrize(
    ("content", "products"),
    [
        ({"image": "corp/dev", "postStartCommand": "claude --version"}, {"claude-code"}),
        ({"image": "corp/dev", "customizations": {"vscode": {"extensions": ["GitHub.copilot"]}}}, {"copilot-ide"}),
        ({"image": "corp/dev", "customizations": {"vscode": {"extensions": ["-GitHub.copilot"]}}}, set()),
        (
            {"image": "corp/dev", "customizations": {"vscode": {"extensions": ["Continue.continue", "saoudrizwan.claude-dev"]}}},
            {"cline", "continue"},
        ),
        (
            {"image": "corp/dev", "customizations": {"vscode": {"settings": {"github.copilot.enable": {"*": False}}}}},
            {"copilot-ide"},
        ),
        ({"image": "corp/dev"}, set()),
    ],
)
def test_the_products_in_it_are_known(tmp_path: Path, content: Any, products: set[str]) -> None:
    assert {s.product for s in recognise_systems(read(tmp_path, content), catalog())} == products


def test_settings_keep_their_place_in_the_file(tmp_path: Path) -> None:
    content = '{\n "image": "x",\n "customizations": {"vscode": {"settings": {\n  "telemetry.telemetryLevel": "off"\n }}}\n}\n'
    (inner,) = [d for d in read(tmp_path, content) if d.inside]
    node = inner.root.entries[0][1]
    assert (inner.inside, inner.path, node.text, node.line) == (".vscode/settings.json", PLACES[0], "off", 4)


def test_a_feature_shows_the_agent_that_it_installs(tmp_path: Path) -> None:
    (tmp_path / "devcontainer.json").write_text(
        '{"features": {"ghcr.io/someone/features/claude-code:1.0": {}, "./features/codex": {}}}'
    )
    found = recognise_systems(read_tree(tmp_path, tmp_path).documents, catalog())
    assert [s.product for s in found] == ["claude-code", "codex"]
