"""Several answers on one setting -> one: agreed, united (lists), or unknown because the sources disagree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from auditor.catalog.settings import Merge, SettingDefinition, Truthiness
from auditor.config.effective import Effective, Item, place
from auditor.config.values import is_truthy
from auditor.config.worlds import World
from auditor.facts.evidence import Evidence
from auditor.facts.settings import SettingState
from auditor.facts.truth import Truth

_OF_SWITCHES = (Merge.DENY_WINS, Merge.FORCE_ON_WINS, Merge.STICKY_TRUE)
_STEPS = (
    "List the files one by one under inputs: in their order of precedence (a later one wins), and name only those in force",
    "Describe each further process as a system of its own",
)


def meaning(definition: SettingDefinition, text: str | None) -> object:
    """Return what the text of a value comes to: yes or no where that is all the product makes of it."""
    if definition.secret:
        return bool(text)
    if not definition.is_bool and definition.merge not in _OF_SWITCHES:
        return text or ""
    if text is None:
        return Truth.of(definition.truthiness is Truthiness.FALSE_STRING)
    truth = is_truthy(text, definition.truthiness)
    return text if truth is Truth.UNKNOWN else truth


def agreed(definition: SettingDefinition, found: Sequence[tuple[World, Effective]]) -> Effective:
    """Return what all of ``found`` (one at least) say; where they differ, lists are united and other values unknown."""
    distinct: dict[object, tuple[World, Effective]] = {}
    for world, effective in found:
        distinct.setdefault(_key(effective), (world, effective))
    answers = [e for _, e in found]
    if len(distinct) == 1:
        chosen = next((e for e in answers if e.state is SettingState.SET), answers[0])
        return replace(chosen, is_set=_common(e.is_set for e in answers))
    if definition.is_list and all(e.is_known for e in answers):
        return _united([e for _, e in distinct.values()], answers)
    return _disputed(definition, list(distinct.values()), answers)


def _key(effective: Effective) -> object:
    if effective.state is SettingState.UNKNOWN:
        return SettingState.UNKNOWN
    assumed = effective.state is SettingState.ASSUMED_DEFAULT
    if effective.definition.is_list:
        return assumed, tuple(content(i) for i in effective.items)
    return assumed, meaning(effective.definition, effective.text)


def content(item: Item) -> tuple[tuple[str, str], ...]:
    """Return what an entry of a list says: its fields, its place in the list only where it has nothing else."""
    texts = tuple(sorted((name, value.text or "") for name, value in item.fields.items()))
    return tuple(t for t in texts if t[0] != "key") or texts


def _common(truths: Iterable[Truth]) -> Truth:
    different = set(truths)
    return different.pop() if len(different) == 1 else Truth.UNKNOWN


def _united(distinct: list[Effective], answers: list[Effective]) -> Effective:
    """Return every entry of every list: a destination that one source names is one that data goes to."""
    items = {content(i): i for e in reversed(distinct) for i in reversed(e.items)}
    each = [i for e in distinct for i in e.items if items[content(i)] is i]
    return replace(
        max(distinct, key=lambda e: e.state is SettingState.SET),
        is_set=_common(e.is_set for e in answers),
        text="",
        reason="; ".join(dict.fromkeys(e.reason for e in distinct)),
        unseen="",
        items=tuple(Item(n, i.fields, i.evidence) for n, i in enumerate(each)),
        evidence=_evidence(e.evidence for e in distinct),
        alternatives=tuple(e.items for e in distinct),
    )


def _disputed(definition: SettingDefinition, distinct: list[tuple[World, Effective]], answers: list[Effective]) -> Effective:
    names = definition.names
    name = next((n for group in (names.env, names.path, names.flag, names.helm) for n in group), definition.id)
    said = ", ".join(sorted(_said(world, effective) for world, effective in distinct))
    return replace(
        distinct[0][1],
        state=SettingState.UNKNOWN,
        text=None,
        is_set=_common(e.is_set for e in answers),
        reason=f"the sources disagree on {name}: {said}",
        redacted=any(e.redacted for e in answers),
        items=(),
        evidence=_evidence([*(w.chosen for w, _ in distinct), *(e.evidence for _, e in distinct)]),
        settled_by=tuple(dict.fromkeys((*_STEPS, *(step for _, e in distinct for step in e.settled_by)))),
    )


def _said(world: World, effective: Effective) -> str:
    if effective.state is SettingState.SET:
        shown = "(secret)" if effective.redacted or effective.definition.secret else effective.shown() or "(empty)"
        return f"{place(effective.evidence[0])} says {shown}"
    where = " and ".join(dict.fromkeys(place(e) for e in world.chosen))
    return f"{where} has {effective.reason}" if where else effective.reason


def _evidence(groups: Iterable[tuple[Evidence, ...]]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(e for group in groups for e in group))
