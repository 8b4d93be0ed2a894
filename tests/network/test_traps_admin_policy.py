"""AdminNetworkPolicy and BaselineAdminNetworkPolicy: one test a trap (facts A1 to A7)."""

from __future__ import annotations

import pytest

from auditor.facts.truth import Truth
from auditor.network import ALL, OTHER
from tests.network.bench import CONFORMANT, across, admin, cluster, named, other, out, policy, tcp, udp

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
EVERYONE = "subject: {namespaces: {}}"
BASELINE = "BaselineAdminNetworkPolicy"


def _rule(action: str, to: str = "{namespaces: {}}", more: str = "") -> str:
    return f"{{action: {action}, to: [{to}]{more}}}"


def test_a1_admin_goes_before_network_policy_and_that_before_baseline() -> None:
    deny = admin(f"{{{EVERYONE}, egress: [{_rule('Deny')}]}}", kind=BASELINE, name="default")
    own = policy("{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}]}]}")
    of = cluster(deny, own)
    assert [across(of, "a/web", n) for n in ("a/db", "b/api")] == [YES, NO]
    assert across(of, "a/db", "a/web") is NO
    above = cluster(deny, own, admin(f"{{priority: 5, {EVERYONE}, egress: [{_rule('Allow')}]}}"))
    assert [across(above, "a/web", n) for n in ("a/db", "b/api")] == [YES, YES]


def test_a2_the_first_rule_wins_the_lower_priority_goes_first_and_pass_goes_on() -> None:
    rules = f"[{_rule('Pass', more=', ports: [{portNumber: {port: 443}}]')}, {_rule('Deny')}, {_rule('Allow')}]"
    of = cluster(admin(f"{{priority: 5, {EVERYONE}, egress: {rules}}}"))
    assert (across(of, "a/web", "a/db", tcp(443)), across(of, "a/web", "a/db", tcp(80))) == (YES, NO)
    first = admin(f"{{priority: 4, {EVERYONE}, egress: [{_rule('Allow')}]}}", name="first")
    last = admin(f"{{priority: 5, {EVERYONE}, egress: [{_rule('Deny')}]}}", name="last")
    assert across(cluster(last, first), "a/web", "a/db") is YES
    same = admin(f"{{priority: 5, {EVERYONE}, egress: [{_rule('Allow')}]}}", name="same")
    assert across(cluster(last, same), "a/web", "a/db") is UNKNOWN


def test_a3_networks_may_take_pods_and_cover_icmp_of_their_family() -> None:
    every = admin(f"{{priority: 5, {EVERYONE}, egress: [{_rule('Deny', '{networks: [0.0.0.0/0]}')}]}}")
    of = cluster(every)
    assert (out(of, "192.0.2.1", ALL), out(of, "192.0.2.1", OTHER), out(of, "2001:db8::1", ALL)) == (NO, NO, YES)
    ovn = (("cni", "ovn-kubernetes"), ("objects", "complete"))
    assert across(cluster(every, platform=ovn), "a/web", "a/db") is UNKNOWN


def test_a3_networks_take_pods_whatever_the_plugin_makes_of_blocks_in_network_policy() -> None:
    rules = f"[{_rule('Allow', '{networks: [10.0.0.0/8]}')}, {_rule('Deny')}]"
    live = "{apiVersion: v1, kind: Pod, metadata: {name: NAME, namespace: b}, spec: {containers: []}, status: {podIP: ADDRESS}}"
    near, far = (live.replace("NAME", n).replace("ADDRESS", a) for n, a in (("near", "10.1.2.3"), ("far", "172.16.0.9")))
    of = cluster(near, far, admin(f"{{priority: 5, {EVERYONE}, egress: {rules}}}"))
    assert [across(of, "a/web", n) for n in ("b/near", "b/far", "b/api")] == [YES, NO, UNKNOWN]


def test_a4_names_may_be_accepted_in_the_admin_tier_alone() -> None:
    names = "{domainNames: ['*.corp.example']}"
    denied = cluster(admin(f"{{priority: 5, {EVERYONE}, egress: [{_rule('Deny', names)}]}}"))
    assert named(denied, "a.corp.example") is UNKNOWN
    passed = cluster(_cluster_wide(f"tier: Admin, priority: 5, egress: [{_rule('Pass', names)}]"))
    assert named(passed, "a.corp.example") is UNKNOWN
    baseline = _cluster_wide(f"tier: Baseline, priority: 5, egress: [{_rule('Accept', names)}, {_rule('Deny')}]")
    assert across(cluster(baseline), "a/web", "a/db") is UNKNOWN


