"""Kubernetes objects as pods: every kind that makes pods, lists as kubectl prints them."""

from __future__ import annotations

import pytest

from tests.network.bench import cluster, pods

TEMPLATE = "{metadata: {labels: {app: x}}, spec: {hostNetwork: true, containers: [{name: c, ports: [{containerPort: 80}]}]}}"


@pytest.mark.parametrize(
    ("kind", "api"),
    [
        ("Deployment", "apps/v1"),
        ("StatefulSet", "apps/v1"),
        ("DaemonSet", "apps/v1"),
        ("ReplicaSet", "apps/v1"),
        ("ReplicationController", "v1"),
        ("Job", "batch/v1"),
    ],
)
def test_every_kind_with_a_template_makes_pods(kind: str, api: str) -> None:
    of = cluster(f"{{apiVersion: {api}, kind: {kind}, metadata: {{name: x}}, spec: {{template: {TEMPLATE}}}}}")
    found = pods(of, "default/x")
    assert (found.id, dict(found.labels), found.host_network) == (f"default/x[{kind}]", {"app": "x"}, True)
    assert [(p.protocol, p.number) for p in found.ports] == [("TCP", 80)]
    assert (found.location.line if found.location else 0) == 1


def test_a_cron_job_makes_the_pods_of_its_jobs() -> None:
    spec = f"{{jobTemplate: {{spec: {{template: {TEMPLATE}}}}}}}"
    of = cluster(f"{{apiVersion: batch/v1, kind: CronJob, metadata: {{name: x}}, spec: {spec}}}")
    assert pods(of, "default/x").kind == "CronJob"


def test_pods_take_the_name_of_their_owner_but_not_of_their_node() -> None:
    def owned(owner: str) -> str:
        pod = f"{{name: x-abc, namespace: a, ownerReferences: [{{kind: {owner}, name: x}}]}}"
        return [p.id for p in cluster(f"{{apiVersion: v1, kind: Pod, metadata: {pod}, spec: {{containers: []}}}}").pods][-1]

    assert (owned("ReplicaSet"), owned("Node")) == ("a/x[ReplicaSet]", "a/x-abc[Pod]")


def test_items_of_a_typed_list_have_its_kind() -> None:
    listed = "apiVersion: v1\nkind: NamespaceList\nitems:\n- metadata: {name: z, labels: {team: three}}\n"
    found = cluster(listed).book.world.objects.namespaces["z"]
    assert dict(found.labels) == {"team": "three", "kubernetes.io/metadata.name": "z"}
