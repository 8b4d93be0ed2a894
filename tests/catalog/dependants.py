"""What each switch of a product decides, read from the product's own file: nothing here knows a product."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from dataclasses import dataclass

from auditor.catalog import Product
from auditor.catalog.conditions import AtomKind, Condition, atoms
from auditor.catalog.product import FlowDefinition
from auditor.catalog.settings import SettingDefinition

_OF_LITELLM = (
    "bedrock.region",
    "vertex.location",
    "fallbacks",
    "default_fallbacks",
    "context_window_fallbacks",
    "content_policy_fallbacks",
)
"""Settings that the derivation of LiteLLM's destinations reads (docs/catalog.md)."""


@dataclass(frozen=True, order=True)
class Dependence:
    """One switch and one thing that depends on it."""

    switch: str
    """Setting id, ``fact:<id>``, ``version``, ``packaging``, or ``<list setting>[].<field>``."""
    effect: str
    """Flow id, ``component <id>``, ``store <id>``, ``carries <flow id>``, or ``default of <setting id>``."""


def dependences(product: Product) -> frozenset[Dependence]:
    """Return every pair of a switch and what its value decides."""
    found = {d for f in product.flows for d in _of_flow(product, f)}
    for component in product.components:
        found |= _asked(component.present, f"component {component.id}")
    for store in product.stores:
        found |= _asked(store.on, f"store {store.id}")
    for setting in product.settings:
        found |= set(_of_setting(product, setting))
    return frozenset(found)


def _of_flow(product: Product, flow: FlowDefinition) -> Iterator[Dependence]:
    yield from _asked(flow.on, flow.id, flow.to.for_each)
    to = flow.to
    named = {to.setting, to.for_each, *flow.redirect}
    processing = flow.processing_from
    for template in (to.host_template, to.url, processing.model if processing else ""):
        named |= {name.partition("|")[0] for name in re.findall(r"\{([^}]+)\}", template)}
    if processing:
        named.add(processing.prefix)
    for row in product.table(to.table).values():
        named |= set(re.findall(r"\{([^}]+)\}", row))
    if to.derive == "litellm_destination":
        named |= {*product.table("provider_settings").values(), *_OF_LITELLM}
    yield from (Dependence(s.id, flow.id) for s in product.settings if s.id in named)


def _of_setting(product: Product, setting: SettingDefinition) -> Iterator[Dependence]:
    for rule in setting.defaults:
        yield from _asked(rule.when, f"default of {setting.id}")
    yield from _asked(setting.applies, f"default of {setting.id}")
    if setting.umbrella is not None:
        for flow in umbrella_flows(product, setting):
            yield Dependence(setting.id, flow)
    for pattern in setting.re_enables:
        yield from (Dependence(setting.id, flow) for flow in matching(product, pattern))
    for escalation in setting.escalates:
        yield from (Dependence(setting.id, f"carries {flow}") for flow in matching(product, escalation.flow))


def umbrella_flows(product: Product, setting: SettingDefinition) -> frozenset[str]:
    """Return the flows that an umbrella stops, without its exceptions."""
    umbrella = setting.umbrella
    if umbrella is None:
        return frozenset()
    covered = {flow for pattern in umbrella.covers for flow in matching(product, pattern)}
    return frozenset(covered - excepted_flows(product, setting))


def excepted_flows(product: Product, setting: SettingDefinition) -> frozenset[str]:
    """Return the flows that an umbrella leaves alone by name."""
    umbrella = setting.umbrella
    return frozenset() if umbrella is None else frozenset(f for p in umbrella.excepted for f in matching(product, p))


def matching(product: Product, pattern: str) -> list[str]:
    """Return the ids of the flows that a pattern of the catalog means."""
    return fnmatch.filter([f.id for f in product.flows], pattern)


def _asked(condition: Condition, effect: str, items: str = "") -> set[Dependence]:
    found = set()
    for atom in atoms(condition):
        switch = {
            AtomKind.SETTING: atom.name,
            AtomKind.FACT: f"fact:{atom.name}",
            AtomKind.ITEM: f"{items}[].{atom.name}",
            AtomKind.VERSION: "version",
            AtomKind.ERA: "version",
            AtomKind.PACKAGING: "packaging",
        }[atom.kind]
        found.add(Dependence(switch, effect))
    return found
