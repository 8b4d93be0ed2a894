"""The packet filter while a script sets it: chains, policies and sets, with what is not decided of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from auditor.documents import Document, DocumentKind, Node, NodeKind
from auditor.network.addresses import FAMILIES
from auditor.network.netfilter.files import files_meant
from auditor.network.netfilter.terms import Element

TABLES = ("filter", "nat", "mangle", "raw", "security")
BUILT_IN = ("INPUT", "OUTPUT", "FORWARD", "PREROUTING", "POSTROUTING")


@dataclass(frozen=True, slots=True)
class Line:
    """One rule of a chain: ``-A CHAIN …``."""

    words: tuple[Node, ...]
    node: Node
    doubt: str = ""
    """Why it may not be there."""


@dataclass(slots=True)
class Chain:
    """A chain under way."""

    lines: list[Line] = field(default_factory=list)
    policy: str = "ACCEPT"
    place: Node | None = None
    """Where the policy was set."""
    doubt: str = ""
    """Why the policy may be another one."""


@dataclass(slots=True)
class TableState:
    """A table of iptables for one address family."""

    chains: dict[str, Chain] = field(default_factory=dict)
    lost: tuple[str, Node] | None = None
    """What may have changed any of its rules."""

    def chain(self, name: str) -> Chain:
        """Return a chain, which a script may use before it is seen to make it."""
        return self.chains.setdefault(name, Chain())

    def lose(self, why: str, node: Node) -> None:
        """Take in that something may have changed any rule and any policy."""
        self.lost = (why, node)
        for name in BUILT_IN:
            self.chain(name).doubt = why

    def flush(self, name: str, doubt: str) -> None:
        """Empty a chain, or all chains when ``name`` is empty; where that is in doubt, its rules may or may not be there."""
        for key, chain in self.chains.items():
            if name in ("", key):
                chain.lines = [replace(line, doubt=line.doubt or doubt) for line in chain.lines] if doubt else []
        if not name and not doubt:
            self.lost = None


@dataclass(slots=True)
class SetState:
    """A set of addresses under way."""

    kind: str
    elements: list[Element] = field(default_factory=list)
    open: str = ""


@dataclass(slots=True)
class FilterState:
    """The whole packet filter that a script leaves behind."""

    tables: dict[tuple[int, str], TableState] = field(default_factory=dict)
    sets: dict[str, SetState] = field(default_factory=dict)
    statements: list[Node] = field(default_factory=list)
    """Statements of nftables."""
    near: Document | None = None
    """The script, below whose folder the files lie that it loads."""
    documents: tuple[Document, ...] = ()
    """Files among the inputs that it may load."""
    loaded: list[Document] = field(default_factory=list)
    nftables_lost: tuple[str, Node] | None = None
    sets_lost: str = ""
    uses_nftables: bool = False

    def files(self, path: str, kind: DocumentKind) -> tuple[Document, ...]:
        """Return the one file of a kind that a path means, none where it is not among the inputs."""
        known = [d for d in self.documents if d.kind is kind and d.root.kind is NodeKind.SEQUENCE]
        found = files_meant(path, self.near, known) if self.near is not None and path else ()
        return found if len(found) == 1 else ()

    def table(self, family: int, name: str) -> TableState:
        """Return a table."""
        return self.tables.setdefault((family, name), TableState())

    def of(self, families: tuple[int, ...], name: str = "") -> Iterator[TableState]:
        """Yield the tables of some families, all of each when no name is known."""
        for family in families:
            for each in (name,) if name else TABLES:
                yield self.table(family, each)

    def lose(self, why: str, node: Node) -> None:
        """Take in that something may have changed anything."""
        for table in self.of(FAMILIES):
            table.lose(why, node)
        self.lose_sets(why)
        self.nftables_lost = (why, node)

    def lose_sets(self, why: str) -> None:
        """Take in that something may have changed any set."""
        self.sets_lost = why
        for one in self.sets.values():
            one.open = one.open or why
