"""Lists, conditions, loops, groups and functions of a script. Source: POSIX.1-2024, Shell Command Language, 2.9."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from auditor.documents import Node, NodeKind
from auditor.facts.truth import Truth
from auditor.network.netfilter.scripts import programs

if TYPE_CHECKING:
    from auditor.network.netfilter.scripts.running import Run

_TWICE = 2
"""How often what may be done any number of times is followed: the second time with what the first left open."""


def _part(node: Node, key: str) -> Node:
    return node.get(key) or Node(NodeKind.SEQUENCE, node.line, node.column)


def _guarded(run: Run, node: Node) -> Truth:
    run.guarded += 1
    result = run.block(node.items) if node.kind is NodeKind.SEQUENCE else run.statement(node)
    run.guarded -= 1
    return result


def _both(run: Run, node: Node) -> Truth:
    return _joined(run, _part(node, "and"), Truth.YES)


def _either(run: Run, node: Node) -> Truth:
    return _joined(run, _part(node, "or"), Truth.NO)


def _joined(run: Run, node: Node, onward: Truth) -> Truth:
    """Run the second of two statements where the first ends with ``onward``, and with doubt where it is not known how it ends."""
    left, right = node.items
    found = _guarded(run, left)
    if run.ended or found not in (onward, Truth.UNKNOWN):
        return found
    if found is onward:
        return run.statement(right)
    with run.doubting(f"whether line {left.line} succeeds"):
        run.statement(right)
    return Truth.UNKNOWN


def _not(run: Run, node: Node) -> Truth:
    found = _guarded(run, _part(node, "not"))
    return {Truth.YES: Truth.NO, Truth.NO: Truth.YES}.get(found, Truth.UNKNOWN)


def _pipe(run: Run, node: Node) -> Truth:
    found = Truth.UNKNOWN
    for part in _part(node, "pipe").items:
        with run.apart():
            found = _guarded(run, part)
    return found if found is Truth.YES else run.fallible(node, "what the pipe joins")


def _behind(run: Run, node: Node) -> Truth:
    if not _quiet(_part(node, "behind")):
        run.later.append((f"what runs in the background from line {node.line} on", node))
    return Truth.YES


def _quiet(node: Node) -> bool:
    """Return whether all that stands in a statement leaves the packet filter alone whenever it is done."""
    known = programs.QUIET | programs.HARMLESS
    calls = [c for _, n in node.walk() if (c := n.get("run")) is not None and c.items]
    named = any(programs.NAMES_FILTER.search(n.text) for _, n in node.walk())
    return not named and all(c.items[0].kind is NodeKind.SCALAR and c.items[0].text in known for c in calls)


def _if(run: Run, node: Node) -> Truth:
    parts = _part(node, "if").items
    before, doubt = run.doubt, ""
    for number in range(0, len(parts) - 1, 2):
        found = _guarded(run, parts[number])
        if run.ended:
            return Truth.UNKNOWN
        if found is Truth.YES:
            result = run.block(parts[number + 1].items)
            run.doubt = before
            return result if not doubt else Truth.UNKNOWN
        if found is Truth.UNKNOWN:
            doubt = f"the condition at line {parts[number].line}"
            with run.doubting(doubt):
                run.block(parts[number + 1].items)
            run.doubt = run.doubt or doubt
    result = run.block(parts[-1].items) if len(parts) % 2 else Truth.YES
    if run.ended and doubt:
        run.ended, run.lasting = False, run.lasting or doubt
    run.doubt = before
    return result if not doubt else Truth.UNKNOWN


def _for(run: Run, node: Node) -> Truth:
    name, before = _part(node, "for").text, run.doubt
    for each in run.fields(_part(node, "in").items):
        if each.known:
            run.variables.assign(name, None if run.unsure else each.text)
            run.block(_part(node, "do").items)
        else:
            with run.doubting(f"the loop at line {node.line} over {each.text}"):
                for _ in range(_TWICE):
                    run.variables.assign(name, None)
                    run.block(_part(node, "do").items)
        if run.ended:
            break
    run.doubt = before
    return Truth.UNKNOWN


def _while(run: Run, node: Node, key: str = "while") -> Truth:
    before = run.doubt
    found = _guarded(run, _part(node, key))
    goes_on, stops = (Truth.YES, Truth.NO) if key == "while" else (Truth.NO, Truth.YES)
    if found is stops or run.ended:
        return Truth.UNKNOWN
    if found is goes_on:
        run.block(_part(node, "do").items)
        run.lasting = run.lasting or f"the loop at line {node.line} may not end"
    with run.doubting(f"the loop at line {node.line}"):
        for _ in range(_TWICE):
            run.block(_part(node, "do").items)
            _guarded(run, _part(node, key))
    run.doubt = before
    return Truth.UNKNOWN


def _until(run: Run, node: Node) -> Truth:
    return _while(run, node, "until")


def _case(run: Run, node: Node) -> Truth:
    run.fields([_part(node, "case")])
    for choice in _part(node, "choices").items:
        with run.doubting(f"the choice at line {choice.line}"):
            run.block(choice.items)
    return Truth.UNKNOWN


def _group(run: Run, node: Node) -> Truth:
    return run.block(_part(node, "group").items)


def _subshell(run: Run, node: Node) -> Truth:
    with run.apart():
        run.block(_part(node, "subshell").items)
    return run.fallible(node, "a subshell")


def _function(run: Run, node: Node) -> Truth:
    name = _part(node, "function").text
    run.functions[name] = None if run.why or name in run.functions else _part(node, "do")
    return Truth.YES


def _unknown(run: Run, node: Node) -> Truth:
    run.unread(_part(node, "unknown"))
    return run.fallible(node, "what stands in parentheses")


COMPOUND: Mapping[str, Callable[[Run, Node], Truth]] = {
    "and": _both, "or": _either, "not": _not, "pipe": _pipe, "behind": _behind, "if": _if, "for": _for, "while": _while,
    "until": _until, "case": _case, "group": _group, "subshell": _subshell, "function": _function, "unknown": _unknown,
}  # fmt: skip
"""By the first key of a statement: how it is followed."""
