"""One system while it is being configured: settings and conditions, each decided once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from auditor.catalog.conditions import Ask, AtomKind, Condition, atoms
from auditor.catalog.product import Product
from auditor.catalog.scopes import Scope
from auditor.config.assignment import AssignedLaunch
from auditor.config.bindings import Binding, Packaging
from auditor.config.deciding import Decision, decide
from auditor.config.effective import Effective, Item, place
from auditor.config.layers import processes_of
from auditor.config.resolving import resolve
from auditor.config.scope_views import ScopeView
from auditor.config.standing import Standing, standing
from auditor.facts.manifest import StatedFact
from auditor.facts.truth import Truth


@dataclass(frozen=True, slots=True)
class SystemParts:
    """Everything that a system's settings and conditions depend on."""

    system: str
    product: Product
    version: str
    """Empty when not given."""
    packaging: Packaging | None
    """``None`` when nothing or several things tell."""
    views: tuple[ScopeView, ...]
    """Lowest precedence first."""
    facts: Mapping[str, tuple[StatedFact, ...]]
    """Every answer by fact id, in order of the manifest."""
    changes: Mapping[str, str | None]
    """What-if values by setting id, and ``fact:<id>``."""
    launches: tuple[AssignedLaunch, ...] = ()
    stated_at: str = ""
    """``path:line`` of the system in the manifest when that gives the version."""


class SystemContext:
    """Answers what a system's settings and conditions are; a pure function of its parts, answers kept."""

    def __init__(self, parts: SystemParts, known: Mapping[str, Effective] | None = None) -> None:
        """Keep the parts and what is decided of them already."""
        self.parts = parts
        self.system = parts.system
        self.product = parts.product
        self.version = parts.version
        self.packaging = parts.packaging
        self.views = parts.views
        self.facts = parts.facts
        self.changes = parts.changes
        self._settings: dict[str, Effective] = dict(known or {})
        self._pending: set[str] = set()
        self._standing: Standing | None = None

    def with_change(self, key: str, value: str | None) -> SystemContext:
        """Return the same system with one more hypothetical value.

        Other settings stay as they were decided: they depend on each other only by conditions on scopes and defaults.
        """
        known = {k: v for k, v in self._settings.items() if k != key}
        return SystemContext(replace(self.parts, changes={**self.changes, key: value}), known)

    def effective(self, key: str) -> Effective | None:
        """Return the setting's effective value; ``None`` for one that the product does not have or that depends on itself."""
        if key in self._settings:
            return self._settings[key]
        definition = self.product.setting(key)
        if definition is None or key in self._pending:
            return None
        self._pending.add(key)
        try:
            self._settings[key] = resolve(definition, self)
        finally:
            self._pending.discard(key)
        return self._settings[key]

    def standing(self, key: str) -> Standing:
        """Return the scopes as the product reads them for a setting; one that decides of a scope is looked for in all."""
        if any(a.kind is AtomKind.SETTING and a.name == key for s in self.product.scopes for a in atoms(s.read_when)):
            return Standing(self.views, ())
        if self._standing is None:
            self._standing = standing(self.views, self)
        return self._standing

    def decide(self, condition: Condition, item: Item | None = None) -> Decision:
        """Return the three-valued answer with what decided it."""
        return decide(condition, self, item)

    def needs(self, scope: Scope) -> bool:
        """Return whether the inventory stays open without ``scope``; when that cannot be decided, it does."""
        return Truth.NO not in (self.decide(scope.needed).truth, self.decide(scope.read_when).truth)

    def is_named(self, scope: Scope) -> bool:
        """Return whether a setting names the scope, so that it is surely there."""
        asked = (g for g in self.decide(scope.needed).grounds if g.atom.kind is AtomKind.SETTING and g.atom.test is Ask.SET)
        return any(g.truth is Truth.YES for g in asked)

    def is_missing(self, view: ScopeView) -> bool:
        """Return whether the scope is needed and neither the inputs show it nor the manifest states it absent."""
        return not view.supplied and not view.absent and self.needs(view.scope)

    def missing(self) -> tuple[ScopeView, ...]:
        """Return every missing scope, lowest precedence first."""
        return tuple(v for v in self.views if self.is_missing(v))

    def environment(self) -> dict[str, Binding]:
        """Return every environment variable of the system's processes, for values that refer to one.

        One that two processes set differently has no known value.
        """
        found: dict[str, Binding] = {}
        for launch in processes_of([a.launch for a in self.parts.launches]):
            for name, bound in launch.env.items():
                before = found.get(name)
                if before is None or before.value == bound.value:
                    found[name] = bound
                    continue
                reason = f"{name} differs between {place(before.evidence)} and {place(bound.evidence)}"
                found[name] = replace(bound, value=None, reason=reason)
        return found
