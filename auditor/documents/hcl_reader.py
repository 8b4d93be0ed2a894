"""HCL (Terraform, Packer, Nomad) to located trees, shaped as Terraform's own JSON syntax shapes them.

``resource "a" "b" { … }`` stands at ``resource.a.b[0]``, and a nested block at ``name[0]``: a block may always be repeated.
Literal strings, numbers and booleans are scalars, tuples and objects are sequences and mappings. Everything else is an
expression: a scalar ``${…}`` with the source as written (Terraform, "JSON Configuration Syntax"), for whoever can evaluate it;
but ``yamlencode`` of an object or tuple stands as that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auditor.documents.build import Builder, Parsed
from auditor.documents.grammar import Grammar, Syntax
from auditor.documents.source import FaultError
from auditor.documents.tree import Node

if TYPE_CHECKING:
    from auditor.documents.grammar import SyntaxNode

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_UNICODE = {"u": 4, "U": 8}


@dataclass(slots=True)
class _Body:
    """A block body, or the labels above one, while it grows."""

    start: int
    entries: dict[str, tuple[Node, _Body | _Blocks | Node]] = field(default_factory=dict)


@dataclass(slots=True)
class _Blocks:
    """Bodies of blocks with the same type and labels."""

    start: int
    items: list[_Body] = field(default_factory=list)


def parse_hcl(text: str) -> tuple[Parsed, ...]:
    """Return the one tree of ``text``.

    Raises:
        FaultError: not HCL, an attribute given twice, or too deep.
    """
    builder = Builder.of(text)
    reader = _Reader(builder, Syntax(text, Grammar.HCL))
    return (Parsed(reader.read(), builder.spans),)


class _Reader:
    def __init__(self, builder: Builder, syntax: Syntax) -> None:
        self._builder = builder
        self._syntax = syntax

    def read(self) -> Node:
        root = _Body(0)
        for child in self._syntax.root.named_children:
            if child.type == "body":
                self._body(child, root, 1)
            elif child.type == "object":  # a file of Terraform variables in JSON is no HCL body
                raise FaultError("the file is not valid HCL", "a body of attributes and blocks is expected")
        return self._finished(root, 0)

    def _body(self, node: SyntaxNode, into: _Body, depth: int) -> None:
        self._builder.deep(depth, self._syntax.start(node))
        for child in node.named_children:
            if child.type == "attribute":
                self._attribute(child, into, depth)
            elif child.type == "block":
                self._block(child, into, depth)

    def _attribute(self, node: SyntaxNode, into: _Body, depth: int) -> None:
        key = self._name(node.named_children[0])
        if key.text in into.entries:
            before = into.entries[key.text][0]
            raise FaultError(
                f'the attribute "{key.text}" is given twice',
                f"first at {before.line}:{before.column}",
                "keep one of the two",
                (key.line, key.column),
            )
        value = next(c for c in node.named_children if c.type == "expression")
        into.entries[key.text] = (key, self._expression(value, depth + 1))

    def _block(self, node: SyntaxNode, into: _Body, depth: int) -> None:
        names = [self._name(c) for c in node.named_children if c.type in ("identifier", "string_lit")]
        *above, last = names
        for name in above:
            start = self._builder.spans[name.line, name.column][0]
            _, found = into.entries.setdefault(name.text, (name, _Body(start)))
            if not isinstance(found, _Body):
                raise self._mixed(name)
            into = found
        start = self._syntax.start(node)
        _, blocks = into.entries.setdefault(last.text, (last, _Blocks(start)))
        if not isinstance(blocks, _Blocks):
            raise self._mixed(last)
        body = _Body(start)
        blocks.items.append(body)
        for child in node.named_children:
            if child.type == "body":
                self._body(child, body, depth + len(names) + 1)

    def _mixed(self, name: Node) -> FaultError:
        return FaultError(
            f'"{name.text}" is an attribute and a block, or has different numbers of labels',
            "which of them holds is not established",
            "rename one of them",
            (name.line, name.column),
        )

    def _name(self, node: SyntaxNode) -> Node:
        start, end = self._syntax.start(node), self._syntax.end(node)
        if node.type == "string_lit":
            return self._builder.scalar(start, end, self._literal(node), quoted=True)
        return self._builder.scalar(start, end, self._syntax.of(node))

    def _expression(self, node: SyntaxNode, depth: int) -> Node:
        start, end = self._syntax.start(node), self._syntax.end(node)
        self._builder.deep(depth, start)
        inner = node.named_children[0] if node.named_child_count == 1 else None
        collection = None if inner is None else _encoded(inner, self._syntax)
        if collection is not None:
            return self._collection(collection, depth)
        if inner is not None and inner.type == "literal_value":
            value = inner.named_children[0]
            if value.type == "null_lit":
                return self._builder.null(start, "null")
            if value.type == "string_lit":
                return self._builder.scalar(start, end, self._literal(value), quoted=True)
            return self._builder.scalar(start, end, self._syntax.of(value))
        if inner is not None and inner.type == "template_expr":
            template = inner.named_children[0]
            text = self._template(template)
            return self._builder.scalar(start, end, text, quoted=True)
        return self._builder.scalar(start, end, "${" + self._syntax.of(node) + "}")

    def _collection(self, node: SyntaxNode, depth: int) -> Node:
        start = self._syntax.start(node)
        if node.type == "tuple":
            items = [self._expression(c, depth + 1) for c in node.named_children if c.type == "expression"]
            return self._builder.sequence(start, items)
        entries: list[tuple[Node, Node]] = []
        for element in node.named_children:
            if element.type == "object_elem":
                key, value = [c for c in element.named_children if c.type == "expression"]
                entries.append((self._object_key(key, depth), self._expression(value, depth + 1)))
        return self._builder.mapping(start, entries)

    def _object_key(self, node: SyntaxNode, depth: int) -> Node:
        """Return the key of an object element: a bare name is itself, not a variable."""
        inner = node.named_children[0]
        if node.named_child_count == 1 and inner.type == "variable_expr":
            return self._name(inner.named_children[0])
        return self._expression(node, depth)

    def _template(self, node: SyntaxNode) -> str:
        """Return a template with its interpolations as written; a heredoc without its delimiters and indentation."""
        if node.type == "quoted_template":
            parts = [
                _unescape(self._syntax.of(c)) if c.type == "template_literal" else self._syntax.of(c)
                for c in node.named_children
                if c.type not in ("quoted_template_start", "quoted_template_end")
            ]
            return "".join(parts)
        return _heredoc(self._syntax.of(node))

    def _literal(self, node: SyntaxNode) -> str:
        return "".join(_unescape(self._syntax.of(c)) for c in node.named_children if c.type == "template_literal")

    def _finished(self, body: _Body | _Blocks | Node, depth: int) -> Node:
        if isinstance(body, Node):
            return body
        self._builder.deep(depth, body.start)
        if isinstance(body, _Blocks):
            return self._builder.sequence(body.start, [self._finished(item, depth + 1) for item in body.items])
        return self._builder.mapping(body.start, [(k, self._finished(v, depth + 1)) for k, v in body.entries.values()])


def _encoded(node: SyntaxNode, syntax: Syntax) -> SyntaxNode | None:
    """Return the collection that an expression is, or makes a text of: as a tree each value of ``yamlencode`` has its place."""
    if node.type == "collection_value":
        return node.named_children[0]
    if node.type != "function_call" or syntax.of(node.named_children[0]) != "yamlencode":
        return None
    given = next((c for c in node.named_children if c.type == "function_arguments"), None)
    argument = given.named_children[0] if given is not None and given.named_child_count == 1 else None
    inner = argument.named_children[0] if argument is not None and argument.named_child_count == 1 else None
    return inner.named_children[0] if inner is not None and inner.type == "collection_value" else None


def _heredoc(raw: str) -> str:
    """Return the text of ``<<NAME`` or ``<<-NAME``, whose indentation common to all lines goes (HCL specification)."""
    first, _, rest = raw.partition("\n")
    lines = rest.replace("\r\n", "\n").split("\n")[:-1]
    if first.startswith("<<-"):
        widths = [len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()]
        lines = [line[min(widths, default=0) :] for line in lines]
    return "".join(line + "\n" for line in lines)


def _unescape(raw: str) -> str:
    """Return a quoted literal without its escapes; ``$${`` stays, since it still has to differ from an interpolation."""
    if "\\" not in raw:
        return raw
    parts: list[str] = []
    at = 0
    while at < len(raw):
        letter = raw[at + 1 : at + 2]
        if raw[at] != "\\" or not letter:
            parts.append(raw[at])
            at += 1
        elif letter in _UNICODE:
            digits = raw[at + 2 : at + 2 + _UNICODE[letter]]
            parts.append(chr(int(digits, 16)) if _is_character(digits) else "\ufffd")
            at += 2 + len(digits)
        else:
            parts.append(_ESCAPES.get(letter, letter))
            at += 2
    return "".join(parts)


def _is_character(digits: str) -> bool:
    try:
        code = int(digits, 16)
    except ValueError:
        return False
    return code < 0xD800 or 0xE000 <= code <= 0x10FFFF  # noqa: PLR2004 -- the bounds of Unicode scalar values
