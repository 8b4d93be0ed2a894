"""Whether captured traffic is enough for silence to mean anything: window, age, losses, vantage."""

from __future__ import annotations

import datetime as dt
import functools
import ipaddress
from collections.abc import Callable

from auditor.evaluate.duration import seconds, words
from auditor.evaluate.expiry import instant
from auditor.evaluate.matching import Scene
from auditor.evaluate.parameters import MAX_AGE, OBSERVED_WINDOW, values_of
from auditor.facts.addresses import IPAddress
from auditor.facts.inventory import Unknown
from auditor.facts.observation import SourceCoverage
from auditor.facts.profile import Control
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, Party, Sighting, UnknownKind

OBSERVED = Basis.OBSERVED.value

_MISSING = Unknown(
    UnknownKind.OBSERVATION_MISSING,
    OBSERVED,
    "No captured traffic was given, so what the deployment does in operation is not shown.",
    ("Capture at the perimeter and inside while the agent works, and name the captures under inputs: in the manifest.",),
    Party.NETWORK,
)


def traffic_doubts(control: Control, scene: Scene, scope: Callable[[str], Truth], as_of: str) -> tuple[Unknown, ...]:
    """Return why the captures do not suffice for ``control``; nothing when they do."""
    coverage = scene.model.coverage
    if not coverage:
        return (_MISSING,)
    found = [u for source in coverage for u in _losses(source, coverage)]
    found.extend(_window(control, scene))
    found.extend(_age(control, coverage, as_of))
    if not any(gap.basis is Basis.OBSERVED for gap in scene.model.gaps):
        found.extend(_uncovered(scene, scope))
    return tuple(found)


def observed_seconds(scene: Scene) -> float:
    """Return for how long every workload seen inside was watched: the least of their longest windows."""
    coverage = [c for c in scene.model.coverage if c.packets or c.canary is Sighting.DATA]
    if not coverage:
        return 0.0
    inside = {z.id for z in scene.model.zones if z.inside}
    windows = []
    for workload in scene.model.workloads:
        seen = [c.window_seconds for c in coverage if workload.zone in inside and proves(c, workload.networks)]
        if seen:
            windows.append(max(seen))
    return min(windows, default=max(c.window_seconds for c in coverage))


def proves(source: SourceCoverage, networks: tuple[str, ...]) -> bool:
    """Return whether an address in one of ``networks`` sent at least one frame in the window."""
    parsed = [ipaddress.ip_network(n, strict=False) for n in networks]
    return any(a in n for a in _addresses(source.addresses) for n in parsed if a.version == n.version)


@functools.lru_cache(maxsize=64)
def _addresses(texts: tuple[str, ...]) -> tuple[IPAddress, ...]:
    """Return the addresses of a source, parsed once for all controls."""
    return tuple(ipaddress.ip_address(text) for text in texts)


def _losses(source: SourceCoverage, coverage: tuple[SourceCoverage, ...]) -> list[Unknown]:
    """Return what voids the silence of one capture: cut short, packets dropped, nothing at all seen."""
    reasons = []
    if source.truncated:
        reasons.append("the file ends inside a record")
    if source.drops:
        reasons.append(f"the capture dropped {source.drops} packets")
    if not source.packets and not _shown_to_see(source, coverage):
        reasons.append("it holds no packet, and nothing proves that it could have seen any")
    if not reasons:
        return []
    text = f"The silence of {source.id} proves nothing: {', and '.join(reasons)}."
    steps = ("Capture again without loss, with a canary sent through the same vantage point.",)
    return [Unknown(UnknownKind.OBSERVATION_COVERAGE, source.id, text, steps, Party.NETWORK)]


def _shown_to_see(source: SourceCoverage, coverage: tuple[SourceCoverage, ...]) -> bool:
    """Return whether an empty capture counts: its canary was found, or a second vantage saw the same zones at work."""
    if source.canary is not None:
        return source.canary is Sighting.DATA
    return any(other.packets and set(other.sees) & set(source.sees) for other in coverage)


def _window(control: Control, scene: Scene) -> list[Unknown]:
    wanted = values_of(control.parameters, OBSERVED_WINDOW)
    watched = observed_seconds(scene)
    if not wanted or watched >= seconds(wanted[0]):
        return []
    length = words(seconds(wanted[0]))
    text = f"Traffic was watched for {words(watched)}; this profile asks for {length}."
    steps = (f"Capture for at least {length} at the same vantage points while the agent works.",)
    return [Unknown(UnknownKind.OBSERVATION_WINDOW, OBSERVED, text, steps, Party.NETWORK)]


def _age(control: Control, coverage: tuple[SourceCoverage, ...], as_of: str) -> list[Unknown]:
    """Return captures that are older than the profile allows, or that show no time."""
    allowed = values_of(control.parameters, MAX_AGE)
    if not allowed:
        return []
    oldest = instant(as_of) - dt.timedelta(seconds=seconds(allowed[0]))
    steps = ("Capture again, and give the new capture.",)
    found = []
    for source in coverage:
        if not source.last_time:
            text = f"{source.id} shows no time, so its age cannot be judged."
            found.append(Unknown(UnknownKind.EVIDENCE_UNDATED, source.id, text, steps, Party.NETWORK))
        elif instant(source.last_time) < oldest:
            text = f"{source.id} ends at {source.last_time}; this profile takes traffic of the last {words(seconds(allowed[0]))}."
            found.append(Unknown(UnknownKind.OBSERVATION_STALE, source.id, text, steps, Party.NETWORK))
    return found


def _uncovered(scene: Scene, scope: Callable[[str], Truth]) -> list[Unknown]:
    """Return the sources in scope of whose workload no capture shows anything, not even a silence that counts.

    What packets tell apart is the workload: one flow of it that was seen, or that would have been, proves the sensor.
    """
    shown = {_workload(end, scene) for row in scene.model.rows if _proves(row) for end in scene.source(row)}
    blind: set[str] = set()
    for row in scene.model.rows:
        for end in scene.source(row):
            found = scene.components.get(end)
            here = found is None or found.present is not Truth.NO
            if here and not _proves(row) and _workload(end, scene) not in shown and scope(end) is not Truth.NO:
                blind.add(end)
    steps = ("Capture at a point that this source's traffic passes, while the agent works.",)
    return [
        Unknown(
            UnknownKind.OBSERVATION_COVERAGE,
            source,
            f"No capture could have seen traffic of {source}, so its silence proves nothing.",
            steps,
            Party.NETWORK,
        )
        for source in sorted(blind)
        if scene.components.get(source) is None or scene.components[source].place.inside is not False
    ]


def _proves(row: FlowRow) -> bool:
    return row.sighting is not Sighting.NONE_UNCOVERED


def _workload(end: str, scene: Scene) -> str:
    found = scene.components.get(end)
    return found.workload or end if found else end
