"""Emitted rules of a router and of a proxy, held to what they were made from by the readers of these dialects.

A rule is needed from the networks of its source: where those of two workloads overlap, an address may do what either may.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from auditor.documents import Document, DocumentKind
from auditor.documents.nftables_reader import parse_nftables
from auditor.documents.words_reader import parse_words
from auditor.facts.hardening import EgressRule, Hardening
from auditor.facts.vocabulary import Transport
from auditor.network import (
    FAMILIES,
    Connections,
    Layer,
    Named,
    Range,
    Spans,
    cut,
    forwarded_rules,
    parse_block,
    proxy_rules,
    wanted,
    whole,
)
from auditor.network.connections import NONE
from auditor.report.emit_hosts import sayable_host

_FAMILY = {Transport.ICMP: 4, Transport.ICMPV6: 6}
EMITTED = "(emitted)"
_PROBE = "auditor-probe.invalid"
"""A name that no deployment needs (RFC 6761, 6.4)."""


def confirm_nftables(text: str, hardening: Hardening) -> Iterator[str]:
    """Yield where a ruleset lets too little or too much through from a workload with addresses, and what it leaves out unsaid."""
    (parsed,) = parse_nftables(text)
    document = _document(text, DocumentKind.NFTABLES, parsed.root)
    for source in _sources(hardening):
        layer = forwarded_rules(document, {source.family: source.spans})
        mine = _rules_of(source, hardening)
        blocks = [b.spans for r in mine for b in _blocks(r.networks, source.family)]
        for target in cut(source.family, [*layer.cuts(source.family), *blocks]):
            covering = (r for r in mine if _within(target, r.networks))
            needed = _union(
                wanted(r.transport, r.port) for r in covering if _FAMILY.get(r.transport, source.family) == source.family
            )
            yield from compare(f"{source.text()} to {target.text()}", needed, layer, target)
    addressed = {w.id for w in hardening.workloads if w.networks}
    for rule in hardening.rules:
        if not (rule.source in addressed and _same_family(rule, hardening)):
            yield from _unsaid(text, rule)


def confirm_squid(text: str, hardening: Hardening) -> Iterator[str]:
    """Yield where a proxy relays too little or too much for a workload with addresses, and what it leaves out unsaid."""
    (parsed,) = parse_words(text)
    document = _document(text, DocumentKind.SQUID, parsed.root)
    asked = [r for r in hardening.rules if r.outside or r.hosts]
    names = dict.fromkeys(h for r in asked for h in r.hosts)
    probes = (_PROBE, *(probe for name in names for probe in (name, f"{_PROBE}.{name}")))
    for client in _sources(hardening):
        layer = proxy_rules(document, client)
        mine = [r for r in _rules_of(client, hardening) if r in asked and r.transport is Transport.TCP]
        for name in probes:
            needed = _union(wanted(Transport.TCP, r.port) for r in mine if name in r.hosts and sayable_host(name))
            yield from compare(f"{client.text()} to {name}", needed, layer, Named(name, whole(FAMILIES[0])))
        for family in FAMILIES:
            for target in cut(family, layer.cuts(family)):
                yield from compare(f"{client.text()} to {target.text()}", NONE, layer, target)
    addressed = {w.id for w in hardening.workloads if w.networks}
    for rule in asked:
        said = rule.source in addressed and rule.transport is Transport.TCP and rule.hosts and all(map(sayable_host, rule.hosts))
        if not said:
            yield from _unsaid(text, rule)


def compare(ends: str, needed: Connections, layer: Layer, target: Range | Named) -> Iterator[str]:
    """Yield what ``layer`` does not surely allow of what is needed, and what it may allow beyond."""
    decision = layer.decide(target)
    lacking, beyond = needed - decision.allowed, decision.may_allow - needed
    if lacking:
        yield f"{ends} lacks {lacking.text()}"
    if beyond:
        yield f"{ends} may have {beyond.text()} beyond what is needed"


def _unsaid(text: str, rule: EgressRule) -> Iterator[str]:
    """Yield a fault where a rule that the dialect cannot say is not named as such; names stand cleaned in the text."""
    marks = (line for line in text.splitlines() if "not said here" in line)
    words = [word for word in (*rule.purposes, rule.source) if word.isascii() and word.isprintable()]
    if not any(all(word in line for word in words) for line in marks):
        yield f"that {rule.source} to {rule.destination} is left out is not told"


def _document(text: str, kind: DocumentKind, root: object) -> Document:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Document(EMITTED, digest, len(text), kind, root, tuple(text.splitlines()))  # type: ignore[arg-type]


def _sources(hardening: Hardening) -> Iterator[Range]:
    """Yield the addresses of all workloads, cut so that each range lies wholly within or outside of each workload."""
    for family in FAMILIES:
        blocks = [b.spans for w in hardening.workloads for b in _blocks(w.networks, family)]
        yield from (atom for atom in cut(family, blocks) if any(block.covers(atom.spans) for block in blocks))


def _rules_of(source: Range, hardening: Hardening) -> list[EgressRule]:
    holders = {w.id for w in hardening.workloads if _within(source, w.networks)}
    return [r for r in hardening.rules if r.source in holders]


def _blocks(networks: Sequence[str], family: int) -> list[Range]:
    return [b for b in map(parse_block, networks) if b is not None and b.family == family]


def _within(place: Range, networks: Sequence[str]) -> bool:
    held = Spans.of([pair for b in _blocks(networks, place.family) for pair in b.spans.pairs])
    return held.covers(place.spans)


def _same_family(rule: EgressRule, hardening: Hardening) -> bool:
    networks = next((w.networks for w in hardening.workloads if w.id == rule.source), ())
    families = [_FAMILY[rule.transport]] if rule.transport in _FAMILY else FAMILIES
    return any(_blocks(networks, family) and _blocks(rule.networks, family) for family in families)


def _union(parts: Iterator[Connections]) -> Connections:
    found = NONE
    for part in parts:
        found |= part
    return found
