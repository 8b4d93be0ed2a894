"""Everything not known, each once, with what would settle it and which controls it leaves open."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.evaluate.claims import remaining
from auditor.evaluate.exceptions import Judged
from auditor.evaluate.verdicts import blocks
from auditor.facts.assessment import UnknownRecord
from auditor.facts.inventory import Unknown
from auditor.facts.model import Model
from auditor.facts.profile import Profile


def unknown_id(unknown: Unknown) -> str:
    """Return ``<kind>@<subject>``."""
    return f"{unknown.kind.value}@{unknown.subject}"


def unknown_records(model: Model, judged: Sequence[Judged], profiles: Sequence[Profile]) -> tuple[UnknownRecord, ...]:
    """Return the unknowns of the judged controls and of the rows, by id.

    One that blocks is open in a blocking control of unknown verdict; what an attestation fills stays listed.
    """
    found: dict[str, Unknown] = {}
    controls: dict[str, list[str]] = {}
    blocking: set[str] = set()
    steps: dict[str, tuple[str, ...]] = {}
    holders = {j.control.id: [p.id for p in profiles if any(c.id == j.control.id for c in p.controls)] for j in judged}
    for j in judged:
        open_ones = {unknown_id(u) for u in remaining(j)} if blocks(j) else set()
        for unknown in j.outcome.unknowns:
            key = unknown_id(unknown)
            found.setdefault(key, unknown)
            steps[key] = tuple(dict.fromkeys((*steps.get(key, ()), *unknown.settled_by)))
            controls.setdefault(key, []).extend(f"{p}/{j.control.id}" for p in holders[j.control.id])
            blocking |= {key} & open_ones
    for unknown in (u for row in model.rows for u in row.unknowns):
        key = unknown_id(unknown)
        found.setdefault(key, unknown)
        steps[key] = tuple(dict.fromkeys((*steps.get(key, ()), *unknown.settled_by)))
    return tuple(
        UnknownRecord(
            id=key,
            kind=found[key].kind.value,
            subject=found[key].subject,
            text=found[key].text,
            settled_by=steps[key],
            who=found[key].who.value,
            controls=tuple(dict.fromkeys(controls.get(key, ()))),
            blocking=key in blocking,
        )
        for key in sorted(found)
    )
