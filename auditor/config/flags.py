"""Flags in the words of a command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from auditor.config.bindings import Word


@dataclass(frozen=True, slots=True)
class FlagUse:
    """One use of a flag."""

    name: str
    text: str
    word: Word
    redacted: bool


def uses(words: Sequence[Word], name: str, *, switch: bool) -> tuple[FlagUse, ...]:
    """Return every use of ``name``: ``--x=v``, ``--x v``, bare ``--x`` (``true``), or the word behind ``vllm serve``.

    A ``switch`` takes the next word only when that is spelt as a boolean.
    """
    if " " in name or not name.startswith("-"):
        return _after(words, name)
    found: list[FlagUse] = []
    for index, word in enumerate(words):
        flag, equals, value = word.text.partition("=")
        if flag != name:
            continue
        following = words[index + 1] if index + 1 < len(words) else None
        if equals:
            found.append(FlagUse(name, value, word, word.redacted))
        elif following is None or following.text.startswith("-") or (switch and not _is_boolean(following.text)):
            found.append(FlagUse(name, "true", word, redacted=False))
        else:
            found.append(FlagUse(name, following.text, word, following.redacted))
    return tuple(found)


def _after(words: Sequence[Word], name: str) -> tuple[FlagUse, ...]:
    wanted = name.split()
    texts = [PurePosixPath(w.text).name if i == 0 else w.text for i, w in enumerate(words)]
    for index in range(len(texts) - len(wanted) + 1):
        end = index + len(wanted)
        if texts[index:end] == wanted and end < len(words) and not words[end].text.startswith("-"):
            return (FlagUse(name, words[end].text, words[end], words[end].redacted),)
    return ()


def _is_boolean(text: str) -> bool:
    return text.lower() in ("true", "false", "1", "0", "t", "f")
