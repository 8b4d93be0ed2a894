"""Commands of ipset, nft and iptables-restore, by their pages of the manual, and what they do to the packet filter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from auditor.documents import DocumentKind, Node, NodeKind
from auditor.documents.nftables_reader import parse_nftables
from auditor.documents.source import FaultError
from auditor.documents.words_reader import parse_words
from auditor.facts.truth import Truth
from auditor.network.netfilter.nftables_files import Spliced
from auditor.network.netfilter.scripts.iptables_command import run_iptables
from auditor.network.netfilter.scripts.state import FilterState, SetState
from auditor.network.netfilter.scripts.values import Field

_SHOWS = frozenset({"list", "-L", "save", "-S", "test", "-T", "-n", "-v", "version", "help", "-l"})
_LONG = {"-N": "create", "-A": "add", "-F": "flush", "-X": "destroy", "-D": "del"}
_ELEMENT = 2
"""How many words stand before the options of ``add``: a set and an element."""


def run_ipset(state: FilterState, fields: Sequence[Field], doubt: str) -> Truth:
    """Do a command of ipset."""
    words = [f for f in fields if f.text not in ("-exist", "-!", "-q", "-quiet")]
    verb = _LONG.get(words[0].text, words[0].text) if words and words[0].known else ""
    name = words[1] if len(words) > 1 else None
    if verb in _SHOWS:
        return Truth.UNKNOWN
    if verb not in ("create", "add", "flush", "destroy") or (name is not None and not name.known):
        state.lose_sets(doubt or f"what ipset {' '.join(f.text for f in fields)} does")
    elif name is None:
        for one in tuple(state.sets):
            _flush(state, one, doubt)
    elif verb == "create":
        _create(state, name.text, words, doubt, again=len(words) < len(fields))
    elif verb == "add":
        _add(state, name.text, words, doubt)
        return Truth.YES
    else:
        _flush(state, name.text, doubt)
    return Truth.UNKNOWN


def _create(state: FilterState, name: str, words: Sequence[Field], doubt: str, *, again: bool) -> None:
    """Take in a new set; one that is there already stays as it is, whether the command fails or not."""
    if name in state.sets and (again or state.sets[name].elements):
        return
    texts = [f.text for f in words]
    why = doubt
    if any(not f.known for f in words) or {"netmask", "bitmask", "timeout"} & set(texts):
        why = why or f"what is in it: ipset {' '.join(texts)}"
    state.sets[name] = SetState(texts[2] if len(texts) > _ELEMENT else "", open=why or state.sets_lost)


def _add(state: FilterState, name: str, words: Sequence[Field], doubt: str) -> None:
    one = state.sets.setdefault(name, SetState("", open="the set is not created here"))
    element = words[2] if len(words) > _ELEMENT else None
    options = any(f.text in ("nomatch", "timeout") or not f.known for f in words[3:])
    if doubt or element is None or not element.known or options:
        one.open = one.open or doubt or f"it is filled at run time: ipset {' '.join(f.text for f in words)}"
    else:
        one.elements.append(tuple(element.text.split(",")))


def _flush(state: FilterState, name: str, doubt: str) -> None:
    one = state.sets.get(name)
    if one is None:
        return
    if doubt:
        one.open = one.open or doubt
    else:
        state.sets[name] = SetState(one.kind)


def run_nft(state: FilterState, fields: Sequence[Field], given: Node | None, node: Node, doubt: str) -> Truth:
    """Do a command of nft: its words, or the here-document that it reads."""
    state.uses_nftables = True
    words = [f for f in fields if f.text not in ("-a", "-n", "-j", "-s", "-e", "-nn", "--handle", "--echo")]
    texts = [f.text for f in words]
    if texts[:1] in (["list"], ["monitor"], ["-v"], ["--version"]) or texts[:1] == ["-c"] or "list" in texts[:1]:
        return Truth.UNKNOWN
    loaded = _loaded(state, words[1]) if texts[:1] in (["-f"], ["--file"]) and len(words) == 2 and not doubt else None  # noqa: PLR2004
    if loaded is not None:
        found: tuple[Node, ...] | None = tuple(_moved(i, lambda _: (node.line, node.column)) for i in loaded)
        return _set(state, found, texts, node, doubt)
    if texts[:1] == ["-f"] or texts[:1] == ["--file"]:
        from_here = texts[1:] in (["-"], ["/dev/stdin"]) and given is not None and given.kind is NodeKind.SCALAR
        text, line = (given.text, given.line) if from_here and given is not None else (None, 0)
    else:
        text, line = (" ".join(texts) if all(f.known for f in words) else None), 0
    found = _statements(text, node, line) if text is not None and not doubt else None
    return _set(state, found, texts, node, doubt)


def _loaded(state: FilterState, path: Field) -> tuple[Node, ...] | None:
    """Return the statements of the file that ``nft -f`` loads, ``None`` where it is not among the inputs."""
    files = state.files(path.text, DocumentKind.NFTABLES) if path.known else ()
    if not files:
        return None
    whole = Spliced(files[0], state.documents)
    state.loaded += [files[0], *whole.included]
    return whole.root.items


def _set(state: FilterState, found: tuple[Node, ...] | None, texts: Sequence[str], node: Node, doubt: str) -> Truth:
    """Take in statements of nftables, ``None`` for what is not known."""
    if found is None:
        state.nftables_lost = (doubt or f"what nft {' '.join(texts)} does", node)
        _flushed(state, node)
        return Truth.YES
    for statement in found:
        if [w.text for w in statement.items[:2]] == ["flush", "ruleset"]:
            state.nftables_lost = None
            _flushed(state, node)
        state.statements.append(statement)
    return Truth.YES


def _flushed(state: FilterState, node: Node) -> None:
    """Take in that rules of iptables may be gone: where it is made of nftables, they are part of the rule set."""
    for table in state.tables.values():
        if table.lost is None and any(c.lines or c.policy != "ACCEPT" for c in table.chains.values()):
            table.lose("nft may have flushed the rules of iptables too", node)


def _statements(text: str, node: Node, line: int) -> tuple[Node, ...] | None:
    """Return the statements of nftables in a text, at their lines of the script; ``None`` where it is none."""
    try:
        (parsed,) = parse_nftables(text)
    except FaultError:
        return None
    return tuple(
        _moved(item, lambda n: (n.line + line - 1, n.column) if line else (node.line, node.column)) for item in parsed.root.items
    )


def run_restore(
    state: FilterState,
    families: tuple[int, ...],
    fields: Sequence[Field],
    given: Node | Field | None,
    node: Node,
    doubt: str,
) -> Truth:
    """Do what iptables-restore reads from a here-document or a file among the inputs; what it reads elsewhere is not known."""
    keeps = any(f.text in ("-n", "--noflush") for f in fields)
    plain = [f for f in fields if not f.text.startswith("-")]
    source = plain[0] if given is None and len(plain) == 1 and len(plain) + keeps == len(fields) else given
    lines: tuple[Node, ...] | None = None
    if not doubt and all(f.known for f in fields):
        lines = _saved(state, source, node) if isinstance(source, Field) else _here(source)
    if lines is None:
        for table in state.of(families):
            table.lose(doubt or "the rules that iptables-restore reads are not in the script and not among the inputs", node)
        return Truth.YES
    name = ""
    for at in lines:
        words = [w.text for w in at.items if not w.text.startswith("[")]
        name = words[0][1:] if words[0].startswith("*") else name
        _restored(state, families, name, words, at, keeps=keeps)
    return Truth.YES


def _here(given: Node | None) -> tuple[Node, ...] | None:
    """Return the lines of a here-document at their places in the script, ``None`` where there is none that is understood."""
    if given is None or given.kind is not NodeKind.SCALAR:
        return None
    try:
        (parsed,) = parse_words(given.text)
    except FaultError:
        return None
    return tuple(_moved(item, lambda n: (n.line + given.line - 1, n.column)) for item in parsed.root.items)


def _saved(state: FilterState, path: Field, node: Node) -> tuple[Node, ...] | None:
    """Return the lines of a file among the inputs, at the place of the command that loads it."""
    files = state.files(path.text, DocumentKind.IPTABLES)
    state.loaded += files
    return tuple(_moved(item, lambda _: (node.line, node.column)) for item in files[0].root.items) if files else None


def _restored(state: FilterState, families: tuple[int, ...], name: str, words: list[str], at: Node, *, keeps: bool) -> None:
    if words[0].startswith("#") or words[0] == "COMMIT":
        return
    if words[0].startswith("*"):
        for table in state.of(families, name) if not keeps else ():
            table.flush("", "")
    elif words[0].startswith(":"):
        if len(words) > 1 and words[1] != "-":
            for table in state.of(families, name):
                chain = table.chain(words[0][1:])
                chain.policy, chain.place, chain.doubt = words[1], at, ""
    else:
        fields = [Field(t, known=True, node=at) for t in ("-t", name, *words)]
        run_iptables(state, families, fields, at, "")


def _moved(node: Node, place: Callable[[Node], tuple[int, int]]) -> Node:
    line, column = place(node)
    return replace(node, line=line, column=column, items=tuple(_moved(i, place) for i in node.items))
