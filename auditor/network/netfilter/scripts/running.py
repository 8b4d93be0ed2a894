"""What a script does to the packet filter, followed command by command without running any.

What is not decided (a condition, a loop over what a program prints, an end that may come early) leaves what depends on it in
doubt, with the line that says why; a command that may do anything leaves everything open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from auditor.documents import Node, NodeKind
from auditor.facts.truth import Truth
from auditor.network.netfilter.scripts import programs
from auditor.network.netfilter.scripts.compound import COMPOUND
from auditor.network.netfilter.scripts.iptables_command import run_iptables
from auditor.network.netfilter.scripts.other_commands import run_ipset, run_nft, run_restore
from auditor.network.netfilter.scripts.shell_commands import SHELL_COMMANDS
from auditor.network.netfilter.scripts.state import FilterState
from auditor.network.netfilter.scripts.testing import decided_test
from auditor.network.netfilter.scripts.values import Field, Variables, assigned

MOST_COMMANDS = 20_000
"""Commands followed in one script: loops in loops could stand for any number."""
_DEEPEST = 12
_CHANGES = re.compile(r"=|\+\+|--")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_NOTHING = Node(NodeKind.SEQUENCE, 0, 0)


@dataclass(slots=True)
class Run:
    """One script under way."""

    state: FilterState
    variables: Variables = field(default_factory=Variables)
    functions: dict[str, Node | None] = field(default_factory=dict)
    """By name; ``None`` where it is not decided which one counts."""
    stops_at_failure: bool = False
    doubt: str = ""
    """Why what is done now may not be done at all."""
    left: str = ""
    """Why the rest of the function may not be done."""
    lasting: str = ""
    """Why nothing from here on may be done."""
    ended: bool = False
    guarded: int = 0
    """How many conditions stand around: a failure there ends nothing."""
    depth: int = 0
    commands: int = 0
    later: list[tuple[str, Node]] = field(default_factory=list)
    """What may change everything at a time that is not known: background jobs, traps."""
    variants: set[str] = field(default_factory=set)
    """Kinds of iptables that the script calls: legacy, nft, or whichever the host has."""
    locals: set[str] = field(default_factory=set)
    """Variables of the function under way alone."""

    def script(self, root: Node) -> None:
        """Follow a whole script."""
        self.block(root.items)
        for why, node in self.later:
            self.state.lose(why, node)

    @property
    def why(self) -> str:
        """Return why a command may not be done; empty when it surely is."""
        return self.doubt or self.left or self.lasting

    @property
    def unsure(self) -> bool:
        """Return whether what is assigned now may not be there when something later asks for it."""
        return bool(self.doubt or self.left)

    def block(self, statements: Sequence[Node]) -> Truth:
        """Follow statements in their order; return whether the last one succeeds."""
        result = Truth.YES
        for statement in statements:
            if self.ended:
                break
            result = self.statement(statement)
        return result

    @contextmanager
    def doubting(self, why: str) -> Iterator[None]:
        """Take what is followed inside as something that may not be done."""
        before, self.doubt = self.doubt, self.doubt or why
        yield
        self.doubt = before
        if self.ended:
            # It may have ended there, and it may have gone on.
            self.ended, self.lasting = False, self.lasting or why

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Follow what is inside as a subshell: its variables and its end are its own."""
        kept = (self.variables, self.ended, self.lasting, self.stops_at_failure)
        self.variables = self.variables.copy()
        yield
        self.variables, self.ended, self.lasting, self.stops_at_failure = kept

    def statement(self, node: Node) -> Truth:
        """Follow one statement; return whether it succeeds."""
        self.commands += 1
        if self.commands > MOST_COMMANDS:
            self.state.lose("its loops stand for too many commands", node)
            self.ended = True
            return Truth.UNKNOWN
        for side in ("from", "into"):
            given = node.get(side)
            for word in given.items if given is not None else ():
                self.fields([word])
        first = node.entries[0][0].text
        return COMPOUND[first](self, node) if first in COMPOUND else self._simple(node)

    def fields(self, words: Sequence[Node]) -> list[Field]:
        """Return the arguments that words make; what stands in substitutions is followed on the way."""
        return [f for word in words for f in self.variables.expand(self._noted(word), self._substituted)]

    def _noted(self, word: Node) -> Node:
        joined = word.get("joined")
        for part in joined.items if joined is not None else ():
            unknown = part.get("unknown")
            if unknown is not None:
                self.unread(unknown)
        for item in word.items:
            self._noted(item)
        return word

    def unread(self, source: Node) -> None:
        """Take in source that is not read: it may give variables other values, or start something."""
        if programs.NAMES_FILTER.search(source.text):
            self.state.lose(f"what {source.text} does (line {source.line})", source)
        if _CHANGES.search(source.text):
            self.variables.values |= dict.fromkeys(_IDENTIFIER.findall(source.text))

    def _substituted(self, commands: Node) -> str | None:
        with self.apart():
            self.guarded += 1
            self.block(commands.items)
            self.guarded -= 1
        words = [w.text for w in (commands.items[0].get("run") or _NOTHING).items] if len(commands.items) == 1 else []
        return "0" if words == ["id", "-u"] else None

    def _simple(self, node: Node) -> Truth:
        given = node.get("set")
        words = node.get("run")
        fields = self.fields(words.items if words is not None else ())
        for name, word in given.entries if given is not None else ():
            value = assigned(self._noted(word), self.variables, self._substituted)
            if not fields:
                self.variables.assign(name.text, None if self.unsure else value)
            elif fields[0].text in self.functions:
                self.variables.assign(name.text, None)
        if not fields:
            fallible = given is not None and any(_substitutes(word) for _, word in given.entries)
            return self.fallible(node, "a command substitution") if fallible else Truth.YES
        return self.call(fields, node)

    def call(self, fields: Sequence[Field], node: Node) -> Truth:
        """Follow a call of a program, a function or a command of the shell."""
        name = programs.base_name(fields[0].text) if fields[0].known else ""
        if name in self.functions:
            return self._function(name, fields[1:], node)
        if name in programs.STARTERS and len(fields) > 1:
            rest = fields[1:]
            while rest and rest[0].text in ("-n", "-E", "-H", "--") and name in ("sudo", "doas", "command"):
                rest = rest[1:]
            if rest and name == "command" and rest[0].text in ("-v", "-V"):
                return Truth.UNKNOWN
            return self.call(rest, node) if rest else Truth.UNKNOWN
        if name in programs.FAMILIES_OF or name in programs.RESTORES or name in ("ipset", "nft"):
            return self._filter(name, fields, node)
        return self._other(name, fields, node)

    def _filter(self, name: str, fields: Sequence[Field], node: Node) -> Truth:
        given, rest = node.get("given"), fields[1:]
        if name == "ipset":
            return run_ipset(self.state, rest, self.why)
        path = self._read_from(node)
        if name == "nft":
            return run_nft(self.state, rest, given, node, self.why)
        self.variants.add(name.removesuffix("-restore").removeprefix("ip6tables").removeprefix("iptables"))
        if len(self.variants) > 1:
            self.state.lose("which of the two kinds of iptables, legacy or nft, each command sets", node)
        if name in programs.RESTORES:
            return run_restore(self.state, programs.RESTORES[name], rest, given or path, node, self.why)
        return run_iptables(self.state, programs.FAMILIES_OF[name], rest, node, self.why)

    def _read_from(self, node: Node) -> Field | None:
        """Return the file that a command reads, as ``< FILE`` says; ``None`` where it says none, or more than one."""
        source = node.get("from")
        words = self.fields(source.items) if source is not None else []
        return words[0] if len(words) == 1 and words[0].known else None

    def _other(self, name: str, fields: Sequence[Field], node: Node) -> Truth:
        shown = " ".join(f.text for f in fields)
        if name in SHELL_COMMANDS:
            return SHELL_COMMANDS[name](self, fields, node)
        if name in ("test", "[", "[["):
            found = decided_test(fields)
            return found if found is not Truth.UNKNOWN else self.fallible(node, shown)
        if name in programs.QUIET:
            return Truth.YES if name in programs.CANNOT_FAIL else self.fallible(node, shown)
        named = any(programs.NAMES_FILTER.search(f.text) for f in fields[1:])
        if name in programs.HARMLESS and not named and not (name == "ip" and "exec" in shown) and name != "timeout":
            return self.fallible(node, shown)
        self.state.lose(f"what {shown} does (line {node.line})", node)
        return self.fallible(node, shown)

    def fallible(self, node: Node, shown: str) -> Truth:
        """Take in that a command may fail, which ends a script that ends at the first failure."""
        if self.stops_at_failure and not self.guarded:
            self.lasting = self.lasting or f"the script ends at line {node.line} where {shown} fails"
        return Truth.UNKNOWN

    def _function(self, name: str, fields: Sequence[Field], node: Node) -> Truth:
        body = self.functions[name]
        if self.depth >= _DEEPEST or body is None:
            self.state.lose(f"what the function {name} does (line {node.line})", node)
            return Truth.UNKNOWN
        kept = (self.left, self.locals, self.variables.positional())
        self.locals, self.depth = set(), self.depth + 1
        self.variables.values |= self.variables.arguments(fields)
        result = self.block(body.items)
        self.variables.values |= dict.fromkeys(self.locals)
        result = Truth.UNKNOWN if self.left != kept[0] else result
        self.left, self.locals, before = kept
        self.variables.values |= before
        self.depth -= 1
        return result

    def assignments(self, fields: Sequence[Field]) -> None:
        """Take in ``export NAME=value`` and its like."""
        for each in fields:
            name, equals, value = each.text.partition("=")
            if self.depth and name.isidentifier():
                self.locals.add(name)
            if equals and name.isidentifier():
                self.variables.assign(name, value if each.known and not self.unsure else None)

    def forget(self, fields: Sequence[Field]) -> None:
        """Take in that a command gives variables a value that is not known."""
        for each in fields:
            if each.text.isidentifier():
                self.variables.values[each.text] = None


def _substitutes(word: Node) -> bool:
    return any(node.get("commands") is not None for _, node in word.walk())
