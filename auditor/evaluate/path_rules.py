"""Paths over all hops: shortest witnesses from the graph, one for each intermediary or goal."""

from __future__ import annotations

from collections.abc import Callable

from auditor.evaluate.doubts import doubts
from auditor.evaluate.flow_rules import bases_of, carries
from auditor.evaluate.matching import Scene, classes_of
from auditor.evaluate.outcome import Found, Violation
from auditor.evaluate.telling import believed, named
from auditor.evaluate.words import joined
from auditor.facts.evidence import Evidence
from auditor.facts.graph import EdgeTest, NodeTest, Path
from auditor.facts.inventory import Unknown
from auditor.facts.profile import ComponentSelector, PathSelector
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth, all_of
from auditor.facts.vocabulary import Basis, DataClass

_Question = Callable[[NodeTest], Path | None]


def forbidden_paths(selector: PathSelector, scene: Scene, fallback: Evidence) -> Found:
    """Return one violation for each intermediary (else for each goal) that a certain path reaches."""
    start, goal = _node(selector.source, scene), _node(selector.destination, scene)
    edge = _edge(selector)
    middle = selector.intermediary
    if middle is None:
        return _each(goal, lambda only: scene.model.graph.reaches(start, only, edge), scene, fallback)
    through = _node(middle, scene)
    return _each(through, lambda only: scene.model.graph.through(start, only, goal, edge), scene, fallback)


def path_exists(selector: PathSelector, scene: Scene) -> bool:
    """Return whether a path certainly leads from start to goal; without one there is nothing to judge."""
    start, goal = _node(selector.source, scene), _node(selector.destination, scene)
    path = scene.model.graph.reaches(start, goal, _edge(selector))
    return path is not None and path.certainty is Truth.YES


def _each(test: NodeTest, ask: _Question, scene: Scene, fallback: Evidence) -> Found:
    """Ask once for all, then for each node that matches: every intermediary or goal is named."""
    if ask(test) is None:
        return Found()
    violations: list[Violation] = []
    unknowns: list[Unknown] = []
    for node in (c.id for c in scene.model.components):
        truth = test(node)
        path = None if truth is Truth.NO else ask(_only(node, truth))
        if path is None:
            continue
        if path.certainty is Truth.YES:
            violations.append(_violation(path, scene, fallback))
        else:
            unknowns.extend(_path_doubts(path, scene))
    return Found(tuple(violations), tuple(unknowns))


def _path_doubts(path: Path, scene: Scene) -> list[Unknown]:
    unsure = [row for row in path.rows if row.exists is not Truth.YES or row.unknowns]
    return [u for row in unsure or path.rows[-1:] for u in doubts(row, row.exists, Truth.YES, scene)]


def _violation(path: Path, scene: Scene, fallback: Evidence) -> Violation:
    first, last = path.rows[0], path.rows[-1]
    hops = [first.source, *(row.destination for row in path.rows)]
    via = [named(hop, scene) for hop in hops[1:-1]]
    way = f" by way of {joined(via)}" if via else ""
    evidence = tuple(dict.fromkeys(e for row in path.rows for e in row.evidence)) or (fallback,)
    title = f"From {named(hops[0], scene)} to {named(hops[-1], scene)}: a path{way} ({believed(last)})."
    return Violation(
        source=first.source,
        destination=last.destination,
        title=title,
        rows=tuple(row.id for row in path.rows),
        subject="",
        data=(),
        bases=tuple(b for b in Basis if any(b in bases_of(row) for row in path.rows)),
        cures=tuple(dict.fromkeys(c for row in path.rows for c in row.cures)),
        evidence=evidence,
    )


def _node(selector: ComponentSelector, scene: Scene) -> NodeTest:
    test = scene.test(selector)
    return lambda node: test((node,))


def _only(node: str, truth: Truth) -> NodeTest:
    return lambda other: truth if other == node else Truth.NO


def _edge(selector: PathSelector) -> EdgeTest:
    wanted: frozenset[DataClass] = classes_of(selector.data)

    def test(row: FlowRow) -> Truth:
        return all_of((row.exists, carries(row, wanted, out=True)[0])) if wanted else row.exists

    return test
