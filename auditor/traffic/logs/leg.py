"""One record of a log that tells one direction of a flow, or one event of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from auditor.facts.vocabulary import NameRung
from auditor.traffic.logs.record import NOBODY, Action, Place, Workload

SYN, RST, ACK, FIN = 0x02, 0x04, 0x10, 0x01

End = tuple[str, int | None]
"""Address in canonical form, and port."""


class Reach(IntEnum):
    """How far a record proves that packets got."""

    SEEN = 0
    """They came by."""
    PROXIED = 1
    """They were handed to a proxy; whether it passed them on is not shown."""
    REACHED = 2


class Counts(NamedTuple):
    """What went one way."""

    packets: int | None = None
    payload: int | None = None
    wire: int | None = None


@dataclass(slots=True)
class Leg:
    """Packets from ``sender`` to ``receiver``, and those back where the record counts them as well; never changed once made."""

    place: Place
    sender: End
    receiver: End
    number: int | None
    """IP protocol."""
    start: int | None = None
    end: int | None = None
    receiver_dialled: bool | None = None
    """Whether this is a reply; ``None`` when the record does not tell."""
    rule: str = "log"
    """What tells who dialled."""
    packets: int | None = None
    payload: int | None = None
    wire: int | None = None
    back: Counts | None = None
    """What came back, in formats with a record for both directions."""
    flags: int | None = None
    """TCP flags of all packets of the record, or-ed; ``None`` when not told."""
    whole: bool = True
    """Whether counts and flags are those of all packets; not where a log shows some packets of a flow only."""
    action: Action = Action.UNSAID
    word: str = ""
    reporter: str = ""
    reach: Reach = Reach.REACHED
    by_sender: Workload = NOBODY
    by_receiver: Workload = NOBODY
    name: str = ""
    """Name of the end that was dialled."""
    rung: NameRung = NameRung.NONE
    protocol: str = ""
    path: str = ""
    loss: tuple[str, ...] = ()
    evidence: tuple[tuple[str, str], ...] = ()
    translated_sender: End | None = None
    translated_receiver: End | None = None
    vlan: int | None = None
    vni: int | None = None
    key: str = ""
    """The log's own identifier of the flow."""
