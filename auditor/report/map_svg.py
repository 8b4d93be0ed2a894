"""The map as static SVG: presentation attributes only, glyphs as paths, every flow a link to its row."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from auditor.report import words
from auditor.report.escape import clean, svg_attribute, svg_text
from auditor.report.map_geometry import Layout, Rectangle
from auditor.report.map_layout import BOX_WIDTH, lay_out
from auditor.report.map_model import Map, MapBand, MapBox, MapLine

INK = "#1c2430"
SOFT = "#56606e"
STROKES = {"violation": "#a3211b", "confirmed": "#30475e", "unknown": "#80500a", "stopped": "#56606e"}
STYLE_WORDS = {
    "violation": "violates a control",
    "confirmed": "intended and seen",
    "unknown": "not proven",
    "stopped": "tried or stopped; no data passed",
}
_LINES = {
    "violation": 'stroke-width="2.6"',
    "confirmed": 'stroke-width="1.5"',
    "unknown": 'stroke-width="1.5" stroke-dasharray="6 4"',
    "stopped": 'stroke-width="1.5" stroke-dasharray="1.5 4" stroke-linecap="round"',
}
_BANDS = {
    "inside": 'fill="#eef5f1" stroke="#7d9c8b"',
    "outside": 'fill="#faf4ec" stroke="#c0a784"',
    "unknown": 'fill="#ffffff" stroke="#80500a" stroke-dasharray="6 4"',
}
_GLYPHS = {
    "violation": "M-3.2 -3.2L3.2 3.2M3.2 -3.2L-3.2 3.2",
    "confirmed": "M-3.6 .2L-1 3L3.8 -3",
    "unknown": "M-2.4 -1.9C-2.4 -4.9 2.5 -4.9 2.5 -1.9C2.5 .1 0 -.1 0 1.6M0 3.6L0 3.9",
    "stopped": "M-3.4 0L3.4 0",
}
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"
_RADIUS = 5.0
_TITLE_CHARACTERS = 19
_LINE_CHARACTERS = 21
_LABEL_CHARACTERS = 13


def render_map(content: Map, anchors: Collection[str]) -> str:
    """Return the whole ``<svg>`` element; every text of the assessment is escaped here.

    A line is a link to the first of its rows that is among ``anchors``, and none where no row of it is printed.
    """
    layout = lay_out(content.grid)
    width, height = _number(layout.width + 4), _number(layout.height + 2)
    size = f'viewBox="-1 0 {width} {height}" width="{width}" height="{height}"'
    names = 'role="group" aria-labelledby="map-title map-description"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {names} font-family="{svg_attribute(_FONT)}">',
        '<title id="map-title">Map of the deployment</title>',
        f'<desc id="map-description">{svg_text(_description(content))}</desc>',
        *_columns(content, layout),
        *(part for band, area in zip(content.bands, layout.bands, strict=True) for part in _band(band, area)),
        *(part for box in content.boxes for part in _box(box, layout.boxes[box.id])),
        *(part for line in _ordered(content) for part in _line(line, layout, content, anchors)),
        "</svg>",
    ]
    return "\n".join(parts)


def line_sample(style: str) -> str:
    """Return a small ``<svg>`` that shows a line style and its glyph, for the legend."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="58" height="14" viewBox="0 0 58 14" aria-hidden="true">'
        f'<path d="M20 7L57 7" fill="none" stroke="{STROKES[style]}" {_LINES[style]}/>{_glyph(style, 8, 7)}</svg>'
    )


def _description(content: Map) -> str:
    counts = {style: sum(line.style == style for line in content.lines) for style in STROKES}
    told = ", ".join(f"{counts[style]} {STYLE_WORDS[style]}" for style in STROKES if counts[style]) or "none"
    return (
        f"Bands are places, columns are planes, boxes are components. Boxes: {len(content.boxes)}. Lines: {told}. "
        "The flow table says the same in words."
    )


def _ordered(content: Map) -> list[MapLine]:
    """Return violations last, so that they lie on top; within a style in the order of the flows."""
    order = ("stopped", "confirmed", "unknown", "violation")
    return sorted(content.lines, key=lambda line: (order.index(line.style), line.flows[0].number))


def _columns(content: Map, layout: Layout) -> Iterator[str]:
    for plane, x in zip(content.columns, layout.columns, strict=True):
        title = words.PLANES.get(plane, words.PLANE_NOT_KNOWN)
        yield _text(x, 18, title, 'font-size="13" font-weight="600"', INK)


def _band(band: MapBand, area: Rectangle) -> Iterator[str]:
    x, y, w, h = (_number(value) for value in (area.x + 0.5, area.y, area.width, area.height))
    yield f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="6" {_BANDS.get(band.kind, _BANDS["unknown"])}/>'
    top = area.y + 24
    for index, line in enumerate(_wrap(band.title, _LABEL_CHARACTERS, 2)):
        yield _text(12, top, line, 'font-size="13" font-weight="700"', INK)
        top += 16 if index == 0 else 15
    for text in band.lines:
        for line in _wrap(text, _LABEL_CHARACTERS + 4, 2):
            yield _text(12, top, line, 'font-size="11.5"', SOFT)
            top += 14


