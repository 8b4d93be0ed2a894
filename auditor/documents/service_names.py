"""The names under which other workloads of the same document reach a service: compose services, Kubernetes Services."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from auditor.documents.tree import Node, NodeKind

_CLUSTER_DOMAIN = "cluster.local"
"""What Kubernetes and kubeadm call a cluster where nobody gives it another name."""


def compose_names(service: str, definitions: Iterable[Node]) -> tuple[str, ...]:
    """Return the names of a compose service on its networks: its own, its container's, its host name and aliases.

    Source: compose-spec, ``container_name``, ``hostname``, ``networks.<name>.aliases``.

    Args:
        service: key under ``services``.
        definitions: what stands under that key, one node a file of the project.
    """
    found = {service: None}
    for node in definitions:
        said = (node.get("container_name"), node.get("hostname"))
        found |= dict.fromkeys(n.text for n in said if n is not None and n.text)
        attached = node.get("networks")
        for _, network in attached.entries if attached is not None else ():
            aliases = network.get("aliases")
            found |= dict.fromkeys(a.text for a in (aliases.items if aliases is not None else ()))
    return tuple(found)


def pod_labels(root: Node) -> Iterator[tuple[Node, dict[str, str]]]:
    """Yield (pod specification, labels) of every pod that a Kubernetes object describes, its templates' among them."""
    for _, node in root.walk():
        spec = node.get("spec") if node.kind is NodeKind.MAPPING else None
        if spec is not None and spec.get("containers") is not None:
            yield spec, _texts(node.at("metadata", "labels"))


def selects(service: Node, labels: dict[str, str]) -> bool:
    """Return whether a Kubernetes Service sends to pods with ``labels``; one without a selector is known to send to none."""
    selector = _texts(service.at("spec", "selector"))
    external = service.at("spec", "externalName")
    return bool(selector) and external is None and all(labels.get(key) == value for key, value in selector.items())


def cluster_names(service: Node) -> tuple[str, ...]:
    """Return the names of a Kubernetes Service that mean it in all of its cluster, shortest first, none without a namespace.

    Source: Kubernetes documentation, "DNS for Services and Pods".
    """
    name, namespace = service.at("metadata", "name"), service.at("metadata", "namespace")
    if name is None or namespace is None:
        return ()
    short = f"{name.text}.{namespace.text}"
    return (short, f"{short}.svc", f"{short}.svc.{_CLUSTER_DOMAIN}")


def _texts(node: Node | None) -> dict[str, str]:
    if node is None or node.kind is not NodeKind.MAPPING:
        return {}
    return {key.text: value.text for key, value in node.entries if value.kind is NodeKind.SCALAR}
