"""The residency ledger of the view model: who receives what, in which countries, on which channels."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.report.view_parts import Reference


@dataclass(frozen=True, slots=True)
class LedgerChannel:
    """One channel of the ledger; its bytes belong to all its flows together."""

    label: str
    data: str
    bytes_to: str
    bytes_back: str
    bases: str
    flows: tuple[Reference, ...]
    evidence: tuple[Reference, ...]
    channel: str
    """Channel id."""
    recipient: str
    """Id of the end that receives."""
    recipient_label: str
    count_to: int | None
    """Payload bytes to the recipient; 0 also when none were seen, ``None`` where what was seen is not counted."""
    count_back: int | None


@dataclass(frozen=True, slots=True)
class Received:
    """What a recipient gets, as data that can be put together; channels are counted once each."""

    at_least: tuple[str, ...]
    at_most: tuple[str, ...]
    """Data classes that it certainly gets, and all that it may."""
    to: int | None
    back: int | None
    """Bytes of payload seen on the way to it and back; ``None`` where no source tells."""
    untold: int
    """Flows of these channels whose bytes no source tells."""
    seen: bool
    """Whether data was seen on any of its channels."""


@dataclass(frozen=True, slots=True)
class LedgerGroup:
    """What one operator receives in one set of countries."""

    operator_id: str
    operator: str
    law: str
    hosted_by: str
    countries: str
    storage: tuple[str, ...]
    """Countries in which it keeps data; empty where none is known."""
    retention: tuple[str, ...]
    """``<store>: <how long>`` of what it keeps."""
    sub_processors: tuple[str, ...]
    """On whose machines it works where these are not its own, then whom the contracts name, the nearest first."""
    contracts: tuple[str, ...]
    """Reference of each contract with it, and where the manifest says it."""
    note: str
    where: str
    data: str
    total: str
    received: Received
    """What ``data`` and ``total`` say."""
    channels: tuple[LedgerChannel, ...]
