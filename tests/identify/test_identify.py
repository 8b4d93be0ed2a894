"""Identity, one trap a test: who answers, who asks, and where they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.facts.configuration import Configuration
from auditor.facts.endpoint import Endpoint
from auditor.facts.identity import Identity
from auditor.facts.inventory import Component, Workload
from auditor.facts.manifest import Manifest
from auditor.facts.observation import NameAnswer, Observation, ObservedEdge
from auditor.facts.places import Place
from auditor.facts.rows import ResolvedEnd
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, NameRung, Role, Sighting, UnknownKind
from auditor.identify import identify
from tests.reconcile.builders import (
    CONTROL,
    MODEL,
    UNKNOWN_ADDRESS,
    VENDOR_ADDRESS,
    WORKSPACE,
    Book,
    component,
    components,
    configuration,
    coverage,
    edge,
    entry,
    flow,
    manifest,
    observation,
    zone,
)


def run(
    *edges: ObservedEdge, of: Manifest | None = None, made: Configuration | None = None, seen: Observation | None = None
) -> Identity:
    return identify(of or manifest(), made or configuration(), seen or observation(*edges), Book())


def destination(seen: ObservedEdge, of: Manifest | None = None) -> tuple[ResolvedEnd, list[Place]]:
    """Return the destination of one edge and the places of its candidates."""
    identity = run(seen, of=of)
    known = {c.id: c for c in identity.components}
    end = identity.edges[0].destination
    return end, [known[c].place for c in end.candidates]


def test_manifest_address_goes_before_every_name() -> None:
    end, _ = destination(edge(WORKSPACE, MODEL, name="git.corp.example"))
    assert end == ResolvedEnd(("llm/model-server",), "llm/server", "git.corp.example", "git.corp.example", MODEL)


def test_longest_prefix_wins() -> None:
    of = manifest(standalone=[entry("segment", "10.20.2.0/24", zone="corp")])
    assert destination(edge(WORKSPACE, MODEL), of)[0].candidates == ("llm/model-server",)
    assert destination(edge(WORKSPACE, "10.20.2.11"), of)[0].candidates == ("segment",)


def test_equal_rank_keeps_the_candidate_set() -> None:
    of = manifest(standalone=[entry("twin", f"{MODEL}/32", zone="corp")])
    end, _ = destination(edge(WORKSPACE, MODEL), of)
    assert (end.candidates, end.workload) == (("llm/model-server", "twin"), f"addr:{MODEL}")


def test_exact_manifest_host_goes_before_the_catalog() -> None:
    of = manifest(
        zones=[zone(), zone(["203.0.113.0/24"], [], inside=False, name="partner")],
        standalone=[entry("relay", hosts=["api.anthropic.com"], zone="partner")],
    )
    assert destination(edge(WORKSPACE, UNKNOWN_ADDRESS, name="api.anthropic.com"), of)[0].candidates == ("relay",)


def test_catalog_host_goes_before_a_pattern_of_the_manifest() -> None:
    of = manifest(zones=[zone(hosts=["*.corp.example"]), zone([], ["*.anthropic.com"], inside=False, name="partner")])
    end, places = destination(edge(WORKSPACE, VENDOR_ADDRESS, name="api.anthropic.com"), of)
    assert end.candidates == ("anthropic/model_server",)
    assert places == [Place(False, "anthropic", "anthropic", ("US",), ("US",), "US")]


@pytest.mark.parametrize("name", ["evil-cursor.sh", "cursor.sh.evil.example", "api2.cursor.sh.evil.example", "cursor.sh"])
def test_a_name_that_only_looks_like_a_vendor_is_not_the_vendor(name: str) -> None:
    end, places = destination(edge(WORKSPACE, UNKNOWN_ADDRESS, name=name))
    assert (end.candidates, places[0].inside, places[0].operator) == ((f"host:{name}",), False, "")


def test_a_suffix_pattern_covers_deeper_labels() -> None:
    assert destination(edge(WORKSPACE, UNKNOWN_ADDRESS, name="a.b.cursor.sh"))[0].candidates == ("cursor/agent_loop",)


@pytest.mark.parametrize("name", ["vllm.corp.example", "other.corp.example"])
def test_an_inside_name_at_an_outside_address_stays_outside(name: str) -> None:
    end, places = destination(edge(WORKSPACE, UNKNOWN_ADDRESS, name=name))
    assert end.candidates == (f"addr:{UNKNOWN_ADDRESS}",)
    assert places[0].inside is False
    assert "do not hold the address" in end.conflict


def test_an_inside_name_is_no_proof_while_no_zone_has_networks() -> None:
    end, places = destination(edge(WORKSPACE, "10.99.0.1", name="other.corp.example"), manifest(zones=[zone([])]))
    assert (bool(end.conflict), places[0].inside) == (True, None)


@pytest.mark.parametrize(("address", "ours"), [(MODEL, "llm/model-server"), ("10.20.77.7", "addr:10.20.77.7")])
def test_a_vendor_name_on_a_customer_address_is_a_conflict(address: str, ours: str) -> None:
    end, places = destination(edge(WORKSPACE, address, name="api.anthropic.com"))
    assert end.candidates == tuple(sorted(("anthropic/model_server", ours)))
    assert {p.inside for p in places} == {True, False}
    assert end.conflict.startswith("the name api.anthropic.com belongs to anthropic")
    assert end.workload == f"addr:{address}"


def test_a_private_address_alone_is_neither_inside_nor_outside() -> None:
    end, places = destination(edge(WORKSPACE, "192.168.7.7"))
    assert (end.candidates, places[0].inside) == (("addr:192.168.7.7",), None)


def test_a_global_address_in_no_zone_is_outside() -> None:
    assert destination(edge(WORKSPACE, UNKNOWN_ADDRESS))[1][0].inside is False


def test_the_outer_name_of_an_encrypted_hello_names_nothing() -> None:
    end, _ = destination(edge(WORKSPACE, UNKNOWN_ADDRESS, name="api.anthropic.com", hidden=True))
    assert end.candidates == (f"addr:{UNKNOWN_ADDRESS}",)


def test_the_authority_told_to_an_inside_proxy_is_the_destination() -> None:
    end, _ = destination(edge(WORKSPACE, "10.20.5.5", name="api.anthropic.com", rung=NameRung.PROXY_AUTHORITY))
    assert (end.candidates, end.conflict) == (("anthropic/model_server",), "")


def test_components_that_share_a_workload_are_all_candidates_for_the_source() -> None:
    end = run(edge(CONTROL, VENDOR_ADDRESS)).edges[0].source
    assert (end.candidates, end.workload) == (("coder/agent-loop", "coder/control-plane"), "coder/coderd")


def test_a_component_that_is_ruled_out_is_no_candidate() -> None:
    parts = [*components(), component("coder/ai-gateway", Role.MODEL_GATEWAY, "coder/coderd", present=Truth.NO)]
    assert "coder/ai-gateway" not in run(edge(CONTROL, MODEL), made=configuration(parts=parts)).edges[0].source.candidates


def test_runs_in_moves_a_component_into_the_workload_of_another() -> None:
    parts = [*components(), component("coder/cli", Role.CLIENT, "coder/cli")]
    identity = run(edge(WORKSPACE, MODEL), of=manifest(entry("cli", runs_in="coder/workspace")), made=configuration(parts=parts))
    assert identity.edges[0].source.candidates == ("coder/cli", "coder/workspace")
    assert [w.id for w in identity.workloads] == ["coder/coderd", "coder/workspace", "llm/server"]


@pytest.mark.parametrize("address", ["198.51.100.9", UNKNOWN_ADDRESS, "192.168.7.7"])
def test_an_unmapped_source_is_not_established(address: str) -> None:
    identity = run(edge(address, VENDOR_ADDRESS, name="api.anthropic.com"))
    assert identity.edges[0].source == ResolvedEnd((), f"addr:{address}", address, "", address)
    assert f"addr:{address}" not in {c.id for c in identity.components}


def test_an_unrecognised_workload_inside_keeps_the_inventory_open() -> None:
    identity = run(edge("10.20.99.1", MODEL))
    found = next(c for c in identity.components if c.id == "addr:10.20.99.1")
    assert (found.plane, found.role, found.place.inside, found.place.zone) == (None, None, True, "corp")
    assert [(g.basis, g.components, g.unknown.kind) for g in identity.gaps] == [
        (Basis.CONFIGURED, ("addr:10.20.99.1",), UnknownKind.INVENTORY_OPEN)
    ]
    expected = Workload("addr:10.20.99.1", "10.20.99.1", ("10.20.99.1/32",), (), "corp")
    assert next(w for w in identity.workloads if w.id == "addr:10.20.99.1") == expected


def test_an_address_mapped_into_ipv6_is_the_same_workload() -> None:
    assert run(edge(f"::ffff:{WORKSPACE}", MODEL)).edges[0].source.workload == "coder/workspace"


def test_places_come_from_the_zone() -> None:
    place = {c.id: c.place for c in run().components}["coder/workspace"]
    assert place == Place(True, "customer", "customer", ("DE",), ("DE",), "", "corp")


def test_without_a_zone_the_place_is_unknown_with_a_reason() -> None:
    parts = [*components(), component("coder/elsewhere", Role.WORKER)]
    place = {c.id: c.place for c in run(made=configuration(parts=parts)).components}["coder/elsewhere"]
    assert (place.inside, place.reason) == (None, "no zone of the manifest is given for it")


def test_a_manifest_cannot_move_what_the_vendor_runs_inside() -> None:
    parts = [*components(), component("coder/cloud", Role.AGENT_LOOP, inside=False)]
    identity = run(of=manifest(entry("cloud", zone="corp")), made=configuration(parts=parts))
    place = {c.id: c.place for c in identity.components}["coder/cloud"]
    assert place.inside is None
    assert "the manifest puts it into zone corp" in place.reason


def test_countries_on_a_weak_fact_are_unknown() -> None:
    seen = observation(edge(WORKSPACE, VENDOR_ADDRESS, name="api.anthropic.com"))
    identity = identify(manifest(), configuration(), seen, Book(weak=True))
    place = {c.id: c.place for c in identity.components}["anthropic/model_server"]
    assert (place.inside, place.processing, place.reason) == (False, None, "only a source that is not the operator says US")


def test_configured_destinations_resolve_by_name() -> None:
    made = configuration(
        flow("coder/a", "coder/agent-loop", host="vllm.corp.example"),
        flow("coder/b", "coder/agent-loop", host="api.anthropic.com"),
        flow("coder/c", "coder/agent-loop", host="vault.corp.example"),
        flow("coder/d", "coder/agent-loop", host="who.example"),
        flow("coder/e", "coder/agent-loop", port=0),
        flow("coder/f", "coder/agent-loop", host="localhost"),
    )
    identity = run(made=made)
    known: dict[str, Component] = {c.id: c for c in identity.components}
    ends = [f.destination for f in identity.flows]
    assert [e.candidates for e in ends] == [
        ("llm/model-server",),
        ("anthropic/model_server",),
        ("host:vault.corp.example",),
        ("host:who.example",),
        (),
        ("local:coder/coderd:443",),
    ]
    assert [known[e.candidates[0]].place.inside for e in ends if e.candidates] == [True, False, True, None, True]
    assert known["unknown:coder/e"].place.reason == "its destination is decided at run time"
    assert [g.components for g in identity.gaps] == [
        ("host:vault.corp.example",),
        ("local:coder/coderd:443", "coder/agent-loop", "coder/control-plane"),
    ]


def test_a_lookup_in_the_capture_places_an_unknown_host() -> None:
    answers = [NameAnswer(WORKSPACE, "who.example", UNKNOWN_ADDRESS, "2026-11-20T10:00:00Z")]
    made = configuration(flow("coder/d", "coder/agent-loop", host="who.example"))
    identity = run(made=made, seen=observation(answers=answers))
    assert {c.id: c.place.inside for c in identity.components}["host:who.example"] is False


def test_a_vendor_component_and_its_host_in_the_catalog_are_one() -> None:
    parts = [*components(), component("coder/vendor-loop", Role.AGENT_LOOP, inside=False)]
    made = configuration(flow("coder/a", "coder/workspace", "coder/vendor-loop", host="api2.cursor.sh"), parts=parts)
    identity = run(edge(WORKSPACE, UNKNOWN_ADDRESS, name="api2.cursor.sh"), made=made)
    assert identity.edges[0].destination.candidates == ("coder/vendor-loop",)
    assert "cursor/agent_loop" not in {c.id for c in identity.components}


def test_a_reader_that_knows_the_workload_or_the_catalog_entry_decides() -> None:
    made = configuration(
        replace(flow("coder/a", "coder/agent-loop"), destination=Endpoint(workload_reference="llm/server", port=8000)),
        replace(flow("coder/b", "coder/agent-loop"), destination=Endpoint(catalog_reference="cursor/agent_loop", port=443)),
    )
    assert [f.destination.candidates for f in run(made=made).flows] == [("llm/model-server",), ("cursor/agent_loop",)]


def test_only_workloads_that_sent_a_frame_are_proven() -> None:
    seen = observation(covered=[coverage(WORKSPACE, "8.8.8.8"), coverage(id_="b.pcap")])
    assert [(p.source, p.workloads) for p in run(seen=seen).proven] == [("inside.pcapng", ("coder/workspace",)), ("b.pcap", ())]


def test_the_order_of_the_input_changes_nothing() -> None:
    edges = [edge(WORKSPACE, UNKNOWN_ADDRESS, name="who.example"), edge("10.20.99.1", MODEL), edge(CONTROL, VENDOR_ADDRESS)]
    first, second = run(*edges), run(*reversed(edges))
    assert (first.components, first.workloads, first.gaps) == (second.components, second.workloads, second.gaps)


def test_a_destination_takes_part_only_if_data_goes_there_or_a_flow_is_on() -> None:
    made = configuration(
        flow("coder/a", "coder/agent-loop", host="api.anthropic.com", configured=Truth.NO),
        flow("coder/b", "coder/agent-loop", host="a.cursor.sh", configured=Truth.UNKNOWN),
        flow("coder/c", "coder/agent-loop", host="vault.corp.example", configured=Truth.NO),
    )
    refused = edge(WORKSPACE, UNKNOWN_ADDRESS, name="who.example", sighting=Sighting.ATTEMPT)
    identity = run(refused, edge(WORKSPACE, "203.0.113.98"), made=made)
    assert {c.id: c.present for c in identity.components if not c.system} == {
        "anthropic/model_server": Truth.NO,
        "cursor/agent_loop": Truth.UNKNOWN,
        "host:vault.corp.example": Truth.NO,
        "host:who.example": Truth.NO,
        "addr:203.0.113.98": Truth.YES,
    }
    assert identity.gaps == ()


def test_every_component_that_an_end_names_exists() -> None:
    identity = run(edge(WORKSPACE, MODEL, name="api.anthropic.com"), edge("10.20.99.1", "192.168.1.1"))
    known = {c.id for c in identity.components}
    ends = [end for e in identity.edges for end in (e.source, e.destination)]
    assert {c for end in ends for c in end.candidates} <= known
