"""Ways in which a deployment could look more inside than it is, one trap a test."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.facts.configuration import Configuration
from auditor.facts.endpoint import Endpoint
from auditor.facts.identity import Identity
from auditor.facts.inventory import Component
from auditor.facts.manifest import Manifest
from auditor.facts.observation import NameAnswer, Observation, ObservedEdge
from auditor.facts.rows import ResolvedEnd
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, DataClass, NameRung, Role, Sighting, UnknownKind
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
    edge,
    entry,
    flow,
    manifest,
    observation,
    zone,
)

USAGE = DataClass.USAGE


def run(
    *edges: ObservedEdge, of: Manifest | None = None, made: Configuration | None = None, seen: Observation | None = None
) -> Identity:
    return identify(of or manifest(), made or configuration(), seen or observation(*edges), Book())


def known(identity: Identity) -> dict[str, Component]:
    return {c.id: c for c in identity.components}


def local(*parts: Component, of: Manifest | None = None, sends: DataClass = DataClass.PROMPT, on: Truth = Truth.YES) -> Identity:
    """Return the identity of one flow of Coder's agent loop to localhost:9999."""
    made = flow("coder/a", "coder/agent-loop", host="localhost", port=9999, sends=[sends], configured=on)
    return run(of=of, made=configuration(made, parts=[*components(), *parts]))


ANYTHING = (DataClass.PROMPT, DataClass.ORCHESTRATION)


@pytest.mark.parametrize(
    ("role", "present", "sends", "taken"),
    [
        (Role.MODEL_GATEWAY, Truth.YES, (DataClass.PROMPT,), True),
        (Role.MODEL_GATEWAY, Truth.NO, (DataClass.PROMPT,), False),
        (Role.MODEL_GATEWAY, Truth.YES, ANYTHING, False),
        (Role.PROXY, Truth.YES, ANYTHING, True),
        (Role.PROXY, Truth.NO, ANYTHING, False),
    ],
)
def test_a_proxy_on_localhost_is_no_model_gateway_and_nothing_that_is_off(
    role: Role, present: Truth, sends: tuple[DataClass, ...], taken: bool
) -> None:
    made = flow("coder/a", "coder/agent-loop", host="localhost", port=3128, sends=list(sends))
    other = replace(next(c for c in components() if c.id == "coder/agent-loop"), id="coder/other", role=role, present=present)
    identity = run(made=configuration(made, parts=[*components(), other]))
    assert (identity.flows[0].destination.candidates == ("coder/other",)) is taken


def test_nobody_says_what_listens_on_localhost() -> None:
    identity = local()
    end = identity.flows[0].destination
    assert end == ResolvedEnd(
        ("local:coder/coderd:9999",), "coder/coderd", "localhost:9999 of coder/control-plane", "localhost", ""
    )
    listener = known(identity)["local:coder/coderd:9999"]
    assert (listener.plane, listener.role, listener.workload, listener.present) == (None, None, "coder/coderd", Truth.YES)
    assert (listener.place.inside, listener.place.zone) == (True, "corp")
    assert [(g.basis, g.components, g.unknown.kind, g.unknown.text) for g in identity.gaps] == [
        (
            Basis.CONFIGURED,
            ("local:coder/coderd:9999", "coder/agent-loop", "coder/control-plane"),
            UnknownKind.INVENTORY_OPEN,
            "What listens on localhost:9999 of coder/control-plane is not known.",
        )
    ]
    assert [w.id for w in identity.workloads] == ["coder/coderd", "coder/workspace", "llm/server"]


@pytest.mark.parametrize("role", [Role.MODEL_SERVER, Role.MODEL_GATEWAY])
def test_a_model_beside_takes_prompts(role: Role) -> None:
    identity = local(component("side/car", role, "coder/coderd"))
    assert (identity.flows[0].destination.candidates, identity.gaps) == (("side/car",), ())


@pytest.mark.parametrize("role", [Role.TELEMETRY_SINK, Role.PROXY, Role.RELAY, Role.DATABASE])
def test_nothing_else_beside_takes_prompts(role: Role) -> None:
    identity = local(component("side/car", role, "coder/coderd"))
    assert identity.flows[0].destination.candidates == ("local:coder/coderd:9999",)


