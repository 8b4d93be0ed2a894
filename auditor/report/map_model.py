"""What the map shows: bands, boxes and lines chosen and, above a size, merged from an assessment."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from auditor.facts.assessment import Assessment, ComponentRecord, PlaceRecord
from auditor.report import words
from auditor.report.map_geometry import Edge, Grid, Node
from auditor.report.names import Names
from auditor.report.view_model import FlowView

MOST_BOXES = 25
"""Above this number of boxes those of one cell are merged, and parallel lines with them."""
MOST_LINES = 60
"""Above this number of lines the same is done: more of them are no longer readable."""
NOT_DRAWN = frozenset({"absent", "latent", "open"})
"""Row names without data and without intent: a line would say that something crosses a border."""
_NAMED = 2
"""Operators that a merged box names; more are counted."""
_STYLE_RANK = {"violation": 0, "unknown": 1, "confirmed": 2, "stopped": 3}


@dataclass(frozen=True, slots=True)
class MapBand:
    """A horizontal band."""

    id: str
    title: str
    lines: tuple[str, ...]
    kind: str
    """``inside`` | ``outside`` | ``unknown``."""


@dataclass(frozen=True, slots=True)
class MapBox:
    """A box: one component, or several merged."""

    id: str
    band: str
    plane: str
    title: str
    lines: tuple[str, ...]
    certain: bool
    """Whether it is known to exist."""
    members: tuple[str, ...]
    """Titles of what it stands for, with the operator of what is not inside."""
    operated: tuple[str, str] | None = None
    """Operator and countries of what is not inside."""


@dataclass(frozen=True, slots=True)
class MapLine:
    """A line: one flow, or several parallel ones merged."""

    id: str
    source: str
    target: str
    style: str
    flows: tuple[FlowView, ...]


@dataclass(frozen=True, slots=True)
class Map:
    """The map's content with the grid for its layout."""

    bands: tuple[MapBand, ...]
    columns: tuple[str, ...]
    """Plane ids, empty for the plane that is not known."""
    boxes: tuple[MapBox, ...]
    lines: tuple[MapLine, ...]
    grid: Grid
    merged: bool
    hidden: int
    """Lines that start and end in one merged box."""


def build_map(assessment: Assessment, flows: tuple[FlowView, ...], names: Names) -> Map:
    """Return the map of ``assessment``; ``flows`` are the rows of the same assessment's view."""
    drawn = [flow for flow in flows if flow.name not in NOT_DRAWN]
    boxes = _boxes(assessment, drawn, names)
    lines = [MapLine(f.anchor, f.source_id, f.destination_id, f.style, (f,)) for f in drawn if f.source_id != f.destination_id]
    merged = len(boxes) > MOST_BOXES or len(lines) > MOST_LINES
    if merged:
        boxes, lines = _merge(boxes, lines)
    bands = _bands(assessment, boxes, lines, names)
    boxes = _rehome(boxes, bands)
    columns = (*words.PLANES, "") if any(box.plane == "" for box in boxes) else tuple(words.PLANES)
    row = {band.id: n for n, band in enumerate(bands)}
    grid = Grid(
        bands=len(bands),
        columns=len(columns),
        nodes=tuple(Node(box.id, row[box.band], columns.index(box.plane)) for box in boxes),
        edges=tuple(Edge(line.id, line.source, line.target) for line in lines),
    )
    shown = sum(len(line.flows) for line in lines)
    return Map(bands, columns, tuple(boxes), tuple(lines), grid, merged, len(drawn) - shown)


def _boxes(assessment: Assessment, drawn: list[FlowView], names: Names) -> list[MapBox]:
    used = {end for flow in drawn for end in (flow.source_id, flow.destination_id)}
    boxes = [
        _box(component, names)
        for component in assessment.components
        if component.id in used or (component.present != "no" and component.place.inside == "yes")
    ]
    known = {box.id for box in boxes}
    labels = {flow.source_id: flow.source for flow in drawn} | {flow.destination_id: flow.destination for flow in drawn}
    boxes += [_stranger(end, labels[end], names) for end in sorted(used - known)]
    return boxes


def _box(component: ComponentRecord, names: Names) -> MapBox:
    place = component.place
    operator = names.operator(place.operator)
    country = ", ".join(place.processing) or "country not known"
    title = component.title or component.id
    return MapBox(
        id=component.id,
        band=_band_id(place),
        plane=component.plane if component.plane in words.PLANES else "",
        title=title,
        lines=(operator, country) if place.inside != "yes" else (component.role.replace("_", " "),),
        certain=component.present == "yes",
        members=(title if place.inside == "yes" else f"{title} ({operator}, {country})",),
        operated=(operator, country) if place.inside != "yes" else None,
    )


