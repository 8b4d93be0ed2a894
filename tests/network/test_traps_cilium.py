"""Cilium: one test a trap (facts C1 to C14), each with the outcome that a careless reader gets wrong."""

from __future__ import annotations

import pytest

from auditor.facts.truth import Truth
from auditor.network import ALL, ANYWHERE, OTHER, Answers, Cluster, Source
from tests.network.bench import CILIUM, across, cluster, named, other, out, pods, policy, tcp, udp

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
ALL_ENDPOINTS = "endpointSelector: {}"


def cnp(rest: str, *, name: str = "p", subject: str = ALL_ENDPOINTS, namespace: str = "a") -> str:
    return other("cilium.io/v2", "CiliumNetworkPolicy", f"{{{subject}, {rest}}}", name=name, namespace=namespace)


def ccnp(rest: str, *, name: str = "c", subject: str = ALL_ENDPOINTS) -> str:
    return other("cilium.io/v2", "CiliumClusterwideNetworkPolicy", f"{{{subject}, {rest}}}", name=name)


def under(*objects: str, more: tuple[tuple[str, str], ...] = ()) -> Cluster:
    return cluster(*objects, platform=(*CILIUM, *more))


DNS = "{toPorts: [{ports: [{port: '53', protocol: ANY}], rules: {dns: [{matchPattern: '*'}]}}]}"


def test_c1_an_empty_rule_denies_all_and_an_empty_list_says_nothing() -> None:
    assert out(under(cnp("egress: [{}]")), "192.0.2.1", ALL) is NO
    assert out(under(policy("{podSelector: {}, policyTypes: [Egress], egress: [{}]}")), "192.0.2.1", ALL) is YES
    for nothing in ("egress: []", "egress: null", "ingress: [{}]"):
        assert out(under(cnp(nothing)), "192.0.2.1", ALL) is YES


def test_c2_an_empty_list_of_endpoints_is_nobody_and_an_absent_one_anybody() -> None:
    assert out(under(cnp("egress: [{toEndpoints: [], toPorts: [{ports: [{port: '443', protocol: TCP}]}]}]")), "192.0.2.1") is NO
    assert out(under(cnp("egress: [{toPorts: [{ports: [{port: '443', protocol: TCP}]}]}]")), "192.0.2.1") is YES


def test_c3_the_members_of_a_rule_count_together_and_kinds_of_peers_exclude_each_other() -> None:
    of = under(cnp("egress: [{toCIDR: [192.0.2.0/24], toPorts: [{ports: [{port: '443', protocol: TCP}]}]}]"))
    assert [out(of, "192.0.2.1"), out(of, "192.0.2.1", tcp(80)), out(of, "198.51.100.1")] == [YES, NO, NO]
    both = under(cnp("egress: [{toCIDR: [192.0.2.0/24], toFQDNs: [{matchName: a.example}]}]"))
    found = Answers(both).permission((Source.of(pods(both, "a/web")),), ANYWHERE, tcp(443))
    assert (found.permitted, "toCIDR together with toFQDNs" in found.reason) == (UNKNOWN, True)


def test_c4_all_endpoints_are_those_of_the_namespace_or_of_the_cluster() -> None:
    own, everywhere = under(cnp("egress: [{toEndpoints: [{}]}]")), under(ccnp("egress: [{toEndpoints: [{}]}]"))
    assert [across(own, "a/web", n) for n in ("a/db", "b/api")] == [YES, NO]
    assert [across(everywhere, "a/web", n) for n in ("a/db", "b/api")] == [YES, YES]
    named_ = under(cnp("egress: [{toEndpoints: [{matchLabels: {'k8s:io.kubernetes.pod.namespace': b, app: api}}]}]"))
    assert [across(named_, "a/web", n) for n in ("a/db", "b/api")] == [NO, YES]
    labelled = under(cnp("egress: [{toEndpoints: [{matchLabels: {io.cilium.k8s.namespace.labels.team: two}}]}]"))
    assert [across(labelled, "a/web", n) for n in ("a/db", "b/api")] == [NO, YES]
    elsewhere = "endpointSelector: {matchLabels: {'k8s:io.kubernetes.pod.namespace': b}}"
    assert [out(under(cnp("egress: [{}]", subject=elsewhere)), "192.0.2.1", source=s) for s in ("a/web", "b/api")] == [NO, YES]


def test_c5_a_denial_goes_before_every_permission_and_isolates_too() -> None:
    deny = cnp("egressDeny: [{toCIDR: [192.0.2.0/24]}]", name="deny")
    assert out(under(deny), "198.51.100.1") is NO
    allow = policy("{podSelector: {}, policyTypes: [Egress], egress: [{}]}", name="wide")
    assert [out(under(deny, allow), a) for a in ("192.0.2.1", "198.51.100.1")] == [NO, YES]
    soft = cnp("enableDefaultDeny: {egress: false}, egressDeny: [{toCIDR: [192.0.2.0/24]}]", name="soft")
    assert [out(under(soft), a) for a in ("192.0.2.1", "198.51.100.1")] == [NO, YES]
    assert out(under(soft, cnp("egress: [{}]", name="hard")), "198.51.100.1") is NO


