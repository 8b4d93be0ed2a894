"""One command of iptables or ip6tables, and what it does to the tables. Source: iptables(8), "Commands".

A command that is in doubt leaves what it touches in doubt; one that is not understood leaves its table open.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from auditor.documents import Node, NodeKind
from auditor.facts.truth import Truth
from auditor.network.netfilter.scripts.state import FilterState, Line, TableState
from auditor.network.netfilter.scripts.values import Field

_COMMANDS = {
    "-A": "append", "--append": "append", "-I": "insert", "--insert": "insert", "-D": "delete", "--delete": "delete",
    "-R": "replace", "--replace": "replace", "-F": "flush", "--flush": "flush", "-P": "policy", "--policy": "policy",
    "-N": "new", "--new-chain": "new", "-X": "none", "--delete-chain": "none", "-Z": "none", "--zero": "none", "-L": "none",
    "--list": "none", "-S": "none", "--list-rules": "none", "-C": "check", "--check": "check",
}  # fmt: skip
_LISTS = re.compile(r"-[nvx]*[LS][nvx]*")
_QUIET = frozenset({"-n", "-v", "-x", "--numeric", "--verbose", "--exact", "--line-numbers", "-w", "--wait"})
_ATTACHED = re.compile(r"(--(?:table|wait|append|insert|delete|flush|policy))=(.*)|(-[tAIDRFPNXC])([^-].*)")


@dataclass(frozen=True, slots=True)
class Command:
    """One call."""

    table: str
    """Empty: not known."""
    name: str
    """Empty: not understood."""
    rest: tuple[Field, ...]
    """What is left without the table and the command's own name: a chain, a rule."""


def parse_command(fields: Sequence[Field]) -> Command:
    """Return what the arguments of a call say."""
    table, name, at = "filter", "", 0
    rest: list[Field] = []
    words = [part for f in fields for part in _parted(f)]
    while at < len(words):
        word = words[at]
        text = word.text if word.known else ""
        at += 1
        if text in ("-t", "--table"):
            table = words[at].text if at < len(words) and words[at].known else ""
            at += 1
        elif text in _COMMANDS and not name:
            name = _COMMANDS[text]
        elif not name and _LISTS.fullmatch(text):
            name = "none"
        elif text in _QUIET:
            at += text in ("-w", "--wait") and at < len(words) and words[at].text.isdecimal()
        else:
            rest.append(word)
    return Command(table, name, tuple(rest))


def run_iptables(state: FilterState, families: tuple[int, ...], fields: Sequence[Field], node: Node, doubt: str) -> Truth:
    """Do a command; return whether it succeeds, which for most of them is taken for given."""
    command = parse_command(fields)
    shown = " ".join(f.text for f in fields)
    if command.name == "none":
        return Truth.UNKNOWN
    if not command.name or not command.table or any(not f.known for f in command.rest[:1]):
        for table in state.of(families, command.table):
            table.lose(doubt or f"what the command {shown} does", node)
        return Truth.UNKNOWN
    results = [_run(table, command, node, doubt) for table in state.of(families, command.table)]
    return results[0] if len(set(results)) == 1 else Truth.UNKNOWN


def _run(table: TableState, command: Command, node: Node, doubt: str) -> Truth:
    name = command.rest[0].text if command.rest else ""
    if command.name == "flush":
        table.flush(name, doubt)
    elif command.name == "new":
        table.chain(name)
        return Truth.UNKNOWN
    elif command.name == "policy":
        _policy(table, command, node, doubt)
    elif command.name in ("append", "insert"):
        _add(table, command, node, doubt)
    elif command.name == "check":
        return _check(table, command)
    else:
        _take(table, command, node, doubt)
        return Truth.UNKNOWN
    return Truth.YES


def _policy(table: TableState, command: Command, node: Node, doubt: str) -> None:
    chain, wanted = table.chain(command.rest[0].text if command.rest else ""), command.rest[1] if len(command.rest) > 1 else None
    if wanted is not None and wanted.known and wanted.text == chain.policy and not chain.doubt:
        chain.place = chain.place or node
    elif doubt or wanted is None or not wanted.known:
        chain.doubt = chain.doubt or doubt or "the policy that is set is not known"
    else:
        chain.policy, chain.place, chain.doubt = wanted.text, node, ""


def _add(table: TableState, command: Command, node: Node, doubt: str) -> None:
    chain, rule = table.chain(command.rest[0].text), command.rest[1:]
    if command.name == "append":
        chain.lines.append(_line(command, rule, node, doubt))
        return
    number = rule[0].text if rule and rule[0].known and rule[0].text.isdecimal() else ""
    at = int(number or 1) - 1
    if at and (at > len(chain.lines) or any(line.doubt for line in chain.lines)):
        table.lose(f"at which place the rule is inserted: {' '.join(f.text for f in command.rest)}", node)
        return
    chain.lines.insert(at, _line(command, rule[1:] if number else rule, node, doubt))


def _take(table: TableState, command: Command, node: Node, doubt: str) -> None:
    """Delete or replace a rule; where it is not found as it is written, any rule of the chain may be it."""
    chain, rule = table.chain(command.rest[0].text), command.rest[1:]
    number = rule[0].text if rule and rule[0].known and rule[0].text.isdecimal() else ""
    if command.name == "replace" or (number and (doubt or any(line.doubt for line in chain.lines))):
        table.lose(f"which rule is replaced or deleted: {' '.join(f.text for f in command.rest)}", node)
        return
    found = [int(number) - 1] if number else [n for n, line in enumerate(chain.lines) if _says(line, rule)]
    if found and not doubt and found[0] < len(chain.lines) and not chain.lines[found[0]].doubt:
        del chain.lines[found[0]]
        return
    why = doubt or f"whether {' '.join(f.text for f in rule)} deletes it"
    chain.lines = [replace(line, doubt=line.doubt or why) for line in chain.lines]


def _check(table: TableState, command: Command) -> Truth:
    chain = table.chain(command.rest[0].text)
    same = [line for line in chain.lines if _says(line, command.rest[1:])]
    if any(not line.doubt for line in same) and table.lost is None:
        return Truth.YES
    return Truth.UNKNOWN if chain.lines or table.lost is not None else Truth.NO


def _line(command: Command, rule: Sequence[Field], node: Node, doubt: str) -> Line:
    chain = command.rest[0].node
    head = [replace(chain, kind=NodeKind.SCALAR, text=t, entries=(), items=()) for t in ("-A", command.rest[0].text)]
    return Line((*head, *(f.as_word() for f in rule)), node, doubt)


def _says(line: Line, rule: Sequence[Field]) -> bool:
    return all(f.known for f in rule) and [w.text for w in line.words[2:]] == [f.text for f in rule]


def _parted(field: Field) -> tuple[Field, ...]:
    """Return an argument with the value apart that is written onto it."""
    match = _ATTACHED.fullmatch(field.text) if field.known else None
    if match is None:
        return (field,)
    return (replace(field, text=match[1] or match[3]), replace(field, text=match[2] or match[4]))
