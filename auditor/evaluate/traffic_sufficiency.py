"""Whether captured traffic is enough for silence to mean anything: window, age, losses, vantage."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Callable, Sequence

from auditor.evaluate.ages import capture_age_doubts
from auditor.evaluate.duration import seconds, words
from auditor.evaluate.expiry import instant
from auditor.evaluate.matching import Scene
from auditor.evaluate.parameters import OBSERVED_WINDOW, values_of
from auditor.evaluate.row_index import Ends
from auditor.facts.addresses import IPAddress
from auditor.facts.inventory import Unknown
from auditor.facts.observation import SourceCoverage
from auditor.facts.profile import Control
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, Party, Sighting, UnknownKind

OBSERVED = Basis.OBSERVED.value
LOCAL = "link_local:"
"""How coverage counts the packets that no router forwards (docs/flow_table.md, "Not egress")."""

_MISSING = Unknown(
    UnknownKind.OBSERVATION_MISSING,
    OBSERVED,
    "No captured traffic was given, so what the deployment does in operation is not shown.",
    ("Capture at the perimeter and inside while the agent works, and name the captures under inputs: in the manifest.",),
    Party.NETWORK,
)


def traffic_doubts(control: Control, scene: Scene, scope: Callable[[str], Truth], as_of: str) -> tuple[Unknown, ...]:
    """Return why the captures do not suffice for ``control``; nothing when they do."""
    if not scene.model.coverage:
        return (_MISSING,)
    coverage = relied_on(scene.model.coverage)
    if not coverage:
        return tuple(_unproving(source) for source in scene.model.coverage)
    found = [u for source in coverage for u in _losses(source, coverage)]
    found.extend(_window(control, scene))
    found.extend(capture_age_doubts(control, coverage, as_of))
    if not any(gap.basis is Basis.OBSERVED for gap in scene.model.gaps):
        found.extend(_uncovered(scene, scope))
    return tuple(found)


def relied_on(coverage: Sequence[SourceCoverage]) -> tuple[SourceCoverage, ...]:
    """Return the sources of which a silence may mean something: a proxy log or a sampled one only adds what it shows."""
    return tuple(source for source in coverage if not source.unproving)


def _unproving(source: SourceCoverage) -> Unknown:
    text = f"The silence of {source.id} proves nothing: {source.unproving}."
    steps = ("Give a capture, or a log without losses that records every connection of the workloads inside.",)
    return Unknown(UnknownKind.OBSERVATION_COVERAGE, source.id, text, steps, Party.NETWORK)


def observed_seconds(scene: Scene, wanted: float = 0.0) -> float:
    """Return for how long every workload seen inside was watched: the least over all vantage points relied on.

    A vantage is relied on when it shows a workload inside at work, or when its emptiness counts (``watched_seconds``).
    One vantage gives its longest capture. With ``wanted``, a pause longer than half of it is not counted.
    """
    coverage = relied_on(scene.model.coverage)
    inside = {z.id for z in scene.model.zones if z.inside}
    homes = [w for w in scene.model.workloads if w.zone in inside]
    least: dict[tuple[str, str], float] = {}
    for source in coverage:
        length = watched_seconds(source, coverage, wanted)
        shown = [w.id for w in homes if proves(source, w.networks)] or ([""] if length and is_empty(source) else [])
        for workload in shown:
            key = (source.vantage or source.id, workload)
            least[key] = max(least.get(key, 0.0), length)
    if least:
        return min(least.values())
    return max((watched_seconds(c, coverage, wanted) for c in coverage), default=0.0)


def watched_seconds(source: SourceCoverage, coverage: Sequence[SourceCoverage], wanted: float = 0.0) -> float:
    """Return for how long silence in ``source`` can mean something.

    A capture with packets counts its window without the pauses longer than half of ``wanted``. One that is empty
    counts where its canary was found, else only as long as a second vantage saw the same zones at work at that time.
    """
    if not source.first_time:
        return 0.0
    if not is_empty(source):
        return max(source.window_seconds - sum(long_pauses(source, wanted)), 0.0)
    if source.canary is not None:
        return source.window_seconds if source.canary is Sighting.DATA else 0.0
    others = (c for c in coverage if not is_empty(c) and set(c.sees) & set(source.sees))
    return max((_overlap(source, other) for other in others), default=0.0)


def long_pauses(source: SourceCoverage, wanted: float) -> list[float]:
    """Return the pauses of a capture that are too long to be counted as watched: over half of ``wanted`` seconds."""
    return [pause for pause in source.pauses if wanted and pause > wanted / 2]


def is_empty(source: SourceCoverage) -> bool:
    """Return whether a capture holds no packet that could leave the link: what local noise proves is only noise."""
    return source.packets <= sum(count for reason, count in source.skipped if reason.startswith(LOCAL))


def _overlap(one: SourceCoverage, other: SourceCoverage) -> float:
    """Return the seconds that lie in the windows of both captures."""
    if not other.first_time:
        return 0.0
    start = max(instant(one.first_time), instant(other.first_time))
    end = min(instant(one.last_time), instant(other.last_time))
    return max((end - start).total_seconds(), 0.0)


def proves(source: SourceCoverage, networks: tuple[str, ...]) -> bool:
    """Return whether an address in one of ``networks`` sent at least one frame in the window."""
    addresses = _addresses(source.addresses)
    parsed = [ipaddress.ip_network(n, strict=False) for n in networks] if addresses else ()
    return any(a in n for a in addresses for n in parsed if a.version == n.version)


@functools.lru_cache(maxsize=64)
def _addresses(texts: tuple[str, ...]) -> tuple[IPAddress, ...]:
    """Return the addresses of a source, parsed once for all controls."""
    return tuple(ipaddress.ip_address(text) for text in texts)


def _losses(source: SourceCoverage, coverage: Sequence[SourceCoverage]) -> list[Unknown]:
    """Return what voids the silence of one capture: cut short, packets dropped, nothing at all seen."""
    reasons = []
    if source.truncated:
        reasons.append("the file ends inside a record")
    if source.drops:
        reasons.append(f"the capture dropped {source.drops} packets")
    if is_empty(source) and not watched_seconds(source, coverage):
        reasons.append("it holds no packet that could leave the link, and nothing proves that it could have seen one")
    if not reasons:
        return []
    text = f"The silence of {source.id} proves nothing: {', and '.join(reasons)}."
    steps = ("Capture again without loss, with a canary sent through the same vantage point.",)
    return [Unknown(UnknownKind.OBSERVATION_COVERAGE, source.id, text, steps, Party.NETWORK)]


def _window(control: Control, scene: Scene) -> list[Unknown]:
    asked = values_of(control.parameters, OBSERVED_WINDOW)
    if not asked:
        return []
    wanted = seconds(asked[0])
    watched = scene.once(f"watched for {wanted}", lambda s: observed_seconds(s, wanted))
    if watched >= wanted:
        return []
    text = f"Traffic was watched for {words(watched)}; this profile asks for {words(wanted)}."
    for source in relied_on(scene.model.coverage):
        for pause in long_pauses(source, wanted):
            text += f" {source.id} shows no packet for {words(pause)}, which is not counted."
    steps = (f"Capture for at least {words(wanted)} at the same vantage points while the agent works.",)
    return [Unknown(UnknownKind.OBSERVATION_WINDOW, OBSERVED, text, steps, Party.NETWORK)]


def _uncovered(scene: Scene, scope: Callable[[str], Truth]) -> list[Unknown]:
    """Return the sources in scope of whose workload no capture shows anything, not even a silence that counts.

    What packets tell apart is the workload: one flow of it that was seen, or that would have been, proves the sensor.
    """
    blind = [end for end in scene.once("blind sources", _blind) if scope(end) is not Truth.NO]
    steps = ("Capture at a point that this source's traffic passes, while the agent works.",)
    return [
        Unknown(
            UnknownKind.OBSERVATION_COVERAGE,
            source,
            f"No capture could have seen traffic of {source}, so its silence proves nothing.",
            steps,
            Party.NETWORK,
        )
        for source in blind
    ]


def _blind(scene: Scene) -> tuple[str, ...]:
    """Return every source that may be there, and inside for all that is known, of whose workload no capture shows anything."""
    proven, silent = set[Ends](), set[Ends]()
    for row, (source, _) in zip(scene.model.rows, scene.ends, strict=True):
        (silent if row.sighting is Sighting.NONE_UNCOVERED else proven).add(source)
    shown = {_workload(end, scene) for ends in proven for end in ends}
    unseen = {end for ends in silent for end in ends}
    return tuple(sorted(end for end in unseen if _may_be_inside(end, scene) and _workload(end, scene) not in shown))


def _may_be_inside(end: str, scene: Scene) -> bool:
    found = scene.components.get(end)
    return found is None or (found.present is not Truth.NO and found.place.inside is not False)


def _workload(end: str, scene: Scene) -> str:
    found = scene.components.get(end)
    return found.workload or end if found else end
