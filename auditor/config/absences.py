"""Scopes that the manifest states absent and that the inputs show in use: the evidence contradicts the statement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.catalog.conditions import Ask, AtomKind
from auditor.catalog.scopes import ScopeKind
from auditor.config.effective import place
from auditor.config.scope_views import ScopeView
from auditor.facts.evidence import FileLocation
from auditor.facts.truth import Truth

if TYPE_CHECKING:
    from auditor.config.context import SystemContext


def contradicted_absences(context: SystemContext) -> Iterator[tuple[ScopeView, str]]:
    """Yield each scope stated absent that a setting names or a document shows, with one sentence.

    Arguments and environments stated absent are no contradiction when a process definition shows them: then they are read.
    """
    for view in context.views:
        if not view.absent or view.scope.kind not in (ScopeKind.FILE, ScopeKind.MANAGED):
            continue
        shown = _named(view, context) or _read(view)
        if shown:
            where = f" ({place(view.stated)})" if view.stated is not None else ""
            yield view, f"The manifest states that there is no {view.scope.title} (absent: {view.scope.id}{where}), and {shown}"


def _named(view: ScopeView, context: SystemContext) -> str:
    """Return what sets the setting by which the product finds the scope, empty when nothing does."""
    decision = context.decide(view.scope.needed)
    if decision.truth is not Truth.YES:
        return ""
    for ground in decision.grounds:
        asked = ground.atom.kind is AtomKind.SETTING and ground.atom.test is Ask.SET
        if asked and ground.truth is Truth.YES and any(isinstance(e.location, FileLocation) for e in ground.evidence):
            return ground.text
    return ""


def _read(view: ScopeView) -> str:
    return f"{view.files[0].document.path} is one" if view.files else ""
