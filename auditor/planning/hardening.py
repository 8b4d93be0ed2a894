"""The model after a plan -> what each workload inside must be able to reach: declared and required flows, and no more."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from auditor.facts.hardening import EgressRule, HardenedWorkload, PodSelection
from auditor.facts.inventory import Component, Workload
from auditor.facts.model import Model
from auditor.facts.rows import Channel, FlowRow
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Role, Sighting, Transport

_DNS = 53
_DNS_TRANSPORTS = (Transport.UDP, Transport.TCP)


class Needs:
    """What one model needs of the network."""

    def __init__(self, model: Model, denied: Collection[str]) -> None:
        """Take the model; ``denied`` are channels that a plan denies."""
        zones = {z.id for z in model.zones if z.inside}
        self._model = model
        self._denied = denied
        self._channels = {c.id: c for c in model.channels}
        self.workloads: Mapping[str, Workload] = {w.id: w for w in model.workloads if w.zone in zones}
        self._components: Mapping[str, Component] = {c.id: c for c in model.components}

    def rules(self) -> tuple[EgressRule, ...]:
        """Return the needed channels, one rule each, sorted; name lookups for whoever needs a name."""
        by_channel: dict[str, list[FlowRow]] = {}
        for row in self._model.rows:
            if self._needed(row):
                by_channel.setdefault(row.channel, []).append(row)
        found = [self._rule(self._channels[c], rows) for c, rows in by_channel.items() if c not in self._denied]
        found += self._lookups(found)
        return tuple(sorted(_joined(found), key=_order))

    def left_out(self) -> tuple[str, ...]:
        """Return what some flow may want to reach outside and is not allowed, or cannot be said, in words."""
        wanted = (r for r in self._model.rows if r.flow and r.exists is not Truth.NO and self._outside(r) and not self._needed(r))
        told = [f"not allowed: {r.purpose} ({r.source} → {r.destination}), required: {r.required.value}" for r in wanted]
        needed = [(r, self._channels[r.channel]) for r in self._model.rows if self._needed(r) and r.channel not in self._denied]
        told += [
            f"no rule for {name}, of which only a pattern is known; name its hosts: {r.purpose} ({r.source} → {r.destination})"
            for r, channel in needed
            for name in channel.names
            if "*" in name and channel.destination.workload not in self.workloads
        ]
        return tuple(dict.fromkeys(told))

    def _needed(self, row: FlowRow) -> bool:
        """Return whether the flow is on, starts inside, and is needed: inside always, outside when declared or required."""
        channel = self._channels.get(row.channel)
        if channel is None or channel.source.workload not in self.workloads or row.exists is Truth.NO:
            return False
        if not self._outside(row):
            return bool(row.flow) or row.sighting is Sighting.DATA
        return bool(row.flow) and row.exists is Truth.YES and Truth.YES in (row.required, row.declared)

    def _outside(self, row: FlowRow) -> bool:
        ends = row.destination_candidates or (row.destination,)
        return not all((c := self._components.get(end)) is not None and c.place.inside for end in ends)

    def _rule(self, channel: Channel, rows: Sequence[FlowRow]) -> EgressRule:
        target = channel.destination.workload if channel.destination.workload in self.workloads else ""
        networks = self.workloads[target].networks if target else ()
        address = channel.destination.address
        if not target and address:
            networks = (f"{address}/{128 if ':' in address else 32}",)
        outside = not target and any(self._outside(r) for r in rows)
        hosts = tuple(h for h in channel.names if "*" not in h) if not target else ()
        return EgressRule(
            source=channel.source.workload,
            destination=channel.destination.label,
            target=target,
            networks=networks,
            hosts=hosts,
            transport=channel.transport,
            port=channel.port,
            purposes=tuple(sorted({r.purpose or "seen, and nobody declares it" for r in rows})),
            outside=outside,
        )

    def _lookups(self, rules: Sequence[EgressRule]) -> Iterator[EgressRule]:
        """Yield name lookups at the resolvers inside for every workload that reaches something by name."""
        resolvers = [c for c in self._model.components if c.role is Role.RESOLVER and c.workload in self.workloads]
        for source in sorted({r.source for r in rules}):
            for resolver in resolvers:
                workload = self.workloads[resolver.workload]
                if workload.id == source:
                    continue
                for transport in _DNS_TRANSPORTS:
                    yield EgressRule(
                        source=source,
                        destination=workload.title,
                        target=workload.id,
                        networks=workload.networks,
                        hosts=(),
                        transport=transport,
                        port=_DNS,
                        purposes=("name lookups",),
                        outside=False,
                        lookup=True,
                    )


def hardened(workload: Workload, pods: Sequence[PodSelection]) -> HardenedWorkload:
    """Return a workload as policies can name it."""
    return HardenedWorkload(workload.id, workload.title, workload.networks, workload.hosts, tuple(dict.fromkeys(pods)))


def _joined(rules: Sequence[EgressRule]) -> Iterator[EgressRule]:
    """Yield one rule for each source, destination and port, with all purposes and names."""
    found: dict[tuple[object, ...], EgressRule] = {}
    for rule in rules:
        key = (rule.source, rule.target, rule.networks, () if rule.target else rule.hosts, rule.transport, rule.port)
        known = found.get(key)
        if known is None:
            found[key] = rule
        else:
            purposes = tuple(sorted({*known.purposes, *rule.purposes}))
            found[key] = replace(known, purposes=purposes, lookup=known.lookup or rule.lookup)
    yield from found.values()


def _order(rule: EgressRule) -> tuple[object, ...]:
    return (rule.source, rule.outside, rule.destination, rule.transport.value, rule.port, rule.networks, rule.hosts)
