"""Several sources of one scope: what each process and each file by itself makes the product do.

Two values files, two exports or two processes of one system do not inherit from each other: a name that one sets and
the other leaves out has its default there. So a setting is resolved once for each of them, and the answers compared.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from auditor.catalog.scopes import ScopeKind
from auditor.catalog.settings import Merge, SettingDefinition
from auditor.config.bindings import Launch, Source
from auditor.config.effective import Sighting
from auditor.config.layers import processes_of
from auditor.config.scope_views import ScopeView, place_in_stack
from auditor.config.sighting import sight
from auditor.facts.evidence import Evidence

Meaning = Callable[[SettingDefinition, str | None], object]
"""What a text means, so that ``0`` and ``false`` count as one."""

MOST_COMBINATIONS = 64
_PROCESS = (ScopeKind.ENVIRONMENT, ScopeKind.FLAGS)


@dataclass(frozen=True, slots=True)
class World:
    """One process and one file for each scope."""

    views: tuple[ScopeView, ...]
    """Of the scopes that are honoured for the setting, lowest precedence first."""
    chosen: tuple[Evidence, ...]
    """Where there was a choice: the process or file that stands here."""


@dataclass(frozen=True, slots=True)
class _Part:
    views: tuple[ScopeView, ...]
    evidence: Evidence | None
    says: tuple[object, ...]

    @property
    def silent(self) -> bool:
        return all(s is None for s in self.says)


def worlds(definition: SettingDefinition, views: Sequence[ScopeView], meaning: Meaning) -> Iterator[World]:
    """Yield every combination that can make a difference to the setting, at least one.

    Where there are very many, and not all scopes are asked at once, one source is exchanged at a time, the others being
    silent where one of them is: every value that can win does so in some combination.
    """
    honoured = [v for v in views if v.may_hold(definition)]
    axes = [sorted(axis, key=lambda p: not p.silent) for axis in _axes(definition, honoured, meaning)]
    stepwise = definition.merge in (Merge.HIGHEST_WINS, Merge.UNION, Merge.INTERSECTION, Merge.BY_KEY)
    if stepwise and math.prod(len(axis) for axis in axes) > MOST_COMBINATIONS:
        base = tuple(axis[0] for axis in axes)
        changed = ((*base[:n], part, *base[n + 1 :]) for n, axis in enumerate(axes) for part in axis[1:])
        combinations: Iterator[tuple[_Part, ...]] = itertools.chain((base,), changed)
    else:
        combinations = itertools.product(*axes)
    for combination in combinations:
        found: dict[str, list[ScopeView]] = {}
        for view in (v for part in combination for v in part.views):
            found.setdefault(view.scope.id, []).append(view)
        chosen = tuple(p.evidence for p, axis in zip(combination, axes, strict=True) if p.evidence and len(axis) > 1)
        yield World(tuple(each for v in honoured for each in found[v.scope.id]), chosen)


def _axes(definition: SettingDefinition, views: Sequence[ScopeView], meaning: Meaning) -> Iterator[list[_Part]]:
    """Yield the choices: a process for each workload, a file for each other scope; what says the same is one choice."""
    processes = [v for v in views if v.scope.kind in _PROCESS]
    for workload in dict.fromkeys(v.scope.workload for v in processes):
        own = tuple(v for v in processes if v.scope.workload == workload)
        launches = processes_of(own[0].launches)
        if len(launches) == 1:
            yield [_Part(tuple(replace(v, launches=launches) for v in own), None, ())]
            continue
        parts = [_process(definition, own, launch, meaning) for launch in launches]
        # An env file alone shows no whole process: what it leaves out is open there, not at its default.
        speaking = [p for p in parts if p.views[0].launches[0].complete or not p.silent]
        yield _distinct(speaking) or [_Part(own, None, ())]
    for view in views:
        if view.scope.kind not in _PROCESS:
            alone = len(view.files) <= 1 and not view.uncertain
            yield [_Part((view,), None, ())] if alone else _files(definition, view, meaning)


def _files(definition: SettingDefinition, view: ScopeView, meaning: Meaning) -> list[_Part]:
    """Return one part a file, or a stack of files; and one without any where it is not known whether they are read."""
    parts = []
    for stack in _stacks(view):
        views = tuple(replace(view, files=(f,)) for f in stack)
        evidence = stack[0].evidence(stack[0].document.root, "")
        parts.append(_Part(views, evidence, tuple(_says(definition, v, meaning) for v in views)))
    if view.uncertain:
        parts.append(_Part((replace(view, files=(), absent=True),), None, (None,)))
    return _distinct(parts)


def _stacks(view: ScopeView) -> Iterator[tuple[Source, ...]]:
    """Yield the files that are laid over each other, lowest first; each file by itself where the scope knows no such order."""
    stacks: dict[object, list[Source]] = {}
    for number, file in enumerate(view.files):
        stacks.setdefault(place_in_stack(file)[:2] if view.scope.layered else number, []).append(file)
    yield from (tuple(stack) for stack in stacks.values())


def _process(definition: SettingDefinition, own: tuple[ScopeView, ...], launch: Launch, meaning: Meaning) -> _Part:
    views = tuple(replace(v, launches=(launch,)) for v in own)
    return _Part(views, launch.evidence, tuple(_says(definition, v, meaning) for v in views))


def _distinct(parts: list[_Part]) -> list[_Part]:
    """Return the parts that differ in what they say, or in what nobody can see of them."""
    kept: dict[object, _Part] = {}
    for part in parts:
        kept.setdefault((part.says, any(v.opaque for v in part.views), tuple(v.supplied for v in part.views)), part)
    return list(kept.values())


def _says(definition: SettingDefinition, view: ScopeView, meaning: Meaning) -> object:
    seen = sight(view, definition)
    return None if seen is None else (meaning(definition, seen.text), _items(seen))


def _items(seen: Sighting) -> object:
    if seen.items is None:
        return None
    return tuple(tuple(sorted((name, value.text or "") for name, value in i.fields.items())) for i in seen.items)
