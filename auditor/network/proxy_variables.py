"""``HTTP_PROXY``, ``HTTPS_PROXY``, ``ALL_PROXY`` and ``NO_PROXY``: advice that a program may heed or not (facts H5).

Which of the programs in a workload reads them, and how each reads ``NO_PROXY`` (suffixes, ports, blocks), differs; hence the
layer denies nothing. It tells where traffic is meant to go.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from auditor.documents import Document, Node, NodeKind
from auditor.facts.evidence import FileLocation
from auditor.facts.permission import Strength
from auditor.facts.truth import Truth
from auditor.network.addresses import Range
from auditor.network.connections import ALL, connections
from auditor.network.decision import Decision, Step
from auditor.network.ends import Named
from auditor.network.name_patterns import NamePattern
from auditor.network.spans import Spans

_PROXIES = ("http_proxy", "https_proxy", "all_proxy")
_WEB = connections("TCP", Spans(((80, 80), (443, 443))))


@dataclass(frozen=True, slots=True)
class ProxyVariables:
    """The variables of one workload."""

    text: str
    location: FileLocation

    @property
    def dialect(self) -> str:
        """Return what it is, in plain words."""
        return "proxy variables"

    @property
    def strength(self) -> Strength:
        """Return that it is advice."""
        return Strength.ADVISORY

    @property
    def assumed(self) -> tuple[str, ...]:
        """Return nothing: it decides nothing."""
        return ()

    def cuts(self, family: int) -> Iterable[Spans]:  # noqa: ARG002 -- the signature of layers
        """Return nothing: the same advice holds everywhere."""
        return ()

    def names(self) -> Sequence[NamePattern]:
        """Return nothing: programs differ in how they read exceptions."""
        return ()

    def decide(self, target: Range | Named) -> Decision:  # noqa: ARG002 -- the signature of layers
        """Return that web traffic is meant to go to the proxy, not to the target."""
        return Decision(ALL - _WEB, _WEB, (Step(_WEB, Truth.NO, self.text, self.location),))


def proxy_layer(document: Document, environments: Sequence[Node | None]) -> ProxyVariables | None:
    """Return the proxy variables among the environments of a workload, the later laid over the earlier; ``None`` without any."""
    found: dict[str, Node] = {}
    for environment in environments:
        for name, value in _pairs(environment):
            if name.lower() in _PROXIES:
                found[name.lower()] = value
    named = [(name, node) for name, node in found.items() if node.text]
    if not named:
        return None
    names = ", ".join(name.upper() for name, _ in named)
    return ProxyVariables(f"{names} send web traffic to a proxy", document.locate(named[0][1]))


def _pairs(environment: Node | None) -> Iterable[tuple[str, Node]]:
    if environment is None:
        return
    if environment.kind is NodeKind.MAPPING:
        yield from ((key.text, value) for key, value in environment.entries)
    for item in environment.items:
        name, equals, _ = item.text.partition("=")
        if equals:
            yield name, item
