"""Templates of the catalog: ``{setting.id}``, ``{setting.id|host}``, ``{item.field}``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from auditor.config.effective import Item
from auditor.config.values import host_of
from auditor.facts.evidence import Evidence

if TYPE_CHECKING:
    from auditor.config.context import SystemContext

_PLACEHOLDER = re.compile(r"\{([^{}|]+)(?:\|(host))?\}")


def fill(template: str, context: SystemContext, item: Item | None) -> tuple[str | None, tuple[Evidence, ...], str]:
    """Return (text, evidence, why it is unknown); the text is ``None`` when a placeholder has no known value."""
    evidence: list[Evidence] = []
    parts: list[str] = []
    at = 0
    for match in _PLACEHOLDER.finditer(template):
        value, found, reason = _value(match.group(1), context, item)
        if value is None:
            return None, tuple(evidence), reason
        evidence.extend(found)
        parts.append(template[at : match.start()] + (host_of(value).host if match.group(2) else value))
        at = match.end()
    return "".join(parts) + template[at:], tuple(evidence), ""


def fill_by_defaults(template: str, context: SystemContext) -> str:
    """Return a template with the sole defaults of its settings, empty where one has none or several."""
    definitions = {d.id: d for d in context.product.settings}
    text = template
    for match in _PLACEHOLDER.finditer(template):
        definition = definitions.get(match.group(1))
        values = {rule.value for rule in definition.defaults} if definition is not None else set()
        if len(values) != 1:
            return ""
        text = text.replace(match.group(), values.pop())
    return text


def fill_plain(template: str, item: Item | None, instead: str = "") -> str:
    """Return a text for people with ``{item.x}`` replaced; ``instead`` stands for what is not there."""
    return _PLACEHOLDER.sub(
        lambda m: (item.text(m.group(1).removeprefix("item.")) if item is not None else "") or instead, template
    )


def steps_for(template: str, context: SystemContext) -> tuple[str, ...]:
    """Return what would settle a host that is made of settings: the steps of every one without a value."""
    named = [context.effective(match.group(1)) for match in _PLACEHOLDER.finditer(template)]
    steps = (step for effective in named if effective is not None and not effective.text for step in effective.steps)
    return tuple(dict.fromkeys(steps)) or (f"State in a dated document which host {template} stands for",)


def _value(name: str, context: SystemContext, item: Item | None) -> tuple[str | None, tuple[Evidence, ...], str]:
    if name.startswith("item."):
        field = item.fields.get(name.removeprefix("item.")) if item is not None else None
        if field is None or field.text is None or not field.text:
            return None, (), f"{name.removeprefix('item.')} is not given" if field is None or not field.reason else field.reason
        return field.text, (field.evidence,) if field.evidence else (), ""
    effective = context.effective(name)
    if effective is None or not effective.text:
        return None, (), effective.reason if effective is not None else f"{name} is no setting"
    return effective.text, effective.evidence, ""
