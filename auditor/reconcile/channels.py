"""Drafts become channels: counts, names and what was seen."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.facts.addresses import is_loopback
from auditor.facts.counts import total
from auditor.facts.identity import ResolvedEdge
from auditor.facts.permission import Permission, Strength
from auditor.facts.rows import Channel, ResolvedEnd
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import NameRung, Sighting
from auditor.reconcile.logged_places import processed
from auditor.reconcile.matching import Draft
from auditor.reconcile.silence import Silence
from auditor.reconcile.wording import amount_text, attempt_text, edge_evidence, plural

NOT_EXAMINED = Permission(Truth.UNKNOWN, None, (), "what the network permits was not examined")
SUPPOSED_DENIED = Permission(Truth.NO, Strength.NETWORK_POLICY, (), "supposed: the network denies it")


def permission_for(channel: str, permissions: Mapping[str, Permission] | None) -> Permission:
    """Return the answer of the permitted basis for a channel (by id), unknown where it gives none."""
    if permissions is None:
        return NOT_EXAMINED
    return permissions.get(channel) or Permission(Truth.UNKNOWN, None, (), "no rule that was read decides on this channel")


def make_channel(draft: Draft, silence: Silence, permission: Permission) -> Channel:
    """Return the channel of a draft."""
    source, destination = draft.ends
    edges = [e.edge for e in draft.edges]
    seen = draft.sighting
    sighting, reason = (seen, seen_text(draft.edges)) if seen else unseen(source, destination, silence, draft.key.port)
    names = {e.destination.name for e in edges} | {f.flow.destination.name for f in draft.flows}
    order = list(NameRung)
    return Channel(
        id=draft.key.id,
        source=source,
        destination=destination,
        transport=draft.key.transport,
        port=draft.key.port,
        sighting=sighting,
        sighting_reason=reason,
        payload_out=total(e.payload_out for e in edges),
        payload_in=total(e.payload_in for e in edges),
        packets_out=total(e.packets_out for e in edges),
        packets_in=total(e.packets_in for e in edges),
        first_time=min((e.first_time for e in edges if e.first_time), default=""),
        last_time=max((e.last_time for e in edges), default=""),
        longest_seconds=max((e.longest_seconds for e in edges), default=0.0),
        held_open=any(e.held_open for e in edges),
        app_protocols=tuple(sorted({e.app_protocol for e in edges} - {""})),
        names=tuple(sorted(names - {""})),
        name_hidden=any(e.name_hidden for e in edges),
        rungs=tuple(r.value for r in sorted({e.destination.rung for e in edges}, key=order.index)),
        permission=permission,
        evidence=tuple(
            dict.fromkeys(f for e in draft.edges for f in (*edge_evidence(e.edge), *e.source.evidence, *e.destination.evidence))
        ),
        untold=sum(e.untold for e in edges),
        via=draft.via,
        processed=processed(draft.edges),
    )


def unseen(source: ResolvedEnd, destination: ResolvedEnd, silence: Silence, port: int) -> tuple[Sighting, str]:
    """Return the sighting of a flow of which no packet was seen; what stays on the loopback, no network carries."""
    if is_loopback(destination.host):
        return Sighting.NONE_UNCOVERED, "it stays inside one machine, where no capture of the network sees it"
    return silence.of(source, destination, port)


def seen_text(edges: list[ResolvedEdge]) -> str:
    """Return in plain words what was seen: the data, or what the attempts met."""
    moved = [e.edge for e in edges if e.edge.sighting is Sighting.DATA]
    if not moved:
        return "; ".join(sorted({f"the attempt {attempt_text(e.edge)}" for e in edges}))
    untold = sum(e.untold for e in moved)
    out = amount_text(total(e.payload_out for e in moved), untold)
    back = amount_text(total(e.payload_in for e in moved), untold)
    flows = sum(e.flows for e in moved)
    return f"{out} out and {back} in over {plural(flows, 'connection')}"
