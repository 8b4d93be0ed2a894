"""What a setting's names mean: the setting part of the catalog language."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from auditor.catalog.conditions import Condition
from auditor.catalog.sources import Fact
from auditor.facts.vocabulary import DataClass, Party


class Truthiness(StrEnum):
    """How the text of a value becomes yes or no."""

    ANY_NONEMPTY = "any_nonempty"
    PRESENCE = "presence"
    BOOL_LOOSE = "bool_loose"
    EXACT_TRUE = "exact_true"
    EXACT_ONE = "exact_one"
    FALSE_STRING = "false_string"
    JSON_BOOL = "json_bool"
    GO_BOOL = "go_bool"
    ENUM = "enum"


class Merge(StrEnum):
    """How values of several scopes become one."""

    HIGHEST_WINS = "highest_wins"
    DENY_WINS = "deny_wins"
    FORCE_ON_WINS = "force_on_wins"
    STICKY_TRUE = "sticky_true"
    UNION = "union"
    INTERSECTION = "intersection"
    BY_KEY = "by_key"
    """Lists of named entries: of each name the fields of all scopes, the highest one's value of each."""
    STRICTEST_WINS = "strictest_wins"
    """Over all scopes and all entries of one file the value that stands first among the allowed ones."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a setting per kind of binding; within a kind the first that is there wins."""

    env: tuple[str, ...] = ()
    flag: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    helm: tuple[str, ...] = ()
    registry: tuple[str, ...] = ()
    mdm: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DefaultRule:
    """A default that applies when its condition holds; the first that holds wins."""

    when: Condition
    value: str


@dataclass(frozen=True, slots=True)
class Umbrella:
    """Flows that stop when the setting is truthy; ids or globs."""

    covers: tuple[str, ...]
    excepted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Escalation:
    """Data classes that a flow carries in addition when the setting is truthy."""

    flow: str
    adds: tuple[DataClass, ...]


@dataclass(frozen=True, slots=True)
class ItemField:
    """One field of the items of a list setting."""

    name: str
    env: tuple[str, ...]
    """Suffixes of the setting's env prefix."""
    path: tuple[str, ...]
    """Paths below the element."""
    secret: bool
    url: bool
    """Holds where something goes: a what-if may point it elsewhere."""


@dataclass(frozen=True, slots=True)
class SettingDefinition:
    """One setting of a product."""

    id: str
    title: str
    names: Names
    is_list: bool
    truthiness: Truthiness
    defaults: tuple[DefaultRule, ...]
    default_unknown: bool
    merge: Merge
    only_from: tuple[str, ...]
    applies: Condition
    umbrella: Umbrella | None
    re_enables: tuple[str, ...]
    escalates: tuple[Escalation, ...]
    marks_opted_out: bool
    settled_by: tuple[str, ...]
    who: Party
    secret: bool
    allowed: tuple[str, ...]
    separator: str
    empty_values: tuple[str, ...]
    item: tuple[ItemField, ...]
    each_source: str
    """Versions that read it from every source of a policy, also from those that a higher one replaces; empty for none."""
    names_yield: bool
    """Of a list that names entries of others: a name alone counts only where no entry goes by address or command."""
    pathless_fits: bool
    """Of such a list: an address without a path fits every path there."""
    is_bool: bool
    fact: Fact

    @property
    def first_name(self) -> str:
        """The spelling by which people know it best: variable, then key, flag, value of a chart, policy name."""
        names = self.names
        groups = (names.env, names.path, names.flag, names.helm, names.registry, names.mdm)
        return next((name for group in groups for name in group), self.id)
