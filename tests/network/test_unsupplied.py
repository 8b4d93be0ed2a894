"""P19, P20: rules that allow pods which were not supplied lead to what nobody knows."""

from __future__ import annotations

from auditor.network import Answers, Source, unsupplied
from tests.network.bench import CILIUM, cluster, pods, policy

SYSTEM = "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}"
DNS = f"{{to: [{{{SYSTEM}, podSelector: {{matchLabels: {{k8s-app: kube-dns}}}}}}]}}"
PROXY = "{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: egress-proxy}}}]}"


def _told(rules: str, *platform: tuple[str, str]) -> list[str]:
    of = cluster(policy(f"{{podSelector: {{}}, policyTypes: [Egress], egress: [{rules}]}}"), platform=(CILIUM[0], *platform))
    return [text for text, _ in unsupplied(Answers(of), Source.of(pods(of, "a/web")))]


def test_a_rule_for_pods_of_a_namespace_that_was_not_supplied_is_told() -> None:
    assert _told(f"{DNS}, {PROXY}") == ["pods that were not supplied, as NetworkPolicy a/p, egress rule 2, allows"]


def test_rules_for_pods_that_are_there_and_complete_objects_are_not() -> None:
    assert _told("{to: [{podSelector: {matchLabels: {app: db}}}]}, {to: [{ipBlock: {cidr: 10.0.0.0/8}}]}, {}") == []
    assert _told(PROXY, ("objects", "complete")) == []
