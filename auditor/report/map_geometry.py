"""What the layout of the map takes and gives: a grid of boxes and lines in, coordinates out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """A box and its cell."""

    id: str
    band: int
    column: int


@dataclass(frozen=True, slots=True)
class Edge:
    """A directed line between two different boxes."""

    id: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Grid:
    """What is laid out: ``bands`` and ``columns`` are counts; nodes keep their order inside a cell."""

    bands: int
    columns: int
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Left, top, width, height in SVG user units."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything is, in SVG user units."""

    width: float
    height: float
    bands: tuple[Rectangle, ...]
    columns: tuple[float, ...]
    """Left edges of the columns of boxes."""
    boxes: dict[str, Rectangle]
    lines: dict[str, tuple[tuple[float, float], ...]]
    """Edge id to its corners, source first."""
    chips: dict[str, Rectangle]
    """Edge id to the slot of its label, on the line's first stretch."""
