"""Bindings: a name, a value and a position, as readers of formats produce them; products give the names meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any, TypeVar

from auditor.documents.installed_values import chart_of
from auditor.documents.tree import Document, DocumentKind, Node
from auditor.facts.evidence import Evidence
from auditor.facts.manifest import InputEntry
from auditor.facts.vocabulary import Basis, ConfigState

Made = TypeVar("Made")


class Packaging(StrEnum):
    """How a process is defined."""

    COMPOSE = "compose"
    HELM = "helm"
    KUBERNETES = "kubernetes"
    SYSTEMD = "systemd"
    ENV_FILE = "env_file"
    TERRAFORM = "terraform"
    DOCKERFILE = "dockerfile"
    DEVCONTAINER = "devcontainer"
    SCRIPT = "script"
    PIPELINE = "pipeline"
    CLOUD = "cloud"


@dataclass(frozen=True, slots=True)
class Source:
    """A document with what the manifest says of it."""

    document: Document
    state: ConfigState = ConfigState.COMMITTED
    collected: str = ""
    origin: str = ""
    systems: tuple[str, ...] = ()
    """``for:`` of its input; empty means any."""
    order: int = -1
    """Which entry of ``inputs:`` names this very file: a later one wins. -1 when only a folder covers it: no order."""
    opaque: tuple[Opaque, ...] = ()
    """What of it only a run decides; left out of its tree."""
    chart: str = ""
    """Name of the chart that an installer (a Helm release, Argo CD, Flux) gives these values; empty when nothing says it."""

    def evidence(self, node: Node, text: str) -> Evidence:
        """Return the located fact that ``node`` says ``text``."""
        return Evidence(Basis.CONFIGURED, self.document.locate(node), text, self.state, self.collected, self.origin)


@dataclass(frozen=True, slots=True)
class Binding:
    """One name with its value in one place."""

    name: str
    value: str | None
    """``None``: it is set, and what to is not in the inputs."""
    evidence: Evidence
    redacted: bool = False
    reason: str = ""
    """Why the value is not known."""
    surely: bool = True
    """Whether it has some value that is not empty, when the value is not known."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """Something that may set names nobody can see: a Secret behind ``envFrom``, a missing file."""

    reason: str
    """Clause: ``envFrom takes the Secret x, which is not in the inputs``."""
    settled_by: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a command line."""

    text: str
    evidence: Evidence
    redacted: bool = False


@dataclass(frozen=True, slots=True)
class Launch:
    """One process as a format defines it: a service, container, unit, chart, or (in part) an env file."""

    source: Source
    name: str
    packaging: Packaging
    image: str
    """As written, empty when there is none."""
    words: tuple[Word, ...]
    """Command and arguments."""
    env: Mapping[str, Binding]
    """By name, the one that the process sees."""
    opaque: tuple[Opaque, ...]
    complete: bool
    """Whether it shows the whole command line and environment (an env file alone does not)."""
    evidence: Evidence
    linked: tuple[str, ...] = ()
    """Paths of documents that it took in (env files, ConfigMaps)."""
    chart: str = ""
    module: str = ""
    """Source of the Terraform module that makes it; its arguments are in ``env`` as ``module:<argument>``."""
    program: tuple[Word, ...] = ()
    """The words that replace the program which the image would start; empty when the image decides."""
    layers: tuple[Source, ...] = ()
    """The documents that it was joined from, lowest precedence first; empty when it is ``source`` alone."""
    hidden: tuple[Opaque, ...] = ()
    """What runs in or beside the process, or sets something for it, and that nobody can read: a shell script, a hook."""
    given: tuple[Opaque, ...] = ()
    """What its host gives it or takes from it and the inputs do not show: files that it mounts, where its log goes."""


