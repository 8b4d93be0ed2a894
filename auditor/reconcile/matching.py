"""Which intended flow an observed edge may be: matching on channels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from auditor.facts.flows import IntendedFlow
from auditor.facts.hosts import host_matches
from auditor.facts.identity import Identity, ResolvedEdge, ResolvedFlow
from auditor.facts.observation import ObservedEdge
from auditor.facts.rows import ResolvedEnd
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import NameRung, Sighting, Transport

DNS_PORT = 53


@dataclass(frozen=True, slots=True, order=True)
class ChannelKey:
    """What packets and policies can tell apart."""

    source: str
    destination: str
    transport: Transport
    port: int
    via: str = ""
    """The proxy that was asked for the destination: its workload, ``?`` where nothing tells which one it is; empty for none."""

    @property
    def id(self) -> str:
        """Return ``<source>><destination>/<transport>/<port>``, and the proxy behind `` via `` where one was asked."""
        asked = f" via {self.via}" if self.via else ""
        return f"{self.source}>{self.destination}/{self.transport.value}/{self.port}{asked}"


@dataclass(slots=True)
class Draft:
    """A channel while it is put together."""

    key: ChannelKey
    edges: list[ResolvedEdge] = field(default_factory=list)
    seen_as: dict[str, list[ResolvedEdge]] = field(default_factory=dict)
    """Flow id to the edges that may be this flow."""
    flows: list[ResolvedFlow] = field(default_factory=list)
    """Flows that have a row on this channel."""

    @property
    def sighting(self) -> Sighting | None:
        """Return data before attempt; ``None`` when nothing was seen."""
        return best_sighting(self.edges)

    @property
    def via(self) -> ResolvedEnd | None:
        """Return the proxy by way of which all its traffic goes, ``None`` where it goes directly."""
        return next((e.via for e in self.edges if e.via is not None), None)

    @property
    def ends(self) -> tuple[ResolvedEnd, ResolvedEnd]:
        """Return both ends with all who may be there; a sighting in conflict goes first, so that no other hides it."""
        pairs = [(e.source, e.destination) for e in self.edges] + [(f.source, f.destination) for f in self.flows]
        source, destination = min(
            pairs, key=lambda p: (not (p[0].conflict or p[1].conflict), p[1].label, p[1].address, p[0].address)
        )
        return (_with_all(source, [p[0] for p in pairs]), _with_all(destination, [p[1] for p in pairs]))


def _with_all(end: ResolvedEnd, ends: Iterable[ResolvedEnd]) -> ResolvedEnd:
    """Return ``end`` with the candidates of all ``ends``: packets tell apart workloads, not the components that share one."""
    return replace(end, candidates=tuple(sorted({c for e in ends for c in e.candidates})))


def best_sighting(edges: Iterable[ResolvedEdge]) -> Sighting | None:
    """Return data before attempt over ``edges``; ``None`` without any."""
    seen = {e.edge.sighting for e in edges}
    return Sighting.DATA if Sighting.DATA in seen else Sighting.ATTEMPT if seen else None


def edge_key(resolved: ResolvedEdge) -> ChannelKey:
    """Return the channel of an observed edge."""
    endpoint, via = resolved.edge.destination, resolved.via
    asked = (via.workload or "?") if via is not None else ""
    return ChannelKey(resolved.source.workload, resolved.destination.workload, endpoint.transport, endpoint.port, asked)


def flow_key(resolved: ResolvedFlow) -> ChannelKey:
    """Return the channel on which a flow would be seen; port 0 while the configuration does not fix it."""
    endpoint = resolved.flow.destination
    return ChannelKey(resolved.source.workload, resolved.destination.workload, endpoint.transport, endpoint.port)


def same_ends(edge: ResolvedEdge, flow: ResolvedFlow) -> bool:
    """Return whether the ends allow that ``edge`` is ``flow``; an end in conflict confirms nothing."""
    if edge.source.conflict or edge.destination.conflict:
        return False
    source = edge.source.workload == flow.source.workload or flow.flow.source in edge.source.candidates
    destination = edge.destination.workload == flow.destination.workload or bool(
        set(edge.destination.candidates) & set(flow.destination.candidates)
    )
    return source and destination


def same_service(edge: ObservedEdge, flow: IntendedFlow) -> bool:
    """Return whether transport and port allow it.

    HTTP/3 is the same purpose over QUIC (RFC 9114 section 3.1), and DNS falls back to TCP (RFC 7766). Of what a proxy was asked
    for, packets tell the port of the proxy.
    """
    seen, wanted = edge.destination, flow.destination
    asked = seen.rung is NameRung.PROXY_AUTHORITY and bool(seen.address)
    if not asked and wanted.port not in (0, seen.port):
        return False
    if seen.transport is wanted.transport:
        return True
    quic = edge.app_protocol == "quic" and wanted.transport is Transport.TCP
    return quic or (seen.port == DNS_PORT and {seen.transport, wanted.transport} == {Transport.TCP, Transport.UDP})


def draft_channels(identity: Identity, declared: Sequence[ResolvedFlow] = ()) -> list[Draft]:
    """Return the channels with their edges and flows, sorted by key.

    Every edge is on exactly one channel, every flow on at least one: on each where it may have been seen, else on
    the one where it would be. ``declared`` are flows that only documents know; nothing seen is matched to them.
    """
    drafts: dict[ChannelKey, Draft] = {}
    for edge in identity.edges:
        key = edge_key(edge)
        drafts.setdefault(key, Draft(key)).edges.append(edge)
    for draft in drafts.values():
        _attribute(draft, identity.flows)
    for flow in (*identity.flows, *declared):
        seen = [d for d in drafts.values() if flow.flow.id in d.seen_as]
        if not seen:
            key = flow_key(flow)
            seen = [drafts.setdefault(key, Draft(key))]
        for draft in seen:
            draft.flows.append(flow)
    return [drafts[key] for key in sorted(drafts)]


def _attribute(draft: Draft, flows: Sequence[ResolvedFlow]) -> None:
    """Note which flows each edge may be: those whose configured host it names, else all whose ends agree."""
    for edge in draft.edges:
        possible = [f for f in flows if same_ends(edge, f) and same_service(edge.edge, f.flow)]
        name = "" if edge.edge.name_hidden else edge.edge.destination.name
        named = [f for f in possible if name and f.flow.destination.name and host_matches(f.flow.destination.name, name)]
        for flow in named or possible:
            draft.seen_as.setdefault(flow.flow.id, []).append(edge)


def may_be_hidden(edge: ResolvedEdge, flow: ResolvedFlow) -> bool:
    """Return whether an edge to an unnamed destination may be ``flow``, whose own destination has another id."""
    source = edge.source.workload == flow.source.workload or flow.flow.source in edge.source.candidates
    return source and flow.flow.configured is not Truth.NO and same_service(edge.edge, flow.flow)
