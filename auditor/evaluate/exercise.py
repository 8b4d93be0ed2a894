"""Positive controls: silence proves something only while the agent was really at work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from auditor.evaluate.matching import Scene
from auditor.evaluate.parameters import EXERCISED_CHANNELS, values_of
from auditor.evaluate.row_index import Ends
from auditor.evaluate.words import PLANES, counted
from auditor.facts.inventory import Unknown
from auditor.facts.profile import Control
from auditor.facts.rows import Channel
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
        if scene.once("exercised channels", exercised_channels)[plane] < count
    )


def exercised_channels(scene: Scene) -> Mapping[Plane, int]:
    """Return for each plane how many channels carried data both ways for it alone, with one end inside."""
    shown: dict[str, frozenset[Plane] | None] = {channel.id: None for channel in scene.model.channels if _both_ways(channel)}
    ends = _Ends(scene)
    for row, (source, destination) in zip(scene.model.rows, scene.ends, strict=True):
        if row.channel in shown and row.flow and (row.configured is not Truth.NO or row.declared is Truth.YES):
            planes, known = ends.planes(source, destination), shown[row.channel]
            shown[row.channel] = planes if known is None else planes & known
    return Counter(plane for planes in shown.values() for plane in planes or ())


def _both_ways(channel: Channel) -> bool:
    return channel.sighting is Sighting.DATA and bool(channel.payload_out and channel.payload_in)


class _Ends:
    """What is certain of the ends of rows, asked once of each."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._known: dict[Ends, tuple[bool, frozenset[Plane]]] = {}

    def planes(self, source: Ends, destination: Ends) -> frozenset[Plane]:
        """Return the planes in which a row certainly starts or ends; none where no end is certainly inside."""
        first, last = self._of(source), self._of(destination)
        return first[1] | last[1] if first[0] or last[0] else frozenset()

    def _of(self, ends: Ends) -> tuple[bool, frozenset[Plane]]:
        """Return whether all candidates are inside, and the plane of all of them."""
        if ends not in self._known:
            inside = all((c := self._scene.known(end)) is not None and c.place.inside is True for end in ends)
            found = [self._scene.components.get(end) for end in ends]
            planes = {None if c is None else c.plane for c in found}
            common = planes.pop() if len(planes) == 1 else None
            self._known[ends] = (inside, frozenset() if common is None else frozenset({common}))
        return self._known[ends]
