"""What-if values: a change of a setting in place of what the inputs say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from auditor.catalog.settings import SettingDefinition
from auditor.config.effective import Effective, FieldValue, Item
from auditor.config.sighting import split
from auditor.facts.settings import SettingSource, SettingState
from auditor.facts.truth import Truth

UNSET = "(unset)"
"""The value of a change or cure that unsets a setting."""


def hypothetical(
    definition: SettingDefinition, system: str, value: str | None, default: str | None, chain: tuple[SettingSource, ...]
) -> Effective:
    """Return the setting as ``value`` would make it; ``None`` unsets it.

    A list of objects takes a JSON array of objects, or one URL, which stands for a single entry that goes there.
    """
    value = None if value == UNSET else value
    text = default if value is None else value
    if value is None:
        state = SettingState.DEFAULT if default is not None else SettingState.UNKNOWN
        reason = f"{definition.id} unset (what if); default {default or '(none)'}"
    else:
        shown = "(not shown)" if definition.secret else value
        state, reason = SettingState.SET, f"{definition.id}={shown} (what if)"
    return Effective(
        system=system,
        definition=definition,
        state=state,
        text=text or None if value is None else value,
        is_set=Truth.of(value is not None),
        reason=reason,
        items=_items(definition, text or ""),
        chain=chain,
        hypothetical=True,
        who=definition.who,
    )


def _items(definition: SettingDefinition, text: str) -> tuple[Item, ...]:
    if not definition.is_list:
        return ()
    if not definition.item:
        return split(definition, text, FieldValue(text, None)) or ()
    if text.startswith("["):
        return tuple(_item(n, entry) for n, entry in enumerate(_array(text)))
    if not text or text in definition.empty_values:
        return ()
    fields = {f.name: text for f in definition.item if f.url}
    return (_item(0, {"name": "what-if", "enabled": "true", "key": "what-if", **fields}),)


def _item(index: int, entry: Mapping[str, Any]) -> Item:
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in entry.items()}
    return Item(index, {name: FieldValue(value, None) for name, value in texts.items()}, None)


def _array(text: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        # Not JSON: the change names nothing that a list could hold.
        return []
    return [entry for entry in found if isinstance(entry, dict)]
