"""136 configurations that nobody on this project wrote, and what another analyser expects of them.

Egress to addresses and connections between workloads must be equal as sets. The expected outputs assume a conformant
network plugin, that nothing but the files exists, and TCP, UDP and SCTP as all protocols.
"""

from __future__ import annotations

import ipaddress
import re
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from auditor.documents import read_tree
from auditor.network import ALL, OTHER, Cluster, Connections, read_cluster, read_platform
from auditor.network.connections import NONE, connections
from auditor.network.spans import Spans

CONFIGURATIONS = 136
OTHER_NETWORKS = frozenset(
    {f"cudn_test_{n}" for n in range(1, 7)}
    | {f"nad_test_{n}" for n in (1, 2, 3, 4, 5, 6, 8, *range(12, 18))}
    | {f"udn_and_vms_test_{n}" for n in range(1, 6)}
    | {f"udn_test_{n}" for n in range(1, 5)}
    | {"udn_with_ingress_controller", "udn_with_ingress_controller_two_pods", "udn_with_vm_and_ingress_controller"}
)
"""Networks beside the pod network (UserDefinedNetwork, secondary interfaces, MultiNetworkPolicy) are not read: unknown."""
REDACTED = frozenset({"virtual_machines_example"})
"""A password in the file is a part of the labels too, so that after redaction the labels count as not known."""
HOST_NETWORK = frozenset(
    {"ipblockstest", "ipblockstest_2", "ipblockstest_3", "ipblockstest_4"}
    | {"multiple_topology_resources_1", "multiple_topology_resources_2"}
    | {f"semanticDiff-same-topologies-{n}" for n in ("new1", "new1a", "new2", "new3", "old1", "old2", "old3")}
)
"""The expected outputs put pods with ``hostNetwork`` under policies, which Kubernetes does not (facts P14).

They are compared as if these pods had a network of their own.
"""

Pairs = dict[tuple[str, str], Connections]
Outside = dict[str, dict[Connections, Spans]]


def _connections(text: str) -> Connections:
    if text == "All Connections":
        return ALL - OTHER
    found, protocol = NONE, ""
    for word, first, last in re.findall(r"(TCP|UDP|SCTP)|(\d+)(?:-(\d+))?", text):
        protocol = word or protocol
        if first:
            found |= connections(protocol, Spans(((int(first), int(last or first)),)))
    return found


def _expected(file: Path) -> tuple[Pairs, Outside]:
    inside: Pairs = {}
    outside: dict[str, dict[Connections, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    for line in file.read_text(encoding="utf-8").splitlines():
        source, arrow, rest = line.partition(" => ")
        destination, _, words = rest.partition(" : ")
        if not arrow or source.startswith("{") or destination.startswith("{") or source.endswith("[External]"):
            continue
        if destination.endswith("[External]"):
            first, last = (int(ipaddress.ip_address(a)) for a in destination.removesuffix("[External]").split("-"))
            outside[source][_connections(words)].append((first, last))
        else:
            inside[source, destination] = _connections(words)
    return inside, {s: {c: Spans.of(p) for c, p in found.items()} for s, found in outside.items()}


def _found(of: Cluster) -> tuple[Pairs, Outside]:
    """Return what is surely allowed; the pods of one owner count as one, as in the expected outputs."""
    inside: Pairs = defaultdict(lambda: NONE)
    outside: dict[str, dict[Connections, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    for source in of.pods:
        for region in of.regions(source, 4):
            if allowed := region.decision.allowed - OTHER:
                outside[source.id][allowed].append((region.range.first, region.range.last))
        for destination in of.pods:
            if source.id != destination.id and (allowed := of.inside(source, destination).allowed - OTHER):
                inside[source.id, destination.id] |= allowed
    return dict(inside), {s: {c: Spans.of(p) for c, p in found.items()} for s, found in outside.items()}


def _read(folder: Path, *, host_network: bool) -> Cluster:
    of = read_cluster(read_tree(folder, folder).documents, read_platform((("cni", "conformant"), ("objects", "complete"))))
    if host_network:
        return of
    world = of.book.world
    own = tuple(replace(p, host_network=False) for p in of.pods)
    return Cluster(replace(of.book, world=replace(world, objects=replace(world.objects, pods=own))))


def test_permitted_connections_equal_the_expected_ones(corpora: Path) -> None:
    base = corpora / "netpol"
    names = sorted(p.name for p in (base / "tests").iterdir())
    assert len(names) == CONFIGURATIONS
    assert set(names) >= OTHER_NETWORKS | REDACTED | HOST_NETWORK
    wrong = []
    for name in (n for n in names if n not in OTHER_NETWORKS | REDACTED):
        of = _read(base / "tests" / name, host_network=name not in HOST_NETWORK)
        if _found(of) != _expected(base / "expected" / f"{name}_connlist_output.txt"):
            wrong.append(name)
    assert wrong == []


def test_what_is_not_read_is_unknown_and_claims_nothing(corpora: Path) -> None:
    for name in sorted(OTHER_NETWORKS | REDACTED):
        of = _read(corpora / "netpol" / "tests" / name, host_network=True)
        decisions = [r.decision for p in of.pods for r in of.regions(p, 4)]
        assert any((d.may_allow & d.may_deny) - OTHER for d in decisions), name
