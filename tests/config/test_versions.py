"""The facts of the catalog speak of versions up to the newest that it names."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from auditor.config.versions import version_numbers
from auditor.facts.configuration import Configuration
from auditor.facts.vocabulary import UnknownKind

Deploy = Callable[..., Configuration]


def _told(configuration: Configuration) -> list[tuple[str, str]]:
    return [(g.unknown.kind.value, g.unknown.text) for g in configuration.gaps if g.unknown.subject == "demo/version"]


@pytest.mark.parametrize("version", ["2.1", "2.1.99", "v2.1.0", "2.0", "1.9.1", "2.1.0-rc.1", "2.1.0rc1", "2.1+local"])
def test_a_version_within_the_facts_is_closed(deploy: Deploy, version: str) -> None:
    assert _told(deploy({"demo.env": "DEMO_X=1\n"}, version=version)) == []


@pytest.mark.parametrize("version", ["2.2", "2.99", "3.0", "10.0", "v2.2.0-rc.1"])
def test_a_newer_version_is_open(deploy: Deploy, version: str) -> None:
    text = f"The facts on Demo reach to 2.1; {version} may behave differently"
    assert _told(deploy({"demo.env": "DEMO_X=1\n"}, version=version)) == [("inventory_open", text)]


@pytest.mark.parametrize("version", ["newest", "banana", "2", "3", "2.x", ">=2", "2.1,2.2", "-"])
def test_what_names_no_release_is_open(deploy: Deploy, version: str) -> None:
    (told,) = _told(deploy({"demo.env": "DEMO_X=1\n"}, version=version))
    assert told[0] == "inventory_open"


@pytest.mark.parametrize(
    ("tag", "conflict"),
    [("2.1.3", False), ("v2.1", False), ("latest", False), ("2.0.9", True), ("3.0", True)],
)
def test_the_tag_of_the_image_must_agree(deploy: Deploy, tag: str, conflict: bool) -> None:
    pod = f"services: {{app: {{image: 'demo/server:{tag}', environment: {{DEMO_X: '1'}}}}}}\n"
    gaps = [g.unknown for g in deploy({"compose.yaml": pod}).gaps if g.unknown.kind is UnknownKind.CONFLICT]
    text = f"The version of Demo is 2.1 (auditor.yaml:1), and the image demo/server:{tag} says {tag.lstrip('v')} (compose.yaml:1)"
    assert [u.text for u in gaps] == ([text] if conflict else [])


def test_a_tag_alone_is_checked_too(deploy: Deploy) -> None:
    pod = "services: {app: {image: 'demo/server:3.0', environment: {DEMO_X: '1'}}}\n"
    assert _told(deploy({"compose.yaml": pod}, version="")) == [
        ("inventory_open", "The facts on Demo reach to 2.1; 3.0 may behave differently")
    ]


def test_numbers_of_versions() -> None:
    read = {text: version_numbers(text) for text in ("v2.36.0", "2026.09.10", "1.109.1.post2", "0.33.0-cu129", "2.x", "", "v")}
    assert read == {
        "v2.36.0": (2, 36, 0),
        "2026.09.10": (2026, 9, 10),
        "1.109.1.post2": (1, 109, 1),
        "0.33.0-cu129": (0, 33, 0),
        "2.x": (2,),
        "": None,
        "v": None,
    }
