"""Sets of addresses as ``ipset save`` writes them: what was in them at that moment (facts H2). Source: ipset(8)."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.documents import Document
from auditor.network.netfilter.terms import Element, NamedSet

MOVES = frozenset({"--add-set", "--del-set", "--map-set"})
"""Options of the target ``SET``, which changes what is in a set."""
_READ = frozenset({"hash:ip", "hash:net", "bitmap:ip", "hash:ip,port", "hash:net,port"})


def read_sets(documents: Sequence[Document]) -> dict[str, NamedSet]:
    """Return the sets of all documents by name; one of a type that is not read, or whose elements expire, is open."""
    kinds: dict[str, str] = {}
    open_points: dict[str, str] = {}
    elements: dict[str, list[Element]] = {}
    for document in documents:
        for line in document.root.items:
            words = [word.text for word in line.items]
            if words[0] == "create" and len(words) > 2:  # noqa: PLR2004 -- create NAME TYPE
                kinds[words[1]] = words[2]
                open_points[words[1]] = _why_open(words)
                elements.setdefault(words[1], [])
            elif words[0] == "add" and len(words) > 2:  # noqa: PLR2004 -- add NAME ELEMENT
                elements.setdefault(words[1], []).append(tuple(words[2].split(",")))
                if "nomatch" in words:
                    open_points[words[1]] = "it has elements marked nomatch"
            elif not words[0].startswith("#"):
                open_points |= dict.fromkeys(words[1:], f"the command {words[0]} changes it")
    return {
        name: NamedSet(tuple(found), unread_kind(kinds.get(name, "")) or open_points.get(name, ""))
        for name, found in elements.items()
    }


def _why_open(words: Sequence[str]) -> str:
    if {"netmask", "bitmask"} & set(words):
        return "its elements stand for whole networks (netmask)"
    limit = words[words.index("timeout") + 1] if "timeout" in words[:-1] else "0"
    return "" if limit == "0" else "its elements expire"


def unread_kind(kind: str) -> str:
    """Return why the elements of a set of some type are not read, nothing where they are."""
    if kind in _READ:
        return ""
    return f"a set of type {kind} is not read" if kind else "the set is not created here"
