"""What the network permits, put to the channels and workloads of the model."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from auditor.documents import CAPTURE_SUFFIXES, Document
from auditor.facts.addresses import is_private
from auditor.facts.identity import Identity
from auditor.facts.inventory import Gap, Seal, Unknown, Workload
from auditor.facts.manifest import Manifest, NotExamined
from auditor.facts.permission import Permission, Strength
from auditor.facts.rows import Channel, ResolvedEnd
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, Party, Role, UnknownKind
from auditor.network import (
    ANYWHERE,
    Answers,
    Named,
    Neighbour,
    Range,
    Source,
    Target,
    asks_within,
    lookups,
    open_relays,
    parse_block,
    read_cluster,
    read_governed,
    read_mesh,
    read_platform,
    read_pod_proxies,
    sealed_at,
    service_targets,
    unsupplied,
    wanted,
    ways_out,
    ways_through,
)
from auditor.pipeline.standing import Ground, said_networks, said_to_govern

_SHOWN = 3
_BY_SOME_PROXY = Permission(Truth.UNKNOWN, None, (), "it was asked of a proxy, and nothing tells which one")
_HELD = {
    Strength.ADVISORY: "advice",
    Strength.TOOL_SETTING: "a setting of a tool",
    Strength.SANDBOX: "a sandbox of a tool",
    Strength.NAMESPACE: "a network of its own",
    Strength.NETWORK_POLICY: "rules of the network",
    Strength.NO_ROUTE: "the lack of a route",
}


@dataclass(frozen=True, slots=True)
class Permissions:
    """The permitted basis: an answer for each channel, and why it is not closed."""

    by_channel: Mapping[str, Permission]
    gaps: tuple[Gap, ...]
    seals: tuple[Seal, ...]


def read_ground(documents: Sequence[Document], manifest: Manifest) -> Ground:
    """Return the network that the documents describe; it is not ``examined`` when nothing in it could stop a packet."""
    cluster = read_cluster(documents, read_platform(manifest.platform))
    return Ground(
        cluster,
        read_governed(documents, manifest.platform),
        read_mesh(documents),
        read_pod_proxies(documents),
        said_to_govern(manifest),
        said_networks(manifest),
    )


def permissions(
    ground: Ground, identity: Identity, channels: Iterable[Channel], not_examined: Iterable[NotExamined]
) -> Permissions:
    """Return what the network permits to each channel, and a gap for each workload that it leaves open."""
    answers = Answers(ground.cluster, ground.governed)
    gaps = [_unread(m) for m in not_examined if not m.path.endswith(CAPTURE_SUFFIXES)]
    inside = {w.id: [c.id for c in identity.components if c.workload == w.id] for w in identity.workloads}
    homes = {w.id: ground.sources(w, inside[w.id]) for w in identity.workloads}
    found = {}
    for channel in channels:
        sources = homes.get(channel.source.workload, ())
        dialled = channel.destination if channel.via is None else channel.via
        if channel.via is not None and not channel.via.address:
            found[channel.id] = _BY_SOME_PROXY
        elif sources:
            targets = _neighbours(dialled, sources, homes) or _targets(dialled, identity, homes, answers)
            found[channel.id] = answers.permission(sources, targets, wanted(channel.transport, channel.port))
    lost = {w.id: ", ".join(ground.lost({w.id, *inside[w.id]})) for w in identity.workloads}
    open_points = tuple(_open_points(answers, identity, homes, lost))
    gaps += [g for g in open_points if isinstance(g, Gap)]
    return Permissions(found, tuple(gaps), tuple(s for s in open_points if isinstance(s, Seal)))


def _unread(item: NotExamined) -> Gap:
    text = f"{item.path} could not be read and may hold a policy: {item.reason}."
    step = ("Supply the file in a readable form, or take it out of the inputs.",)
    return Gap(Basis.PERMITTED, "", (), Unknown(UnknownKind.NOT_EXAMINED, item.path, text, step, Party.NETWORK))


def _targets(end: ResolvedEnd, identity: Identity, homes: Mapping[str, Sequence[Source]], answers: Answers) -> tuple[Target, ...]:
    """Return everything that a destination may be: pods or addresses where that is established, else all that is possible."""
    home = homes.get(end.workload, ())
    own = tuple(s.pods for s in home if s.pods is not None)
    pods = service_targets(end.host, answers.cluster) or own
    if pods and not end.conflict:
        return pods
    outside = [c.place.inside is False for c in identity.components if c.id in end.candidates]
    block = parse_block(end.address) if end.address else None
    places = (block,) if block else _places(end, identity)
    surely_outside = bool(outside) and all(outside) and not (end.address and is_private(ipaddress.ip_address(end.address)))
    return places if surely_outside or (home and not own) else (*places, *answers.alike)


def _neighbours(end: ResolvedEnd, sources: Sequence[Source], homes: Mapping[str, Sequence[Source]]) -> tuple[Target, ...]:
    """Return the destination as workloads on one network with every source, nothing where it is not that."""
    near = [s.id for s in homes.get(end.workload, ()) if s.pods is None and all(s.id in source.peers for source in sources)]
    return tuple(Neighbour(i) for i in near) if not end.conflict else ()


def _places(end: ResolvedEnd, identity: Identity) -> tuple[Target, ...]:
    """Return where a destination without an address may be: in the networks that the manifest gives it, else anywhere."""
    given = [n for w in identity.workloads if w.id == end.workload and not end.conflict for n in w.networks]
    known = tuple(block for block in map(parse_block, given) if block is not None)
    return known or (tuple(Named(end.host, place) for place in ANYWHERE) if end.host else ANYWHERE)


def _open_points(
    answers: Answers, identity: Identity, homes: Mapping[str, Sequence[Source]], lost: Mapping[str, str]
) -> Iterator[Gap | Seal]:
    """Yield for each workload inside and each of its systems a gap where it has a way out, else how strongly it has none."""
    inside = {z.id for z in identity.zones if z.inside}
    within = [block for z in identity.zones if z.inside for block in map(parse_block, z.networks) if block is not None]
    hosts = {host for w in identity.workloads for host in w.hosts}
    for workload in identity.workloads:
        systems: dict[str, list[str]] = {}
        for component in identity.components:
            if component.workload == workload.id and component.present is not Truth.NO:
                systems.setdefault(component.system, []).append(component.id)
        if workload.zone not in inside:
            continue
        unknown = _lost(workload, lost[workload.id]) or _unknown(workload, homes[workload.id], answers, within)
        unknown = unknown or _proxied(workload, homes[workload.id], answers, within, hosts)
        if unknown is None and not any(c.role is Role.RESOLVER and c.workload for c in identity.components):
            unknown = _unnamed_resolver(workload, homes[workload.id], answers, within)
        strength = sealed_at(answers, homes[workload.id], within) if unknown is None else None
        for system, ids in sorted(systems.items()):
            if unknown is not None:
                yield Gap(Basis.PERMITTED, system, tuple(ids), unknown)
            elif strength is not None:
                yield Seal(system, tuple(ids), strength, _held(workload, strength))


def _lost(workload: Workload, subjects: str) -> Unknown | None:
    """Return that what is said to govern a workload is not among the inputs."""
    if not subjects:
        return None
    text = (
        f"{workload.title} is said to be governed by {subjects}, which is not exactly one subject of the files below that path."
    )
    step = "Correct governs:, or supply the rules; `auditor permits` lists the subjects that there are."
    return Unknown(UnknownKind.PERMITTED_NOT_EXAMINED, workload.id, text, (step,), Party.NETWORK)


def _proxied(
    workload: Workload, sources: Sequence[Source], answers: Answers, inside: Sequence[Range], hosts: Collection[str]
) -> Unknown | None:
    """Return that a proxy which variables name, or an endpoint, leads outside; a proxy that the model has is asked for itself."""
    for source in sources:
        for found in open_relays(answers, source, inside, hosts):
            text = f"{workload.title} may reach the outside through the proxy {found}."
            step = "Name the proxy as a component (role: proxy) with its host, and supply the rules that govern it; or close it."
            return Unknown(UnknownKind.PERMITTED_OPEN, workload.id, text, (step,), Party.NETWORK)
        for words, _ in unsupplied(answers, source):
            text = f"{workload.title} may reach {words}, and these may reach more."
            step = "Supply the objects that make these pods, or say that there are none (platform: {objects: complete})."
            return Unknown(UnknownKind.PERMITTED_OPEN, workload.id, text, (step,), Party.NETWORK)
        for door in source.doors:
            text = f"{workload.title} may reach the outside through {door.text}."
            step = "Take the endpoint away, or keep the workload from reaching it by its rules."
            return Unknown(UnknownKind.PERMITTED_OPEN, workload.id, text, (step,), Party.NETWORK)
    return None


def _unnamed_resolver(workload: Workload, sources: Sequence[Source], answers: Answers, inside: Sequence[Range]) -> Unknown | None:
    """Return that whoever answers a workload's look-ups inside is not named, and may ask others (facts P16)."""
    asked = next((r for s in sources if (r := asks_within(answers, s, inside)) is not None), None)
    if asked is None:
        return None
    text = (
        f"{workload.title} may ask for names at {asked.text()}, and no component is said to be the resolver there, "
        "so whether it asks others outside is not known."
    )
    step = "Name the resolver as a component (role: resolver) with its address, and supply the rules that govern it."
    return Unknown(UnknownKind.PERMITTED_OPEN, workload.id, text, (step,), Party.NETWORK)


