"""Both ways from a capture to its table, to be compared whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from auditor.facts.observation import CaptureSource
from auditor.traffic.capture import open_capture
from auditor.traffic.decoder import Decoder
from auditor.traffic.fast.engine import fast_intake
from auditor.traffic.intake import Intake
from auditor.traffic.names import Lookups
from auditor.traffic.table import FlowTable
from auditor.traffic.tracker import MOST_LIVE, FlowTracker

PIECE = 4096
"""Bytes of a window in most tests: small, so that records lie across its borders."""


def everything(path: Path, *, fast: bool, piece: int = PIECE, most_live: int = MOST_LIVE, local: bool = True) -> dict[str, Any]:
    """Return all that one capture tells, one way or the other."""
    table, lookups = FlowTable(), Lookups()
    with open_capture(CaptureSource(path.name, str(path), "", ()), window_size=piece) as capture:
        decoder = Decoder(capture.facts)
        intake: Intake
        if fast:
            intake = fast_intake(decoder, "a", table, lookups, local=local, most_live=most_live)
        else:
            intake = Intake(decoder, FlowTracker("a", table, lookups, most_live), local=local)
        intake.read(capture)
        digest = capture.sha256()
    return {
        **table.columns,
        "facts": capture.facts,
        "blocks": dict(capture.facts.blocks),
        "senders": intake.senders(),
        "skipped": intake.decoder.skipped,
        "counted": intake.counted(),
        "watch": intake.watch,
        "lookups": lookups,
        "digest": digest,
    }


def differences(path: Path, **options: Any) -> dict[str, tuple[Any, Any]]:
    """Return what the two ways tell differently, by column."""
    reference, fast = everything(path, fast=False, **options), everything(path, fast=True, **options)
    return {name: (reference[name], fast[name]) for name in reference if reference[name] != fast[name]}
