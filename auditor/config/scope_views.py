"""A system's scopes with what the inputs hold of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from auditor.catalog.product import Product
from auditor.catalog.scopes import Scope, ScopeKind
from auditor.catalog.settings import SettingDefinition
from auditor.config.assignment import AssignedFile, AssignedLaunch
from auditor.config.bindings import Launch, Opaque, Packaging, Source
from auditor.facts.evidence import Evidence
from auditor.facts.manifest import Manifest

_DROP_INS = ".d"


@dataclass(frozen=True, slots=True)
class ScopeView:
    """One scope and its processes or files."""

    scope: Scope
    launches: tuple[Launch, ...]
    files: tuple[Source, ...]
    absent: bool
    """Whether the manifest states that it does not exist."""
    stated: Evidence | None = None
    """Where it states that."""
    uncertain: bool = False
    """Whether it is not known if the product reads it."""
    env_only: bool = False
    """Whether nothing but its environment block is read: a higher source of the policy stands in its place."""

    @property
    def supplied(self) -> bool:
        """Whether the inputs show it: command lines need a process definition, an environment a process or env file."""
        if self.scope.kind is ScopeKind.FLAGS:
            return any(x.complete for x in self.launches)
        if self.scope.kind is ScopeKind.ENVIRONMENT:
            return bool(self.launches)
        return bool(self.files)

    @property
    def opaque(self) -> tuple[Opaque, ...]:
        """What may set names that nobody can see."""
        return tuple(o for x in self.launches for o in x.opaque) if self.scope.kind is ScopeKind.ENVIRONMENT else ()

    def may_hold(self, definition: SettingDefinition) -> bool:
        """Return whether the setting could be set here."""
        if definition.only_from:
            return self.scope.id in definition.only_from
        names = definition.names
        if self.scope.named_only or (self.env_only and not names.env):
            return False
        if self.scope.kind is ScopeKind.ENVIRONMENT:
            return bool(names.env or names.helm)
        if self.scope.kind is ScopeKind.FLAGS:
            return bool(names.flag) or (bool(self.scope.assigns and names.path) and not definition.is_list)
        if self.scope.env_block and names.env:
            return True
        managed = self.scope.kind is ScopeKind.MANAGED and bool(names.registry or names.mdm)
        return bool(names.path) or managed


def views_of(
    product: Product, system: str, manifest: Manifest, launches: Sequence[AssignedLaunch], files: Sequence[AssignedFile]
) -> tuple[ScopeView, ...]:
    """Return the scopes of ``product`` in its order of precedence, lowest first."""
    absent, stated = set(manifest.absent), dict(manifest.absent_evidence)
    return tuple(
        ScopeView(
            scope=scope,
            launches=tuple(a.launch for a in launches if scope.workload in ("", a.workload) and _is_process(scope)),
            files=_files(scope, files),
            absent=scope.kind.can_be_absent and bool({scope.id, f"{system}/{scope.id}"} & absent),
            stated=stated.get(f"{system}/{scope.id}") or stated.get(scope.id),
        )
        for scope in product.scopes
    )


def _files(scope: Scope, files: Sequence[AssignedFile]) -> tuple[Source, ...]:
    own = [f.source for f in files if f.scope == scope.id]
    return tuple(sorted(own, key=place_in_stack)) if scope.layered else tuple(own)


def place_in_stack(file: Source) -> tuple[str, str, bool, str]:
    """Return the file that it stands in (if any), the folder of the base file, whether it is a drop-in, and its name.

    The base file of ``x.d/10.json`` is ``x.json``.
    """
    path = PurePosixPath(file.document.name)
    drop_in = path.parent.suffix == _DROP_INS
    folder = path.parent.parent if drop_in else path.parent
    return file.document.path if file.document.inside else "", str(folder), drop_in, path.name


def packaging_of(launches: Sequence[AssignedLaunch]) -> Packaging | None:
    """Return how the system is defined: the one way of its processes, ``None`` for none or several."""
    found = {a.launch.packaging for a in launches}
    found = found - {Packaging.ENV_FILE} or found
    return next(iter(found)) if len(found) == 1 else None


def _is_process(scope: Scope) -> bool:
    return scope.kind in (ScopeKind.ENVIRONMENT, ScopeKind.FLAGS)
