"""``whatif/v1``: how verdicts and flows would move if settings had other values (``auditor whatif``).

Wire records, flat like ``assessment/v1``. Texts may be hostile and are escaped by the sink.
"""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.difference import RecipientRecord

SCHEMA = "whatif/v1"


@dataclass(frozen=True, slots=True)
class SupposedRecord:
    """One value that is supposed in place of what the inputs say."""

    asked: str
    """As it was typed: ``CODER_TELEMETRY_ENABLE``."""
    system: str
    key: str
    """Catalog id of the setting, or ``fact:<id>`` of a question."""
    title: str
    old: str
    """The value that the inputs give; empty when unset or not known."""
    old_state: str
    """``set`` | ``default`` | ``assumed_default`` | ``unknown``; for a question ``set`` or ``unknown``."""
    old_place: str
    """``path:line`` of what decides it now; empty where no file does."""
    new: str
    """The supposed value; ``(unset)`` takes it away."""


@dataclass(frozen=True, slots=True)
class VerdictRecord:
    """One profile or control before and after, moved or not."""

    kind: str
    """``profile`` | ``control``."""
    id: str
    title: str
    profiles: tuple[str, ...]
    """Profiles that hold the control; for a profile its own id."""
    old: str
    new: str
    reason: str
    """Why it is what it would be, one clause."""


@dataclass(frozen=True, slots=True)
class FlowMoveRecord:
    """A flow that would appear, vanish, go elsewhere, or become certain or open."""

    change: str
    """``appears`` | ``vanishes`` | ``moves`` | ``settles`` | ``opens``."""
    flow: str
    """Id of the flow, or of the row where nothing intends it."""
    purpose: str
    source: str
    old: tuple[str, ...]
    """Destinations before."""
    new: tuple[str, ...]
    """Destinations after."""
    crosses_perimeter: str
    """``yes``, ``no`` or ``unknown``, of what is left, else of what was."""


@dataclass(frozen=True, slots=True)
class Supposition:
    """Everything that would move."""

    schema: str
    tool: str
    as_of: str
    stage: str
    deployment: str
    supposed: tuple[SupposedRecord, ...]
    verdicts: tuple[VerdictRecord, ...]
    flows: tuple[FlowMoveRecord, ...]
    recipients: tuple[RecipientRecord, ...]
    set_aside: tuple[str, ...]
    """Channels whose captured traffic shows the state before the change: it is taken as not seen again."""
