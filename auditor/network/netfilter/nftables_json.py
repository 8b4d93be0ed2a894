"""Rule sets of nftables as ``nft --json list ruleset`` prints them. Source: libnftables-json(5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from auditor.documents import Document, Node, NodeKind
from auditor.network.netfilter.model import Base, FilterRule, Table, Verdict
from auditor.network.netfilter.nftables_rule import compared, verdict
from auditor.network.netfilter.open_tables import open_table
from auditor.network.netfilter.parts import (
    CROSSING,
    ELSEWHERE,
    FAMILIES_OF,
    LEAVING,
    VERDICTS,
    Asked,
    Ending,
    Flags,
    Mapped,
    Open,
    Part,
    order_of,
    plain_key,
    rules_of,
)
from auditor.network.netfilter.rewriting import Rewriting, redirected_to, rewritten_to
from auditor.network.netfilter.terms import Element, NamedSet, Vocabulary
from auditor.network.nodes import text

Choices = tuple[tuple[Element | None, Ending], ...]
_GOES_ON = frozenset({"counter", "log", "comment", "masquerade", "snat", "notrack", "mangle", "flow", "set", "xt_comment"})
_COMMANDS = frozenset({"add", "create", "insert", "replace", "delete", "destroy", "flush", "rename", "reset"})


@dataclass(slots=True)
class _Draft:
    """A table under way."""

    name: str
    family: str
    bases: list[Node] = field(default_factory=list)
    rules: dict[str, list[Node]] = field(default_factory=dict)
    sets: dict[str, NamedSet] = field(default_factory=dict)
    maps: dict[str, Choices] = field(default_factory=dict)


def read_nftables_json(document: Document) -> tuple[Table, ...]:
    """Return the tables of a rule set in JSON."""
    drafts: dict[tuple[str, str], _Draft] = {}
    listed = document.root.get("nftables")
    for item in listed.items if listed is not None else ():
        for kind, node in item.entries:
            _take(drafts, kind.text, node)
    unread = [n for i in (listed.items if listed is not None else ()) for k, n in i.entries if _changes_others(k.text, n)]
    tracked = not any(key.text == "notrack" for _, node in document.root.walk() for key, _ in node.entries)
    kept = [draft for draft in drafts.values() if draft.family in FAMILIES_OF or draft.bases]
    why = "a command or flag that is not read"
    said = (open_table("nftables", why, _shown(node), document.locate(node), undoes=True) for node in unread)
    return (*(_table(document, draft, tracked=tracked) for draft in kept), *said)


def _changes_others(kind: str, node: Node) -> bool:
    """Return whether it is a command, or a table that is switched off: a list of what there is has neither."""
    return kind in _COMMANDS or (kind == "table" and "dormant" in _texts(node.get("flags")))


def _take(drafts: dict[tuple[str, str], _Draft], kind: str, node: Node) -> None:
    name = text(node, "name") if kind == "table" else text(node, "table")
    if not name:
        return
    draft = drafts.setdefault((text(node, "family"), name), _Draft(name, text(node, "family")))
    if kind == "chain":
        draft.rules.setdefault(text(node, "name"), [])
        if text(node, "hook"):
            draft.bases.append(node)
    elif kind == "rule":
        draft.rules.setdefault(text(node, "chain"), []).append(node)
    elif kind in ("set", "element"):
        _take_set(draft, node)
    elif kind == "map":
        draft.maps[text(node, "name")] = _choices(node.get("elem"))


def _take_set(draft: _Draft, node: Node) -> None:
    flags = node.get("flags")
    said = {f.text for f in flags.items} | ({flags.text} if flags.text else set()) if flags is not None else set()
    moving = bool(said & {"dynamic", "timeout"}) or node.get("timeout") is not None
    elements = node.get("elem")
    known = draft.sets.get(text(node, "name"), NamedSet(()))
    found = tuple(e for i in (elements.items if elements is not None else ()) for e in _elements(i))
    why = "its elements come and go at run time" if moving else known.open
    draft.sets[text(node, "name")] = NamedSet((*known.elements, *found), why)


def _moved(draft: _Draft) -> dict[str, NamedSet]:
    """Return the sets of a table, those open that a rule adds to or takes from."""
    expressions = [e for rules in draft.rules.values() for r in rules if (e := r.get("expr")) is not None]
    named = {text(s, "set").removeprefix("@") for e in expressions for item in e.items if (s := item.get("set")) is not None}
    return {name: replace(one, open="rules change what is in it") if name in named else one for name, one in draft.sets.items()}


def _table(document: Document, draft: _Draft, *, tracked: bool) -> Table:
    words = Vocabulary(_moved(draft), tracked)
    title = f"nftables {draft.family} {draft.name}"
    chains = {
        name: tuple(rule for node in nodes for rule in _rules(document, node, words, draft.maps))
        for name, nodes in draft.rules.items()
    }
    families = FAMILIES_OF.get(draft.family)
    if families is None:
        why = "a table for frames on devices, which is not read"
        return open_table(title, why, title, document.locate(draft.bases[0]))
    return Table(title, families, chains, tuple(_bases(document, draft, LEAVING)), tuple(_bases(document, draft, CROSSING)))


def _bases(document: Document, draft: _Draft, hooks: Sequence[str]) -> Iterator[Base]:
    for node in draft.bases:
        if text(node, "hook") in hooks:
            policy = Verdict.DROP if text(node, "policy") == "drop" else Verdict.ACCEPT
            hook = text(node, "hook")
            rewrites = text(node, "type") == "nat" and hook == "output"
            yield Base(text(node, "name"), policy, document.locate(node), order_of(hook, text(node, "prio")), rewrites)


def _rules(document: Document, node: Node, words: Vocabulary, maps: Mapping[str, Choices]) -> Iterator[FilterRule]:
    expressions = node.get("expr")
    parts = [
        p for e in (expressions.items if expressions is not None else ()) for k, v in e.entries for p in _part(k.text, v, maps)
    ]
    shown = "; ".join(_shown(e) for e in (expressions.items if expressions is not None else ()))
    yield from rules_of(parts, words, shown, document.locate(node))


def _part(kind: str, node: Node, maps: Mapping[str, Choices]) -> Iterator[Part]:
    if kind in VERDICTS or kind in ("jump", "goto"):
        yield verdict(kind, text(node, "target"))
    elif kind in ELSEWHERE:
        to = _rewriting(kind, node)
        yield Ending(Verdict.UNREAD, kind) if to is None else Ending(Verdict.REWRITE, kind, to)
    elif kind == "match":
        yield _match(node)
    elif kind == "vmap":
        yield _vmap(node, maps)
    elif kind not in _GOES_ON:
        yield Open(f"{kind} {_shown(node)}".strip())


def _rewriting(kind: str, node: Node) -> Rewriting | None:
    """Return where ``dnat`` or ``redirect`` leads, ``None`` where that is not written out."""
    port = node.get("port")
    ports = next(iter(_elements(port)), ("?",)) if port is not None else ("",)
    if kind == "redirect":
        return redirected_to("".join(ports))
    address = node.get("addr")
    found = next(iter(_elements(address)), ()) if address is not None else ("",)
    if (
        kind != "dnat"
        or len(found) != 1
        or len(ports) != 1
        or any(k.text not in ("addr", "port", "family", "flags") for k, _ in node.entries)
    ):
        return None
    if not found[0]:
        return rewritten_to(f":{ports[0]}", None)
    shown = f"[{found[0]}]" if ":" in found[0] and "-" not in found[0] else found[0]
    return rewritten_to(f"{shown}:{ports[0]}" if ports[0] else found[0], None)


def _match(node: Node) -> Part:
    left, right, sign = node.get("left"), node.get("right"), text(node, "op")
    shown = _shown(node)
    if left is None or right is None or sign not in ("==", "!=", "in", "<", ">", "<=", ">="):
        return Open(shown)
    masked = left.get("&")
    if masked is not None and len(masked.items) == 2 and _keys(masked.items[0]) == ("tcp flags",):  # noqa: PLR2004
        return Flags(_texts(masked.items[1]), tuple(t for t in _texts(right) if t != "0"), sign == "!=")
    keys, elements = _keys(left), tuple(_elements(right))
    if keys == ("tcp flags",) and sign == "in":
        return Flags(_texts(right), (), negated=True)
    elements = tuple(compared(sign, elements)) if sign[0] in "<>" else elements
    if not keys or not elements or keys == ("tcp flags",):
        return Open(shown)
    return Asked(keys, elements, shown, sign == "!=")


def _vmap(node: Node, maps: Mapping[str, Choices]) -> Part:
    key, data = node.get("key"), node.get("data")
    keys = _keys(key) if key is not None else ()
    shown = f"{' . '.join(keys)} vmap"
    named = data.text.removeprefix("@") if data is not None else ""
    choices = maps.get(named, ()) if named else _choices(data.get("set") if data is not None else None)
    if not keys or not choices:
        return Mapped((), ((None, Ending(Verdict.UNREAD, f"{shown}: a map that is not supplied or empty")),), shown)
    return Mapped(keys, choices, shown)


def _choices(listed: Node | None) -> Choices:
    found: list[tuple[Element | None, Ending]] = []
    for pair in listed.items if listed is not None else ():
        if len(pair.items) != 2 or not pair.items[1].entries:  # noqa: PLR2004 -- element and verdict
            return ()
        word, target = pair.items[1].entries[0]
        ending = verdict(word.text, text(target, "target"))
        found += [(None if element == ("*",) else element, ending) for element in _elements(pair.items[0])]
    return tuple(found)


def _keys(node: Node) -> tuple[str, ...]:
    """Return the keys that an expression stands for, none when it is more than a field."""
    joined = node.get("concat")
    if joined is not None:
        each = [_keys(item) for item in joined.items]
        return tuple(k[0] for k in each) if all(len(k) == 1 for k in each) else ()
    for kind, found in node.entries:
        reader = _FIELDS.get(kind.text)
        return (reader(found),) if reader is not None else ()
    return ()


def _fib(node: Node) -> str:
    return "fib daddr type" if text(node, "result") == "type" and _texts(node.get("flags")) == ("daddr",) else "fib"


_FIELDS: Mapping[str, Callable[[Node], str]] = {
    "payload": lambda node: f"{text(node, 'protocol')} {text(node, 'field')}",
    "meta": lambda node: plain_key(f"meta {text(node, 'key')}"),
    "ct": lambda node: f"ct {text(node, 'key')}",
    "fib": _fib,
}


def _elements(node: Node) -> Iterator[Element]:
    """Yield the elements of a value: a scalar, a prefix, a range, a list, a set or a concatenation."""
    if node.kind is NodeKind.SCALAR:
        yield (node.text,)
    elif node.kind is NodeKind.SEQUENCE:
        for item in node.items:
            yield from _elements(item)
    for kind, value in node.entries:
        if kind.text == "set":
            yield from _elements(value)
        elif kind.text == "prefix":
            yield (f"{text(value, 'addr')}/{text(value, 'len')}",)
        elif kind.text == "range":
            yield ("-".join(item.text for item in value.items),)
        elif kind.text == "concat":
            yield tuple(e[0] for item in value.items for e in list(_elements(item))[:1])
        elif kind.text == "elem":
            inner = value.get("val")
            yield from _elements(inner) if inner is not None else ()
        else:
            yield (_shown(node),)


def _texts(node: Node | None) -> tuple[str, ...]:
    if node is None:
        return ()
    return tuple(i.text for i in node.items) if node.kind is NodeKind.SEQUENCE else (node.text,)


def _shown(node: Node) -> str:
    """Return an expression in few words."""
    if node.kind is NodeKind.SCALAR:
        return node.text
    if node.kind is NodeKind.SEQUENCE:
        return ", ".join(_shown(item) for item in node.items)
    left, right = node.get("left"), node.get("right")
    if left is not None and right is not None:
        sign = "!= " if text(node, "op") == "!=" else ""
        return f"{' . '.join(_keys(left)) or _shown(left)} {sign}{_shown(right)}"
    return " ".join(f"{key.text} {_shown(value)}".strip() for key, value in node.entries)
