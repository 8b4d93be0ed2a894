"""Calico: ordered rules, tiers, selectors of their own; staged policies are only watched."""

from __future__ import annotations

import pytest

from auditor.facts.evidence import FileLocation
from auditor.facts.truth import Truth
from auditor.network import ALL, ANYWHERE, OTHER, Answers, Cluster, Source
from auditor.network.calico_selectors import Labels, SelectorError, parse
from tests.network.bench import CALICO, across, cluster, named, other, out, pods, policy, tcp, udp

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
V3 = "projectcalico.org/v3"
EVERY = "{nets: [0.0.0.0/0, '::/0']}"


def gnp(rest: str, *, name: str = "g", selector: str = "all()") -> str:
    return other(V3, "GlobalNetworkPolicy", f'{{selector: "{selector}", types: [Egress], {rest}}}', name=name)


def np(rest: str, *, name: str = "n", selector: str = "all()") -> str:
    return other(V3, "NetworkPolicy", f'{{selector: "{selector}", types: [Egress], {rest}}}', name=name, namespace="a")


def under(*objects: str) -> Cluster:
    return cluster(*objects, platform=CALICO)


def test_a_policy_isolates_and_the_end_of_its_tier_denies_all_protocols() -> None:
    of = under(np("egress: []"))
    assert [out(of, "192.0.2.1", ALL), out(of, "2001:db8::1", ALL), out(of, "192.0.2.1", ALL, source="b/api")] == [NO, NO, YES]


def test_the_first_rule_wins_and_log_decides_nothing() -> None:
    rules = "[{action: Log}, {action: Deny, protocol: TCP, destination: {nets: [192.0.2.0/25], ports: [443]}}, {action: Allow}]"
    of = under(np(f"egress: {rules}"))
    assert [out(of, "192.0.2.1"), out(of, "192.0.2.1", tcp(80)), out(of, "192.0.2.200")] == [NO, YES, YES]


def test_lower_orders_go_first_and_none_comes_last() -> None:
    deny = np("order: 10, egress: [{action: Deny}]", name="deny")
    assert out(under(np("egress: [{action: Allow}]", name="allow"), deny), "192.0.2.1") is NO
    assert out(under(np("order: 5, egress: [{action: Allow}]", name="z"), deny), "192.0.2.1") is YES


def test_pass_goes_to_the_next_tier_and_tiers_have_an_order() -> None:
    tier = other(V3, "Tier", "{order: 100}", name="security")
    passing = gnp("tier: security, egress: [{action: Pass, protocol: TCP}]", name="security.p")
    of = under(tier, passing)
    assert [out(of, "192.0.2.1"), out(of, "192.0.2.1", udp(53))] == [YES, NO]
    then = under(tier, passing, np("egress: [{action: Deny, protocol: TCP, destination: {ports: [443]}}, {action: Allow}]"))
    assert [out(then, "192.0.2.1"), out(then, "192.0.2.1", tcp(80)), out(then, "192.0.2.1", udp(53))] == [NO, YES, NO]
    kind = other(V3, "Tier", "{order: 100, defaultAction: Pass}", name="security")
    assert out(under(kind, passing), "192.0.2.1", udp(53)) is YES


def test_network_policy_stands_in_the_default_tier_at_order_1000() -> None:
    own = policy("{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 192.0.2.0/24}}]}]}", name="k")
    before, after = (gnp(f"order: {n}, egress: [{{action: Deny, destination: {{nets: [192.0.2.0/25]}}}}]") for n in (10, 2000))
    assert [out(under(own, before), a) for a in ("192.0.2.1", "192.0.2.200")] == [NO, YES]
    assert [out(under(own, after), a) for a in ("192.0.2.1", "192.0.2.200", "198.51.100.1")] == [YES, YES, NO]


def test_nets_that_are_excluded_and_ports_that_are_excluded() -> None:
    of = under(np("egress: [{action: Allow, protocol: TCP, destination: {notNets: [192.0.2.0/24], notPorts: ['1:442']}}]"))
    assert [out(of, "198.51.100.1"), out(of, "198.51.100.1", tcp(80)), out(of, "192.0.2.1")] == [YES, NO, NO]
    rest = under(np("egress: [{action: Allow, notProtocol: TCP}]"))
    assert [out(rest, "192.0.2.1", c) for c in (tcp(443), udp(53), OTHER)] == [NO, YES, YES]


def test_selectors_take_pods_of_the_namespace_or_of_all_that_are_named() -> None:
    own = under(np("egress: [{action: Allow, destination: {selector: \"app == 'db' || app == 'api'\"}}]"))
    assert [across(own, "a/web", n) for n in ("a/db", "b/api")] == [YES, NO]
    spaces = "egress: [{action: Allow, destination: {selector: \"app == 'api'\", namespaceSelector: \"team == 'two'\"}}]"
    assert [across(under(np(spaces)), "a/web", n) for n in ("a/db", "b/api")] == [NO, YES]
    everywhere = under(gnp('egress: [{action: Allow, destination: {selector: "has(tier)"}}]'))
    assert [across(everywhere, "a/web", n) for n in ("a/db", "b/api")] == [NO, YES]
    assert out(everywhere, "192.0.2.1") is NO


