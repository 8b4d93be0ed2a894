"""Tree of one entry of ``scopes:`` -> Scope."""

from __future__ import annotations

from auditor.catalog.conditions import parse_condition
from auditor.catalog.reading import Tree
from auditor.catalog.scopes import FoundAt, Replacement, Scope, ScopeKind
from auditor.facts.vocabulary import Party

_NAMED = ("export", "dashboard", "database")


def parse_scope(entry: Tree) -> Scope:
    """Return the scope that ``entry`` describes."""
    return Scope(
        id=entry["id"],
        title=entry["title"],
        kind=ScopeKind(entry["kind"]),
        workload=entry.get("workload", ""),
        needed=parse_condition(entry["needed"]),
        read_when=parse_condition(entry.get("read_when")),
        named_only=entry.get("holds", "named" if entry["kind"] in _NAMED else "any") == "named",
        env_block=entry.get("env_block", ""),
        assigns=tuple(entry.get("assigns", [])),
        presumed_absent=entry.get("presumed") == "absent",
        layered=entry.get("layered") == "yes",
        replaces=tuple(_replacement(r) for r in entry.get("replaces", [])),
        invalid=entry.get("invalid", ""),
        settled_by=tuple(entry.get("settled_by", [])),
        who=Party(entry.get("who", "platform")),
        found_at=_found_at(entry.get("found_at")),
    )


def _found_at(entry: Tree | None) -> FoundAt | None:
    if entry is None:
        return None
    return FoundAt(
        env=entry.get("env", ""),
        flags=tuple(entry.get("flag", [])),
        file=entry.get("file", ""),
        instead_of=entry.get("instead_of", ""),
        content=entry.get("content") == "yes",
    )


def _replacement(entry: Tree) -> Replacement:
    unless = entry.get("unless", {})
    return Replacement(
        scopes=tuple(entry["scopes"]),
        ignoring=tuple(entry.get("ignoring", [])),
        unless=unless.get("key", ""),
        unless_version=unless.get("version", ""),
        env_version=entry.get("but_env", ""),
    )
