"""NetworkPolicy v1: one test a trap (facts P1 to P20), each with the outcome that a careless reader gets wrong."""

from __future__ import annotations

from auditor.facts.permission import Strength
from auditor.facts.truth import Truth
from auditor.network import ALL, ANYWHERE, OTHER, Answers, Source, ways_through
from tests.network.bench import CILIUM, across, cluster, out, pods, policy, tcp, udp

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
DENY_ALL = policy("{podSelector: {}, policyTypes: [Egress]}", name="deny")


def test_p1_without_a_policy_for_egress_everything_is_allowed() -> None:
    of = cluster(policy("{podSelector: {app: web}, policyTypes: [Ingress]}"))
    assert (out(of, "192.0.2.1", ALL), out(of, "2001:db8::1", ALL)) == (YES, YES)


def test_p2_policy_types_default_by_the_length_of_the_rules() -> None:
    assert out(cluster(policy("{podSelector: {}, egress: []}")), "192.0.2.1") is YES
    assert out(cluster(policy("{podSelector: {}, policyTypes: [], egress: []}")), "192.0.2.1") is YES
    assert out(cluster(policy("{podSelector: {}, egress: [{to: [{podSelector: {}}]}]}")), "192.0.2.1") is NO
    assert out(cluster(DENY_ALL), "192.0.2.1") is NO


def test_p3_one_policy_that_allows_all_defeats_every_narrower_one() -> None:
    wide = policy("{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{}]}", name="wide")
    assert out(cluster(DENY_ALL, wide), "192.0.2.1") is YES
    assert out(cluster(DENY_ALL, wide), "192.0.2.1", source="a/db") is NO


def test_p4_a_rule_without_to_is_any_destination_outside_too() -> None:
    dns = policy("{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}]}]}")
    assert (out(cluster(dns), "192.0.2.1", udp(53)), out(cluster(dns), "192.0.2.1", udp(443))) == (YES, NO)
    for rule in ("{}", "{to: []}", "{to: [], ports: []}"):
        assert out(cluster(policy(f"{{podSelector: {{}}, policyTypes: [Egress], egress: [{rule}]}}")), "192.0.2.1", ALL) is YES


def test_p5_selectors_of_one_peer_are_joined_and_peers_are_added() -> None:
    both = "{namespaceSelector: {matchLabels: {team: two}}, podSelector: {matchLabels: {app: db}}}"
    either = "{namespaceSelector: {matchLabels: {team: two}}}, {podSelector: {matchLabels: {app: db}}}"
    joined, added = (
        cluster(policy(f"{{podSelector: {{}}, policyTypes: [Egress], egress: [{{to: [{peers}]}}]}}")) for peers in (both, either)
    )
    assert [across(joined, "a/web", name) for name in ("a/db", "b/api")] == [NO, NO]
    assert [across(added, "a/web", name) for name in ("a/db", "b/api")] == [YES, YES]


def test_p6_a_pod_selector_alone_stays_in_its_namespace_and_all_namespaces_are_not_the_outside() -> None:
    own = cluster(policy("{podSelector: {}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}]}]}"))
    every = cluster(policy("{podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}}]}]}"))
    assert [across(own, "a/web", name) for name in ("a/db", "b/api")] == [YES, NO]
    assert [across(every, "a/web", name) for name in ("a/db", "b/api")] == [YES, YES]
    assert (out(own, "192.0.2.1"), out(every, "192.0.2.1")) == (NO, NO)


def test_p7_not_in_and_does_not_exist_match_objects_without_the_key() -> None:
    for expression in ("{key: tier, operator: NotIn, values: [back]}", "{key: tier, operator: DoesNotExist}"):
        peer = f"{{namespaceSelector: {{}}, podSelector: {{matchExpressions: [{expression}]}}}}"
        of = cluster(policy(f"{{podSelector: {{}}, policyTypes: [Egress], egress: [{{to: [{peer}]}}]}}"))
        assert [across(of, "a/web", name) for name in ("a/db", "b/api")] == [YES, NO]


