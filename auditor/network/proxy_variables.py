"""``HTTP_PROXY``, ``HTTPS_PROXY``, ``ALL_PROXY`` and ``NO_PROXY``: advice that a program may heed or not (facts H5).

Which of the programs in a workload reads them, and how each reads ``NO_PROXY`` (suffixes, ports, blocks), differs; hence the
layer denies nothing. It tells where traffic is meant to go.
"""

from __future__ import annotations

import re
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
from auditor.network.nodes import text
from auditor.network.spans import Spans

_PROXIES = ("http_proxy", "https_proxy", "all_proxy")
_EXCEPT = "no_proxy"
_SHOWN = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?(?:[^@/]*@)?([^/?#]+)", re.IGNORECASE)
_WEB = connections("TCP", Spans(((80, 80), (443, 443))))


@dataclass(frozen=True, slots=True)
class ProxyVariables:
    """The variables of one workload."""

    text: str
    location: FileLocation
    via: tuple[str, ...] = ()
    """Hosts and ports of the proxies; empty where the file does not show them."""

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
    return proxies_among([(document, e) for e in environments])


def proxies_among(environments: Iterable[tuple[Document, Node | None]]) -> ProxyVariables | None:
    """Return the proxy variables of a workload whose environments stand in several documents, the later laid over the earlier."""
    found: dict[str, tuple[Document, Node, str]] = {}
    for document, environment in environments:
        for name, node, value in _pairs(environment):
            if name.lower() in (*_PROXIES, _EXCEPT):
                found[name.lower()] = (document, node, value)
    named = {name: each for name, each in found.items() if name != _EXCEPT and each[2]}
    if not named:
        return None
    via = tuple(dict.fromkeys(where for _, node, value in named.values() if (where := _place(node, value))))
    names = ", ".join(name.upper() for name in named)
    document, node, _ = next(iter(named.values()))
    spared = ", except what NO_PROXY names" if found.get(_EXCEPT, (None, None, ""))[2] else ""
    text = f"{names} send web traffic via {', '.join(via) or 'a proxy'}{spared}"
    return ProxyVariables(text, document.locate(node), via)


def _place(node: Node, value: str) -> str:
    """Return host and port of a proxy's address, without scheme and user; empty where it holds a secret or a variable."""
    match = _SHOWN.match(value)
    return "" if match is None or "$" in value or (node.redacted and "@" not in value) else match[1]


def _pairs(environment: Node | None) -> Iterable[tuple[str, Node, str]]:
    """Yield (name, place, value) of an environment: a mapping, a list of ``NAME=value``, or of ``{name: …, value: …}``."""
    if environment is None:
        return
    if environment.kind is NodeKind.MAPPING:
        yield from ((key.text, value, value.text) for key, value in environment.entries)
    for item in environment.items:
        name, equals, value = item.text.partition("=")
        given = item.get("value")
        if equals:
            yield name, item, value
        elif given is not None:
            yield text(item, "name"), given, given.text
