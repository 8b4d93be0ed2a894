"""Traps I1 to I6: Istio tells where traffic is meant to go, and never proves that it cannot go elsewhere."""

from __future__ import annotations

import pytest

from auditor.facts.truth import Truth
from auditor.network import Answers, Named, Pods, Range, Source, parse_block, read_mesh
from auditor.network.istio import MeshAdvice
from tests.network.bench import PODS, cluster, other, pods, tcp, udp
from tests.network.rule_sets import documents

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
API = "networking.istio.io/v1"
CLOSED = """\
apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
spec: {meshConfig: {outboundTrafficPolicy: {mode: REGISTRY_ONLY}}}
"""
HOSTS = "hosts: [api.vendor.example, '*.cdn.example'], location: MESH_EXTERNAL, resolution: DNS"
ENTRY = f"{{{HOSTS}, ports: [{{number: 443, name: tls, protocol: TLS}}]}}"
CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |-
    outboundTrafficPolicy:
      mode: REGISTRY_ONLY
"""


def advice(*objects: str, of: str = "a/web", pod: Pods | None = None) -> MeshAdvice | None:
    """Return the advice for pods of the miniature cluster."""
    mesh = read_mesh(documents({f"{n}.yaml": text for n, text in enumerate((PODS, *objects))}))
    assert mesh is not None
    return mesh.layer(pod or pods(cluster(), of))


def meant(found: MeshAdvice | None, host: str = "evil.example", port: int = 443) -> Truth:
    """Return whether traffic to a host is meant to go."""
    assert found is not None
    return found.decide(Named(host, Range(4, 0, 2**32 - 1))).answer(tcp(port))


def test_i1_registry_only_denies_nothing_and_is_told_as_advice() -> None:
    of = cluster()
    mesh = read_mesh(documents({"mesh.yaml": CLOSED}))
    assert mesh is not None
    web = pods(of, "a/web")
    target = parse_block("203.0.113.7")
    assert target is not None
    found = Answers(of).permission((Source.of(web).beside(mesh.layer(web)),), (target,), tcp(443))
    assert (found.permitted, found.strength) == (YES, "advisory")
    assert "only advice: a process may go round Istio" in found.reason


def test_i2_allow_any_restricts_nothing_whatever_entries_say() -> None:
    assert meant(advice(other(API, "ServiceEntry", ENTRY, namespace="a"))) is YES
    assert meant(advice(CLOSED, other(API, "Sidecar", "{outboundTrafficPolicy: {mode: ALLOW_ANY}}", namespace="a"))) is YES


def test_i3_the_sidecar_of_a_workload_counts_before_its_namespaces_and_the_roots() -> None:
    def sidecar(mode: str, name: str, space: str, selector: str = "") -> str:
        return other(API, "Sidecar", f"{{{selector}outboundTrafficPolicy: {{mode: {mode}}}}}", name=name, namespace=space)

    root, wide = sidecar("REGISTRY_ONLY", "r", "istio-system"), sidecar("ALLOW_ANY", "w", "a")
    own = sidecar("REGISTRY_ONLY", "o", "a", "workloadSelector: {labels: {app: web}}, ")
    assert [meant(advice(*s)) for s in ((root,), (root, wide), (root, wide, own))] == [NO, YES, NO]
    assert [meant(advice(root, wide, own, of=name)) for name in ("a/db", "b/api")] == [YES, NO]


@pytest.mark.parametrize(
    ("exported", "truth"), [("", YES), (", exportTo: ['*']", YES), (", exportTo: ['.']", NO), (", exportTo: [a]", YES)]
)
def test_i4_an_entry_counts_for_whom_it_is_exported_to(exported: str, truth: Truth) -> None:
    entry = other(API, "ServiceEntry", ENTRY[:-1] + exported + "}", namespace="b")
    assert meant(advice(CLOSED, entry), "api.vendor.example") is truth


def test_i4_names_wildcards_ports_and_addresses_of_entries() -> None:
    found = advice(CLOSED, other(API, "ServiceEntry", ENTRY, namespace="a"))
    asked = [("api.vendor.example", 443), ("x.y.cdn.example", 443), ("cdn.example", 443), ("api.vendor.example", 80)]
    assert [meant(found, *a) for a in asked] == [YES, YES, NO, NO]
    spec = "{hosts: [db.example], addresses: [203.0.113.0/24], ports: [{number: 5432}], resolution: NONE}"
    by_range = advice(CLOSED, other(API, "ServiceEntry", spec, namespace="a"))
    places = [parse_block(a) for a in ("203.0.113.7", "198.51.100.1")]
    assert by_range is not None
    assert [by_range.decide(p).answer(tcp(5432)) for p in places if p is not None] == [YES, UNKNOWN]


def test_i5_annotations_take_ports_and_ranges_past_the_proxy() -> None:
    def annotated(key: str, value: str) -> Pods:
        text = PODS.replace(
            "{app: web}}, spec", f"{{app: web}}, annotations: {{traffic.sidecar.istio.io/{key}: '{value}'}}}}, spec"
        )
        return pods(cluster(text.partition("---")[0].replace("name: web", "name: hole")), "a/hole")

    ports = advice(CLOSED, pod=annotated("excludeOutboundPorts", "443,8443"))
    assert [meant(ports, port=p) for p in (443, 8443, 80)] == [YES, YES, NO]
    ranges = advice(CLOSED, pod=annotated("excludeOutboundIPRanges", "203.0.113.0/24"))
    places = [parse_block(a) for a in ("203.0.113.7", "198.51.100.1")]
    assert ranges is not None
    assert [ranges.decide(p).answer(tcp(443)) for p in places if p is not None] == [YES, NO]


def test_i6_pods_of_the_root_namespace_have_no_proxy_and_only_tcp_is_taken() -> None:
    gateway = Pods("istio-system", "gateway", "Pod", {}, (), host_network=False, addresses=(), doubt="", location=None)
    assert advice(CLOSED, pod=gateway) is None
    found = advice(CLOSED)
    assert found is not None
    assert found.decide(Named("evil.example", Range(4, 0, 2**32 - 1))).answer(udp(443)) is YES


def test_the_mesh_is_read_from_its_config_map_and_chart_too() -> None:
    assert meant(advice(CONFIG)) is NO
    mesh = read_mesh(
        documents({"values.yaml": "meshConfig: {outboundTrafficPolicy: {mode: REGISTRY_ONLY}, rootNamespace: mesh}\n"})
    )
    assert mesh is not None
    assert (mesh.mode, mesh.root) == ("REGISTRY_ONLY", "mesh")
    assert read_mesh(documents({"pods.yaml": PODS})) is None
