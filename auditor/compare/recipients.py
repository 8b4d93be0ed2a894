"""Rows about who receives what: code and prompts, metadata and telemetry, storage, jurisdictions."""

from __future__ import annotations

from auditor.compare.reading import Reading, carries, cell, counted, flow_evidence, join_words
from auditor.facts.assessment import FlowRecord
from auditor.facts.comparison import CellRecord
from auditor.facts.places import CUSTOMER

_CONTENT = ("content.",)
_ABOUT = ("metadata.", "telemetry.", "identity.", "secret.")


def _recipients(reading: Reading, flows: tuple[FlowRecord, ...], nothing: str) -> CellRecord:
    """Return who receives ``flows``; a flow or its content that is not established makes the answer open."""
    certain = tuple(f for f in flows if f.exists == "yes" and f.sends_at_least)
    possible = tuple(f for f in flows if f not in certain)
    details = [
        f"{f.purpose or 'unexplained traffic'} → {reading.recipient(f)}: {', '.join(f.sends_at_least or f.sends_at_most)}"
        + ("" if f in certain else " (possible, not established)")
        for f in flows
    ]
    evidence = flow_evidence(flows)
    if certain:
        more = f"; {len(possible)} more possible" if possible else ""
        return cell(reading, f"to {join_words([reading.recipient(f) for f in certain])}{more}", "outside", evidence, details)
    if possible:
        who = join_words([reading.recipient(f) for f in possible])
        return cell(reading, f"possibly to {who}", "unknown", evidence, details)
    if _open(reading):
        return cell(reading, "none found; inventory or evidence not complete", "unknown", flow_evidence(reading.live_flows()), ())
    return cell(reading, nothing, "inside", flow_evidence(reading.live_flows()), ())


def _open(reading: Reading) -> bool:
    """Return whether something could still be missing: then "none found" is not "none"."""
    return any(u.kind in {"inventory_open", "not_examined"} for u in reading.assessment.unknowns)


def code_and_prompt_path(reading: Reading) -> CellRecord:
    """Return who outside the perimeter receives code, prompts or other content."""
    flows = tuple(f for f in reading.leaving() if carries(f, *_CONTENT))
    return _recipients(reading, flows, "stays inside the perimeter")


def metadata_recipients(reading: Reading) -> CellRecord:
    """Return who outside receives metadata, identity data, credentials or telemetry."""
    flows = tuple(f for f in reading.leaving() if carries(f, *_ABOUT))
    return _recipients(reading, flows, "nobody outside the perimeter")


def storage(reading: Reading) -> CellRecord:
    """Return where data at rest lies and for how long."""
    stores = tuple(s for s in reading.assessment.stores if s.exists != "no")
    if not stores:
        return cell(reading, "no store known", "unknown", ())
    outside, words, details = [], [], []
    for store in stores:
        component = reading.components.get(store.component)
        operator = component.place.operator if component else ""
        inside = component is not None and component.place.inside == "yes"
        outside.append(not inside)
        words.append("customer" if inside else reading.operator_title(operator))
        kept = f", kept {store.retention}" if store.retention else ", retention unknown"
        country = f" in {', '.join(store.country)}" if store.country else ""
        details.append(f"{store.title}: {', '.join(store.classes)}{country}{kept}")
    tone = "inside" if not any(outside) else "outside" if all(outside) else "mixed"
    evidence = [e for s in stores for e in s.evidence]
    return cell(reading, f"{counted(len(stores), 'store')}: {join_words(words)}", tone, evidence, details)


def jurisdictions(reading: Reading) -> CellRecord:
    """Return the countries whose law reaches the operators that receive something."""
    flows = reading.leaving()
    countries: list[str] = []
    details: list[str] = []
    unknown = False
    for flow in flows:
        component = reading.components.get(flow.destination)
        operator = component.place.operator if component else ""
        if operator == CUSTOMER:
            continue
        country = component.place.operator_country if component else ""
        unknown = unknown or not country
        countries.append(country or "unknown")
        details.append(f"{reading.recipient(flow)}: {country or 'country unknown'}")
    if not countries:
        return cell(reading, "only the customer's own", "unknown" if _open(reading) else "inside", ())
    tone = "unknown" if unknown else "outside"
    return cell(reading, join_words(sorted(set(countries)), limit=6), tone, flow_evidence(flows), details)
