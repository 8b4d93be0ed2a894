from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.report.map_geometry import Edge, Grid, Layout, Node, Rectangle
from auditor.report.map_layout import lay_out

Segment = tuple[tuple[float, float], tuple[float, float]]


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    """Return a random grid with up to five bands, six columns, 14 boxes and 24 lines."""
    bands, columns = draw(st.integers(1, 5)), draw(st.integers(1, 6))
    cells = draw(st.lists(st.tuples(st.integers(0, bands - 1), st.integers(0, columns - 1)), min_size=2, max_size=14))
    nodes = tuple(Node(f"n{n}", band, column) for n, (band, column) in enumerate(cells))
    ends = st.lists(st.integers(0, len(nodes) - 1), min_size=2, max_size=2, unique=True)
    pairs = draw(st.lists(ends, max_size=24))
    return Grid(bands, columns, nodes, tuple(Edge(f"e{n}", f"n{a}", f"n{b}") for n, (a, b) in enumerate(pairs)))


def _segments(points: tuple[tuple[float, float], ...]) -> list[Segment]:
    return list(pairwise(points))


def _meets(segment: Segment, area: Rectangle) -> bool:
    (x1, y1), (x2, y2) = segment
    return (
        max(x1, x2) >= area.x
        and min(x1, x2) <= area.x + area.width
        and max(y1, y2) >= area.y
        and min(y1, y2) <= area.y + area.height
    )


def _over(one: Rectangle, other: Rectangle) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def _inside(point: tuple[float, float], area: Rectangle) -> bool:
    return area.x <= point[0] <= area.x + area.width and area.y <= point[1] <= area.y + area.height


def _bands_of(grid: Grid, edge: Edge) -> set[int]:
    return {node.band for node in grid.nodes if node.id in (edge.source, edge.target)}


@settings(max_examples=120, deadline=None)
@given(grids())
def test_no_line_touches_a_foreign_box_or_band(grid: Grid) -> None:
    layout = lay_out(grid)
    for edge in grid.edges:
        own = _bands_of(grid, edge)
        for segment in _segments(layout.lines[edge.id]):
            touched = {name for name, box in layout.boxes.items() if _meets(segment, box)}
            assert touched <= {edge.source, edge.target}
            assert {n for n, band in enumerate(layout.bands) if _meets(segment, band)} <= own


@settings(max_examples=120, deadline=None)
@given(grids())
def test_a_flow_inside_one_band_never_leaves_it(grid: Grid) -> None:
    layout = lay_out(grid)
    for edge in grid.edges:
        own = _bands_of(grid, edge)
        if len(own) == 1:
            assert all(_inside(point, layout.bands[min(own)]) for point in layout.lines[edge.id])


@settings(max_examples=120, deadline=None)
@given(grids())
def test_no_two_lines_lie_on_one_another(grid: Grid) -> None:
    layout = lay_out(grid)
    for (one, first), (other, second) in combinations(layout.lines.items(), 2):
        overlaps = [(a, b) for a in _segments(first) for b in _segments(second) if _collinear(a, b)]
        assert overlaps == [], (one, other)


def _collinear(a: Segment, b: Segment) -> bool:
    for axis in (0, 1):
        along = 1 - axis
        if a[0][axis] == a[1][axis] == b[0][axis] == b[1][axis]:
            low = max(min(a[0][along], a[1][along]), min(b[0][along], b[1][along]))
            high = min(max(a[0][along], a[1][along]), max(b[0][along], b[1][along]))
            return high > low
    return False


@settings(max_examples=120, deadline=None)
@given(grids())
def test_chips_lie_free_and_everything_lies_on_the_page(grid: Grid) -> None:
    layout = lay_out(grid)
    chips = list(layout.chips.values())
    assert not any(_over(one, other) for one, other in combinations(chips, 2))
    assert not any(_over(chip, box) for chip in chips for box in layout.boxes.values())
    assert not any(_over(one, other) for one, other in combinations(layout.boxes.values(), 2))
    page = Rectangle(0, 0, layout.width, layout.height)
    assert all(_inside(point, page) for points in layout.lines.values() for point in points)
    assert all(_inside((box.x, box.y), layout.bands[_band(grid, name)]) for name, box in layout.boxes.items())


def _band(grid: Grid, name: str) -> int:
    return next(node.band for node in grid.nodes if node.id == name)


@settings(max_examples=40, deadline=None)
@given(grids())
def test_lines_run_from_their_source_to_their_target_at_right_angles(grid: Grid) -> None:
    layout: Layout = lay_out(grid)
    assert lay_out(grid) == layout
    for edge in grid.edges:
        points = layout.lines[edge.id]
        for end, point in ((edge.source, points[0]), (edge.target, points[-1])):
            box = layout.boxes[end]
            assert point[0] in (box.x, box.x + box.width)
            assert box.y < point[1] < box.y + box.height
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(points))


def test_a_line_needs_two_different_boxes_that_exist() -> None:
    node = Node("a", 0, 0)
    with pytest.raises(ValueError, match="to itself"):
        lay_out(Grid(1, 1, (node,), (Edge("e", "a", "a"),)))
    with pytest.raises(KeyError):
        lay_out(Grid(1, 1, (node,), (Edge("e", "a", "b"),)))
