"""What reconciliation hands on."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.inventory import Gap
from auditor.facts.rows import Channel, FlowRow


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Channels, rows and what keeps the bases open; channels and rows sorted by id, ids unique."""

    channels: tuple[Channel, ...]
    rows: tuple[FlowRow, ...]
    gaps: tuple[Gap, ...]
    """The configuration's, identity's and those of the permitted and the observed basis, in this order."""
