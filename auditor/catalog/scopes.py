"""Scopes of a product: the places that its settings may come from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from auditor.catalog.conditions import ALWAYS, Condition
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
    """A variable of the process that says where a scope's file is."""

    env: str
    file: str
    """Path below the folder that the variable names; empty where it names the file itself."""
    instead_of: str
    """The scope whose files the product reads no more then; empty when it reads both."""
    content: bool = False
    """Whether the variable holds the text of the file itself."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One place that settings may come from."""

    id: str
    title: str
    kind: ScopeKind
    workload: str
    needed: Condition
    named_only: bool
    """Whether it holds only the settings that name it in ``only_from``."""
    env_block: str
    invalid: str
    settled_by: tuple[str, ...]
    who: Party
    found_at: FoundAt | None = None
    read: Condition = ALWAYS
    """When the product reads what is here at all."""
