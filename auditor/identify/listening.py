"""Flows to ``localhost``: what listens in the workload of their source."""

from __future__ import annotations

from dataclasses import replace

from auditor.facts.flows import IntendedFlow
from auditor.facts.inventory import Component
from auditor.facts.places import Place
from auditor.facts.rows import ResolvedEnd
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import DataClass, Role
from auditor.identify.inventory import Inventory
from auditor.identify.outside import Outside

_TAKES_PROMPTS = frozenset({Role.MODEL_SERVER, Role.MODEL_GATEWAY})
_TAKES_OTHERS = frozenset({Role.PROXY, Role.RELAY, Role.TELEMETRY_SINK})


def own_workload(flow: IntendedFlow, inventory: Inventory, outside: Outside) -> ResolvedEnd:
    """Return the end of a flow that stays in the workload of its source (loopback, RFC 1122 section 3.2.1.3).

    That is the other components there which can take such data, else a listener of which nobody says what it is:
    where it sends on what it takes is not known, so it keeps the inventory open.
    """
    node, endpoint = inventory.node_of(flow.source), flow.destination
    others = (inventory.components[c] for c in inventory.nodes.get(node, ()) if c != flow.source)
    takers = tuple(c.id for c in others if _takes(c, flow))
    label = endpoint.name or endpoint.address or node
    if takers:
        return ResolvedEnd(takers, node, label, endpoint.name or endpoint.address, "")
    source, workload = inventory.components.get(flow.source), inventory.workloads.get(node)
    id_ = f"local:{node}:{endpoint.port}"
    title = f"{label}:{endpoint.port} of {workload.title if workload else node}"
    outside.listener(id_, title, _place(source, title), source.workload if source else "")
    return ResolvedEnd((id_,), node, title, endpoint.name or endpoint.address, "")


def _takes(component: Component, flow: IntendedFlow) -> bool:
    """Return whether a component can be what listens for a flow; one that only the manifest names is meant to.

    One that is switched off listens nowhere: then something else does, of which nobody has said what it is.
    """
    if component.present is Truth.NO:
        return False
    # What carries anything at all, orchestration among it, is on its way through a proxy, which no model server is.
    through = flow.end_to_end or DataClass.ORCHESTRATION in flow.sends_at_most
    if DataClass.PROMPT in flow.sends_at_most and not through:
        return component.role in _TAKES_PROMPTS
    return component.role in _TAKES_OTHERS or not component.system


def _place(source: Component | None, title: str) -> Place:
    if source is None:
        return Place(inside=None, reason=f"where {title} is, is not known")
    return replace(source.place, reason=source.place.reason or f"what listens on {title} is not known")
