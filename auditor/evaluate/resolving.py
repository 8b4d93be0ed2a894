"""Requirements with the values of their parameters filled in, so that matching needs selectors alone."""

from __future__ import annotations

from dataclasses import replace

from auditor.evaluate.parameters import values_of
from auditor.facts.profile import (
    ComponentSelector,
    Condition,
    Control,
    Exists,
    FlowSelector,
    Forbid,
    Junction,
    Parameter,
    PathSelector,
    Require,
    RequireEvidence,
    Requirement,
    Selector,
    StoreSelector,
    Values,
)


def resolved(control: Control) -> Control:
    """Return ``control`` with every ``{parameter: …}`` followed by the parameter's values."""
    given = control.parameters
    when = None if control.when is None else _condition(control.when, given)
    return replace(control, requirement=_requirement(control.requirement, given), when=when)


def _requirement(requirement: Requirement, given: tuple[Parameter, ...]) -> Requirement:
    match requirement:
        case Forbid(what):
            return Forbid(_path(what, given) if isinstance(what, PathSelector) else _selector(what, given))
        case RequireEvidence(what):
            return RequireEvidence(replace(what, of=_component(what.of, given)))
        case Require():
            return replace(
                requirement,
                where=_selector(requirement.where, given),
                every=None if requirement.every is None else _selector(requirement.every, given),
                some=None if requirement.some is None else _selector(requirement.some, given),
            )


def _condition(condition: Condition, given: tuple[Parameter, ...]) -> Condition:
    if isinstance(condition, Junction):
        return Junction(condition.kind, tuple(_condition(part, given) for part in condition.parts))
    if isinstance(condition.what, FlowSelector):
        return Exists(_flow(condition.what, given))
    return Exists(_component(condition.what, given))


def _selector(selector: Selector, given: tuple[Parameter, ...]) -> Selector:
    match selector:
        case ComponentSelector():
            return _component(selector, given)
        case FlowSelector():
            return _flow(selector, given)
        case StoreSelector():
            country = selector.country
            found = None if country is None else _values(country, given)
            return replace(selector, at=_component(selector.at, given), country=found)


def _component(selector: ComponentSelector, given: tuple[Parameter, ...]) -> ComponentSelector:
    return replace(selector, terms=tuple(replace(t, values=_values(t.values, given)) for t in selector.terms))


def _flow(selector: FlowSelector, given: tuple[Parameter, ...]) -> FlowSelector:
    return replace(
        selector,
        source=_component(selector.source, given),
        destination=_component(selector.destination, given),
        strength=None if selector.strength is None else _values(selector.strength, given),
    )


def _path(selector: PathSelector, given: tuple[Parameter, ...]) -> PathSelector:
    middle = selector.intermediary
    return replace(
        selector,
        source=_component(selector.source, given),
        destination=_component(selector.destination, given),
        intermediary=None if middle is None else _component(middle, given),
    )


def _values(values: Values, given: tuple[Parameter, ...]) -> Values:
    return replace(values, any_of=values_of(given, values.parameter)) if values.parameter else values
