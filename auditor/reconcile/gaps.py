"""What keeps the permitted and the observed basis open, and what would close it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from auditor.facts.identity import Identity
from auditor.facts.inventory import Component, Gap, Unknown, Workload
from auditor.facts.observation import Observation, SourceCoverage
from auditor.facts.rows import Channel
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, Party, Sighting, UnknownKind
from auditor.reconcile.silence import is_inside, unread
from auditor.reconcile.wording import plural


def permitted_gaps(asked: bool) -> tuple[Gap, ...]:
    """Return the one gap of a basis that nobody examined."""
    if asked:
        return ()
    unknown = Unknown(
        UnknownKind.PERMITTED_NOT_EXAMINED,
        Basis.PERMITTED.value,
        "What the network permits was not examined, so what is off today may still be possible.",
        ("Supply the network policies, firewall rules and routes that apply to the workloads.",),
        Party.NETWORK,
    )
    return (Gap(Basis.PERMITTED, "", (), unknown),)


def observed_gaps(
    identity: Identity, observation: Observation | None, channels: Collection[Channel], unnamed: Collection[str]
) -> tuple[Gap, ...]:
    """Return the gaps of the observed basis; ``unnamed`` are the ids of channels to nameless destinations."""
    if observation is None or not observation.coverage:
        unknown = Unknown(
            UnknownKind.OBSERVATION_MISSING,
            Basis.OBSERVED.value,
            "No traffic was examined.",
            ("Record the traffic of every workload inside, at a place that sees it before address translation.",),
            Party.NETWORK,
        )
        return (Gap(Basis.OBSERVED, "", (), unknown),)
    components = {c.id: c for c in identity.components}
    found = [*_unproven(identity, observation), *_flaws(observation)]
    if all(coverage.unproving for coverage in observation.coverage):
        found.extend(_unproving(coverage) for coverage in observation.coverage)
    for channel in sorted(channels, key=lambda c: c.id):
        if channel.id in unnamed:
            found.append(_unnamed(channel))
        if not channel.source.candidates and _moved_out(channel, components):
            found.append(_unmapped(channel))
    return tuple(found)


def _unproving(coverage: SourceCoverage) -> Gap:
    text = f"The silence of {coverage.id} proves nothing: {coverage.unproving}."
    steps = ("Give a capture, or a log without losses that records every connection of the workloads inside.",)
    return Gap(Basis.OBSERVED, "", (), Unknown(UnknownKind.OBSERVATION_COVERAGE, coverage.id, text, steps, Party.NETWORK))


def _unproven(identity: Identity, observation: Observation) -> Iterator[Gap]:
    """Yield a gap for each workload inside that no capture shows at work, one for each of its systems."""
    inside = {z.id for z in identity.zones if z.inside}
    proven = {w for p in identity.proven for w in p.workloads}
    homes: dict[str, list[Component]] = {}
    for component in identity.components:
        if component.workload and component.present is not Truth.NO:
            homes.setdefault(component.workload, []).append(component)
    for workload in identity.workloads:
        if workload.zone not in inside or workload.id in proven or workload.id not in homes:
            continue
        by_system: dict[str, list[str]] = {}
        for component in homes[workload.id]:
            by_system.setdefault(component.system, []).append(component.id)
        for system, ids in sorted(by_system.items()):
            yield Gap(Basis.OBSERVED, system, tuple(ids), _unproven_unknown(workload, observation))


def _unproven_unknown(workload: Workload, observation: Observation) -> Unknown:
    if workload.networks:
        text = f"No frame from {workload.title} is in any capture, so its silence proves nothing."
        if any(coverage.logged for coverage in observation.coverage):
            text = f"No capture and no complete log shows {workload.title} at work, so its silence proves nothing."
        steps = (f"Record while {workload.title} is at work, at a place that sees {', '.join(workload.networks)}.",)
    else:
        text = f"The address of {workload.title} is not known, so no frame can be told to be from it."
        steps = (f"Give the networks of {workload.title} in the manifest.",)
    return Unknown(UnknownKind.OBSERVATION_COVERAGE, workload.id, text, steps, Party.NETWORK)


def _flaws(observation: Observation) -> Iterator[Gap]:
    for coverage in observation.coverage:
        if coverage.unproving:
            continue  # it is not relied on: what nothing else covers, stays open by itself
        for text, step in _flaw_texts(coverage):
            unknown = Unknown(UnknownKind.OBSERVATION_COVERAGE, coverage.id, text, (step,), Party.NETWORK)
            yield Gap(Basis.OBSERVED, "", (), unknown)


def _flaw_texts(coverage: SourceCoverage) -> Iterator[tuple[str, str]]:
    if coverage.drops:
        text = f"{coverage.id} lost {plural(coverage.drops, 'packet')} while it was recorded."
        yield text, "Record again with a larger buffer until the interface statistics show no drops."
    if coverage.truncated:
        yield f"{coverage.id} ends in the middle of a record.", "Record again and let the recorder finish the file."
    lost = unread(coverage.skipped)
    if lost:
        text = f"{plural(lost, 'frame')} of {coverage.id} could not be read."
        yield text, "Record again with the full frame length, at a place without further encapsulation."


def _unnamed(channel: Channel) -> Gap:
    text = f"{channel.source.label} sent data to {channel.destination.label}, and nothing names that destination."
    unknown = Unknown(
        UnknownKind.DESTINATION_UNNAMED,
        channel.id,
        text,
        (
            f"Find out who operates {channel.destination.address or channel.destination.label}, and name it in the manifest.",
            "Record the name lookups of the same workload together with its traffic.",
        ),
        Party.NETWORK,
    )
    return Gap(Basis.OBSERVED, "", channel.source.candidates, unknown)


def _unmapped(channel: Channel) -> Gap:
    text = f"Who sends from {channel.source.label} to {channel.destination.label} is not established."
    unknown = Unknown(
        UnknownKind.SOURCE_NOT_ESTABLISHED,
        channel.id,
        text,
        (
            f"Give the workload with the address {channel.source.address} in the manifest.",
            "Or record before address translation.",
        ),
        Party.NETWORK,
    )
    return Gap(Basis.OBSERVED, "", (), unknown)


def _moved_out(channel: Channel, components: Mapping[str, Component]) -> bool:
    return channel.sighting is Sighting.DATA and not is_inside(channel.destination, components)
