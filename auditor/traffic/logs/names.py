"""What separate records of one connection say of its destination's name, by the ladder of docs/flow_table.md."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.vocabulary import NameRung
from auditor.traffic.logs.coverage import LogCoverage
from auditor.traffic.logs.fields import authority, host_name


@dataclass(slots=True)
class Told:
    """What is known of one connection besides its counts."""

    proxy: str = ""
    """Host behind a proxy."""
    proxy_kind: str = ""
    sni: str = ""
    shown: str = ""
    """Server name as shown, also where it is an address."""
    host: str = ""
    tls: bool = False
    quic: bool = False
    http: bool = False
    path: str = ""
    dropped: bool = False
    tunnel: str = ""
    ends: tuple[str, str] = ("", "")
    """Addresses of who opened the tunnel and of its other end."""

    def name(self) -> tuple[str, NameRung]:
        """Return the destination's name and its rung, strongest evidence first."""
        if self.proxy:
            return self.proxy, NameRung.PROXY_AUTHORITY
        if self.sni:
            return self.sni, NameRung.SNI
        return (self.host, NameRung.HTTP_HOST) if self.host else ("", NameRung.NONE)

    def protocol(self, service: str) -> str:
        """Return the word for the application protocol; ``service`` is what the connection's own record says."""
        if self.proxy_kind:
            return self.proxy_kind
        if self.quic:
            return "quic"
        first = next((word for word in service.split(",") if word and not word.startswith("-")), "")
        return "tls" if self.tls else "http" if self.http else {"ssl": "tls"}.get(first, first)


def take_request(told: Told, method: str, target: str, host: str, coverage: LogCoverage) -> None:
    """Remember an HTTP request: ``target`` is a path, an absolute URL (to a proxy), or what CONNECT asks for."""
    told.http = True
    if method == "CONNECT":
        told.proxy_kind = "http_connect"
        told.proxy = told.proxy or host_of(target, coverage)
    elif target.startswith(("http://", "https://")):
        told.proxy = told.proxy or host_of(target.split("/", 3)[2], coverage)
    else:
        told.host = told.host or host_of(host, coverage)
        told.path = told.path or target.partition("?")[0]


def host_of(text: str, coverage: LogCoverage) -> str:
    """Return the host name in ``host:port`` or ``user@host``, empty for an address, and for what has no port where one stands."""
    try:
        return host_name(authority(text.rpartition("@")[2])[0])
    except ValueError:
        coverage.note("field_invalid:host")
        return ""
