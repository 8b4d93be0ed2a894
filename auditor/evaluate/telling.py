"""Findings in plain words: who sends what to whom, and on what that is believed."""

from __future__ import annotations

import functools

from auditor.evaluate.matching import Scene
from auditor.evaluate.words import PLANES, ROLES, data_words, joined, with_stop
from auditor.facts.inventory import Component
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import DataClass, RowName, Sighting


def flow_title(row: FlowRow, source: str, destination: str, data: tuple[DataClass, ...], scene: Scene) -> str:
    """Return who sends what to whom, who runs that end and under whose law.

    ``From Coder to Coder telemetry, run by Coder Technologies (law of US): usage metadata (usage telemetry; configured).``.
    Without a verb, because titles of components are of either number.
    """
    what = data_words(data) if data else "a connection"
    if row.sighting is Sighting.ATTEMPT:
        what = "an attempt to connect"
    about = "; ".join(part for part in (row.purpose, believed(row)) if part)
    return f"From {named(source, scene)} to {receiver(destination, scene)}: {what} ({about})."


def receiver(end: str, scene: Scene) -> str:
    """Return the name of an end, and who runs it (``run_by``)."""
    made: dict[str, str] = scene.once("receivers", lambda _: {})
    if end not in made:  # many rows lead to the same one
        made[end] = f"{named(end, scene)}{run_by(end, scene)}"
    return made[end]


def run_by(end: str, scene: Scene) -> str:
    """Return who runs an end that does not lie inside, and under whose law, as far as that is known; else nothing."""
    found = scene.known(end)
    if found is None or found.place.inside or not found.place.operator:
        return ""
    country = f" (law of {found.place.operator_country})" if found.place.operator_country else ""
    return f", run by {scene.operator(found.place.operator)}{country}"


def named(end: str, scene: Scene) -> str:
    """Return the title of a component, with its id where another has the same title; the bare id of anything else."""
    made: dict[str, str] = scene.once("names of ends", lambda _: {})
    known = made.get(end)
    if known is None:  # many rows have the same one
        found = scene.known(end)
        if found is None or found.title in ("", end):
            known = end
        else:
            known = found.title if scene.titles[found.title] == 1 else f"{found.title} ({end})"
        made[end] = known
    return known


def believed(row: FlowRow) -> str:
    """Return on what the row is believed."""
    parts = _bases(row.configured, row.declared, row.sighting)
    if row.processed:
        shared = ", which does not tell it from other flows there" if row.name is RowName.CONFIRMED_SHARED else ""
        parts = (*parts, f"{_logged(row.processed)}{shared}")
    return joined(parts) or row.reason.rstrip(".") or "on the evidence shown"


@functools.cache
def _bases(configured: Truth, declared: Truth, sighting: Sighting) -> tuple[str, ...]:
    seen = {Sighting.DATA: "seen in captured traffic", Sighting.ATTEMPT: "the attempt seen in captured traffic"}
    parts = (
        "configured" if configured is Truth.YES else "",
        "documented" if declared is Truth.YES else "",
        seen.get(sighting, ""),
    )
    return tuple(part for part in parts if part)


def component_title(component: Component, lacking: str, scene: Scene) -> str:
    """Return where ``component`` is and who runs it; ``lacking`` says what no component meets, if that is the breach."""
    place = component.place
    where = (
        "outside the perimeter" if place.inside is False else "inside the perimeter" if place.inside else "at an unknown place"
    )
    who = f", operated by {scene.operator(place.operator)}" if place.operator else ""
    host = f" on machines of {scene.operator(place.hosted_by)}" if place.hosted_by not in ("", place.operator) else ""
    logged = f", {_logged(place.processed)}" if place.processed else ""
    missing = f"; {lacking}" if lacking else ""
    return with_stop(f"{named(component.id, scene)}{_part(component)} is {where}{who}{host}{logged}{missing}")


def _logged(countries: tuple[str, ...]) -> str:
    return f"processing in {joined(countries)} by the word of a log"


def _part(component: Component) -> str:
    """Return which part of the deployment it is, in commas."""
    role = ROLES[component.role] if component.role else ""
    plane = PLANES[component.plane] if component.plane else ""
    if not role and not plane:
        return ""
    if not role or not plane or role == plane:
        return f", the {role or plane},"
    return f", {_article(role)} {role} of the {plane},"


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"
