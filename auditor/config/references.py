"""Values that name an environment variable instead of holding a value: ``os.environ/OPENAI_API_BASE``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.config.effective import FieldValue, Item, Sighting

if TYPE_CHECKING:
    from auditor.config.context import SystemContext


def dereference(seen: Sighting, context: SystemContext) -> Sighting:
    """Return what the scope says with references of the product replaced; a variable that is not there is unknown."""
    prefixes = context.product.references
    own = FieldValue(seen.text, seen.evidence, seen.redacted, seen.reason)
    resolved = _resolve(own, prefixes, context)
    items = seen.items
    if items is not None:
        items = tuple(_item(i, prefixes, context) for i in items)
    return replace(
        seen,
        text=resolved.text,
        redacted=resolved.redacted,
        reason=resolved.reason,
        items=items,
        surely=seen.surely and resolved.text == seen.text,
    )


def _item(item: Item, prefixes: tuple[str, ...], context: SystemContext) -> Item:
    return Item(item.index, {name: _resolve(value, prefixes, context) for name, value in item.fields.items()}, item.evidence)


def _resolve(value: FieldValue, prefixes: tuple[str, ...], context: SystemContext) -> FieldValue:
    prefix = next((p for p in prefixes if (value.text or "").startswith(p)), None)
    if prefix is None or value.text is None:
        return value
    name = value.text.removeprefix(prefix)
    bound = context.environment().get(name)
    if bound is None:
        return FieldValue(None, value.evidence, value.redacted, f"it refers to {name}, which is not in the inputs")
    return FieldValue(bound.value, bound.evidence, bound.redacted, bound.reason)
