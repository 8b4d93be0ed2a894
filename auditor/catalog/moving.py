"""Which settings of a product move something: a flow, a component, a store, another setting, what has to be supplied."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from auditor.catalog.conditions import Atom, AtomKind
from auditor.catalog.product import FlowDefinition, Product

_TEMPLATE = re.compile(r"\{([^{}|]+)(?:\|host)?\}")
_DERIVED = {
    "litellm_destination": (
        "models",
        "fallbacks",
        "default_fallbacks",
        "context_window_fallbacks",
        "content_policy_fallbacks",
        "bedrock.region",
    )
}
"""Settings that a derivation reads by itself (docs/catalog.md, derivations)."""


def idle_settings(product: Product) -> tuple[str, ...]:
    """Return the ids of settings that are known and that nothing of the product's file depends on, in order of the file.

    They are shown with their value; what they do (a listener, a sign-in, a filter of a sandbox) is no flow of the catalog.
    """
    moving = {atom.name for atom in _atoms(product)}
    moving |= {name for flow in product.flows for name in _named(flow)}
    moving |= {store.retention_setting for store in product.stores}
    values = [value for _, table in product.tables for _, value in table]
    moving |= {word for value in values for word in (value, *_TEMPLATE.findall(value))}
    return tuple(s.id for s in product.settings if s.id not in moving and not (s.umbrella or s.re_enables or s.escalates))


def _named(flow: FlowDefinition) -> Iterator[str]:
    to, rule = flow.to, flow.processing_from
    yield from (to.setting, to.for_each, *flow.redirect, *_DERIVED.get(to.derive, ()))
    for text in (to.host_template, to.url, to.key, flow.purpose, rule.model if rule is not None else ""):
        yield from _TEMPLATE.findall(text)
    if rule is not None:
        yield rule.prefix


def _atoms(node: object) -> Iterator[Atom]:
    """Yield the questions about settings anywhere below."""
    if isinstance(node, Atom):
        if node.kind is AtomKind.SETTING:
            yield node
    elif isinstance(node, tuple):
        for part in node:
            yield from _atoms(part)
    elif is_dataclass(node) and not isinstance(node, type):
        for field in fields(node):
            yield from _atoms(getattr(node, field.name))
