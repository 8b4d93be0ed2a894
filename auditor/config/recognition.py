"""Which product a process or a file belongs to, by the rules of the catalog."""

from __future__ import annotations

import fnmatch
import functools
import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from auditor.catalog.product import Recognition
from auditor.config.bindings import Launch, Packaging, Source
from auditor.config.paths import first_at
from auditor.documents.tree import DocumentKind, Node

BY_IMAGE, BY_COMMAND, BY_PREFIX = 3, 2, 1
"""Strength of a recognition: the image says most, a prefix of variable names least."""

_OF_CLIENTS = re.compile(
    r"(?:API_|SERVER_|PROXY_|PUBLIC_|INTERNAL_|WEBHOOK_|MASTER_)?"
    r"(?:BASE|(?:BASE_)?UR[LI]|HOST(?:NAME)?|PORT|ADDR(?:ESS)?|ENDPOINT|DOMAIN|SERVER|KEY|TOKEN|USER(?:NAME)?|PASSWORD|MODEL(?:_NAME)?"
    r"|IMAGE|TAG|VERSION)"
)
"""What follows the prefix where a variable says how to reach a product, or which of its images to start: whoever calls or
deploys it carries such a name (``OLLAMA_BASE_URL``, ``LITELLM_API_KEY``)."""

FILE_KINDS = (
    DocumentKind.YAML,
    DocumentKind.JSON,
    DocumentKind.HELM_VALUES,
    DocumentKind.KUBERNETES,
    DocumentKind.TOML,
    DocumentKind.PLIST,
    DocumentKind.ENV,
    DocumentKind.PIPELINE,
)


def match_launch(launch: Launch, rules: Iterable[Recognition]) -> tuple[int, str]:
    """Return (strength, workload id) of the best rule for a process, ``(0, "")`` when none applies."""
    best = (0, "")
    for rule in rules:
        strength = _strength(launch, rule) if rule.workload else 0
        if strength > best[0]:
            best = (strength, rule.workload)
    return best


def match_file(source: Source, rules: Iterable[Recognition]) -> tuple[str, ...]:
    """Return the scope ids that the document belongs to, without repeats, in order of the rules.

    Of rules on the name the longest says where the file stands: ``home/*/.x/settings.json`` is not ``.x/settings.json`` of a
    repository too, and what a file holds says nothing where its name does.
    """
    if source.document.kind not in FILE_KINDS:
        return ()
    name = _parts(source.document.name)
    found = [r for r in rules if r.scope and _is_file(source, name, r)]
    longest = max((len(_components(r.file)) for r in found if r.file), default=0)
    return tuple(dict.fromkeys(r.scope for r in found if len(_components(r.file)) == longest or not (r.file or longest)))


def repository(image: str) -> str:
    """Return an image reference without tag and digest: ``ghcr.io/coder/coder:v2.36@sha256:…`` → ``ghcr.io/coder/coder``."""
    name = image.split("@", 1)[0]
    head, slash, last = name.rpartition("/")
    return head + slash + last.split(":", 1)[0]


def tag_version(image: str) -> str:
    """Return the version that the tag of ``image`` says, empty when it says none (``latest``)."""
    last = image.split("@", 1)[0].rpartition("/")[2]
    match = re.fullmatch(r"v?(\d+(?:\.\d+)+).*", last.partition(":")[2])
    return match.group(1) if match else ""


def _strength(launch: Launch, rule: Recognition) -> int:
    if rule.image and launch.image and _is_image(_components(repository(launch.image)), rule.image):
        return BY_IMAGE
    if rule.module and launch.module and fnmatch.fnmatchcase(launch.module, rule.module):
        return BY_IMAGE
    shell = launch.packaging in (Packaging.SCRIPT, Packaging.PIPELINE) and not launch.image
    if rule.env and rule.env in launch.env and not shell:
        return BY_COMMAND
    if rule.command and launch.words and _is_its_command(tuple(w.text for w in launch.words), rule, first=shell):
        return BY_COMMAND
    # Every program of a script gets what it exports: only its own words tell what it is.
    if rule.env_prefix and not shell and any(_is_its_own(name, rule.env_prefix) for name in launch.env):
        return BY_PREFIX
    return 0


