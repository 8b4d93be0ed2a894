"""Questions about what the network permits, answered from the documents alone."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from auditor.catalog import load_catalog
from auditor.errors import Diagnostic, NothingToAuditError, UsageError
from auditor.facts.manifest import NotExamined
from auditor.facts.permission import Permission, Strength
from auditor.facts.permits import PermitAnswer, PermitReason, PermitReport
from auditor.facts.truth import Truth, all_of
from auditor.facts.vocabulary import Transport
from auditor.network import (
    ALL,
    ANYWHERE,
    OTHER,
    Answers,
    Cluster,
    Connections,
    Named,
    Neighbour,
    Platform,
    Range,
    Relay,
    Source,
    Step,
    Target,
    address_targets,
    deciding,
    lookups,
    matching,
    open_relays,
    parse_block,
    proxy_targets,
    read_cluster,
    read_governed,
    read_mesh,
    read_platform,
    read_pod_proxies,
    relays,
    service_targets,
    unsupplied,
    wanted,
    ways_through,
)
from auditor.pipeline.gathering import read_configuration
from auditor.pipeline.standing import Ground, said_networks, said_to_govern

ALWAYS = (
    "the policies that were supplied are all that the cluster has",
    "what pods send to their own node always arrives, whatever a policy says",
)
"""What every answer about pods takes for given."""
_ONLY_PROXY = "the one configuration among the inputs that listens at the proxy's port is that of the proxy"
_PLAIN_STRENGTH = {
    Strength.NO_ROUTE: "there is no route",
    Strength.NETWORK_POLICY: "enforced by the network",
    Strength.NAMESPACE: "enforced by a network of its own",
    Strength.SANDBOX: "enforced by the sandbox of the tool",
    Strength.TOOL_SETTING: "held by a setting of the tool alone",
    Strength.ADVISORY: "policies speak of it, and whether they are enforced is not known",
}


def explain(
    paths: tuple[Path, ...],
    workload: str,
    destination: str,
    platform: tuple[tuple[str, str], ...] = (),
    channel: tuple[Transport, int] | None = None,
) -> PermitReport:
    """Return whether ``workload`` may reach ``destination``, or all that it may reach when that is empty.

    Args:
        paths: a deployment folder with a manifest, or files and folders with Kubernetes objects and rule sets.
        workload: ``namespace/name[Kind]``, ``namespace/name`` or ``name`` of pods, a subject of rule sets, or a workload
            of the manifest that these govern.
        destination: pods likewise, an address, a CIDR block, a service name or any other host name.
        platform: pairs that replace those of the manifest's ``platform:``.
        channel: transport and port (0 for every port); ``None`` asks for all connections.

    Raises:
        UsageError: no such workload, or a path that does not exist.
        NothingToAuditError: no Kubernetes object was found.
    """
    ground, missing = read_ground_of(paths, platform)
    sources = _sources(ground, workload, str(paths[0]))
    asked = wanted(*channel) if channel else ALL
    answers = Answers(ground.cluster, ground.governed)
    found = [a for s in sources for a in _answers(answers, s, destination, asked)]
    via = () if destination else tuple(_through(answers, sources))
    asked_of = () if destination else dict.fromkeys(r for s in sources for r in lookups(answers, s))
    by_name = tuple(PermitReason(r.text, r.location) for r in asked_of)
    proxies = tuple(r.rules for s in sources for r in relays(answers, s) if r.rules is not None)
    given = (*answers.assumed(sources), *(ALWAYS if any(s.pods for s in sources) else ()))
    given += (_ONLY_PROXY, *answers.assumed([Source.governed(p) for p in proxies])) if proxies else ()
    return PermitReport(tuple(found), via, by_name, tuple(dict.fromkeys(given)), tuple(f"{m.path}: {m.reason}" for m in missing))


def read_ground_of(paths: tuple[Path, ...], platform: tuple[tuple[str, str], ...]) -> tuple[Ground, tuple[NotExamined, ...]]:
    """Return the network that the files describe, and what could not be read of them."""
    _, manifest, documents, missing = read_configuration(paths, load_catalog())
    said = manifest.platform if manifest is not None else ()
    cluster = read_cluster(documents, read_platform((*said, *platform)))
    return Ground(
        cluster,
        read_governed(documents, (*said, *platform)),
        read_mesh(documents),
        read_pod_proxies(documents),
        said_to_govern(manifest),
        said_networks(manifest),
    ), missing


def _sources(ground: Ground, workload: str, path: str) -> tuple[Source, ...]:
    """Return the senders that a user names: pods, subjects of other documents, or a workload that these govern."""
    pods, own, said = matching(ground.cluster.pods, workload), ground.named(workload), ground.governing({workload})
    if pods or said:
        return (*ground.as_sources(pods, said), *(Source.governed(g) for g in own if g.subject not in {s.subject for s in said}))
    if own:
        return tuple(Source.governed(g) for g in own)
    known = sorted({p.id for p in ground.cluster.pods} | {g.subject.id for g in ground.governed})
    if not known:
        raise NothingToAuditError(
            Diagnostic("no workload was found", path=path, next_step="name the files that define the workloads and their rules")
        )
    near = difflib.get_close_matches(workload, known, n=1, cutoff=0.3)
    raise UsageError(
        Diagnostic(
            f"no workload is called {workload}",
            why=f"there are {len(known)}: {', '.join(known[:5])}" + (" …" if len(known) > len(known[:5]) else ""),
            next_step=f"did you mean {near[0]}?" if near else "name one of these, pods as namespace/name",
        )
    )


def _answers(answers: Answers, source: Source, destination: str, asked: Connections) -> Iterator[PermitAnswer]:
    if destination:
        targets = _targets(answers, destination)
        yield from _parts(answers, source, targets, destination, asked)
        for relay in relays(answers, source):
            yield from _relayed(answers, source, relay, targets, f"{destination} via {relay.where}", asked)
        return
    for everywhere in ANYWHERE:
        for region in answers.regions(source, everywhere.family):
            yield from _parts(answers, source, (region.range,), region.range.text(), asked)
    for peer in source.peers:
        yield from _parts(answers, source, (Neighbour(peer),), peer, asked)
    for pods in answers.cluster.pods if source.pods is not None else ():
        if pods is not source.pods:
            yield from _parts(answers, source, (pods,), pods.id, asked)


def _through(answers: Answers, sources: Sequence[Source]) -> Iterator[str]:
    """Yield what may reach addresses outside for senders: others, proxies of their variables, endpoints inside."""
    yield from ways_through(answers, sources)
    yield from dict.fromkeys(relay for s in sources for relay in open_relays(answers, s))
    yield from dict.fromkeys(door.text for s in sources for door in s.doors)
    yield from dict.fromkeys(text for s in sources for text, _ in unsupplied(answers, s))


def _relayed(
    answers: Answers, source: Source, relay: Relay, targets: Sequence[Target], shown: str, asked: Connections
) -> Iterator[PermitAnswer]:
    """Yield what a proxy that a variable names relays: the way to it and its own rules must both let it through."""
    way = answers.permission((source,), proxy_targets(answers, relay.where), relay.way())
    named = PermitReason(relay.text, relay.location)
    if relay.rules is None:
        words = f"no configuration of a proxy that listens at {relay.where} is among the inputs, or more than one is"
        step = f"Supply the rules of {relay.where}."
        yield PermitAnswer(source.id, shown, asked.text(), way.permitted if way.permitted is Truth.NO else Truth.UNKNOWN, "",
                           (named, PermitReason(words, None)), (step,))  # fmt: skip
        return
    to_proxy = (named, PermitReason(f"{relay.where} itself: {way.permitted.value}, {way.reason}", None))
    for answer in _parts(answers, Source.governed(relay.rules), targets, shown, asked):
        both = all_of((way.permitted, answer.permitted))
        yield replace(answer, source=source.id, permitted=both, reasons=(*to_proxy, *answer.reasons))


def _parts(answers: Answers, source: Source, targets: Sequence[Target], shown: str, asked: Connections) -> Iterator[PermitAnswer]:
    """Yield one answer; where one decision holds, one for each part of what is asked that has an answer of its own."""
    decisions = [d.decision for t in targets for d in answers.decisions(source, t)]
    parts = [asked]
    if len(decisions) == 1:
        allowed, denied = decisions[0].allowed, ALL - decisions[0].may_allow
        parts = [p for p in (asked & allowed, asked & denied, asked - allowed - denied) if p]
    for part in parts:
        permission = answers.permission((source,), targets, part)
        steps = tuple(dict.fromkeys(s for d in decisions for s in deciding(d, part)))
        yield PermitAnswer(
            source=source.id,
            destination=shown,
            asked=part.text(),
            permitted=permission.permitted,
            strength=_plain_strength(permission, source),
            reasons=tuple(dict.fromkeys(PermitReason(s.text, s.location) for s in steps)),
            would_change=tuple(_changes(permission.permitted, answers.cluster, source, targets, part, steps)),
        )


def _plain_strength(permission: Permission, source: Source) -> str:
    if permission.strength is None:
        return ""
    advised = permission.strength is Strength.ADVISORY and (source.pods is None or permission.permitted is Truth.YES)
    return "only advice speaks against it" if advised else _PLAIN_STRENGTH[permission.strength]


def _targets(answers: Answers, destination: str) -> tuple[Target, ...]:
    """Return what a destination may be; a host name that nothing resolves may be any address outside."""
    cluster, block = answers.cluster, parse_block(destination)
    if block is not None:
        return address_targets(block, cluster) or (block,)
    pods = matching(cluster.pods, destination) or service_targets(destination, cluster)
    subjects = tuple(Neighbour(g.subject.id) for g in answers.governed if destination in (g.subject.id, *g.subject.hosts))
    return pods or subjects or tuple(Named(destination, place) for place in ANYWHERE)


def _changes(
    truth: Truth, cluster: Cluster, source: Source, targets: Sequence[Target], asked: Connections, steps: Sequence[Step]
) -> Iterator[str]:
    """Yield what would make it another answer."""
    pods = source.pods
    if pods is None or (source.layers and truth is Truth.NO):
        yield from _changes_of_layers(truth, source, asked)
    elif truth is Truth.NO:
        yield f"A rule of a policy that selects {source.id} and allows {asked.text()} there would permit it."
        if any(not isinstance(t, Range | Named) for t in targets):
            yield "If the destination is isolated for ingress, it needs a rule that allows it too: both ends must."
    elif truth is Truth.YES and pods.host_network:
        yield f"Take {source.id} off the network of its node (hostNetwork), so that policies apply to it."
    elif truth is Truth.YES and any(s.by_rule for s in steps):
        yield "Narrow or remove every rule that allows it; one that is left is enough to allow it."
    elif truth is Truth.YES:
        yield f"A NetworkPolicy that selects {source.id}, with policyTypes [Egress] and no rule that allows it, would deny it."
    else:
        yield from _settling(cluster.book.world.platform, targets, asked)


def _changes_of_layers(truth: Truth, source: Source, asked: Connections) -> Iterator[str]:
    dialects = ", ".join(dict.fromkeys(layer.dialect for layer in source.layers))
    if truth is Truth.NO:
        yield f"Every layer on the way ({dialects}) would have to let {asked.text()} through."
    elif truth is Truth.YES:
        yield f"A rule of any layer on the way ({dialects}) that stops it would deny it; advice alone would not."
    else:
        yield "Supply what the reasons name as not decided, or replace it by rules on addresses, protocols and ports."


def _settling(platform: Platform, targets: Sequence[Target], asked: Connections) -> Iterator[str]:
    """Yield what would settle an unknown about policies of a cluster."""
    if platform.unknown:
        yield "Name the network plugin and its mode (platform: {cni: …, policy_enforcement: …})."
    if asked & OTHER and platform.covers_other is not Truth.YES:
        yield "Show that the plugin stops ICMP and other protocols of isolated pods."
    if any(isinstance(t, Named) for t in targets):
        yield "Ask for an address: policies of address blocks do not decide about a name."
