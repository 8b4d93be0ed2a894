"""Places that settings of a product come from: the scope part of the catalog language."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from auditor.catalog.conditions import Condition
from auditor.facts.vocabulary import Party


class ScopeKind(StrEnum):
    """Where a scope's settings come from."""

    FILE = "file"
    ENVIRONMENT = "environment"
    FLAGS = "flags"
    EXPORT = "export"
    DASHBOARD = "dashboard"
    DATABASE = "database"
    MANAGED = "managed"

    @property
    def can_be_absent(self) -> bool:
        """Whether a deployment may simply not have it; a dashboard, database or API always holds something."""
        return self in (ScopeKind.FILE, ScopeKind.ENVIRONMENT, ScopeKind.FLAGS, ScopeKind.MANAGED)


@dataclass(frozen=True, slots=True)
class FoundAt:
    """A variable or flag of the process that says where a scope's file is."""

    env: str
    """Empty where a flag says it."""
    flags: tuple[str, ...]
    file: str
    """Path below the folder that is named, or with ``{value}`` in it the path itself; empty where the file itself is named."""
    instead_of: str
    """The scope whose files the product reads no more then; empty when it reads both."""
    content: bool
    """Whether the variable holds the text of the file itself, as JSON."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """What a scope does to lower ones by being there: of several sources of a policy only the first is read."""

    scopes: tuple[str, ...]
    """The scopes that are not read while this one holds any key."""
    ignoring: tuple[str, ...]
    """Keys that do not count: a file with these alone is as good as none."""
    unless: str
    """``path=glob`` in a file of this scope that makes the product read them all the same; empty for none."""
    unless_version: str
    """Versions that know ``unless``; empty for all."""
    env_version: str
    """Versions that read the environment block of the lower scopes all the same; empty for none, ``*`` for all."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One place that settings may come from."""

    id: str
    title: str
    kind: ScopeKind
    workload: str
    needed: Condition
    read_when: Condition
    """Whether the product reads what is there: a repository's file only in repositories that a user trusts."""
    named_only: bool
    """Whether it holds only the settings that name it in ``only_from``."""
    env_block: str
    assigns: tuple[str, ...]
    """Flags whose value is ``path=value``: a setting of the product's files given on the command line."""
    presumed_absent: bool
    """Whether values count as if it were not there while nobody shows it; the inventory stays open all the same."""
    layered: bool
    """Whether its files are laid over each other: the base file first, those of its ``.d`` folder by name; not alternatives."""
    replaces: tuple[Replacement, ...]
    invalid: str
    settled_by: tuple[str, ...]
    who: Party
    found_at: FoundAt | None = None
