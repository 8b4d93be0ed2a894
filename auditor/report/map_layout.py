"""Lane layout of the map: zones as horizontal bands, planes as columns, flows in reserved gutters. Pure geometry.

Between columns run vertical gutters, above every row of a band a horizontal corridor, and right of all bands an
outer margin; boxes are never there. A flow leaves its box into the gutter beside it and changes columns only in a
corridor. Bands that are neighbours are joined through a gutter, all others through the outer margin. Hence, for
every input (tests/report/test_map_layout.py holds them as properties):

* no line touches the box of a component that is not its end;
* a line lies inside the bands of its two ends, or between or beside bands: it enters no other band, and a flow
  inside one band never leaves it.
"""

from __future__ import annotations

from dataclasses import dataclass

from auditor.report.map_geometry import Edge, Grid, Layout, Rectangle
from auditor.report.map_tracks import Span, Tracks, assign_tracks

BOX_WIDTH = 152
CHIP_WIDTH = 42
CHIP_HEIGHT = 15
LABEL_WIDTH = 112
HEADER = 30
_STEP = 18
"""Between ports of one side of a box; ports of right sides and of left sides are half a step apart."""
_TRACK = 8
_LANE = CHIP_WIDTH + 8.0
"""Beside boxes where lines begin, kept free for chips."""
_ARROW = 16.0
"""Beside boxes where lines only end, kept free for arrow heads."""
_EDGE = 10.0
"""Beside boxes without lines."""
_PAD = 10
_BAND_GAP = 14
_FEWEST_PORTS = 3
_EMPTY_WIDTH = 96
"""Of a column without boxes: its heading still has room."""

PortKey = tuple[str, str, str]
"""(edge, box, ``source`` or ``target``)."""
Cell = tuple[int, int]
"""(band, row)."""
_Sides = dict[tuple[str, bool], list[tuple[tuple[int, int, int, str], PortKey]]]
"""(box, right side) to its ports, each with its order."""


@dataclass(frozen=True, slots=True)
class _Route:
    """An edge before coordinates: sides, gutters, and the corridors (band, row) it uses."""

    edge: Edge
    source_right: bool
    target_right: bool
    first: int
    last: int
    near: Cell | None
    """Corridor by the source, only on the way to the outer margin."""
    far: Cell | None
    """Corridor by the target, when the gutters differ."""


@dataclass(frozen=True, slots=True)
class _Ways:
    """Every coordinate that a line can take."""

    port_y: dict[PortKey, float]
    corridor_y: dict[tuple[str, Cell], float]
    gutters: list[Tracks]
    gutter_x: list[float]


def lay_out(grid: Grid) -> Layout:
    """Return the layout of ``grid``; the same grid always gives the same layout.

    Raises:
        ValueError: an edge joins a box to itself.
        KeyError: an edge names a box that is not there.
    """
    return _Builder(grid).build()