def test_p8_except_is_local_to_its_block_and_host_bits_are_masked() -> None:
    holed = "{ipBlock: {cidr: 198.51.100.77/24, except: [198.51.100.128/25]}}"
    of = cluster(policy(f"{{podSelector: {{}}, policyTypes: [Egress], egress: [{{to: [{holed}]}}]}}"))
    assert [out(of, a) for a in ("198.51.100.1", "198.51.100.200", "198.51.101.1")] == [YES, NO, NO]
    back = policy("{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 198.51.100.200/32}}]}]}", name="back")
    again = cluster(policy(f"{{podSelector: {{}}, policyTypes: [Egress], egress: [{{to: [{holed}]}}]}}"), back)
    assert [out(again, a) for a in ("198.51.100.200", "198.51.100.201")] == [YES, NO]


def test_p9_whether_a_block_takes_pods_is_up_to_the_plugin() -> None:
    block = policy("{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}")
    assert across(cluster(block, platform=(("cni", "calico"), ("objects", "complete"))), "a/web", "a/db") is UNKNOWN
    assert across(cluster(block, platform=CILIUM), "a/web", "a/db") is NO


def test_p10_a_block_of_one_family_says_nothing_of_the_other() -> None:
    four = cluster(policy("{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}"))
    assert (out(four, "192.0.2.1"), out(four, "2001:db8::1")) == (YES, NO)
    assert out(cluster(), "2001:db8::1") is YES


def test_p11_a_named_port_is_the_destinations_and_no_address_has_one() -> None:
    named = "{to: [{podSelector: {}}, {ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: http}]}"
    of = cluster(policy(f"{{podSelector: {{}}, policyTypes: [Egress], egress: [{named}]}}"))
    assert [across(of, "a/web", "a/db", tcp(port)) for port in (8080, 9090)] == [NO, YES]
    assert [across(of, "a/db", "a/web", tcp(port)) for port in (8080, 9090)] == [YES, NO]
    assert out(of, "192.0.2.1", tcp(8080)) is NO


def test_p12_end_port_is_inclusive_and_senseless_ranges_are_unknown() -> None:
    def of(port: str) -> Truth:
        rules = f"[{{to: [{{ipBlock: {{cidr: 0.0.0.0/0}}}}], ports: [{port}]}}]"
        return out(cluster(policy(f"{{podSelector: {{}}, policyTypes: [Egress], egress: {rules}}}")), "192.0.2.1", tcp(90))

    assert of("{port: 80, endPort: 90}") is YES
    assert of("{port: 80, endPort: 89}") is NO
    assert of("{protocol: TCP}") is YES
    assert of("{protocol: UDP}") is NO
    for wrong in ("{endPort: 90}", "{port: http, endPort: 90}", "{port: 95, endPort: 80}", "{port: 90, protocol: ICMP}"):
        assert of(wrong) is UNKNOWN


def test_p13_icmp_is_never_denied_by_a_policy_alone() -> None:
    assert (out(cluster(DENY_ALL), "192.0.2.1", OTHER), out(cluster(DENY_ALL), "192.0.2.1", ALL - OTHER)) == (UNKNOWN, NO)
    assert out(cluster(DENY_ALL, platform=CILIUM), "192.0.2.1", OTHER) is NO
    calico = cluster(DENY_ALL, platform=(("cni", "calico"), ("objects", "complete")))
    assert (out(calico, "192.0.2.1", OTHER), out(calico, "192.0.2.1", ALL - OTHER)) == (UNKNOWN, NO)


def test_p14_pods_on_the_network_of_the_node_are_under_no_policy() -> None:
    host = "{apiVersion: v1, kind: Pod, metadata: {name: host, namespace: a}, spec: {hostNetwork: true, containers: []}}"
    assert out(cluster(DENY_ALL, host), "192.0.2.1", ALL, source="a/host") is YES
    only = policy("{podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}]}]}")
    assert across(cluster(only, host), "a/host", "a/db") is NO


