"""Values that name an environment variable instead of holding a value: ``os.environ/OPENAI_API_BASE``, ``{env:MODEL_URL}``."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.config.effective import FieldValue, Item, Sighting

if TYPE_CHECKING:
    from auditor.catalog.product import Reference
    from auditor.config.context import SystemContext


def dereference(seen: Sighting, context: SystemContext) -> Sighting:
    """Return what the scope says with references of the product replaced; a variable that is not there is unknown."""
    own = FieldValue(seen.text, seen.evidence, seen.redacted, seen.reason)
    resolved = _resolve(own, context)
    items = seen.items
    if items is not None:
        items = tuple(_item(i, context) for i in items)
    return replace(
        seen,
        text=resolved.text,
        redacted=resolved.redacted,
        reason=resolved.reason,
        items=items,
        surely=seen.surely and resolved.text == seen.text,
    )


def _item(item: Item, context: SystemContext) -> Item:
    return Item(item.index, {name: _resolve(value, context) for name, value in item.fields.items()}, item.evidence)


def _resolve(value: FieldValue, context: SystemContext) -> FieldValue:
    """Return the value with every reference in it replaced, unknown where one of them is."""
    for reference in context.product.references:
        for match in _pattern(reference).finditer(value.text or ""):
            value = _replaced(value, match.group(0), match.group(1), context)
            if value.text is None:
                return value
    return value


def _pattern(reference: Reference) -> re.Pattern[str]:
    """Return the form as a pattern: with an end it stands anywhere in a text, without one it is the whole text."""
    start, end = re.escape(reference.prefix), re.escape(reference.suffix)
    return re.compile(f"{start}(.+?){end}" if end else rf"\A{start}(.+)\Z", re.DOTALL)


def _replaced(value: FieldValue, written: str, name: str, context: SystemContext) -> FieldValue:
    bound = context.environment().get(name)
    if bound is None:
        return FieldValue(None, value.evidence, value.redacted, f"it refers to {name}, which is not in the inputs")
    if value.text == written:
        return FieldValue(bound.value, bound.evidence, bound.redacted, bound.reason)
    text = None if bound.value is None else (value.text or "").replace(written, bound.value)
    return FieldValue(text, value.evidence, value.redacted or bound.redacted, bound.reason)
