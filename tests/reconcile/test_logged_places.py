"""Countries in which logs show calls processed: proof for the flow that no other can be, and for whoever answered."""

from __future__ import annotations

from dataclasses import replace

from auditor.facts.flows import IntendedFlow
from auditor.facts.observation import ObservedEdge
from auditor.facts.places import Place
from auditor.facts.vocabulary import DataClass, Plane, Role
from auditor.reconcile import Reconciled, placed_by_flows
from tests.evaluate.builder import component
from tests.reconcile.builders import CONTROL, VENDOR_ADDRESS, coverage, edge, flow, observation
from tests.reconcile.test_reconcile import run

TO_MODEL = replace(
    flow("coder/model", "coder/agent-loop", host="api.anthropic.com"), processing=None, processing_reason="it is global"
)
OF_USAGE = replace(flow("coder/usage", "coder/control-plane", host="api.anthropic.com"), sends_at_least=(DataClass.USAGE,))
ABROAD, HOME, NOWHERE = "rt.us-east-1.vendor.example", "rt.eu-central-1.vendor.example", "rt.mars-1.vendor.example"


def ran(*hosts: str) -> ObservedEdge:
    return replace(edge(CONTROL, VENDOR_ADDRESS, name="api.anthropic.com"), ran_in=hosts)


def seen(*flows: IntendedFlow, hosts: tuple[str, ...]) -> Reconciled:
    return run(*flows, seen=observation(ran(*hosts), covered=[coverage(CONTROL)]))


def test_a_call_that_ran_somewhere_is_proof_for_the_only_flow_that_it_can_be() -> None:
    result = seen(TO_MODEL, hosts=(ABROAD,))
    (row,), (channel,) = result.rows, result.channels
    assert (row.processing, row.processed, channel.processed) == (None, ("US",), ("US",))
    assert row.processing_reason == f"it is global; the log shows calls that ran at {ABROAD} (US)"


def test_one_region_that_nobody_knows_hides_none_that_is_known() -> None:
    (row,) = seen(TO_MODEL, hosts=(ABROAD, HOME, NOWHERE)).rows
    assert (row.processing, row.processed) == (None, ("DE", "US"))
    (row,) = seen(TO_MODEL, hosts=(NOWHERE,)).rows
    assert (row.processing, row.processed) == (None, ())


def test_a_call_that_may_be_either_of_two_flows_is_proof_for_neither_but_for_their_destination() -> None:
    result = seen(TO_MODEL, OF_USAGE, hosts=(ABROAD,))
    assert [row.processed for row in result.rows] == [(), ()]
    assert [channel.processed for channel in result.channels] == [("US",)]


def test_traffic_that_no_flow_explains_ran_where_the_log_says() -> None:
    result = seen(hosts=(ABROAD,))
    assert [row.processed for row in result.rows] == [("US",)]


def test_a_log_that_tells_no_region_shows_none() -> None:
    result = seen(TO_MODEL, hosts=())
    assert ([r.processed for r in result.rows], [c.processed for c in result.channels]) == ([()], [()])


VENDOR = component("anthropic/model_server", Plane.INFERENCE, Role.MODEL_SERVER, Place(False, "anthropic", "anthropic", None))


def placed(result: Reconciled) -> Place:
    return placed_by_flows([VENDOR], result.rows, result.channels)[0].place


def test_whoever_answered_processes_there_whichever_flow_it_was() -> None:
    assert placed(seen(TO_MODEL, OF_USAGE, hosts=(ABROAD,))).processed == ("US",)
    assert placed(seen(TO_MODEL, OF_USAGE, hosts=())).processed == ()


def test_no_place_is_given_to_a_component_inside_or_to_one_of_several_candidates() -> None:
    result = seen(TO_MODEL, hosts=(ABROAD,))
    own = replace(VENDOR, place=replace(VENDOR.place, inside=True))
    assert placed_by_flows([own], result.rows, result.channels) == (own,)
    system = replace(VENDOR, system="llm")
    assert placed_by_flows([system], result.rows, result.channels) == (system,)
    (channel,) = result.channels
    for end in (
        replace(channel.destination, candidates=(VENDOR.id, "other")),
        replace(channel.destination, conflict="two owners"),
    ):
        assert placed_by_flows([VENDOR], (), [replace(channel, destination=end)]) == (VENDOR,)