@pytest.mark.parametrize("role", [Role.TELEMETRY_SINK, Role.PROXY, Role.RELAY])
def test_a_collector_or_proxy_beside_takes_the_rest(role: Role) -> None:
    identity = local(component("side/car", role, "coder/coderd"), sends=USAGE)
    assert (identity.flows[0].destination.candidates, identity.gaps) == (("side/car",), ())


@pytest.mark.parametrize("role", [Role.MODEL_SERVER, Role.DATABASE, Role.CLIENT])
def test_a_component_of_a_product_with_another_role_does_not(role: Role) -> None:
    identity = local(component("side/car", role, "coder/coderd"), sends=USAGE)
    assert identity.flows[0].destination.candidates == ("local:coder/coderd:9999",)


def test_what_the_manifest_names_there_is_meant() -> None:
    named = replace(entry("forwarder", runs_in="coder/control-plane", zone="corp"), role=Role.DATABASE)
    identity = local(of=manifest(standalone=[named]), sends=USAGE)
    assert (identity.flows[0].destination.candidates, identity.gaps) == (("forwarder",), ())


def test_a_component_that_is_ruled_out_takes_nothing() -> None:
    identity = local(component("side/car", Role.MODEL_SERVER, "coder/coderd", present=Truth.NO))
    assert identity.flows[0].destination.candidates == ("local:coder/coderd:9999",)


def test_a_flow_that_is_off_opens_nothing() -> None:
    identity = local(on=Truth.NO)
    assert (known(identity)["local:coder/coderd:9999"].present, identity.gaps) == (Truth.NO, ())


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "0.0.0.0", "::ffff:127.0.0.1"])  # noqa: S104
def test_addresses_of_the_loopback(host: str) -> None:
    identity = run(made=configuration(flow("coder/a", "coder/agent-loop", host=host, port=9999)))
    assert identity.flows[0].destination.candidates == ("local:coder/coderd:9999",)


OURS = manifest(standalone=[entry("model", "10.20.9.9/32", hosts=["api.anthropic.com"], zone="corp")])
BOTH = ("anthropic/model_server", "model")


def flow_end(seen: Observation | None = None) -> tuple[ResolvedEnd, Identity]:
    made = configuration(flow("coder/a", "coder/agent-loop", host="api.anthropic.com"))
    identity = run(of=OURS, made=made, seen=seen)
    return identity.flows[0].destination, identity


def test_a_vendors_name_in_the_manifest_is_its_word_alone() -> None:
    end, identity = flow_end()
    assert (end.candidates, end.workload) == (BOTH, "host:api.anthropic.com")
    assert end.conflict == "the name api.anthropic.com belongs to anthropic, and the manifest gives it to model"
    assert known(identity)["anthropic/model_server"].present is Truth.UNKNOWN


@pytest.mark.parametrize("address", ["10.20.9.9", "10.20.77.7"])
def test_a_lookup_shows_a_vendors_name_inside(address: str) -> None:
    answers = [NameAnswer(WORKSPACE, "api.anthropic.com", address, "2026-11-20T10:00:00Z")]
    end, _ = flow_end(observation(answers=answers))
    assert (end.candidates, end.conflict) == (("model",), "")


@pytest.mark.parametrize("address", [VENDOR_ADDRESS, "192.168.7.7"])
def test_one_lookup_elsewhere_is_enough_to_leave_it_open(address: str) -> None:
    at = "2026-11-20T10:00:00Z"
    answers = [NameAnswer(WORKSPACE, "api.anthropic.com", a, at) for a in ("10.20.9.9", address)]
    end, _ = flow_end(observation(answers=answers))
    assert end.candidates == tuple(sorted((f"addr:{address}", *BOTH)))
    assert end.conflict == "the name api.anthropic.com belongs to anthropic, and the manifest gives it to model"


def test_the_customers_zone_stays_contradicted_when_it_names_the_vendor_as_its_operator() -> None:
    theirs = replace(zone(), operator="anthropic")
    of = manifest(zones=[theirs], standalone=[entry("model", hosts=["api.anthropic.com"], zone="corp")])
    end = run(of=of, made=configuration(flow("coder/a", "coder/agent-loop", host="api.anthropic.com"))).flows[0].destination
    assert end.candidates == BOTH


