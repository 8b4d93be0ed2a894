"""Objects that policies refer to by name or label: sets of addresses, tiers, endpoints.

Sources: Cilium's CiliumCIDRGroup; Calico's NetworkSet, GlobalNetworkSet and Tier; Kubernetes' Endpoints and EndpointSlice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf

from auditor.documents import Node
from auditor.network.addresses import Range, parse_block
from auditor.network.nodes import items, namespace_of, text
from auditor.network.objects import AddressSet, PolicyTier

GROUP_KIND = "CiliumCIDRGroup"
HOST_ENDPOINT = "HostEndpoint"
SET_KINDS = ("NetworkSet", "GlobalNetworkSet", HOST_ENDPOINT)
"""What Calico's selectors take besides pods; an interface of a node has its addresses, where they are given."""
_LISTS = {GROUP_KIND: "externalCIDRs", "NetworkSet": "nets", "GlobalNetworkSet": "nets", HOST_ENDPOINT: "expectedIPs"}


def read_set(root: Node, kind: str) -> Iterator[AddressSet]:
    """Yield the set of addresses that an object is, nothing for objects of other kinds."""
    if kind not in _LISTS:
        return
    listed = root.at("spec", _LISTS[kind])
    blocks = [(item.text, parse_block(item.text)) for item in (listed.items if listed is not None else ())]
    domains = root.at("spec", "allowedEgressDomains")
    yield AddressSet(
        kind=kind,
        namespace=namespace_of(root) if kind == "NetworkSet" else "",
        name=text(root, "metadata", "name"),
        labels=_labels(root),
        blocks=tuple(block for _, block in blocks if block is not None),
        names=tuple(d.text for d in domains.items) if domains is not None else (),
        unread=next((w for w, block in blocks if block is None), "") or ("" if blocks or kind != HOST_ENDPOINT else "addresses"),
    )


def _labels(root: Node) -> Mapping[str, str]:
    node = root.at("metadata", "labels")
    return {key.text: value.text for key, value in node.entries} if node is not None else {}


def read_tier(root: Node) -> PolicyTier:
    """Return a tier of Calico's policies; without an order it comes last."""
    written = text(root, "spec", "order")
    return PolicyTier(text(root, "metadata", "name"), number(written), text(root, "spec", "defaultAction") == "Pass")


def number(written: str) -> float:
    """Return an order as a number, infinite where there is none."""
    try:
        return float(written) if written else inf
    except ValueError:
        return inf


def endpoint_addresses(root: Node) -> Iterator[Range]:
    """Yield the addresses of an Endpoints or EndpointSlice object."""
    for subset in items(root, "subsets"):
        found = (parse_block(text(a, "ip")) for a in items(subset, "addresses"))
        yield from (block for block in found if block is not None)
    for endpoint in items(root, "endpoints"):
        listed = endpoint.get("addresses")
        parsed = (parse_block(a.text) for a in (listed.items if listed is not None else ()))
        yield from (block for block in parsed if block is not None)
