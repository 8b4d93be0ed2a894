"""Policy objects of dialects that are not read yet: named, and unknown for whoever they may select."""

from __future__ import annotations

from auditor.documents import Document
from auditor.network import admin_policy, network_policy
from auditor.network.kubernetes import namespace_of, text
from auditor.network.rules import Unread

_KINDS = {
    "CiliumNetworkPolicy": True,
    "CiliumClusterwideNetworkPolicy": False,
    "CiliumEgressGatewayPolicy": False,
    "CiliumLocalRedirectPolicy": True,
    "GlobalNetworkPolicy": False,
    "StagedNetworkPolicy": True,
    "ClusterNetworkPolicy": False,
    "MultiNetworkPolicy": True,
    "UserDefinedNetwork": True,
    "ClusterUserDefinedNetwork": False,
    "EgressFirewall": True,
    "EgressNetworkPolicy": True,
    "AdminNetworkPolicy": False,
    "BaselineAdminNetworkPolicy": False,
    "NetworkPolicy": True,
}
"""Kind to whether it counts in its own namespace only; the last three in versions and groups that are not read (Calico's)."""


def read_unread(document: Document) -> Unread | None:
    """Return the policy object that stands in a Kubernetes document and that no reader takes, else ``None``."""
    root = document.root
    kind = text(root, "kind")
    if kind not in _KINDS or is_read(document):
        return None
    name = text(root, "metadata", "name")
    return Unread(kind, namespace_of(root) if _KINDS[kind] else "", name, document.locate(root.at("metadata", "name") or root))


def is_read(document: Document) -> bool:
    """Return whether a reader takes the document as a policy."""
    api, kind = text(document.root, "apiVersion"), text(document.root, "kind")
    if kind == network_policy.KIND:
        return api.startswith(network_policy.API) or api == "extensions/v1beta1"
    return kind in (admin_policy.ADMIN, admin_policy.BASELINE) and api == admin_policy.API
