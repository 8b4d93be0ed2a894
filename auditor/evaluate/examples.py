"""A profile's own examples: deployments in miniature beside it, and the verdicts that its controls must give them."""

from __future__ import annotations

import importlib.resources
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.documents import load_strict
from auditor.documents.schema import plain
from auditor.documents.tree import Document, Node
from auditor.errors import Diagnostic, UsageError
from auditor.evaluate.judging import Judge
from auditor.evaluate.loading import EXAMPLES, SUFFIX, example_files, load_profile
from auditor.evaluate.matching import Scene
from auditor.evaluate.miniature import AS_OF, Facts, GraphOf, miniature
from auditor.evaluate.reading import fault, text_at
from auditor.evaluate.resolving import resolved
from auditor.facts.evidence import FileLocation
from auditor.facts.examples import ExampleReport, ExampleResult
from auditor.facts.profile import Control
from auditor.facts.vocabulary import Verdict

SHOWN_BY_EXAMPLE = (Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN)
"""A control that can give only two of these may be broken in the third."""


@dataclass(frozen=True, slots=True)
class Case:
    """One deployment in miniature and what is expected of it."""

    title: str
    facts: Facts
    expected: tuple[tuple[str, Verdict], ...]
    """(control id, verdict), in the order of the file."""
    location: FileLocation


def judge_examples(name_or_path: str, graph_of: GraphOf, base: Path | None = None) -> ExampleReport:
    """Return what the controls of a profile say to the examples beside it and beside all that it extends.

    Raises:
        InvalidInputError: a malformed profile or file of examples, or one that names what is not there.
        UsageError: no examples stand beside the profile.
    """
    profile = load_profile(name_or_path, base)
    files = example_files(name_or_path, base)
    if not files:
        step = f"write them beside it: {profile.id}{EXAMPLES}{SUFFIX} (docs/profile_language.md)"
        raise UsageError(Diagnostic(f"profile {profile.id} has no examples", "", step, profile.location.path))
    controls = {c.id: resolved(c) for c in profile.controls}
    documents = [load_strict(path, shown, _schema()) for path, shown in files]
    for document in documents:
        _refuse_foreign(document, (profile.id, *profile.extends))
    results = tuple(
        result
        for d in documents
        for case in read_examples(d, frozenset(controls))
        for result in _results(case, controls, graph_of)
    )
    shown_by = {(r.control, r.expected) for r in results}
    lacking = tuple((c, v) for c in controls for v in SHOWN_BY_EXAMPLE if (c, v) not in shown_by)
    return ExampleReport(profile.id, tuple(shown for _, shown in files), results, lacking)


def _results(case: Case, controls: Mapping[str, Control], graph_of: GraphOf) -> Iterator[ExampleResult]:
    judge = Judge(Scene(miniature(case.facts, case.title, case.location, graph_of)), AS_OF)
    for control, expected in case.expected:
        outcome = judge.outcome(controls[control])
        yield ExampleResult(control, case.title, expected, outcome.verdict, outcome.reason, case.location)


def read_examples(document: Document, controls: frozenset[str]) -> tuple[Case, ...]:
    """Return the cases of ``document``, checked against the schema of examples.

    Raises:
        InvalidInputError: a control, a component or a place is named that is not there, or a flow without an end.
    """
    root = document.root
    base: Facts = plain(root.get("deployment") or root)
    listed = root.get("cases")
    return tuple(_case(document, node, base, controls) for node in (listed.items if listed else ()))


def _case(document: Document, node: Node, base: Facts, controls: frozenset[str]) -> Case:
    change = node.get("change")
    facts = _over(base, plain(change) if change is not None else {})
    facts = _without(document, node, facts)
    for problem in _dangling(facts):
        raise fault(document, node, problem, "define it in the deployment, or leave out what names it (without:)")
    expect = node.get("expect")
    expected = []
    for key, value in expect.entries if expect else ():
        if key.text not in controls:
            raise fault(document, key, f"the profile has no control {key.text}", "name one of its own or inherited controls")
        expected.append((key.text, Verdict(value.text)))
    return Case(text_at(node, "title"), facts, tuple(expected), document.locate(node))


def _refuse_foreign(document: Document, known: tuple[str, ...]) -> None:
    named = document.root.get("examples") or document.root
    if named.text not in known:
        raise fault(document, named, f"these are examples of {named.text}, and not of {known[0]}", "correct the id")


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``below`` with ``above`` laid over it, mapping by mapping; lists and texts are replaced."""
    merged = dict(below)
    for key, value in above.items():
        known = merged.get(key)
        merged[key] = _over(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return merged


def _without(document: Document, node: Node, facts: dict[str, Any]) -> dict[str, Any]:
    """Return ``facts`` less the components, flows and stores that the case leaves out."""
    dropped = node.get("without")
    kinds = ("components", "flows", "stores")
    for item in dropped.items if dropped else ():
        if not any(item.text in facts.get(kind, {}) for kind in kinds):
            raise fault(document, item, f"nothing is called {item.text!r}", "name a component, a flow or a store")
        facts = {k: {n: v for n, v in f.items() if n != item.text} if k in kinds else f for k, f in facts.items()}
    return facts


def _dangling(facts: Facts) -> Iterator[str]:
    """Yield what is named and not there."""
    components, places = facts.get("components", {}), facts.get("places", {})
    for name, component in components.items():
        if "place" in component and component["place"] not in places:
            yield f"component {name} lies in a place that is not there: {component['place']}"
    for name, flow in facts.get("flows", {}).items():
        for end in ("from", "to"):
            named = flow.get(end, ())
            ends: Sequence[str] = (named,) if isinstance(named, str) else named
            if not ends:
                yield f"flow {name} has no {end}:"
            yield from (f"flow {name} names a component that is not there: {e}" for e in ends if e not in components)
    for name, store in facts.get("stores", {}).items():
        if store.get("at") not in components:
            yield f"store {name} is kept at a component that is not there: {store.get('at', 'none is named')}"


def _schema() -> importlib.resources.abc.Traversable:
    return importlib.resources.files("auditor.evaluate") / "schemas" / "profile-examples-v1.json"
