"""Channels become rows: one for each flow on each channel, one for what no flow explains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from auditor.facts.evidence import Evidence
from auditor.facts.flows import DeclaredStatement
from auditor.facts.identity import ResolvedEdge, ResolvedFlow
from auditor.facts.inventory import Component, Gap
from auditor.facts.permission import Permission, Strength
from auditor.facts.places import Countries
from auditor.facts.rows import FlowRow, ResolvedEnd
from auditor.facts.truth import Truth, all_of
from auditor.facts.vocabulary import RowName, Sighting
from auditor.reconcile.carrying import end_to_end_only
from auditor.reconcile.channels import seen_text, unseen
from auditor.reconcile.logged_places import processed_as_logged
from auditor.reconcile.matching import ChannelKey, Draft, best_sighting
from auditor.reconcile.naming import existence, intention, marks_of, name_row
from auditor.reconcile.reasons import sentence
from auditor.reconcile.silence import Silence, is_unnamed_outbound
from auditor.reconcile.statements import Declared, declared
from auditor.reconcile.unexplained import conflict_unknowns, hidden_candidates, is_open, row_unknowns
from auditor.reconcile.wording import edge_evidence

_ENFORCED = (Strength.NETWORK_POLICY, Strength.NO_ROUTE)
"""Denials that no program on the workload can lift."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What all rows are made from."""

    components: Mapping[str, Component]
    flows: tuple[ResolvedFlow, ...]
    gaps: tuple[Gap, ...]
    statements: tuple[DeclaredStatement, ...]
    silence: Silence
    permissions: Mapping[ChannelKey, Permission]
    permission_asked: bool
    seen: frozenset[str]
    """Ids of the flows that some edge may be."""


@dataclass(frozen=True, slots=True)
class MadeRow:
    """A row, and whether it carried bytes that nothing models."""

    row: FlowRow
    unmodelled: bool


def flow_declared(flow: ResolvedFlow, scene: Scene) -> Declared:
    """Return what documents say of an intended flow."""
    return declared(flow.flow.declared, scene.statements, source_names(flow.source), destination_names(flow))


def source_names(end: ResolvedEnd) -> set[str]:
    """Return the ids by which a statement may mean the source."""
    return {*end.candidates, end.workload}


def destination_names(item: ResolvedFlow | ResolvedEdge) -> set[str]:
    """Return the ids and host names by which a statement may mean the destination."""
    end = item.destination
    return {*end.candidates, end.workload, end.host, end.address} - {""}


def intended(flow: ResolvedFlow, scene: Scene) -> Truth:
    """Return whether anybody intends the flow."""
    return intention(flow.flow.configured, flow_declared(flow, scene).truth)


def own_edges(flow: ResolvedFlow, draft: Draft, scene: Scene) -> list[ResolvedEdge]:
    """Return the sightings that count for this flow.

    An open or switched-off flow takes none that a surer flow on the same channel explains, and a switched-off one
    none that might as well be another switched-off one: that is traffic which nobody intends.
    """
    mine = intended(flow, scene)
    edges = draft.seen_as.get(flow.flow.id, [])
    if mine is Truth.YES:
        return edges
    return [e for e in edges if not _explained_better(mine, _others(flow, e, draft), scene)]


def _others(flow: ResolvedFlow, edge: ResolvedEdge, draft: Draft) -> list[ResolvedFlow]:
    return [f for f in sharers(edge, draft) if f.flow.id != flow.flow.id]


def sharers(edge: ResolvedEdge, draft: Draft) -> list[ResolvedFlow]:
    """Return the flows that an edge may be."""
    return [f for f in draft.flows if any(e is edge for e in draft.seen_as.get(f.flow.id, ()))]


def _explained_better(mine: Truth, others: Sequence[ResolvedFlow], scene: Scene) -> bool:
    if mine is Truth.UNKNOWN:
        return any(intended(f, scene) is Truth.YES for f in others)
    return bool(others)


