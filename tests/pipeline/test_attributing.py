"""Edges of a reduced flow table get their ends by a deployment or by inventories: after the reduction, by their time."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from auditor.cli import main
from auditor.pipeline.attributing import read_ground
from auditor.traffic.lake.folder import write_folder
from auditor.traffic.sources import log_source
from tests.identify.test_tenures import FIRST, OF_WORKSPACES, SECOND, SERVICE, TAKEN
from tests.pipeline.test_logged_ends import deployment, zeek
from tests.traffic.wire import SERVER


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """Return a table of three flows of one address: of one pod, of nobody, of another pod; and the inventory beside it."""
    pods = [{**pod, "status": {**pod["status"], "podIP": OF_WORKSPACES, "podIPs": []}} for pod in (FIRST, SECOND)]
    listed = {"apiVersion": "v1", "kind": "List", "items": [*pods, SERVICE, TAKEN]}
    (tmp_path / "pods.json").write_text(json.dumps(listed, indent=1))
    (tmp_path / "conn.log").write_text(zeek(1, "08:10:00") + zeek(2, "09:30:00") + zeek(3, "11:00:00"))
    list(write_folder([log_source("conn.log", str(tmp_path / "conn.log"))], tmp_path / "lake"))
    return tmp_path


def ends(folder: Path, capsys: pytest.CaptureFixture[str], *grounds: Path) -> list[tuple[str, str, str, str]]:
    options = [word for path in grounds for word in ("--identify", str(path))]
    assert main(["flows", "--table", str(folder / "lake"), "--output", "csv:-", *options]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["flows"] for row in rows] == ["1"] * len(rows)
    return sorted((row["source_is"], row["destination_is"], row["destination_operator"], row["ends_open"]) for row in rows)


def test_an_inventory_alone_names_the_holders_at_the_time_of_each_flow(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    why = f"{OF_WORKSPACES} changes hands (pod tools/git-1, pod workspaces/alice-1), and no inventory shows who held it"
    why += " at that time"
    assert ends(lake, capsys, lake / "pods.json") == [
        ("", "", "", why),
        ("pod tools/git-1", "", "", ""),
        ("pod workspaces/alice-1", "", "", ""),
    ]


def test_a_deployment_names_components_and_destinations(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workloads = '  - {id: ws, plane: execution, role: workspace, zone: corp, hosts: ["*.workspaces.pod"]}\n'
    workloads += "  - {id: git, plane: supporting, role: source_control, zone: corp, hosts: [git.tools.svc]}\n"
    home = lake / "home"
    home.mkdir()
    (home / "pods.json").write_text((lake / "pods.json").read_text())
    deployment(home, "  - {file: pods.json, state: live, collected: 2026-11-20}\n", workloads)
    found = ends(lake, capsys, home)
    assert [(source, target) for source, target, _, _ in found] == [
        ("", f"addr:{SERVER}"), ("git", f"addr:{SERVER}"), ("ws", f"addr:{SERVER}"),
    ]  # fmt: skip
    assert "changes hands" in found[0][3]


def test_without_an_inventory_the_flows_are_one_edge_and_its_ends_are_not_asked(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["flows", "--table", str(lake / "lake"), "--output", "csv:-"]) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert row["flows"] == "3"
    assert "source_is" not in row


def test_what_tells_nobody_is_refused(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (lake / "none.json").write_text("{}")
    assert main(["flows", "--table", str(lake / "lake"), "--identify", str(lake / "none.json")]) == 4
    assert "nothing there tells who had an address" in capsys.readouterr().err


def test_it_goes_with_a_table_alone(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["flows", str(lake / "conn.log"), "--identify", str(lake / "pods.json")]) == 2
    assert "--identify goes with --table" in capsys.readouterr().err


def test_a_ground_knows_when_addresses_change_hands(lake: Path) -> None:
    assert OF_WORKSPACES in read_ground((lake / "pods.json",)).changes
