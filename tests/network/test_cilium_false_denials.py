"""What Cilium lets through though a careless reader finds it denied: nothing here may be answered with no."""

from __future__ import annotations

import pytest

from auditor.facts.truth import Truth
from auditor.network import ALL
from tests.network.bench import CILIUM, across, cluster, named, out, tcp, udp
from tests.network.test_traps_cilium import DNS, ccnp, cnp, under

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
LABELLED = """
apiVersion: v1
kind: Pod
metadata: {name: own, namespace: a, labels: {"k8s.example.com/app": own, pod-template-hash: x1, app: own}}
spec: {containers: []}
"""


def test_a_source_stands_before_a_colon_and_nowhere_else() -> None:
    to = "egress: [{toEndpoints: [{matchLabels: {k8s.example.com/app: own}}]}]"
    assert across(under(LABELLED, cnp(to)), "a/web", "a/own") is YES
    dotted = "egress: [{toEndpoints: [{matchLabels: {'k8s:k8s.example.com/app': own}}]}]"
    assert across(under(LABELLED, cnp(dotted)), "a/web", "a/own") is YES


@pytest.mark.parametrize(
    "key", ["pod-template-hash", "controller-revision-hash", "statefulset.kubernetes.io/pod-name", "k8s.io/x"]
)
def test_labels_that_identities_leave_out_select_nobody_for_sure(key: str) -> None:
    subject = f"endpointSelector: {{matchExpressions: [{{key: {key}, operator: NotIn, values: [nothing]}}]}}"
    assert out(under(cnp("egress: [{}]", subject=subject)), "192.0.2.1") is not NO
    chosen = f"endpointSelector: {{matchLabels: {{{key}: x1}}}}"
    assert out(under(LABELLED, cnp("egress: [{}]", subject=chosen)), "192.0.2.1", source="a/own") is not NO


@pytest.mark.parametrize("entity", ["cluster", "host", "remote-node"])
def test_a_private_address_may_be_of_a_node_that_was_not_supplied(entity: str) -> None:
    of = cluster(cnp(f"egress: [{{toEntities: [{entity}]}}]"), platform=CILIUM[:1])
    assert [out(of, a) for a in ("10.0.0.5", "203.0.113.7")] == [UNKNOWN, NO]
    assert out(under(cnp(f"egress: [{{toEntities: [{entity}]}}]")), "10.0.0.5") is NO
    denied = cluster(cnp("egressDeny: [{toEntities: [world]}], egress: [{toEntities: [all]}]"), platform=CILIUM[:1])
    assert [out(denied, a) for a in ("10.0.0.5", "203.0.113.7")] == [UNKNOWN, NO]


@pytest.mark.parametrize("entity", ["init", "unmanaged"])
def test_pods_may_be_unmanaged_or_without_identity_for_a_while(entity: str) -> None:
    assert across(under(cnp(f"egress: [{{toEntities: [{entity}]}}]")), "a/web", "b/api") is UNKNOWN


def test_a_rule_of_names_leaves_addresses_open_and_allows_the_look_up_alone() -> None:
    names = "{toFQDNs: [{matchPattern: '*.corp.example'}], toPorts: [{ports: [{port: '443', protocol: TCP}]}]}"
    of = under(cnp(f"egress: [{names}, {DNS}]"))
    assert [named(of, n) for n in ("a.corp.example", "a.b.corp.example", "corp.example")] == [YES, UNKNOWN, UNKNOWN]
    assert [out(of, "192.0.2.1", c) for c in (tcp(443), tcp(80), udp(53))] == [UNKNOWN, NO, YES]
    blind = under(cnp(f"egress: [{names}]"))
    assert named(blind, "a.corp.example") is UNKNOWN


def test_a_denial_of_one_block_does_not_reach_beyond_it() -> None:
    of = under(
        cnp("egressDeny: [{toCIDRSet: [{cidr: 192.0.2.0/24, except: [192.0.2.128/25]}]}], egress: [{toEntities: [world]}]")
    )
    assert [out(of, a) for a in ("192.0.2.1", "192.0.2.200", "198.51.100.1")] == [NO, YES, YES]
    assert across(under(cnp("egressDeny: [{toCIDR: [0.0.0.0/0]}], egress: [{toEndpoints: [{}]}]")), "a/web", "a/db") is YES


def test_without_default_deny_a_policy_isolates_nobody_even_by_denials() -> None:
    of = under(cnp("enableDefaultDeny: {egress: false}, egressDeny: [{toCIDR: [192.0.2.0/24]}]"))
    assert [out(of, a) for a in ("192.0.2.1", "198.51.100.1")] == [NO, YES]
    both = under(cnp("enableDefaultDeny: {egress: false}, egress: [{toCIDR: [192.0.2.0/24]}]"), ccnp("ingress: [{}]"))
    assert out(both, "198.51.100.1") is YES
    asked = under(cnp("enableDefaultDeny: {egress: true}, ingress: [{}]"))
    assert out(asked, "198.51.100.1", ALL) is UNKNOWN


def test_a_service_without_selector_stands_for_its_endpoints() -> None:
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: out, namespace: a}\nspec: {ports: [{port: 443}]}\n"
    endpoints = (
        "apiVersion: v1\nkind: Endpoints\nmetadata: {name: out, namespace: a}\nsubsets: [{addresses: [{ip: 192.0.2.9}]}]\n"
    )
    rule = cnp("egress: [{toServices: [{k8sService: {serviceName: out, namespace: a}}]}]")
    assert [out(under(service, endpoints, rule), a) for a in ("192.0.2.9", "192.0.2.8")] == [YES, NO]
    assert out(under(rule), "192.0.2.9") is UNKNOWN
    chosen = cnp("egress: [{toServices: [{k8sServiceSelector: {selector: {matchLabels: {a: b}}}}]}]")
    assert out(under(chosen), "192.0.2.9") is UNKNOWN


def test_a_rule_that_names_nobody_and_no_port_takes_nothing() -> None:
    for nothing in ("{toEndpoints: null}", "{toPorts: []}"):
        assert out(under(cnp(f"egress: [{nothing}]")), "192.0.2.1") is NO


def test_a_selector_of_namespace_labels_in_a_policy_of_a_namespace_may_or_may_not_count() -> None:
    subject = "endpointSelector: {matchLabels: {io.cilium.k8s.namespace.labels.team: two}}"
    assert out(under(cnp("egress: [{}]", subject=subject)), "192.0.2.1") is UNKNOWN
