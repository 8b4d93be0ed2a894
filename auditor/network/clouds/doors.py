"""Endpoints inside a cloud's network that lead to services outside of it, past routes and gateways (facts H8).

Sources: Amazon VPC User Guide, "Interface endpoints"; Azure documentation, "Private endpoints"; Google Cloud documentation,
"Private Service Connect" (read in November 2026).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from auditor.facts.truth import Truth
from auditor.network.addresses import FAMILIES, PRIVATE, cut
from auditor.network.clouds.plan import Plan, Resource
from auditor.network.layers import Door, Layer, together
from auditor.network.nodes import text
from auditor.network.spans import Spans

_NAMES = Spans(((53, 53),))
"""The port of the network's resolver, which rules do not stop."""
_METADATA = (0xFD000EC2, 0xFD2000CE)
"""Beginnings of the IPv6 addresses at which AWS and Google Cloud have their metadata."""
_KINDS = {
    "aws_vpc_endpoint": "service_name",
    "azurerm_private_endpoint": "",
    "google_compute_forwarding_rule": "target",
    "google_compute_global_forwarding_rule": "target",
    "google_compute_service_attachment": "",
}


def doors(plan: Plan, layers: Sequence[Layer], near: Callable[[Resource], Truth], *kinds: str) -> tuple[Door, ...]:
    """Return the endpoints that a machine with ``layers`` on its way may reach.

    Args:
        plan: what is made.
        layers: what stands on the machine's way.
        near: whether an endpoint is in the machine's network.
        kinds: types of endpoints.
    """
    found = [e for e in plan.of(*kinds) if _leads_out(e) and near(e) is not Truth.NO]
    if not found or not any(_reached(layers)):
        return ()
    return tuple(Door(_words(endpoint), endpoint.location) for endpoint in found)


def _leads_out(endpoint: Resource) -> bool:
    if endpoint.type == "aws_vpc_endpoint":
        return text(endpoint.node, "vpc_endpoint_type") not in ("", "Gateway", "GatewayLoadBalancer")
    return not endpoint.type.endswith("forwarding_rule") or bool(_target(endpoint)) or endpoint.open("target")


def _target(endpoint: Resource) -> str:
    """Return what a forwarding rule of Private Service Connect leads to, empty for one of a load balancer."""
    target = text(endpoint.node, "target")
    return target if target in ("all-apis", "vpc-sc") or "/serviceAttachments/" in target else ""


def _words(endpoint: Resource) -> str:
    service = text(endpoint.node, _KINDS[endpoint.type]) if _KINDS[endpoint.type] else ""
    listed = endpoint.get("private_service_connection")
    named = (text(i, "private_connection_resource_id") for i in (listed.items if listed is not None else ()))
    service = service or next(named, "")
    return f"{endpoint.address}, an endpoint inside the network that leads to {service or 'a service outside'}"


def _reached(layers: Sequence[Layer]) -> Iterator[bool]:
    """Yield whether any TCP to each part of the private addresses, where endpoints lie, may be let through."""
    for family in FAMILIES:
        private = [r for r in PRIVATE if r.family == family]
        blocks = [block for layer in layers for block in layer.cuts(family)]
        for atom in cut(family, [*blocks, *(r.spans for r in private)]):
            if any(r.spans.covers(atom.spans) for r in private) and not _local(atom.first, family):
                yield bool(together(layers, atom).decision.may_allow.tcp - _NAMES)


def _local(first: int, family: int) -> bool:
    """Return whether an address is link-local or of a cloud's metadata: no endpoint has one."""
    if family == FAMILIES[0]:
        return first >> 16 == 169 << 8 | 254
    return first >> 118 == 0xFE80 >> 6 or first >> 96 in _METADATA
