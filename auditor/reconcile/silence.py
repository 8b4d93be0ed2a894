"""Whether a silence counts: what the observation sources could have seen (docs/design.md, "Closed inventory")."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping

from auditor.facts.blindness import Blind
from auditor.facts.identity import Identity, ResolvedEdge
from auditor.facts.inventory import Component
from auditor.facts.observation import Observation, SourceCoverage
from auditor.facts.rows import ResolvedEnd
from auditor.facts.vocabulary import NameRung, Role, Sighting

LOSSES = (
    "block:damaged",
    "fragment_incomplete",
    "frame_cut",
    "ipv4_damaged",
    "ipv6_damaged",
    "link_depth",
    "macsec_encrypted",
    "null_family",
    "packet_without_interface",
    "tcp_damaged",
    "transport_damaged",
    "tunnel_depth",
    "wifi_aggregated",
    "wifi_encrypted",
)
UNREAD_LAYERS = ("ethertype:", "frame_relay:", "link_type:", "llc:", "ppp:", "snap:")
"""Reasons for skipping a frame that may have hidden a flow; other skipped frames are local noise or duplicates."""


DNS_PORTS = (53, 853)
_PROVIDER_NAMES = ("metadata.google.internal", "metadata.azure.internal")
_PROVIDER_SERVICES = (ipaddress.ip_network("fd00:ec2::/32"), ipaddress.ip_network("168.63.129.16/32"))


def is_inside(end: ResolvedEnd, components: Mapping[str, Component]) -> bool:
    """Return whether every candidate of the end is certainly inside; an end without candidates is not."""
    places = [components[c].place.inside for c in end.candidates if c in components]
    return bool(places) and len(places) == len(end.candidates) and all(place is True for place in places)


def is_unnamed_outbound(edge: ResolvedEdge, components: Mapping[str, Component]) -> bool:
    """Return whether data went to a destination that is not certainly inside and that nothing names.

    A destination that the manifest knows by its address needs no name.
    """
    if edge.edge.sighting is not Sighting.DATA or is_inside(edge.destination, components):
        return False
    if edge.destination.conflict:
        return True
    by_address = all(components[c].place.zone for c in edge.destination.candidates if c in components)
    if edge.destination.candidates and by_address:
        return False
    return edge.edge.name_hidden or edge.edge.destination.rung is NameRung.NONE


class Silence:
    """Answers for a source and a destination whether "nothing seen" means "nothing sent"."""

    def __init__(self, identity: Identity, observation: Observation | None) -> None:
        """Index by observation source who was seen, who spoke inside, and who hid a destination."""
        self._coverage = observation.coverage if observation else ()
        self._components = {c.id: c for c in identity.components}
        self._workloads = {w.id: w for w in identity.workloads}
        self._proven = {p.source: frozenset(p.workloads) for p in identity.proven}
        self._hidden: dict[str, set[str]] = {}
        self._spoke_inside: dict[str, set[str]] = {}
        for edge in identity.edges:
            if is_unnamed_outbound(edge, self._components):
                self._note(self._hidden, edge)
            if is_inside(edge.destination, self._components):
                self._note(self._spoke_inside, edge)

    def _note(self, index: dict[str, set[str]], edge: ResolvedEdge) -> None:
        for source in edge.edge.source_ids:
            index.setdefault(source, set()).add(edge.source.workload)

    def of(self, source: ResolvedEnd, destination: ResolvedEnd, port: int = 0) -> tuple[Sighting, str]:
        """Return the sighting of a flow of which no packet was seen, and why it counts or does not; port 0 is any port."""
        if not self._coverage:
            return Sighting.NONE_UNCOVERED, "no traffic was examined"
        workload = self._workloads.get(source.workload)
        if workload is None:
            return Sighting.NONE_UNCOVERED, f"{source.label or source.workload} is nothing that a capture of the zones could see"
        if not destination.candidates:
            return Sighting.NONE_UNCOVERED, "its destination is decided at run time, so no packet can be told to be it"
        reasons = []
        for coverage in self._coverage:
            why = (
                coverage.unproving
                or self._why_not(coverage, workload.id, workload.zone, destination)
                or self._blind(coverage, destination, port)
            )
            if not why:
                note = "" if coverage.drops is not None else f"; the file does not say whether {_unit(coverage)} were dropped"
                return Sighting.NONE_COVERED, f"{coverage.id} saw {workload.title} at work and nothing of this{note}"
            reasons.append(f"{coverage.id}: {why}")
        return Sighting.NONE_UNCOVERED, "; ".join(reasons)

    def _why_not(self, coverage: SourceCoverage, workload: str, zone: str, destination: ResolvedEnd) -> str:
        """Return why silence in this source proves nothing, empty when it does."""
        if not zone or zone not in coverage.sees:
            return f"it is not said to see zone {zone}" if zone else f"the zone of {workload} is not known"
        if workload not in self._proven.get(coverage.id, ()):
            return f"nothing from {workload} is in it" if coverage.logged else f"no frame from {workload} is in it"
        flaw = _flaw(coverage)
        if flaw:
            return flaw
        if workload in self._hidden.get(coverage.id, ()):
            return f"{workload} sent data to a destination without a name, which may be this one"
        if is_inside(destination, self._components) and workload not in self._spoke_inside.get(coverage.id, ()):
            return f"it shows nothing that {workload} sends inside the perimeter"
        return ""

    def _blind(self, coverage: SourceCoverage, destination: ResolvedEnd, port: int) -> str:
        """Return which blind spot of a log may hide a flow to this destination, empty when none can."""
        roles = {self._components[c].role for c in destination.candidates if c in self._components}
        if Blind.PROVIDER_RESOLVER in coverage.blind and (port in DNS_PORTS or Role.RESOLVER in roles):
            return Blind.PROVIDER_RESOLVER.sentence
        if Blind.METADATA_ADDRESSES in coverage.blind and is_provider_service(destination.address, destination.host):
            return Blind.METADATA_ADDRESSES.sentence
        return ""


def is_provider_service(address: str, host: str) -> bool:
    """Return whether an end may be an instance metadata, time or licence service, which flow logs leave out.

    AWS and Google Cloud: link-local addresses and fd00:ec2::/32; Azure: also 168.63.129.16 (vendor documentation, 2025).
    """
    if host in _PROVIDER_NAMES:
        return True
    try:
        found = ipaddress.ip_address(address or host)
    except ValueError:
        return False
    return found.is_link_local or any(found in network for network in _PROVIDER_SERVICES if network.version == found.version)


def _unit(coverage: SourceCoverage) -> str:
    return "records" if coverage.logged else "packets"


def _flaw(coverage: SourceCoverage) -> str:
    if coverage.truncated:
        return "the file is cut off"
    if coverage.drops:
        return f"{coverage.drops} packets were dropped"
    lost = unread(coverage.skipped)
    return f"{lost} frames could not be read" if lost else ""


def unread(skipped: Iterable[tuple[str, int]]) -> int:
    """Return how many frames were skipped that may have hidden a flow."""
    return sum(count for reason, count in skipped if reason in LOSSES or reason.startswith(UNREAD_LAYERS))