def _is_its_own(name: str, prefix: str) -> bool:
    """Return whether a variable is one of the product that ``prefix`` belongs to, and not one of a program that calls it."""
    return name.startswith(prefix) and _OF_CLIENTS.fullmatch(name.removeprefix(prefix)) is None


@functools.lru_cache(maxsize=4096)
def _components(path: str) -> tuple[str, ...]:
    return tuple(path.split("/"))


def _is_image(given: tuple[str, ...], pattern: str) -> bool:
    """Compare path components from the right, so that a mirror's prefix does not matter."""
    wanted = _components(pattern)
    if "." in wanted[0] and len(wanted) > 1 and len(given) > 1:
        wanted = wanted[1:]
    if len(wanted) == 1 and len(given) > 1 and given[-2] not in ("library", "docker.io") and "*" not in pattern:
        return False
    return _ends_with(given, wanted)


def _ends_with(given: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    tail = given[-len(wanted) :]
    return len(tail) == len(wanted) and all(g == w or fnmatch.fnmatchcase(g, w) for g, w in zip(tail, wanted, strict=True))


def runs(words: Sequence[str], rules: Iterable[Recognition]) -> bool:
    """Return whether ``words`` begin with what a command rule names; flags of a rule are left out."""
    commands = [r.command.partition(" -")[0].split() for r in rules if r.command]
    return any(_is_command(tuple(words[: len(command)]), command) for command in commands)


def is_image_of(image: str, rules: Iterable[Recognition]) -> bool:
    """Return whether an image rule knows the repository of ``image``."""
    return any(r.image and _is_image(_components(repository(image)), r.image) for r in rules)


def _is_its_command(words: tuple[str, ...], rule: Recognition, *, first: bool) -> bool:
    """Return whether the words hold a rule's; with ``first`` they begin with them: other words name files and packages."""
    others = bool(rule.unless) and _is_command(words, rule.unless.split())
    wanted = rule.command.split()
    if first and not rule.command.startswith("-") and _flat(words)[: len(wanted)] != wanted:
        return False
    return not others and _is_command(words, wanted)


def _is_command(words: tuple[str, ...], wanted: list[str]) -> bool:
    flat = _flat(words)
    if wanted[0] not in flat:
        return False
    return any(flat[i : i + len(wanted)] == wanted for i in range(len(flat) - len(wanted) + 1))


@functools.lru_cache(maxsize=256)
def _flat(words: tuple[str, ...]) -> list[str]:
    names = [PurePosixPath(w).name if i == 0 else w for i, w in enumerate(words)]
    # One word may hold a whole shell line: sh -c "exec agent worker start".
    return [_program(part) for name in names for part in (name.split() or [name])]


def _program(word: str) -> str:
    return PurePosixPath(word).name if word.startswith("/") else word


@functools.lru_cache(maxsize=4096)
def _parts(path: str) -> tuple[str, ...]:
    return PurePosixPath(path).parts


def _is_file(source: Source, name: tuple[str, ...], rule: Recognition) -> bool:
    if rule.file:
        wanted = _components(rule.file)
        named = name == wanted[1:] if not wanted[0] else _ends_with(name, wanted)
        return named and all(_is_there(source.document.root, key) for key in rule.keys)
    if rule.origin:
        return rule.origin in source.origin
    return bool(rule.keys) and all(_is_there(source.document.root, key) for key in rule.keys)


def _is_there(root: Node, key: str) -> bool:
    """Return whether ``path`` is there, of ``path=glob`` also whether its text is such."""
    path, equals, wanted = key.partition("=")
    node = first_at(root, path)
    return node is not None and (not equals or fnmatch.fnmatchcase(node.text, wanted))
