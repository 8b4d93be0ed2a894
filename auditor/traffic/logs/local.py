"""Flows of a log that stay on their link, told by the same rules as packets of a capture (facts T20)."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from auditor.facts.vocabulary import Transport
from auditor.traffic.internet import ICMPV6, IGMP, is_group
from auditor.traffic.logs.record import LogFlow
from auditor.traffic.noise import LOCAL_PORTS, Ends, noise_between

_RARE = frozenset({Transport.ICMPV6, Transport.OTHER})


def local_protocol(flow: LogFlow) -> str:
    """Return the protocol that keeps ``flow`` on its link, empty when it may leave it or its ends are not told."""
    if not (flow.src_addr and flow.dst_addr):
        return ""
    suspect = flow.dst_port in LOCAL_PORTS or flow.src_port in LOCAL_PORTS or flow.transport in _RARE
    destination = packed(flow.dst_addr)
    if not suspect and not is_group(destination):
        return ""
    number = flow.protocol_number or {Transport.UDP: 17, Transport.ICMPV6: ICMPV6}.get(flow.transport or Transport.OTHER, 0)
    kind = dict(flow.evidence).get("icmp", "").partition("/")[0]
    ends = Ends(
        number,
        packed(flow.src_addr),
        destination,
        flow.src_port or 0,
        flow.dst_port or 0,
        int(kind) if number in (ICMPV6, IGMP) and kind.isdigit() else None,
    )
    return noise_between(ends)


@lru_cache(maxsize=65_536)
def packed(address: str) -> bytes:
    """Return the bytes of an address in canonical form."""
    return ipaddress.ip_address(address).packed
