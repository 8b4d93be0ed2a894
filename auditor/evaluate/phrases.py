"""Selectors as phrases: the words between "every" and "must" of a control's sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from auditor.evaluate.words import PLANES, ROLES, data_words, joined, operator_words
from auditor.facts.profile import ComponentSelector, FlowSelector, SelectorKey, StoreSelector, Term, Values
from auditor.facts.vocabulary import Plane, Role

_NOUNS = (SelectorKey.ID, SelectorKey.PRODUCT, SelectorKey.ROLE, SelectorKey.PLANE)


def thing(selector: ComponentSelector, before: str) -> str:
    """Return ``selector`` as a noun phrase after ``before`` (``no``, ``any``, ``every``, ``a``)."""
    if not selector.terms:
        return {"no": "nothing", "any": "anything", "every": "everything", "a": "something"}[before]
    only = selector.terms[0] if len(selector.terms) == 1 else None
    if only is not None and only.key is SelectorKey.PERIMETER:
        start = {"no": "nothing", "any": "anything", "every": "every component", "a": "something"}[before]
        return f"{start} {only.values.any_of[0]} the perimeter"
    noun = _noun(selector)
    article = "an" if before == "a" and noun[0] in "aeiou" else before
    return " ".join([article, noun, *_qualities(selector)])


def things(selector: ComponentSelector) -> str:
    """Return ``selector`` as a plural noun phrase."""
    return " ".join([f"{_noun(selector)}s", *_qualities(selector)])


def demand(selector: ComponentSelector) -> str:
    """Return what ``selector`` asks of a component, after "must"."""
    asked = [_asks(term) for term in selector.terms]
    if all(ask.startswith("be ") for ask in asked):
        return f"be {joined(ask.removeprefix('be ') for ask in asked)}"
    return joined(asked)


def store_phrase(selector: StoreSelector, before: str) -> str:
    """Return a store selector as a noun phrase."""
    parts = [before, "store"]
    if selector.data:
        parts.append(f"of {data_words(selector.data, 'or')}")
    if selector.at.terms:
        parts.append(f"kept by {thing(selector.at, 'a')}")
    if selector.country is not None:
        parts.append(_inverted(selector.country, "in", "outside"))
    return " ".join(parts)


def flow_phrase(selector: FlowSelector, before: str) -> str:
    """Return a flow selector as a noun phrase."""
    parts = [before, "flow"]
    if selector.data:
        parts.append(f"of {data_words(selector.data, 'or')}")
    if selector.source.terms:
        parts.append(f"from {thing(selector.source, 'a')}")
    if selector.destination.terms:
        parts.append(f"to {thing(selector.destination, 'a')}")
    parts.extend(flow_qualities(selector))
    return " ".join(parts)


def flow_qualities(selector: FlowSelector) -> list[str]:
    """Return what a flow selector asks of a flow besides its ends and data."""
    parts = []
    if selector.names:
        parts.append(f"found to be {joined((n.value.replace('_', ' ') for n in selector.names), 'or')}")
    if selector.sightings:
        words = {"data": "seen with data", "attempt": "seen as an attempt"}
        parts.append(joined((words.get(s.value, "not seen in captured traffic") for s in selector.sightings), "or"))
    if selector.required is not None:
        parts.append("that the product requires" if selector.required else "that the product does not require")
    if selector.strength is not None:
        parts.append(f"held by {_listed(selector.strength, str)}")
    return parts


def _noun(selector: ComponentSelector) -> str:
    terms = {t.key: t.values for t in selector.terms if not t.values.negated}
    role, plane, product = (terms.get(k) for k in (SelectorKey.ROLE, SelectorKey.PLANE, SelectorKey.PRODUCT))
    identity = terms.get(SelectorKey.ID)
    noun = joined((ROLES[Role(r)] for r in role.any_of), "or") if role else "component"
    if identity:
        noun = f"{noun} {joined(identity.any_of, 'or')}"
    if product:
        noun = f"{noun} of {joined(product.any_of, 'or')}"
    if plane and not (role and {PLANES[Plane(p)] for p in plane.any_of} == {ROLES[Role(r)] for r in role.any_of}):
        noun = f"{noun} of the {joined((PLANES[Plane(p)] for p in plane.any_of), 'or the ')}"
    return noun


def _qualities(selector: ComponentSelector) -> list[str]:
    """Return the terms that the noun does not say, as a place and a relative clause."""
    parts, clauses = [], []
    for term in selector.terms:
        if term.key in _NOUNS and not term.values.negated:
            continue
        if term.key is SelectorKey.PERIMETER:
            parts.append(f"{term.values.any_of[0]} the perimeter")
        else:
            clauses.append(_is(term))
    return [*parts, f"that {joined(clauses)}"] if clauses else parts


def _asks(term: Term) -> str:
    """Return the infinitive: ``be inside the perimeter``, ``not be operated by …``."""
    clause = _is(replace(term, values=replace(term.values, negated=False)))
    verb, rest = clause.split(" ", 1)
    infinitive = {"is": "be", "has": "have", "processes": "process", "stores": "store", "runs": "run"}[verb]
    return f"not {infinitive} {rest}" if term.values.negated else f"{infinitive} {rest}"


def _is(term: Term) -> str:
    """Return the finite clause: ``is operated by the customer``, ``processes data outside DE``."""
    values, no = term.values, "not " if term.values.negated else ""
    if term.key in _PLACES:
        return f"{_PLACES[term.key]} data {_inverted(values, 'in', 'outside')}"
    before, word = _CLAUSES[term.key]
    listed = _listed(values, word)
    return f"is {listed} the perimeter" if term.key is SelectorKey.PERIMETER else f"is {no}{before}{listed}"


_PLACES = {SelectorKey.PROCESSING: "processes", SelectorKey.STORAGE: "stores"}
_CLAUSES: Mapping[SelectorKey, tuple[str, Callable[[str], str]]] = {
    SelectorKey.ID: ("", str),
    SelectorKey.PRODUCT: ("of product ", str),
    SelectorKey.ROLE: ("a ", lambda role: ROLES[Role(role)]),
    SelectorKey.PLANE: ("of the ", lambda plane: PLANES[Plane(plane)]),
    SelectorKey.PERIMETER: ("", str),
    SelectorKey.OPERATOR: ("operated by ", operator_words),
    SelectorKey.HOSTED_BY: ("hosted on machines of ", operator_words),
    SelectorKey.OPERATOR_COUNTRY: ("operated under the law of ", str),
}


def _listed(values: Values, word: Callable[[str], str]) -> str:
    return joined((word(v) for v in values.any_of), "or") or f"the values of {values.parameter}"


def _inverted(values: Values, within: str, beyond: str) -> str:
    return f"{beyond if values.negated else within} {_listed(values, str)}"
