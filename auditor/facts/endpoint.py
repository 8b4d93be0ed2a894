"""Endpoint: what a reader saw of one end of a channel, before identity is decided."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.vocabulary import NameRung, Transport


@dataclass(frozen=True, slots=True, order=True)
class Endpoint:
    """One end of a flow or channel as a reader knows it; only ``identify`` turns it into an id."""

    address: str = ""
    """IP address in canonical text form, empty when unknown."""
    port: int = 0
    """0 when unknown or not applicable."""
    transport: Transport = Transport.TCP
    name: str = ""
    """Host name in normal form (facts.hosts.normalise_host), empty when unknown."""
    rung: NameRung = NameRung.NONE
    workload_reference: str = ""
    """Workload id when the reader knows it (``coder/coderd``)."""
    catalog_reference: str = ""
    """Catalog endpoint id when the reader knows it (``cursor/agent_loop``)."""
    logged_as: str = ""
    """Who a log says it is, ``kind:namespace/name`` (``pod:coder/ws-1``); empty where no log tells."""
