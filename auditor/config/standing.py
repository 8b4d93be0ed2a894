"""Which scopes the product reads at all: a source of a policy that a higher one replaces, files of untrusted repositories."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from auditor.catalog.scopes import Replacement
from auditor.catalog.settings import SettingDefinition
from auditor.config.bindings import Source
from auditor.config.paths import first_at
from auditor.config.scope_views import ScopeView
from auditor.config.values import in_range
from auditor.facts.truth import Truth

if TYPE_CHECKING:
    from auditor.config.context import SystemContext

_ALL_VERSIONS = "*"


@dataclass(frozen=True, slots=True)
class Doubt:
    """A scope of which it is not known whether the product reads it."""

    scope: str
    reason: str
    settled_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """The scopes as the product reads them, and what is not known of that."""

    views: tuple[ScopeView, ...]
    """Lowest precedence first."""
    doubts: tuple[Doubt, ...]

    def read_by(self, definition: SettingDefinition, version: str) -> tuple[ScopeView, ...]:
        """Return the views for one setting: some are read from every source, whatever stands in its place."""
        if not _knows(version, definition.each_source):
            return self.views
        return tuple(replace(v, env_only=False) for v in self.views)


def standing(views: Sequence[ScopeView], context: SystemContext) -> Standing:
    """Return what the product reads of ``views``: no file that a higher source replaces or a condition excludes."""
    replaced = _replaced(views, context.version)
    found: list[ScopeView] = []
    doubts: list[Doubt] = []
    for view in views:
        decision = context.decide(view.scope.read_when)
        if decision.truth is Truth.NO or replaced.get(view.scope.id) is False:
            found.append(replace(view, files=(), absent=True))
            continue
        uncertain = decision.truth is Truth.UNKNOWN and bool(view.files)
        if uncertain:
            steps = tuple(step for g in decision.grounds for step in g.settled_by)
            doubts.append(Doubt(view.scope.id, decision.reason, steps))
        found.append(replace(view, uncertain=uncertain, env_only=view.scope.id in replaced))
    return Standing(tuple(found), tuple(doubts))


def _replaced(views: Sequence[ScopeView], version: str) -> dict[str, bool]:
    """Return the scopes that a higher one replaces -> whether their environment block is read all the same."""
    found: dict[str, bool] = {}
    composed: set[str] = set()
    for view in reversed(views):
        for rule in view.scope.replaces if view.scope.id not in found else ():
            if not any(_counts(f, rule) for f in view.files):
                continue
            if rule.unless and (view.scope.id in composed or _composes(view.files, rule, version)):
                composed |= set(rule.scopes)
                continue
            env = rule.env_version == _ALL_VERSIONS or _knows(version, rule.env_version)
            found.update({scope: env and found.get(scope, True) for scope in rule.scopes})
    return found


def _counts(source: Source, rule: Replacement) -> bool:
    return any(key.text not in rule.ignoring for key, _ in source.document.root.entries)


def _composes(files: Sequence[Source], rule: Replacement, version: str) -> bool:
    """Return whether every file that could replace the lower scopes asks for them, and the product knows how to."""
    if rule.unless_version and not _knows(version, rule.unless_version):
        return False
    path, _, wanted = rule.unless.partition("=")
    nodes = [first_at(f.document.root, path) for f in files if _counts(f, rule)]
    return all(node is not None and fnmatch.fnmatchcase(node.text, wanted) for node in nodes)


def _knows(version: str, versions: str) -> bool:
    return bool(version and versions) and in_range(version, versions) is Truth.YES
