"""Catalog flows -> intended flows: what the configuration makes each of them do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from auditor.catalog.catalog import Catalog
from auditor.catalog.conditions import Ask, Atom, AtomKind
from auditor.catalog.product import FlowDefinition, ProcessingRule
from auditor.config.cures import cures_for
from auditor.config.deciding import Decision
from auditor.config.derivations import PROCESSING
from auditor.config.destination import AccountKnowledge, Destination
from auditor.config.effective import place
from auditor.config.switching import covers, switched
from auditor.config.targets import destinations
from auditor.config.templates import fill, fill_plain
from auditor.facts.evidence import CatalogLocation, Evidence
from auditor.facts.flows import IntendedFlow
from auditor.facts.inventory import Unknown
from auditor.facts.places import Countries
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, DataClass, Party, UnknownKind

if TYPE_CHECKING:
    from auditor.config.context import SystemContext


@dataclass(frozen=True, slots=True)
class _Verdict:
    configured: Truth
    reason: str
    unknowns: tuple[Unknown, ...]


def flows_of(context: SystemContext, catalog: Catalog, accounts: Sequence[AccountKnowledge]) -> Iterator[IntendedFlow]:
    """Yield every flow of the system, switched off ones too, in order of the product file."""
    for flow in context.product.flows:
        for destination in destinations(flow, context, catalog):
            placed = reduce(lambda found, known: known.placed(found), accounts, destination)
            yield _intended(flow, placed, context, catalog)


def component_id(name: str, context: SystemContext) -> str:
    """Return the full id of a component of the product: ``<system>/<component>``, or its endpoint id outside."""
    definition = context.product.component(name)
    return definition.outside if definition is not None and definition.outside else f"{context.system}/{name}"


def _intended(flow: FlowDefinition, destination: Destination, context: SystemContext, catalog: Catalog) -> IntendedFlow:
    identifier = f"{context.system}/{flow.id}" + (f":{destination.suffix}" if destination.suffix else "")
    decision = switched(flow, context, destination.item)
    # Destinations of one flow share its questions: what is open is the flow's, unless an entry of a list decides.
    subject = identifier if destination.item is not None else f"{context.system}/{flow.id}"
    verdict = _verdict(subject, flow, decision, destination, context)
    sends = _sends(flow, context)
    weak = not flow.fact.decides
    processing, why = _processing(flow, destination, context, catalog)
    return IntendedFlow(
        id=identifier,
        system=context.system,
        purpose=_purpose(flow, destination, context) + (f" ({destination.note})" if destination.note else ""),
        source=component_id(flow.source, context),
        destination_component=destination.component,
        destination=destination.endpoint,
        sends_at_least=() if weak else _order(sends[0]),
        sends_at_most=_order((*sends[0], *sends[1])),
        receives=flow.receives,
        required=flow.required,
        configured=verdict.configured,
        configured_reason=verdict.reason,
        declared=Truth.UNKNOWN,
        end_to_end=flow.end_to_end,
        processing=processing,
        processing_reason=why,
        otherwise=destination.otherwise,
        cures=cures_for(flow, destination, context) if verdict.configured is not Truth.NO else (),
        unknowns=verdict.unknowns,
        evidence=_evidence(flow, decision, destination),
    )


def _verdict(
    subject: str, flow: FlowDefinition, decision: Decision, destination: Destination, context: SystemContext
) -> _Verdict:
    doubt = destination.doubt.text if destination.doubt is not None else ""
    reason = decision.reason or doubt or destination.reason or f"{context.product.title} does this unless something stops it"
    if destination.off or decision.truth is Truth.NO:
        return _off(subject, flow, decision, destination, reason, context)
    unknowns = [*_open_grounds(subject, flow, decision, destination, context)]
    if decision.truth is Truth.UNKNOWN:
        return _Verdict(Truth.UNKNOWN, _assumed(decision, reason), tuple(unknowns))
    if not flow.fact.decides:
        purpose = _purpose(flow, destination, context)
        text = (
            f'That {context.product.title} has the flow "{purpose}" is known only from a weak source ({flow.fact.source.title})'
        )
        return _Verdict(Truth.UNKNOWN, reason, (*unknowns, _weak(subject, text)))
    if destination.doubt is not None:
        return _doubtful(destination, unknowns, reason)
    if destination.reason and destination.reason not in reason:
        reason = f"{reason}; {destination.reason}"
    return _Verdict(Truth.YES, reason, ())


def _off(
    subject: str, flow: FlowDefinition, decision: Decision, destination: Destination, reason: str, context: SystemContext
) -> _Verdict:
    """Return no, unless only a weak source says that this setting stops it."""
    if destination.off and decision.truth is not Truth.NO:
        return _Verdict(Truth.NO, destination.reason, ())
    if all(g.fact is None or g.fact.decides for g in decision.grounds):
        return _Verdict(Truth.NO, reason, ())
    purpose = _purpose(flow, destination, context)
    text = f'Whether this really stops the flow "{purpose}" is known only from a weak source: {reason}'
    return _Verdict(Truth.UNKNOWN, reason, (_weak(subject, text),))


def _open_grounds(
    subject: str, flow: FlowDefinition, decision: Decision, destination: Destination, context: SystemContext
) -> Iterator[Unknown]:
    """Yield what is not known about whether the flow is there and where it goes."""
    purpose = _purpose(flow, destination, context)
    for ground in decision.grounds:
        if ground.truth is Truth.UNKNOWN and ground.text:
            text = f'Whether {context.product.title} has the flow "{purpose}" is not known: {ground.text}'
            yield Unknown(ground.kind, subject, text, ground.settled_by, ground.who)
    doubt = destination.doubt
    if doubt is not None:
        text = f'Where the flow "{purpose}" goes is not known: {doubt.text}'
        yield Unknown(doubt.kind, subject, text, doubt.settled_by, doubt.who)


def _doubtful(destination: Destination, unknowns: list[Unknown], reason: str) -> _Verdict:
    """A flow that is on and whose destination is open: it exists, and where it goes is what is not known."""
    nowhere = not (destination.endpoint.name or destination.endpoint.address or destination.component)
    doubt = destination.doubt.text if destination.doubt is not None else ""
    if nowhere and destination.item is not None:
        return _Verdict(Truth.YES, f"{reason}; {doubt}" if doubt not in reason else reason, tuple(unknowns))
    return _Verdict(Truth.UNKNOWN, f"{reason}; {doubt}" if doubt not in reason else reason, tuple(unknowns))


def _assumed(decision: Decision, reason: str) -> str:
    only_assumed = [g for g in decision.grounds if g.truth is Truth.UNKNOWN]
    return f"by default, as far as the inputs tell: {reason}" if only_assumed and all(g.assumed for g in only_assumed) else reason


def _weak(subject: str, text: str) -> Unknown:
    return Unknown(UnknownKind.FACT_WEAK, subject, text, ("Ask the vendor for a statement, or watch the traffic",), Party.VENDOR)


def _purpose(flow: FlowDefinition, destination: Destination, context: SystemContext) -> str:
    """Return the purpose in words; where no entry names the party, it says of which list."""
    if destination.item is not None or not flow.to.for_each:
        return fill_plain(flow.purpose, destination.item, "(not known)")
    purpose, definition = fill_plain(flow.purpose, None, "…"), context.product.setting(flow.to.for_each)
    title = (definition.title if definition is not None else "") or flow.to.for_each
    return f"{purpose} (no entries of the list: {title})" if destination.off else f"{purpose} (entries not known: {title})"


def _sends(flow: FlowDefinition, context: SystemContext) -> tuple[tuple[DataClass, ...], tuple[DataClass, ...]]:
    """Return (classes that it sends, classes that it may send besides): a setting can add classes."""
    surely, perhaps = list(flow.sends), list[DataClass]()
    for setting in context.product.settings:
        for escalation in setting.escalates:
            if covers((escalation.flow,), flow.id):
                truth = context.decide(Atom(AtomKind.SETTING, setting.id, Ask.TRUTHY)).truth
                into = surely if truth is Truth.YES else perhaps if truth is Truth.UNKNOWN else []
                into.extend(escalation.adds)
    return tuple(surely), tuple(perhaps)


def _order(classes: Iterable[DataClass]) -> tuple[DataClass, ...]:
    wanted = set(classes)
    return tuple(c for c in DataClass if c in wanted)


def _processing(
    flow: FlowDefinition, destination: Destination, context: SystemContext, catalog: Catalog
) -> tuple[Countries, str]:
    """Return where the flow itself says it is processed and why, nothing where that is its destination's matter."""
    if destination.processing is not None or destination.processing_reason:
        return destination.processing, destination.processing_reason
    if flow.processing:
        said = f"{context.product.title} says so of this flow"
        weak = f"only a weak source ({flow.fact.source.title}) says where this flow is processed"
        return (flow.processing, said) if flow.fact.decides else (None, weak)
    if destination.placed_by_host:
        return _of_host(destination, catalog)
    if flow.processing_from is None or (destination.endpoint.name and not catalog.endpoint_for_host(destination.endpoint.name)):
        # A redirect to a host of the user's own: the rule speaks of the operator's hosts.
        return None, ""
    return _by_model(flow.processing_from, destination, context, catalog)