def test_a4_domain_names_are_names_and_settle_no_address() -> None:
    names = "{domainNames: ['*.corp.example']}"
    rules = f"[{_rule('Allow', names)}, {_rule('Deny', '{networks: [0.0.0.0/0]}')}]"
    of = cluster(admin(f"{{priority: 5, {EVERYONE}, egress: {rules}}}"))
    assert out(of, "192.0.2.1") is UNKNOWN
    assert across(of, "a/web", "a/db") is UNKNOWN
    said = (*CONFORMANT, ("pod_networks", "10.244.0.0/16"))
    assert across(cluster(admin(f"{{priority: 5, {EVERYONE}, egress: {rules}}}"), platform=said), "a/web", "a/db") is NO


def test_a3_where_pods_lie_may_be_said_and_both_families_count() -> None:
    rules = f"[{_rule('Deny', '{networks: [10.0.0.0/8]}')}]"
    policies = admin(f"{{priority: 5, {EVERYONE}, egress: {rules}}}")
    for said, truth in (
        ("10.244.0.0/16", NO),
        ("10.244.0.0/16,fd00::/16", UNKNOWN),
        ("0.0.0.0/0", UNKNOWN),
        ("172.16.0.0/12", YES),
        ("10.244.0.0/16,nonsense", UNKNOWN),
    ):
        assert across(cluster(policies, platform=(*CONFORMANT, ("pod_networks", said))), "a/web", "a/db") is truth
    live = (
        "{apiVersion: v1, kind: Pod, metadata: {name: two, namespace: b}, spec: {containers: []}, "
        "status: {podIPs: [{ip: 10.1.2.3}, {ip: 'fd00::3'}]}}"
    )
    assert across(cluster(live, policies), "a/web", "b/two") is UNKNOWN


def test_a5_a_peer_of_unknown_form_is_unknown_never_denied_or_allowed() -> None:
    for action in ("Allow", "Deny"):
        other = "Deny" if action == "Allow" else "Allow"
        rules = f"[{_rule(action, '{planets: [mars]}')}, {_rule(other, '{networks: [0.0.0.0/0]}')}]"
        of = cluster(admin(f"{{priority: 5, {EVERYONE}, egress: {rules}}}"))
        assert out(of, "192.0.2.1") is UNKNOWN
    strange = cluster(admin(f"{{priority: 5, {EVERYONE}, egress: [{_rule('Accept')}]}}"))
    assert out(strange, "192.0.2.1") is UNKNOWN
    assert out(cluster(admin(f"{{priority: 5000, {EVERYONE}, egress: [{_rule('Deny')}]}}")), "192.0.2.1") is UNKNOWN


def test_a6_nodes_ranges_and_the_absence_of_rules() -> None:
    node = (
        "{apiVersion: v1, kind: Node, metadata: {name: n, labels: {role: edge}}, "
        "status: {addresses: [{type: InternalIP, address: 192.0.2.7}]}}"
    )
    edge = _rule("Deny", "{nodes: {matchLabels: {role: edge}}}")
    of = cluster(node, admin(f"{{priority: 5, {EVERYONE}, egress: [{edge}]}}"))
    assert [out(of, a) for a in ("192.0.2.7", "192.0.2.8")] == [UNKNOWN, YES]
    unsupplied = cluster(admin(f"{{priority: 5, {EVERYONE}, egress: [{edge}]}}"), platform=CONFORMANT[:1])
    assert out(unsupplied, "192.0.2.8") is UNKNOWN
    ranges = [f", ports: [{{portRange: {{start: {a}, end: {b}}}}}]" for a, b in ((80, 90), (90, 90))]
    right, wrong = (cluster(admin(f"{{priority: 5, {EVERYONE}, egress: [{_rule('Deny', more=r)}]}}")) for r in ranges)
    assert (across(right, "a/web", "a/db", tcp(90)), across(wrong, "a/web", "a/db", tcp(90))) == (NO, UNKNOWN)
    assert out(cluster(admin(f"{{priority: 5, {EVERYONE}, egress: []}}")), "192.0.2.1", ALL) is YES