class _Builder:
    """One layout under construction: topology first, then heights, then widths."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.node = {node.id: node for node in grid.nodes}
        self.rows: dict[str, int] = {}
        self.row_counts = [1] * grid.bands
        filled: dict[tuple[int, int], int] = {}
        for node in grid.nodes:
            row = filled.get((node.band, node.column), 0)
            self.rows[node.id] = row
            filled[(node.band, node.column)] = row + 1
            self.row_counts[node.band] = max(self.row_counts[node.band], row + 1)
        self.margin = grid.columns + 1
        self.routes = [self._route(edge) for edge in grid.edges]

    def build(self) -> Layout:
        corridors = self._corridors()
        ports = self._ports()
        bands, row_tops, height = self._heights(corridors, ports)
        port_y = {key: row_tops[self.node[key[1]].band, self.rows[key[1]]] + offset for key, offset in ports.items()}
        corridor_y = {
            (name, cell): row_tops[cell] - _PAD - _TRACK * (tracks.count - 1) + _TRACK * tracks.of[name]
            for cell, tracks in corridors.items()
            for name in tracks.of
        }
        gutters = self._gutters(port_y, corridor_y)
        columns, gutter_x, right = self._widths(gutters)
        boxes = {
            n.id: Rectangle(
                columns[n.column], row_tops[n.band, self.rows[n.id]], BOX_WIDTH, self._row_height(ports, n.band, self.rows[n.id])
            )
            for n in self.grid.nodes
        }
        ways = _Ways(port_y, corridor_y, gutters, gutter_x)
        lines = {r.edge.id: self._points(r, boxes, ways) for r in self.routes}
        return Layout(
            width=gutter_x[self.margin] + _TRACK * max(gutters[self.margin].count, 1),
            height=height,
            bands=tuple(Rectangle(0, top, right, bottom - top) for top, bottom in bands),
            columns=tuple(columns),
            boxes=boxes,
            lines=lines,
            chips={name: _chip(points) for name, points in lines.items()},
        )

    def _route(self, edge: Edge) -> _Route:
        if edge.source == edge.target:
            raise ValueError(f"edge {edge.id!r} joins a box to itself")
        source, target = self.node[edge.source], self.node[edge.target]
        if abs(source.band - target.band) > 1:
            cells = (source.band, self.rows[source.id]), (target.band, self.rows[target.id])
            return _Route(edge, True, True, source.column + 1, target.column + 1, *cells)
        source_right = source.column <= target.column
        target_right = source.column >= target.column
        first = source.column + 1 if source_right else source.column
        last = target.column + 1 if target_right else target.column
        far = (target.band, self.rows[target.id]) if first != last else None
        return _Route(edge, source_right, target_right, first, last, None, far)

    def _corridors(self) -> dict[Cell, Tracks]:
        spans: dict[tuple[int, int], list[Span]] = {}
        for route in self.routes:
            over = self.margin if route.near else route.first
            if route.near:
                spans.setdefault(route.near, []).append(Span(route.edge.id + "<", route.first, over))
            if route.far:
                spans.setdefault(route.far, []).append(Span(route.edge.id + ">", min(over, route.last), max(over, route.last)))
        return {cell: assign_tracks(spans[cell], gap=0.5) for cell in sorted(spans)}

    def _ports(self) -> dict[PortKey, float]:
        """Return (edge, box, end) to the port's offset below the top of its row."""
        sides: _Sides = {}
        for route in self.routes:
            for box, right, other, end in (
                (route.edge.source, route.source_right, route.edge.target, "source"),
                (route.edge.target, route.target_right, route.edge.source, "target"),
            ):
                far = self.node[other]
                order = (far.band, self.rows[other], far.column, route.edge.id)
                sides.setdefault((box, right), []).append((order, (route.edge.id, box, end)))
        slots = {cell: self._slots(sides, cell) for cell in ((self.node[b].band, self.rows[b]) for b, _ in sides)}
        result: dict[PortKey, float] = {}
        for (box, right), entries in sides.items():
            free = slots[self.node[box].band, self.rows[box]] - len(entries)
            start = _STEP * (free // 2) + _STEP * (0.65 if right else 1.15)
            for index, (_, key) in enumerate(sorted(entries)):
                result[key] = start + _STEP * index
        return result

    def _slots(self, sides: _Sides, cell: Cell) -> int:
        counts = [len(entries) for (box, _), entries in sides.items() if (self.node[box].band, self.rows[box]) == cell]
        return max(_FEWEST_PORTS, *counts)

    def _row_height(self, ports: dict[PortKey, float], band: int, row: int) -> float:
        ends = [y for (_, box, _), y in ports.items() if self.node[box].band == band and self.rows[box] == row]
        return max([_STEP * (_FEWEST_PORTS + 0.8), *(y + _STEP * 0.65 for y in ends)])

    def _heights(
        self, corridors: dict[Cell, Tracks], ports: dict[PortKey, float]
    ) -> tuple[list[tuple[float, float]], dict[Cell, float], float]:
        bands: list[tuple[float, float]] = []
        tops: dict[Cell, float] = {}
        y = float(HEADER)
        for band in range(self.grid.bands):
            start = y
            for row in range(self.row_counts[band]):
                used = corridors.get((band, row))
                y += 2 * _PAD + (_TRACK * (used.count - 1) if used else -_PAD / 2)
                tops[band, row] = y
                y += self._row_height(ports, band, row)
            y += _PAD * 1.5
            bands.append((start, y))
            y += _BAND_GAP
        return bands, tops, y - _BAND_GAP + 2

    def _gutters(
        self,
        port_y: dict[PortKey, float],
        corridor_y: dict[tuple[str, Cell], float],
    ) -> list[Tracks]:
        spans: list[list[Span]] = [[] for _ in range(self.margin + 1)]
        for route in self.routes:
            name = route.edge.id
            start, end = port_y[name, route.edge.source, "source"], port_y[name, route.edge.target, "target"]
            near = corridor_y[name + "<", route.near] if route.near else None
            far = corridor_y[name + ">", route.far] if route.far else None
            if far is None:
                spans[route.first].append(_span(name + "|", start, end))
                continue
            spans[route.first].append(_span(name + "<", start, far if near is None else near))
            spans[route.last].append(_span(name + ">", far, end))
            if near is not None:
                spans[self.margin].append(_span(name + "=", near, far))
        return [assign_tracks(gutter, gap=4.0) for gutter in spans]

    def _widths(self, gutters: list[Tracks]) -> tuple[list[float], list[float], float]:
        columns: list[float] = []
        starts: list[float] = []
        filled = {node.column for node in self.grid.nodes}
        lanes = self._lanes()
        x = float(LABEL_WIDTH)
        for index in range(self.grid.columns + 1):
            left, right = lanes.get((index, True), _EDGE), lanes.get((index, False), _EDGE)
            starts.append(x + left + _TRACK / 2)
            x += left + _TRACK * gutters[index].count + right
            if index < self.grid.columns:
                columns.append(x)
                x += BOX_WIDTH if index in filled else _EMPTY_WIDTH
        starts.append(x + _TRACK)
        return columns, starts, x

    def _lanes(self) -> dict[tuple[int, bool], float]:
        """Return (gutter, at its left edge) to the width kept free there for chips or arrow heads."""
        lanes: dict[tuple[int, bool], float] = {}
        for route in self.routes:
            for key, width in (((route.first, route.source_right), _LANE), ((route.last, route.target_right), _ARROW)):
                lanes[key] = max(lanes.get(key, _EDGE), width)
        return lanes

    def _points(self, route: _Route, boxes: dict[str, Rectangle], ways: _Ways) -> tuple[tuple[float, float], ...]:
        name = route.edge.id

        def track(gutter: int, suffix: str) -> float:
            return ways.gutter_x[gutter] + _TRACK * ways.gutters[gutter].of[name + suffix]

        start = _edge_x(boxes[route.edge.source], route.source_right), ways.port_y[name, route.edge.source, "source"]
        end = _edge_x(boxes[route.edge.target], route.target_right), ways.port_y[name, route.edge.target, "target"]
        if route.far is None:
            x = track(route.first, "|")
            return start, (x, start[1]), (x, end[1]), end
        first, last, far = track(route.first, "<"), track(route.last, ">"), ways.corridor_y[name + ">", route.far]
        if route.near is None:
            return start, (first, start[1]), (first, far), (last, far), (last, end[1]), end
        near, outer = ways.corridor_y[name + "<", route.near], track(self.margin, "=")
        return start, (first, start[1]), (first, near), (outer, near), (outer, far), (last, far), (last, end[1]), end


def _span(name: str, one: float, other: float) -> Span:
    return Span(name, min(one, other), max(one, other))


def _edge_x(box: Rectangle, right: bool) -> float:
    return box.x + box.width if right else box.x


def _chip(points: tuple[tuple[float, float], ...]) -> Rectangle:
    (x, y), (toward, _) = points[0], points[1]
    left = x + 5 if toward > x else x - 5 - CHIP_WIDTH
    return Rectangle(left, y - CHIP_HEIGHT / 2, CHIP_WIDTH, CHIP_HEIGHT)
