"""A draft as the text of ``auditor.yaml``: facts with their place, judgements as questions that are left open.

The draft loads as it is. What only people can tell stands commented out below its question, so that nothing is
granted that nobody has said.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.facts.draft import Draft, DraftSystem
from auditor.report.escape import yaml_comment, yaml_scalar


def render_draft(draft: Draft) -> str:
    """Return the manifest as YAML."""
    blocks = [_head(draft), _claim(), _zones(draft), _systems(draft), _components(draft), _inputs(draft), _absent(), _profiles()]
    return "\n".join("\n".join(block) + "\n" for block in (list(b) for b in blocks) if block)


def _head(draft: Draft) -> Iterator[str]:
    yield "# Drafted by auditor init. Facts name the file that tells them; each question is for a person to answer."
    yield 'version: "1"'
    yield f"deployment: {yaml_scalar(draft.deployment)}"


def _claim() -> Iterator[str]:
    yield "# Question: what is the deployment called, and to whom (a contract, a web page, an architecture paper)?"
    yield "# claim: {label: self-hosted, profile: fully-self-hosted}"


def _zones(draft: Draft) -> Iterator[str]:
    yield "# Question: who operates the places below, on whose machines, and in which countries is data processed and stored?"
    yield "# Question: which of them count as inside?"
    yield "# zones:"
    yield "#   inside:"
    yield "#     operator: customer"
    yield "#     hosted_by: ?"
    yield "#     processing: [?]"
    yield "#     storage: [?]"
    if draft.networks:
        yield "#     networks:"
        yield from (f"#       - {yaml_scalar(n.network)}  # from {yaml_comment(n.place)}" for n in draft.networks)
    else:
        yield "#     networks: []  # no file tells a range; name the subnets and the ranges of pods"
    yield '#     hosts: ["*.example.internal"]'
    yield "# perimeter: [inside]"


def _systems(draft: Draft) -> Iterator[str]:
    if not draft.systems:
        yield "# Question: which products run here? No file tells one (auditor catalog lists what is known)."
        yield "# systems: []"
        return
    yield "# Question: in which zone does each of them run? Add zone: to each."
    yield "systems:"
    for system in draft.systems:
        version = f", version: {yaml_scalar(system.version)}" if system.version else ""
        yield f"  # {yaml_comment(system.title)}, from {yaml_comment(system.place)}"
        if not version:
            yield f"  # Question: which version of {yaml_comment(system.title)} runs?"
        if system.components:
            yield "  # Its names are those of its services in these files; others of the deployment reach it under them."
        yield f"  - {{id: {yaml_scalar(system.id)}, product: {yaml_scalar(system.product)}{version}{_reached(system)}}}"


def _reached(system: DraftSystem) -> str:
    """Return the components with their names, as a part of a flow mapping; empty without any."""
    named = (f"{yaml_scalar(c.id)}: {{hosts: [{', '.join(yaml_scalar(host) for host in c.hosts)}]}}" for c in system.components)
    inner = ", ".join(named)
    return f", components: {{{inner}}}" if inner else ""


def _components(draft: Draft) -> Iterator[str]:
    if not draft.processes:
        return
    yield "# Question: what are these processes, and do they send anything outside? The catalog does not know them."
    yield "# components:"
    for process in draft.processes:
        image = f" ({yaml_comment(process.image)})" if process.image else ""
        where = f"{yaml_comment(process.place)}{image}"
        yield f"#   - {{id: {yaml_scalar(process.name)}, plane: ?, role: ?, zone: inside}}  # {where}"


def _inputs(draft: Draft) -> Iterator[str]:
    yield "inputs:"
    yield from (f"  - {{path: {yaml_scalar(path)}}}" for path in draft.inputs)
    for export in draft.exports:
        file, collected, origin = (yaml_scalar(text) for text in (export.file, export.collected, export.origin))
        yield f"  - {{file: {file}, state: live, collected: {collected}, from: {origin}}}"
    for capture in draft.captures:
        vantage = f", vantage: {yaml_scalar(capture.vantage)}" if capture.vantage else ""
        yield f"  # Question: where was it taken, and which zones pass there (sees:)? {yaml_comment(capture.why)}"
        yield f"  - {{{capture.kind}: {yaml_scalar(capture.path)}{vantage}}}"
    for path, reason in draft.unread:
        yield f"  # not examined: {yaml_comment(path)}: {yaml_comment(reason)}"


def _absent() -> Iterator[str]:
    yield "# Question: which sources of settings do not exist here (managed settings, project files)?"
    yield "# absent: [managed-settings]"


def _profiles() -> Iterator[str]:
    yield "# Question: against what is it to be judged? auditor profiles list"
    yield "# profiles: [fully-self-hosted]"
