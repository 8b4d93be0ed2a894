"""Rows about dependence and control: internet, air gap, models, policy, licence."""

from __future__ import annotations

from auditor.compare.reading import Reading, cell, component_evidence, counted, flow_evidence, join_words
from auditor.facts.assessment import Assessment
from auditor.facts.comparison import CellRecord

AIR_GAPPED = "air-gapped"
PROPRIETARY = "proprietary"


def internet_dependency(reading: Reading) -> CellRecord:
    """Return whether anything outside is required, and for what."""
    leaving = reading.leaving()
    required = tuple(f for f in leaving if f.required == "yes" and f.exists == "yes")
    undecided = tuple(f for f in leaving if f.required == "unknown" or (f.required == "yes" and f.exists != "yes"))
    optional = tuple(f for f in leaving if f.required == "no")
    details = [f"required: {f.purpose} → {reading.recipient(f)}" for f in required]
    details += [f"optional: {f.purpose} → {reading.recipient(f)}" for f in optional]
    details += [f"not established: {f.purpose or f.destination} → {reading.recipient(f)}" for f in undecided]
    evidence = flow_evidence(leaving)
    if required:
        text = f"required: {join_words([_plane_of(reading, f.destination) for f in required])}"
        return cell(reading, text, "outside", evidence, details)
    if undecided:
        return cell(reading, f"not established: {counted(len(undecided), 'flow')} undecided", "unknown", evidence, details)
    if optional:
        return cell(reading, f"not required; {counted(len(optional), 'optional flow')} on", "mixed", evidence, details)
    return cell(reading, "not required", "inside", flow_evidence(reading.live_flows()), details)


def _plane_of(reading: Reading, destination: str) -> str:
    component = reading.components.get(destination)
    return component.plane.replace("_", " ") if component and component.plane else destination


def air_gap_capable(reading: Reading, best: Reading | None) -> CellRecord:
    """Return whether the product *can* run without anything outside: judged on the best it can be made."""
    if best is None:
        return cell(reading, "not computed", "unknown", ())
    required = tuple(f for f in best.leaving() if f.required == "yes" and f.exists == "yes")
    undecided = tuple(f for f in best.leaving() if f.required != "no" and f not in required)
    details = [f"{f.purpose or f.destination} → {best.recipient(f)}: required {f.required}" for f in (*required, *undecided)]
    if required:
        return _foreign(reading, best, f"no: nothing replaces {counted(len(required), 'required flow')}", "outside", details)
    if undecided:
        return _foreign(reading, best, f"not established: {counted(len(undecided), 'flow')} undecided", "unknown", details)
    return _foreign(reading, best, "yes, with every outside flow off, redirected or blocked", "inside", details)


def _foreign(reading: Reading, best: Reading, text: str, tone: str, details: list[str]) -> CellRecord:
    """Return a cell whose evidence lies in the best-achievable assessment: said in words, not by id."""
    from dataclasses import replace

    evidence = flow_evidence(f for f in best.assessment.flows)
    return replace(cell(best, text, tone, evidence, details), column=reading.column, evidence=())


def air_gapped(reading: Reading) -> CellRecord:
    """Return whether this deployment *is* air-gapped, as the ladder judged it."""
    rung = next((r for r in reading.assessment.ladder if r.profile == AIR_GAPPED), None)
    if rung is None:
        return cell(reading, "not judged", "unknown", ())
    words = {"pass": ("yes", "inside"), "fail": ("no", "outside")}.get(rung.verdict, ("not proven", "unknown"))
    details = (rung.stopped_by,) if rung.stopped_by else ()
    return cell(reading, words[0], words[1], flow_evidence(reading.leaving() or reading.live_flows()), details)


def model_choice(reading: Reading) -> CellRecord:
    """Return who decides which models are used."""
    components = tuple(c for c in reading.of_plane("inference") if c.role in {"model_gateway", "model_server"})
    if not components:
        return cell(reading, "not established", "unknown", ())
    who = [reading.operator_title(c.policy_by) for c in components if c.policy_by]
    details = [f"{c.title}: {reading.operator_title(c.policy_by) if c.policy_by else 'not established'}" for c in components]
    if not who:
        return cell(reading, "not established", "unknown", component_evidence(components), details)
    tone = "inside" if set(who) == {"the customer"} and len(who) == len(components) else "mixed"
    tone = "outside" if "the customer" not in who else tone
    return cell(reading, f"decided by {join_words(who)}", tone, component_evidence(components), details)


def who_changes_policy(reading: Reading) -> CellRecord:
    """Return who can change the policy of control plane and agent loop."""
    components = (*reading.of_plane("control_plane"), *reading.of_plane("agent_loop"))
    who = [reading.operator_title(c.policy_by) for c in components if c.policy_by]
    if not who:
        return cell(reading, "not established", "unknown", component_evidence(components))
    tone = "inside" if set(who) == {"the customer"} else "outside" if "the customer" not in who else "mixed"
    details = [f"{c.title}: {reading.operator_title(c.policy_by)}" for c in components if c.policy_by]
    return cell(reading, join_words(who), tone, component_evidence(components), details)


def licence(reading: Reading) -> CellRecord:
    """Return under which licences the products stand."""
    named = {c.product: c.licence for c in reading.assessment.components if c.product and c.licence}
    if not named:
        return cell(reading, "not established", "unknown", ())
    details = [f"{product}: {text}" for product, text in sorted(named.items())]
    evidence = component_evidence(c for c in reading.assessment.components if c.licence)
    closed = [product for product, name in named.items() if name == PROPRIETARY]
    word = "no" if len(closed) == len(named) else "in part" if closed else "yes"
    return cell(reading, f"{word}: {join_words([named[p] for p in sorted(named)])}", "neutral", evidence, details)


def strictest_rung(assessment: Assessment) -> tuple[str, str]:
    """Return the strictest rung that holds and what stops the next one."""
    holds = ""
    for rung in assessment.ladder:
        if rung.verdict != "pass":
            return holds, f"{rung.title}: {rung.stopped_by}" if rung.stopped_by else rung.title
        holds = rung.profile
    return holds, ""
