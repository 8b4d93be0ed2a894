"""Conditions of the catalog language: ``all``, ``any``, ``not`` over atoms. Evaluated by ``config``, three-valued."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from auditor.catalog.reading import Tree


class Ask(StrEnum):
    """What an atom asks of a value."""

    TRUTHY = "truthy"
    FALSY = "falsy"
    SET = "set"
    UNSET = "unset"
    EQUALS = "equals"
    MATCHES = "matches"
    """Regular expression on the whole text."""
    CONTAINS = "contains"
    """The text, or an item of the list, holds the value."""
    SET_IN = "set_in"
    """Set, and in the scope that ``value`` names, whatever wins."""
    NAMES_ITEM = "names_item"
    """An entry of the list is about the item, in flows with ``for_each``."""


class AtomKind(StrEnum):
    """What an atom asks about."""

    SETTING = "setting"
    ITEM = "item"
    """A field of the item, in flows with ``for_each``."""
    FACT = "fact"
    VERSION = "version"
    ERA = "era"
    PACKAGING = "packaging"


@dataclass(frozen=True, slots=True)
class Atom:
    """One question; ``name`` is the setting, field, fact, range, era or packaging."""

    kind: AtomKind
    name: str
    test: Ask = Ask.TRUTHY
    value: str = ""


@dataclass(frozen=True, slots=True)
class AllOf:
    """Holds when every part holds; ``AllOf(())`` is ``always``."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds when a part holds; ``AnyOf(())`` is ``never``."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Holds when its part does not."""

    part: Condition


Condition = Atom | AllOf | AnyOf | Not

ALWAYS = AllOf(())
NEVER = AnyOf(())


def parse_condition(tree: Tree | str | None) -> Condition:
    """Return the condition; ``None`` is ``always``.

    Raises:
        ValueError: no such condition (overlays are checked against the schema before).
    """
    if tree is None or tree == "always":
        return ALWAYS
    if tree == "never":
        return NEVER
    if isinstance(tree, str):
        raise ValueError(f"not a condition: {tree!r}")  # noqa: TRY004 -- the value of a text is wrong, not its type
    if "all" in tree:
        return AllOf(tuple(parse_condition(part) for part in tree["all"]))
    if "any" in tree:
        return AnyOf(tuple(parse_condition(part) for part in tree["any"]))
    if "not" in tree:
        return Not(parse_condition(tree["not"]))
    for kind in AtomKind:
        if kind.value in tree:
            return Atom(kind, tree[kind.value], Ask(tree.get("is", "truthy")), tree.get("value", ""))
    raise ValueError(f"not a condition: {sorted(tree)}")


def atoms(condition: Condition) -> Iterator[Atom]:
    """Yield every atom of ``condition``, in order."""
    if isinstance(condition, Atom):
        yield condition
    elif isinstance(condition, Not):
        yield from atoms(condition.part)
    else:
        for part in condition.parts:
            yield from atoms(part)
