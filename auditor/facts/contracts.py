"""Contracts behind the flows, as an officer's register holds them: stated by the author of the manifest, judged by nobody."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.evidence import FileLocation


@dataclass(frozen=True, slots=True)
class Contract:
    """One contractual arrangement with a provider; every text but ``reference`` and ``provider`` may be empty.

    The fields are columns of template B_02.02 (Commission Implementing Regulation (EU) 2024/2956, Annex I); texts that the
    template takes from a closed list are kept as the author wrote them.
    """

    reference: str
    provider: str
    """Operator id of the catalog or of a zone."""
    provider_code: str
    code_type: str
    entity_lei: str
    """Legal entity identifier (ISO 17442) of whoever uses the service."""
    function: str
    service: str
    """``S01`` to ``S19`` (Annex III)."""
    start: str
    end: str
    ended_because: str
    notice_entity: str
    """Days."""
    notice_provider: str
    """Days."""
    governing_law: str
    """ISO 3166-1 alpha-2, as ``provision``."""
    provision: str
    sensitiveness: str
    reliance: str
    sub_processors: tuple[str, ...]
    """Operator ids or names, the nearest to the provider first."""
    location: FileLocation
