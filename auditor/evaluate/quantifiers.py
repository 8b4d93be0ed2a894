"""The quantifiers ``all``, ``any`` and ``at_least`` over things that may or may not be there (Kleene)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from auditor.evaluate.outcome import Found, Violation
from auditor.facts.inventory import Unknown
from auditor.facts.profile import Require
from auditor.facts.truth import Truth, all_of, any_of, negate
from auditor.facts.vocabulary import UnknownKind


@dataclass(frozen=True, slots=True)
class Item:
    """Something that a requirement counts."""

    id: str
    member: Truth
    """Whether it is there and matches ``where``, so that ``all`` asks of it: partly outside ``{not: …}`` is enough."""
    counted: Truth
    """The same for ``any`` and ``at_least``, which count only what lies wholly outside ``{not: …}``."""
    every: Truth
    """Whether it meets ``all``; yes when the requirement has none."""
    some: Truth
    """Whether it meets ``any``; yes when the requirement has none."""
    breach: Callable[[str], Violation]
    """The violation to report; the text says what none of them meets, empty when this one is at fault itself."""
    doubt: Callable[[], tuple[Unknown, ...]]
    """Why a truth above is unknown."""


def every_holds(item: Item) -> Truth:
    """Return the implication: whoever belongs to it meets ``all``."""
    return any_of((negate(item.member), item.every))


def some_holds(items: Sequence[Item]) -> Truth:
    """Return whether one that belongs meets ``any``."""
    return any_of(all_of((item.counted, item.some)) for item in items)


def enough(items: Sequence[Item], at_least: int) -> Truth:
    """Return whether at least so many belong."""
    certain = sum(item.counted is Truth.YES for item in items)
    possible = sum(item.counted is not Truth.NO for item in items)
    if certain >= at_least:
        return Truth.YES
    return Truth.UNKNOWN if possible >= at_least else Truth.NO


def judge_items(requirement: Require, items: Sequence[Item], control: str, demand: str, *, is_open: bool) -> Found:
    """Return breaches and doubts of a requirement over ``items``.

    An open inventory (``is_open``) may hide the one that is missing: what is lacking is then not a breach.
    """
    possible = [item for item in items if item.member is not Truth.NO]
    if not possible:
        return Found((), (nothing_to_judge(control),))
    violations: list[Violation] = []
    unknowns: list[Unknown] = []
    for item in possible:
        held = every_holds(item)
        if held is Truth.NO:
            violations.append(item.breach(""))
        elif held is Truth.UNKNOWN:
            unknowns.extend(item.doubt())
    for lacking in (some_holds(possible), enough(possible, requirement.at_least)):
        if lacking is Truth.UNKNOWN:
            unknowns.extend(u for item in possible if Truth.UNKNOWN in (item.counted, item.some) for u in item.doubt())
        elif lacking is Truth.NO and not is_open:
            violations.append(possible[0].breach(demand))
    return Found(tuple(violations), tuple(unknowns))


def nothing_to_judge(control: str) -> Unknown:
    """Return the unknown of an empty inventory: nothing that the control speaks of was found."""
    return Unknown(
        UnknownKind.NOTHING_TO_JUDGE,
        control,
        "Nothing that this control speaks of was found in the deployment, so there is nothing to judge.",
        ("Name the missing components in the manifest, or supply the configuration that shows them.",),
    )
