"""Located trees: what every reader hands on, whatever the file format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from auditor.facts.evidence import FileLocation

MAXIMUM_EXCERPT = 200


class NodeKind(StrEnum):
    """What a node of a located tree is."""

    MAPPING = "mapping"
    SEQUENCE = "sequence"
    SCALAR = "scalar"
    NULL = "null"


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its position. Scalars stay text: ``NO``, ``1.10`` and dates are never converted."""

    kind: NodeKind
    line: int
    """One-based."""
    column: int
    """One-based, in characters."""
    text: str = ""
    """Scalar text after unquoting and unescaping, secrets already replaced (see ``redacted``)."""
    quoted: bool = False
    """Whether the scalar was quoted in the source; a plain ``NO`` and a quoted ``"NO"`` differ for a linter."""
    redacted: bool = False
    """Whether ``text`` was replaced by ``secret-N`` at the reader."""
    entries: tuple[tuple[Node, Node], ...] = ()
    """Key and value nodes of a mapping, in source order; duplicate keys were refused by the reader.

    Only env files and systemd ``Environment=`` may legally repeat a key: the last one wins (``get``), and the
    earlier ones stay here, for whoever reports that they have no effect."""
    items: tuple[Node, ...] = ()
    """Elements of a sequence, in order."""

    def get(self, key: str) -> Node | None:
        """Return the value under ``key`` of a mapping, or ``None``; of an env file's repeated keys the last, which wins."""
        for name, value in reversed(self.entries):
            if name.text == key:
                return value
        return None

    def key(self, key: str) -> Node | None:
        """Return the key node itself, for its position; of an env file's repeated keys the last."""
        for name, _ in reversed(self.entries):
            if name.text == key:
                return name
        return None

    def at(self, *path: str | int) -> Node | None:
        """Return the node below ``path`` (keys and indexes), or ``None`` where a step is missing."""
        node: Node | None = self
        for step in path:
            if node is None:
                return None
            node = node.get(step) if isinstance(step, str) else node.items[step] if 0 <= step < len(node.items) else None
        return node

    def walk(self, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Node]]:
        """Yield every node below this one (itself first) with its path."""
        yield path, self
        for name, value in self.entries:
            yield from value.walk((*path, name.text))
        for index, item in enumerate(self.items):
            yield from item.walk((*path, index))


class DocumentKind(StrEnum):
    """What a document is, as far as its form tells; a file of several YAML documents yields several."""

    YAML = "yaml"
    JSON = "json"
    ENV = "env"
    SYSTEMD = "systemd"
    KUBERNETES = "kubernetes"
    HELM_VALUES = "helm_values"
    COMPOSE = "compose"
    TOML = "toml"
    TERRAFORM = "terraform"
    TERRAFORM_PLAN = "terraform_plan"
    DOCKERFILE = "dockerfile"
    DEVCONTAINER = "devcontainer"
    PLIST = "plist"
    REGISTRY = "registry"
    IPTABLES = "iptables"
    IPSET = "ipset"
    NFTABLES = "nftables"
    SQUID = "squid"
    SHELL = "shell"
    SCRIPT = "script"
    PIPELINE = "pipeline"
    CLOUD = "cloud"


@dataclass(frozen=True, slots=True)
class Document:
    """One located tree with where it came from."""

    path: str
    """Relative to the manifest's (or the named) folder, forward slashes; never a path of the machine."""
    sha256: str
    """Of the whole file."""
    size: int
    kind: DocumentKind
    root: Node
    lines: tuple[str, ...]
    """The file's lines, secrets redacted, for excerpts."""
    inside: str = ""
    """Name of a file that stands inside this one (a compose config, an entry of a ConfigMap); empty for the file itself."""

    @property
    def name(self) -> str:
        """The path by which the document is known as a product's file."""
        return self.inside or self.path

    def locate(self, node: Node) -> FileLocation:
        """Return the located place of ``node`` with its redacted line as excerpt."""
        excerpt = self.lines[node.line - 1].strip() if 0 < node.line <= len(self.lines) else ""
        return FileLocation(self.path, self.sha256, node.line, node.column, excerpt[:MAXIMUM_EXCERPT])
