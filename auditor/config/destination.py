"""Where a flow goes: the forms of ``to:`` resolved against settings, items and the catalog's endpoints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from auditor.config.effective import Item
from auditor.facts.endpoint import Endpoint
from auditor.facts.evidence import Evidence
from auditor.facts.places import Countries
from auditor.facts.vocabulary import Party, Transport, UnknownKind

_NOWHERE = Endpoint()


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a destination is not known, or only assumed."""

    text: str
    settled_by: tuple[str, ...]
    """Concrete steps, never none."""
    who: Party = Party.PLATFORM
    kind: UnknownKind = UnknownKind.SETTING_UNKNOWN


@dataclass(frozen=True, slots=True)
class Destination:
    """One place that a flow goes to."""

    suffix: str = ""
    """What tells it from the flow's other destinations."""
    endpoint: Endpoint = _NOWHERE
    component: str = ""
    evidence: tuple[Evidence, ...] = ()
    reason: str = ""
    """What decided it, one clause; empty when the product leaves no choice."""
    doubt: Doubt | None = None
    item: Item | None = None
    processing: Countries = None
    processing_reason: str = ""
    placed_by_host: bool = False
    """Nothing but the region of its host decides where it is processed: what else could was looked at."""
    off: bool = False
    """Whether the list that names the destinations is known to be empty: the flow is shown as switched off."""
    otherwise: str = ""
    """Host that it goes to should the open value that decides turn out to be unset."""
    note: str = ""
    """Added to the purpose: ``fallback for coder``."""


def endpoint_of(host: str, port: int, transport: Transport, address: str = "", reference: str = "") -> Endpoint:
    """Return the endpoint of a configured destination; 443 where nothing says the port of a TCP one."""
    usual = port or (443 if transport is Transport.TCP else 0)
    return Endpoint(address=address, port=usual, transport=transport, name=host, catalog_reference=reference)


class AccountKnowledge(Protocol):
    """What the inputs say of accounts at a provider, which decide where it processes."""

    def placed(self, destination: Destination) -> Destination:
        """Return the destination with the countries that the account decides, as it is where they say nothing of it."""