def test_c6_the_enforcement_mode_voids_policies_or_isolates_without_any() -> None:
    deny = cnp("egress: [{}]")
    never, always = (("policy_enforcement", "never"),), (("policy_enforcement", "always"),)
    assert [out(under(deny, more=m), "192.0.2.1") for m in (never, always)] == [YES, NO]
    assert [out(under(more=m), "192.0.2.1", ALL) for m in ((), always)] == [YES, NO]


NODE = "{apiVersion: v1, kind: Node, metadata: {name: n}, status: {addresses: [{type: InternalIP, address: 192.0.2.7}]}}"


def test_c7_entities_and_blocks_tell_pods_nodes_and_the_world_apart() -> None:
    world = under(cnp("egress: [{toEntities: [world]}]"))
    assert (out(world, "192.0.2.1", ALL), across(world, "a/web", "a/db")) == (YES, NO)
    inside = under(cnp("egress: [{toEntities: [cluster]}]"))
    assert (out(inside, "192.0.2.1", ALL), across(inside, "a/web", "b/api")) == (NO, YES)
    every = under(cnp("egress: [{toCIDR: [0.0.0.0/0]}]"))
    assert (out(every, "192.0.2.1"), out(every, "2001:db8::1"), across(every, "a/web", "a/db")) == (YES, NO, NO)
    assert out(under(cnp("egress: [{toEntities: [kube-apiserver]}]")), "192.0.2.1") is UNKNOWN
    known = "{apiVersion: v1, kind: Endpoints, metadata: {name: kubernetes, namespace: default}, "
    known += "subsets: [{addresses: [{ip: 192.0.2.9}]}]}"
    server = under(known, cnp("egress: [{toEntities: [kube-apiserver]}]"))
    assert [out(server, a) for a in ("192.0.2.9", "192.0.2.1")] == [YES, NO]
    assert out(under(NODE, cnp("egress: [{toCIDR: [192.0.2.0/24]}]")), "192.0.2.7") is UNKNOWN
    assert out(under(cnp("egress: [{toEntities: [moon]}]")), "192.0.2.1") is UNKNOWN


def test_c8_names_have_ciliums_own_wildcards() -> None:
    of = under(cnp(f"egress: [{DNS}, {{toFQDNs: [{{matchPattern: '*.cilium.io'}}]}}]"))
    assert [named(of, n) for n in ("a.cilium.io", "a.b.cilium.io", "cilium.io")] == [YES, UNKNOWN, UNKNOWN]


def test_c9_names_take_effect_only_where_lookups_are_seen_and_share_addresses() -> None:
    rule = "{toFQDNs: [{matchName: api.example}]}"
    blind, seen = under(cnp(f"egress: [{rule}]")), under(cnp(f"egress: [{DNS}, {rule}]"))
    assert [named(of, "api.example") for of in (blind, seen)] == [UNKNOWN, YES]
    assert out(seen, "192.0.2.1") is UNKNOWN
    assert across(seen, "a/web", "a/db") is NO


def test_c10_layer_7_rules_open_the_port_and_are_told() -> None:
    of = under(
        cnp("egress: [{toCIDR: [192.0.2.0/24], toPorts: [{ports: [{port: '80', protocol: TCP}], rules: {http: [{path: /x}]}}]}]")
    )
    assert [out(of, "192.0.2.1", tcp(p)) for p in (80, 81)] == [YES, NO]
    reason = Answers(of).permission((Source.of(pods(of, "a/web")),), ANYWHERE, tcp(80)).reason
    assert "http rules let through only what matches" in reason


def test_c11_a_port_without_protocol_is_any_and_zero_is_all() -> None:
    def of(port: str) -> Cluster:
        return under(cnp(f"egress: [{{toCIDR: [192.0.2.0/24], toPorts: [{{ports: [{port}]}}]}}]"))

    assert [out(of("{port: '443'}"), "192.0.2.1", c) for c in (tcp(443), udp(443), tcp(80))] == [YES, YES, NO]
    assert out(of("{port: '0', protocol: TCP}"), "192.0.2.1", tcp(9)) is YES
    assert [out(of("{port: '80', endPort: 90, protocol: TCP}"), "192.0.2.1", tcp(p)) for p in (90, 91)] == [YES, NO]
    assert out(of("{port: '443'}"), "192.0.2.1", OTHER) is NO
    assert out(of("{port: '99999', protocol: TCP}"), "192.0.2.1") is UNKNOWN


def test_c12_server_names_are_the_clients_claim() -> None:
    entry = "{ports: [{port: '443', protocol: TCP}], serverNames: [api.example]}"
    of = under(cnp(f"egress: [{{toCIDR: [0.0.0.0/0, '::/0'], toPorts: [{entry}]}}]"))
    assert [named(of, "api.example"), named(of, "evil.example"), out(of, "192.0.2.1")] == [YES, UNKNOWN, UNKNOWN]


