"""What the acceptance tests share.

The shipped deployments as inputs, and what an assessment says in the words of ``expected.json``.
"""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from auditor import pipeline
from auditor.config import configure
from auditor.facts.assessment import Assessment, ChannelRecord, FindingRecord, FlowRecord
from auditor.facts.endpoint import Endpoint
from auditor.facts.model import Model
from auditor.facts.settings import Change
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Stage
from auditor.pipeline.request import Inputs

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"
DEPLOYMENTS = FIXTURES / "deployments"
NAMES = tuple(sorted(path.parent.name for path in DEPLOYMENTS.glob("*/auditor.yaml")))
LADDER = ("self-hosted-execution", "fully-self-hosted", "in-network", "air-gapped")
AS_OF = "2026-11-24"


@functools.cache
def gathered(name: str, stage: Stage) -> Inputs:
    """Return what is read of a shipped deployment for ``stage``, to be judged by every rung of the ladder."""
    return pipeline.gather(pipeline.Request(paths=(DEPLOYMENTS / name,), profiles=LADDER, stage=stage))


def read(folder: Path) -> Inputs:
    """Return what is read of any folder for stage ``change``, with the profiles and the catalog that were read before."""
    shared = gathered(NAMES[0], Stage.CHANGE)
    fresh = pipeline.gather(pipeline.Request(paths=(folder,), profiles=LADDER[:1], stage=Stage.CHANGE))
    return replace(fresh, profiles=shared.profiles, catalog=shared.catalog)


def narrowed(inputs: Inputs, profile: str, parameters: Iterable[tuple[str, str, str]] = ()) -> Inputs:
    """Return ``inputs`` to be judged by one profile only; the claim would add its own."""
    manifest = replace(inputs.manifest, claim=None, parameters=tuple(parameters))
    return replace(inputs, manifest=manifest, profiles=tuple(p for p in inputs.profiles if p.id == profile))


def assessed(inputs: Inputs, changes: Sequence[Change] = ()) -> Assessment:
    """Return the judgement of ``inputs``."""
    return pipeline.judge(pipeline.model(inputs, changes), inputs, AS_OF)


@functools.cache
def expected(name: str) -> dict[str, Any]:
    """Return ``expected.json`` of a shipped deployment."""
    content: dict[str, Any] = json.loads((DEPLOYMENTS / name / "expected.json").read_text(encoding="utf-8"))
    return content


def blocking_kinds(assessment: Assessment) -> set[str]:
    """Return the kinds of the unknowns that block."""
    return {unknown.kind for unknown in assessment.unknowns if unknown.blocking}


def failed_planes(assessment: Assessment) -> set[str]:
    """Return the planes that findings are about: of the component found fault with, or at which data arrives."""
    planes = {component.id: component.plane for component in assessment.components}
    flows = {flow.id: flow for flow in assessment.flows}
    found: set[str] = set()
    for finding in assessment.findings:
        ends = [finding.subject] if finding.subject else [flows[row].destination for row in finding.rows[-1:]]
        found |= {planes.get(end, "") for end in ends}
    return found - {""}


def is_inside(assessment: Assessment, identifier: str) -> bool:
    """Return whether a component is certainly inside the perimeter."""
    return any(c.id == identifier and c.place.inside == "yes" for c in assessment.components)


def hosts_of(channel: ChannelRecord) -> set[str]:
    """Return everything by which a reader may know the destination of a channel."""
    ids = {channel.destination, *channel.destination_candidates}
    bare = {i.split(":", 1)[1] for i in ids if i.startswith(("host:", "addr:"))}
    return {*ids, *bare, *channel.names, channel.destination_label}


def sources_of(channel: ChannelRecord) -> set[str]:
    """Return everything by which a reader may know the source of a channel."""
    return {channel.source, *channel.source_candidates}


def seen_outside(assessment: Assessment) -> list[ChannelRecord]:
    """Return the channels on which traffic was seen and whose destination is not certainly inside."""
    return [
        channel
        for channel in assessment.channels
        if channel.sighting in ("data", "attempt")
        and not (channel.destination_candidates and all(is_inside(assessment, c) for c in channel.destination_candidates))
    ]


def told(finding: FindingRecord, assessment: Assessment) -> str:
    """Return everything that a finding says of where data goes: its title and the names of its channels."""
    flows = {flow.id: flow for flow in assessment.flows}
    channels = {channel.id: channel for channel in assessment.channels}
    words = [finding.title, finding.id]
    for row in finding.rows:
        words += sorted(hosts_of(channels[flows[row].channel]))
    return " ".join(words)


@dataclass(frozen=True, slots=True, order=True)
class Leaving:
    """One way on which data leaves, or may leave, the perimeter: what a switch can change."""

    host: str
    flow: str
    exists: Truth
    classes: tuple[str, ...]


def leaving(inputs: Inputs, model: Model) -> set[Leaving]:
    """Return the rows that exist, or may, and end outside or nobody knows where, by the host that the flow names."""
    places = {component.id: component.place.inside for component in model.components}
    channels = {channel.id: channel for channel in model.channels}
    flows = {flow.id: flow for flow in configure(inputs.documents, inputs.manifest, inputs.catalog, ()).flows}
    found = set()
    for row in model.rows:
        inside = [places.get(end) for end in row.destination_candidates or (row.destination,)]
        if row.exists is Truth.NO or all(inside) or row.flow.startswith("declared/"):
            continue  # what only a document says, no setting changes
        named = flows[row.flow].destination if row.flow in flows else Endpoint()
        host = named.name or named.address or channels[row.channel].destination.host or row.destination
        found.add(Leaving(host, row.flow, row.exists, tuple(data.value for data in row.sends_at_most)))
    return found


def crossing(assessment: Assessment) -> list[FlowRecord]:
    """Return the flows that exist, or may, and do not certainly stay inside."""
    return [flow for flow in assessment.flows if flow.exists != "no" and flow.crosses_perimeter != "no"]


def run_check(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run ``auditor check`` as a user does."""
    command = [sys.executable, "-m", "auditor", "check", str(folder), "--as-of", AS_OF, *options]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60, cwd=ROOT)
