"""Addresses that change hands are given to whoever held them at the time of the flow, or to nobody, with the reason."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from auditor.documents import Redactor, read_tree
from auditor.facts.rows import ResolvedEnd
from auditor.facts.tenures import Tenure
from auditor.identify import changes_of, identify, tenures_of
from auditor.identify.instants import instant
from tests.reconcile.builders import MODEL, Book, configuration, edge, entry, manifest, observation

POD = "10.20.77.7"
OF_WORKSPACES = "10.20.9.7"
"""In the networks that the manifest gives to the workspaces."""
HOSTS = {"ws": ["*.workspaces.pod"], "git": ["git.tools.svc"]}


def pod(name: str, namespace: str, *, started: str, ended: str = "", address: str = POD, **more: Any) -> dict[str, Any]:
    running: dict[str, Any] = {"running": {"startedAt": started}}
    over: dict[str, Any] = {"terminated": {"startedAt": started, "finishedAt": ended}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "uid": f"uid-{name}", "labels": {"app": name.partition("-")[0]}},
        "spec": {**more},
        "status": {
            "phase": "Failed" if ended else "Running",
            "podIP": address,
            "podIPs": [{"ip": address}],
            "containerStatuses": [{"state": over if ended else running}],
        },
    }


SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "git", "namespace": "tools", "creationTimestamp": "2026-11-01T00:00:00Z"},
    "spec": {"clusterIP": "10.20.77.1", "selector": {"app": "git"}},
}
TAKEN = {
    "apiVersion": "v1",
    "kind": "Event",
    "metadata": {"name": "e", "namespace": "tools"},
    "involvedObject": {"kind": "Namespace", "name": "tools"},
    "reason": "Nothing",
    "lastTimestamp": "2026-11-20T12:00:00Z",
}
FIRST = pod("alice-1", "workspaces", started="2026-11-20T08:00:00Z", ended="2026-11-20T09:00:00Z")
SECOND = pod("git-1", "tools", started="2026-11-20T10:00:00Z")


def inventory(folder: Path, *objects: dict[str, Any], name: str = "pods.json") -> tuple[Tenure, ...]:
    listed = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
    (folder / name).write_text(json.dumps(listed, indent=1))
    return tenures_of(read_tree(folder, folder, Redactor()).documents, ())


def source(tenures: tuple[Tenure, ...], first: str, last: str, logged_as: str = "", address: str = POD) -> ResolvedEnd:
    """Return who sends from the address in the time between."""
    seen = replace(edge(address, MODEL), first_time=f"2026-11-20T{first}Z", last_time=f"2026-11-20T{last}Z")
    seen = replace(seen, source=replace(seen.source, logged_as=logged_as))
    of = manifest(standalone=[entry(id_, hosts=hosts, zone="corp") for id_, hosts in HOSTS.items()])
    return identify(of, configuration(), observation(seen), Book(), tenures).edges[0].source


def test_a_recycled_address_belongs_to_whoever_held_it_at_the_time_of_the_flow(tmp_path: Path) -> None:
    tenures = inventory(tmp_path, FIRST, SECOND, SERVICE, TAKEN)
    early, late = source(tenures, "08:10:00", "08:20:00"), source(tenures, "11:00:00", "11:30:00")
    assert (early.candidates, late.candidates) == (("ws",), ("git",))
    assert [e.text for e in early.evidence] == [f"pod workspaces/alice-1 has the address {POD}"]


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        ("09:15:00", "09:20:00", "and no inventory shows who held it at that time"),
        ("07:00:00", "07:30:00", "and no inventory shows who held it at that time"),
        ("08:50:00", "09:20:00", "and no inventory shows who held it at that time"),
        ("08:50:00", "10:20:00", f"{POD} was pod tools/git-1 and pod workspaces/alice-1 in the time of the traffic"),
        ("12:00:01", "12:30:00", "and no inventory shows who held it at that time"),
    ],
)
def test_a_time_that_no_inventory_covers_leaves_the_source_open(tmp_path: Path, first: str, last: str, why: str) -> None:
    end = source(inventory(tmp_path, FIRST, SECOND, SERVICE, TAKEN), first, last)
    assert (end.candidates, end.workload) == ((), f"addr:{POD}")
    assert why in end.why


def test_two_holders_at_one_time_leave_the_source_open(tmp_path: Path) -> None:
    twin = pod("git-1", "tools", started="2026-11-20T08:30:00Z")
    end = source(inventory(tmp_path, FIRST, twin, SERVICE, TAKEN), "08:40:00", "08:41:00")
    assert end.candidates == ()
    assert "pod tools/git-1 and pod workspaces/alice-1" in end.why


def test_a_holder_that_the_manifest_does_not_know_is_not_the_other_one(tmp_path: Path) -> None:
    stranger = pod("cron-1", "jobs", started="2026-11-20T10:00:00Z")
    end = source(inventory(tmp_path, FIRST, stranger, TAKEN), "11:00:00", "11:01:00")
    assert end.candidates == ()
    assert end.why == f"{POD} was pod jobs/cron-1 at that time, which no workload of the manifest is"


def test_events_show_a_pod_at_work_after_its_snapshot(tmp_path: Path) -> None:
    killed = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": "k", "namespace": "tools"},
        "involvedObject": {"kind": "Pod", "name": "git-1", "namespace": "tools", "uid": "uid-git-1"},
        "reason": "Killing",
        "lastTimestamp": "2026-11-20T15:00:00Z",
    }
    inventory(tmp_path, killed, name="events.json")
    tenures = inventory(tmp_path, FIRST, SECOND, SERVICE, TAKEN)
    assert source(tenures, "14:00:00", "14:30:00").candidates == ("git",)
    assert source(tenures, "15:00:01", "15:30:00").candidates == ()


def test_two_snapshots_of_one_pod_are_one_tenure(tmp_path: Path) -> None:
    later = {**TAKEN, "lastTimestamp": "2026-11-20T18:00:00Z"}
    inventory(tmp_path, SECOND, SERVICE, later, name="later.json")
    tenures = inventory(tmp_path, SECOND, SERVICE, TAKEN)
    spans = [(t.since, t.until) for t in tenures if t.address == POD]
    assert spans == [(instant("2026-11-20T10:00:00Z"), instant("2026-11-20T18:00:00Z"))]
    assert changes_of(tenures)[POD] == (spans[0][0], spans[0][1] + 1)


def test_a_pod_on_the_hosts_network_holds_no_address(tmp_path: Path) -> None:
    assert inventory(tmp_path, {**SECOND, "spec": {"hostNetwork": True}}, TAKEN) == ()


def test_a_log_that_names_the_pod_tells_the_source_and_must_not_speak_against_the_inventory(tmp_path: Path) -> None:
    tenures = inventory(tmp_path, FIRST, SECOND, SERVICE, TAKEN)
    assert source((), "11:00:00", "11:01:00", "pod:workspaces/bob-7").candidates == ("ws",)
    assert source((), "11:00:00", "11:01:00", "pod:elsewhere/bob-7").candidates == (f"addr:{POD}",)
    assert source(tenures, "09:15:00", "09:20:00", "pod:tools/git-1").candidates == ("git",)
    end = source(tenures, "08:10:00", "08:20:00", "pod:tools/git-1")
    assert end.candidates == ("git", "ws")
    assert end.conflict == f"the log names pod tools/git-1, and the inventory gives {POD} to pod workspaces/alice-1"


def test_the_networks_of_the_manifest_do_not_answer_for_an_address_that_changes_hands(tmp_path: Path) -> None:
    pods = [{**pod, "status": {**pod["status"], "podIP": OF_WORKSPACES, "podIPs": []}} for pod in (FIRST, SECOND)]
    (tmp_path / "one").mkdir()
    alone, both = inventory(tmp_path / "one", pods[1], SERVICE, TAKEN), inventory(tmp_path, *pods, SERVICE, TAKEN)
    assert source(both, "09:15:00", "09:20:00", address=OF_WORKSPACES).candidates == ()
    assert source(both, "11:00:00", "11:20:00", address=OF_WORKSPACES).candidates == ("git",)
    assert source(alone, "09:15:00", "09:20:00", address=OF_WORKSPACES).candidates == ("coder/workspace",)
    assert source((), "09:15:00", "09:20:00", address=OF_WORKSPACES).candidates == ("coder/workspace",)


def test_interfaces_of_a_cloud_hold_their_primary_address_from_the_time_they_were_attached(tmp_path: Path) -> None:
    shown = {
        "NetworkInterfaces": [
            {
                "NetworkInterfaceId": "eni-1",
                "PrivateIpAddress": POD,
                "PrivateIpAddresses": [{"Primary": True, "PrivateIpAddress": POD}, {"PrivateIpAddress": "10.20.77.8"}],
                "Attachment": {"AttachTime": "2026-11-20T10:00:00+00:00", "InstanceId": "i-1"},
                "TagSet": [{"Key": "Name", "Value": "git.tools.svc"}],
            },
            {
                "NetworkInterfaceId": "eni-2",
                "PrivateIpAddress": "10.20.77.9",
                "Attachment": {"AttachTime": "2026-11-20T20:00:00Z"},
            },
        ]
    }
    (tmp_path / "interfaces.json").write_text(json.dumps(shown))
    tenures = tenures_of(read_tree(tmp_path, tmp_path, Redactor()).documents, ())
    assert [(t.address, t.holder.title) for t in tenures] == [(POD, "instance i-1"), ("10.20.77.9", "interface eni-2")]
    assert source(tenures, "11:00:00", "19:00:00").candidates == ("git",)
