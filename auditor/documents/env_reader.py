"""Env files and shell exports to located trees.

Read as a POSIX shell and systemd's ``EnvironmentFile=`` do: quotes are removed, ``#`` after white space
begins a comment. Docker's ``--env-file`` keeps quotes; a quoted value there is rare and mostly a mistake.
Nothing is expanded: ``$NAME`` stays as written, see ``interpolate``.
"""

from __future__ import annotations

import re

from auditor.documents.build import Builder, Parsed
from auditor.documents.source import FaultError
from auditor.documents.tree import Node

_BLANK = re.compile(r"[ \t]*(?:#[^\r\n]*)?(?:\r\n|\n|\r|\Z)")
_EXPORT = re.compile(r"[ \t]*export[ \t]+")
_SWITCH = re.compile(r"[ \t]*set [-+](?:a|o allexport)[ \t]*;?(?=[\r\n]|\Z)")
_NAME = re.compile(r"[ \t]*([A-Za-z_][A-Za-z0-9_.\-]*)[ \t]*")
_SINGLE = re.compile(r"'[^']*'")
_DOUBLE = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_REST = re.compile(r"[ \t]*(?:;[ \t]*)?(?:#[^\r\n]*)?(?=[\r\n]|\Z)")
_BARE = re.compile(r"(?:\\(?:\r\n|\n|\r|.)|[^\r\n\\])*", re.DOTALL)
_WORD = re.compile(r"(?:\\(?:\r\n|\n|\r|.)|'[^']*'|\"(?:[^\"\\]|\\.)*\"|[^\s\\'\"])*", re.DOTALL)
_COMMENT = re.compile(r"(?:^|[ \t])#.*\Z", re.DOTALL)
_DOUBLE_ESCAPE = re.compile(r'\\(\r\n|[\n\r"\\$`nrt])')
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}


def parse_env(text: str) -> tuple[Parsed, ...]:
    """Return one mapping of every assignment in order; a repeated name occurs repeatedly and the last wins.

    ``NAME`` without ``=`` (Docker: taken over from the host) is a null node.

    Raises:
        FaultError: a line that is no assignment, blank or comment; a quote that is not closed.
    """
    builder = Builder.of(text)
    entries: list[tuple[Node, Node]] = []
    at = 0
    while at < len(text):
        blank = _BLANK.match(text, at) or _SWITCH.match(text, at)
        if blank is not None and blank.end() > at:
            at = blank.end()
            continue
        export = _EXPORT.match(text, at)
        at = export.end() if export else at
        at = _assignments(builder, at, entries, several=export is not None)
    return (Parsed(builder.mapping(0, entries, repeats=True), builder.spans),)


def _assignments(builder: Builder, at: int, entries: list[tuple[Node, Node]], *, several: bool) -> int:
    text = builder.text
    while True:
        name = _NAME.match(text, at)
        if name is None or text[name.end() : name.end() + 1] not in ("=", "", "\n", "\r", *(("#",) if several else ())):
            raise FaultError(
                "the file is not a plain env file",
                "this line is neither NAME=value, a comment nor blank",
                "keep only assignments; commands are never run",
                builder.table.at(at),
            )
        key = builder.scalar(*name.span(1), name.group(1))
        at = name.end()
        if text[at : at + 1] == "=":
            value, at = _value(builder, at + 1, several=several)
        else:
            value = builder.null(name.end(1))
        entries.append((key, value))
        rest = _REST.match(text, at)
        if rest is not None:
            return rest.end()


def _value(builder: Builder, at: int, *, several: bool) -> tuple[Node, int]:
    """Return the value that starts behind ``=`` and where it ends."""
    text = builder.text
    start = at
    while text[start : start + 1] in (" ", "\t"):
        start += 1
    for quoted in (_SINGLE.match(text, start), _DOUBLE.match(text, start)):
        if quoted is not None and _ends_value(text, quoted.end(), several=several):
            return builder.scalar(start, quoted.end(), _unquote(quoted.group()), quoted=True), quoted.end()
    if text[start : start + 1] in ("'", '"') and not _closed_on_line(text, start):
        raise FaultError("the file is not a plain env file", "a quote is not closed", "close the quote", builder.table.at(start))
    pattern = _WORD if several else _BARE
    match = pattern.match(text, at if several else start)
    raw = match.group() if match else ""
    start = at if several else start
    if not several:
        raw = _COMMENT.sub("", raw).rstrip(" \t")
    if not raw:
        return builder.scalar(start, start, ""), start
    end = start + len(raw)
    return builder.scalar(start, end, _unquote_word(raw)), end if several else match.end() if match else end


def _ends_value(text: str, at: int, *, several: bool) -> bool:
    return _REST.match(text, at) is not None or (several and text[at : at + 1] in (" ", "\t"))


def _closed_on_line(text: str, start: int) -> bool:
    line = re.split(r"[\r\n]", text[start:], maxsplit=1)[0]
    return line.count(line[0]) > 1


def _unquote(raw: str) -> str:
    if raw.startswith("'"):
        return raw[1:-1]
    return _DOUBLE_ESCAPE.sub(lambda m: _ESCAPED.get(m.group(1), "" if m.group(1)[0] in "\r\n" else m.group(1)), raw[1:-1])


def _unquote_word(raw: str) -> str:
    """Return an unquoted word: quoted parts joined, continued lines joined, other backslashes kept as in env files."""
    joined = re.sub(r"\\(?:\r\n|\n|\r)", "", raw)
    parts = re.findall(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"|[^'\"]+|['\"]", joined)
    if len(parts) == 1 or any(part in ("'", '"') for part in parts):
        return joined
    return "".join(_unquote(part) if part[0] in "'\"" and len(part) > 1 else part for part in parts)
