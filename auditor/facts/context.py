"""What a judgement needs besides the model and the profiles: time, tool, digests, exceptions."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.manifest import Attestation, DigestedInput, Waiver
from auditor.facts.profile import Profile


@dataclass(frozen=True, slots=True)
class AssessmentContext:
    """Everything of an assessment that is not in the model; the stage is in the model."""

    tool: str
    """``auditor <version>``."""
    as_of: str
    """ISO 8601 date or date-time: the only clock. A date is its first instant, no offset means UTC."""
    catalog_sha256: str
    inputs: tuple[DigestedInput, ...]
    waivers: tuple[Waiver, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    unreadable_named: bool = False
    """Evidence that the user named could not be read as a whole (exit code 4)."""
    origins: tuple[tuple[str, str], ...] = ()
    """(profile id, who named it), added to the origin that the report shows."""
    ladder: tuple[Profile, ...] = ()
    """The rungs, loosest first (``evaluate.load_ladder()``); judged even when not requested."""
