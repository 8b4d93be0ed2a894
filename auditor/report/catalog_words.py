"""Destinations, conditions and names of the catalog in words, for people who read a product without its file."""

from __future__ import annotations

from fnmatch import fnmatchcase

from auditor.catalog import Product
from auditor.catalog.conditions import ALWAYS, NEVER, AllOf, AnyOf, Ask, Atom, AtomKind, Condition, Not
from auditor.catalog.product import FlowDefinition, Target
from auditor.catalog.settings import SettingDefinition, Umbrella

_ASKED = {
    Ask.TRUTHY: "is on",
    Ask.FALSY: "is off",
    Ask.SET: "is set",
    Ask.UNSET: "is not set",
    Ask.EQUALS: "is",
    Ask.MATCHES: "matches",
    Ask.CONTAINS: "contains",
    Ask.NAMES_ITEM: "names it",
    Ask.SET_IN: "is set in",
}
_NAMED = {AtomKind.ITEM: "its ", AtomKind.FACT: "the answer to ", AtomKind.SETTING: ""}
_BARE = {AtomKind.VERSION: "the version is", AtomKind.ERA: "the version is of the era", AtomKind.PACKAGING: "it is started by"}


def destination_words(flow: FlowDefinition) -> str:
    """Return where a flow goes: ``telemetry.coder.com, or where telemetry.url says``."""
    own = _target(flow.to)
    moved = " or ".join(f"where {name} says" for name in flow.redirect)
    return ", or ".join(part for part in (own, moved) if part)


def _target(to: Target) -> str:
    if to.for_each:
        return f"where each entry of {to.for_each} says"
    if to.setting:
        return f"where {to.setting} says"
    if to.component:
        return f"the component {to.component}"
    named = ", ".join(to.hosts) or to.endpoint or to.host_template
    return f"{named}, and whatever is decided at run time" if to.runtime and named else named or "whatever is decided at run time"


def condition_words(condition: Condition) -> str:
    """Return a condition as one clause; empty for ``always``."""
    if condition == ALWAYS:
        return ""
    if condition == NEVER:
        return "never"
    if isinstance(condition, Atom):
        return _atom(condition)
    if isinstance(condition, Not):
        return f"not ({condition_words(condition.part)})"
    word = " and " if isinstance(condition, AllOf) else " or "
    parts = [condition_words(p) for p in condition.parts]
    nested = [f"({p})" if isinstance(c, AnyOf | AllOf) else p for p, c in zip(parts, condition.parts, strict=True)]
    return word.join(nested)


def _atom(atom: Atom) -> str:
    if atom.kind in _BARE:
        return f"{_BARE[atom.kind]} {atom.name}"
    value = f" {atom.value or '(empty)'}" if atom.test in (Ask.EQUALS, Ask.MATCHES, Ask.CONTAINS, Ask.SET_IN) else ""
    return f"{_NAMED[atom.kind]}{atom.name} {_ASKED[atom.test]}{value}"


def stopping(product: Product, flow: FlowDefinition) -> tuple[str, ...]:
    """Return the ids of the settings that stop the flow when they are on, whatever its own condition."""
    return tuple(s.id for s in product.settings if s.umbrella and _stops(s.umbrella, flow.id))


def _stops(umbrella: Umbrella, flow: str) -> bool:
    covered, excepted = (any(fnmatchcase(flow, p) for p in patterns) for patterns in (umbrella.covers, umbrella.excepted))
    return covered and not excepted


def setting_words(setting: SettingDefinition) -> str:
    """Return the names of a setting and its default: ``CODER_TELEMETRY_ENABLE, --telemetry; default true``."""
    names = setting.names
    files = tuple(f"{path} in files" for path in names.path)
    charts = tuple(f"{path} in values of the chart" for path in names.helm)
    written = ", ".join((*names.env, *names.flag, *files, *charts, *names.registry, *names.mdm))
    defaults = sorted({rule.value for rule in setting.defaults})
    if setting.default_unknown or not defaults:
        return written + ("; its default is not known" if setting.default_unknown else "")
    return f"{written}; default {' or '.join(value or '(empty)' for value in defaults)}"
