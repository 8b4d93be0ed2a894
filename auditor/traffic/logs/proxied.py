"""A request that a proxy logged, as a flow: who asked, for which host, and what the proxy did."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.vocabulary import NameRung, Sighting, Transport
from auditor.traffic.logs.coverage import LogCoverage
from auditor.traffic.logs.fields import address, authority, host_name
from auditor.traffic.logs.record import NOBODY, Action, LogFlow, Place, Workload

TCP = 6
_NO_HOST = frozenset("/?# ")
"""What stands in no host: a request to the proxy itself has a path where others have a host."""


@dataclass(frozen=True, slots=True)
class Request:
    """One line of a proxy's log, understood."""

    place: Place
    start: int | None
    end: int | None
    client: tuple[str, int | None]
    """Address and port; empty and ``None`` when the log does not tell."""
    method: str
    target: str
    """Authority that was asked for: ``api.example.org:443``."""
    path: str = ""
    upstream: tuple[str, int | None] = ("", None)
    """Whom the proxy contacted; empty when nobody or not told."""
    action: Action = Action.PASSED
    word: str = ""
    reason: str = ""
    """Why nothing was passed on (``denied``, ``failed``, ``no_payload``); empty when something was."""
    sent: int | None = None
    """Bytes from the client."""
    received: int | None = None
    """Bytes to the client."""
    protocol: str | None = None
    """Application protocol; ``None`` to tell it by the method."""
    rung: NameRung = NameRung.PROXY_AUTHORITY
    reporter: str = ""
    source: Workload = NOBODY
    evidence: tuple[tuple[str, str], ...] = ()


def flow_of(request: Request, coverage: LogCoverage) -> LogFlow | None:
    """Return the flow, ``None`` after counting a request that names no destination.

    The address of the proxy itself is not in its log: ``dst_addr`` is empty where a name was asked for, and
    ``translated_dst`` is whom the proxy contacted for it.
    """
    try:
        host, port = authority(request.target.rpartition("@")[2])
    except ValueError:
        host, port = "", None
    named, literal = ("", "") if set(host) & _NO_HOST else (host_name(host), address(host))
    if not (named or literal):
        coverage.skip("no_destination")
        return None
    protocol = request.protocol
    if protocol is None:
        protocol = "http_connect" if request.method == "CONNECT" else "http"
    return LogFlow(
        place=request.place,
        start=request.start,
        end=request.end,
        src_addr=request.client[0],
        src_port=request.client[1],
        dst_addr=literal,
        dst_port=port,
        transport=Transport.TCP,
        protocol_number=TCP,
        payload_out=request.sent,
        payload_in=request.received,
        name=named,
        name_rung=request.rung if named else NameRung.NONE,
        app_protocol=protocol,
        sighting=Sighting.ATTEMPT if request.reason else Sighting.DATA,
        attempt_reason=request.reason,
        action=request.action,
        action_word=request.word,
        reporter=request.reporter,
        translated_dst=request.upstream if request.upstream[0] else None,
        source=request.source,
        path=request.path,
        evidence=request.evidence,
    )
