"""What the readers of our own files share: texts out of trees, faults collected with their place."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from auditor.documents.tree import Document, Node
from auditor.errors import Diagnostic, InvalidInputError
from auditor.facts.countries import ISO_3166_ALPHA2, country_help
from auditor.facts.evidence import Evidence, FileLocation
from auditor.facts.hosts import normalise_host
from auditor.facts.places import Countries
from auditor.facts.vocabulary import Basis
from auditor.manifest.merging import OverlayNode

_HOST = re.compile(r"(?:\*\.)?(?:[a-z0-9_{}](?:[a-z0-9_{}\-]*[a-z0-9_{}])?\.)*[a-z0-9_{}](?:[a-z0-9_{}\-]*[a-z0-9_{}])?\Z")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


@dataclass(slots=True)
class Reading:
    """One document that is being read, and what was found wrong with it so far."""

    document: Document
    """With the overlays merged into its tree: ``origin`` tells which file a node stands in."""
    faults: list[Diagnostic] = field(default_factory=list)
    overlays: tuple[str, ...] = ()
    """Paths of the overlays of a manifest, in their order."""

    def origin(self, node: Node) -> Document:
        """Return the document that ``node`` stands in."""
        return node.document if isinstance(node, OverlayNode) else self.document

    def height(self, node: Node) -> int:
        """Return how many files lie below the one that ``node`` stands in: 0 for the manifest itself."""
        return self._height(self.origin(node).path)

    def _height(self, path: str) -> int:
        return (self.document.path, *self.overlays).index(path)

    def fault(self, node: Node, what: str, why: str = "", next_step: str = "") -> None:
        """Note one fault at ``node``."""
        self.faults.append(Diagnostic(what, why, next_step, self.origin(node).path, node.line, node.column))

    def finish(self) -> None:
        """Raise every fault found, in the order of the files and of the places in each.

        Raises:
            InvalidInputError: there was at least one.
        """
        if self.faults:
            raise InvalidInputError(*sorted(set(self.faults), key=lambda d: (self._height(d.path), d.line, d.column, d.what)))

    def evidence(self, node: Node, text: str) -> Evidence:
        """Return what the author states at ``node``."""
        return Evidence(Basis.DECLARED, self.locate(node), text)

    def locate(self, node: Node) -> FileLocation:
        """Return the place of ``node``."""
        return self.origin(node).locate(node)

    def layers(self, key: Node) -> Iterator[Node]:
        """Yield a key in each file that says something under it, the lowest first."""
        if isinstance(key, OverlayNode) and key.below is not None:
            yield from self.layers(key.below)
        yield key

    def first_at(self, before: Node, node: Node) -> str:
        """Return where ``before`` stands, for a message at ``node``."""
        path = self.origin(before).path
        shown = "" if path == self.origin(node).path else f"{path}:"
        return f"first at {shown}{before.line}:{before.column}"

    def date(self, node: Node | None) -> str:
        """Return an ISO 8601 date (``2026-11-20``), empty when not given."""
        if node is None:
            return ""
        try:
            valid = _DATE.match(node.text) is not None and bool(dt.date.fromisoformat(node.text))
        except ValueError:
            valid = False
        if not valid:
            self.fault(node, f'"{node.text}" is not a date', "dates are written year-month-day", "write it like 2026-11-20")
        return node.text

    def countries(self, node: Node | None) -> Countries:
        """Return a set of ISO 3166-1 alpha-2 codes, sorted; ``None`` (unknown) when not given."""
        if node is None:
            return None
        for item in node.items:
            if item.text not in ISO_3166_ALPHA2:
                self.fault(item, f'"{item.text}" is not an ISO 3166-1 alpha-2 country code', *country_help(item.text))
        return tuple(sorted({item.text for item in node.items}))

    def networks(self, node: Node | None) -> tuple[str, ...]:
        """Return CIDR networks in canonical form; host bits are dropped, a single address is its own network."""
        found: list[str] = []
        for item in node.items if node is not None else ():
            try:
                found.append(str(ipaddress.ip_network(item.text.strip("[]"), strict=False)))
            except ValueError:
                self.fault(
                    item,
                    f'"{item.text}" is not a network',
                    "neither an IPv4 nor an IPv6 network in CIDR form",
                    "write it like 10.20.0.0/16 or fd00:20::/32",
                )
        return tuple(dict.fromkeys(found))

    def hosts(self, node: Node | None) -> tuple[str, ...]:
        """Return host patterns in normal form (facts.hosts)."""
        found: list[str] = []
        for item in node.items if node is not None else ():
            host = normalise_host(item.text)
            if not _HOST.match(host):
                self.fault(
                    item,
                    f'"{item.text}" is not a host name or pattern',
                    "no scheme, port or path; * only as the whole first label",
                    "write it like git.corp.example or *.corp.example",
                )
            found.append(host)
        return tuple(dict.fromkeys(found))


def text(node: Node, key: str) -> str:
    """Return the text under ``key``, empty when not given."""
    value = node.get(key)
    return value.text if value is not None else ""


def texts(node: Node, key: str) -> tuple[str, ...]:
    """Return the texts listed under ``key``, none when not given."""
    value = node.get(key)
    return tuple(item.text for item in value.items) if value is not None else ()


def listed(words: Iterable[str]) -> str:
    """Return the words for a sentence, in order."""
    return ", ".join(sorted(words)) or "none"
