"""Questions about what the network permits, answered from the documents alone."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path

from auditor.errors import Diagnostic, NothingToAuditError, UsageError
from auditor.facts.permission import Strength
from auditor.facts.permits import PermitAnswer, PermitReason, PermitReport
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Transport
from auditor.network import (
    ALL,
    ANYWHERE,
    OTHER,
    Answers,
    Cluster,
    Connections,
    End,
    Pods,
    Range,
    Step,
    deciding,
    matching,
    parse_block,
    read_cluster,
    read_platform,
    service_pods,
    wanted,
    ways_through,
)
from auditor.pipeline.gathering import gather_documents

_ALWAYS = (
    "the policies that were supplied are all that the cluster has",
    "what pods send to their own node always arrives, whatever a policy says",
)
_PLAIN_STRENGTH = {
    Strength.NETWORK_POLICY: "enforced by network policy",
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
        paths: a deployment folder with a manifest, or files and folders with Kubernetes objects.
        workload: ``namespace/name[Kind]``, ``namespace/name`` or ``name`` of pods.
        destination: pods likewise, an address, a CIDR block, a service name or any other host name.
        platform: pairs that replace those of the manifest's ``platform:``.
        channel: transport and port (0 for every port); ``None`` asks for all connections.

    Raises:
        UsageError: no such workload, or a path that does not exist.
        NothingToAuditError: no Kubernetes object was found.
    """
    said, documents, missing = gather_documents(paths)
    cluster = read_cluster(documents, read_platform((*said, *platform)))
    if not cluster.pods:
        raise NothingToAuditError(
            Diagnostic("no Kubernetes workload was found", path=str(paths[0]), next_step="name the files that define the pods")
        )
    sources = _sources(cluster, workload)
    asked = wanted(*channel) if channel else ALL
    answers = Answers(cluster)
    found = [a for s in sources for a in _answers(answers, s, destination, asked)]
    via = () if destination else ways_through(answers, sources)
    assumed = (*cluster.book.world.platform.assumed, *_ALWAYS)
    return PermitReport(tuple(found), tuple(p.id for p in via), assumed, tuple(f"{m.path}: {m.reason}" for m in missing))


def _sources(cluster: Cluster, workload: str) -> tuple[Pods, ...]:
    found = matching(cluster.pods, workload)
    if found:
        return found
    known = sorted({p.id for p in cluster.pods})
    near = difflib.get_close_matches(workload, known, n=1, cutoff=0.3)
    raise UsageError(
        Diagnostic(
            f"no pods are called {workload}",
            why=f"there are {len(known)}: {', '.join(known[:5])}" + (" …" if len(known) > len(known[:5]) else ""),
            next_step=f"did you mean {near[0]}?" if near else "name them as namespace/name",
        )
    )


def _answers(answers: Answers, source: Pods, destination: str, asked: Connections) -> Iterator[PermitAnswer]:
    if destination:
        yield from _parts(answers, source, _targets(answers.cluster, destination), destination, asked)
        return
    for everywhere in ANYWHERE:
        for region in answers.regions(source, everywhere.family):
            yield from _parts(answers, source, (region.range,), region.range.text(), asked)
    for pods in answers.cluster.pods:
        if pods is not source:
            yield from _parts(answers, source, (pods,), pods.id, asked)


def _parts(answers: Answers, source: Pods, targets: Sequence[End], shown: str, asked: Connections) -> Iterator[PermitAnswer]:
    """Yield one answer; about all connections one for each part with an answer of its own."""
    decisions = [d for t in targets for d in answers.decisions(source, t)]
    parts = [asked]
    if asked == ALL and len(decisions) == 1:
        decision = decisions[0]
        denied = ALL - decision.may_allow
        parts = [p for p in (decision.allowed, denied, decision.may_allow & decision.may_deny) if p]
    for part in parts:
        permission = answers.permission((source,), targets, part)
        steps = tuple(dict.fromkeys(s for d in decisions for s in deciding(d, part)))
        yield PermitAnswer(
            source=source.id,
            destination=shown,
            asked=part.text(),
            permitted=permission.permitted,
            strength=_PLAIN_STRENGTH[permission.strength] if permission.strength else "",
            reasons=tuple(dict.fromkeys(PermitReason(s.text, s.location) for s in steps)),
            would_change=tuple(_changes(permission.permitted, answers.cluster, source, targets, part, steps)),
        )


def _targets(cluster: Cluster, destination: str) -> tuple[End, ...]:
    """Return what a destination may be; a host name that nothing resolves may be any address outside."""
    block = parse_block(destination)
    if block is None:
        return matching(cluster.pods, destination) or service_pods(destination, cluster) or ANYWHERE
    same = tuple(p for p in cluster.pods if any(parse_block(a) == block for a in p.addresses))
    return same or (block,)


def _changes(
    truth: Truth, cluster: Cluster, source: Pods, targets: Sequence[End], asked: Connections, steps: Sequence[Step]
) -> Iterator[str]:
    """Yield what would make it another answer."""
    platform = cluster.book.world.platform
    if truth is Truth.NO:
        yield f"A rule of a policy that selects {source.id} and allows {asked.text()} there would permit it."
        if any(isinstance(t, Pods) for t in targets):
            yield "If the destination is isolated for ingress, it needs a rule that allows it too: both ends must."
    elif truth is Truth.YES and source.host_network:
        yield f"Take {source.id} off the network of its node (hostNetwork), so that policies apply to it."
    elif truth is Truth.YES and any(s.by_rule for s in steps):
        yield "Narrow or remove every rule that allows it; one that is left is enough to allow it."
    elif truth is Truth.YES:
        yield f"A NetworkPolicy that selects {source.id}, with policyTypes [Egress] and no rule that allows it, would deny it."
    else:
        if platform.unknown:
            yield "Name the network plugin and its mode (platform: {cni: …, policy_enforcement: …})."
        if asked & OTHER and platform.covers_other is not Truth.YES:
            yield "Show that the plugin stops ICMP and other protocols of isolated pods."
        if any(isinstance(t, Range) for t in targets) and len(targets) > 1:
            yield "Ask for an address: policies of address blocks do not decide about a name."
