"""Services: policies see the ports of pods, and an address of a service leads to the pods behind it (facts P9, C11)."""

from __future__ import annotations

from auditor.facts.truth import Truth
from auditor.network import Answers, Cluster, Connections, Source, address_targets, parse_block, service_targets
from tests.network.bench import cluster, pods, policy, tcp, udp

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
SERVICE = (
    "{apiVersion: v1, kind: Service, metadata: {name: db, namespace: a}, spec: {selector: {app: db}, clusterIP: 10.96.0.7, "
    "ports: [{port: 80, targetPort: 9090}, {port: 81, targetPort: http}, {port: 82, targetPort: gone}, {port: 9091}]}}"
)
RULE = (
    "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}], ports: [{port: 9090}]}]}"
)


def _reached(of: Cluster, host: str, asked: Connections) -> Truth:
    return Answers(of).permission((Source.of(pods(of, "a/web")),), service_targets(host, of), asked).permitted


def test_a_port_of_a_service_is_that_of_its_pods() -> None:
    of = cluster(SERVICE, policy(RULE))
    asked = [tcp(80), tcp(81), tcp(80, 81), tcp(9090), tcp(9091), tcp(443), udp(80)]
    assert [_reached(of, "db.a.svc", c) for c in asked] == [YES, YES, YES, YES, NO, NO, NO]
    assert _reached(of, "db.a.svc", tcp(82)) is UNKNOWN


def test_what_the_port_of_the_pods_is_denied_the_service_is_denied_too() -> None:
    of = cluster(SERVICE, policy(RULE.replace("9090}", "80}")))
    assert [_reached(of, "db.a.svc", c) for c in (tcp(80), tcp(81))] == [NO, NO]


def test_a_headless_service_leads_to_the_pods_themselves() -> None:
    of = cluster(SERVICE.replace("10.96.0.7", "None"), policy(RULE))
    assert [_reached(of, "db.a.svc", c) for c in (tcp(80), tcp(9090))] == [NO, YES]


def test_an_address_of_a_service_is_asked_for_at_its_pods_and_as_it_is() -> None:
    of = cluster(SERVICE, policy(RULE))

    def reached(address: str, asked: Connections) -> Truth:
        block = parse_block(address)
        assert block is not None
        targets = address_targets(block, of)
        assert targets
        return Answers(of).permission((Source.of(pods(of, "a/web")),), targets, asked).permitted

    assert [reached("10.96.0.7", c) for c in (tcp(80), tcp(9091))] == [UNKNOWN, NO]
    block = parse_block("10.96.0.8")
    assert block is not None
    assert address_targets(block, of) == ()


def test_every_kind_of_address_of_a_service_leads_to_it() -> None:
    more = (
        "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: a}, spec: {selector: {app: web}, "
        "clusterIPs: [10.96.0.9, 'fd00::9'], externalIPs: [192.0.2.9], loadBalancerIP: 192.0.2.10}, "
        "status: {loadBalancer: {ingress: [{ip: 192.0.2.11}]}}}"
    )
    of = cluster(more)
    for address in ("10.96.0.9", "fd00::9", "192.0.2.9", "192.0.2.10", "192.0.2.11"):
        block = parse_block(address)
        assert block is not None
        assert len(address_targets(block, of)) == 2
