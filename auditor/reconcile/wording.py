"""Plain words for counts, rungs and frames."""

from __future__ import annotations

from auditor.facts.evidence import Evidence, FrameLocation, LineLocation
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
    "denied": "was denied on the way",
    "failed": "failed on the way",
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


def amount_text(count: int | None, untold: int = 0) -> str:
    """Return a byte count of which ``untold`` flows do not tell: at least so much, or not known at all."""
    if count is None:
        return "an untold number of bytes"
    return f"at least {bytes_text(count)}" if untold else bytes_text(count)


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


def _text(edge: ObservedEdge, location: FrameLocation | LineLocation) -> str:
    name, rung = edge.destination.name, edge.destination.rung
    target = f"{name} ({RUNG_WORDS[rung]})" if name else f"{edge.destination.address} (no name)"
    if rung is NameRung.PROXY_AUTHORITY and edge.destination.address:
        target += f" at {edge.destination.address} port {edge.destination.port}"
    if edge.name_hidden:
        target += ", its name hidden"
    if isinstance(location, LineLocation):
        target += _logged(edge)
    numbers, noun = (location.lines, "lines") if isinstance(location, LineLocation) else (location.frames, "frames")
    shown = ", ".join(str(number) for number in numbers)
    more = ", …" if len(numbers) == MOST_FRAMES else ""
    where = f", {noun} {shown}{more}" if shown else ""
    if edge.held_open:
        where = f", held open for {edge.longest_seconds:.0f} s{where}"
    if edge.sighting is Sighting.ATTEMPT:
        return f"an attempt to reach {target} {attempt_text(edge)}{where}"
    if isinstance(location, LineLocation):
        return f"{_logged_amount(location)} out to {target}{where}"
    if len(edge.locators) == 1 and edge.packets_out is not None:
        return f"{plural(edge.packets_out, 'packet')}, {amount_text(edge.payload_out)} out to {target}{where}"
    return f"{bytes_text(location.payload_out)} out to {target}{where}"


def _logged(edge: ObservedEdge) -> str:
    """Return what logs tell of an edge besides: who sent, where the calls ran, what the other end is."""
    sender = f"the log names the sender {edge.source.logged_as.replace(':', ' ', 1)}" if edge.source.logged_as else ""
    ran = f"processed at {', '.join(edge.ran_in)}" if edge.ran_in else ""
    told = "; ".join(text for text in (sender, ran, *edge.told) if text)
    return f" ({told})" if told else ""


def _logged_amount(location: LineLocation) -> str:
    """Return what a log counts: payload, else the bytes with their headers."""
    if location.payload_out is None and location.wire_out is not None:
        return f"{bytes_text(location.wire_out)} with headers"
    return amount_text(location.payload_out)
