"""What the kernel was told by first bytes, as the findings of the other modules."""

from __future__ import annotations

from functools import lru_cache

from auditor.facts.vocabulary import NameRung
from auditor.traffic.fast import layout as of
from auditor.traffic.finding import Finding, Side, host_of, shown_name


@lru_cache(maxsize=16_384)
def finding_of(told: int, raw: bytes) -> Finding | None:
    """Return the finding for what the kernel noted of a direction and the name that stands there; ``None`` for nothing."""
    if told == of.NAMED_HELLO:
        return Finding("tls", Side.CLIENT, host_of(raw), NameRung.SNI, server_name=shown_name(raw))
    if told == of.ENCRYPTED_HELLO:
        return Finding("tls", Side.CLIENT, hidden=True, server_name=shown_name(raw))
    return Finding("tls", Side.SERVER) if told == of.SERVER_HELLO else None
