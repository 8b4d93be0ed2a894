"""The rules that a script leaves behind, in the form that all rule sets have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from auditor.documents import Document, Node, NodeKind
from auditor.network.addresses import FAMILIES
from auditor.network.netfilter.conditions import Both, Perhaps
from auditor.network.netfilter.ipset import MOVES, unread_kind
from auditor.network.netfilter.iptables import UNTRACKED, table_of
from auditor.network.netfilter.iptables_rule import RuleReader
from auditor.network.netfilter.model import FilterRule, Table, Verdict
from auditor.network.netfilter.nftables import read_nftables
from auditor.network.netfilter.open_tables import open_table
from auditor.network.netfilter.scripts.running import Run
from auditor.network.netfilter.scripts.state import BUILT_IN, TABLES, Chain, FilterState
from auditor.network.netfilter.terms import ANYTHING, NamedSet, Vocabulary

SCRIPTS_ASSUME = (
    "the script is run by root on a host that has no rules yet, and its commands on the packet filter succeed",
    "the programs that it calls besides leave the packet filter alone",
)


@dataclass(frozen=True, slots=True)
class ScriptRules:
    """What a script leaves behind."""

    iptables: tuple[Table, ...]
    families: frozenset[int]
    """Address families of which the tables of iptables speak."""
    nftables: tuple[Table, ...]
    sets: tuple[str, ...]
    loaded: tuple[Document, ...] = ()
    """Files of rules that it loads: these are no rule sets of their own."""


def read_script(document: Document, documents: Sequence[Document] = ()) -> ScriptRules:
    """Return the rules that a shell script leaves behind; what it does not decide is open, with the line that leaves it so.

    Args:
        document: the script.
        documents: files among the inputs that it may load.
    """
    run = Run(FilterState(near=document, documents=tuple(documents)))
    first = document.lines[0] if document.lines else ""
    run.stops_at_failure = first.startswith("#!") and any(w.startswith("-") and "e" in w for w in first.split()[1:])
    run.script(document.root)
    state = run.state
    touched = {family for (family, _), table in state.tables.items() if table.chains or table.lost}
    sets = _sets(state)
    tables = [t for family in FAMILIES for t in _tables(document, state, family, sets)]
    lost = state.nftables_lost
    nftables: tuple[Table, ...] = ()
    if state.statements or state.uses_nftables:
        root = Node(NodeKind.SEQUENCE, 1, 1, items=tuple(state.statements))
        nftables = read_nftables(replace(document, root=root))
    if lost is not None:
        nftables = (*nftables, open_table("nftables", lost[0], lost[0], document.locate(lost[1]), undoes=True))
    return ScriptRules(tuple(tables), frozenset(touched), nftables, tuple(state.sets), tuple(state.loaded))


def _sets(state: FilterState) -> dict[str, NamedSet]:
    """Return the sets, those open that a rule of iptables adds to or takes from."""
    pairs = [p for t in state.tables.values() for c in t.chains.values() for line in c.lines for p in pairwise(line.words)]
    moving = {b.text for a, b in pairs if a.text in MOVES}
    found = {}
    for name, one in state.sets.items():
        why = one.open or ("rules change what is in it" if name in moving else "")
        found[name] = NamedSet(tuple(one.elements), why or unread_kind(one.kind))
    return found


def _tables(document: Document, state: FilterState, family: int, sets: Mapping[str, NamedSet]) -> Iterator[Table]:
    own = [(name, table) for (number, name), table in state.tables.items() if number == family]
    words = [w.text for _, table in own for chain in table.chains.values() for line in chain.lines for w in line.words]
    vocabulary = Vocabulary(sets, not any(word in UNTRACKED for word in words))
    for name, table in sorted(own, key=lambda each: TABLES.index(each[0]) if each[0] in TABLES else len(TABLES)):
        reader = RuleReader(document, family, vocabulary, frozenset(table.chains))
        chains = {title: tuple(_rules(document, reader, chain)) for title, chain in table.chains.items()}
        policies = {t: (c.policy, c.place or document.root) for t, c in table.chains.items() if t in BUILT_IN}
        yield table_of(document, name, family, chains, policies)
        if table.lost is not None:
            why, node = table.lost
            yield open_table(f"the rules of {name}", why, why, document.locate(node), (family,), undoes=True)


def _rules(document: Document, reader: RuleReader, chain: Chain) -> Iterator[FilterRule]:
    for line in chain.lines:
        _, rule = reader.read(line.words, line.node)
        doubt = f"whether it is there: {line.doubt}"
        yield replace(rule, condition=Both((rule.condition, Perhaps(doubt)))) if line.doubt else rule
    if chain.doubt:
        place = document.locate(chain.place or document.root)
        yield FilterRule(ANYTHING, Verdict.UNREAD, f"which policy it has: {chain.doubt}", "the policy of the chain", place)
