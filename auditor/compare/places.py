"""Rows about where things run: execution, agent loop, tools, control plane, inference."""

from __future__ import annotations

from auditor.compare.reading import Reading, cell, component_evidence, flow_evidence, join_words, tone_of
from auditor.facts.assessment import ComponentRecord, FlowRecord
from auditor.facts.comparison import CellRecord


def _located(reading: Reading, components: tuple[ComponentRecord, ...], nothing: str) -> CellRecord:
    """Return a cell that says where ``components`` are; grouped by place, uncertain existence said."""
    if not components:
        return cell(reading, nothing, "unknown", ())
    certain = [c for c in components if c.present == "yes"]
    possible = [c for c in components if c.present != "yes"]
    text = join_words([reading.place(c) for c in certain]) or "not established"
    if possible:
        text += f", or {join_words([reading.place(c) for c in possible])} (not excluded)"
    details = [f"{c.title}: {reading.place(c)}" for c in certain] + [
        f"{c.title}: {reading.place(c)}, unless ruled out — {c.present_reason}" for c in possible
    ]
    tone = tone_of(c.place.inside for c in certain) if not possible else "unknown"
    return cell(reading, text, tone, component_evidence(components), details)


def execution_environment(reading: Reading) -> CellRecord:
    """Return where code is edited and commands are run."""
    return _located(reading, reading.of_plane("execution"), "no execution component known")


def agent_loop(reading: Reading) -> CellRecord:
    """Return where the next step is decided."""
    return _located(reading, reading.of_plane("agent_loop"), "no agent loop known")


def control_plane(reading: Reading) -> CellRecord:
    """Return where dashboard, API, identity and policy run."""
    return _located(reading, reading.of_plane("control_plane"), "no control plane known")


def tool_execution(reading: Reading) -> CellRecord:
    """Return where the tools that the agent calls run: the execution plane and every tool server."""
    tools = tuple(c for c in reading.assessment.components if c.role == "tool_server" and c.present != "no")
    return _located(reading, (*reading.of_plane("execution"), *tools), "no tool execution known")


def model_inference(reading: Reading) -> CellRecord:
    """Return whether inference is in-network, direct to a provider, or routed through somebody."""
    flows = tuple(f for f in reading.live_flows() if _ends_in_inference(reading, f))
    if not flows:
        return cell(reading, "no inference flow known", "unknown", ())
    parts, details, insides = [], [], []
    for flow in flows:
        inside, words = _inference_words(reading, flow)
        insides.append(inside)
        if flow.exists == "yes":
            parts.append(words)
        details.append(f"{flow.purpose}: {words}" + ("" if flow.exists == "yes" else " — not established"))
    text = join_words(parts) or f"not established: {join_words([_inference_words(reading, f)[1] for f in flows])}"
    tone = tone_of(insides if parts else ["unknown"])
    return cell(reading, text, tone, flow_evidence(flows), details)


def _ends_in_inference(reading: Reading, flow: FlowRecord) -> bool:
    """Return whether a flow is inference: it ends in that plane, or sends prompts and brings answers back."""
    destination = reading.components.get(flow.destination)
    asks = "content.prompt" in flow.sends_at_most and "content.completion" in flow.receives
    return destination is not None and (destination.plane == "inference" or (not destination.plane and asks))


def _inference_words(reading: Reading, flow: FlowRecord) -> tuple[str, str]:
    destination = reading.components[flow.destination]
    source = reading.components.get(flow.source)
    place = destination.place
    country = f" ({', '.join(flow.processing)})" if flow.processing else ""
    if place.inside == "yes":
        return "yes", "in-network"
    name = reading.operator_title(place.operator)
    if place.inside == "unknown":
        return "unknown", "by what the configuration names" if not destination.plane else f"to {destination.title}"
    if source is not None and source.place.inside == "no":
        return "no", f"chosen and called by {reading.operator_title(source.place.operator)}"
    if destination.role == "model_gateway":
        return "no", f"routed through {name}{country}"
    return "no", f"direct to {name}{country}"
