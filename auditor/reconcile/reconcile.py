"""``reconcile``: what documents say, the configuration makes, the network permits and packets show, in one table."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from auditor.facts.configuration import Configuration
from auditor.facts.endpoint import Endpoint
from auditor.facts.flows import DeclaredStatement, IntendedFlow
from auditor.facts.identity import Identity, ResolvedEdge, ResolvedFlow
from auditor.facts.inventory import Component
from auditor.facts.observation import Observation
from auditor.facts.permission import Permission
from auditor.facts.rows import ResolvedEnd
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Sighting
from auditor.reconcile.carrying import settle
from auditor.reconcile.channels import SUPPOSED_DENIED, make_channel, permission_for
from auditor.reconcile.gaps import observed_gaps, permitted_gaps
from auditor.reconcile.matching import Draft, best_sighting, draft_channels
from auditor.reconcile.result import Reconciled
from auditor.reconcile.rows import (
    MadeRow,
    Scene,
    destination_names,
    end_id,
    flow_row,
    intended,
    rest_row,
    sharers,
    source_names,
)
from auditor.reconcile.silence import Silence, is_unnamed_outbound
from auditor.reconcile.statements import is_concrete, matches


def reconcile(
    identity: Identity,
    configuration: Configuration,
    observation: Observation | None,
    permissions: Mapping[str, Permission] | None,
    statements: Sequence[DeclaredStatement],
    denied: Collection[str] = (),
) -> Reconciled:
    """Return channels, rows and gaps; pure and deterministic.

    ``denied`` are channels (by id) that are supposed to be denied by the network, whatever was examined.

    ``permissions`` are by channel id; ``None`` says that what the network permits was not examined. A statement
    of one flow that neither the configuration nor the traffic shows gets a row of its own, on the declared basis.
    """
    components = {c.id: c for c in identity.components}
    drafts = draft_channels(identity, _declared_only(identity, components, statements))
    silence = Silence(identity, observation)
    allowed = {d.key: SUPPOSED_DENIED if d.key.id in denied else permission_for(d.key.id, permissions) for d in drafts}
    scene = Scene(
        components=components,
        flows=identity.flows,
        gaps=(*configuration.gaps, *identity.gaps),
        statements=tuple(statements),
        silence=silence,
        permissions=allowed,
        permission_asked=permissions is not None,
        seen=frozenset(id_ for d in drafts for id_ in d.seen_as),
    )
    made = _rows(drafts, scene)
    rows = settle(identity.components, [m.row for m in made], {m.row.id for m in made if m.unmodelled})
    channels = tuple(make_channel(d, silence, allowed[d.key]) for d in drafts)
    unnamed = {d.key.id for d in drafts if any(is_unnamed_outbound(e, components) for e in d.edges)}
    gaps = (*scene.gaps, *permitted_gaps(permissions is not None))
    gaps = (*gaps, *observed_gaps(identity, observation, channels, unnamed))
    return Reconciled(
        channels=tuple(sorted(channels, key=lambda c: c.id)), rows=tuple(sorted(rows, key=lambda r: r.id)), gaps=gaps
    )


def _rows(drafts: Sequence[Draft], scene: Scene) -> list[MadeRow]:
    names = _row_ids(drafts)
    made = [flow_row(flow, draft, names[draft.key.id, flow.flow.id], scene) for draft in drafts for flow in draft.flows]
    for draft in drafts:
        rest = _rest(draft, scene)
        if rest:
            source, destination = draft.ends
            way = f" via {draft.key.via}" if draft.key.via else ""
            row_id = f"{end_id(source)}>{end_id(destination)}#{draft.key.transport.value}/{draft.key.port}{way}"
            made.append(rest_row(draft, rest, row_id, scene))
    return made


def _rest(draft: Draft, scene: Scene) -> list[ResolvedEdge]:
    """Return the edges that no live flow explains and that no single switched-off flow accounts for."""
    rest = []
    for edge in draft.edges:
        flows = sharers(edge, draft)
        live = any(intended(f, scene) is not Truth.NO for f in flows)
        if not live and len(flows) != 1:
            rest.append(edge)
    return rest


def _row_ids(drafts: Sequence[Draft]) -> dict[tuple[str, str], str]:
    """Return a stable id for every flow on every channel.

    A flow on several channels keeps the plain id on the first, data before attempts; where two flows would get
    the same id, the system is added.
    """
    places: dict[str, list[tuple[Draft, ResolvedFlow]]] = {}
    for draft in drafts:
        for flow in draft.flows:
            places.setdefault(flow.flow.id, []).append((draft, flow))
    ids: dict[tuple[str, str], str] = {}
    used: set[str] = set()
    for flow_id in sorted(places):
        ordered = sorted(places[flow_id], key=lambda p: (_rank(p[0], flow_id), p[0].key))
        for number, (draft, flow) in enumerate(ordered):
            suffix = f":{draft.key.transport.value}/{draft.key.port}" if number else ""
            ends = f"{flow.flow.source}>{end_id(flow.destination)}#"
            short = flow_id.removeprefix(f"{flow.flow.system}/")
            name = f"{ends}{short}{suffix}"
            ids[draft.key.id, flow_id] = f"{ends}{flow_id}{suffix}" if name in used else name
            used.add(ids[draft.key.id, flow_id])
    return ids


def _rank(draft: Draft, flow: str) -> int:
    """Return 0 where data may be this flow, 1 for an attempt, 2 for nothing seen."""
    seen = best_sighting(draft.seen_as.get(flow, ()))
    return {Sighting.DATA: 0, Sighting.ATTEMPT: 1}.get(seen, 2) if seen else 2


def _declared_only(
    identity: Identity, components: Mapping[str, Component], statements: Iterable[DeclaredStatement]
) -> tuple[ResolvedFlow, ...]:
    """Return a flow for each concrete statement that neither a configured flow nor an edge is about."""
    items: list[ResolvedFlow | ResolvedEdge] = [*identity.flows, *identity.edges]
    ends = [(source_names(i.source), destination_names(i)) for i in items]
    found = {}
    for statement in statements:
        if is_concrete(statement) and not any(matches(statement, *pair) for pair in ends):
            found[statement.source, statement.destination] = _from_statement(statement, components)
    return tuple(found[key] for key in sorted(found))


def _from_statement(statement: DeclaredStatement, components: Mapping[str, Component]) -> ResolvedFlow:
    known = components.get(statement.destination) or components.get(f"host:{statement.destination}")
    destination = known.id if known else f"host:{statement.destination}"
    source = components.get(statement.source)
    flow = IntendedFlow(
        id=f"declared/{statement.source}>{statement.destination}",
        system="",
        purpose="what a document states",
        source=statement.source,
        destination_component=known.id if known else "",
        destination=Endpoint(name="" if known else statement.destination),
        sends_at_least=(),
        sends_at_most=statement.sends,
        receives=(),
        required=Truth.UNKNOWN,
        configured=Truth.UNKNOWN,
        configured_reason="a document states it; no configuration that was read makes it",
        declared=Truth.UNKNOWN,
    )
    home, goal = (source.workload if source else ""), (known.workload if known else "")
    return ResolvedFlow(
        flow,
        ResolvedEnd((statement.source,), home or statement.source, statement.source, "", ""),
        ResolvedEnd((destination,), goal or destination, statement.destination, statement.destination, ""),
    )
