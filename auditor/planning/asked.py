"""``KEY=VALUE`` as typed -> changes of settings: by the catalog's id, or by the name that stands in the user's file."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from auditor.catalog import Catalog
from auditor.catalog.product import FactQuestion
from auditor.catalog.settings import SettingDefinition
from auditor.errors import Diagnostic, UsageError
from auditor.facts.manifest import SystemEntry
from auditor.facts.settings import Change

FACT = "fact:"
"""Before the id of a question of the catalog, as in ``facts.settings.Change``."""
_NEAR, _SHOWN = 0.6, 4


@dataclass(frozen=True, slots=True)
class Asked:
    """One change with how it was named."""

    typed: str
    change: Change
    title: str
    secret: bool = False
    """Whether the value may not be shown."""


@dataclass(frozen=True, slots=True)
class _Target:
    """Something that a key may mean."""

    system: str
    key: str
    names: frozenset[str]
    title: str
    answers: tuple[str, ...]
    is_list: bool
    secret: bool = False

    @property
    def full(self) -> str:
        return f"{self.system}/{self.key}"


def asked_changes(pairs: Sequence[tuple[str, str | None]], systems: Sequence[SystemEntry], catalog: Catalog) -> tuple[Asked, ...]:
    """Return the changes that ``pairs`` of key and value (``None`` unsets) ask for, in their order.

    A key is a setting's id (``telemetry.enable``), a name that a file gives it (``CODER_TELEMETRY_ENABLE``), or
    ``fact:<id>``; ``<system>/`` before it chooses among several systems.

    Raises:
        UsageError: a key that no system knows or that several do, a value that the setting does not take, the same
            setting twice.
    """
    targets = [t for s in systems for t in _targets(s, catalog)]
    found: dict[tuple[str, str], Asked] = {}
    for typed, value in pairs:
        target = _target(typed, targets)
        key = (target.system, target.key)
        if key in found:
            raise UsageError(
                Diagnostic(f"{typed} is set twice", f"{found[key].typed} means it too: {target.full}", "give it one value")
            )
        _check(typed, value, target)
        found[key] = Asked(typed, Change(target.system, target.key, value), target.title, target.secret)
    return tuple(found.values())


def native_names(definition: SettingDefinition) -> tuple[str, ...]:
    """Return every name that files give the setting."""
    names = definition.names
    return (*names.env, *names.flag, *names.path, *names.helm, *names.registry, *names.mdm)


def _targets(entry: SystemEntry, catalog: Catalog) -> Iterator[_Target]:
    product = catalog.product(entry.product)
    for setting in product.settings:
        yield _setting(entry.id, setting)
    for question in product.facts:
        yield _fact(entry.id, question)


def _setting(system: str, setting: SettingDefinition) -> _Target:
    names = frozenset((setting.id, *native_names(setting)))
    allowed = () if setting.is_list else setting.allowed
    return _Target(system, setting.id, names, setting.title or setting.id, allowed, setting.is_list, setting.secret)


def _fact(system: str, question: FactQuestion) -> _Target:
    key = f"{FACT}{question.id}"
    return _Target(system, key, frozenset((key, question.id)), question.question, question.answers, is_list=False)


def _target(typed: str, targets: Sequence[_Target]) -> _Target:
    matching = [t for t in targets if typed in _spellings(t)]
    exact = [t for t in matching if typed in (t.key, t.full)] or matching
    if len(exact) == 1:
        return exact[0]
    if exact:
        full = ", ".join(t.full for t in exact)
        raise UsageError(
            Diagnostic(f"{typed} may mean several settings", full, f"write one of them, as in {exact[0].full}=VALUE")
        )
    systems = dict.fromkeys(t.system for t in targets)
    raise UsageError(
        Diagnostic(
            what=f"no system of this deployment has a setting {typed}",
            why=f"systems: {', '.join(systems) or 'none'}",
            next_step=_near(typed, targets),
        )
    )


def _spellings(target: _Target) -> Iterator[str]:
    for name in target.names:
        yield name
        yield f"{target.system}/{name}"


def _near(typed: str, targets: Iterable[_Target]) -> str:
    """Return the nearest names as they are written, case aside; without one, where all of them stand."""
    names = {name.lower(): name for t in targets for name in sorted(t.names)}
    near = difflib.get_close_matches(typed.lower(), names, n=_SHOWN, cutoff=_NEAR)
    if near:
        return f"did you mean {' or '.join(names[n] for n in near)}?"
    return "see every setting of a product with auditor catalog show PRODUCT"


def _check(typed: str, value: str | None, target: _Target) -> None:
    if value is None and target.key.startswith(FACT):
        raise UsageError(Diagnostic(f"{typed} is a question, and an answer cannot be unset", "", f"write {typed}=ANSWER"))
    if value is not None and target.is_list and value.startswith("[") and not _is_list_of_objects(value):
        next_step = """write one URL, values with the setting's separator, or JSON such as [{"name": "a", "type": "openai"}]"""
        raise UsageError(Diagnostic(f"{typed} is a list, and this is no JSON array of objects: {value}", "", next_step))
    if value is not None and target.answers and value not in target.answers:
        near = difflib.get_close_matches(value.lower(), target.answers, n=1)
        known = f"known: {', '.join(target.answers)}"
        raise UsageError(
            Diagnostic(f"{typed} does not take {value!r}", known, f"did you mean {near[0]}?" if near else "use one of these")
        )


def _is_list_of_objects(text: str) -> bool:
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        return False
    return isinstance(found, list) and all(isinstance(entry, dict) for entry in found)