@dataclass(frozen=True, slots=True)
class Library:
    """All documents of the inputs, for readers that follow links from one to another."""

    sources: tuple[Source, ...]
    _by_kind: dict[DocumentKind, tuple[Source, ...]] = field(default_factory=dict, repr=False, compare=False)
    _by_folder: dict[DocumentKind, dict[PurePosixPath, list[Source]]] = field(default_factory=dict, repr=False, compare=False)
    _by_name: dict[DocumentKind, dict[str, list[Source]]] = field(default_factory=dict, repr=False, compare=False)
    _made: dict[tuple[Callable[..., Any], int], Any] = field(default_factory=dict, repr=False, compare=False)

    def of_kind(self, kind: DocumentKind) -> tuple[Source, ...]:
        """Return the documents of a kind, in order; looked for once, because readers ask for each of their files."""
        if kind not in self._by_kind:
            self._by_kind[kind] = tuple(s for s in self.sources if s.document.kind is kind)
        return self._by_kind[kind]

    def beside(self, source: Source) -> tuple[Source, ...]:
        """Return the documents of the kind and the folder of ``source``, itself among them, in order."""
        return tuple(self._folders(source.document.kind).get(PurePosixPath(source.document.path).parent, ()))

    def in_folders(self, kind: DocumentKind, name: str) -> tuple[Source, ...]:
        """Return the documents of a kind in every folder that is called ``name``, wherever it lies."""
        if kind not in self._by_name:
            names: dict[str, list[Source]] = {}
            for folder, found in self._folders(kind).items():
                names.setdefault(folder.name, []).extend(found)
            self._by_name[kind] = names
        return tuple(self._by_name[kind].get(name, ()))

    def _folders(self, kind: DocumentKind) -> Mapping[PurePosixPath, list[Source]]:
        if kind not in self._by_folder:
            folders: dict[PurePosixPath, list[Source]] = {}
            for found in self.of_kind(kind):
                folders.setdefault(PurePosixPath(found.document.path).parent, []).append(found)
            self._by_folder[kind] = folders
        return self._by_folder[kind]

    def once(self, make: Callable[[Source, Library], Made], source: Source) -> Made:
        """Return ``make(source, self)``, made on the first call: several readers ask for the same shape of a document."""
        key = (make, id(source))
        if key not in self._made:
            self._made[key] = make(source, self)
        made: Made = self._made[key]
        return made

    def env_file(self, near: str, written: str) -> Source | None:
        """Return the env file that ``written`` means, seen from the document ``near``."""
        wanted = joined_path(PurePosixPath(near).parent, written)
        files = self.of_kind(DocumentKind.ENV)
        exact = next((s for s in files if s.document.path == wanted), None)
        if exact is not None or not written.startswith("/"):
            return exact
        # A path of the machine (/etc/coder.d/coder.env): the one file of that name in the inputs stands for it.
        named = [s for s in files if PurePosixPath(s.document.path).name == PurePosixPath(written).name]
        return named[0] if len(named) == 1 else None

    def compose_file(self, near: str, written: str) -> Source | None:
        """Return the compose file that ``written`` means, seen from the document ``near``."""
        wanted = joined_path(PurePosixPath(near).parent, written)
        return next((s for s in self.of_kind(DocumentKind.COMPOSE) if s.document.path == wanted), None)

    def dockerfile(self, near: str, written: str) -> Source | None:
        """Return the Dockerfile that ``written`` means, seen from the document ``near``."""
        wanted = joined_path(PurePosixPath(near).parent, written)
        return next((s for s in self.of_kind(DocumentKind.DOCKERFILE) if s.document.path == wanted), None)

    def holds(self, near: str, written: str) -> bool:
        """Return whether a document stands at ``written``, seen from ``near``.

        For a path of the machine (``/etc/app/app.yaml``, ``~/app.yaml``, ``${DIR}/app.yaml``) the one file of that name stands.
        """
        name = PurePosixPath(written).name
        named = {s.document.path for s in self.sources if PurePosixPath(s.document.path).name == name}
        if written.startswith(("/", "~")) or "$" in written:
            return len(named) == 1
        return joined_path(PurePosixPath(near).parent, written) in named

    def kubernetes(self, kind: str, name: str, namespace: str) -> Source | None:
        """Return the object of that kind and name, in the namespace where both say one."""
        for source in self.of_kind(DocumentKind.KUBERNETES):
            root = source.document.root
            if _text(root, "kind") != kind:
                continue
            own = _text(root, "metadata", "namespace")
            if _text(root, "metadata", "name") == name and (not own or not namespace or own == namespace):
                return source
        return None


def sources_of(documents: Sequence[Document], entries: Sequence[InputEntry]) -> tuple[Source, ...]:
    """Return each document with state, date, origin and systems of the most exact input that covers it, by path."""
    return tuple(sorted((_source(d, entries) for d in documents), key=lambda s: (s.document.path, s.document.root.line)))


def _source(document: Document, entries: Sequence[InputEntry]) -> Source:
    covering = [e for e in entries if e.kind == "path" and _covers(e.path, document.path)]
    chart = chart_of(document)
    if not covering:
        return Source(document, chart=chart)
    entry = max(covering, key=lambda e: len(PurePosixPath(e.path).parts))
    named = [n for n, e in enumerate(entries) if e is entry and _parts(e.path) == PurePosixPath(document.path).parts]
    order = named[0] if named else -1
    return Source(document, entry.state, entry.collected, entry.origin, entry.systems, order=order, chart=chart)


def _covers(entry: str, path: str) -> bool:
    parts = _parts(entry)
    return PurePosixPath(path).parts[: len(parts)] == parts


def _parts(entry: str) -> tuple[str, ...]:
    return tuple(p for p in PurePosixPath(entry).parts if p != ".")


def joined_path(folder: PurePosixPath, written: str) -> str:
    """Return a path that is written in a file of ``folder``, ``.`` and ``..`` followed."""
    parts: list[str] = []
    for part in (*folder.parts, *PurePosixPath(written).parts):
        if part == ".." and parts:
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _text(node: Node, *path: str) -> str:
    found = node.at(*path)
    return found.text if found is not None else ""
