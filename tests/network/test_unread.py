"""What is not read is unknown and named: dialects, fields, redacted labels, second interfaces, absent namespaces."""

from __future__ import annotations

import pytest

from auditor.facts.truth import Truth
from auditor.network import ANYWHERE, Answers, Source
from tests.network.bench import CONFORMANT, across, cluster, out, pods, policy, tcp

DENY_ALL = policy("{podSelector: {}, policyTypes: [Egress]}", name="deny")


def _foreign(api: str, kind: str, namespace: str = "") -> str:
    place = f", namespace: {namespace}" if namespace else ""
    return f"{{apiVersion: {api}, kind: {kind}, metadata: {{name: x{place}}}, spec: {{}}}}"


FOREIGN = {
    "CiliumNetworkPolicy a/x": _foreign("cilium.io/v9", "CiliumNetworkPolicy", "a"),
    "CiliumClusterwideNetworkPolicy x": _foreign("cilium.io/v9", "CiliumClusterwideNetworkPolicy"),
    "NetworkPolicy a/x": _foreign("projectcalico.org/v9", "NetworkPolicy", "a"),
    "GlobalNetworkPolicy x": _foreign("crd.projectcalico.org/v9", "GlobalNetworkPolicy"),
    "ClusterNetworkPolicy x": _foreign("crd.antrea.io/v1beta1", "ClusterNetworkPolicy"),
    "EgressFirewall a/x": _foreign("k8s.ovn.org/v1", "EgressFirewall", "a"),
    "AdminNetworkPolicy x": _foreign("policy.networking.k8s.io/v9", "AdminNetworkPolicy"),
}


@pytest.mark.parametrize("title", FOREIGN)
def test_a_policy_of_another_dialect_makes_the_outcome_unknown_and_is_named(title: str) -> None:
    of = cluster(DENY_ALL, FOREIGN[title])
    found = Answers(of).permission((Source.of(pods(of, "a/web")),), ANYWHERE, tcp(443))
    assert (found.permitted, found.reason) == (Truth.UNKNOWN, f"{title} is of a dialect that is not read")
    assert [e.text for e in found.evidence] == [found.reason]
    everywhere = "/" not in title
    assert out(of, "192.0.2.1", source="b/api") is (Truth.UNKNOWN if everywhere else Truth.YES)


def test_a_field_that_the_dialect_does_not_have_is_named() -> None:
    of = cluster(policy("{podSelector: {}, policyTypes: [Egress], egressDeny: []}"))
    found = Answers(of).permission((Source.of(pods(of, "a/web")),), ANYWHERE, tcp(443))
    assert (found.permitted, found.reason) == (
        Truth.UNKNOWN,
        "NetworkPolicy a/p has a part that is not read: egressDeny",
    )


@pytest.mark.parametrize(
    "peer", ["{serviceSelector: {}}", "{}", "{ipBlock: {cidr: all}}", "{ipBlock: {cidr: 10.0.0.0/8, except: [x]}}"]
)
def test_a_peer_that_is_not_understood_may_be_anyone(peer: str) -> None:
    assert (
        out(cluster(policy(f"{{podSelector: {{}}, policyTypes: [Egress], egress: [{{to: [{peer}]}}]}}")), "192.0.2.1")
        is Truth.UNKNOWN
    )


def test_a_second_interface_is_under_no_network_policy() -> None:
    second = (
        "{apiVersion: v1, kind: Pod, metadata: {name: two, namespace: a, annotations: {k8s.v1.cni.cncf.io/networks: lan}}, "
        "spec: {containers: []}}"
    )
    assert out(cluster(DENY_ALL, second), "192.0.2.1", source="a/two") is Truth.UNKNOWN


def test_labels_that_were_redacted_are_not_known() -> None:
    pod = (
        "{apiVersion: v1, kind: Pod, metadata: {name: s, namespace: a, labels: {app: hunter2hunter2}}, "
        "spec: {containers: [{name: c, env: [{name: DB_PASSWORD, value: hunter2hunter2}]}]}}"
    )
    of = cluster(pod, policy("{podSelector: {matchLabels: {app: other}}, policyTypes: [Egress]}"))
    assert not pods(of, "a/s").labels_known
    assert out(of, "192.0.2.1", source="a/s") is Truth.UNKNOWN


def test_a_namespace_that_was_redacted_may_be_any() -> None:
    pod = "{apiVersion: v1, kind: Pod, metadata: {name: s, namespace: hunter2hunter2}, spec: {containers: [{name: c, env: "
    pod += "[{name: DB_PASSWORD, value: hunter2hunter2}]}]}}\n---\n"
    of = cluster(pod + policy("{podSelector: {}, policyTypes: [Egress]}", namespace="hunter2hunter2"))
    assert [p.doubt for p in of.pods if p.name == "s"] == ["its namespace was redacted"]
    assert (of.book.policies, [u.namespace for u in of.book.unread]) == ((), [""])
    assert out(of, "192.0.2.1") is Truth.UNKNOWN


def test_labels_of_a_namespace_that_was_not_supplied_are_not_known() -> None:
    pod = "{apiVersion: v1, kind: Pod, metadata: {name: far, namespace: z}, spec: {containers: []}}"
    peer = "{namespaceSelector: {matchLabels: {team: two}}}"
    own = policy(f"{{podSelector: {{}}, policyTypes: [Egress], egress: [{{to: [{peer}]}}]}}")
    assert across(cluster(pod, own, platform=CONFORMANT[:1]), "a/web", "z/far") is Truth.UNKNOWN
    assert across(cluster(pod, own), "a/web", "z/far") is Truth.NO
    named = policy(
        "{podSelector: {}, policyTypes: [Egress], "
        "egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: z}}}]}]}"
    )
    assert across(cluster(pod, named, platform=CONFORMANT[:1]), "a/web", "z/far") is Truth.YES
