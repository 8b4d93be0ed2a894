"""Positive controls: silence proves something only while the agent was really at work."""

from __future__ import annotations

from auditor.evaluate.matching import Scene
from auditor.evaluate.parameters import EXERCISED_CHANNELS, values_of
from auditor.evaluate.words import PLANES, counted
from auditor.facts.inventory import Unknown
from auditor.facts.profile import Control
from auditor.facts.rows import Channel, FlowRow
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Party, Plane, Sighting, UnknownKind


def exercise_doubts(control: Control, scene: Scene) -> tuple[Unknown, ...]:
    """Return one unknown for each plane that the control needs at work and that the captures do not show so."""
    if not control.evidence.exercised:
        return ()
    count = int(next(iter(values_of(control.parameters, EXERCISED_CHANNELS)), "1"))
    return tuple(
        Unknown(
            UnknownKind.NOT_EXERCISED,
            plane.value,
            f"The captures show too little work in the {PLANES[plane]}, so that silence elsewhere proves nothing "
            f"(asked: {counted(count, 'channel')} with data both ways that only this plane uses).",
            ("Capture while an agent runs a real task from prompt to executed command.",),
            Party.PLATFORM,
        )
        for plane in control.evidence.exercised
        if scene.once("exercised channels", _by_plane)[plane] < count
    )


def _by_plane(scene: Scene) -> dict[Plane, int]:
    return {plane: exercised_channels(plane, scene) for plane in Plane}


def exercised_channels(plane: Plane, scene: Scene) -> int:
    """Return how many channels carried data both ways for this plane alone, with one end inside."""
    by_channel: dict[str, list[FlowRow]] = {}
    for row in scene.model.rows:
        if row.flow and (row.configured is not Truth.NO or row.declared is Truth.YES):
            by_channel.setdefault(row.channel, []).append(row)
    return sum(_proves(channel, by_channel.get(channel.id, []), plane, scene) for channel in scene.model.channels)


def _proves(channel: Channel, rows: list[FlowRow], plane: Plane, scene: Scene) -> bool:
    both_ways = channel.sighting is Sighting.DATA and bool(channel.payload_out and channel.payload_in)
    return both_ways and bool(rows) and all(_touches(row, plane, scene) and _inside(row, scene) for row in rows)


def _touches(row: FlowRow, plane: Plane, scene: Scene) -> bool:
    """Return whether the row certainly starts or ends in ``plane``."""
    return any(_all_in(ends, plane, scene) for ends in (scene.source(row), scene.destination(row)))


def _all_in(ends: tuple[str, ...], plane: Plane, scene: Scene) -> bool:
    found = [scene.components.get(end) for end in ends]
    return bool(found) and all(c is not None and c.plane is plane for c in found)


def _inside(row: FlowRow, scene: Scene) -> bool:
    """Return whether one end is certainly a workload inside."""
    return any(
        all((c := scene.known(end)) is not None and c.place.inside is True for end in ends)
        for ends in (scene.source(row), scene.destination(row))
    )
