"""``docker run`` and its like, as words: what they start, with which variables (docker-run(1), podman-run(1), nerdctl)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from auditor.config.bindings import Word

ENGINES = frozenset({"docker", "podman", "nerdctl"})
_STARTS = ("run", "create")
_BARE = frozenset(
    {
        "detach", "interactive", "tty", "rm", "init", "privileged", "publish-all", "read-only", "no-healthcheck", "quiet",
        "oom-kill-disable", "sig-proxy", "disable-content-trust", "help", "replace", "env-host", "no-hosts", "no-hostname",
        "rmi", "passwd", "tls-verify", "http-proxy", "use-api-socket",
    }
)  # fmt: skip
"""Long options without a value of their own; every other one takes the word behind it."""
_BARE_LETTERS = frozenset("ditPq")
_OPEN = re.compile(r"\$|\A\Z")
_IMAGE = re.compile(r"[\w.\-${}]+(?::\d+)?(?:/[\w.\-${}]+)*(?::[\w.\-${}]+)?(?:@\S+)?\Z")


@dataclass(slots=True)
class ContainerCommand:
    """The parts of one command that starts a container."""

    image: Word | None = None
    words: list[Word] = field(default_factory=list)
    """What follows the image."""
    entrypoint: list[Word] = field(default_factory=list)
    env: list[Word] = field(default_factory=list)
    """``NAME=value``, or a name alone, whose value comes from the shell."""
    env_files: list[Word] = field(default_factory=list)
    name: str = ""
    open: list[Word] = field(default_factory=list)
    """Words that the script decides when it runs, and that may be options."""


def container_command(words: Sequence[Word]) -> ContainerCommand | None:
    """Return the container that ``words`` start, ``None`` for any other command."""
    if not words or words[0].text.rpartition("/")[2] not in ENGINES:
        return None
    at = _behind_options(words, 1)
    at += at < len(words) and words[at].text == "container"
    if at >= len(words) or words[at].text not in _STARTS:
        return None
    return _parsed(words, at + 1)


def _behind_options(words: Sequence[Word], at: int) -> int:
    """Return where the options of the engine itself end."""
    while at < len(words) and words[at].text.startswith("-"):
        at += 1 if "=" in words[at].text or words[at].text in ("-D", "--debug", "--tls", "--remote") else 2
    return at


def _parsed(words: Sequence[Word], at: int) -> ContainerCommand:
    found = ContainerCommand()
    while at < len(words):
        word = words[at]
        text = word.text
        if text.startswith("--") and text != "--":
            at = _long(words, at, found)
        elif text.startswith("-") and len(text) > 1:
            at = _short(words, at, found)
        elif text == "--":
            at += 1
        elif _OPEN.match(text) and any(_IMAGE.match(w.text) and not _OPEN.match(w.text) for w in words[at + 1 : at + 2]):
            found.open.append(word)
            at += 1
        else:
            found.image, found.words = word, list(words[at + 1 :])
            break
    return found


def _long(words: Sequence[Word], at: int, found: ContainerCommand) -> int:
    name, equals, value = words[at].text[2:].partition("=")
    if equals:
        _take(name, Word(value, words[at].evidence, words[at].redacted), found)
        return at + 1
    if name in _BARE or at + 1 >= len(words):
        return at + 1
    _take(name, words[at + 1], found)
    return at + 2


def _short(words: Sequence[Word], at: int, found: ContainerCommand) -> int:
    """Take a cluster of letters: the first that has a value takes the rest of the word, or the next word."""
    letters = words[at].text[1:]
    for index, letter in enumerate(letters):
        if letter in _BARE_LETTERS:
            continue
        rest = letters[index + 1 :].removeprefix("=")
        if letter == "e" and rest:
            _take("env", Word(rest, words[at].evidence, words[at].redacted), found)
        elif letter == "e" and at + 1 < len(words):
            _take("env", words[at + 1], found)
        return at + 1 if rest else at + 2
    return at + 1


def _take(name: str, value: Word, found: ContainerCommand) -> None:
    if name == "env":
        found.env.append(value)
    elif name == "env-file":
        found.env_files.append(value)
    elif name == "name":
        found.name = value.text
    elif name == "entrypoint":
        found.entrypoint = [value]
