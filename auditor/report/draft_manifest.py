"""A draft as the text of ``auditor.yaml``: facts with their place, judgements as questions that are left open.

The draft loads as it is. What only people can tell stands commented out below its question, so that nothing is
granted that nobody has said.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from auditor.facts.draft import Draft
from auditor.report.escape import clean

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._/-]*\Z")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def render_draft(draft: Draft) -> str:
    """Return the manifest as YAML."""
    blocks = [_head(draft), _claim(), _zones(draft), _systems(draft), _components(draft), _inputs(draft), _absent(), _profiles()]
    return "\n".join("\n".join(block) + "\n" for block in (list(b) for b in blocks) if block)


def _head(draft: Draft) -> Iterator[str]:
    yield "# Drafted by auditor init. Facts name the file that tells them; each question is for a person to answer."
    yield 'version: "1"'
    yield f"deployment: {_text(draft.deployment)}"


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
        yield from (f"#       - {_text(n.network)}  # from {_comment(n.place)}" for n in draft.networks)
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
        version = f", version: {_text(system.version)}" if system.version else ""
        yield f"  # {_comment(system.title)}, from {_comment(system.place)}"
        if not version:
            yield f"  # Question: which version of {_comment(system.title)} runs?"
        yield f"  - {{id: {_text(system.id)}, product: {_text(system.product)}{version}}}"


def _components(draft: Draft) -> Iterator[str]:
    if not draft.processes:
        return
    yield "# Question: what are these processes, and do they send anything outside? The catalog does not know them."
    yield "# components:"
    for process in draft.processes:
        image = f" ({_comment(process.image)})" if process.image else ""
        yield f"#   - {{id: {_text(process.name)}, plane: ?, role: ?, zone: inside}}  # {_comment(process.place)}{image}"


def _inputs(draft: Draft) -> Iterator[str]:
    yield "inputs:"
    yield from (f"  - {{path: {_text(path)}}}" for path in draft.inputs)
    for export in draft.exports:
        yield (
            f"  - {{file: {_text(export.file)}, state: live, collected: {_text(export.collected)}, from: {_text(export.origin)}}}"
        )
    for capture in draft.captures:
        vantage = f", vantage: {_text(capture.vantage)}" if capture.vantage else ""
        yield f"  # Question: where was it taken, and which zones pass there (sees:)? {_comment(capture.why)}"
        yield f"  - {{capture: {_text(capture.path)}{vantage}}}"
    for path, reason in draft.unread:
        yield f"  # not examined: {_comment(path)}: {_comment(reason)}"


def _absent() -> Iterator[str]:
    yield "# Question: which sources of settings do not exist here (managed settings, project files)?"
    yield "# absent: [managed-settings]"


def _profiles() -> Iterator[str]:
    yield "# Question: against what is it to be judged? auditor profiles list"
    yield "# profiles: [fully-self-hosted]"


def _text(text: str) -> str:
    """Return a scalar that YAML reads as exactly this text, on one line."""
    plain = _PLAIN.match(text) is not None and text.lower() not in _WORDS
    return text if plain else json.dumps(text, ensure_ascii=True)


def _comment(text: str) -> str:
    return clean(" ".join(text.split()))
