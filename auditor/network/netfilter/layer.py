"""The packet filters of hosts as layers: what leaves from a host's own processes, and what it forwards for others.

What belongs to one host stands in one folder. Two rule sets of one dialect and family in a folder are those of two hosts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from auditor.documents import Document, DocumentKind, NodeKind
from auditor.facts.permission import Strength
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Transport
from auditor.network.addresses import FAMILIES, LOOPBACK, Range, cut, parse_block
from auditor.network.connections import ALL, NONE, wanted
from auditor.network.decision import Decision, Step
from auditor.network.ends import Named
from auditor.network.layers import Governed, Layer, OneOf, Resolver, Subject, together
from auditor.network.name_patterns import NamePattern
from auditor.network.netfilter.ipset import MOVES, read_sets
from auditor.network.netfilter.iptables import address_family, read_iptables
from auditor.network.netfilter.model import Base, Table
from auditor.network.netfilter.nftables import read_nftables
from auditor.network.netfilter.nftables_files import Spliced
from auditor.network.netfilter.nftables_json import read_nftables_json
from auditor.network.netfilter.scripts import SCRIPTS_ASSUME, read_script
from auditor.network.netfilter.senders import Sender, sent_from
from auditor.network.netfilter.terms import NamedSet
from auditor.network.netfilter.walking import cuts, decide
from auditor.network.spans import Spans

HOST, FORWARDED = "host", "forwarded"
"""Subjects: the host's own processes, and the containers and machines whose packets it forwards."""
_QUESTIONS = wanted(Transport.UDP, 53) | wanted(Transport.TCP, 53)
_ASSUMED = (
    "the rules that were supplied are all of the host's and were loaded whole",
    "the workload cannot change the rules of its host (no CAP_NET_ADMIN)",
    "what is sent counts, whether an answer is let in or not",
)


@dataclass(frozen=True, slots=True)
class HostFirewall:
    """The tables of one dialect on one host, for one way through it."""

    dialect: str
    ways: tuple[tuple[Table, Base], ...]
    assumed: tuple[str, ...]

    @property
    def strength(self) -> Strength:
        """Return how strongly the kernel enforces it: on every packet."""
        return Strength.NETWORK_POLICY

    def cuts(self, family: int) -> Iterable[Spans]:
        """Return the address sets by which rules tell destinations apart."""
        yield from cuts({id(table): table for table, _ in self.ways}.values(), family)

    def sent_from(self, sender: Sender) -> HostFirewall:
        """Return the rules as they are for a sender with known addresses."""
        tables = {id(table): sent_from(table, sender) for table, _ in self.ways}
        ways = tuple((tables[id(table)], base) for table, base in self.ways)
        given = "the workload sends from the addresses alone that the manifest gives it"
        return replace(self, ways=ways, assumed=(*self.assumed, given))

    def names(self) -> Sequence[NamePattern]:
        """Return nothing: the kernel knows no names."""
        return ()

    def decide(self, target: Range | Named) -> Decision:
        """Return what the rules do with connections to a range, or to a name with such a range."""
        place = target.range if isinstance(target, Named) else target
        found = decide(self.ways, place)
        if found.steps:
            return found
        kind = "IPv4" if place.family == 4 else "IPv6"  # noqa: PLR2004 -- the family's number
        return Decision(ALL, NONE, (Step(ALL, Truth.YES, f"no rule of {self.dialect} that was supplied speaks of {kind}"),))


def forwarded_rules(document: Document, sources: Mapping[int, Spans]) -> Layer:
    """Return what the nftables rules of ``document`` do with packets that a router forwards from ``sources`` (by family)."""
    ways = tuple((table, base) for table in read_nftables(document) for base in table.crossing)
    return HostFirewall("nftables", ways, _ASSUMED).sent_from(sources)


@dataclass(frozen=True, slots=True)
class _Rules:
    """The tables of one document."""

    document: Document
    dialect: str
    families: frozenset[int]
    tables: tuple[Table, ...]
    filled: tuple[str, ...] = ()
    """Sets that a script fills when it runs."""
    flushes: bool = False
    """Whether loading it takes away the rules that are there before."""
    loads: tuple[Document, ...] = ()
    """Files that it loads, which are no rule sets of their own."""


def read_host_firewalls(
    documents: Sequence[Document],
    platform: Mapping[str, str],  # noqa: ARG001 -- the signature of readers
) -> Iterator[Governed]:
    """Yield the hosts whose rule sets are among the documents: each as itself and as one that forwards."""
    folders: dict[str, list[Document]] = {}
    for document in documents:
        if document.kind in (DocumentKind.IPTABLES, DocumentKind.IPSET, DocumentKind.NFTABLES, DocumentKind.SHELL):
            # What stands inside another file is of a workload of its own, not of the host whose folder that lies in.
            inner = f"{document.path}/{document.inside}" if document.inside else ""
            folders.setdefault(inner or document.path.rpartition("/")[0], []).append(document)
    read: list[tuple[str, dict[str, NamedSet], list[_Rules]]] = []
    for folder, found in sorted(folders.items()):
        sets = _moved(read_sets([d for d in found if d.kind is DocumentKind.IPSET]), found)
        read.append((folder, sets, [r for d in found if d.kind is not DocumentKind.IPSET for r in _read(d, sets, documents)]))
    loaded = {id(d) for _, _, rules in read for r in rules for d in r.loads}
    for folder, sets, rules in read:
        for name, own in _hosts(folder, [r for r in rules if id(r.document) not in loaded]):
            yield from _governed(name, own, tuple(sets))


