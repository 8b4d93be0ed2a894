"""Address sets, one address family at a time: 0.0.0.0/0 says nothing of IPv6 (facts P10)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from auditor.network.spans import Spans

FAMILIES = (4, 6)
_LAST = {4: 2**32 - 1, 6: 2**128 - 1}


@dataclass(frozen=True, slots=True)
class Range:
    """Every address from ``first`` to ``last`` of one family."""

    family: int
    first: int
    last: int

    @property
    def spans(self) -> Spans:
        """Return the range as a set."""
        return Spans(((self.first, self.last),))

    def text(self) -> str:
        """Return ``first-last`` in the family's notation, one address alone."""
        ends = [address_text(self.family, number) for number in (self.first, self.last)]
        return ends[0] if self.first == self.last else "-".join(ends)


def address_text(family: int, number: int) -> str:
    """Return an address in its usual notation."""
    return str(ipaddress.IPv4Address(number) if family == FAMILIES[0] else ipaddress.IPv6Address(number))


def parse_block(text: str) -> Range | None:
    """Return the range of a CIDR block or address; host bits are masked, as the API server lets them pass (facts P8)."""
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None
    return Range(network.version, int(network.network_address), int(network.broadcast_address))


def parse_range(text: str) -> Range | None:
    """Return the range of a block, an address, or ``first-last``."""
    first, found, last = text.partition("-")
    if not found:
        return parse_block(text)
    ends = parse_block(first), parse_block(last)
    if ends[0] is None or ends[1] is None or ends[0].family != ends[1].family or ends[0].first > ends[1].last:
        return None
    return Range(ends[0].family, ends[0].first, ends[1].last)


def whole(family: int) -> Range:
    """Return every address of a family."""
    return Range(family, 0, _LAST[family])


PRIVATE = (
    Range(4, 10 << 24, (11 << 24) - 1),
    Range(4, 100 << 24 | 64 << 16, (100 << 24 | 128 << 16) - 1),
    Range(4, 169 << 24 | 254 << 16, (169 << 24 | 255 << 16) - 1),
    Range(4, 172 << 24 | 16 << 16, (172 << 24 | 32 << 16) - 1),
    Range(4, 192 << 24 | 168 << 16, (192 << 24 | 169 << 16) - 1),
    Range(6, 0xFC << 120, (0xFE << 120) - 1),
    Range(6, 0xFE80 << 112, (0xFEC0 << 112) - 1),
)
"""Addresses that are not reached over the Internet (RFC 1918, 6598, 3927, 4193, 4291): where networks of one's own lie."""
LOOPBACK = (Range(4, 127 << 24, (128 << 24) - 1), Range(6, 1, 1))
"""Addresses that never leave the host (RFC 1122, 3.2.1.3; RFC 4291, 2.5.3)."""


def cut(family: int, blocks: Iterable[Spans]) -> tuple[Range, ...]:
    """Return the coarsest ranges of a family such that each lies wholly inside or outside of every block."""
    starts = {0}
    for block in blocks:
        for first, last in block.pairs:
            starts |= {first, last + 1}
    ordered = sorted(s for s in starts if s <= _LAST[family])
    ends = [s - 1 for s in ordered[1:]] + [_LAST[family]]
    return tuple(Range(family, first, last) for first, last in zip(ordered, ends, strict=True))
