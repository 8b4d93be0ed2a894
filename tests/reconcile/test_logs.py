"""Logs in the four-basis table: what they do not tell is unknown, what they cannot see is never silent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.facts.blindness import NEVER_PROVING, Blind
from auditor.facts.evidence import LineLocation
from auditor.facts.observation import ObservedEdge, SourceCoverage
from auditor.facts.vocabulary import Basis, RowName, Sighting, Transport
from auditor.reconcile.silence import is_provider_service
from tests.reconcile.builders import (
    CONTROL,
    MODEL,
    PROMPT,
    UNKNOWN_ADDRESS,
    WORKSPACE,
    coverage,
    edge,
    flow,
    observation,
)
from tests.reconcile.test_reconcile import TELEMETRY, run

LINES = LineLocation(
    "vpc", "vpc/1.log.gz", "3" * 64, (3, 4), "aws-vpc", "2026-11-20T10:00:00Z", "2026-11-20T10:01:00Z", None, None, 2048, 900
)


def logged(*addresses: str, unproving: str = "", blind: tuple[Blind, ...] = ()) -> SourceCoverage:
    addresses = addresses or (CONTROL, WORKSPACE, MODEL)
    return replace(coverage(*addresses, id_="vpc", drops=None), format="aws-vpc", logged=True, blind=blind, unproving=unproving)


def counted(address: str, **changes: object) -> ObservedEdge:
    seen = edge(WORKSPACE, address, seen_in=["vpc"])
    return replace(seen, payload_out=None, payload_in=None, untold=1, locators=(LINES,), **changes)  # type: ignore[arg-type]


def test_an_untold_count_is_said_and_may_have_carried_anything() -> None:
    result = run(seen=observation(counted(UNKNOWN_ADDRESS), covered=[logged()]))
    (channel,) = result.channels
    (row,) = result.rows
    assert (channel.payload_out, channel.payload_in, channel.untold) == (None, None, 1)
    assert channel.sighting_reason == "an untold number of bytes out and an untold number of bytes in over 1 connection"
    assert row.evidence[0].text == f"2.0 kB with headers out to {UNKNOWN_ADDRESS} (no name), lines 3, 4"
    assert row.sends_at_most  # nobody counted bytes, so nobody has counted none


def test_known_counts_beside_untold_ones_are_a_least() -> None:
    both = replace(edge(WORKSPACE, UNKNOWN_ADDRESS, seen_in=["vpc"]), untold=1)
    (channel,) = run(seen=observation(both, covered=[logged()])).channels
    assert channel.sighting_reason == "at least 1.2 kB out and at least 300 B in over 1 connection"


def test_an_attempt_that_a_log_does_not_count_moved_nothing() -> None:
    denied = counted(UNKNOWN_ADDRESS, sighting=Sighting.ATTEMPT, attempt_reason="denied")
    (row,) = run(seen=observation(denied, covered=[logged()])).rows
    assert (row.name, row.sends_at_most) == (RowName.ATTEMPTED, ())
    assert row.reason == "Tried, and no data went: the attempt was denied on the way."


def test_a_complete_log_counts_as_a_capture_does() -> None:
    result = run(TELEMETRY, seen=observation(covered=[logged()]))
    (channel,) = result.channels
    assert channel.sighting is Sighting.NONE_COVERED
    assert channel.sighting_reason.endswith("; the file does not say whether records were dropped")


def test_a_log_that_something_can_pass_by_covers_nothing_and_proves_nobody_at_work() -> None:
    proxy = logged(unproving=Blind.NOT_PROXIED.sentence)
    result = run(TELEMETRY, seen=observation(covered=[proxy]))
    (channel,) = result.channels
    assert (channel.sighting, channel.sighting_reason) == (Sighting.NONE_UNCOVERED, f"vpc: {Blind.NOT_PROXIED.sentence}")
    open_ = [g.unknown.subject for g in result.gaps if g.basis is Basis.OBSERVED]
    assert open_ == ["coder/coderd", "coder/workspace", "llm/server", "vpc"]


def test_a_log_that_proves_nothing_takes_nothing_from_a_capture_beside_it() -> None:
    capture = coverage(CONTROL, WORKSPACE, MODEL)
    alone = run(TELEMETRY, seen=observation(covered=[capture]))
    proxy = replace(logged(unproving="records are missing"), truncated=True, skipped=(("damaged", 3),))
    both = run(TELEMETRY, seen=observation(covered=[capture, proxy]))
    assert (both.rows, both.gaps, both.channels) == (alone.rows, alone.gaps, alone.channels)


@pytest.mark.parametrize(
    ("port", "transport", "blind", "expected"),
    [
        (53, Transport.UDP, Blind.PROVIDER_RESOLVER, Sighting.NONE_UNCOVERED),
        (443, Transport.TCP, Blind.PROVIDER_RESOLVER, Sighting.NONE_COVERED),
        (53, Transport.UDP, Blind.METADATA_ADDRESSES, Sighting.NONE_COVERED),
    ],
)
def test_a_blind_spot_voids_the_silence_that_it_may_hide(
    port: int, transport: Transport, blind: Blind, expected: Sighting
) -> None:
    asking = flow("coder/lookup", "coder/control-plane", host="api.anthropic.com", port=port, transport=transport, sends=[PROMPT])
    (channel,) = run(asking, seen=observation(covered=[logged(blind=(blind,))])).channels
    assert channel.sighting is expected


@pytest.mark.parametrize(
    ("address", "host", "expected"),
    [
        ("169.254.169.254", "", True),
        ("fe80::1", "", True),
        ("fd00:ec2::254", "", True),
        ("168.63.129.16", "", True),
        ("", "169.254.169.123", True),
        ("", "metadata.google.internal", True),
        ("203.0.113.9", "", False),
        ("", "example.com", False),
    ],
)
def test_services_of_the_provider_that_flow_logs_leave_out(address: str, host: str, expected: bool) -> None:
    assert is_provider_service(address, host) is expected


def test_every_way_past_a_log_has_its_sentence() -> None:
    assert all(blind.sentence for blind in Blind)
    assert Blind.PROVIDER_RESOLVER not in NEVER_PROVING
    assert Blind.METADATA_ADDRESSES not in NEVER_PROVING
