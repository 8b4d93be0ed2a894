"""Reconciliation over small deployments, one trap a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.facts.configuration import Configuration
from auditor.facts.flows import DeclaredStatement, IntendedFlow
from auditor.facts.observation import Observation, ObservedEdge
from auditor.facts.permission import Permission, Strength
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, DataClass, Mark, NameRung, RowName, Sighting, Transport, UnknownKind
from auditor.identify import identify
from auditor.reconcile import Reconciled, reconcile
from tests.reconcile.builders import (
    CONTROL,
    CREDENTIAL,
    MODEL,
    PROMPT,
    SOURCE,
    UNKNOWN_ADDRESS,
    VENDOR_ADDRESS,
    WORKSPACE,
    Book,
    configuration,
    coverage,
    edge,
    entry,
    flow,
    gap,
    manifest,
    observation,
    statement,
)

TELEMETRY = flow("coder/telemetry", "coder/control-plane", host="telemetry.example")
TO_MODEL = flow("coder/chat", "coder/agent-loop", "llm/model-server", port=8000)
TO_VENDOR = flow("coder/vendor", "coder/agent-loop", host="api.anthropic.com")
VENDOR_EDGE = edge(CONTROL, VENDOR_ADDRESS, name="api.anthropic.com")
UPLOAD = edge(WORKSPACE, UNKNOWN_ADDRESS, name="who.example")
HIDDEN = edge(CONTROL, UNKNOWN_ADDRESS, hidden=True)


def run(
    *flows: IntendedFlow,
    seen: Observation | None = None,
    made: Configuration | None = None,
    permissions: Mapping[str, Permission] | None = None,
    statements: Sequence[DeclaredStatement] = (),
) -> Reconciled:
    made = made or configuration(*flows)
    return reconcile(identify(manifest(), made, seen, Book()), made, seen, permissions, statements)


def names(result: Reconciled) -> dict[str, RowName]:
    return {r.id: r.name for r in result.rows}


def only(result: Reconciled) -> FlowRow:
    assert len(result.rows) == 1
    return result.rows[0]


def test_a_seen_flow_is_confirmed_with_frames_as_evidence() -> None:
    row = only(run(TO_VENDOR, seen=observation(VENDOR_EDGE)))
    assert (row.id, row.name, row.exists) == ("coder/agent-loop>anthropic/model_server#vendor", RowName.CONFIRMED, Truth.YES)
    assert row.channel == "coder/coderd>anthropic/model_server/tcp/443"
    assert (row.source_candidates, row.processing, row.marks) == (("coder/agent-loop",), ("US",), (Mark.UNDOCUMENTED,))
    assert row.sends_at_least == row.sends_at_most == (PROMPT,)
    texts = [e.text for e in row.evidence if e.basis is Basis.OBSERVED]
    assert texts == ["9 packets, 1.2 kB out to api.anthropic.com (TLS server name), frames 4, 7"]
    assert row.reason == "Intended (coder/vendor is yes) and seen: 1.2 kB out and 300 B in over 1 connection."


def test_two_flows_on_one_channel_share_the_confirmation() -> None:
    other = flow("coder/second", "coder/control-plane", host="api.anthropic.com")
    result = run(TO_VENDOR, other, seen=observation(VENDOR_EDGE))
    assert [(r.name, r.exists) for r in result.rows] == [(RowName.CONFIRMED_SHARED, Truth.YES)] * 2
    assert "at least one of 2 flows" in result.rows[0].reason


def test_a_host_name_tells_flows_to_one_destination_apart() -> None:
    first, second = (flow(f"coder/{h}", "coder/agent-loop", host=f"{h}.cursor.sh") for h in ("api2", "repo42"))
    result = run(first, second, seen=observation(edge(CONTROL, UNKNOWN_ADDRESS, name="api2.cursor.sh")))
    assert [r.name for r in result.rows] == [RowName.CONFIRMED, RowName.SILENT]


@pytest.mark.parametrize(
    ("configured", "expected"),
    [
        (Truth.NO, {"coder/vendor": RowName.CONFIRMED, "coder/second": RowName.ABSENT}),
        (Truth.UNKNOWN, {"coder/vendor": RowName.CONFIRMED_SHARED, "coder/second": RowName.POSSIBLE}),
    ],
)
def test_traffic_of_a_surer_flow_is_not_held_against_another(configured: Truth, expected: dict[str, RowName]) -> None:
    other = flow("coder/second", "coder/control-plane", host="api.anthropic.com", configured=configured)
    result = run(TO_VENDOR, other, seen=observation(VENDOR_EDGE))
    assert {r.flow: r.name for r in result.rows} == expected


def test_traffic_of_a_switched_off_flow_is_undeclared_and_may_be_anything() -> None:
    off = flow("coder/vendor", "coder/agent-loop", host="api.anthropic.com", configured=Truth.NO)
    row = only(run(off, seen=observation(VENDOR_EDGE)))
    assert (row.name, row.exists, row.configured, row.sends_at_least) == (RowName.UNDECLARED, Truth.YES, Truth.NO, ())


def test_two_switched_off_flows_leave_the_traffic_to_nobody() -> None:
    flows = [flow(f"coder/{n}", "coder/agent-loop", host="api.anthropic.com", configured=Truth.NO) for n in ("a", "b")]
    result = run(*flows, seen=observation(VENDOR_EDGE))
    assert sorted(r.name for r in result.rows) == [RowName.ABSENT, RowName.ABSENT, RowName.UNDECLARED]


def test_an_upload_that_nobody_intends_is_undeclared_over_a_closed_inventory() -> None:
    row = only(run(seen=observation(UPLOAD)))
    assert (row.id, row.name) == ("coder/workspace>host:who.example#tcp/443", RowName.UNDECLARED)
    assert (row.configured, row.exists, row.sends_at_least) == (Truth.NO, Truth.YES, ())
    assert row.sends_at_most == (SOURCE, CREDENTIAL)
    assert row.evidence


@pytest.mark.parametrize("system", ["coder", ""])
def test_over_an_open_inventory_nobody_can_say_that_nobody_intends_it(system: str) -> None:
    row = only(run(made=configuration(gaps=[gap(system)]), seen=observation(UPLOAD)))
    assert (row.name, row.configured) == (RowName.UNEXPLAINED, Truth.UNKNOWN)
    assert [u.kind for u in row.unknowns] == [UnknownKind.UNEXPLAINED_TRAFFIC]


def test_a_gap_elsewhere_leaves_the_source_closed() -> None:
    made = configuration(gaps=[gap("llm"), gap("coder", "coder/control-plane")])
    assert only(run(made=made, seen=observation(UPLOAD))).name is RowName.UNDECLARED


def test_an_unnamed_channel_may_be_an_unseen_flow() -> None:
    result = run(TELEMETRY, seen=observation(HIDDEN))
    found = {r.flow: r for r in result.rows}
    assert found[""].name is RowName.UNEXPLAINED
    assert "may be: purpose of coder/telemetry" in found[""].reason
    assert UnknownKind.DESTINATION_UNNAMED in {u.kind for u in found[""].unknowns}
    assert UnknownKind.DESTINATION_UNNAMED in {g.unknown.kind for g in result.gaps}


def test_an_unnamed_channel_without_an_unseen_flow_is_undeclared() -> None:
    assert only(run(seen=observation(HIDDEN))).name is RowName.UNDECLARED


def test_a_refused_attempt_moves_no_data() -> None:
    refused = edge(WORKSPACE, UNKNOWN_ADDRESS, name="who.example", sighting=Sighting.ATTEMPT)
    row = only(run(seen=observation(refused)))
    assert (row.name, row.exists, row.sends_at_most) == (RowName.ATTEMPTED, Truth.NO, ())
    assert row.reason == "Tried, and no data went: the attempt was refused."


@pytest.mark.parametrize(
    ("covered", "extra", "why"),
    [
        (coverage(CONTROL, sees=["dmz"]), (), "inside.pcapng: it is not said to see zone corp"),
        (coverage(WORKSPACE), (), "inside.pcapng: no frame from coder/coderd is in it"),
        (coverage(CONTROL, drops=3), (), "inside.pcapng: 3 packets were dropped"),
        (coverage(CONTROL, truncated=True), (), "inside.pcapng: the file is cut off"),
        (coverage(CONTROL, skipped=[("frame_cut", 2)]), (), "inside.pcapng: 2 frames could not be read"),
        (
            coverage(CONTROL),
            (HIDDEN,),
            "inside.pcapng: coder/coderd sent data to a destination without a name, which may be this one",
        ),
    ],
)
def test_silence_counts_only_when_it_would_have_been_broken(covered: object, extra: tuple[ObservedEdge, ...], why: str) -> None:
    assert isinstance(covered, type(coverage()))
    result = run(TELEMETRY, seen=observation(*extra, covered=[covered]))
    row = next(r for r in result.rows if r.flow)
    channel = next(c for c in result.channels if c.id == row.channel)
    assert (row.name, row.sighting, channel.sighting_reason) == (RowName.UNEXERCISED, Sighting.NONE_UNCOVERED, why)


def test_silence_counts_under_a_flawless_sensor() -> None:
    result = run(TELEMETRY, seen=observation(covered=[coverage(CONTROL, skipped=[("link_local:arp", 9)])]))
    assert (only(result).name, only(result).exists) == (RowName.SILENT, Truth.YES)
    assert result.channels[0].sighting_reason == "inside.pcapng saw coder/control-plane at work and nothing of this"


def test_one_flawless_sensor_is_enough_and_unknown_drops_are_told() -> None:
    covered = [coverage(CONTROL, drops=2), coverage(CONTROL, id_="b.pcap", drops=None)]
    result = run(TELEMETRY, seen=observation(covered=covered))
    assert result.channels[0].sighting is Sighting.NONE_COVERED
    assert result.channels[0].sighting_reason.endswith("the file does not say whether packets were dropped")


def test_a_sensor_that_saw_nothing_inside_is_silent_about_the_inside() -> None:
    assert only(run(TO_MODEL, seen=observation())).name is RowName.UNEXERCISED
    other = edge(CONTROL, "10.20.8.9", port=22)
    assert names(run(TO_MODEL, seen=observation(other)))["coder/agent-loop>llm/model-server#chat"] is RowName.SILENT


def test_without_traffic_every_silence_is_uncovered() -> None:
    result = run(TELEMETRY)
    assert only(result).name is RowName.UNEXERCISED
    assert result.channels[0].sighting_reason == "no traffic was examined"
    assert [g.unknown.kind for g in result.gaps] == [UnknownKind.PERMITTED_NOT_EXAMINED, UnknownKind.OBSERVATION_MISSING]


def test_a_workload_without_a_frame_is_a_gap_of_its_components() -> None:
    result = run(seen=observation(covered=[coverage(CONTROL, WORKSPACE)]))
    gaps = [(g.system, g.components, g.unknown.subject) for g in result.gaps if g.basis is Basis.OBSERVED]
    assert gaps == [("llm", ("llm/model-server",), "llm/server")]


def test_drops_cuts_and_unread_frames_are_gaps() -> None:
    bad = coverage(CONTROL, WORKSPACE, MODEL, drops=1, truncated=True, skipped=[("block:damaged", 1)])
    gaps = [g.unknown.text for g in run(seen=observation(covered=[bad])).gaps if g.basis is Basis.OBSERVED]
    assert gaps == [
        "inside.pcapng lost 1 packet while it was recorded.",
        "inside.pcapng ends in the middle of a record.",
        "1 frame of inside.pcapng could not be read.",
    ]


@pytest.mark.parametrize(
    ("reason", "lost"),
    [
        ("ethertype:0x88b5", True),
        ("link_type:127", True),
        ("llc:0x06", True),
        ("snap:0x1234", True),
        ("ppp:0x003d", True),
        ("frame_relay:0xcf", True),
        ("macsec_encrypted", True),
        ("wifi_encrypted", True),
        ("wifi_aggregated", True),
        ("ppp_control", False),
        ("link_local:wifi", False),
        ("ipv4_damaged", True),
        ("tcp_damaged", True),
        ("link_local:arp", False),
        ("link_local:lldp", False),
        ("link_local:stp", False),
        ("duplicate_on_other_interface", False),
        ("icmp_error", False),
    ],
)
def test_a_frame_of_an_unknown_protocol_voids_silence_and_local_noise_does_not(reason: str, lost: bool) -> None:
    seen = observation(covered=[coverage(CONTROL, WORKSPACE, MODEL, skipped=[(reason, 1)])])
    gaps = [g.unknown.text for g in run(seen=seen).gaps if g.basis is Basis.OBSERVED]
    assert gaps == (["1 frame of inside.pcapng could not be read."] if lost else [])


def test_a_source_that_maps_to_nothing_is_a_gap_and_never_a_guess() -> None:
    result = run(TO_VENDOR, seen=observation(edge("198.51.100.9", VENDOR_ADDRESS, name="api.anthropic.com")))
    found = {r.flow: r for r in result.rows}
    assert (found[""].name, found[""].source, found[""].source_candidates) == (RowName.UNEXPLAINED, "addr:198.51.100.9", ())
    assert found["coder/vendor"].name is RowName.SILENT
    assert UnknownKind.SOURCE_NOT_ESTABLISHED in {g.unknown.kind for g in result.gaps}
    assert found[""].sends_at_most == (SOURCE, PROMPT, CREDENTIAL)


def test_a_vendor_name_on_a_customer_address_confirms_nothing() -> None:
    result = run(TO_VENDOR, seen=observation(edge(CONTROL, MODEL, name="api.anthropic.com")))
    found = {r.flow: r for r in result.rows}
    assert found["coder/vendor"].name is RowName.UNEXERCISED
    assert found[""].destination == f"addr:{MODEL}"
    assert UnknownKind.CONFLICT in {u.kind for u in found[""].unknowns}


def test_port_zero_matches_any_port_and_each_channel_has_a_row() -> None:
    anyport = flow("coder/vendor", "coder/agent-loop", host="api.anthropic.com", port=0)
    edges = [edge(CONTROL, VENDOR_ADDRESS, name="api.anthropic.com", port=p) for p in (443, 8443)]
    assert names(run(anyport, seen=observation(*edges))) == {
        "coder/agent-loop>anthropic/model_server#vendor": RowName.CONFIRMED,
        "coder/agent-loop>anthropic/model_server#vendor:tcp/8443": RowName.CONFIRMED,
    }


def test_another_port_is_another_channel() -> None:
    result = run(TO_VENDOR, seen=observation(edge(CONTROL, VENDOR_ADDRESS, name="api.anthropic.com", port=8443)))
    assert sorted(r.name for r in result.rows) == [RowName.SILENT, RowName.UNDECLARED]


def test_http3_is_the_same_purpose_over_quic_and_other_udp_is_not() -> None:
    for protocol, expected in (("quic", [RowName.CONFIRMED]), ("dtls", [RowName.SILENT, RowName.UNDECLARED])):
        seen = edge(CONTROL, VENDOR_ADDRESS, name="api.anthropic.com", transport=Transport.UDP, protocol=protocol)
        assert sorted(r.name for r in run(TO_VENDOR, seen=observation(seen)).rows) == expected


def test_documents_mark_rows_and_the_specific_goes_before_the_general() -> None:
    none_at_all = statement("coder/agent-loop", "*")
    stated = statement("coder/agent-loop", "api.anthropic.com", PROMPT)
    seen = observation(VENDOR_EDGE)
    denied = only(run(TO_VENDOR, seen=seen, statements=[none_at_all]))
    assert (denied.declared, denied.marks) == (Truth.NO, (Mark.UNDOCUMENTED, Mark.CONTRADICTED))
    said = only(run(TO_VENDOR, seen=seen, statements=[none_at_all, stated]))
    assert (said.declared, said.marks) == (Truth.YES, ())
    assert stated.evidence in said.evidence


def test_a_declared_flow_without_configuration_or_traffic_has_a_row() -> None:
    row = only(run(statements=[statement("coder/workspace", "partner.example", SOURCE), statement("*", "*")]))
    assert (row.id, row.name, row.declared) == (
        "coder/workspace>host:partner.example#declared/coder/workspace>partner.example",
        RowName.UNEXERCISED,
        Truth.YES,
    )
    assert (row.exists, row.sends_at_least, row.sends_at_most) == (Truth.UNKNOWN, (), (SOURCE,))


def test_declared_traffic_without_configuration_is_confirmed() -> None:
    row = only(run(seen=observation(UPLOAD), statements=[statement("coder/workspace", "who.example", SOURCE)]))
    assert (row.name, row.configured, row.marks) == (RowName.CONFIRMED, Truth.UNKNOWN, ())


def test_permissions_rename_rows() -> None:
    channel = "coder/coderd>anthropic/model_server/tcp/443"
    denied = {channel: Permission(Truth.NO, None, (), "denied")}
    assert only(run(TO_VENDOR, seen=observation(VENDOR_EDGE), permissions=denied)).name is RowName.BYPASS
    assert only(run(TO_VENDOR, permissions=denied)).name is RowName.BLOCKED
    off = flow("coder/vendor", "coder/agent-loop", host="api.anthropic.com", configured=Truth.NO)
    assert only(run(off, permissions={channel: Permission(Truth.YES, None, (), "")})).name is RowName.LATENT
    assert only(run(off, permissions={})).name is RowName.OPEN
    assert only(run(off)).name is RowName.ABSENT


def test_a_relay_of_end_to_end_traffic_learns_metadata_only() -> None:
    relay = flow("coder/derp", "coder/workspace", host="relay.example", sends=[SOURCE, PROMPT], end_to_end=True)
    assert only(run(relay)).sends_at_most == only(run(relay)).sends_at_least == (DataClass.ORCHESTRATION,)


def test_a_destination_decided_at_run_time_is_never_silent() -> None:
    row = only(run(flow("coder/mcp", "coder/workspace", port=0), seen=observation()))
    assert (row.destination, row.destination_candidates, row.name) == ("unknown:coder/mcp", (), RowName.UNEXERCISED)


def test_a_resolver_answers_over_udp_or_tcp() -> None:
    dns = flow("coder/dns", "coder/control-plane", "llm/model-server", port=53, transport=Transport.UDP)
    seen = edge(CONTROL, MODEL, port=53, protocol="dns")
    assert only(run(dns, seen=observation(seen))).name is RowName.CONFIRMED


EDGES = [
    VENDOR_EDGE,
    UPLOAD,
    HIDDEN,
    edge("198.51.100.9", VENDOR_ADDRESS, name="api.anthropic.com"),
    edge(CONTROL, MODEL, port=8000),
    edge(CONTROL, MODEL, name="api.anthropic.com"),
    edge("10.20.99.1", UNKNOWN_ADDRESS, rung=NameRung.NONE),
    edge(CONTROL, VENDOR_ADDRESS, name="api.anthropic.com", port=8443),
    edge(CONTROL, UNKNOWN_ADDRESS, name="telemetry.example", sighting=Sighting.ATTEMPT),
]
FLOWS = [
    TELEMETRY,
    TO_MODEL,
    TO_VENDOR,
    flow("coder/open", "coder/control-plane", host="api.anthropic.com", configured=Truth.UNKNOWN, port=0),
]


@settings(max_examples=60, deadline=None)
@given(
    st.sets(st.sampled_from(range(len(EDGES)))), st.sampled_from(range(len(EDGES))), st.sets(st.sampled_from(range(len(FLOWS))))
)
def test_more_traffic_never_takes_a_flow_or_a_channel_from_the_table(chosen: set[int], extra: int, flows: set[int]) -> None:
    picked = [FLOWS[i] for i in sorted(flows)]
    before = run(*picked, seen=observation(*(EDGES[i] for i in sorted(chosen))))
    after = run(*picked, seen=observation(*(EDGES[i] for i in sorted(chosen | {extra}))))
    assert {r.flow for r in before.rows} <= {r.flow for r in after.rows}
    observed = {c.id for c in before.channels if c.packets_out}
    assert observed <= {r.channel for r in before.rows}
    assert observed <= {c.id for c in after.channels if c.packets_out}
    assert {r.channel for r in after.rows} == {c.id for c in after.channels}
    assert len({r.id for r in after.rows}) == len(after.rows)


@settings(max_examples=40, deadline=None)
@given(st.permutations(EDGES), st.permutations(FLOWS))
def test_the_order_of_the_input_changes_no_row(edges: list[ObservedEdge], flows: list[IntendedFlow]) -> None:
    def strip(result: Reconciled) -> list[object]:
        return [(r.id, r.name, r.exists, r.sends_at_most, sorted(map(repr, r.evidence))) for r in result.rows]

    assert strip(run(*flows, seen=observation(*edges))) == strip(run(*FLOWS, seen=observation(*EDGES)))


def test_no_capture_sees_what_stays_on_the_loopback() -> None:
    local = flow("coder/local", "coder/agent-loop", host="localhost", port=9999)
    result = run(local, seen=observation(edge(CONTROL, MODEL, port=8000), covered=[coverage(CONTROL)]))
    row = next(r for r in result.rows if r.flow == "coder/local")
    assert (row.name, row.sighting) == (RowName.UNEXERCISED, Sighting.NONE_UNCOVERED)
    assert row.reason.endswith("it stays inside one machine, where no capture of the network sees it.")
    channel = next(c for c in result.channels if c.id == row.channel)
    assert channel.sighting is Sighting.NONE_UNCOVERED
    assert UnknownKind.INVENTORY_OPEN in {g.unknown.kind for g in result.gaps}


def test_who_dials_in_from_outside_is_shown_and_may_take_anything_away() -> None:
    result = run(seen=observation(edge(UNKNOWN_ADDRESS, CONTROL), covered=[coverage(CONTROL)]))
    row = only(result)
    assert (row.source, row.source_candidates) == (f"addr:{UNKNOWN_ADDRESS}", (f"addr:{UNKNOWN_ADDRESS}",))
    assert (row.exists, row.receives, row.flow) == (Truth.YES, (), "")


def test_a_vendors_name_that_the_manifest_claims_leaves_the_flow_in_conflict() -> None:
    claimed = manifest(standalone=[entry("model", hosts=["api.anthropic.com"], zone="corp")])
    made = configuration(TO_VENDOR)
    row = only(reconcile(identify(claimed, made, None, Book()), made, None, None, ()))
    assert row.destination_candidates == ("anthropic/model_server", "model")
    assert [u.kind for u in row.unknowns] == [UnknownKind.CONFLICT]
    assert row.processing == ("DE", "US")


@pytest.mark.parametrize(
    ("strength", "exists"),
    [
        (Strength.NO_ROUTE, Truth.NO),
        (Strength.NETWORK_POLICY, Truth.NO),
        (Strength.NAMESPACE, Truth.YES),
        (Strength.SANDBOX, Truth.YES),
        (Strength.TOOL_SETTING, Truth.YES),
        (Strength.ADVISORY, Truth.YES),
        (None, Truth.YES),
    ],
)
def test_a_configured_flow_moves_no_data_where_the_network_provably_denies_it(strength: Strength | None, exists: Truth) -> None:
    denied = {only(run(TO_VENDOR)).channel: Permission(Truth.NO, strength, (), "denied")}
    assert only(run(TO_VENDOR, permissions=denied)).exists is exists
