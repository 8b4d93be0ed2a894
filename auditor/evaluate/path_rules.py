"""Paths over all hops: shortest witnesses from the graph, one for each intermediary or goal."""

from __future__ import annotations

from auditor.evaluate.doubts import doubts
from auditor.evaluate.flow_rules import bases_of, carries, rows_by_form
from auditor.evaluate.matching import Scene, classes_of
from auditor.evaluate.outcome import Found, Violation
from auditor.evaluate.telling import believed, named, receiver
from auditor.evaluate.words import joined
from auditor.facts.evidence import Evidence
from auditor.facts.graph import EdgeTest, NodeTest, Path
from auditor.facts.inventory import Unknown
from auditor.facts.profile import ComponentSelector, PathSelector
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth, all_of
from auditor.facts.vocabulary import Basis


def forbidden_paths(selector: PathSelector, scene: Scene, fallback: Evidence) -> Found:
    """Return one violation for each intermediary (else for each goal) that a certain path reaches."""
    start, goal = _node(selector.source, scene), _node(selector.destination, scene)
    edge = _edge(selector, scene)
    middle = selector.intermediary
    named_ones = goal if middle is None else _node(middle, scene)
    nodes = {c.id: truth for c in scene.model.components for truth in (named_ones(c.id),) if truth is not Truth.NO}
    paths = scene.model.graph.witnesses(start, None if middle is None else goal, edge, nodes)
    violations: list[Violation] = []
    unknowns: list[Unknown] = []
    for path in (paths[node] for node in nodes if node in paths):
        if path.certainty is Truth.YES:
            violations.append(_violation(path, scene, fallback))
        else:
            unknowns.extend(_path_doubts(path, scene))
    return Found(tuple(violations), tuple(unknowns))


def path_exists(selector: PathSelector, scene: Scene) -> bool:
    """Return whether a path certainly leads from start to goal; without one there is nothing to judge."""
    start, goal = _node(selector.source, scene), _node(selector.destination, scene)
    path = scene.model.graph.reaches(start, goal, _edge(selector, scene))
    return path is not None and path.certainty is Truth.YES


def _path_doubts(path: Path, scene: Scene) -> list[Unknown]:
    unsure = [row for row in path.rows if row.exists is not Truth.YES or row.unknowns]
    return [u for row in unsure or path.rows[-1:] for u in doubts(row, row.exists, Truth.YES, scene)]


def _violation(path: Path, scene: Scene, fallback: Evidence) -> Violation:
    first, last = path.rows[0], path.rows[-1]
    hops = [first.source, *(row.destination for row in path.rows)]
    via = [named(hop, scene) for hop in hops[1:-1]]
    way = f" by way of {joined(via)}" if via else ""
    evidence = tuple(dict.fromkeys(e for row in path.rows for e in row.evidence)) or (fallback,)
    title = f"From {named(hops[0], scene)} to {receiver(hops[-1], scene)}: a path{way} ({believed(last)})."
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


def _edge(selector: PathSelector, scene: Scene) -> EdgeTest:
    wanted, forms = classes_of(selector.data), rows_by_form(scene)

    def test(row: FlowRow) -> Truth:
        return all_of((row.exists, carries(row, wanted, out=True)[0])) if wanted else row.exists

    answers = [test(row) for row in forms.first]
    return lambda row: answers[forms.numbers[row.id]]
