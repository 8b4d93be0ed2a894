"""Rule sets of nftables as ``nft list ruleset`` prints them. Source: nft(8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Protocol

from auditor.documents import Node, NodeKind
from auditor.facts.evidence import FileLocation
from auditor.network.netfilter.model import Base, FilterRule, Table, Verdict
from auditor.network.netfilter.nftables_rule import RuleWords, choices_of, elements_of, shown_words
from auditor.network.netfilter.open_tables import open_table
from auditor.network.netfilter.parts import CROSSING, FAMILIES_OF, LEAVING, Ending, order_of, rules_of
from auditor.network.netfilter.terms import Element, NamedSet, Vocabulary

_HARMLESS = frozenset({"flowtable", "counter", "quota", "limit", "synproxy", "secmark", "ct", "comment", "flags"})
_UNREAD = "a statement that is not read"
_BESIDE = ("arp", "bridge", "netdev")
_VERBS = frozenset({"add", "create", "insert", "replace", "delete", "destroy", "flush", "reset", "rename"})


@dataclass(slots=True)
class _Draft:
    """A table under way."""

    name: str
    family: str
    chains: dict[str, list[Node]] = field(default_factory=dict)
    bases: dict[str, Node] = field(default_factory=dict)
    policies: dict[str, str] = field(default_factory=dict)
    sets: dict[str, NamedSet] = field(default_factory=dict)
    maps: dict[str, tuple[tuple[Element | None, Ending], ...]] = field(default_factory=dict)
    unread: list[Node] = field(default_factory=list)


class RuleSet(Protocol):
    """A rule set in text: its statements, and where each stands."""

    @property
    def root(self) -> Node:
        """Return its statements."""
        ...

    def locate(self, node: Node) -> FileLocation:
        """Return the place of a node."""
        ...


def read_nftables(document: RuleSet) -> tuple[Table, ...]:
    """Return the tables of a rule set in text; a statement that is not read leaves its table open."""
    drafts: dict[tuple[str, str], _Draft] = {}
    stray = [statement for statement in document.root.items if not _top(statement, drafts)]
    tracked = not any(word.text == "notrack" for _, word in document.root.walk())
    tables = [_table(document, draft, tracked=tracked) for draft in drafts.values() if draft.family in FAMILIES_OF]
    why = "a table for frames on devices, which is not read"
    for draft in (d for d in drafts.values() if d.family in _BESIDE and d.bases):
        title, node = f"nftables {draft.family} {draft.name}", next(iter(draft.bases.values()))
        tables.append(open_table(title, why, shown_words(node.items), document.locate(node)))
    unread = [*stray, *(node for draft in drafts.values() for node in draft.unread)]
    return (*tables, *(open_table("nftables", _why(n), shown_words(n.items), document.locate(n), undoes=True) for n in unread))


def _why(statement: Node) -> str:
    included = bool(statement.items) and statement.items[0].text == "include"
    return "the file that it includes is not among the inputs" if included else _UNREAD


def _top(statement: Node, drafts: dict[tuple[str, str], _Draft]) -> bool:
    """Take in a statement at the top; return whether it was read."""
    verb = statement.items[0].text if statement.items and statement.items[0].text in _VERBS else "add"
    words = [w for n, w in enumerate(statement.items) if n or w.text not in _VERBS]
    texts = [w.text for w in words]
    if verb not in ("add", "create", "insert"):
        return _taken_away(verb, texts, drafts)
    if len(texts) < 3 or (texts[0] not in ("table", "chain", "set", "map", "rule", "element")):  # noqa: PLR2004
        return texts[:1] == ["table"] and len(texts) == 2 and _begin(drafts, "ip", texts[1]) is not None  # noqa: PLR2004
    family, name = texts[1], texts[2]
    if family not in (*FAMILIES_OF, *_BESIDE) or (verb == "insert" and texts[0] != "rule"):
        return False
    if texts[0] == "rule" and (len(texts) < 5 or texts[4] in ("position", "index", "handle")):  # noqa: PLR2004
        return False
    draft = _begin(drafts, family, name)
    if texts[0] == "table":
        for inner in words[3].items if len(words) > 3 else ():  # noqa: PLR2004 -- table FAMILY NAME { … }
            _inside(draft, inner)
            if [w.kind for w in inner.items[2:4]] == [NodeKind.SEQUENCE, NodeKind.SCALAR]:
                # What stands behind a block on its line is no part of it.
                draft.unread.append(inner)
    elif texts[0] == "rule":
        rules = draft.chains.setdefault(texts[3], [])
        rules.insert(0 if verb == "insert" else len(rules), _rest(statement, words[4:]))
    elif texts[0] == "element":
        _more_elements(draft, texts[3], words[4:])
    else:
        _inside(draft, _rest(statement, [words[0], *words[3:]]))
    return True


def _taken_away(verb: str, texts: Sequence[str], drafts: dict[tuple[str, str], _Draft]) -> bool:
    """Take away what a statement flushes or deletes; return whether it was read."""
    if (verb, texts[:1]) == ("flush", ["ruleset"]):
        for key in [k for k in drafts if len(texts) == 1 or k[0] == texts[1]]:
            del drafts[key]
        return True
    draft = drafts.get((texts[1], texts[2])) if len(texts) > 2 else None  # noqa: PLR2004 -- what, family, table
    if texts[:1] == ["table"] and len(texts) == 3 and verb in ("delete", "destroy", "flush"):  # noqa: PLR2004
        if draft is not None and verb == "flush":
            draft.chains.update((name, []) for name in draft.chains)
        elif draft is not None:
            del drafts[texts[1], texts[2]]
        return True
    if (verb, texts[:1]) == ("flush", ["chain"]) and len(texts) == 4:  # noqa: PLR2004 -- chain, family, table, its name
        if draft is not None and texts[3] in draft.chains:
            draft.chains[texts[3]] = []
        return True
    return False


def _begin(drafts: dict[tuple[str, str], _Draft], family: str, name: str) -> _Draft:
    return drafts.setdefault((family, name), _Draft(name, family))


def _rest(statement: Node, words: Sequence[Node]) -> Node:
    return Node(NodeKind.SEQUENCE, statement.line, statement.column, items=tuple(words))


def _inside(draft: _Draft, statement: Node) -> None:
    kind, name = (w.text for w in (*statement.items[:2], *[statement] * 2)[:2])
    block = statement.items[2].items if len(statement.items) > 2 else ()  # noqa: PLR2004 -- kind NAME { … }
    if kind == "chain":
        rules = draft.chains.setdefault(name, [])
        for inner in block:
            first = inner.items[0].text
            if first == "type":
                draft.bases[name] = inner
            elif first == "policy" and len(inner.items) > 1:
                draft.policies[name] = inner.items[1].text
            elif first == "include":
                draft.unread.append(inner)
            elif first not in ("comment", "flags", "devices"):
                rules.append(inner)
    elif kind == "set":
        draft.sets[name] = _named_set(block)
    elif kind == "map":
        found = _elements_node(block)
        draft.maps[name] = choices_of(found) if found is not None else ()
    elif kind not in _HARMLESS or (kind == "flags" and name == "dormant"):
        draft.unread.append(statement)


def _named_set(block: Sequence[Node]) -> NamedSet:
    said = {inner.items[0].text: shown_words(inner.items[1:]) for inner in block if inner.items}
    found = _elements_node(block)
    moving = any(word in said.get("flags", "") for word in ("dynamic", "timeout")) or "timeout" in said
    why = "its elements come and go at run time" if moving else ""
    if "elements" in said and found is None:
        why = f"its elements are not here: {said['elements']}"
    return NamedSet(tuple(elements_of(found)) if found else (), why)


def _elements_node(block: Sequence[Node]) -> Node | None:
    for inner in block:
        if inner.items[0].text == "elements" and inner.items[-1].kind is NodeKind.SEQUENCE:
            return inner.items[-1]
    return None


def _more_elements(draft: _Draft, name: str, words: Sequence[Node]) -> None:
    braces = next((w for w in words if w.kind is NodeKind.SEQUENCE), None)
    known = draft.sets.get(name, NamedSet((), "the set is not created here"))
    more = tuple(elements_of(braces)) if braces is not None else ()
    draft.sets[name] = NamedSet((*known.elements, *more), known.open)


def _moved(draft: _Draft) -> dict[str, NamedSet]:
    """Return the sets of a table, those open that a rule adds to or takes from."""
    pairs = [pair for nodes in draft.chains.values() for node in nodes for pair in pairwise(node.items)]
    named = {b.text.removeprefix("@") for a, b in pairs if a.text in ("add", "update", "delete") and b.text.startswith("@")}
    return {name: replace(one, open="rules change what is in it") if name in named else one for name, one in draft.sets.items()}


def _table(document: RuleSet, draft: _Draft, *, tracked: bool) -> Table:
    words = Vocabulary(_moved(draft), tracked)
    chains = {name: tuple(_rules(document, nodes, words, draft)) for name, nodes in draft.chains.items()}
    return Table(
        f"nftables {draft.family} {draft.name}",
        FAMILIES_OF[draft.family],
        chains,
        tuple(_bases(document, draft, LEAVING)),
        tuple(_bases(document, draft, CROSSING)),
    )


def _rules(document: RuleSet, nodes: Sequence[Node], words: Vocabulary, draft: _Draft) -> Iterator[FilterRule]:
    maps: Mapping[str, tuple[tuple[Element | None, Ending], ...]] = draft.maps
    for node in nodes:
        parts = RuleWords(node.items, maps).read()
        yield from rules_of(parts, words, shown_words(node.items), document.locate(node))


def _bases(document: RuleSet, draft: _Draft, hooks: Sequence[str]) -> Iterator[Base]:
    for chain, node in draft.bases.items():
        texts = [w.text for w in node.items]
        hook = texts[texts.index("hook") + 1] if "hook" in texts[:-1] else ""
        policy = draft.policies.get(chain) or (texts[texts.index("policy") + 1] if "policy" in texts[:-1] else "accept")
        if hook in hooks:
            said = texts[texts.index("priority") + 1 :] if "priority" in texts else []
            said = said[: said.index("policy")] if "policy" in said else said
            verdict = Verdict.DROP if policy == "drop" else Verdict.ACCEPT
            rewrites = texts[1:2] == ["nat"] and hook == "output"
            yield Base(chain, verdict, document.locate(node), order_of(hook, " ".join(said)), rewrites)
