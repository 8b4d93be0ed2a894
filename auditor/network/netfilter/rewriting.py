"""Rules that change where a packet goes (``DNAT``, ``REDIRECT``, ``dnat to``, ``redirect to``), where that is written out.

Sources: iptables-extensions(8), "DNAT", "REDIRECT"; nft(8), "NAT statements". What the host itself sends and redirects goes to
its loopback address; ports that are not given stay as they are; a connection is rewritten once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from auditor.network.addresses import FAMILIES, Range, parse_range
from auditor.network.connections import PROTOCOLS, Connections
from auditor.network.netfilter.protocols import port_span
from auditor.network.spans import EMPTY, Spans

_FOUR, _SIX = FAMILIES
_HOST = {_FOUR: Range(_FOUR, 127 << 24 | 1, 127 << 24 | 1), _SIX: Range(_SIX, 1, 1)}
_PORTED = tuple(name.lower() for name in PROTOCOLS)
_BRACKETS = re.compile(r"\[([^\]]+)\](?:-\[([^\]]+)\])?(?::([\w-]+))?")
_PLAIN = re.compile(r"([0-9.]+(?:-[0-9.]+)?)?:([\w-]+)")


@dataclass(frozen=True, slots=True)
class Rewriting:
    """Where packets go instead."""

    place: Range | None = None
    """``None``: to the address that was asked for, or to the host itself."""
    ports: Spans = EMPTY
    """Empty: to the port that was asked for."""
    to_host: bool = False

    def place_for(self, asked: Range) -> Range:
        """Return the addresses that packets to ``asked`` go to instead."""
        return _HOST[asked.family] if self.to_host else self.place or asked

    def onward(self, taken: Connections) -> Connections:
        """Return what connections become."""
        if not self.ports:
            return taken
        ported = {name: self.ports if getattr(taken, name) else EMPTY for name in _PORTED}
        return Connections(**ported, icmp=taken.icmp, other=taken.other)

    def back(self, taken: Connections, then: Connections) -> Connections:
        """Return which of ``taken`` become connections that are among ``then``, or may be."""
        if not self.ports:
            return taken & then
        ported = {name: getattr(taken, name) if getattr(then, name) & self.ports else EMPTY for name in _PORTED}
        return Connections(**ported, icmp=taken.icmp & then.icmp, other=taken.other & then.other)

    def spans(self, family: int) -> Iterator[Spans]:
        """Yield the addresses of a family at which packets to others may arrive."""
        if self.to_host:
            yield _HOST[family].spans
        elif self.place is not None and self.place.family == family:
            yield self.place.spans

    def text(self) -> str:
        """Return where packets go, in plain words."""
        place = "the host itself" if self.to_host else self.place.text() if self.place is not None else "the same address"
        ports = ",".join(str(a) if a == b else f"{a}-{b}" for a, b in self.ports.pairs)
        return f"{place}, port {ports}" if ports else place


def rewritten_to(written: str, family: int | None) -> Rewriting | None:
    """Return where ``ADDRESS``, ``FIRST-LAST``, ``ADDRESS:PORT`` or ``:PORT`` leads; ``None`` when that is not understood.

    Args:
        written: as iptables and nft write it, an address of IPv6 with a port in brackets.
        family: the one that the rule is of; ``None`` for either.
    """
    if "/" in written or not written:
        return None
    place, ports = parse_range(written), ""
    if place is None:
        six, four = _BRACKETS.fullmatch(written), _PLAIN.fullmatch(written)
        if six is not None:
            place, ports = parse_range(f"{six[1]}-{six[2]}" if six[2] else six[1]), six[3] or ""
        elif four is not None:
            place, ports = parse_range(four[1]) if four[1] else None, four[2]
        if place is None and not (four is not None and not four[1]):
            return None
    spans = port_span(ports) if ports else EMPTY
    if spans is None or (place is not None and family is not None and place.family != family):
        return None
    return Rewriting(place, spans)


def redirected_to(ports: str) -> Rewriting | None:
    """Return where ``REDIRECT`` leads: the host itself, at ``ports`` or the port that was asked for."""
    spans = port_span(ports.removeprefix(":")) if ports else EMPTY
    return None if spans is None else Rewriting(None, spans, to_host=True)
