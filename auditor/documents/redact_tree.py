"""Applies a ``Redactor`` to parsed trees and to the source lines beside them."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass, field, replace

from auditor.documents.build import Parsed, Position
from auditor.documents.redaction import Redactor
from auditor.documents.secret_names import announces_secret, is_no_secret
from auditor.documents.source import split_lines
from auditor.documents.tree import Node, NodeKind

_COMMENT = re.compile(r"(?:^|\s)(?:#|//|;).*")
_BREAK = re.compile(r"\r\n|\n|\r")
_HOLDERS = frozenset({"value", "data", "content", "contents", "literal", "plaintext", "plainText", "Value", "Default"})
_FUNCTIONS = frozenset({"Fn::Sub", "Fn::Join", "Fn::Base64", "Fn::Select", "Fn::Split", "Fn::If"})
"""Functions of CloudFormation whose texts are parts of the value."""
_MARKED = {"values": "sensitive_values", "after": "after_sensitive", "before": "before_sensitive", "value": "sensitive"}
"""Keys of Terraform's plans and states to the key beside them that says which of their values are sensitive."""
_UNREAD = "unknown"
"""Key of a part of a word that a shell would replace: ``${PASSWORD:-x}``."""
_PARTS = "joined"
"""Key of the parts of one word of a shell script: ``PASSWORD="x$Y"`` has its name in the first of them."""
_SENSITIVE = ("set_sensitive", "value")
"""What a Helm release in Terraform gives as a secret, whatever its name (hashicorp/helm provider)."""
_LABEL = re.compile(r"secret-(?:\d+|[0-9a-f]{12})")


@dataclass(slots=True)
class _Pass:
    redactor: Redactor
    spans: dict[Position, tuple[int, int]]
    changed: dict[Position, str] = field(default_factory=dict)

    def node(self, node: Node, name: str, *, secret: bool = False) -> Node:
        """Return ``node``, standing under the key ``name``; ``secret``: everything below is one."""
        # A here-document in which the shell replaces something is no value, and holds text all the same.
        if node.kind is NodeKind.SCALAR or (node.kind is NodeKind.NULL and "\n" in node.text):
            return self._scalar(node, name, secret=secret)
        if node.kind is NodeKind.MAPPING:
            return self._mapping(node, name, secret=secret)
        if node.kind is NodeKind.SEQUENCE:
            return self._sequence(node, name, secret=secret)
        return node

    def _scalar(self, node: Node, name: str, *, secret: bool) -> Node:
        text = self.redactor.value("password" if secret else name, node.text)
        if text == node.text:
            return node
        self.changed[node.line, node.column] = text
        return replace(node, text=text, redacted=True)

    def _mapping(self, node: Node, name: str, *, secret: bool) -> Node:
        held = _held_under(node)
        whole = _secret_object(node)
        entries: list[tuple[Node, Node]] = []
        for key, value in node.entries:
            below = key.text
            if _holds(key, value):
                below = held or (name if announces_secret(name) else key.text)
            inner = secret or (whole and key.text in ("data", "stringData")) or (name, key.text) == _SENSITIVE
            cleaned = self.node(value, below, secret=inner)
            mark = node.get(_MARKED[key.text]) if key.text in _MARKED else None
            entries.append((self._scalar(key, "", secret=False), cleaned if mark is None else self._conceal(cleaned, mark)))
        if all(a is c and b is d for (a, b), (c, d) in zip(entries, node.entries, strict=True)):
            return node
        return replace(node, entries=tuple(entries))

    def _conceal(self, node: Node, mark: Node) -> Node:
        """Return ``node`` without what a plan of Terraform marks as sensitive, whatever its name."""
        if node.kind is NodeKind.SCALAR:
            return self._scalar(node, "", secret=True) if mark.text == "true" and not node.redacted else node
        below = [(key, value, mark if mark.text == "true" else mark.get(key.text)) for key, value in node.entries]
        entries = tuple((key, value if m is None else self._conceal(value, m)) for key, value, m in below)
        marks = [mark if mark.text == "true" else mark.at(index) for index in range(len(node.items))]
        items = tuple(i if m is None else self._conceal(i, m) for i, m in zip(node.items, marks, strict=True))
        return replace(node, entries=entries, items=items)

    def _sequence(self, node: Node, name: str, *, secret: bool) -> Node:
        items: list[Node] = []
        flag = assigned = ""
        for item in node.items:
            items.append(self.node(item, flag or assigned or name, secret=secret))
            if name == _PARTS and item.text.endswith("=") and announces_secret(item.text[:-1]):
                assigned = item.text[:-1]
            named = item.kind is NodeKind.SCALAR and item.text.startswith("-") and "=" not in item.text
            flag = item.text if named and announces_secret(item.text) else ""
        if all(a is b for a, b in zip(items, node.items, strict=True)):
            return node
        return replace(node, items=tuple(items))


