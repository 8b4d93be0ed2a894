"""Exports of Azure and of ECS: who had an address from when on, where an export dates it, and nothing where none does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from auditor.documents import Redactor, read_tree
from auditor.facts.evidence import FileLocation
from auditor.facts.manifest import InputEntry
from auditor.facts.tenures import Tenure
from auditor.facts.vocabulary import Basis, ConfigState
from auditor.identify import tenures_of
from auditor.identify.instants import instant

GROUP = "/subscriptions/0/resourceGroups/RG1/providers"
MACHINE = f"{GROUP}/Microsoft.Compute/virtualMachines/Runner-1"
CARD = f"{GROUP}/Microsoft.Network/networkInterfaces/card-1"
VMS = [
    {
        "id": MACHINE, "name": "Runner-1", "resourceGroup": "RG1", "vmId": "7b1", "privateIps": "10.20.77.4,10.20.77.5",
        "publicIps": "192.0.2.8", "osProfile": {"computerName": "runner01"}, "timeCreated": "2026-11-01T08:00:00.5+00:00",
    },
]  # fmt: skip
CARDS = [
    {
        "id": CARD, "name": "card-1", "virtualMachine": {"id": MACHINE.replace("RG1", "rg1")},
        "ipConfigurations": [
            {"name": "a", "primary": True, "privateIPAddress": "10.20.77.4", "privateIPAllocationMethod": "Dynamic"},
            {"name": "b", "primary": False, "privateIPAddress": "10.20.77.6"},
        ],
    },
]  # fmt: skip
LISTED = [
    {"virtualMachine": {"name": "runner-1", "resourceGroup": "rg1", "network": {
        "privateIpAddresses": ["10.20.77.4"], "publicIpAddresses": [{"ipAddress": "192.0.2.8"}]}}},
]  # fmt: skip
RESOURCES = [{"id": CARD, "type": "Microsoft.Network/networkInterfaces", "createdTime": "2026-11-03T09:00:00+00:00"}]
TASK = {
    "taskArn": "arn:aws:ecs:eu-central-1:123456789012:task/agents/0f1e", "group": "service:web", "lastStatus": "RUNNING",
    "connectivityAt": "2026-11-20T08:00:00.250000+01:00", "createdAt": "2026-11-20T06:59:00+00:00",
    "attachments": [
        {"type": "ElasticNetworkInterface", "details": [
            {"name": "networkInterfaceId", "value": "eni-1"}, {"name": "privateIPv4Address", "value": "10.20.77.9"}]},
        {"type": "Service Connect", "details": []},
    ],
}  # fmt: skip


def found(folder: Path, **files: Any) -> tuple[Tenure, ...]:
    """Return the tenures that exports of the day show."""
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    place = FileLocation("auditor.yaml", "0" * 64, 1, 1)
    collected = InputEntry("path", ".", (), ConfigState.LIVE, "2026-11-20", "", "", (), "", place)
    return tenures_of(read_tree(folder, folder, Redactor()).documents, [collected])


def told(tenures: tuple[Tenure, ...]) -> list[tuple[str, str, str]]:
    return [(t.address, t.holder.title, ", ".join(t.holder.names)) for t in tenures]


def test_a_machine_of_azure_has_its_primary_address_since_it_was_made(tmp_path: Path) -> None:
    (tenure,) = tenures = found(tmp_path, vms=VMS)
    assert told(tenures) == [("10.20.77.4", "instance Runner-1", "7b1, runner-1, runner01")]
    assert (tenure.since, tenure.until) == (instant("2026-11-01T08:00:00.5Z"), instant("2026-11-20T00:00:00Z"))
    assert tenure.evidence.basis is Basis.OBSERVED


def test_interfaces_and_lists_of_addresses_are_dated_by_the_machine(tmp_path: Path) -> None:
    assert told(found(tmp_path, cards=CARDS, listed=LISTED)) == []
    dated = [{**VMS[0], "privateIps": ""}]
    assert told(found(tmp_path, vms=dated)) == [
        ("10.20.77.4", "instance Runner-1", "runner-1"),
        ("10.20.77.4", "instance runner-1", "runner-1"),
    ]


def test_an_interface_younger_than_its_machine_begins_with_itself(tmp_path: Path) -> None:
    (tenure,) = found(tmp_path, cards=CARDS, resources=RESOURCES, vms=[{**VMS[0], "privateIps": ""}])
    assert tenure.since == instant("2026-11-03T09:00:00Z")


def test_an_interface_without_a_machine_is_itself(tmp_path: Path) -> None:
    lone = [{**CARDS[0], "virtualMachine": None}]
    assert told(found(tmp_path, cards=lone, resources=RESOURCES)) == [("10.20.77.4", "interface card-1", "card-1")]


@pytest.mark.parametrize(
    "changes", [{"timeCreated": "2027-01-01T00:00:00Z"}, {"timeCreated": "yesterday"}, {"privateIps": "none"}]
)
def test_a_machine_made_after_the_export_or_at_no_time_tells_nothing(tmp_path: Path, changes: dict[str, str]) -> None:
    (tmp_path / "other.json").write_text("[]")
    tenures = found(tmp_path, vms=[{**VMS[0], **changes}])
    assert [t for t in tenures if t.since < (instant("2026-12-01T00:00:00Z") or 0)] == []


def test_a_task_of_ecs_has_the_address_of_its_own_interface(tmp_path: Path) -> None:
    (tenure,) = tenures = found(tmp_path, tasks={"tasks": [TASK], "failures": []})
    assert told(tenures) == [("10.20.77.9", "task agents/web/0f1e", "0f1e, web, web.agents")]
    assert (tenure.since, tenure.until) == (instant("2026-11-20T07:00:00.25Z"), instant("2026-11-20T07:00:00.25Z"))


def test_a_task_that_ended_has_it_until_its_end(tmp_path: Path) -> None:
    ended = {**TASK, "lastStatus": "STOPPED", "executionStoppedAt": "2026-11-20T09:00:00Z", "stoppedAt": "2026-11-20T09:01:00Z"}
    (tenure,) = found(tmp_path, tasks={"tasks": [ended]})
    assert tenure.until == instant("2026-11-20T09:00:00Z")


def test_a_task_on_the_network_of_its_host_tells_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, tasks={"tasks": [{**TASK, "attachments": []}]}) == ()