@pytest.mark.parametrize(
    ("name", "owner", "ours"),
    [
        ("vllm.corp.example", "llm/server", "llm/model-server"),
        ("vault.corp.example", "zone corp", "host:vault.corp.example"),
    ],
)
def test_a_lookup_that_leads_an_inside_name_outside_contradicts_it(name: str, owner: str, ours: str) -> None:
    answers = [NameAnswer(WORKSPACE, name, UNKNOWN_ADDRESS, "2026-11-20T10:00:00Z")]
    made = configuration(flow("coder/a", "coder/agent-loop", host=name))
    end = run(made=made, seen=observation(answers=answers)).flows[0].destination
    assert end.candidates == (f"addr:{UNKNOWN_ADDRESS}", ours)
    assert end.workload == f"host:{name}"
    assert end.conflict == f"the name {name} belongs to {owner}, whose networks do not hold the address {UNKNOWN_ADDRESS}"


def test_a_lookup_that_leads_a_vendors_name_inside_takes_nothing_back() -> None:
    answers = [NameAnswer(WORKSPACE, "api.anthropic.com", "10.20.77.7", "2026-11-20T10:00:00Z")]
    made = configuration(flow("coder/a", "coder/agent-loop", host="api.anthropic.com"))
    end = run(made=made, seen=observation(answers=answers)).flows[0].destination
    assert (end.candidates, end.conflict) == (("anthropic/model_server",), "")


def test_a_lookup_that_agrees_changes_nothing() -> None:
    answers = [NameAnswer(WORKSPACE, "vllm.corp.example", a, "2026-11-20T10:00:00Z") for a in (MODEL, "10.20.77.7")]
    made = configuration(flow("coder/a", "coder/agent-loop", host="vllm.corp.example"))
    end = run(made=made, seen=observation(answers=answers)).flows[0].destination
    assert end == ResolvedEnd(("llm/model-server",), "llm/server", "vllm.corp.example", "vllm.corp.example", "")


def test_traffic_to_the_address_that_the_manifest_gives() -> None:
    end = run(edge(WORKSPACE, "10.20.9.9", name="api.anthropic.com"), of=OURS).edges[0].destination
    assert (end.candidates, end.conflict) == (("model",), "")


def test_traffic_to_the_vendors_address() -> None:
    identity = run(edge(WORKSPACE, VENDOR_ADDRESS, name="api.anthropic.com"), of=OURS)
    end = identity.edges[0].destination
    assert (bool(end.conflict), known(identity)[end.candidates[0]].place.inside) == (True, False)


def test_the_vendors_own_zone_may_carry_its_name() -> None:
    theirs = replace(zone(["203.0.113.0/24"], [], inside=False, name="partner"), operator="anthropic")
    of = manifest(zones=[zone(), theirs], standalone=[entry("model", hosts=["api.anthropic.com"], zone="partner")])
    end = run(of=of, made=configuration(flow("coder/a", "coder/agent-loop", host="api.anthropic.com"))).flows[0].destination
    assert (end.candidates, end.conflict) == (("model",), "")


def test_a_global_address_that_dials_something_inside_is_outside() -> None:
    identity = run(edge(UNKNOWN_ADDRESS, CONTROL))
    end = identity.edges[0].source
    assert end == ResolvedEnd((f"addr:{UNKNOWN_ADDRESS}",), f"addr:{UNKNOWN_ADDRESS}", UNKNOWN_ADDRESS, "", UNKNOWN_ADDRESS)
    place = known(identity)[f"addr:{UNKNOWN_ADDRESS}"].place
    assert (place.inside, place.reason) == (False, f"who operates {UNKNOWN_ADDRESS} is not known")


def test_it_is_outside_also_where_nothing_describes_what_it_reaches() -> None:
    assert run(edge(UNKNOWN_ADDRESS, "10.20.99.1")).edges[0].source.candidates == (f"addr:{UNKNOWN_ADDRESS}",)


@pytest.mark.parametrize("address", [VENDOR_ADDRESS, "192.168.7.7"])
def test_towards_the_outside_it_may_be_ours_after_translation(address: str) -> None:
    assert run(edge(UNKNOWN_ADDRESS, address)).edges[0].source.candidates == ()


