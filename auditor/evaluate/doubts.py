"""Why a row may but need not match: its own unknowns, or one of the right kind."""

from __future__ import annotations

from auditor.evaluate.matching import Scene
from auditor.facts.inventory import Unknown
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Party, UnknownKind

_DOCUMENT = ("Supply a dated vendor document (or an export of the setting) that answers it, under inputs: in the manifest.",)
_NAME_IT = (
    "Capture name lookups and connection starts from the same client at the same time.",
    "Or say in the manifest which component or zone owns the address.",
)


def doubts(row: FlowRow, exists: Truth, carried: Truth, scene: Scene) -> tuple[Unknown, ...]:
    """Return the row's own unknowns, else one that names what is not known of it."""
    return row.unknowns or (_doubt(row, exists, carried, scene),)


def _doubt(row: FlowRow, exists: Truth, carried: Truth, scene: Scene) -> Unknown:
    if exists is Truth.UNKNOWN:
        return _quality(row, scene) if row.exists is Truth.YES else _existence(row)
    if not row.source_candidates and scene.known(row.source) is None:
        text = f"Who sends from {row.source} is not established ({row.reason})."
        steps = ("Add a capture point before address translation, or name the workload's networks in the manifest.",)
        return Unknown(UnknownKind.SOURCE_NOT_ESTABLISHED, row.id, text, steps, Party.NETWORK)
    return _end(row, scene) or _content(row, carried, scene)


def _existence(row: FlowRow) -> Unknown:
    if row.flow:
        text = f"Whether {row.purpose or 'this flow'} from {row.source} to {row.destination} is on is not known: {row.reason}"
        return Unknown(UnknownKind.SETTING_UNKNOWN, row.id, text, ("Supply the scope or export that decides the setting.",))
    text = f"Traffic from {row.source} to {row.destination} is not explained: {row.reason}"
    return Unknown(UnknownKind.UNEXPLAINED_TRAFFIC, row.id, text, _NAME_IT, Party.NETWORK)


def _quality(row: FlowRow, scene: Scene) -> Unknown:
    """Return what is not known of a flow that is certainly there: what a selector asks of it beyond its being there."""
    channel = scene.channels.get(row.channel)
    about = f"{row.purpose or 'this flow'} from {row.source} to {row.destination}"
    if channel is None or channel.permission.strength is None:
        text = f"How strongly the network holds {about} to what it permits is not known."
        steps = ("Supply the policies that hold for this connection, and show what enforces them.",)
        return Unknown(UnknownKind.FACT_UNKNOWN, row.id, text, steps, Party.NETWORK)
    text = f"Whether {about} is required is not known."
    return Unknown(UnknownKind.FACT_UNKNOWN, row.id, text, _DOCUMENT, Party.VENDOR)


def _end(row: FlowRow, scene: Scene) -> Unknown | None:
    """Return what is not known of the place or operator of one end."""
    for end in (*scene.destination(row), *scene.source(row)):
        channel = scene.channels.get(row.channel)
        conflict = (channel.destination.conflict or channel.source.conflict) if channel else ""
        if conflict:
            return Unknown(UnknownKind.CONFLICT, row.id, f"The evidence on {end} contradicts itself: {conflict}.", _NAME_IT)
        found = scene.known(end)
        if found is None:
            text = f"What {end} is, is not known."
            return Unknown(UnknownKind.DESTINATION_UNKNOWN, end, text, _NAME_IT, Party.NETWORK)
        if found.place.inside is None:
            why = f": {found.place.reason}" if found.place.reason else ""
            steps = ("Say in the manifest in which zone it lies.",)
            return Unknown(
                UnknownKind.PLACE_UNKNOWN, end, f"Whether {found.title} is inside the perimeter is not known{why}.", steps
            )
        if not found.place.operator:
            text = f"Who operates {found.title} is not known."
            return Unknown(UnknownKind.OPERATOR_UNKNOWN, end, text, _DOCUMENT, Party.VENDOR)
    return None


def _content(row: FlowRow, carried: Truth, scene: Scene) -> Unknown:
    """Return what is not known of the data, or of where it is processed."""
    channel = scene.channels.get(row.channel)
    unnamed = channel is not None and (channel.name_hidden or (not channel.names and row.destination.startswith("addr:")))
    if carried is Truth.UNKNOWN and unnamed:
        text = f"{row.destination} hides its name, so what {row.source} sends there is not known."
        return Unknown(UnknownKind.DESTINATION_UNNAMED, row.id, text, _NAME_IT, Party.NETWORK)
    if carried is Truth.UNKNOWN and not row.flow:
        text = f"Nothing explains the traffic from {row.source} to {row.destination}; it may hold all that the source holds."
        return Unknown(UnknownKind.UNEXPLAINED_TRAFFIC, row.id, text, _NAME_IT, Party.NETWORK)
    if carried is Truth.UNKNOWN:
        text = f"What {row.source} sends to {row.destination} is not known well enough to judge."
        return Unknown(UnknownKind.FACT_WEAK, row.id, text, _DOCUMENT, Party.VENDOR)
    countries = row.processing or ()
    spread = f", or not narrow enough (any of {', '.join(countries)})" if len(countries) > 1 else ""
    why = f": {row.processing_reason}" if row.processing_reason else ""
    text = f"A fact about {row.destination} (its place, role, operator or country) is not known{spread}{why}."
    return Unknown(UnknownKind.FACT_UNKNOWN, row.id, text, _DOCUMENT, Party.VENDOR)