def flow_row(flow: ResolvedFlow, draft: Draft, row_id: str, scene: Scene) -> MadeRow:
    """Return the row of a flow on a channel."""
    item, said = flow.flow, flow_declared(flow, scene)
    wanted = intention(item.configured, said.truth)
    edges = own_edges(flow, draft, scene)
    sighting, seen = _sighting(flow, edges, draft, scene)
    own = [edge for edge in edges if _alone(flow, edge, draft, scene)]
    sole = bool(own) or not edges
    permission = scene.permissions[draft.key]
    name = name_row(wanted, permission.permitted, sighting, sole, permission_asked=scene.permission_asked)
    open_data = sighting is Sighting.DATA and wanted is not Truth.YES
    live = sum(intended(f, scene) is not Truth.NO for f in draft.flows)
    row = replace(
        _carrying(_blank(draft, flow.source, flow.destination, row_id, scene), flow, sure=not open_data and sole),
        source=item.source,
        declared=said.truth,
        sighting=sighting,
        name=name,
        marks=marks_of(item.configured, said.truth, sighting, disputed=said.disputed),
        exists=_exists(flow, sighting, permission, scene),
        reason=_by_way(sentence(name, item.configured_reason, seen, live), draft),
        unknowns=(*item.unknowns, *conflict_unknowns(flow.source, flow.destination, row_id)),
        evidence=_unique(item.evidence, said.evidence, permission.evidence, _facts(edges)),
    )
    return MadeRow(processed_as_logged(row, edges, own), open_data and _may_have_sent(edges))


def rest_row(draft: Draft, edges: list[ResolvedEdge], row_id: str, scene: Scene) -> MadeRow:
    """Return the row of what no flow on the channel explains."""
    source, destination = draft.ends
    said = _edges_declared(edges, scene)
    unnamed = any(is_unnamed_outbound(e, scene.components) for e in edges)
    why = _may_be_intended(draft, source, scene, unnamed=unnamed)
    wanted = Truth.YES if said.truth is Truth.YES else Truth.UNKNOWN if why else Truth.NO
    configured = Truth.UNKNOWN if wanted is not Truth.NO else Truth.NO
    sighting = best_sighting(edges) or Sighting.ATTEMPT
    permission = scene.permissions[draft.key]
    name = name_row(wanted, permission.permitted, sighting, sole=True, permission_asked=scene.permission_asked)
    because = why or ("a document states it" if wanted is Truth.YES else "no configuration that was read makes it")
    row = replace(
        _blank(draft, source, destination, row_id, scene),
        purpose=_unknown_purpose(draft, edges),
        declared=said.truth,
        configured=configured,
        sighting=sighting,
        name=name,
        marks=marks_of(configured, said.truth, sighting, disputed=said.disputed),
        exists=existence(configured, sighting, modelled=False),
        reason=_by_way(sentence(name, because, seen_text(edges), 0), draft),
        unknowns=row_unknowns(source, destination, row_id, unnamed=unnamed, reason=because, intended=wanted),
        evidence=_unique(said.evidence, permission.evidence, _facts(edges)),
    )
    return MadeRow(processed_as_logged(row, edges, edges), _may_have_sent(edges))


def _blank(draft: Draft, source: ResolvedEnd, destination: ResolvedEnd, row_id: str, scene: Scene) -> FlowRow:
    """Return a row that knows its ends and its channel, and nothing else."""
    countries, unplaced = _processing(destination, scene)
    return FlowRow(
        id=row_id,
        channel=draft.key.id,
        flow="",
        purpose="",
        source=end_id(source),
        source_candidates=source.candidates,
        destination=end_id(destination),
        destination_candidates=destination.candidates,
        declared=Truth.UNKNOWN,
        configured=Truth.UNKNOWN,
        permitted=scene.permissions[draft.key].permitted,
        sighting=Sighting.NONE_UNCOVERED,
        name=RowName.POSSIBLE,
        marks=(),
        exists=Truth.UNKNOWN,
        sends_at_least=(),
        sends_at_most=(),
        receives=(),
        required=Truth.UNKNOWN,
        processing=countries,
        processing_reason=unplaced,
        reason="",
        cures=(),
        unknowns=(),
        evidence=(),
    )


def _carrying(row: FlowRow, flow: ResolvedFlow, *, sure: bool) -> FlowRow:
    """Return the row with what the flow says of itself; unless ``sure``, only a configured flow carries its least."""
    item = flow.flow
    least = item.sends_at_least if sure or item.configured is Truth.YES else ()
    most = item.sends_at_most
    if item.end_to_end:
        least, most = end_to_end_only(least), end_to_end_only(most)
    own_place = item.processing is not None or bool(item.processing_reason)
    return replace(
        row,
        flow=item.id,
        purpose=item.purpose,
        configured=item.configured,
        sends_at_least=least,
        sends_at_most=most,
        receives=item.receives,
        required=item.required,
        processing=item.processing if own_place else row.processing,
        processing_reason=item.processing_reason if own_place else row.processing_reason,
        cures=item.cures,
        end_to_end=item.end_to_end,
    )


