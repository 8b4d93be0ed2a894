"""Captures on both sides of a router, flow logs, a proxy's log and a table of connections of one window: one table."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from auditor.cli import main
from tests.conftest import ROOT

RECORDING = ROOT / "fixtures" / "recordings" / "proxied"
PACKETS = ("inside.pcap", "perimeter.pcapng")
TRUTH = json.loads((RECORDING / "truth.json").read_text())
"""What the agent's program says that it did."""


def shown(folder: Path, *left_out: str) -> dict[str, Any]:
    """Return the assessment of the recording without some of its inputs."""
    shutil.copytree(RECORDING, folder / "proxied")
    manifest = folder / "proxied" / "auditor.yaml"
    kept = [line for line in manifest.read_text().splitlines() if not any(f": {name}," in line for name in left_out)]
    manifest.write_text("\n".join(kept) + "\n")
    assert main(["check", str(folder / "proxied"), "--output", f"json:{folder / 'a.json'}", "--exit-zero"]) == 0
    found: dict[str, Any] = json.loads((folder / "a.json").read_text())
    return found


def rows(found: dict[str, Any]) -> dict[tuple[str, str, str], tuple[int, int | None, tuple[str, ...]]]:
    """Return connections, payload received and files of evidence by source, destination and proxy."""
    paths = {e["id"]: e["path"] for e in found["evidence"]}
    return {
        (c["source"], c["destination"], c.get("via", "")): (
            int(c["sighting_reason"].rpartition("over ")[2].split()[0]) if "over" in c["sighting_reason"] else 0,
            c["payload_in"],
            tuple(sorted({paths[e] for e in c["evidence"]})),
        )
        for c in found["channels"]
    }


INSIDE = ("conntrack.log", "inside.pcap", "vpc.log")
PROXIED = ("access.log", *INSIDE)
LEAVING = ("conntrack.log", "inside.pcap", "perimeter.pcapng", "vpc.log")
PASSED_ON = ("access.log", *LEAVING)


def test_each_flow_stands_once_with_all_its_evidence(tmp_path: Path) -> None:
    """Two connections for one name, one for another, one past the proxy; each side of the router and each log saw them."""
    table = rows(shown(tmp_path))
    asked = {ask["host"] for ask in TRUTH if ask["kind"] == "connect"}
    assert asked == {"api.anthropic.com", "api.openai.com", "files.transfer-drop.example"}
    assert table == {
        ("agent", "anthropic/model_server", "proxy"): (2, 6996, PROXIED),
        ("agent", "openai/model_server", "proxy"): (1, 3499, PROXIED),
        ("agent", "hashicorp/registry", "proxy"): (2, 8880, PROXIED),
        ("agent", "github/source_control", "proxy"): (1, 2220, ("access.log",)),
        ("agent", "host:files.transfer-drop.example", "proxy"): (0, 3446, PROXIED),
        ("agent", "coder/telemetry_sink", ""): (1, 3483, LEAVING),
        ("agent", "resolver", ""): (1, 53, INSIDE),
        ("proxy", "anthropic/model_server", ""): (2, 6966, PASSED_ON),
        ("proxy", "openai/model_server", ""): (1, 3484, PASSED_ON),
        ("proxy", "hashicorp/registry", ""): (3, 6219, PASSED_ON),
        ("proxy", "github/source_control", ""): (1, 2073, PASSED_ON),
        ("proxy", "resolver", ""): (1, 243, INSIDE),
    }


def test_what_a_proxy_refused_is_an_attempt_although_the_packets_hold_its_error_page(tmp_path: Path) -> None:
    found = shown(tmp_path)
    (refused,) = (c for c in found["channels"] if "transfer-drop" in c["destination"])
    assert (refused["sighting"], refused["sighting_reason"]) == ("attempt", "the attempt was denied on the way")
    (row,) = (f for f in found["flows"] if f["channel"] == refused["id"])
    assert row["reason"] == "Tried, and no data went: the attempt was denied on the way. It goes by way of proxy."