def test_a7_an_empty_selector_of_namespaces_takes_all_but_never_pods_on_the_node() -> None:
    host = "{apiVersion: v1, kind: Pod, metadata: {name: host, namespace: a}, spec: {hostNetwork: true, containers: []}}"
    of = cluster(host, admin(f"{{priority: 5, {EVERYONE}, egress: [{_rule('Deny', '{networks: [0.0.0.0/0]}')}]}}"))
    assert [out(of, "192.0.2.1", source=s) for s in ("a/web", "b/api", "a/host")] == [NO, NO, YES]


CLUSTER_WIDE = "ClusterNetworkPolicy"


def _cluster_wide(spec: str, *, name: str = "p") -> str:
    return other("policy.networking.k8s.io/v1alpha2", CLUSTER_WIDE, f"{{{EVERYONE}, {spec}}}", name=name)


def test_a1_cluster_network_policy_has_two_tiers_around_network_policy() -> None:
    own = policy("{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}]}]}")
    last = _cluster_wide(f"tier: Baseline, priority: 5, egress: [{_rule('Deny')}]", name="last")
    assert [across(cluster(own, last), "a/web", n) for n in ("a/db", "b/api")] == [YES, NO]
    assert across(cluster(own, last), "a/db", "a/web") is NO
    first = _cluster_wide(f"tier: Admin, priority: 5, egress: [{_rule('Accept')}]", name="first")
    assert across(cluster(own, last, first), "a/web", "b/api") is YES


def test_a2_accept_deny_and_pass_of_v1alpha2_with_its_protocols() -> None:
    pass_ = _rule("Pass", more=", protocols: [{tcp: {destinationPort: {number: 443}}}]")
    deny = _rule("Deny", more=", protocols: [{udp: {}}, {tcp: {destinationPort: {range: {start: 80, end: 90}}}}]")
    of = cluster(_cluster_wide(f"tier: Admin, priority: 5, egress: [{pass_}, {deny}]"))
    assert [across(of, "a/web", "a/db", c) for c in (tcp(443), tcp(80), tcp(91), udp(9))] == [YES, NO, YES, NO]
    named = _rule("Deny", more=", protocols: [{destinationNamedPort: http}]")
    of = cluster(_cluster_wide(f"tier: Admin, priority: 5, egress: [{named}]"))
    assert [across(of, "a/web", "a/db", tcp(p)) for p in (8080, 9090)] == [YES, NO]
    onward = cluster(_cluster_wide(f"tier: Baseline, priority: 5, egress: [{_rule('Pass')}, {_rule('Deny')}]"))
    assert across(onward, "a/web", "a/db") is YES


@pytest.mark.parametrize(
    "spec",
    [
        "tier: Middle, priority: 5, egress: []",
        f"priority: 5, egress: [{_rule('Accept')}]",
        f"tier: Admin, egress: [{_rule('Accept')}]",
        f"tier: Admin, priority: 5, egress: [{_rule('Allow')}]",
        "tier: Admin, priority: 5, egress: [{action: Deny, to: [{namespaces: {}}], protocols: [{icmp: {}}]}]",
        (
            "tier: Admin, priority: 5, egress: [{action: Deny, to: [{namespaces: {}}], "
            "protocols: [{tcp: {destinationPort: {range: {start: 90, end: 80}}}}]}]"
        ),
    ],
)
def test_a5_what_v1alpha2_does_not_have_is_unknown(spec: str) -> None:
    assert across(cluster(_cluster_wide(spec)), "a/web", "a/db") is UNKNOWN


def test_a4_a_name_that_is_accepted_is_reached_and_another_may_share_its_address() -> None:
    names = "{domainNames: ['*.corp.example']}"
    every = '{networks: [0.0.0.0/0, "::/0"]}'
    rules = f"[{_rule('Accept', names)}, {_rule('Deny', every)}]"
    of = cluster(_cluster_wide(f"tier: Admin, priority: 5, egress: {rules}"))
    assert [named(of, n) for n in ("a.b.corp.example", "corp.example")] == [YES, UNKNOWN]
