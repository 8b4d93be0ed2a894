"""Whom Hubble names at the ends of a flow: pods, reserved identities, and what only labels tell."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.traffic.logs.record import NOBODY, Workload
from auditor.traffic.logs.values import Values

MOST_KNOWN = 50_000
"""Workloads that are remembered as understood."""
Known = dict[tuple[str, str, str, tuple[str, ...]], Workload]
"""By pod, namespace, node and labels."""
_APPLICATION = ("app.kubernetes.io/name", "k8s-app", "app", "name")
"""Labels that say what a pod is, by custom (Kubernetes, "Recommended Labels")."""


def workload_at(values: Values, end: str, known: Known) -> Workload:
    """Return what an event says of one end; ends say the same in event after event, so each is understood once."""
    inner = values.inner(end)
    if not inner.record:
        return NOBODY
    local = values.record.get("traffic_direction") == ("EGRESS" if end == "source" else "INGRESS")
    node = values.text("node_name") if local else ""
    labels = inner.texts("labels")
    key = (inner.text("pod_name"), inner.text("namespace"), node, labels)
    found = known.get(key)
    if found is None:
        if len(known) >= MOST_KNOWN:
            known.clear()
        found = known[key] = _understood(*key)
    return found


def _understood(pod: str, namespace: str, node: str, labels: tuple[str, ...]) -> Workload:
    reserved = next((label.partition(":")[2] for label in labels if label.startswith("reserved:")), "")
    namespace = namespace or _label(labels, "io.kubernetes.pod.namespace")
    named = "" if pod or reserved else _label(labels, *_APPLICATION)
    return Workload(
        namespace=namespace,
        name=pod or reserved or named,
        kind="pod" if pod else "reserved" if reserved else "workload" if named and namespace else "identity",
        node=node,
        labels=labels,
    )


def _label(labels: Sequence[str], *keys: str) -> str:
    """Return the value of the first of ``keys`` that a pod's labels have, as the kubelet gave them."""
    told = dict(label.partition(":")[2].partition("=")[::2] for label in labels if label.startswith("k8s:"))
    return next((told[key] for key in keys if told.get(key)), "")
