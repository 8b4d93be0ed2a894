"""What the network permits to one channel."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from auditor.facts.evidence import Evidence
from auditor.facts.truth import Truth


class Strength(StrEnum):
    """How strongly a permission or denial is enforced, weakest first."""

    ADVISORY = "advisory"
    TOOL_SETTING = "tool_setting"
    SANDBOX = "sandbox"
    NAMESPACE = "namespace"
    NETWORK_POLICY = "network_policy"
    NO_ROUTE = "no_route"


@dataclass(frozen=True, slots=True)
class Permission:
    """The answer of the permitted basis for one channel."""

    permitted: Truth
    strength: Strength | None
    evidence: tuple[Evidence, ...]
    reason: str