def test_towards_a_contradiction_nothing_is_established() -> None:
    seen = edge(UNKNOWN_ADDRESS, MODEL, name="api.anthropic.com")
    assert run(seen).edges[0].source.candidates == ()


@pytest.mark.parametrize("address", ["192.168.7.7", "fe80::1", "0.0.0.0", "224.0.0.251", "255.255.255.255"])  # noqa: S104
def test_what_is_no_machine_outside_stays_open(address: str) -> None:
    assert run(edge(address, CONTROL)).edges[0].source.candidates == ()


def test_while_no_zone_says_its_networks_nobody_is_outside() -> None:
    assert run(edge(UNKNOWN_ADDRESS, CONTROL), of=manifest(zones=[zone([])])).edges[0].source.candidates == ()


def test_a_zone_inside_without_networks_and_hosts_places_no_host() -> None:
    made = configuration(flow("coder/a", "coder/agent-loop", host="vault.corp.example"))
    place = known(run(of=manifest(zones=[zone([], [])]), made=made))["host:vault.corp.example"].place
    assert place.inside is None
    assert place.reason == (
        "zone corp inside the perimeter gives neither networks nor hosts, so nobody can tell whether vault.corp.example "
        "lies there"
    )


def test_a_network_of_mapped_addresses_is_the_network_that_it_maps() -> None:
    of = manifest(standalone=[entry("mapped", "::ffff:10.20.6.0/120", zone="corp")])
    assert run(edge(WORKSPACE, "10.20.6.7"), of=of).edges[0].destination.candidates == ("mapped",)


def test_a_chain_of_runs_in_ends_in_the_last_workload() -> None:
    chain = [
        entry("a", runs_in="b", zone="corp"),
        entry("b", runs_in="c", zone="corp"),
        entry("c", "10.20.6.6/32", zone="corp"),
    ]
    assert run(edge("10.20.6.6", MODEL), of=manifest(standalone=chain)).edges[0].source.candidates == ("a", "b", "c")


def test_what_nothing_describes_is_no_place() -> None:
    guest = entry("guest", runs_in="coder/nowhere", zone="corp")
    place = known(run(of=manifest(standalone=[guest])))["guest"].place
    assert (place.inside, place.processing, place.reason) == (None, None, "it runs in coder/nowhere, which nothing describes")


def test_nothing_inside_runs_at_a_vendor() -> None:
    parts = [*components(), component("coder/cloud", Role.AGENT_LOOP, inside=False)]
    chain = [entry("a", runs_in="b", zone="corp"), entry("b", runs_in="coder/cloud", zone="corp")]
    found = known(run(of=manifest(standalone=chain), made=configuration(parts=parts)))
    assert [(id_, found[id_].place.inside, "coder/cloud" in found[id_].place.reason) for id_ in ("a", "b")] == [
        ("a", None, True),
        ("b", None, True),
    ]


def test_each_flow_ends_at_its_own_system_and_shared_addresses_at_both() -> None:
    parts = [*components(), component("second/model-server", Role.MODEL_SERVER, "second/server")]
    base = manifest()
    twin = replace(base.systems[1], id="second")
    of = replace(base, systems=(*base.systems, twin))
    made = configuration(
        flow("coder/a", "coder/agent-loop", "llm/model-server"),
        flow("coder/b", "coder/agent-loop", "second/model-server"),
        replace(flow("coder/c", "coder/agent-loop"), destination=Endpoint(name="vllm.corp.example", port=443)),
        parts=parts,
    )
    identity = run(edge(CONTROL, MODEL), of=of, made=made)
    assert [f.destination.candidates for f in identity.flows] == [
        ("llm/model-server",),
        ("second/model-server",),
        ("llm/model-server", "second/model-server"),
    ]
    assert identity.edges[0].destination.candidates == ("llm/model-server", "second/model-server")


def test_an_attempt_to_dial_in_is_shown_and_moves_nothing() -> None:
    identity = run(edge(UNKNOWN_ADDRESS, CONTROL, sighting=Sighting.ATTEMPT, rung=NameRung.NONE))
    assert identity.edges[0].source.candidates == (f"addr:{UNKNOWN_ADDRESS}",)
