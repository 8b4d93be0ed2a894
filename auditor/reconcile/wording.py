"""Plain words for counts, rungs and frames."""

from __future__ import annotations

from auditor.facts.evidence import Evidence, FrameLocation
from auditor.facts.observation import ObservedEdge
from auditor.facts.vocabulary import Basis, NameRung, Sighting

RUNG_WORDS: dict[NameRung, str] = {
    NameRung.PROXY_AUTHORITY: "named to the proxy",
    NameRung.SNI: "TLS server name",
    NameRung.HTTP_HOST: "HTTP host",
    NameRung.DNS_SAME_CLIENT: "name looked up by the same client",
    NameRung.DNS_OTHER_CLIENT: "name looked up by another client",
    NameRung.CERTIFICATE: "name in the certificate",
    NameRung.REVERSE_DNS: "reverse lookup",
    NameRung.ADDRESS_RANGE: "published address range",
    NameRung.NONE: "no name",
}

ATTEMPT_WORDS: dict[str, str] = {
    "refused": "was refused",
    "unanswered": "was not answered",
    "icmp_unreachable": "was rejected as unreachable",
}

_STEP = 1000


def bytes_text(count: int) -> str:
    """Return a byte count in decimal units: ``912 B``, ``18.2 kB``."""
    if count < _STEP:
        return f"{count} B"
    value = float(count)
    for unit in ("kB", "MB", "GB"):
        value /= _STEP
        if round(value, 1) < _STEP:
            return f"{value:.1f} {unit}"
    return f"{value / _STEP:.1f} TB"


MOST_FRAMES = 5
"""A locator names the first frames only (docs/flow_table.md); a full list may go on."""


def plural(count: int, noun: str) -> str:
    """Return ``1 packet`` or ``3 packets``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def attempt_text(edge: ObservedEdge) -> str:
    """Return what an attempt met."""
    return ATTEMPT_WORDS.get(edge.attempt_reason, "moved no data")


def edge_evidence(edge: ObservedEdge) -> tuple[Evidence, ...]:
    """Return one located fact for each place in a capture that shows the edge."""
    return tuple(Evidence(Basis.OBSERVED, location, _text(edge, location)) for location in edge.locators)


def _text(edge: ObservedEdge, location: FrameLocation) -> str:
    name, rung = edge.destination.name, edge.destination.rung
    target = f"{name} ({RUNG_WORDS[rung]})" if name else f"{edge.destination.address} (no name)"
    if edge.name_hidden:
        target += ", its name hidden"
    frames = ", ".join(str(number) for number in location.frames)
    more = ", …" if len(location.frames) == MOST_FRAMES else ""
    where = f", frames {frames}{more}" if frames else ""
    if edge.held_open:
        where = f", held open for {edge.longest_seconds:.0f} s{where}"
    if edge.sighting is Sighting.ATTEMPT:
        return f"an attempt to reach {target} {attempt_text(edge)}{where}"
    if len(edge.locators) == 1:
        return f"{plural(edge.packets_out, 'packet')}, {bytes_text(edge.payload_out)} out to {target}{where}"
    return f"{bytes_text(location.payload_out)} out to {target}{where}"
