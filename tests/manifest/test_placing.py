"""Addresses that contradict each other inside a manifest, one trap a test: told with their place, never believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.errors import InvalidInputError
from auditor.manifest import load_manifest

HEAD = "version: 1\ndeployment: test\nperimeter: [corp]\n"
SITE = "zones:\n  corp: {operator: customer, networks: [10.20.0.0/16, 'fd00:20::/32']}\n"
OTHER = "  other: {operator: aws, networks: [10.20.2.0/24]}\n"
OWN = "list its own networks"


def faults(tmp_path: Path, text: str) -> list[tuple[int, int, str, str, str]]:
    """Return the faults of a manifest: line, column, what, why, next step."""
    (tmp_path / "auditor.yaml").write_text(HEAD + text, encoding="utf-8")
    try:
        load_manifest(tmp_path)
    except InvalidInputError as error:
        return [(d.line, d.column, d.what, d.why, d.next_step) for d in error.diagnostics()]
    return []


def system(networks: str, *, zone: str = "corp") -> str:
    """Return one system with one component."""
    at = f", zone: {zone}" if zone else ""
    return f"systems:\n  - {{product: vllm{at}, components: {{model-server: {{networks: [{networks}]}}}}}}\n"


@pytest.mark.parametrize(
    "network",
    ["10.20.2.10/32", "10.20.2.10", "10.20.0.0/16", "fd00:20:1::/64", "'::ffff:10.20.2.10'", "'::ffff:10.20.2.0/120'"],
)
def test_a_network_in_its_zone_is_no_fault(tmp_path: Path, network: str) -> None:
    assert faults(tmp_path, SITE + system(network)) == []


@pytest.mark.parametrize("network", ["8.8.8.8/32", "10.0.0.0/8", "10.21.0.0/16", "fd00:21::/64", "::ffff:8.8.8.8/128"])
def test_a_network_outside_its_zone(tmp_path: Path, network: str) -> None:
    shown = "8.8.8.8/32" if "ffff" in network else network
    assert faults(tmp_path, SITE + system(f"'{network}'")) == [
        (
            7,
            72,
            f"network {shown} of vllm/model-server lies outside its zone corp",
            "zone corp, at 5:3, has 10.20.0.0/16, fd00:20::/32",
            "correct it, add it to the networks of zone corp, or name the zone in which it lies",
        )
    ]


def test_a_network_of_a_component_outside_every_system_and_one_with_its_own_zone(tmp_path: Path) -> None:
    text = "components:\n  - {id: git, plane: supporting, role: source_control, zone: corp, networks: [8.8.8.8/32]}\n"
    assert [f[2] for f in faults(tmp_path, SITE + text)] == ["network 8.8.8.8/32 of git lies outside its zone corp"]
    text = "systems:\n  - {product: vllm, zone: corp, components: {model-server: {zone: other, networks: [8.8.8.8/32]}}}\n"
    assert [f[2] for f in faults(tmp_path, SITE + OTHER + text)] == [
        "network 8.8.8.8/32 of vllm/model-server lies outside its zone other"
    ]
    text = text.replace("8.8.8.8", "10.20.3.1")
    assert [f[2] for f in faults(tmp_path, SITE + OTHER + text)] == [
        "network 10.20.3.1/32 of vllm/model-server lies in zone corp, not other"
    ]


def test_a_network_that_another_zone_holds_more_closely(tmp_path: Path) -> None:
    assert faults(tmp_path, SITE + OTHER + system("10.20.2.10/32")) == [
        (
            8,
            72,
            "network 10.20.2.10/32 of vllm/model-server lies in zone other, not corp",
            "zone other, at 6:3, has 10.20.2.0/24; zone corp has nothing closer",
            'write "zone: other" for vllm/model-server, or correct the networks of both',
        )
    ]
    assert faults(tmp_path, SITE + OTHER + system("10.20.2.10/32", zone="other")) == []
    assert faults(tmp_path, SITE + OTHER + system("10.20.3.10/32")) == []


def test_a_network_that_holds_a_part_of_another_zone(tmp_path: Path) -> None:
    assert [f[2] for f in faults(tmp_path, SITE + OTHER + system("10.20.0.0/20"))] == [
        "network 10.20.0.0/20 of vllm/model-server holds addresses of zone other, not corp"
    ]


def test_a_network_in_another_zone_while_its_own_has_none(tmp_path: Path) -> None:
    zones = "zones:\n  corp: {operator: customer}\n" + OTHER
    assert [f[2] for f in faults(tmp_path, zones + system("10.20.2.10/32"))] == [
        "network 10.20.2.10/32 of vllm/model-server lies in zone other, not corp"
    ]
    assert faults(tmp_path, zones + system("10.20.3.10/32")) == []


def test_without_a_zone_nothing_is_contradicted(tmp_path: Path) -> None:
    assert faults(tmp_path, SITE + system("8.8.8.8/32", zone="")) == []


@pytest.mark.parametrize(
    ("network", "shown", "version", "length"),
    [
        ("0.0.0.0/0", "0.0.0.0/0", 4, 8),
        ("8.0.0.0/7", "8.0.0.0/7", 4, 8),
        ("::/0", "::/0", 6, 7),
        ("2000::/3", "2000::/3", 6, 7),
        ("::ffff:0:0/96", "0.0.0.0/0", 4, 8),
    ],
)
def test_a_zone_of_everybody(tmp_path: Path, network: str, shown: str, version: int, length: int) -> None:
    why = f"no party has an IPv{version} network larger than /{length}, so it tells no place"
    assert faults(tmp_path, f"zones:\n  corp: {{operator: customer, networks: ['{network}']}}\n") == [
        (5, 41, f"{shown} of zone corp holds addresses of many parties", why, OWN)
    ]


@pytest.mark.parametrize("network", ["10.0.0.0/8", "fc00::/7"])
def test_the_largest_networks_that_a_site_may_use(tmp_path: Path, network: str) -> None:
    assert faults(tmp_path, f"zones:\n  corp: {{operator: customer, networks: ['{network}']}}\n") == []


def test_a_zone_of_everybody_in_pieces(tmp_path: Path) -> None:
    pieces = ", ".join(f"{n}.0.0.0/8" for n in range(256))
    assert faults(tmp_path, f"zones:\n  corp: {{operator: customer, networks: [{pieces}]}}\n") == [
        (5, 40, "the networks of zone corp together hold every IPv4 address", "that tells no place", OWN)
    ]


def test_one_network_for_two_zones(tmp_path: Path) -> None:
    text = SITE + "  lab: {operator: customer, networks: [10.30.0.0/16, 10.20.77.7/16, 10.30.1.0/16]}\n"
    assert faults(tmp_path, text) == [
        (
            6,
            54,
            "network 10.20.0.0/16 is given to zone corp and to zone lab",
            "first at 5:41",
            "leave it to one zone, and give the other its own part",
        )
    ]


@pytest.mark.parametrize("zone", ["corp", ""])
def test_a_component_of_everybody(tmp_path: Path, zone: str) -> None:
    zones = "zones:\n  corp: {operator: customer}\n"
    assert [(f[0], f[2]) for f in faults(tmp_path, zones + system("0.0.0.0/0", zone=zone))] == [
        (7, "0.0.0.0/0 of vllm/model-server holds addresses of many parties")
    ]


def test_faults_across_overlays_are_told_in_the_file_that_makes_them(tmp_path: Path) -> None:
    (tmp_path / "prod.yaml").write_text("zones:\n  corp: {networks: [10.30.0.0/16]}\n", encoding="utf-8")
    text = SITE + system("10.20.2.10/32")
    head = HEAD.replace("deployment: test", "deployments: {prod: {overlays: [prod.yaml]}}")
    (tmp_path / "auditor.yaml").write_text(head + text, encoding="utf-8")
    with pytest.raises(InvalidInputError) as caught:
        load_manifest(tmp_path)
    (found,) = caught.value.diagnostics()
    assert (found.where(), found.why) == ("auditor.yaml:7:72", "zone corp, at prod.yaml:2:3, has 10.30.0.0/16")


def test_what_rules_govern_is_a_workload_or_component_here(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    text = "inputs:\n  - {path: rules/, governs: {vllm/server: host, nobody/x: host}}\n"
    assert [f[2] for f in faults(tmp_path, SITE + system("10.20.2.10/32") + text)] == [
        'governs: names "nobody/x", which is no workload or component here'
    ]
