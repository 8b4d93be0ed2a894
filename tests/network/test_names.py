"""Which pods a workload of the manifest is: only what a service, a namespace pattern or live addresses establish."""

from __future__ import annotations

import pytest

from auditor.facts.inventory import Workload
from auditor.facts.truth import Truth
from auditor.network import ANYWHERE, Answers, Source, established, service_pods
from tests.network.bench import CILIUM, cluster, policy, tcp

SERVICE = "{apiVersion: v1, kind: Service, metadata: {name: front, namespace: a}, spec: {selector: {app: web}}}"
BY_HAND = "{apiVersion: v1, kind: Service, metadata: {name: hand, namespace: a}, spec: {ports: [{port: 80}]}}"
ELSEWHERE = "{apiVersion: v1, kind: Service, metadata: {name: far, namespace: a}, spec: {externalName: far.example}}"
LIVE = (
    "{apiVersion: v1, kind: Pod, metadata: {name: live, namespace: a}, spec: {containers: []}, "
    "status: {podIP: 10.1.0.5, podIPs: [{ip: 10.1.0.5}, {ip: 'fd00::5'}]}}"
)


def _ids(*hosts: str, networks: tuple[str, ...] = ()) -> list[str]:
    of = cluster(SERVICE, BY_HAND, ELSEWHERE, LIVE)
    return [p.id for p in established(Workload("w", "w", networks, hosts, "corp"), of)]


@pytest.mark.parametrize("host", ["front.a", "front.a.svc", "FRONT.a.svc.cluster.local."])
def test_a_service_name_stands_for_the_pods_that_its_selector_takes(host: str) -> None:
    assert _ids(host) == ["a/web[Deployment]"]


@pytest.mark.parametrize("host", ["front", "front.b", "front.a.example", "hand.a", "far.a.svc", "web.a", "*.a.svc"])
def test_other_names_stand_for_nothing(host: str) -> None:
    assert _ids(host) == []
    assert service_pods(host, cluster(SERVICE, BY_HAND, ELSEWHERE)) == ()


def test_a_pattern_takes_all_pods_of_a_namespace_and_those_to_come() -> None:
    assert _ids("*.b.pod.cluster.local") == ["b/any later pod[Pod]", "b/api[StatefulSet]"]


def test_live_addresses_establish_pods_only_when_all_lie_in_the_networks() -> None:
    assert _ids(networks=("10.1.0.0/16", "fd00::/16")) == ["a/live[Pod]"]
    assert _ids(networks=("10.1.0.0/16",)) == []
    assert _ids(networks=("no network",)) == []


def test_a_policy_by_labels_leaves_pods_to_come_open_and_one_for_all_does_not() -> None:
    def permitted(selector: str) -> Truth:
        of = cluster(policy(f"{{podSelector: {selector}, policyTypes: [Egress]}}", namespace="c"), platform=CILIUM)
        later = established(Workload("w", "w", (), ("*.c.pod",), "corp"), of)
        return Answers(of).permission(tuple(map(Source.of, later)), ANYWHERE, tcp(443)).permitted

    assert permitted("{}") is Truth.NO
    assert permitted("{matchLabels: {app: workspace}}") is Truth.UNKNOWN
