"""Countries are *sets*: the two readings of a set that is only partly as a selector asks.

Where a match is what must not be (``forbid``), or calls for a closer look (``where`` of ``all``, ``when``), one country that logs
show is a match, and with ``{not: [US]}`` one that is possible: what may happen there happens. Where a match is what satisfies a
requirement (``all``, ``any``, the counting of ``at_least``, ``when: {not: …}``), only a set that is wholly as asked is one: a set
partly so is undecided, and one country that logs show elsewhere denies it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from auditor.facts.profile import ComponentSelector, FlowSelector, StoreSelector, Values

Selected = TypeVar("Selected", ComponentSelector, FlowSelector, StoreSelector)


def wholly(selector: Selected) -> Selected:
    """Return ``selector`` asking that all of a set of countries is as it says."""
    match selector:
        case ComponentSelector():
            return _component(selector)
        case FlowSelector():
            return replace(selector, source=_component(selector.source), destination=_component(selector.destination))
        case StoreSelector():
            country = None if selector.country is None else _values(selector.country)
            return replace(selector, at=_component(selector.at), country=country)


def _component(selector: ComponentSelector) -> ComponentSelector:
    return replace(selector, terms=tuple(replace(term, values=_values(term.values)) for term in selector.terms))


def _values(values: Values) -> Values:
    return replace(values, whole=True)