def test_c13_policies_of_all_kinds_are_united_and_groups_are_unknown() -> None:
    narrow = policy("{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 192.0.2.0/25}}]}]}", name="k")
    of = under(narrow, cnp("egress: [{toCIDR: [192.0.2.128/25]}]"), ccnp("egressDeny: [{toCIDR: [192.0.2.200/32]}]"))
    assert [out(of, f"192.0.2.{n}") for n in (1, 129, 200)] == [YES, YES, NO]
    assert out(under(cnp("egress: [{toGroups: [{aws: {securityGroupsIds: [sg-1]}}]}]")), "192.0.2.1") is UNKNOWN


def test_c13_services_stand_for_their_endpoints() -> None:
    service = "{apiVersion: v1, kind: Service, metadata: {name: ext, namespace: a}, spec: {}}"
    ends = "{apiVersion: v1, kind: Endpoints, metadata: {name: ext, namespace: a}, subsets: [{addresses: [{ip: 192.0.2.9}]}]}"
    rule = cnp("egress: [{toServices: [{k8sService: {serviceName: ext, namespace: a}}]}]")
    assert [out(under(service, ends, rule), a) for a in ("192.0.2.9", "192.0.2.1")] == [YES, NO]
    assert out(under(service, rule), "192.0.2.9") is UNKNOWN


def test_c14_policies_for_nodes_are_not_for_pods() -> None:
    host = "{apiVersion: v1, kind: Pod, metadata: {name: host, namespace: a}, spec: {hostNetwork: true, containers: []}}"
    of = under(host, ccnp("egress: [{}]", subject="nodeSelector: {}"))
    assert [out(of, "192.0.2.1", source=s) for s in ("a/web", "a/host")] == [YES, UNKNOWN]
    assert out(under(cnp("egress: [{}]", subject="nodeSelector: {}")), "192.0.2.1") is UNKNOWN
    steering = other("cilium.io/v2", "CiliumEgressGatewayPolicy", "{selectors: []}", name="gw")
    assert out(under(steering), "192.0.2.1", ALL) is YES


@pytest.mark.parametrize(
    "rule",
    ["{toPlanets: [mars]}", "{toCIDR: [all]}", "{toCIDRSet: [{cidrGroupRef: absent}]}", "{toFQDNs: [{name: x}]}"],
)
def test_what_is_not_understood_may_be_anything(rule: str) -> None:
    assert out(under(cnp(f"egress: [{rule}]")), "192.0.2.1") is UNKNOWN


def test_except_counts_in_its_own_block_and_groups_are_looked_up() -> None:
    of = under(cnp("egress: [{toCIDRSet: [{cidr: 10.0.0.0/8, except: [10.1.0.0/16]}, {cidr: 10.1.2.0/24}]}]"))
    assert [out(of, a) for a in ("10.0.0.1", "10.1.0.1", "10.1.2.1")] == [YES, NO, YES]
    group = other("cilium.io/v2alpha1", "CiliumCIDRGroup", "{externalCIDRs: [192.0.2.0/24]}", name="g")
    of = under(group, cnp("egress: [{toCIDRSet: [{cidrGroupRef: g, except: [192.0.2.128/25]}]}]"))
    assert [out(of, a) for a in ("192.0.2.1", "192.0.2.200", "198.51.100.1")] == [YES, NO, NO]


def test_several_specs_and_ingress_at_the_other_end() -> None:
    both = "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: s, namespace: a}\nspecs:\n"
    both += "- {endpointSelector: {matchLabels: {app: web}}, egress: [{}]}\n"
    both += "- {endpointSelector: {matchLabels: {app: db}}, ingress: [{fromEndpoints: [{matchLabels: {app: web}}]}]}\n"
    assert [out(under(both), "192.0.2.1", source=s) for s in ("a/web", "a/db")] == [NO, YES]
    only = under(
        cnp("ingress: [{fromEndpoints: [{matchLabels: {app: web}}]}]", subject="endpointSelector: {matchLabels: {app: db}}")
    )
    assert [across(only, s, "a/db") for s in ("a/web", "b/api")] == [YES, NO]


@pytest.mark.parametrize("tail", ["", "spec: []\n", "spec: null\n", "specs: []\n"])
def test_a_policy_without_rules_to_read_may_do_anything(tail: str) -> None:
    bare = f"apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {{name: x, namespace: a}}\n{tail}"
    assert out(under(bare), "192.0.2.1") is UNKNOWN


def test_without_the_plugin_named_a_denial_is_not_sure() -> None:
    of = cluster(cnp("egress: [{}]"), platform=(("objects", "complete"),))
    assert out(of, "192.0.2.1") is UNKNOWN
    calico = cluster(cnp("egress: [{}]"), platform=(("cni", "calico"), ("objects", "complete")))
    assert out(calico, "192.0.2.1") is YES
