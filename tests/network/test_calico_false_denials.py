"""What Calico lets through though a careless reader finds it denied: nothing here may be answered with no."""

from __future__ import annotations

import pytest

from auditor.facts.truth import Truth
from auditor.network import ALL
from tests.network.bench import across, other, out, tcp, udp
from tests.network.test_calico import V3, gnp, np, under

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
TIER = other(V3, "Tier", "{order: 100}", name="security")


def set_(spec: str, *, name: str = "s", labels: str = "{role: out}") -> str:
    """Return a GlobalNetworkSet."""
    return f"apiVersion: {V3}\nkind: GlobalNetworkSet\nmetadata: {{name: {name}, labels: {labels}}}\nspec: {spec}\n"


def pod(name: str, address: str, labels: str = "{}") -> str:
    """Return a live pod of namespace b."""
    head = f"metadata: {{name: {name}, namespace: b, labels: {labels}}}"
    return f"apiVersion: v1\nkind: Pod\n{head}\nspec: {{containers: []}}\nstatus: {{podIP: {address}}}\n"


def test_a_tier_that_was_not_supplied_may_come_first_and_may_pass_on() -> None:
    allowing = gnp("tier: security, egress: [{action: Allow}]", name="security.p")
    denying = np("egress: []")
    assert out(under(allowing, denying), "192.0.2.1") is UNKNOWN
    assert out(under(TIER, allowing, denying), "192.0.2.1") is YES
    alone = gnp("tier: security, egress: [{action: Allow, protocol: TCP}]", name="security.p")
    assert [out(under(alone), "192.0.2.1", c) for c in (tcp(443), udp(53))] == [YES, UNKNOWN]
    assert out(under(TIER, alone), "192.0.2.1", udp(53)) is NO


def test_policies_of_one_order_here_and_for_all_may_be_asked_in_either_order() -> None:
    here, everywhere = (
        f(f"order: 10, egress: [{{action: {action}}}]", name=name)
        for f, action, name in ((np, "Allow", "zz"), (gnp, "Deny", "aa"))
    )
    assert out(under(here, everywhere), "192.0.2.1") is UNKNOWN
    assert (
        out(under(np("egress: [{action: Allow}]", name="zz"), gnp("egress: [{action: Deny}]", name="aa")), "192.0.2.1") is UNKNOWN
    )


def test_names_are_compared_without_the_tier_in_front() -> None:
    first, second = np("egress: [{action: Allow}]", name="a"), np("egress: [{action: Deny}]", name="default.b")
    assert out(under(second, first), "192.0.2.1") is YES
    later = np("egress: [{action: Allow}]", name="c")
    assert out(under(second, later), "192.0.2.1") is NO


def test_network_sets_hold_the_addresses_of_pods_too() -> None:
    rule = "egress: [{action: Allow, destination: {selector: \"role == 'out'\", namespaceSelector: global()}}, {action: Deny}]"
    wide = set_("{nets: [10.0.0.0/8]}")
    assert across(under(wide, gnp(rule)), "a/web", "b/api") is UNKNOWN
    live = (pod("near", "10.1.2.3"), pod("far", "172.16.0.9"))
    of = under(wide, gnp(rule), *live)
    assert [across(of, "a/web", name) for name in ("b/near", "b/far")] == [YES, NO]


def test_all_namespaces_are_not_everywhere() -> None:
    rule = "egress: [{action: Deny, destination: {selector: \"role == 'out'\", namespaceSelector: all()}}, {action: Allow}]"
    assert out(under(set_("{nets: [192.0.2.0/24]}"), gnp(rule)), "192.0.2.1") is YES
    named = "egress: [{action: Allow, destination: {selector: \"role == 'out'\", namespaceSelector: global()}}, {action: Deny}]"
    assert out(under(set_("{nets: [192.0.2.0/24]}"), gnp(named)), "192.0.2.1") is YES


def test_host_endpoints_are_chosen_by_their_labels() -> None:
    head = "metadata: {name: h, labels: {kind: edge}}"
    endpoint = f"apiVersion: {V3}\nkind: HostEndpoint\n{head}\nspec: {{node: n, interfaceName: eth0, expectedIPs: [192.0.2.7]}}\n"
    rule = "egress: [{action: Allow, destination: {selector: \"kind == 'edge'\"}}, {action: Deny}]"
    assert [out(under(endpoint, gnp(rule)), a) for a in ("192.0.2.7", "192.0.2.8")] == [YES, NO]
    blind = endpoint.replace(", expectedIPs: [192.0.2.7]", "")
    assert out(under(blind, gnp(rule)), "192.0.2.8") is UNKNOWN


def test_policies_for_host_endpoints_alone_deny_no_pod() -> None:
    for key in ("doNotTrack", "preDNAT"):
        assert out(under(gnp(f"{key}: true, applyOnForward: true, egress: [{{action: Deny}}]")), "192.0.2.1", ALL) is YES
    forward = gnp("applyOnForward: true, egress: [{action: Deny}]")
    assert out(under(forward), "192.0.2.1", ALL) is NO
    subject = other(
        V3, "GlobalNetworkPolicy", '{namespaceSelector: "global()", types: [Egress], egress: [{action: Deny}]}', name="g"
    )
    assert out(under(subject), "192.0.2.1", ALL) is YES


@pytest.mark.parametrize(
    "destination",
    [
        "{selector: \"app == 'api'\"}",
        "{selector: \"app == 'api'\", namespaceSelector: \"team == 'two'\"}",
        "{serviceAccounts: {names: [default]}, namespaceSelector: \"team == 'two'\"}",
        "{notSelector: \"app == 'web'\", namespaceSelector: all()}",
        "{namespaceSelector: \"projectcalico.org/name == 'b'\"}",
    ],
)
def test_pods_of_other_namespaces_are_reached_by_a_global_policy(destination: str) -> None:
    assert across(under(gnp(f"egress: [{{action: Allow, destination: {destination}}}]")), "a/web", "b/api") is YES


def test_pass_in_the_last_tier_leaves_it_to_the_profile_which_allows() -> None:
    passing = np("egress: [{action: Pass, protocol: TCP}]")
    assert [out(under(passing), "192.0.2.1", c) for c in (tcp(443), udp(53))] == [YES, NO]


def test_what_only_looks_like_a_denial_of_a_kind_is_none() -> None:
    icmp = np("egress: [{action: Deny, protocol: ICMP, icmp: {type: 8}}, {action: Allow}]")
    assert out(under(icmp), "192.0.2.1") is YES
    source = np("egress: [{action: Deny, source: {ports: [1024]}}, {action: Allow}]")
    assert out(under(source), "192.0.2.1") is UNKNOWN
    six = np("egress: [{action: Deny, ipVersion: 6}, {action: Allow}]")
    assert [out(under(six), a) for a in ("192.0.2.1", "2001:db8::1")] == [YES, NO]
    others = np("egress: [{action: Deny, notProtocol: TCP}, {action: Allow}]")
    assert [out(under(others), "192.0.2.1", c) for c in (tcp(443), udp(53))] == [YES, NO]
    holes = np("egress: [{action: Deny, destination: {notNets: [192.0.2.0/24]}}, {action: Allow}]")
    assert [out(under(holes), a) for a in ("192.0.2.1", "198.51.100.1")] == [YES, NO]
