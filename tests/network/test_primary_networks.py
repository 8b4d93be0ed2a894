"""Networks in place of the cluster's own: pods of different ones do not reach each other."""

from __future__ import annotations

from auditor.facts.truth import Truth
from auditor.network import ALL
from tests.network.bench import CONFORMANT, across, cluster, other, out, tcp, udp

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
API = "k8s.ovn.org/v1"
LABELLED = "{apiVersion: v1, kind: Namespace, metadata: {name: u, labels: {k8s.ovn.org/primary-user-defined-network: ''}}}"
POD = "{apiVersion: v1, kind: Pod, metadata: {name: far, namespace: u}, spec: {containers: []}}"
PRIMARY = other(API, "UserDefinedNetwork", "{topology: Layer2, layer2: {role: Primary}}", namespace="u")


def test_a_primary_network_stands_apart_and_reaches_the_outside() -> None:
    of = cluster(LABELLED, POD, PRIMARY)
    assert [across(of, "u/far", "a/web"), across(of, "a/web", "u/far"), out(of, "192.0.2.1", ALL, source="u/far")] == [
        NO,
        NO,
        YES,
    ]


def test_a_secondary_one_or_an_unlabelled_namespace_changes_nothing() -> None:
    secondary = other(API, "UserDefinedNetwork", "{topology: Layer2, layer2: {role: Secondary}}", namespace="u")
    assert across(cluster(LABELLED, POD, secondary), "u/far", "a/web") is YES
    plain = "{apiVersion: v1, kind: Namespace, metadata: {name: u}}"
    assert across(cluster(plain, POD, PRIMARY), "u/far", "a/web") is YES


def test_a_cluster_wide_one_selects_namespaces_and_doubt_stays_doubt() -> None:
    spec = "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: u}}, network: {layer3: {role: Primary}}}"
    wide = other(API, "ClusterUserDefinedNetwork", spec)
    assert across(cluster(LABELLED, POD, wide), "u/far", "a/web") is NO
    assert across(cluster(POD, wide, platform=CONFORMANT[:1]), "u/far", "a/web") is UNKNOWN


def test_pods_of_another_network_may_ask_the_clusters_resolver() -> None:
    resolver = (
        "{apiVersion: v1, kind: Pod, metadata: {name: dns, namespace: kube-system, labels: {k8s-app: kube-dns}}, "
        "spec: {containers: []}}"
    )
    of = cluster(LABELLED, POD, PRIMARY, resolver)
    assert [across(of, "u/far", "kube-system/dns", c) for c in (udp(53), tcp(443))] == [UNKNOWN, NO]
