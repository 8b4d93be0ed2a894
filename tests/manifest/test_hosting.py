"""What runs in what, one trap a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.manifest.test_placing import SITE, faults

OTHER = "  other: {operator: aws}\n"


def parts(**runs_in: str) -> str:
    """Return components of zone corp that run in each other."""
    lines = [f"  - {{id: {id_}, plane: supporting, role: proxy, runs_in: {host}}}\n" for id_, host in runs_in.items()]
    return "components:\n" + "".join(lines) + "  - {id: end, plane: supporting, role: proxy}\n"


@pytest.mark.parametrize(
    ("circle", "way"),
    [
        ({"a": "a"}, "a -> a"),
        ({"a": "b", "b": "a"}, "a -> b -> a"),
        ({"a": "b", "b": "c", "c": "b"}, "b -> c -> b"),
    ],
)
def test_runs_in_goes_in_a_circle(tmp_path: Path, circle: dict[str, str], way: str) -> None:
    line = 7 + list(circle).index(way[0])
    assert faults(tmp_path, SITE + parts(**circle)) == [
        (line, 54, f"runs_in goes in a circle: {way}", "nothing says where they run", "take one runs_in out")
    ]


def test_a_circle_through_a_system(tmp_path: Path) -> None:
    text = "systems:\n  - {product: coder, zone: corp, components: {client: {runs_in: a}}}\n" + parts(a="coder/client")
    assert [f[2] for f in faults(tmp_path, SITE + text)] == ["runs_in goes in a circle: coder/client -> a -> coder/client"]


def test_a_chain_is_no_circle(tmp_path: Path) -> None:
    assert faults(tmp_path, SITE + parts(a="b", b="c", c="end")) == []


@pytest.mark.parametrize("host", ["coder/workspace", "coder/client"])
def test_a_component_in_a_workload_of_another_zone(tmp_path: Path, host: str) -> None:
    text = (
        "systems:\n"
        "  - {product: coder, zone: other, components: {client: {}}}\n"
        "  - {product: claude-code, zone: corp, components: {cli: {runs_in: HOST}}}\n"
    ).replace("HOST", host)
    assert faults(tmp_path, SITE + OTHER + text) == [
        (
            9,
            68,
            f"claude-code/cli lies in zone corp, and {host}, in which it runs, in zone other",
            "whatever runs in a workload is where the workload is",
            f'write "zone: other" for claude-code/cli, or correct the zone of {host}',
        )
    ]
    assert faults(tmp_path, SITE + OTHER + text.replace("{runs_in", "{zone: other, runs_in")) == []
