"""The scenarios are whole: every name resolves, every destination answers or is meant not to, and the plan holds."""

from __future__ import annotations

import ipaddress

import pytest

from fixtures.lab import plan
from fixtures.lab.deployments import SCENARIOS
from fixtures.lab.scenario import Action, Do, Scenario, Serve
from fixtures.lab.truth import HELD_OPEN_SECONDS

INSIDE = (ipaddress.ip_network("10.20.0.0/16"), ipaddress.ip_network("fd00:20::/32"))
DOCUMENTATION = tuple(ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"))
EXPECTED = {
    Do.HTTPS: Serve.HTTPS,
    Do.WEBSOCKET: Serve.HTTPS,
    Do.STREAM: Serve.HTTPS,
    Do.HTTP: Serve.HTTP,
    Do.POSTGRES: Serve.POSTGRES,
    Do.STUN: Serve.STUN,
}


@pytest.fixture(params=sorted(SCENARIOS))
def scenario(request: pytest.FixtureRequest) -> Scenario:
    return SCENARIOS[request.param]()


def _address(scenario: Scenario, action: Action) -> str:
    """Return where an action ends, after aliases."""
    name = dict(scenario.aliases).get(action.name, action.name)
    found = [address for entry, address in scenario.zone if entry == name and (":" in address) == (action.family == 6)]
    return action.address or found[0]


def test_the_name_of_a_scenario_is_its_key(scenario: Scenario) -> None:
    assert SCENARIOS[scenario.name]() == scenario


def test_every_action_meets_a_listener_of_its_kind_unless_it_is_to_be_refused(scenario: Scenario) -> None:
    listening = {
        (each.address, each.port): each.serve for node in (*scenario.inside, scenario.outside) for each in node.listeners
    }
    for node in scenario.inside:
        for action in node.actions:
            where = (_address(scenario, action), action.port)
            assert listening.get(where) == EXPECTED.get(action.do), (node.name, action)


def test_a_refused_address_exists_so_that_the_refusal_is_an_answer(scenario: Scenario) -> None:
    refused = [_address(scenario, action) for node in scenario.inside for action in node.actions if action.do is Do.CONNECT]
    assert {f"{address}/32" for address in refused} <= set(scenario.outside.addresses)


def test_inside_nodes_have_inside_addresses_and_the_outside_only_documentation_addresses(scenario: Scenario) -> None:
    inside = [ipaddress.ip_interface(text).ip for node in scenario.inside for text in node.addresses]
    outside = [ipaddress.ip_interface(text).ip for text in scenario.outside.addresses]
    assert all(any(address in net for net in INSIDE) for address in inside)
    assert all(any(address in net for net in DOCUMENTATION) for address in outside)
    assert len({*inside, *outside}) == len(inside) + len(outside)


def test_held_channels_are_far_from_the_bound_that_calls_them_held(scenario: Scenario) -> None:
    holds = {action.hold for node in scenario.inside for action in node.actions}
    assert all(hold >= HELD_OPEN_SECONDS + 5 or hold <= HELD_OPEN_SECONDS / 4 for hold in holds)


def test_nothing_of_the_air_gapped_scenario_ends_outside() -> None:
    scenario = SCENARIOS["coder-air-gapped"]()
    ends = [ipaddress.ip_address(_address(scenario, action)) for node in scenario.inside for action in node.actions]
    assert ends
    assert all(any(end in net for net in INSIDE) for end in ends)


def test_the_mislabelled_scenario_holds_every_leak_of_its_brief() -> None:
    scenario = SCENARIOS["coder-mislabelled"]()
    done = {(node.workload, action.do, action.name or action.address) for node in scenario.inside for action in node.actions}
    assert done >= {
        ("coder/coderd", Do.HTTPS, "telemetry.coder.com"),
        ("coder/coderd", Do.HTTPS, "api.github.com"),
        ("gateway/gateway", Do.HTTPS, "api.openai.com"),
        ("coder/workspace", Do.HTTPS, "api.anthropic.com"),
        ("coder/workspace", Do.HTTPS, "files.transfer-drop.example"),
        ("coder/workspace", Do.HTTPS, plan.NAMELESS),
        ("coder/workspace", Do.CONNECT, plan.REFUSING),
        *((workload, Do.STUN, name) for workload in ("coder/coderd", "coder/workspace") for name in plan.STUN_NAMES),
    }
