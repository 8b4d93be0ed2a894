"""Policy objects of dialects that are not read yet: named, and unknown for whoever they may select."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.documents import Document
from auditor.network.calico import STAGED
from auditor.network.dialects import dialect_of
from auditor.network.nodes import namespace_hidden, namespace_of, text
from auditor.network.rules import Unread

_KINDS = {
    "CiliumNetworkPolicy": True,
    "CiliumClusterwideNetworkPolicy": False,
    "GlobalNetworkPolicy": False,
    "ClusterNetworkPolicy": False,
    "EgressFirewall": True,
    "EgressNetworkPolicy": True,
    "AdminNetworkPolicy": False,
    "BaselineAdminNetworkPolicy": False,
    "NetworkPolicy": True,
}
"""Kind to whether it counts in its own namespace only; those that a dialect reads, in versions and groups that none reads."""

_STEERING = ("CiliumEgressGatewayPolicy", "CiliumLocalRedirectPolicy")


def read_unread(document: Document) -> Unread | None:
    """Return the policy object that stands in a Kubernetes document and that no reader takes, else ``None``."""
    root = document.root
    kind = text(root, "kind")
    if kind not in _KINDS or dialect_of(document) is not None:
        return None
    name = text(root, "metadata", "name")
    space = namespace_of(root) if _KINDS[kind] and not namespace_hidden(root) else ""
    return Unread(kind, space, name, document.locate(root.at("metadata", "name") or root))


def without_effect(documents: Sequence[Document]) -> tuple[str, ...]:
    """Return one clause for each policy object that permits and denies nothing: it is only watched, or only steers the path."""
    found = []
    for document in documents:
        kind, name = text(document.root, "kind"), text(document.root, "metadata", "name")
        if kind in STAGED:
            found.append(f"{kind} {name} is staged: what it would deny is only watched, not denied")
        elif kind in _STEERING:
            found.append(f"{kind} {name} changes the path of packets, not whether they are let through")
    return tuple(found)