def _holds(key: Node, value: Node) -> bool:
    """Return whether the value belongs to the name that stands beside or above it, and not to its own key."""
    if key.text in _HOLDERS:
        return value.kind is NodeKind.SCALAR or (len(value.entries) == 1 and value.entries[0][0].text in _FUNCTIONS)
    return key.text in (_PARTS, _UNREAD) or key.text in _FUNCTIONS


def _held_under(node: Node) -> str:
    """Return the name that a ``{name: …, value: …}`` pair gives its value."""
    for label, holder in (("name", "value"), ("key", "value"), ("Name", "Value"), ("Key", "Value")):
        name = node.get(label)
        if name is not None and name.kind is NodeKind.SCALAR and node.get(holder) is not None:
            return name.text
    return ""


def _secret_object(node: Node) -> bool:
    kind, version = node.get("kind"), node.get("apiVersion")
    return kind is not None and kind.text == "Secret" and version is not None


def mark_labels(node: Node) -> Node:
    """Return a tree that was read from redacted text, its labels marked as what stood for a secret."""
    return replace(
        node,
        redacted=node.redacted or _LABEL.fullmatch(node.text) is not None,
        entries=tuple((key, mark_labels(value)) for key, value in node.entries),
        items=tuple(mark_labels(item) for item in node.items),
    )


def redact(text: str, trees: tuple[Parsed, ...], redactor: Redactor) -> tuple[tuple[Node, ...], tuple[str, ...]]:
    """Return the trees and the lines of ``text``, both without secrets; the number of lines stays."""
    roots: list[Node] = []
    edits: dict[tuple[int, int], str] = {}
    for tree in trees:
        current = _Pass(redactor, tree.spans)
        roots.append(current.node(tree.root, ""))
        for position, cleaned in current.changed.items():
            if position in tree.spans:
                edits[tree.spans[position]] = cleaned
    edited = _apply(text, edits, redactor)
    lines = tuple(_clean_line(line, redactor) for line in split_lines(redactor.known(redactor.private_blocks(edited))))
    return tuple(sweep(root, redactor) for root in roots), lines


def _apply(text: str, edits: dict[tuple[int, int], str], redactor: Redactor) -> str:
    parts: list[str] = []
    at = 0
    for (start, end), cleaned in sorted(edits.items()):
        if start < at:
            continue
        parts.append(text[at:start])
        parts.append(_span(text[start:end], cleaned, redactor))
        at = end
    return "".join((*parts, text[at:]))


def _span(raw: str, cleaned: str, redactor: Redactor) -> str:
    """Return the source of one value without its secrets, with as many line ends as before."""
    quote = raw[0] if raw[:1] in ("'", '"') else ""
    partly = _LABEL.sub("", cleaned).strip() != ""
    if partly and not _BREAK.search(raw):
        again = redactor.text(raw.strip(quote) if quote else raw) if quote else redactor.text(raw)
        if again == cleaned:
            return f"{quote}{again}{quote}"
    if partly and raw.startswith("|"):  # a literal block: its lines can stay what they are
        again = redactor.text(raw)
        if textwrap.dedent(_BREAK.sub("\n", again).partition("\n")[2]).strip() == cleaned.strip():
            return again
    flat = _BREAK.sub(" ", cleaned).rstrip()
    return f"{quote}{flat}{quote}" + "\n" * len(_BREAK.findall(raw))


def _clean_line(line: str, redactor: Redactor) -> str:
    """Comments hold secrets too: ``# CODER_TOKEN=…``, commented out and still valid."""
    return _COMMENT.sub(lambda m: redactor.text(m.group()), line)


def sweep(node: Node, redactor: Redactor) -> Node:
    """Replace secrets that were recognised elsewhere in the file and stand here under a harmless name."""
    if node.kind is NodeKind.SCALAR or (node.kind is NodeKind.NULL and "\n" in node.text):
        text = node.text if node.redacted or is_no_secret("", node.text) else redactor.known(node.text)
        return node if text == node.text else replace(node, text=text, redacted=True)
    if node.kind is NodeKind.MAPPING:
        # An image is public by nature; the default password of a sample may well be the name of its image.
        entries = tuple((sweep(k, redactor), v if k.text == "image" else sweep(v, redactor)) for k, v in node.entries)
        return (
            node
            if all(a is c and b is d for (a, b), (c, d) in zip(entries, node.entries, strict=True))
            else replace(node, entries=entries)
        )
    items = tuple(sweep(item, redactor) for item in node.items)
    return node if all(a is b for a, b in zip(items, node.items, strict=True)) else replace(node, items=items)
