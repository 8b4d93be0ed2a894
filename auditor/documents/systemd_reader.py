"""systemd units to located trees (systemd.syntax(7), systemd.exec(5), systemd.service(5)).

Shape: ``section → key → list of values`` in order of appearance, except

* ``Environment``: one mapping of all assignments (the last of a repeated name wins; an empty
  ``Environment=`` forgets the ones before it);
* ``ExecStart`` and the other ``Exec…`` keys: a list of argument lists, prefixes such as ``-`` and ``@`` kept;
* ``EnvironmentFile``: a list, a leading ``-`` (may be missing) kept;
* an empty assignment (``ExecStart=``) adds ``Name=`` with an empty text: it also forgets what the files say that this one
  is laid over (a drop-in over its unit).

Specifiers (``%i``) and ``$NAME`` stay as written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from auditor.documents.build import Builder, Parsed
from auditor.documents.source import FaultError
from auditor.documents.tree import Node

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_SECTION = re.compile(r"[ \t]*\[([^\]\r\n]+)\][ \t]*\Z")
_ASSIGNMENT = re.compile(r"[ \t]*([A-Za-z0-9\-]+)[ \t]*=[ \t]*")
_WORD = re.compile(r"(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\\.|[^\s\\])+", re.DOTALL)
_PIECE = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"|(\\.)|([^'\"\\]+)|(['\"\\])", re.DOTALL)
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|[0-7]{3}|.)", re.DOTALL)
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "s": " "}


@dataclass(slots=True)
class _Section:
    name: Node
    start: int
    values: dict[str, tuple[Node, list[Node]]] = field(default_factory=dict)
    environment: list[tuple[Node, Node]] = field(default_factory=list)
    forgotten: dict[str, tuple[Node, Node]] = field(default_factory=dict)


def parse_systemd(text: str) -> tuple[Parsed, ...]:
    """Return the one tree of a unit file.

    Raises:
        FaultError: a line that is neither section, assignment, comment nor blank, or one before any section.
    """
    builder = Builder.of(text)
    sections: dict[str, _Section] = {}
    current: _Section | None = None
    for start, end in _logical_lines(text):
        line = text[start:end]
        if not line.strip() or line.lstrip()[0] in "#;":
            continue
        heading = _SECTION.match(line)
        if heading is not None:
            name = heading.group(1)
            node = builder.scalar(start + heading.start(1), start + heading.end(1), name)
            current = sections.setdefault(name, _Section(node, start))
            continue
        assignment = _ASSIGNMENT.match(line)
        if assignment is None or current is None:
            raise FaultError(
                "the file is not a systemd unit",
                "this line is neither [Section], Name=value, a comment nor blank"
                if assignment is None
                else "an assignment comes before any [Section]",
                "correct the line",
                builder.table.at(start),
            )
        key = builder.scalar(start + assignment.start(1), start + assignment.end(1), assignment.group(1))
        _assign(builder, current, key, (start + assignment.end(), start + len(line.rstrip())))
    return (Parsed(builder.mapping(0, [(s.name, _section(builder, s)) for s in sections.values()]), builder.spans),)


def _logical_lines(text: str) -> list[tuple[int, int]]:
    """Return spans of lines; a backslash at the end continues, comment lines in between do not break it."""
    spans: list[tuple[int, int]] = []
    at = 0
    open_start: int | None = None
    while at < len(text):
        match = _LINE.match(text, at)
        end = match.end() if match else len(text)
        line = text[at:end].rstrip("\r\n")
        comment = line.lstrip()[:1] in ("#", ";")
        start = at if open_start is None else open_start
        continues = line.endswith("\\") and not (comment and open_start is None)
        open_start = start if continues or (comment and open_start is not None) else None
        if open_start is None or end >= len(text):
            spans.append((start, at + len(line)))
            open_start = None
        at = end
    return spans


def _assign(builder: Builder, section: _Section, key: Node, span: tuple[int, int]) -> None:
    start, end = span
    if start >= end:
        name = f"{key.text}="
        section.forgotten[name] = (replace(key, text=name), builder.scalar(start, start, ""))
    if key.text == "Environment":
        section.values.setdefault(key.text, (key, []))
        if start >= end:
            section.environment.clear()
        section.environment.extend(_assignments(builder, start, end))
        return
    values = section.values.setdefault(key.text, (key, []))[1]
    if start >= end:
        values.clear()
    elif key.text.startswith("Exec"):
        values.append(builder.sequence(start, [_scalar(builder, s, e) for s, e in _words(builder.text, start, end)]))
    else:
        values.append(builder.scalar(start, end, _join(builder.text[start:end])))


def _section(builder: Builder, section: _Section) -> Node:
    entries: list[tuple[Node, Node]] = []
    for name, (key, values) in section.values.items():
        if name == "Environment":
            first = section.environment[0][0] if section.environment else key
            value = Node(
                builder.mapping(section.start, [], repeats=True).kind,
                first.line,
                first.column,
                entries=tuple(section.environment),
            )
        else:
            value = builder.sequence(section.start, values)
            value = Node(
                value.kind, *((values[0].line, values[0].column) if values else (key.line, key.column)), items=value.items
            )
        entries.append((key, value))
    return builder.mapping(section.start, [*entries, *section.forgotten.values()])


def _words(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the spans of the words of a value; continued lines are white space (one blank line later)."""
    blanked = re.sub(r"\\(\r\n|\n|\r)", lambda m: " " * len(m.group()), text[start:end])
    # A comment line inside a continued value is skipped by systemd.
    blanked = re.sub(r"(?<=  )[ \t]*[#;][^\r\n]*(?:\r\n|\n|\r)", lambda m: " " * len(m.group()), blanked)
    return [(start + m.start(), start + m.end()) for m in _WORD.finditer(blanked)]


def _assignments(builder: Builder, start: int, end: int) -> list[tuple[Node, Node]]:
    pairs: list[tuple[Node, Node]] = []
    for begin, finish in _words(builder.text, start, end):
        word = _unquote(_join(builder.text[begin:finish]))
        name, equals, value = word.partition("=")
        if not equals:
            raise FaultError(
                "Environment= needs NAME=value",
                "a word of it has no equals sign",
                "quote an assignment that contains spaces as a whole",
                builder.table.at(begin),
            )
        raw = builder.text[begin:finish]
        quote = 1 if raw[0] in "'\"" else 0
        value_start = begin + raw.index("=") + 1
        key = builder.scalar(begin + quote, value_start - 1, name)
        # The closing quote of "NAME=value" is not part of the value's span.
        pairs.append((key, builder.scalar(value_start, max(value_start, finish - quote), value, quoted=bool(quote))))
    return pairs


def _scalar(builder: Builder, start: int, end: int) -> Node:
    raw = builder.text[start:end]
    return builder.scalar(start, end, _unquote(_join(raw)), quoted=raw[0] in "'\"")


def _join(raw: str) -> str:
    return re.sub(r"\\(?:\r\n|\n|\r)", " ", raw)


def _unquote(word: str) -> str:
    parts: list[str] = []
    for single, double, escape, plain, stray in _PIECE.findall(word):
        parts.append(_ESCAPE.sub(_unescape, single or double or escape) + plain + stray)
    return "".join(parts)


def _unescape(match: re.Match[str]) -> str:
    code = match.group(1)
    if code[0] == "x" and len(code) > 1:
        return chr(int(code[1:], 16))
    if len(code) == 3:  # noqa: PLR2004 -- three octal digits
        return chr(int(code, 8))
    return _SIMPLE.get(code, code)
