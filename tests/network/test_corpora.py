"""136 configurations that nobody on this project wrote, and what another analyser expects of them.

Egress to addresses and connections between workloads must be equal as sets. The expected outputs assume a conformant
network plugin, that nothing but the files exists, and TCP, UDP and SCTP as all protocols.
"""

from __future__ import annotations

import ipaddress
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.documents import read_tree
from auditor.network import ALL, OTHER, Cluster, Connections, read_cluster, read_platform
from auditor.network.connections import NONE, connections
from auditor.network.spans import Spans

CONFIGURATIONS = 136
PAIRS_EXPLAINED = 600
SECONDARY = frozenset(f"nad_test_{n}" for n in (1, 2, 3, 4, 5, 6, 8, *range(12, 18)))
"""Pods with a further interface (NetworkAttachmentDefinition, MultiNetworkPolicy), which is not read: all of them is unknown.

Their lines for the pod network and for primary networks are compared as if the further interface were not there."""
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

_NETWORK = re.compile(r"Permitted connectivity analyzed in (\w+)")
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
    primary = True
    for line in file.read_text(encoding="utf-8").replace("[udn]", "").splitlines():
        if section := _NETWORK.match(line):
            primary = section.group(1) != "secondary"
        source, arrow, rest = line.partition(" => ")
        destination, _, words = rest.partition(" : ")
        if not (arrow and primary) or source.startswith("{") or destination.startswith("{") or source.endswith("[External]"):
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


def _read(folder: Path) -> Cluster:
    said = (("cni", "conformant"), ("objects", "complete"), ("pod_networks", "10.244.0.0/16"))
    return read_cluster(read_tree(folder, folder).documents, read_platform(said))


def _comparable(folder: Path) -> Cluster:
    """Return a configuration with the pods as the expected outputs see them (``HOST_NETWORK``, ``SECONDARY``)."""
    of = _read(folder)
    own = of.pods
    if folder.name in HOST_NETWORK:
        own = tuple(replace(p, host_network=False) for p in own)
    if folder.name in SECONDARY:
        own = tuple(replace(p, doubt="") for p in own)
    world = of.book.world
    return Cluster(replace(of.book, world=replace(world, objects=replace(world.objects, pods=own))))


def _names(base: Path) -> list[str]:
    names = sorted(p.name for p in (base / "tests").iterdir())
    assert len(names) == CONFIGURATIONS
    assert set(names) >= SECONDARY | REDACTED | HOST_NETWORK
    return [n for n in names if n not in REDACTED]


def _wrong(base: Path, names: Sequence[str]) -> list[str]:
    def differs(name: str) -> bool:
        return _found(_comparable(base / "tests" / name)) != _expected(base / "expected" / f"{name}_connlist_output.txt")

    return [name for name in names if differs(name)]


def test_permitted_connections_equal_the_expected_ones_in_every_eighth_configuration(corpora: Path) -> None:
    base = corpora / "netpol"
    assert _wrong(base, _names(base)[::8]) == []


@pytest.mark.slow
def test_permitted_connections_equal_the_expected_ones(corpora: Path) -> None:
    base = corpora / "netpol"
    assert _wrong(base, _names(base)) == []


def test_the_configuration_with_a_password_in_its_labels_equals_the_expected_one_with_another_password(
    corpora: Path, tmp_path: Path
) -> None:
    """A label that holds a secret is not known (facts: secrets are replaced where they are read); with another secret it is."""
    (name,) = REDACTED
    base = corpora / "netpol"
    folder = tmp_path / name
    folder.mkdir()
    changed = 0
    for file in sorted((base / "tests" / name).iterdir()):
        text = file.read_text(encoding="utf-8")
        changed += text.count("password: kubevirt")
        (folder / file.name).write_text(text.replace("password: kubevirt", "password: another-word-17"), encoding="utf-8")
    assert changed == 1
    assert _found(_comparable(folder)) == _expected(base / "expected" / f"{name}_connlist_output.txt")


def test_what_is_not_read_is_unknown_and_claims_nothing(corpora: Path) -> None:
    for name in sorted(SECONDARY | REDACTED):
        of = _read(corpora / "netpol" / "tests" / name)
        decisions = [r.decision for p in of.pods for r in of.regions(p, 4)]
        assert any((d.may_allow & d.may_deny) - OTHER for d in decisions), name


_SECTION = re.compile(r"^Connections between (.+) => (.+):$")
_REASON = re.compile(r"^\s*(\w*Policy) '([^']+)' (allows|denies|passes) connections by (Egress|Ingress) rule (\S+)$")
Reasons = dict[tuple[str, str], set[tuple[str, str, str, str]]]


def _explained(file: Path) -> Reasons:
    """Return the rules (kind, name, verb, rule) that the expected explanation names for each pair of workloads."""
    found: Reasons = {}
    pair: tuple[str, str] | None = None
    for line in file.read_text(encoding="utf-8").replace("[udn]", "").splitlines():
        if section := _SECTION.match(line):
            source, destination = section.groups()
            pair = (source, destination) if not source.endswith(("[External]", "}")) and "[External]" not in destination else None
        elif line.startswith(("All Connections due", "####")):
            pair = None
        if pair:
            found.setdefault(pair, set())
            if (reason := _REASON.match(line)) and reason.group(1) != "MultiNetworkPolicy":
                kind, name, verb, direction, rule = reason.groups()
                found[pair].add((kind, name, verb, f"{direction.lower()} {rule.removeprefix('#')}"))
    return found


_STEP = re.compile(r"^(\w*Policy) (\S+), (egress|ingress) rule (\d+)(?: \((.*)\))?, (allows|denies|passes)")


def _reasons(of: Cluster, source: str, destination: str) -> set[tuple[str, str, str, str]]:
    ends = [[p for p in of.pods if p.id == name] for name in (source, destination)]
    found = set()
    for step in (s for a in ends[0] for b in ends[1] for s in of.inside(a, b).steps if s.connections - OTHER):
        if match := _STEP.match(step.text):
            kind, name, direction, number, title, verb = match.groups()
            found.add((kind, name, verb, f"{direction} {title or number}"))
    return found


def test_the_deciding_rules_are_those_of_the_expected_explanations(corpora: Path) -> None:
    base = corpora / "netpol"
    wrong, compared = {}, 0
    for file in sorted((base / "expected").glob("*_explain_output.txt")):
        name = file.name.removesuffix("_explain_output.txt")
        if name in REDACTED:
            continue
        of = _comparable(base / "tests" / name)
        for pair, expected in _explained(file).items():
            compared += 1
            if _reasons(of, *pair) != expected:
                wrong[name, *pair] = (sorted(expected - _reasons(of, *pair)), sorted(_reasons(of, *pair) - expected))
    assert (wrong, compared) == ({}, PAIRS_EXPLAINED)
