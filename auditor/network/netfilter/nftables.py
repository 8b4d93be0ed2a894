"""Rule sets of nftables as ``nft list ruleset`` prints them. Source: nft(8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from auditor.documents import Document, Node, NodeKind
from auditor.network.netfilter.model import Base, FilterRule, Table, Verdict
from auditor.network.netfilter.nftables_rule import RuleWords, choices_of, elements_of, shown_words
from auditor.network.netfilter.parts import CROSSING, FAMILIES_OF, LEAVING, Ending, rules_of
from auditor.network.netfilter.terms import ANYTHING, Element, NamedSet, Vocabulary

_HARMLESS = frozenset({"flowtable", "counter", "quota", "limit", "synproxy", "secmark", "ct", "comment", "flags"})
_BESIDE = ("arp", "bridge", "netdev")


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


def read_nftables(document: Document) -> tuple[Table, ...]:
    """Return the tables of a rule set in text; a statement that is not read leaves its table open."""
    drafts: dict[tuple[str, str], _Draft] = {}
    stray = [statement for statement in document.root.items if not _top(statement, drafts)]
    tracked = not any(word.text == "notrack" for _, word in document.root.walk())
    tables = [_table(document, draft, tracked=tracked) for draft in drafts.values() if draft.family in FAMILIES_OF]
    tables += [_open_table(document, draft) for draft in drafts.values() if draft.family in _BESIDE and draft.bases]
    return (*tables, *(_stray_table(document, node) for node in stray))


def _top(statement: Node, drafts: dict[tuple[str, str], _Draft]) -> bool:
    """Take in a statement at the top; return whether it was read."""
    words = [w for w in statement.items if w.text not in ("add", "create")]
    texts = [w.text for w in words]
    if texts[:2] == ["flush", "ruleset"] or texts[:1] in (["delete"], ["destroy"]):
        return True
    if len(texts) < 3 or (texts[0] not in ("table", "chain", "set", "map", "rule", "element")):  # noqa: PLR2004
        return texts[:1] == ["table"] and len(texts) == 2 and _begin(drafts, "ip", texts[1]) is not None  # noqa: PLR2004
    family, name = texts[1], texts[2]
    if family not in (*FAMILIES_OF, *_BESIDE):
        return False
    draft = _begin(drafts, family, name)
    if texts[0] == "table":
        for inner in words[3].items if len(words) > 3 else ():  # noqa: PLR2004 -- table FAMILY NAME { … }
            _inside(draft, inner)
    elif texts[0] == "rule":
        draft.chains.setdefault(texts[3], []).append(_rest(statement, words[4:]))
    elif texts[0] == "element":
        _more_elements(draft, texts[3], words[4:])
    else:
        _inside(draft, _rest(statement, [words[0], *words[3:]]))
    return True


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
            elif first not in ("comment", "flags", "devices"):
                rules.append(inner)
    elif kind == "set":
        draft.sets[name] = _named_set(block)
    elif kind == "map":
        found = _elements_node(block)
        draft.maps[name] = choices_of(found) if found is not None else ()
    elif kind not in _HARMLESS:
        draft.unread.append(statement)


def _named_set(block: Sequence[Node]) -> NamedSet:
    said = {inner.items[0].text: shown_words(inner.items[1:]) for inner in block if inner.items}
    found = _elements_node(block)
    moving = any(word in said.get("flags", "") for word in ("dynamic", "timeout")) or "timeout" in said
    return NamedSet(tuple(elements_of(found)) if found else (), "its elements come and go at run time" if moving else "")


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


def _table(document: Document, draft: _Draft, *, tracked: bool) -> Table:
    words = Vocabulary(draft.sets, tracked)
    chains = {name: tuple(_rules(document, nodes, words, draft)) for name, nodes in draft.chains.items()}
    for node in draft.unread:
        rule = _unread_rule(document, node)
        chains = {name: (rule, *rules) for name, rules in chains.items()}
    return Table(
        f"nftables {draft.family} {draft.name}",
        FAMILIES_OF[draft.family],
        chains,
        tuple(_bases(document, draft, LEAVING)),
        tuple(_bases(document, draft, CROSSING)),
    )


def _rules(document: Document, nodes: Sequence[Node], words: Vocabulary, draft: _Draft) -> Iterator[FilterRule]:
    maps: Mapping[str, tuple[tuple[Element | None, Ending], ...]] = draft.maps
    for node in nodes:
        parts = RuleWords(node.items, maps).read()
        yield from rules_of(parts, words, shown_words(node.items), document.locate(node))


def _bases(document: Document, draft: _Draft, hooks: Sequence[str]) -> Iterator[Base]:
    for chain, node in draft.bases.items():
        texts = [w.text for w in node.items]
        hook = texts[texts.index("hook") + 1] if "hook" in texts[:-1] else ""
        policy = draft.policies.get(chain) or (texts[texts.index("policy") + 1] if "policy" in texts[:-1] else "accept")
        if hook in hooks:
            yield Base(chain, Verdict.DROP if policy == "drop" else Verdict.ACCEPT, document.locate(node))


def _unread_rule(document: Document, node: Node) -> FilterRule:
    shown = shown_words(node.items)
    return FilterRule(ANYTHING, Verdict.UNREAD, "a statement that is not read", shown, document.locate(node))


def _open_table(document: Document, draft: _Draft) -> Table:
    """Return a table for frames on devices, which is not read, as one that leaves both families open."""
    node = next(iter(draft.bases.values()))
    return _stray_table(document, node, f"nftables {draft.family} {draft.name}")


def _stray_table(document: Document, node: Node, title: str = "nftables") -> Table:
    base = Base("all", Verdict.ACCEPT, document.locate(node))
    return Table(title, (4, 6), {"all": (_unread_rule(document, node),)}, (base,), (base,))
