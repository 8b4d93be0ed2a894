"""Windows registry exports (``.reg``) to located trees: managed settings under ``SOFTWARE\\Policies``.

Shape: key path (backslashes as written) → value name → text. ``@`` is the name of a key's default value, ``dword`` is
written in decimal, other hexadecimal types stay as written. Deleted keys and values (``[-KEY]``, ``"x"=-``) are nulls.
"""

from __future__ import annotations

import re

from auditor.documents.build import Builder, Parsed
from auditor.documents.source import FaultError
from auditor.documents.tree import Node

_HEADERS = ("Windows Registry Editor Version 5.00", "REGEDIT4")
_BLANK = re.compile(r"[ \t]*(?:;[^\r\n]*)?(?:\r\n|\n|\r|\Z)")
_KEY = re.compile(r"[ \t]*\[(-?)([^\r\n]+)\][ \t]*(?:\r\n|\n|\r|\Z)")
_NAME = re.compile(r"[ \t]*(\"(?:[^\"\\\r\n]|\\.)*\"|@)[ \t]*=[ \t]*")
_TEXT = re.compile(r"\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_DWORD = re.compile(r"dword:([0-9A-Fa-f]{1,8})")
_HEX = re.compile(r"hex(?:\([0-9A-Fa-f]+\))?:(?:[^\r\n\\]|\\(?:\r\n|\n|\r))*")
_END = re.compile(r"[ \t]*(?:;[^\r\n]*)?(?:\r\n|\n|\r|\Z)")


def parse_registry(text: str) -> tuple[Parsed, ...]:
    """Return the one tree of ``text``; a key that stands twice holds the values of both, of one name the last.

    Raises:
        FaultError: no registry export, or a line that is neither a key nor a value.
    """
    builder = Builder.of(text)
    header = next((h for h in _HEADERS if text.startswith(h)), None)
    if header is None:
        raise FaultError("the file is no registry export", f'it does not begin with "{_HEADERS[0]}"', "export it with reg export")
    keys: dict[str, tuple[Node, int, list[tuple[Node, Node]]]] = {}
    entries: list[tuple[Node, Node]] | None = None
    at = len(header)
    while at < len(text):
        blank, key = _BLANK.match(text, at), _KEY.match(text, at)
        if blank is not None:
            at = blank.end()
        elif key is not None:
            name = builder.scalar(*key.span(2), key.group(2))
            _, _, entries = keys.setdefault(key.group(2), (name, key.start(2), []))
            at = key.end()
        else:
            at = _value(builder, at, entries)
    root = [(name, builder.mapping(start, values, repeats=True)) for name, start, values in keys.values()]
    return (Parsed(builder.mapping(0, root), builder.spans),)


def _value(builder: Builder, at: int, entries: list[tuple[Node, Node]] | None) -> int:
    """Read one value into ``entries`` and return where its line ends."""
    name = _NAME.match(builder.text, at)
    if name is None or entries is None:
        raise _fault(builder, at)
    key = builder.scalar(*name.span(1), "@" if name.group(1) == "@" else _plain(name.group(1)), quoted=name.group(1) != "@")
    start = name.end()
    if builder.text.startswith("-", start):
        node, end = builder.null(start), start + 1
    else:
        node, end = _data(builder, start)
    rest = _END.match(builder.text, end)
    if rest is None:
        raise _fault(builder, end)
    entries.append((key, node))
    return rest.end()


def _data(builder: Builder, start: int) -> tuple[Node, int]:
    text = builder.text
    if quoted := _TEXT.match(text, start):
        return builder.scalar(start, quoted.end(), _plain(quoted.group()), quoted=True), quoted.end()
    if number := _DWORD.match(text, start):
        return builder.scalar(start, number.end(), str(int(number.group(1), 16))), number.end()
    if other := _HEX.match(text, start):
        return builder.scalar(start, other.end(), other.group()), other.end()
    raise _fault(builder, start)


def _plain(raw: str) -> str:
    return re.sub(r"\\(.)", r"\1", raw[1:-1], flags=re.DOTALL)


def _fault(builder: Builder, at: int) -> FaultError:
    why = "this line is neither a key in brackets, a value, a comment nor blank"
    return FaultError("the file is no registry export", why, "correct the syntax at this place", builder.table.at(at))
