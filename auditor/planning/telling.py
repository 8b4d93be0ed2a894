"""A mended deployment as the record ``plan/v1``: each step with its place, what it stops, breaks and opens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from auditor.catalog import Catalog
from auditor.facts.evidence import file_place
from auditor.facts.model import Model
from auditor.facts.plan import IrreplaceableRecord, StepKind, StepRecord
from auditor.facts.rows import FlowRow
from auditor.facts.settings import Setting, SettingState
from auditor.facts.truth import Truth
from auditor.planning.actions import UNSET, Action
from auditor.planning.asked import FACT, native_names
from auditor.planning.obstacles import Obstacle, flow_words

_ORDER = tuple(StepKind)


def step_record(
    action: Action, as_it_is: Model, alone: Model, controls: tuple[str, ...], products: Mapping[str, str], catalog: Catalog
) -> StepRecord:
    """Return one step; ``alone`` is the model after it alone, ``products`` gives the product of each system."""
    stops, breaks, opens = _effects(as_it_is.rows, alone.rows)
    setting = _setting(as_it_is, action)
    changes = action.changes
    return StepRecord(
        id=action.key,
        kind=action.kind,
        text=action.text,
        system=changes[0].system if changes else "",
        settings=tuple((c.key, UNSET if c.value is None else c.value) for c in changes),
        now=_now(setting),
        place=_place(setting),
        names=_names(action, products, catalog),
        effort=action.effort,
        controls=controls,
        stops=stops,
        breaks=breaks,
        opens=opens,
        how=action.how,
        who=action.who,
        assumed=action.kind is StepKind.EVIDENCE or action.service is not None,
    )


def controls_of(action: Action, chosen: Sequence[Action], met: Sequence[Obstacle]) -> tuple[str, ...]:
    """Return the controls that need ``action``: no other chosen one meets their obstacle; without such, all that it meets."""
    keys = {a.key for a in chosen}
    mine = [(o.control, {a.key for a in o.actions} & keys) for o in met if any(a.key == action.key for a in o.actions)]
    alone = [control for control, others in mine if others == {action.key}]
    return tuple(dict.fromkeys(alone or [control for control, _ in mine]))


def in_order(steps: Iterable[StepRecord]) -> tuple[StepRecord, ...]:
    """Return the steps as they are told: by kind, then by id."""
    return tuple(sorted(steps, key=lambda s: (_ORDER.index(s.kind), s.id)))


def irreplaceable_records(left: Sequence[Obstacle], titles: Mapping[str, str]) -> tuple[IrreplaceableRecord, ...]:
    """Return what nothing moves, one record a component, store or flow, components first."""
    grouped: dict[tuple[str, str], list[Obstacle]] = {}
    for obstacle in left:
        grouped.setdefault(_what(obstacle, titles), []).append(obstacle)
    return tuple(_irreplaceable(kind, identity, grouped[kind, identity], titles) for kind, identity in sorted(grouped))


def _what(obstacle: Obstacle, titles: Mapping[str, str]) -> tuple[str, str]:
    if obstacle.subject:
        return ("component" if obstacle.subject in titles else "store", obstacle.subject)
    if obstacle.flow:
        return ("flow", obstacle.flow)
    return ("control", obstacle.control)


def _irreplaceable(kind: str, identity: str, mine: Sequence[Obstacle], titles: Mapping[str, str]) -> IrreplaceableRecord:
    return IrreplaceableRecord(
        kind=kind,
        id=identity,
        title=titles.get(identity, identity),
        why="; ".join(dict.fromkeys(o.why for o in mine if o.why)) or "nothing that is known settles it",
        controls=tuple(dict.fromkeys(o.control for o in mine)),
        flows=tuple(dict.fromkeys(o.flow for o in mine if o.flow)),
    )


def _effects(before: Sequence[FlowRow], after: Sequence[FlowRow]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return what stops, what breaks because it is needed or may be, and what begins or goes elsewhere."""
    were, are = _live(before), _live(after)
    gone = [r for key, r in were.items() if key not in are]
    fresh = [r for key, r in are.items() if key not in were]
    # Entries of one list are one flow of the product: another entry in their place is the flow gone elsewhere.
    moved = {_family(r) for r in fresh if r.flow}
    stops = (flow_words(r) for r in gone if r.required is Truth.NO and _family(r) not in moved)
    breaks = (_broken(r) for r in gone if r.required is not Truth.NO and _family(r) not in moved)
    return _once(stops), _once(breaks), _once(flow_words(r) for r in fresh)


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _family(row: FlowRow) -> str:
    return row.flow.partition(":")[0]


def _broken(row: FlowRow) -> str:
    doubt = "" if row.required is Truth.YES else ", whether the product needs it is not known"
    return f"{flow_words(row)}{doubt}"


def _live(rows: Sequence[FlowRow]) -> dict[tuple[str, str, str], FlowRow]:
    return {(r.flow or r.id, r.source, r.destination): r for r in rows if r.exists is not Truth.NO}


def _setting(model: Model, action: Action) -> Setting | None:
    keys = {(c.system, c.key) for c in action.changes}
    return next((s for s in model.settings if (s.system, s.key) in keys), None)


def _now(setting: Setting | None) -> str:
    if setting is None:
        return ""
    words = {
        SettingState.SET: setting.value or "empty",
        SettingState.DEFAULT: f"{setting.value or 'unset'}, by default",
        SettingState.ASSUMED_DEFAULT: f"{setting.value or 'unset'}, by default as far as the inputs tell",
        SettingState.UNKNOWN: "not known",
    }
    return words[setting.state]


def _place(setting: Setting | None) -> str:
    return next((file_place(s.evidence) for s in setting.chain if s.used), "") if setting is not None else ""


def _names(action: Action, products: Mapping[str, str], catalog: Catalog) -> tuple[str, ...]:
    found = [catalog.product(products[c.system]).setting(c.key) for c in action.changes if not c.key.startswith(FACT)]
    return tuple(name for definition in found if definition is not None for name in native_names(definition))
