"""``auditor harden``: what is needed after the plan, emitted as policies, and confirmed by the analysis of permissions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from auditor.documents import Document, DocumentKind
from auditor.documents.yaml_reader import parse_yaml
from auditor.errors import Diagnostic, UsageError
from auditor.facts.hardening import EgressRule, HardenedWorkload, Hardening, PodSelection
from auditor.facts.inventory import Workload
from auditor.facts.plan import StepKind
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Transport
from auditor.network import (
    Cluster,
    Connections,
    Named,
    Pods,
    Region,
    established,
    parse_block,
    read_cluster,
    read_platform,
    wanted,
)
from auditor.network.connections import NONE
from auditor.network.dialects import dialect_of
from auditor.pipeline.mending import Mended, Workshop, mend
from auditor.pipeline.planner import steps_of
from auditor.pipeline.request import Inputs
from auditor.planning.hardening import Needs, hardened
from auditor.report.emit_kubernetes import PolicyDialect, render_policies

_PORTED = wanted(Transport.TCP, 0) | wanted(Transport.UDP, 0) | wanted(Transport.SCTP, 0)
"""What policies can name; of the rest no emitted rule speaks, and isolation may or may not stop it."""
_FAMILIES = (4, 6)
_PLATFORMS = {PolicyDialect.NETWORKPOLICY: "conformant", PolicyDialect.CILIUM: "cilium"}


def harden(inputs: Inputs, profile: str, as_of: str) -> Hardening:
    """Return what each workload inside needs after the plan to ``profile`` (one of ``inputs.profiles``); pure."""
    return prepared(inputs, profile, as_of)[0]


def prepared(inputs: Inputs, profile: str, as_of: str) -> tuple[Hardening, Mended, Workshop]:
    """Return what is needed after the plan, with the plan and where it was tried."""
    wanted_profile = next(p for p in inputs.profiles if profile in (p.id, p.origin))
    workshop = Workshop(inputs, wanted_profile, as_of)
    mended = mend(workshop)
    denied = {c for a in mended.chosen if a.kind is StepKind.DENY for c in a.channels}
    needs = Needs(mended.after.model, denied)
    cluster = read_cluster(inputs.documents, read_platform(inputs.manifest.platform))
    steps = steps_of(mended, workshop, inputs)
    changed = tuple(s for s in steps if s.kind in (StepKind.SETTING, StepKind.REDIRECT, StepKind.CONTRACT))
    lacking = tuple(f"the profile still lacks: {o.flow or o.subject or o.control}: {o.why}" for o in mended.impossible)
    found = Hardening(
        deployment=inputs.manifest.deployment,
        profile=wanted_profile.id,
        as_of=mended.after.assessment.as_of,
        workloads=tuple(hardened(w, _selections(established(w, cluster))) for _, w in sorted(needs.workloads.items())),
        rules=needs.rules(),
        settings=changed,
        notes=tuple(dict.fromkeys((*needs.left_out(), *lacking))),
    )
    return found, mended, workshop


def emitted_policies(hardening: Hardening, inputs: Inputs, dialect: PolicyDialect) -> str:
    """Return the policies as text, confirmed: they allow what can be said in the dialect, and nothing more.

    Raises:
        UsageError: of no workload it is established which pods it is.
        RuntimeError: the analysis of permissions does not confirm them (a defect).
    """
    if not any(w.pods for w in hardening.workloads):
        step = 'give among its hosts its service (name.namespace.svc) or its namespace ("*.namespace.pod.cluster.local")'
        what = "of no workload it is established which pods it is, so no policy can select it"
        raise UsageError(Diagnostic(what, path=inputs.manifest.path, next_step=f"{step}; or emit nftables or squid"))
    there = sorted({d.path for d in inputs.documents if _is_policy(d)})
    notes = (f"what the policies in {', '.join(there)} allow comes on top",) if there else ()
    text = render_policies(replace(hardening, notes=(*hardening.notes, *notes)), dialect)
    faults = tuple(confirm(text, hardening, inputs.documents, dialect))
    if faults:
        raise RuntimeError(f"the emitted {dialect.value} is not what was meant: {'; '.join(faults)}")
    return text


def confirm(text: str, hardening: Hardening, documents: Sequence[Document], dialect: PolicyDialect) -> Iterator[str]:
    """Yield where policies allow too little or too much, by the analysis that reads policies; nothing where they are exact.

    The policies that the deployment has are left aside: they add permissions of their own.
    """
    others = [d for d in documents if not _is_policy(d)]
    platform = read_platform((("cni", _PLATFORMS[dialect]),))
    cluster = read_cluster([*others, *emitted_documents(text)], platform)
    check = _Check(hardening, cluster, dialect)
    for workload in hardening.workloads:
        for pods in check.pods[workload.id]:
            yield from check.of(pods)


def _is_policy(document: Document) -> bool:
    return document.kind is DocumentKind.KUBERNETES and dialect_of(document) is not None


class _Check:
    """The emitted policies against the rules that they were made from."""

    def __init__(self, hardening: Hardening, cluster: Cluster, dialect: PolicyDialect) -> None:
        self._cluster = cluster
        self._named = dialect is PolicyDialect.CILIUM
        self._rules = hardening.rules
        self.pods: Mapping[str, tuple[Pods, ...]] = {w.id: _pods_of(w, cluster) for w in hardening.workloads}

    def of(self, source: Pods) -> Iterator[str]:
        """Yield the faults of one source; workloads that share pods share what they may do."""
        mine = [r for r in self._rules if self._is_of(source, r.source)]
        yield from self._inside(source, mine)
        yield from self._outside(source, mine)

    def _is_of(self, pods: Pods, workload: str) -> bool:
        return workload in self.pods and any(_key(p) == _key(pods) for p in self.pods[workload])

    def _inside(self, source: Pods, rules: Sequence[EgressRule]) -> Iterator[str]:
        targets = {_key(p): p for pods in (self._cluster.pods, *self.pods.values()) for p in pods}
        for target in targets.values():
            if _key(target) != _key(source):
                needed = _union(wanted(r.transport, r.port) for r in rules if r.target and self._is_of(target, r.target))
                decision = self._cluster.inside(source, target)
                yield from _compare(f"{source.id} to {target.id}", needed & _PORTED, decision.allowed, decision.may_allow)

    def _outside(self, source: Pods, rules: Sequence[EgressRule]) -> Iterator[str]:
        by_block = [r for r in rules if not self.pods.get(r.target)]
        by_name = [r for r in by_block if not r.networks and self._named]
        open_by_name = _union(wanted(r.transport, r.port) for r in by_name)
        for family in _FAMILIES:
            for region in self._cluster.regions(source, family):
                needed = _union(wanted(r.transport, r.port) for r in by_block if _covers(r, region, family)) & _PORTED
                # A name may have any address, so what is allowed to names is open everywhere, and surely allowed nowhere.
                allowed = region.decision.allowed
                may = (region.decision.may_allow - (open_by_name - needed)) | allowed
                yield from _compare(f"{source.id} to {region.range.text()}", needed, allowed, may)
                yield from self._names(source, region, by_name)

    def _names(self, source: Pods, region: Region, rules: Sequence[EgressRule]) -> Iterator[str]:
        for rule in rules:
            for host in rule.hosts:
                decision = self._cluster.outside(source, Named(host, region.range))
                if decision.answer(wanted(rule.transport, rule.port)) is not Truth.YES:
                    yield f"{source.id} may not surely reach {host}"


def _covers(rule: EgressRule, region: Region, family: int) -> bool:
    blocks = (b for b in map(parse_block, rule.networks) if b is not None and b.family == family)
    return any(b.spans.covers(region.range.spans) for b in blocks)


def _key(pods: Pods) -> tuple[str, object]:
    return (pods.id, pods.location)


def _compare(ends: str, needed: Connections, allowed: Connections, may_allow: Connections) -> Iterator[str]:
    lacking, beyond = needed - allowed, (may_allow & _PORTED) - needed
    if lacking:
        yield f"{ends} lacks {lacking.text()}"
    if beyond:
        yield f"{ends} may have {beyond.text()} beyond what is needed"


def _union(parts: Iterator[Connections]) -> Connections:
    found = NONE
    for part in parts:
        found |= part
    return found


def emitted_documents(text: str) -> Iterator[Document]:
    """Yield what was emitted as documents, for the readers of policies."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    for parsed in parse_yaml(text):
        yield Document("(emitted)", digest, len(text), DocumentKind.KUBERNETES, parsed.root, tuple(text.splitlines()))


def _selections(pods: Sequence[Pods]) -> tuple[PodSelection, ...]:
    """Return how policies select pods: a whole namespace where any later pod may belong, else by all their labels."""
    whole = {p.namespace for p in pods if not p.labels_known or not p.labels}
    found = [PodSelection(namespace, ()) for namespace in sorted(whole)]
    found += [PodSelection(p.namespace, tuple(sorted(p.labels.items()))) for p in pods if p.namespace not in whole]
    return tuple(found)


def _pods_of(workload: HardenedWorkload, cluster: Cluster) -> tuple[Pods, ...]:
    return established(Workload(workload.id, workload.title, workload.networks, workload.hosts, ""), cluster)
