"""Short ways into the trees of inventories, and the tenures that one record of them shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from auditor.documents.tree import Node
from auditor.facts.evidence import Evidence, FileLocation
from auditor.facts.tenures import Holder, Tenure
from auditor.facts.vocabulary import Basis
from auditor.identify.networks import parse_address


def text(node: Node, *path: str) -> str:
    """Return the text below ``path``, empty where there is none."""
    found = node.at(*path)
    return found.text if found is not None else ""


def items(node: Node, *path: str) -> tuple[Node, ...]:
    """Return the items of the list below ``path``."""
    found = node.at(*path)
    return found.items if found is not None else ()


def tenures(place: FileLocation, holder: Holder, addresses: Iterable[str], since: int, until: int) -> Iterator[Tenure]:
    """Yield that ``holder`` had each of ``addresses`` from ``since`` to ``until``; what is no address is left out."""
    for address in dict.fromkeys(str(parsed) for word in addresses if (parsed := parse_address(word)) is not None):
        fact = Evidence(Basis.OBSERVED, place, f"{holder.title} has the address {address}")
        yield Tenure(address, holder, since, max(since, until), fact)