def test_network_sets_stand_for_addresses_and_names() -> None:
    found = "{nets: [192.0.2.0/24], allowedEgressDomains: ['*.corp.example']}"
    inside = (
        "{apiVersion: projectcalico.org/v3, kind: GlobalNetworkSet, metadata: {name: s, labels: {role: ok}}, spec: " + found + "}"
    )
    of = under(inside, gnp("egress: [{action: Allow, destination: {selector: \"role == 'ok'\"}}]"))
    assert [out(of, "192.0.2.1"), named(of, "a.b.corp.example")] == [YES, YES]
    assert out(of, "198.51.100.1") is UNKNOWN
    scoped = under(inside, np("egress: [{action: Allow, destination: {selector: \"role == 'ok'\"}}]"))
    assert out(scoped, "192.0.2.1") is NO
    world = under(inside, np("egress: [{action: Allow, destination: {selector: \"role == 'ok'\", namespaceSelector: global()}}]"))
    assert out(world, "192.0.2.1") is YES


def test_domains_are_names_with_calicos_wildcards() -> None:
    of = under(gnp("egress: [{action: Allow, destination: {domains: ['*.example.com']}}]"))
    assert [named(of, n) for n in ("a.b.example.com", "example.com")] == [YES, UNKNOWN]


def test_a_rule_may_ask_for_more_of_its_subject() -> None:
    of = under(np("egress: [{action: Allow, source: {selector: \"app == 'web'\"}}]"))
    assert [out(of, "192.0.2.1", source=s) for s in ("a/web", "a/db")] == [YES, NO]


def test_service_accounts_are_known_by_name() -> None:
    account = (
        "{apiVersion: v1, kind: Pod, metadata: {name: bot, namespace: a}, spec: {serviceAccountName: robot, containers: []}}"
    )
    rules = "egress: [{action: Allow, destination: {serviceAccounts: {names: [robot]}}}]"
    assert [across(under(account, np(rules)), "a/web", n) for n in ("a/bot", "a/db")] == [YES, NO]


def test_types_default_to_the_directions_of_the_rules() -> None:
    spec = "{selector: all(), egress: [{action: Deny}]}"
    assert out(under(other(V3, "NetworkPolicy", spec, namespace="a")), "192.0.2.1") is NO
    assert out(under(other(V3, "NetworkPolicy", "{selector: all()}", namespace="a")), "192.0.2.1") is YES


def test_policies_for_host_interfaces_are_not_for_pods() -> None:
    assert out(under(gnp("doNotTrack: true, applyOnForward: true, egress: [{action: Deny}]")), "192.0.2.1") is YES
    host = "{apiVersion: v1, kind: Pod, metadata: {name: host, namespace: a}, spec: {hostNetwork: true, containers: []}}"
    ends = "{apiVersion: projectcalico.org/v3, kind: HostEndpoint, metadata: {name: h}, spec: {node: n}}"
    deny = gnp("egress: [{action: Deny}]")
    assert [out(under(host, deny, *more), "192.0.2.1", source="a/host") for more in ((), (ends,))] == [YES, UNKNOWN]


def test_staged_policies_are_only_watched_and_told() -> None:
    of = under(other(V3, "StagedGlobalNetworkPolicy", "{selector: all(), egress: [{action: Deny}], types: [Egress]}", name="s"))
    assert out(of, "192.0.2.1", ALL) is YES
    assert any("StagedGlobalNetworkPolicy s is staged" in text for text in of.book.world.platform.assumed)


@pytest.mark.parametrize(
    "rest",
    [
        "egress: [{action: Allow, destination: {planets: [mars]}}]",
        "egress: [{action: Jump}]",
        "egress: [{action: Allow, destination: {selector: 'app =='}}]",
        "egress: [{action: Allow, destination: {nets: [all]}}]",
        "egress: [{action: Allow, destination: {ports: [443]}}]",
        "egress: [{action: Allow, http: {methods: [GET]}}]",
        "order: 1, colour: red, egress: []",
    ],
)
def test_what_is_not_understood_is_unknown(rest: str) -> None:
    assert out(under(np(rest)), "192.0.2.1") is UNKNOWN


def test_the_deciding_rule_is_named_with_its_place() -> None:
    of = under(np("egress: [{action: Allow}, {action: Deny}]"))
    found = Answers(of).permission((Source.of(pods(of, "a/web")),), ANYWHERE, tcp(443))
    assert (found.permitted, found.reason) == (YES, "Calico NetworkPolicy a/n, egress rule 1, allows it")
    assert [e.location.line for e in found.evidence if isinstance(e.location, FileLocation)] == [4]


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("", YES),
        ("all()", YES),
        ("role == 'a'", YES),
        ('role == "b"', NO),
        ("role != 'b' && has(env)", YES),
        ("zone != 'x'", YES),
        ("zone == 'x'", NO),
        ("role in {'a', 'b'}", YES),
        ("role not in {'a'}", NO),
        ("zone not in {'a'}", YES),
        ("!has(zone)", YES),
        ("!(role == 'a' || has(zone))", NO),
        ("env contains 'ro'", YES),
        ("env starts with 'pr' && env ends with 'od'", YES),
        ("global()", NO),
    ],
)
def test_selectors_follow_the_grammar(text: str, truth: Truth) -> None:
    assert parse(text)(Labels({"role": "a", "env": "prod"}, complete=True)) is truth


def test_labels_that_are_not_known_leave_a_selector_open() -> None:
    assert parse("zone != 'x'")(Labels({}, complete=False)) is UNKNOWN


@pytest.mark.parametrize("text", ["role ==", "role = 'a'", "(role == 'a'", "sometimes()", "role in 'a'", "role == 'a' role"])
def test_a_selector_outside_of_the_grammar_is_refused(text: str) -> None:
    with pytest.raises(SelectorError):
        parse(text)