def _box(box: MapBox, area: Rectangle) -> Iterator[str]:
    x, y, w, h = (_number(value) for value in (area.x, area.y, area.width, area.height))
    dash = "" if box.certain else ' stroke-dasharray="5 4"'
    yield f"<g><title>{svg_text(', '.join(box.members))}</title>"
    yield f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="4" fill="#ffffff" stroke="#6d7887"{dash}/>'
    titles = _wrap(box.title, _TITLE_CHARACTERS, 2)
    lines = [_shorten(line, _LINE_CHARACTERS) for line in box.lines]
    top = area.y + area.height / 2 - 7.2 * (len(titles) + len(lines) - 1) + 4
    for line in titles:
        yield _text(area.x + BOX_WIDTH / 2, top, line, 'font-size="12.5" font-weight="600" text-anchor="middle"', INK)
        top += 14.4
    for line in lines:
        yield _text(area.x + BOX_WIDTH / 2, top, line, 'font-size="11.5" text-anchor="middle"', SOFT)
        top += 14.4
    yield "</g>"


def _line(line: MapLine, layout: Layout, content: Map, anchors: Collection[str]) -> Iterator[str]:
    colour = STROKES[line.style]
    label = _label(line, content)
    points, chip = layout.lines[line.id], layout.chips[line.id]
    anchor = next((flow.anchor for flow in line.flows if flow.anchor in anchors), "")
    tag, opening = ("a", f'a href="#{svg_attribute(anchor)}"') if anchor else ("g", 'g role="img"')
    yield f'<{opening} class="{_classes(line)}" aria-label="{svg_attribute(label)}"><title>{svg_text(label)}</title>'
    yield f'<path d="{_path(points)}" fill="none" stroke="{colour}" {_LINES[line.style]} stroke-linejoin="round"/>'
    yield _arrow(points, colour)
    x, y, w, h = (_number(value) for value in (chip.x, chip.y, chip.width, chip.height))
    yield f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="7.5" fill="#ffffff" stroke="{colour}"/>'
    yield _glyph(line.style, chip.x + 9, chip.y + chip.height / 2)
    number = str(line.flows[0].number) if len(line.flows) == 1 else f"×{len(line.flows)}"
    yield _text(
        chip.x + 14 + (chip.width - 17) / 2,
        chip.y + 11,
        number,
        'font-size="10.5" font-weight="700" text-anchor="middle"',
        colour,
    )
    yield f"</{tag}>"


def _classes(line: MapLine) -> str:
    """Return the findings that a line belongs to as class names, so that the page can show one of them alone."""
    numbers = (reference.anchor.removeprefix("finding-") for flow in line.flows for reference in flow.findings)
    return " ".join(dict.fromkeys(("line", *(f"f{number}" for number in numbers if number.isdecimal()))))


def _label(line: MapLine, content: Map) -> str:
    titles = {box.id: box.title for box in content.boxes}
    way = f"{titles[line.source]} to {titles[line.target]}"
    if len(line.flows) > 1:
        numbers = ", ".join(str(flow.number) for flow in line.flows)
        return f"Flows {numbers}: {way}: {STYLE_WORDS[line.style]}"
    flow = line.flows[0]
    return f"Flow {flow.number}: {way}: {flow.purpose or 'purpose not known'}: {flow.verdict_word}; sends {flow.sends}"


def _path(points: tuple[tuple[float, float], ...]) -> str:
    """Return a polyline with rounded corners, cut short of the target for the arrow head."""
    kept = [point for n, point in enumerate(points) if n in (0, len(points) - 1) or not _straight(points, n)]
    (x0, y0), (x1, y1) = kept[-2], kept[-1]
    kept[-1] = (x1 - 6 if x1 > x0 else x1 + 6, y1)
    d = f"M{_number(kept[0][0])} {_number(kept[0][1])}"
    for before, corner, after in zip(kept, kept[1:], kept[2:], strict=False):
        a, b = _toward(corner, before), _toward(corner, after)
        d += f"L{_pair(a)}Q{_pair(corner)} {_pair(b)}"
    return d + f"L{_pair((kept[-1][0], y0 if y0 == y1 else y1))}"


def _straight(points: tuple[tuple[float, float], ...], n: int) -> bool:
    before, corner, after = points[n - 1], points[n], points[n + 1]
    return before[0] == corner[0] == after[0] or before[1] == corner[1] == after[1]


def _toward(corner: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    dx, dy = other[0] - corner[0], other[1] - corner[1]
    length = abs(dx) + abs(dy)
    reach = min(_RADIUS, length / 2)
    return corner[0] + dx / length * reach, corner[1] + dy / length * reach


def _arrow(points: tuple[tuple[float, float], ...], colour: str) -> str:
    (x0, _), (x, y) = points[-2], points[-1]
    back = x - 8 if x > x0 else x + 8
    return f'<path d="M{_pair((x, y))}L{_pair((back, y - 4))}L{_pair((back, y + 4))}Z" fill="{colour}"/>'


def _glyph(style: str, x: float, y: float) -> str:
    return (
        f'<path transform="translate({_number(x)} {_number(y)})" d="{_GLYPHS[style]}" fill="none" '
        f'stroke="{STROKES[style]}" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round"/>'
    )


def _text(x: float, y: float, text: str, attributes: str, colour: str) -> str:
    return f'<text x="{_number(x)}" y="{_number(y)}" fill="{colour}" {attributes}>{svg_text(text)}</text>'


def _wrap(text: str, width: int, lines: int) -> list[str]:
    """Return at most ``lines`` lines of at most ``width`` characters, the last one shortened."""
    result: list[str] = []
    rest = clean(text)
    while rest and len(result) < lines - 1 and len(rest) > width:
        cut = max(rest.rfind(mark, 0, width + 1) for mark in " -/.")
        cut = cut if cut > 0 else width - 1
        result.append(rest[: cut + 1].rstrip())
        rest = rest[cut + 1 :].lstrip()
    return [*result, _shorten(rest, width)] if rest else result


def _shorten(raw: str, width: int) -> str:
    text = clean(raw)
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def _pair(point: tuple[float, float]) -> str:
    return f"{_number(point[0])} {_number(point[1])}"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
