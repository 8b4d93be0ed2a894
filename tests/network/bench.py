"""Clusters in miniature: Kubernetes objects as a few lines of YAML, read by the real readers."""

from __future__ import annotations

import tempfile
from pathlib import Path

from auditor.documents import read_tree
from auditor.facts.truth import Truth
from auditor.network import ANYWHERE, Answers, Cluster, Connections, Named, Pods, Source, parse_block, read_cluster, read_platform
from auditor.network.connections import connections
from auditor.network.spans import Spans

CONFORMANT = (("cni", "conformant"), ("objects", "complete"))
CILIUM = (("cni", "cilium"), ("objects", "complete"))
CALICO = (("cni", "calico"), ("objects", "complete"))
NAMESPACES = """
apiVersion: v1
kind: Namespace
metadata: {name: a, labels: {team: one}}
---
apiVersion: v1
kind: Namespace
metadata: {name: b, labels: {team: two}}
"""
PODS = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: a}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}}}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: a, labels: {app: db}}
spec: {containers: [{name: c, ports: [{name: http, containerPort: 9090}]}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: api, namespace: b}
spec: {template: {metadata: {labels: {app: api, tier: back}}, spec: {containers: [{name: c}]}}}
"""


def cluster(*objects: str, platform: tuple[tuple[str, str], ...] = CONFORMANT) -> Cluster:
    """Return the cluster of ``objects`` (YAML) with two namespaces and three workloads: a/web, a/db and b/api."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, text in enumerate((NAMESPACES, PODS, *objects)):
            (folder / f"{number}.yaml").write_text(text, encoding="utf-8")
        read = read_tree(folder, folder)
    assert read.not_examined == ()
    return read_cluster(read.documents, read_platform(platform))


def policy(spec: str, *, name: str = "p", namespace: str = "a") -> str:
    """Return a NetworkPolicy with ``spec`` in flow style."""
    metadata = f"{{name: {name}, namespace: {namespace}}}"
    return f"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {metadata}\nspec: {spec}\n"


def admin(spec: str, *, name: str = "p", kind: str = "AdminNetworkPolicy") -> str:
    """Return a cluster-wide policy with ``spec`` in flow style."""
    return f"apiVersion: policy.networking.k8s.io/v1alpha1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {spec}\n"


def other(api: str, kind: str, spec: str, *, name: str = "p", namespace: str = "") -> str:
    """Return an object of any dialect with ``spec`` in flow style."""
    place = f", namespace: {namespace}" if namespace else ""
    return f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: {name}{place}}}\nspec: {spec}\n"


def pods(of: Cluster, name: str) -> Pods:
    """Return the pods of ``namespace/name``."""
    found = [p for p in of.pods if f"{p.namespace}/{p.name}" == name]
    assert len(found) == 1
    return found[0]


def tcp(*ports: int) -> Connections:
    """Return TCP to ``ports``."""
    return connections("TCP", Spans.of((p, p) for p in ports))


def udp(*ports: int) -> Connections:
    """Return UDP to ``ports``."""
    return connections("UDP", Spans.of((p, p) for p in ports))


def out(of: Cluster, address: str, asked: Connections = tcp(443), source: str = "a/web") -> Truth:  # noqa: B008 -- frozen
    """Return whether ``source`` may make all of ``asked`` to an address outside."""
    target = parse_block(address)
    assert target is not None
    found = {r.decision.answer(asked) for r in of.regions(pods(of, source), target.family) if r.range.spans & target.spans}
    assert len(found) == 1
    return found.pop()


def across(of: Cluster, source: str, destination: str, asked: Connections = tcp(443)) -> Truth:  # noqa: B008 -- frozen
    """Return whether ``source`` may make all of ``asked`` to other pods."""
    return of.inside(pods(of, source), pods(of, destination)).answer(asked)


def named(of: Cluster, host: str, asked: Connections = tcp(443), source: str = "a/web") -> Truth:  # noqa: B008 -- frozen
    """Return whether ``source`` may make all of ``asked`` to a host outside of which only the name is known."""
    targets = [Named(host, everywhere) for everywhere in ANYWHERE]
    return Answers(of).permission((Source.of(pods(of, source)),), targets, asked).permitted
