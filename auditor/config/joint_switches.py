"""Switches that end something only together: ``any: [{setting unset}, {not: {fact …}}]`` needs both answered otherwise.

Cures name what stops a flow by itself (``cures``). Where nothing does, and for stores and components, a plan asks here.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from auditor.catalog.catalog import Catalog
from auditor.catalog.conditions import Atom, AtomKind, Condition, atoms
from auditor.config.context import SystemContext
from auditor.config.cures import opposites, switch_cure
from auditor.config.engine import context_of
from auditor.config.switching import switched
from auditor.documents.tree import Document
from auditor.facts.manifest import Manifest
from auditor.facts.settings import Change
from auditor.facts.truth import Truth

_MOST_TRIES = 256
Ended = Callable[[SystemContext], bool]
"""Whether a flow, store or component is over in a system as changed."""


@dataclass(frozen=True, slots=True)
class JointSwitch:
    """Changes that stop a flow together, and what each of them asks for."""

    changes: tuple[Change, ...]
    texts: tuple[str, ...]
    """One imperative sentence a change."""


def joint_switch(subject: str, documents: Sequence[Document], manifest: Manifest, catalog: Catalog) -> JointSwitch | None:
    """Return the smallest set of changes that ends a flow, store or component ``<system>/<id>``; ``None`` without any; pure.

    Flows of one entry of a list have switches of their own and are not asked here.
    """
    system, _, name = subject.partition("/")
    context = context_of(system, documents, manifest, catalog)
    question = _question(name, context) if context is not None else None
    if context is None or question is None:
        return None
    condition, ended = question
    asked = [a for a in dict.fromkeys(atoms(condition)) if a.kind in (AtomKind.SETTING, AtomKind.FACT)]
    for size in range(1, len(asked) + 1):
        for chosen in itertools.combinations(asked, size):
            found = _first(ended, chosen, context)
            if found is not None:
                return found
    return None


def _question(name: str, context: SystemContext) -> tuple[Condition, Ended] | None:
    """Return the condition of what is called ``name`` and the test of whether it is over."""
    product = context.product
    flow = next((f for f in product.flows if name == f.id or name.startswith(f"{f.id}:")), None)
    if flow is not None:
        listed = bool(flow.to.for_each)
        return None if listed else (flow.on, lambda changed: switched(flow, changed).truth is Truth.NO)
    store = next((s for s in product.stores if s.id == name), None)
    component = product.component(name)
    condition = store.on if store is not None else component.present if component is not None else None
    return None if condition is None else (condition, lambda changed: changed.decide(condition).truth is Truth.NO)


def _first(ended: Ended, chosen: Sequence[Atom], context: SystemContext) -> JointSwitch | None:
    options = [list(_options(atom, context)) for atom in chosen]
    for combination in itertools.islice(itertools.product(*options), _MOST_TRIES):
        changed = context
        for change, _ in combination:
            changed = changed.with_change(change.key, change.value)
        if ended(changed):
            return JointSwitch(tuple(c for c, _ in combination), tuple(text for _, text in combination))
    return None


def _options(atom: Atom, context: SystemContext) -> Iterator[tuple[Change, str]]:
    if atom.kind is AtomKind.FACT:
        question = next((f for f in context.product.facts if f.id == atom.name), None)
        for answer in question.answers if question is not None else ():
            step = question.settled_by[0] if question is not None and question.settled_by else atom.name
            yield Change(context.system, f"fact:{atom.name}", answer), f"Have it answered {answer}: {step}"
        return
    definition = context.product.setting(atom.name)
    if definition is not None:
        for value in opposites(atom, definition):
            yield Change(context.system, atom.name, value), switch_cure(definition, value).text