def _stranger(end: str, label: str, names: Names) -> MapBox:
    """Return the box of an end that no single component explains: a workload, an address, several candidates."""
    hosted = [c for c in names.components.values() if c.workload == end]
    workload = names.workloads.get(end)
    planes = {c.plane for c in hosted}
    band = f"zone:{workload.zone}" if workload and workload.zone else _band_id(hosted[0].place) if hosted else "?"
    plane = planes.pop() if len(planes) == 1 else ""
    return MapBox(end, band, plane if plane in words.PLANES else "", label, ("component not established",), False, (label,))


def _band_id(place: PlaceRecord) -> str:
    if place.zone:
        return f"zone:{place.zone}"
    return {"yes": "inside", "no": f"operator:{place.operator}"}.get(place.inside, "?")


def _merge(boxes: list[MapBox], lines: list[MapLine]) -> tuple[list[MapBox], list[MapLine]]:
    cells: dict[tuple[str, str], list[MapBox]] = {}
    for box in boxes:
        cells.setdefault((box.band if not box.band.startswith("operator:") else "others", box.plane), []).append(box)
    home: dict[str, str] = {}
    merged: list[MapBox] = []
    for members in cells.values():
        home.update({box.id: members[0].id for box in members})
        merged.append(_one(members))
    parallel: dict[tuple[str, str], list[MapLine]] = {}
    for line in lines:
        if home[line.source] != home[line.target]:
            parallel.setdefault((home[line.source], home[line.target]), []).append(line)
    result = [
        MapLine(
            group[0].id,
            source,
            target,
            min((line.style for line in group), key=lambda style: _STYLE_RANK.get(style, len(_STYLE_RANK))),
            tuple(flow for line in group for flow in line.flows),
        )
        for (source, target), group in parallel.items()
    ]
    return merged, result


def _one(members: list[MapBox]) -> MapBox:
    if len(members) == 1:
        return members[0]
    titles = tuple(title for box in members for title in box.members)
    shared = len({box.band for box in members}) == 1
    operated = [box.operated for box in members if box.operated]
    return replace(
        members[0],
        band=members[0].band if shared else "others",
        title=words.plural(len(titles), "component"),
        lines=_operators(operated) if operated else titles[:2],
        certain=all(box.certain for box in members),
        members=titles,
    )


def _operators(operated: list[tuple[str, str]]) -> tuple[str, str]:
    """Return who runs what one box stands for, and where: two names, else how many."""
    operators, places = (tuple(dict.fromkeys(texts)) for texts in zip(*operated, strict=True))
    return (", ".join(operators) if len(operators) <= _NAMED else words.plural(len(operators), "operator"), ", ".join(places))


def _bands(assessment: Assessment, boxes: list[MapBox], lines: list[MapLine], names: Names) -> tuple[MapBand, ...]:
    held = Counter(box.band for box in boxes)
    zones = [
        MapBand(f"zone:{z.id}", z.id, (names.operator(z.operator), ", ".join(z.processing) or "country not known"), kind)
        for wanted, kind in ((True, "inside"), (False, "outside"))
        for z in assessment.zones
        if z.inside is wanted and held[f"zone:{z.id}"]
    ]
    known = {band.id for band in zones}
    inside = [band for band in zones if band.kind == "inside"]
    if held["inside"]:
        inside.append(MapBand("inside", "Inside", ("zone not named",), "inside"))
    crossing = Counter(box.band for line in lines for box in boxes if box.id in (line.source, line.target))
    apart = [b for b in held if b.startswith("operator:") and held[b] > 1]
    outside = [
        MapBand(b, names.operator(b.removeprefix("operator:")), _law(names, b.removeprefix("operator:")), "outside")
        for b in sorted(apart, key=lambda b: (-crossing[b], b))
    ]
    singles = [b for b in held if (b.startswith("operator:") and held[b] == 1) or b == "others"]
    if singles:
        title = "Other operators" if outside else "Outside operators"
        outside.append(MapBand("others", title, ("outside",), "outside"))
    rest = [b for b in held if b == "?" or (b.startswith("zone:") and b not in known)]
    lost = [MapBand("?", "Place not established", ("inside or outside",), "unknown")] if rest else []
    return (*inside, *(band for band in zones if band.kind == "outside"), *outside, *lost)


def _law(names: Names, operator: str) -> tuple[str, ...]:
    country = names.operator_country(operator)
    return ("outside", f"law of {country}" if country else "jurisdiction not known")


def _rehome(boxes: list[MapBox], bands: tuple[MapBand, ...]) -> list[MapBox]:
    known = {band.id for band in bands}
    return [
        box if box.band in known else replace(box, band="others" if box.band.startswith("operator:") else "?") for box in boxes
    ]