def test_p15_traffic_to_the_own_node_is_never_surely_denied() -> None:
    node = "{apiVersion: v1, kind: Node, metadata: {name: n}, status: {addresses: [{type: InternalIP, address: 192.0.2.7}]}}"
    assert [out(cluster(DENY_ALL, node), a) for a in ("192.0.2.7", "192.0.2.8")] == [UNKNOWN, NO]
    host = "{apiVersion: v1, kind: Pod, metadata: {name: host, namespace: a}, spec: {hostNetwork: true, containers: []}}"
    assert across(cluster(DENY_ALL, host), "a/web", "a/host") is UNKNOWN


def test_p16_denying_all_denies_dns_and_a_resolver_is_a_way_out() -> None:
    assert out(cluster(DENY_ALL, platform=CILIUM), "192.0.2.53", udp(53)) is NO
    dns = policy(
        "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {matchLabels: {team: two}}}], "
        "ports: [{port: 53, protocol: UDP}]}]}"
    )
    of = cluster(dns, platform=CILIUM)
    assert out(of, "192.0.2.53", udp(53)) is NO
    assert list(ways_through(Answers(of), (Source.of(pods(of, "a/web")),))) == ["b/api[StatefulSet]"]


def test_p17_both_ends_must_allow() -> None:
    to = policy("{podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}}]}]}")
    shut = policy("{podSelector: {}, policyTypes: [Ingress]}", name="shut", namespace="b")
    assert across(cluster(to), "a/web", "b/api") is YES
    assert across(cluster(to, shut), "a/web", "b/api") is NO
    assert across(cluster(shut), "a/web", "b/api") is NO


def test_p18_a_policy_without_a_plugin_that_enforces_it_denies_nothing() -> None:
    def permission(*platform: tuple[str, str]) -> tuple[Truth, Strength | None]:
        of = cluster(DENY_ALL, platform=platform)
        found = Answers(of).permission((Source.of(pods(of, "a/web")),), ANYWHERE, tcp(443))
        return found.permitted, found.strength

    assert permission() == (UNKNOWN, Strength.ADVISORY)
    assert permission(("cni", "of-our-own")) == (UNKNOWN, Strength.ADVISORY)
    assert permission(("cni", "flannel"))[0] is YES
    assert permission(("cni", "cilium"), ("policy_enforcement", "never"))[0] is YES
    assert permission(("cni", "cilium"), ("policy_enforcement", "sometimes"))[0] is UNKNOWN
    assert permission(("cni", "cilium")) == (NO, Strength.NETWORK_POLICY)


def test_p19_pods_of_one_owner_with_other_labels_are_judged_by_their_own() -> None:
    twins = "\n---\n".join(
        f"{{apiVersion: v1, kind: Pod, metadata: {{name: t{n}, namespace: a, labels: {{side: {side}}}, "
        "ownerReferences: [{kind: ReplicaSet, name: twins}]}, spec: {containers: []}}"
        for n, side in enumerate(("left", "right"))
    )
    of = cluster(twins, policy("{podSelector: {matchLabels: {side: left}}, policyTypes: [Egress]}"))
    found = [p for p in of.pods if p.id == "a/twins[ReplicaSet]"]
    left, right = (Answers(of).permission((Source.of(p),), ANYWHERE, tcp(443)).permitted for p in found)
    assert (left, right) == (NO, YES)
    assert Answers(of).permission(tuple(map(Source.of, found)), ANYWHERE, tcp(443)).permitted is UNKNOWN


def test_p20_what_a_reachable_peer_may_reach_is_told() -> None:
    inside = policy("{podSelector: {}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: db}}}]}]}")
    of = cluster(inside, platform=CILIUM)
    assert ways_through(Answers(of), (Source.of(pods(of, "a/web")),)) == ()
    proxy = policy("{podSelector: {matchLabels: {app: db}}, policyTypes: [Egress], egress: [{}]}", name="proxy")
    through = cluster(inside, proxy, platform=CILIUM)
    names = list(ways_through(Answers(through), (Source.of(pods(through, "a/web")),)))
    assert names == ["a/db[Pod]", "b/api[StatefulSet]"]
