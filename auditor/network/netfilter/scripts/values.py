"""Variables of a script and what its words expand to. Source: POSIX.1-2024, Shell Command Language, 2.5 and 2.6.

A value that the script does not show (from outside, from what a program prints) is ``None``; a word with such a part is open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from auditor.documents import Node, NodeKind

Value = str | tuple[str | None, ...] | None
_POSITIONAL = ("@", "*", "#", *(str(n) for n in range(1, 10)))
_ROOT = {"EUID": "0", "UID": "0"}
"""A script whose commands on the packet filter succeed is run by root."""


@dataclass(frozen=True, slots=True)
class Field:
    """One argument of a command."""

    text: str
    """Its value; how the script says it where that is not known."""
    known: bool
    node: Node

    def as_word(self) -> Node:
        """Return it as a word of a rule; an open one is null, and decides nothing."""
        return Node(NodeKind.SCALAR if self.known else NodeKind.NULL, self.node.line, self.node.column, text=self.text)


@dataclass(slots=True)
class Variables:
    """What is known of variables at one moment."""

    values: dict[str, Value] = field(default_factory=lambda: dict[str, Value](_ROOT))

    def copy(self) -> Variables:
        """Return a copy, as a subshell has one."""
        return Variables(dict(self.values))

    def positional(self) -> dict[str, Value]:
        """Return the positional parameters."""
        return {name: self.values.get(name) for name in _POSITIONAL}

    @staticmethod
    def arguments(fields: Sequence[Field]) -> dict[str, Value]:
        """Return the positional parameters that ``fields`` make; those beyond them are empty."""
        each = [f.text if f.known else None for f in fields]
        return {
            **dict.fromkeys(_POSITIONAL, ""), "@": tuple(each), "*": tuple(each), "#": str(len(each)),
            **{str(n): v for n, v in enumerate(each, 1)},
        }  # fmt: skip

    def assign(self, name: str, value: Value) -> None:
        """Set a variable; ``NAME+`` adds to it, and an element of an array leaves the array open."""
        plain = name.rstrip("+").partition("[")[0]
        before = self.values.get(plain)
        if "[" in name or (name.endswith("+") and type(before) is not type(value)):
            self.values[plain] = None
        elif name.endswith("+") and isinstance(before, str) and isinstance(value, str):
            self.values[plain] = before + value
        elif name.endswith("+") and isinstance(before, tuple) and isinstance(value, tuple):
            self.values[plain] = (*before, *value)
        else:
            self.values[plain] = value

    def expand(self, word: Node, commands: Callable[[Node], str | None]) -> list[Field]:
        """Return the arguments that a word makes; ``commands`` takes in a substitution and returns what it prints, if known."""
        if word.kind is NodeKind.SCALAR:
            return [Field(word.text, known=True, node=word)]
        parts = [p for p in _parts(word) if not (p.kind is NodeKind.SCALAR and not p.text)]
        quoted_empty = len(parts) < len(_parts(word))
        if len(parts) == 1 and parts[0].kind is not NodeKind.SCALAR:
            return self._alone(parts[0], word, commands, quoted=quoted_empty)
        texts = [self.piece(part, commands) for part in parts]
        known = all(text is not None for text in texts)
        return [Field("".join(t if t is not None else shown(p) for t, p in zip(texts, parts, strict=True)), known, word)]

    def _alone(self, part: Node, word: Node, commands: Callable[[Node], str | None], *, quoted: bool) -> list[Field]:
        """Return the arguments of a word that is one expansion: the elements of an array, or the words of a text."""
        name = _name(part)
        found = self.values.get(name)
        several = name in ("@", "*") or name.endswith(("[@]", "[*]"))
        if several:
            found = self.values.get(name.partition("[")[0])
            whole = quoted or (v := part.get("variable")) is None or v.quoted
            if isinstance(found, tuple):
                plain = [t if t is not None and (whole or t.split() == [t]) else None for t in found]
                return [Field(t if t is not None else shown(part), t is not None, word) for t in plain]
            return [Field(shown(part), known=False, node=word)]
        text = found if isinstance(found, str) else self.piece(part, commands)
        if text is None:
            return [Field(shown(part), known=False, node=word)]
        if quoted or ((variable := part.get("variable")) is not None and variable.quoted):
            return [Field(text, known=True, node=word)]
        if any(c in text for c in "*?[") or ("IFS" in self.values and text.split() != [text]):
            return [Field(shown(part), known=False, node=word)]
        return [Field(each, known=True, node=word) for each in text.split()]

    def piece(self, part: Node, commands: Callable[[Node], str | None]) -> str | None:
        """Return what one part of a word stands for, ``None`` where that is not known, or may be several words."""
        if part.kind is NodeKind.SCALAR:
            return part.text
        inner = part.get("commands")
        if inner is not None:
            return commands(inner)
        variable = part.get("variable")
        if variable is None:
            return None
        found = self.values.get(variable.text)
        if not isinstance(found, str):
            return None
        return found if variable.quoted or (found.split() == [found] and not any(c in found for c in "*?[")) else None


def assigned(word: Node, variables: Variables, commands: Callable[[Node], str | None]) -> Value:
    """Return the value that an assignment gives: no splitting, a list for an array."""
    if word.kind is NodeKind.SEQUENCE:
        fields = [f for item in word.items for f in variables.expand(item, commands)]
        return tuple(f.text if f.known else None for f in fields)
    if word.kind is NodeKind.SCALAR:
        return word.text
    texts = [variables.piece(_as_quoted(part), commands) for part in _parts(word)]
    return "".join(t for t in texts if t is not None) if all(t is not None for t in texts) else None


def shown(part: Node) -> str:
    """Return how the script says a part of a word, in short."""
    unknown = part.get("unknown")
    if part.kind is NodeKind.SCALAR:
        return part.text
    if part.get("commands") is not None:
        return "$(…)"
    return unknown.text if unknown is not None else f"${_name(part)}"


def _as_quoted(part: Node) -> Node:
    variable = part.get("variable")
    if variable is None:
        return part
    return replace(part, entries=((part.entries[0][0], replace(variable, quoted=True)),))


def _parts(word: Node) -> tuple[Node, ...]:
    joined = word.get("joined")
    return joined.items if joined is not None else ()


def _name(part: Node) -> str:
    variable = part.get("variable")
    return variable.text if variable is not None else ""
