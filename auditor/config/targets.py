"""The forms of ``to:``, one function each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.catalog.catalog import Catalog
from auditor.catalog.product import FlowDefinition, Target
from auditor.config.derivations import DESTINATIONS
from auditor.config.destination import Destination, Doubt, endpoint_of
from auditor.config.effective import Effective, FieldValue, Item
from auditor.config.locations import location_conflict
from auditor.config.templates import fill, fill_by_defaults, fill_plain, steps_for
from auditor.config.values import host_of
from auditor.documents.interpolation import interpolate
from auditor.facts.endpoint import Endpoint
from auditor.facts.settings import SettingState
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Party, UnknownKind

if TYPE_CHECKING:
    from auditor.config.context import SystemContext

_HOST = "State in a dated document which host this contacts, or supply the file that names it"


def destinations(flow: FlowDefinition, context: SystemContext, catalog: Catalog) -> tuple[Destination, ...]:
    """Return where the flow goes, several for lists; a redirect that is set replaces all of it."""
    redirected, doubt = _redirect(flow, context)
    if redirected is not None:
        return (redirected,)
    found = tuple(_plain(flow.to, context, catalog))
    if doubt is None:
        return found
    return tuple(d if d.doubt is not None else _doubted(d, doubt) for d in found)


def _redirect(flow: FlowDefinition, context: SystemContext) -> tuple[Destination | None, Doubt | None]:
    doubt: Doubt | None = None
    for key in flow.redirect:
        effective = context.effective(key)
        if effective is None or (effective.is_set is Truth.NO and effective.is_known):
            continue
        if effective.is_known and effective.text:
            return _from_text(flow.to, effective.text, effective), None
        if effective.state is SettingState.UNKNOWN and effective.is_set is Truth.YES:
            return Destination(evidence=effective.evidence, doubt=_doubt(effective)), None
        doubt = doubt or _doubt(effective)
    return None, doubt


def _plain(to: Target, context: SystemContext, catalog: Catalog) -> Iterator[Destination]:
    if to.for_each:
        yield from _each(to, context)
    elif to.setting:
        yield from _setting(to, context)
    elif to.component:
        yield _component(to, context, catalog)
    elif to.endpoint:
        entry = catalog.endpoint(to.endpoint)
        host = entry.first_host if entry is not None else ""
        port = to.port or (entry.port if entry is not None else 0)
        yield Destination(endpoint=endpoint_of(host, port, to.transport, reference=to.endpoint))
    elif to.host_template:
        yield _template(to, context)
    for host in to.hosts:
        several = len(to.hosts) > 1 or to.runtime
        yield Destination(suffix=host if several else "", endpoint=endpoint_of(host, to.port, to.transport))
    if to.runtime:
        yield Destination(endpoint=Endpoint(), reason="decided at run time")


def _component(to: Target, context: SystemContext, catalog: Catalog) -> Destination:
    definition = context.product.component(to.component)
    if definition is None or not definition.outside:
        return Destination(component=f"{context.system}/{to.component}", endpoint=Endpoint(port=to.port, transport=to.transport))
    entry = catalog.endpoint(definition.outside)
    host = entry.first_host if entry is not None else ""
    port = to.port or (entry.port if entry is not None else 0)
    return Destination(component=definition.outside, endpoint=endpoint_of(host, port, to.transport, reference=definition.outside))


def _setting(to: Target, context: SystemContext) -> Iterator[Destination]:
    effective = context.effective(to.setting)
    if effective is None:
        yield Destination(doubt=_no_setting(to.setting, context))
        return
    assumed = _doubt(effective) if effective.state is SettingState.ASSUMED_DEFAULT else None
    if effective.state is SettingState.UNKNOWN:
        yield Destination(evidence=effective.evidence, doubt=_doubt(effective))
    elif effective.definition.is_list:
        if not effective.items and assumed is None:
            yield Destination(evidence=effective.evidence, reason=effective.reason, off=True)
        for item in effective.items:
            found = _from_text(to, item.text("value"), effective)
            host = found.endpoint.name or found.endpoint.address
            yield Destination(
                suffix=host, endpoint=found.endpoint, evidence=effective.evidence, reason=effective.reason, doubt=assumed
            )
    elif effective.text:
        found = _from_text(to, effective.text, effective)
        yield _doubted(found, assumed) if assumed is not None and found.doubt is None else found
    else:
        yield Destination(
            evidence=effective.evidence,
            reason=effective.reason,
            doubt=assumed or Doubt(f"nothing names the destination: {effective.reason}", effective.steps, effective.who),
        )


def _from_text(to: Target, text: str, effective: Effective) -> Destination:
    place = host_of(text)
    # A redacted URL still shows its host (documents.redaction); only a text that is a secret as a whole hides it.
    hidden = effective.redacted and "://" not in text
    if hidden or not place.host:
        return Destination(evidence=effective.evidence, doubt=Doubt(f"no host can be read from {effective.reason}", (_HOST,)))
    endpoint = endpoint_of(place.name, place.port or to.port, to.transport, place.address)
    conflict = location_conflict(text, place.name)
    return Destination(endpoint=endpoint, evidence=effective.evidence, reason=effective.reason, processing_reason=conflict)


def _template(to: Target, context: SystemContext) -> Destination:
    text, evidence, reason = fill(to.host_template, context, None)
    place = host_of(text or "")
    if not place.host:
        text = f"the host is {to.host_template}, and {reason or 'that names none'}"
        return Destination(evidence=evidence, doubt=Doubt(text, steps_for(to.host_template, context)))
    return Destination(endpoint=endpoint_of(place.name, place.port or to.port, to.transport, place.address), evidence=evidence)


def _each(to: Target, context: SystemContext) -> Iterator[Destination]:
    effective = context.effective(to.for_each)
    if effective is None or (effective.state is SettingState.UNKNOWN):
        doubt = _doubt(effective) if effective is not None else _no_setting(to.for_each, context)
        yield Destination(evidence=effective.evidence if effective else (), doubt=doubt)
        return
    assumed = _doubt(effective) if effective.state is SettingState.ASSUMED_DEFAULT else None
    used: dict[str, int] = {}
    for item in effective.items:
        name = (fill_plain(to.key, item) if to.key else item.text("key")) or str(item.index)
        used[name] = used.get(name, 0) + 1
        suffix = name if used[name] == 1 else f"{name}.{used[name]}"
        derive = DESTINATIONS.get(to.derive)
        found = derive(item, to, context) if derive is not None else _item(to, context, item)
        evidence = (*((item.evidence,) if item.evidence else ()), *found.evidence)
        yield replace(found, suffix=suffix, evidence=evidence, doubt=found.doubt or assumed, item=item)
    if not effective.items:
        yield Destination(evidence=effective.evidence, reason=effective.reason, doubt=assumed, off=assumed is None)


def _item(to: Target, context: SystemContext, item: Item) -> Destination:
    text, evidence, reason = fill(to.url, context, item) if to.url else (None, (), "")
    place = host_of(text or "")
    field = item.fields.get(to.field, FieldValue("", None))
    table = context.product.table(to.table) if to.table else {}
    if place.host:
        endpoint = endpoint_of(place.name, place.port or to.port, to.transport, place.address)
        conflict = location_conflict(text or "", place.name)
        return Destination(endpoint=endpoint, evidence=evidence, doubt=_stranger(to, field, table), processing_reason=conflict)
    by_table = table.get(field.text or "") if not text and not _hidden(to, item) else None
    if by_table:
        filled, more, why = fill(by_table, context, item)
        place = host_of(filled or "")
        if place.host:
            endpoint = endpoint_of(place.name, place.port or to.port, to.transport, place.address)
            return Destination(endpoint=endpoint, evidence=more, reason=f"the default for {to.field} {field.text}")
        reason = why
    doubt = Doubt(f"no destination can be read from the entry: {reason or 'it names no host'}", (_HOST,))
    return Destination(evidence=evidence, doubt=doubt, otherwise=_otherwise(text or "", by_table or "", context))


def _otherwise(text: str, by_table: str, context: SystemContext) -> str:
    """Return the host that an entry names as long as nothing that is open says another, empty when it names none.

    ``${NAME:-https://host}`` in its URL, and settings of the product by their defaults.
    """
    if "${" in text:
        return host_of(interpolate(text, {})[0]).host
    return host_of(fill_by_defaults(by_table, context)).host if by_table else ""


def _stranger(to: Target, field: FieldValue, table: Mapping[str, str]) -> Doubt | None:
    """Return the doubt of a kind that a closed table does not know: nothing says that it heeds its URL.

    A table is closed when it also lists kinds without a default host (docs/catalog.md, ``tables``).
    """
    if "" not in table.values() or not field.text or field.text in table:
        return None
    text = f"{to.field} {field.text} is not known, so nothing says that it heeds its URL"
    steps = (f"Supply what the product does with the {to.field} {field.text}, as an overlay of the catalog (--catalog)",)
    return Doubt(text, steps, Party.VENDOR, UnknownKind.FACT_UNKNOWN)


def _hidden(to: Target, item: Item) -> bool:
    """Return whether the item has a URL whose value is not in the inputs: then no default applies."""
    names = [n for n in item.fields if "{item." + n + "}" in to.url]
    return any(item.fields[n].text is None for n in names)


def _doubt(effective: Effective) -> Doubt:
    return Doubt(effective.reason, effective.steps, effective.who)


def _no_setting(name: str, context: SystemContext) -> Doubt:
    text = f"{name} is no setting of {context.product.title}"
    return Doubt(text, (f"Add the setting {name} to the product file of {context.product.id}, or name one that it has",))


def _doubted(found: Destination, doubt: Doubt) -> Destination:
    return replace(found, doubt=doubt)