def _moved(sets: Mapping[str, NamedSet], documents: Iterable[Document]) -> dict[str, NamedSet]:
    """Return the sets, those open that a rule adds to or takes from (the target ``SET``)."""
    lines = [line.items for d in documents if d.kind is DocumentKind.IPTABLES for line in d.root.items]
    named = {b.text for words in lines for a, b in pairwise(words) if a.text in MOVES}
    return {name: replace(one, open="rules change what is in it") if name in named else one for name, one in sets.items()}


def _read(document: Document, sets: Mapping[str, NamedSet], documents: Sequence[Document]) -> Iterator[_Rules]:
    if document.kind is DocumentKind.SHELL:
        left = read_script(document, documents)
        if left.families:
            yield _Rules(document, "iptables", left.families, left.iptables, left.sets, loads=left.loaded)
        if left.nftables:
            yield _Rules(document, "nftables", frozenset(FAMILIES), left.nftables, loads=left.loaded)
    elif document.kind is DocumentKind.IPTABLES:
        number = address_family(document)
        families = frozenset(FAMILIES if number is None else (number,))
        yield _Rules(document, "iptables", families, read_iptables(document, sets))
    elif document.root.kind is NodeKind.MAPPING:
        yield _Rules(document, "nftables", frozenset(FAMILIES), read_nftables_json(document))
    else:
        whole = Spliced(document, documents)
        flushes = any([w.text for w in s.items[:2]] == ["flush", "ruleset"] for s in whole.root.items)
        loads = tuple(whole.included)
        yield _Rules(document, "nftables", frozenset(FAMILIES), read_nftables(whole), flushes=flushes, loads=loads)


def _hosts(folder: str, rules: Sequence[_Rules]) -> Iterator[tuple[str, list[_Rules]]]:
    """Yield the hosts of a folder by name: all rule sets as one host's, or each file as one of its own."""
    said = [(r.dialect, number) for r in rules for number in r.families]
    prefix = f"{folder}/" if folder else ""
    if len(said) == len(set(said)):
        yield prefix, list(rules)
        return
    for path in dict.fromkeys(r.document.path for r in rules):
        yield f"{path}/", [r for r in rules if r.document.path == path]


def _governed(prefix: str, rules: Sequence[_Rules], sets: Sequence[str]) -> Iterator[Governed]:
    if not rules:
        return
    place = rules[0].document.locate(rules[0].document.root)
    names = tuple(name for r in rules for name in (r.document.path, r.document.path.rpartition("/")[2]))
    filled = [name for r in rules for name in r.filled]
    scripted = SCRIPTS_ASSUME if any(r.document.kind is DocumentKind.SHELL for r in rules) else ()
    snapshot = [f"the addresses in {', '.join(sorted(sets))} are those of the moment when they were saved"] if sets else []
    if filled:
        snapshot.append(f"the addresses in {', '.join(sorted(filled))} are those of the moment when the script ran")
    for way in (HOST, FORWARDED):
        layers = (_layer(rules, (*_ASSUMED, *scripted, *snapshot), way),)
        subject = Subject(f"{prefix}{way}", (way, *(names if way == HOST else ())), place)
        yield Governed(subject, layers, resolver=_own_resolver(layers, subject) if way == HOST else None)


def _layer(rules: Sequence[_Rules], assumed: tuple[str, ...], way: str) -> Layer:
    """Return the rules of a host as one layer, whatever tools set them: the chains of one see what rules of the other changed."""
    whole = _firewall(rules, assumed, way)
    kept = [r for r in rules if r.dialect != "iptables"]
    if len(kept) == len(rules) or not any(r.flushes for r in kept):
        return whole
    # Which of the files is loaded last is not known: rules of iptables are among those that ``flush ruleset`` takes away.
    return OneOf(whole.dialect, ((whole,), (_firewall(kept, assumed, way),)))


def _firewall(rules: Sequence[_Rules], assumed: tuple[str, ...], way: str) -> HostFirewall:
    ways = tuple((t, b) for r in rules for t in r.tables for b in (t.leaving if way == HOST else t.crossing))
    return HostFirewall(" and ".join(dict.fromkeys(r.dialect for r in rules)), ways, assumed)


def sent_from_networks(governed: Governed, networks: Sequence[str]) -> Governed:
    """Return rules as they are for a sender whose addresses lie in ``networks``; with none or a strange one, as they are."""
    blocks = [parse_block(text) for text in networks]
    known = [b for b in blocks if b is not None]
    if not known or len(known) < len(blocks):
        return governed
    sender = {f: Spans.of(pair for b in known if b.family == f for pair in b.spans.pairs) for f in FAMILIES}
    return replace(governed, layers=tuple(_of_sender(layer, sender) for layer in governed.layers))


def _of_sender(layer: Layer, sender: Sender) -> Layer:
    if isinstance(layer, OneOf):
        return replace(layer, ways=tuple(tuple(_of_sender(each, sender) for each in way) for way in layer.ways))
    return layer.sent_from(sender) if isinstance(layer, HostFirewall) else layer


def _own_resolver(layers: Sequence[Layer], subject: Subject) -> Resolver | None:
    """Return a resolver at the loopback, if it may be asked: a container engine's (127.0.0.11) asks others past these rules."""
    for atom in cut(FAMILIES[0], [*(b for layer in layers for b in layer.cuts(FAMILIES[0])), LOOPBACK[0].spans]):
        if LOOPBACK[0].spans.covers(atom.spans) and together(layers, atom).decision.may_allow & _QUESTIONS:
            text = f"{subject.id} may ask a resolver at {atom.text()}; a container engine's there asks others past these rules"
            return Resolver(Truth.UNKNOWN, text, subject.location)
    return None