def _held(workload: Workload, strength: Strength) -> Unknown:
    text = f"{workload.title} is kept from the outside, and by no more than {_HELD[strength]}."
    step = f"Enforce it for {workload.title} outside of the tool and the workload: by policy, packet filter or a missing route."
    return Unknown(UnknownKind.PERMITTED_OPEN, workload.id, text, (step,), Party.NETWORK)


def _unknown(workload: Workload, sources: Sequence[Source], answers: Answers, inside: Sequence[Range]) -> Unknown | None:
    """Return why what the network permits to a workload keeps a question open, ``None`` when it has no way out.

    What lies in the networks of the perimeter, ``inside``, is no way out: each workload there is asked for itself.
    """
    if not sources:
        text = f"Which Kubernetes pods {workload.title} is was not established, so no policy that was read decides for it."
        step = (
            f"Give among the hosts of {workload.title} its service (name.namespace.svc) or its namespace "
            "(*.namespace.pod.cluster.local), or supply its live pods; for rules outside of a cluster say governs: at the input."
        )
        return Unknown(UnknownKind.PERMITTED_NOT_EXAMINED, workload.id, text, (step,), Party.NETWORK)
    ways = [way for s in sources for way in ways_out(answers, s, inside)]
    through = "" if ways else ", ".join(ways_through(answers, sources, _SHOWN, inside))
    asked = [] if ways or through else [r for s in sources for r in lookups(answers, s)]
    if not ways and not through and not asked:
        return None
    if asked:
        text = f"{workload.title} may send data out in the names that it looks up: {asked[0].text}."
        step = "Let its resolver answer names of the inside alone, and supply what shows it; or leave it without a resolver."
    elif ways:
        region, what, sure = next((w for w in ways if w[2]), ways[0])
        reason = answers.permission(sources, (region,), what).reason
        text = f"The network {'lets' if sure else 'may let'} {workload.title} reach {region.text()} ({what.text()}): {reason}."
        step = "Deny all egress of it for both address families, and allow only what is needed, inside."
    else:
        text = f"{workload.title} may reach the outside through others: {through}."
        step = "Close the egress of these too, or keep the workload from reaching them."
    return Unknown(UnknownKind.PERMITTED_OPEN, workload.id, text, (step,), Party.NETWORK)