def test_without_packets_of_the_leg_to_the_proxy_sizes_and_times_tie_what_they_can_and_the_rest_is_left_apart(
    tmp_path: Path,
) -> None:
    """Two requests of one moment and one size could have been made on either connection: nothing tells which."""
    found = shown(tmp_path, "inside.pcap", "conntrack.log")
    table = rows(found)
    logs = ("access.log", "vpc.log")
    assert table["agent", "host:files.transfer-drop.example", "proxy"][2] == logs
    assert table["agent", "hashicorp/registry", "proxy"] == (2, None, logs)
    assert table["agent", "anthropic/model_server", "proxy"][0] == 2
    assert table["agent", "openai/model_server", "proxy"] == (1, 3499, ("access.log",))
    assert table["agent", "proxy", ""] == (2, None, ("vpc.log",))
    (coverage,) = (c for c in found["coverage"] if c["id"] == "access.log")
    assert ["request_apart_from_its_connection", 2] in coverage["skipped"]


def test_two_sides_of_the_router_stay_apart_where_nothing_proves_the_translation(tmp_path: Path) -> None:
    table = rows(shown(tmp_path, "conntrack.log"))
    assert table["addr:192.0.2.1", "anthropic/model_server", ""] == (2, 6966, ("perimeter.pcapng",))
    assert table["proxy", "anthropic/model_server", ""][2] == ("access.log", "inside.pcap", "vpc.log")


def test_a_table_of_connections_taken_at_the_end_proves_the_translations_that_it_still_holds(tmp_path: Path) -> None:
    shutil.copytree(RECORDING, tmp_path / "copy")
    manifest = (RECORDING / "auditor.yaml").read_text().replace("conntrack.log", "conntrack.xml")
    (tmp_path / "copy" / "auditor.yaml").write_text(manifest)
    assert main(["check", str(tmp_path / "copy"), "--output", f"json:{tmp_path / 'a.json'}", "--exit-zero"]) == 0
    table = rows(json.loads((tmp_path / "a.json").read_text()))
    assert table["proxy", "hashicorp/registry", ""][2] == (
        "access.log",
        "conntrack.xml",
        "inside.pcap",
        "perimeter.pcapng",
        "vpc.log",
    )
    assert ("addr:192.0.2.1", "hashicorp/registry", "") not in table


POLICY = """apiVersion: v1
kind: Namespace
metadata: {name: agents, labels: {kubernetes.io/metadata.name: agents}}
---
apiVersion: v1
kind: Namespace
metadata: {name: proxies, labels: {kubernetes.io/metadata.name: proxies}}
---
apiVersion: v1
kind: Pod
metadata: {name: agent, namespace: agents, labels: {app: agent}}
spec: {containers: [{name: a, image: "registry.corp.example/agent:1"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: proxy, namespace: proxies, labels: {app: proxy}}
spec: {containers: [{name: p, image: "registry.corp.example/squid:1"}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: only-the-proxy, namespace: agents}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: PEER}}}]
      ports: [{protocol: TCP, port: 3128}]
"""


@pytest.mark.parametrize(("peer", "permitted"), [("proxies", "yes"), ("others", "no")])
def test_what_goes_by_way_of_a_proxy_is_permitted_where_the_proxy_may_be_reached(
    tmp_path: Path, peer: str, permitted: str
) -> None:
    """A policy that lets the agent reach the proxy alone permits its requests; the one past the proxy goes round it."""
    shutil.copytree(RECORDING, tmp_path / "copy")
    (tmp_path / "copy" / "network.yaml").write_text(POLICY.replace("PEER", peer))
    manifest = tmp_path / "copy" / "auditor.yaml"
    text = manifest.read_text().replace("profiles:", "  - {file: network.yaml}\nprofiles:")
    for network, namespace in (("10.20.8.11/32", "agents"), ("10.20.5.10/32", "proxies")):
        text = text.replace(f"networks: [{network}]", f'networks: [{network}], hosts: ["*.{namespace}.pod.cluster.local"]')
    manifest.write_text(text.replace("perimeter:", "platform: {policy_enforcement: default, cni: calico}\nperimeter:"))
    assert main(["check", str(tmp_path / "copy"), "--output", f"json:{tmp_path / 'a.json'}", "--exit-zero"]) == 0
    flows = json.loads((tmp_path / "a.json").read_text())["flows"]
    found = {f["destination"]: (f["permitted"], f["name"] == "bypass") for f in flows if f["source"] == "agent"}
    assert found["openai/model_server"] == (permitted, permitted == "no")
    assert found["coder/telemetry_sink"] == ("no", True)
