"""Dockerfiles to located trees: stages in order, each with the instructions that decide what its image does.

The tree is ``stages: [{from, as, env: {…}, arg: {…}, cmd, entrypoint, run: […], …}]`` (Docker, "Dockerfile reference").
A value is as written: ``$NAME`` is not expanded here.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from auditor.documents.build import Builder, Parsed
from auditor.documents.source import FaultError
from auditor.documents.tree import Node, NodeKind

_INSTRUCTION = re.compile(r"[ \t]*([A-Za-z]+)(?:[ \t]+|\Z)", re.ASCII)
_DIRECTIVE = re.compile(r"#[ \t]*escape[ \t]*=[ \t]*([\\`])[ \t]*\Z", re.IGNORECASE)
_PAIR = re.compile(r"([A-Za-z_][A-Za-z0-9_.\-]*)=((?:\"(?:[^\"\\]|\\.)*\"|'[^']*'|\\.|[^\s\"'\\])*)", re.DOTALL)
_HEREDOC = re.compile(r"<<-?[\"']?([A-Za-z_]\w*)[\"']?")
_TAKES_HEREDOC = re.compile(r"\s*(?:RUN|COPY|ADD)\b", re.IGNORECASE)
_TEXTS = frozenset({"user", "workdir", "stopsignal"})
_WORDS = frozenset({"cmd", "entrypoint", "shell"})
_PAIRS = frozenset({"env", "arg", "label"})
_FLAG = re.compile(r"--[a-z]+=\S+\s+")


@dataclass(frozen=True, slots=True)
class _Line:
    """One instruction with its continuations: text, and where each of its characters stands."""

    text: str
    start: int
    end: int


@dataclass(slots=True)
class _Stage:
    """One build stage while it grows, by the shape of its instructions."""

    start: int
    single: list[tuple[Node, Node]]
    pairs: dict[str, tuple[Node, list[tuple[Node, Node]]]] = field(default_factory=dict)
    texts: dict[str, tuple[Node, list[Node]]] = field(default_factory=dict)


def parse_dockerfile(text: str) -> tuple[Parsed, ...]:
    """Return the one tree of ``text``.

    Raises:
        FaultError: no ``FROM``, or a line that is no instruction.
    """
    builder = Builder.of(text)
    stages: list[_Stage] = []
    outside: list[tuple[Node, Node]] = []
    for line in _instructions(text):
        match = _INSTRUCTION.match(line.text)
        if match is None:
            raise FaultError("the file is no Dockerfile", "an instruction is expected here", "", builder.table.at(line.start))
        word = match[1].lower()
        key = builder.scalar(line.start + match.start(1), line.start + match.end(1), word)
        rest = line.text[match.end() :].strip()
        if word == "from":
            stages.append(_stage(builder, line, key, rest))
        elif not stages and word == "arg":
            outside.extend(_pairs(builder, line, rest))
        elif not stages:
            raise FaultError("the file is no Dockerfile", "FROM is expected first", "", builder.table.at(line.start))
        else:
            _add(builder, line, stages[-1], key, rest)
    if not stages:
        raise FaultError("the file is no Dockerfile", "it has no FROM", "")
    return (Parsed(_tree(builder, stages, outside), builder.spans),)


def _instructions(text: str) -> list[_Line]:
    """Return the instructions with continuation lines joined, comments and here-documents taken in."""
    escape = "\\"
    found: list[_Line] = []
    parts: list[str] = []
    start = at = 0
    waiting = ""
    for raw in text.splitlines(keepends=True):
        line, here = raw.rstrip("\r\n"), at
        at += len(raw)
        directive = _DIRECTIVE.match(line) if not found and not parts else None
        escape = directive[1] if directive else escape
        if waiting:
            parts.append(line)
            waiting = "" if line.strip() == waiting else waiting
            if not waiting:
                found.append(_Line("\n".join(parts), start, at))
                parts = []
            continue
        if line.lstrip().startswith("#") or (not line.strip() and not parts):
            continue
        if not parts:
            start = here
        heredoc = _HEREDOC.search(line) if _TAKES_HEREDOC.match(parts[0] if parts else line) else None
        if line.rstrip().endswith(escape) and heredoc is None:
            parts.append(line.rstrip()[:-1])
            continue
        parts.append(line)
        if heredoc is not None:
            waiting = heredoc[1]
            continue
        found.append(_Line(" ".join(parts) if len(parts) > 1 else parts[0], start, here + len(line)))
        parts = []
    if parts:
        found.append(_Line(" ".join(parts), start, at))
    return found


def _stage(builder: Builder, line: _Line, key: Node, rest: str) -> _Stage:
    image, _, name = re.sub(_FLAG, "", rest).partition(" ")
    words = name.split()
    stage = _Stage(line.start, [(key, _scalar(builder, line, image))])
    if len(words) > 1 and words[0].lower() == "as":
        stage.single.append((_label(key, "as"), _scalar(builder, line, words[1])))
    return stage


def _add(builder: Builder, line: _Line, stage: _Stage, key: Node, rest: str) -> None:
    word = key.text
    if word in _PAIRS:
        stage.pairs.setdefault(word, (key, []))[1].extend(_pairs(builder, line, rest))
    elif word in _WORDS or word in _TEXTS:  # the last of them counts
        value = _words(builder, line, rest) if word in _WORDS else _scalar(builder, line, rest)
        stage.single[:] = [(k, v) for k, v in stage.single if k.text != word]
        stage.single.append((key, value))
    else:
        stage.texts.setdefault(word, (key, []))[1].append(_scalar(builder, line, rest))


def _pairs(builder: Builder, line: _Line, rest: str) -> list[tuple[Node, Node]]:
    """Return the names and values of ``ENV a=b c=d``, of the old ``ENV a b``, and of ``ARG a``."""
    found = [(m[1], _unquoted(m[2])) for m in _PAIR.finditer(rest)]
    if not found and rest:
        name, _, value = rest.partition(" ")
        found = [(name, value.strip())]
    return [(_scalar(builder, line, name), _scalar(builder, line, value)) for name, value in found]


def _words(builder: Builder, line: _Line, rest: str) -> Node:
    """Return the exec form as a sequence, the shell form as one text."""
    if rest.startswith("["):
        try:
            words = json.loads(rest)
        except json.JSONDecodeError:
            words = None
        if isinstance(words, list) and all(isinstance(word, str) for word in words):
            return builder.sequence(line.start, [_scalar(builder, line, word) for word in words])
    return _scalar(builder, line, rest)


def _scalar(builder: Builder, line: _Line, text: str) -> Node:
    """Return a scalar at its first place in the instruction, at the instruction where escapes hide it."""
    at = builder.text.find(text, line.start, line.end) if text else -1
    return builder.scalar(at, at + len(text), text) if at >= 0 else builder.scalar(line.start, line.start, text)


def _unquoted(text: str) -> str:
    if text[:1] == text[-1:] and text[:1] in ("'", '"') and len(text) > 1:
        return text[1:-1].replace('\\"', '"') if text[0] == '"' else text[1:-1]
    return text.replace("\\ ", " ")


def _label(node: Node, text: str) -> Node:
    return Node(NodeKind.SCALAR, node.line, node.column, text=text)


def _tree(builder: Builder, stages: list[_Stage], outside: list[tuple[Node, Node]]) -> Node:
    items: list[Node] = []
    for stage in stages:
        entries = list(stage.single)
        entries += [(key, builder.mapping(stage.start, pairs, repeats=True)) for key, pairs in stage.pairs.values()]
        entries += [(key, builder.sequence(stage.start, texts)) for key, texts in stage.texts.values()]
        items.append(builder.mapping(stage.start, entries))
    whole = builder.sequence(0, items)
    head = [(_label(whole, "arg"), builder.mapping(0, outside, repeats=True))] if outside else []
    return builder.mapping(0, [*head, (_label(whole, "stages"), whole)])
