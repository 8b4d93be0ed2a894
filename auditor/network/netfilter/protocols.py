"""Names and numbers that rule sets write: protocols, services, ICMP types.

Sources: IANA "Protocol Numbers", "Service Name and Transport Protocol Port Number Registry", "ICMP Type Numbers" and "ICMPv6
Parameters"; the spellings are those of iptables(8) and nft(8).
"""

from __future__ import annotations

from collections.abc import Mapping

from auditor.network.connections import ALL_PORTS, ICMP, Connections, connections
from auditor.network.spans import Spans

IPV4, IPV6 = 4, 6
_NUMBERS = {"tcp": 6, "udp": 17, "sctp": 132, "icmp": 1, "ipv6-icmp": 58, "icmpv6": 58, "icmp6": 58}
_WITH_PORTS = {6: "TCP", 17: "UDP", 132: "SCTP"}
_ICMP_FAMILY = {1: IPV4, 58: IPV6}
_SERVICES = {
    "ftp": 21,
    "ssh": 22,
    "telnet": 23,
    "smtp": 25,
    "domain": 53,
    "bootps": 67,
    "bootpc": 68,
    "http": 80,
    "kerberos": 88,
    "pop3": 110,
    "sunrpc": 111,
    "ntp": 123,
    "imap2": 143,
    "imap": 143,
    "snmp": 161,
    "ldap": 389,
    "https": 443,
    "submission": 587,
    "ldaps": 636,
    "domain-s": 853,
    "imaps": 993,
    "pop3s": 995,
    "ms-sql-s": 1433,
    "mysql": 3306,
    "postgresql": 5432,
    "http-alt": 8080,
}
_ICMP4 = {
    "echo-reply": 0,
    "destination-unreachable": 3,
    "source-quench": 4,
    "redirect": 5,
    "echo-request": 8,
    "router-advertisement": 9,
    "router-solicitation": 10,
    "time-exceeded": 11,
    "parameter-problem": 12,
    "timestamp-request": 13,
    "timestamp-reply": 14,
}
_ICMP6 = {
    "destination-unreachable": 1,
    "packet-too-big": 2,
    "time-exceeded": 3,
    "parameter-problem": 4,
    "echo-request": 128,
    "echo-reply": 129,
    "mld-listener-query": 130,
    "mld-listener-report": 131,
    "mld-listener-done": 132,
    "mld-listener-reduction": 132,
    "nd-router-solicit": 133,
    "nd-router-advert": 134,
    "nd-neighbor-solicit": 135,
    "nd-neighbor-advert": 136,
    "nd-redirect": 137,
    "router-solicitation": 133,
    "router-advertisement": 134,
    "neighbour-solicitation": 135,
    "neighbour-advertisement": 136,
    "neighbor-solicitation": 135,
    "neighbor-advertisement": 136,
    "redirect": 137,
    "mld2-listener-report": 143,
}
_ICMP_NAMES: Mapping[int, Mapping[str, int]] = {IPV4: _ICMP4, IPV6: _ICMP6}


def protocol_number(text: str) -> int | None:
    """Return the number of an IP protocol by name or number, ``None`` when it is not known."""
    if text.isascii() and text.isdigit():
        return int(text)
    return _NUMBERS.get(text.lower())


def of_protocol(number: int) -> tuple[Connections, int]:
    """Return the connections of a protocol that is counted by itself, and the one family it belongs to (0: both).

    Of any other protocol no connection is its own: it is a part of what is counted as one.
    """
    if number in _WITH_PORTS:
        return connections(_WITH_PORTS[number], ALL_PORTS), 0
    if number in _ICMP_FAMILY:
        return ICMP, _ICMP_FAMILY[number]
    return Connections(), 0


def port_span(text: str) -> Spans | None:
    """Return the ports of ``80``, ``ssh``, ``80-90`` or ``80:90`` (an end may be missing), ``None`` when not understood."""
    for separator in ("-", ":"):
        first, found, last = text.partition(separator)
        if found and text not in _SERVICES:
            ends = [_port(first or "0"), _port(last or "65535")]
            return None if None in ends else Spans.of([(ends[0] or 0, ends[1] or 0)]) & ALL_PORTS
    number = _port(text)
    return None if number is None else Spans(((number, number),)) & ALL_PORTS


def _port(text: str) -> int | None:
    if text.isascii() and text.isdigit():
        return int(text) if int(text) <= ALL_PORTS.pairs[0][1] else None
    return _SERVICES.get(text.lower())


def icmp_types(text: str, family: int) -> Spans | None:
    """Return the types of ICMP that a name, number or range means in a family, ``None`` when not understood."""
    if text == "any":
        return ICMP.icmp
    first, found, last = text.partition("-")
    if found and first.isdigit() and last.isdigit():
        return Spans.of([(int(first), int(last))]) & ICMP.icmp
    number = int(text) if text.isascii() and text.isdigit() else _ICMP_NAMES[family].get(text)
    return None if number is None else Spans(((number, number),)) & ICMP.icmp
