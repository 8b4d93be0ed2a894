"""Each control as the one plain English sentence that an officer signs, made from its structure."""

from __future__ import annotations

from auditor.evaluate.phrases import demand, flow_phrase, flow_qualities, store_phrase, thing, things
from auditor.evaluate.words import BASES, counted, data_words, joined
from auditor.facts.profile import (
    ComponentSelector,
    Condition,
    Control,
    Direction,
    Exists,
    FlowSelector,
    Forbid,
    PathSelector,
    Require,
    RequireEvidence,
    Selector,
    StoreSelector,
)
from auditor.facts.vocabulary import Sighting


def sentence(control: Control) -> str:
    """Return what ``control`` (parameters resolved) asks, as one sentence with a stop."""
    text = demanded(control)
    if _asks_of_those_there(control):
        before, must, after = text.partition(" must ")
        text = f"{before}, if there is any,{must}{after}"
        return f"{text[0].upper()}{text[1:]}."
    condition = "" if control.when is None else f"If {_condition(control.when)}, "
    return f"{condition}{text}." if condition else f"{text[0].upper()}{text[1:]}."


def _asks_of_those_there(control: Control) -> bool:
    """Return whether the condition of a requirement is just that there is something to ask it of."""
    when, what = control.when, control.requirement
    return isinstance(when, Exists) and isinstance(what, Require) and when.what == what.where and what.every is not None


def demanded(control: Control) -> str:
    """Return what ``control`` asks without its condition, in lower case and without a stop."""
    match control.requirement:
        case Forbid(what):
            return _forbidden(what)
        case Require():
            return _required(control.requirement)
        case RequireEvidence(what):
            bases = joined(BASES[b] for b in what.complete)
            return f"the evidence from {bases} must be complete for {thing(what.of, 'every')}"


def _forbidden(what: ComponentSelector | FlowSelector | PathSelector | StoreSelector) -> str:
    match what:
        case ComponentSelector():
            return f"there must be {thing(what, 'no')}"
        case FlowSelector():
            return _forbidden_flow(what)
        case PathSelector():
            return _forbidden_path(what)
        case StoreSelector():
            return f"there must be {store_phrase(what, 'no')}"


def _forbidden_flow(what: FlowSelector) -> str:
    who, whom = thing(what.source, "no"), thing(what.destination, "any")
    if what.sightings == (Sighting.ATTEMPT,) and not what.data:
        return f"{who} may even try to connect to {whom}"
    if what.required and not what.data and not what.names:
        return f"{who} may need a connection to {whom}"
    if what.names or what.sightings or what.strength is not None:
        return f"there must be {flow_phrase(what, 'no')}"
    if not what.data:
        return f"{who} may connect to {whom}"
    data = data_words(what.data, "or")
    return {
        Direction.SENDS: f"{who} may send {data} to {whom}",
        Direction.RECEIVES: f"{who} may receive {data} from {whom}",
        Direction.ANY: f"{who} may exchange {data} with {whom}",
    }[what.direction]


def _forbidden_path(what: PathSelector) -> str:
    data = f" for {data_words(what.data, 'or')}" if what.data else ""
    ends = f"from {thing(what.source, 'any')} to {thing(what.destination, 'any')}"
    if what.intermediary is None:
        return f"no path{data} may lead {ends}, over any number of hops"
    return f"no path{data} {ends} may pass through {thing(what.intermediary, 'any')}"


def _required(what: Require) -> str:
    parts = []
    if what.every is not None:
        parts.append(f"{_selected(what.where, 'every')} must {_must(what.every)}")
    if what.some is not None:
        parts.append(f"at least one {_selected(what.where, '').strip()} must {_must(what.some)}")
    if what.at_least > 1 or not parts:
        count = counted(what.at_least, _singular(what.where)) if what.at_least == 1 else f"{what.at_least} {_plural(what.where)}"
        parts.append(f"there must be at least {count}")
    return "; and ".join(parts)


def _selected(selector: Selector, before: str) -> str:
    match selector:
        case ComponentSelector():
            return thing(selector, "every") if before else thing(selector, "every").removeprefix("every ")
        case FlowSelector():
            return flow_phrase(selector, before)
        case StoreSelector():
            return store_phrase(selector, before)


def _singular(selector: Selector) -> str:
    return _selected(selector, "").strip()


def _plural(selector: Selector) -> str:
    if isinstance(selector, ComponentSelector):
        return things(selector)
    head, _, rest = _singular(selector).partition(" ")
    return f"{head}s {rest}".strip()


def _must(selector: Selector) -> str:
    match selector:
        case ComponentSelector():
            return demand(selector)
        case FlowSelector():
            return _flow_demand(selector)
        case StoreSelector():
            return f"be {store_phrase(selector, 'a')}"


def _flow_demand(selector: FlowSelector) -> str:
    parts = []
    if selector.source.terms:
        parts.append(f"come from {thing(selector.source, 'a')}")
    if selector.destination.terms:
        parts.append(f"go to {thing(selector.destination, 'a')}")
    if selector.data:
        parts.append(f"carry {data_words(selector.data, 'or')}")
    parts.extend(
        f"be {quality}" if not quality.startswith("that ") else f"be one {quality}" for quality in flow_qualities(selector)
    )
    return joined(parts)


def _condition(condition: Condition) -> str:
    if isinstance(condition, Exists):
        noun = flow_phrase(condition.what, "a") if isinstance(condition.what, FlowSelector) else thing(condition.what, "a")
        return f"there is {noun}"
    parts = [_condition(part) for part in condition.parts]
    if condition.kind == "not":
        return f"it is not so that {parts[0]}"
    return joined(parts, "and" if condition.kind == "all" else "or")