def _by_model(rule: ProcessingRule, destination: Destination, context: SystemContext, catalog: Catalog) -> tuple[Countries, str]:
    """Return where the model runs that the configuration names, by its id and what the program puts in front of it."""
    prefix = context.effective(rule.prefix) if rule.prefix else None
    if prefix is not None and not prefix.is_known:
        return None, f"the inference profile decides the country, and {prefix.reason}"
    model, _, reason = fill(rule.model, context, destination.item)
    if model is None and not (prefix and prefix.text):
        return None, f"the model decides the country, and {reason}"
    countries, reason = PROCESSING[rule.derive](model or "", destination.endpoint.name, prefix.text or "" if prefix else "")
    return (countries, reason) if countries is not None or reason else _of_host(destination, catalog)


def _of_host(destination: Destination, catalog: Catalog) -> tuple[Countries, str]:
    """Return where the region of the host lies: the model id was looked at and moves nothing elsewhere."""
    host = destination.endpoint.name
    entry = catalog.endpoint_for_host(host) if host else None
    if entry is None or not entry.fact.decides:
        return None, ""
    return (
        entry.processing,
        entry.processing_reason or f"the model id names no inference profile, so the region of {host} decides",
    )


def _evidence(flow: FlowDefinition, decision: Decision, destination: Destination) -> tuple[Evidence, ...]:
    """Return what decided it, without repeats, files before the catalog."""
    own = Evidence(Basis.DECLARED, flow.fact.location(), f"{flow.purpose}" + (f" ({flow.fact.note})" if flow.fact.note else ""))
    found = [e for g in decision.grounds for e in g.evidence] + list(destination.evidence) + [own]
    unique = list(dict.fromkeys(found))
    return tuple(sorted(unique, key=lambda e: (isinstance(e.location, CatalogLocation), not place(e))))