def _by_way(reason: str, draft: Draft) -> str:
    """Return the reason with the proxy that carries the traffic on."""
    return f"{reason} It goes by way of {draft.via.label}." if draft.via is not None else reason


def _may_be_intended(draft: Draft, source: ResolvedEnd, scene: Scene, *, unnamed: bool) -> str:
    """Return why nobody can say that nobody intends the traffic; empty when the inventory is closed."""
    why = is_open(source, scene.components, scene.gaps)
    guesses = hidden_candidates(draft, scene.flows, set(scene.seen)) if unnamed and not why else ()
    return f"it has no name and may be: {', '.join(guesses)}" if guesses else why


def _unknown_purpose(draft: Draft, edges: list[ResolvedEdge]) -> str:
    protocols = sorted({e.edge.app_protocol for e in edges} - {""})
    return f"traffic without a known purpose ({', '.join([*protocols, f'port {draft.key.port}'])})"


def end_id(end: ResolvedEnd) -> str:
    """Return the id that a row shows for an end: its only candidate, else what packets tell apart."""
    return end.candidates[0] if len(end.candidates) == 1 and not end.conflict else end.workload


def _sighting(flow: ResolvedFlow, edges: list[ResolvedEdge], draft: Draft, scene: Scene) -> tuple[Sighting, str]:
    seen = best_sighting(edges)
    if seen is not None:
        return seen, seen_text(edges)
    if draft.seen_as.get(flow.flow.id):
        return Sighting.NONE_UNCOVERED, "its channel carried traffic that other flows explain, and nothing tells them apart"
    return unseen(flow.source, flow.destination, scene.silence, flow.flow.destination.port)


def _alone(flow: ResolvedFlow, edge: ResolvedEdge, draft: Draft, scene: Scene) -> bool:
    return all(intended(f, scene) is Truth.NO for f in _others(flow, edge, draft))


def _exists(flow: ResolvedFlow, sighting: Sighting, permission: Permission, scene: Scene) -> Truth:
    """Return whether data goes this way: without a sighting, both ends must be there.

    What the network provably denies, and no packet shows, moves no data (the row is ``blocked``, or ``attempted``).
    """
    said = existence(flow.flow.configured, sighting, modelled=True)
    if sighting is Sighting.DATA:
        return said
    if permission.permitted is Truth.NO and permission.strength in _ENFORCED:
        return Truth.NO
    ends = (flow.flow.source, flow.flow.destination_component)
    return all_of((said, *(scene.components[id_].present for id_ in ends if id_ in scene.components)))


def _processing(end: ResolvedEnd, scene: Scene) -> tuple[Countries, str]:
    """Return where the candidates process together, unknown as soon as one is; and why it is unknown."""
    places = [scene.components[id_].place for id_ in end.candidates if id_ in scene.components]
    sets = [p.processing for p in places if p.processing is not None]
    if places and len(sets) == len(end.candidates):
        return tuple(sorted({country for found in sets for country in found})), ""
    reasons = sorted({p.reason for p in places if p.processing is None and p.reason})
    return None, end.conflict or "; ".join(reasons) or "where it processes is not known"


def _edges_declared(edges: list[ResolvedEdge], scene: Scene) -> Declared:
    sources = {name for e in edges for name in source_names(e.source)}
    destinations = {name for e in edges for name in destination_names(e)}
    return declared(Truth.UNKNOWN, scene.statements, sources, destinations)


def _may_have_sent(edges: list[ResolvedEdge]) -> bool:
    """Return whether payload went out or may have: a log that does not count bytes has not counted none."""
    return any(e.edge.payload_out or (e.edge.untold and e.edge.sighting is Sighting.DATA) for e in edges)


def _facts(edges: list[ResolvedEdge]) -> tuple[Evidence, ...]:
    return tuple(fact for e in edges for fact in (*edge_evidence(e.edge), *e.source.evidence, *e.destination.evidence))


def _unique(*groups: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(fact for group in groups for fact in group))
