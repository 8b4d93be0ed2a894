"""The elements (``acl``) of Squid: what each takes of a request. Source: Squid configuration reference, ``acl``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from auditor.documents import Node
from auditor.facts.vocabulary import Transport
from auditor.network.addresses import LOOPBACK, Range, parse_range
from auditor.network.connections import ALL_PORTS, NONE, Connections, connections, wanted
from auditor.network.ends import Named
from auditor.network.name_patterns import NameDialect, NamePattern
from auditor.network.spans import EMPTY, Spans

_EVERY = wanted(Transport.TCP, 0)
_OWN = {r.family: r.spans for r in LOOPBACK}
_CLIENTS = [block for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16") if (block := parse_range(text)) is not None]


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks of the proxy."""

    target: Range | Named
    tunnel: bool
    """Whether by CONNECT."""
    client: Range | None = None
    """Who asks, where that is known."""
    literal: bool = False
    """Whether a range stands for addresses that are written in a request, and not for those of any name too."""


@dataclass(frozen=True, slots=True)
class Element:
    """One named element: any of its values."""

    kind: str
    addresses: Mapping[int, Spans] = field(default_factory=dict)
    patterns: tuple[NamePattern, ...] = ()
    ports: Spans = EMPTY
    words: tuple[str, ...] = ()
    numeric: bool = False
    """Whether it compares what is written in a request alone (``-n``): no name is looked up, and none is then an address."""
    open: bool = False
    """Whether some of it is not read, or stands in a file that was not supplied."""

    def match(self, request: Request) -> tuple[Connections, Connections]:
        """Return the TCP connections that it surely and that it possibly takes of a request."""
        surely, possibly = self._plain(request)
        return (surely, _EVERY) if self.open else (surely, possibly)

    def _plain(self, request: Request) -> tuple[Connections, Connections]:  # noqa: PLR0911 -- one line a kind of element
        named = request.target if isinstance(request.target, Named) else None
        place = request.target if isinstance(request.target, Range) else request.target.range
        if self.kind == "all":
            return _EVERY, _EVERY
        if self.kind == "port":
            taken = connections("TCP", self.ports & ALL_PORTS)
            return taken, taken
        if self.kind == "method":
            return self._method(request)
        if self.kind == "dstdomain" and (named is not None or (self.numeric and request.literal)):
            # An address is looked up in reverse, and whoever holds it says what comes back; with -n it has no name.
            taken = _EVERY if named is not None and any(p.matches(named.name) for p in self.patterns) else NONE
            return taken, taken
        if self.kind == "dst":
            within = self.addresses.get(place.family, EMPTY)
            if self.numeric and named is not None:
                return NONE, NONE
            sure = within.covers(place.spans) and not self.numeric  # a name of that address is not taken
            return (_EVERY, _EVERY) if sure else (NONE, _EVERY if within & place.spans else NONE)
        if self.kind == "src":
            return self._of_clients(request.client)
        return NONE, _EVERY

    def _method(self, request: Request) -> tuple[Connections, Connections]:
        if "CONNECT" in self.words and request.tunnel:
            return _EVERY, _EVERY
        others = [word for word in self.words if word != "CONNECT"]
        return (NONE, NONE) if request.tunnel or not others else (NONE, _EVERY)

    def _of_clients(self, client: Range | None) -> tuple[Connections, Connections]:
        """Return whether clients are among the sources: they have private addresses, and none is the proxy's own host."""
        if client is not None:
            within = self.addresses.get(client.family, EMPTY)
            return (_EVERY if within.covers(client.spans) else NONE), (_EVERY if within & client.spans else NONE)
        others = {f: spans for f, spans in self.addresses.items() if spans - _OWN[f]}
        wide = all(self.addresses.get(4, EMPTY).covers(r.spans) for r in _CLIENTS)
        return (_EVERY if wide else NONE), (_EVERY if others else NONE)


BUILT_IN: Mapping[str, Element] = {
    "all": Element("all"),
    "CONNECT": Element("method", words=("CONNECT",)),
    "localhost": Element("src", {r.family: r.spans for r in LOOPBACK}),
    "to_localhost": Element("dst", {4: LOOPBACK[0].spans | Spans(((0, 0),)), 6: LOOPBACK[1].spans}),
    "to_linklocal": Element("dst", {4: Spans(((169 << 24 | 254 << 16, (169 << 24 | 255 << 16) - 1),))}),
    "manager": Element("manager", open=True),
}
"""Elements that need no ``acl`` line (Squid 3.2 and later)."""


def read_element(kind: str, values: Sequence[Node], known: Element | None) -> Element:
    """Return an element with ``values`` added to what it held before; one whose kind changes is open."""
    found = known if known is not None and known.kind == kind else Element(kind)
    found = replace(found, open=found.open or (known is not None and known.kind != kind))
    for value in values:
        text = value.text
        if value.quoted and "/" in text:
            found = replace(found, open=True)
        elif text == "-n":
            found = replace(found, numeric=True)
        elif not text.startswith("-"):
            found = _with(found, text)
    return found


def _with(element: Element, text: str) -> Element:  # noqa: PLR0911 -- one line a kind of element
    if element.kind in ("src", "dst"):
        if text == "all":
            return replace(element, addresses={4: Spans(((0, 2**32 - 1),)), 6: Spans(((0, 2**128 - 1),))})
        block = parse_range(text)
        if block is None:
            return replace(element, open=True)
        spans = element.addresses.get(block.family, EMPTY) | block.spans
        return replace(element, addresses={**element.addresses, block.family: spans})
    if element.kind == "dstdomain":
        return replace(element, patterns=(*element.patterns, NamePattern(text, NameDialect.SQUID)))
    if element.kind == "port":
        first, _, last = text.partition("-")
        if not (first.isdigit() and (last or first).isdigit()):
            return replace(element, open=True)
        return replace(element, ports=element.ports | Spans.of([(int(first), int(last or first))]))
    if element.kind == "method":
        return replace(element, words=(*element.words, text.upper()))
    return replace(element, open=element.kind != "all")
