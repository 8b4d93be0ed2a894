"""Command lines behind which something runs that the words do not show: shells, scripts, hooks.

What a shell script sets, unsets or starts cannot be decided without running it, and nothing scanned is run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from auditor.config.bindings import Opaque, Source, Word
from auditor.documents.tree import Node, NodeKind

_SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh", "fish", "busybox", "pwsh", "powershell", "cmd.exe"})
_INTERPRETER = re.compile(r"(?:python|node|perl|ruby|php|lua|deno|bun)[\d.]*\Z")
_INLINE = re.compile(r"-[A-Za-z]*[ceE]\Z|--eval\Z|-Command\Z|/c\Z")
_SCRIPT = re.compile(r"\S+\.(?:sh|bash|zsh|ps1)\Z")
_STEP = "Supply the process without a shell between, or state in the manifest what the script sets and starts"
_VARIABLE = re.compile(r"[A-Za-z_]\w*=")
_LAUNCHERS = re.compile(r"(?:tini|dumb-init|catatonit|exec|nohup|python[\d.]*|su-exec|gosu)\Z")
"""Programs that start the one behind them and change nothing of it that matters here."""
_WITH_USER = frozenset({"su-exec", "gosu"})
_QUIET = frozenset({"kill", "mkdir", "chown", "chmod", "sleep", "true", "rm", "install", "test", "touch", "ln"})
"""Programs that open no connection: their use before or after a service tells nothing of where data goes."""


def hidden_by_shell(words: Sequence[Word], what: str) -> tuple[Opaque, ...]:
    """Return one entry when ``words`` start a shell, a script file or inline code of an interpreter."""
    for index, word in enumerate(words):
        following = words[index + 1].text if index + 1 < len(words) else ""
        if _is_script(word.text, following, first=index == 0):
            shown = f"{word.text} {following}".strip() if _INLINE.match(following) else word.text
            return (Opaque(f"{what} runs the script {shown}: what it sets or starts is open", _STEP, word.evidence),)
    return ()


def hidden_by_hook(source: Source, node: Node | None, what: str) -> tuple[Opaque, ...]:
    """Return one entry for a hook (``lifecycle``, ``post_start``) that is there."""
    if node is None or is_empty(node):
        return ()
    step = f"Take {what} away, or state in the manifest what it runs"
    return (Opaque(f"{what} runs something besides: what it starts is open", step, source.evidence(node, what)),)


def started(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words from the program on that plain launchers (``tini --``, ``python3 -m``) start in the end.

    Prefixes of systemd at the first word (``-@+!:``) do not count.
    """
    left = [words[0].lstrip("-@+!:"), *words[1:]] if words else []
    while left and (left[0].startswith("-") or _LAUNCHERS.match(PurePosixPath(left[0]).name)):
        launcher = PurePosixPath(left.pop(0)).name
        if launcher in _WITH_USER and left:
            left.pop(0)
    return tuple(left)


def is_quiet(words: Sequence[str]) -> bool:
    """Return whether the command is one of a few that open no connection; prefixes of systemd (``-@+!:``) do not matter."""
    return bool(words) and PurePosixPath(words[0].lstrip("-@+!:")).name in _QUIET


def is_empty(node: Node) -> bool:
    """Return whether a value says nothing: null, ``""``, ``[]``, ``{}``, ``false``."""
    if node.kind is NodeKind.SCALAR:
        return node.text.strip().lower() in ("", "false")
    return not node.items and not node.entries


def _is_script(text: str, following: str, *, first: bool) -> bool:
    name = PurePosixPath(text.lstrip("-@+!:") if first else text).name
    if name == "env":
        return _VARIABLE.match(following) is not None or following.startswith("-")
    if name in _SHELLS:
        return first or _INLINE.match(following) is not None or _SCRIPT.match(following) is not None
    if _INTERPRETER.match(name):
        return _INLINE.match(following) is not None
    return not text.startswith("--") and _SCRIPT.match(text) is not None
