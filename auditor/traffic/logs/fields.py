"""Values as logs write them, to numbers, times, addresses and protocols; what cannot be understood is ``None`` or empty."""

from __future__ import annotations

import ipaddress
import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from math import isnan

from auditor.facts.hosts import is_address, normalise_host
from auditor.facts.vocabulary import Transport
from auditor.traffic.times import LARGEST, SECOND

ABSENT = frozenset({"", "-", "(empty)", "null", "None", "N/A", "n/a", "UNKNOWN"})
_LARGEST_COUNT = 2**63 - 1
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,12}))?\s*(Z|z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d)?\Z")
_CANONICAL = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!\Z)|\Z)){4}\Z", re.ASCII)
"""IPv4 without leading zeros, as nearly every log writes it."""
_NUMBERS = {1: Transport.ICMP, 6: Transport.TCP, 17: Transport.UDP, 58: Transport.ICMPV6, 132: Transport.SCTP}
_NAMES = {
    "icmp": 1, "icmpv4": 1, "igmp": 2, "ipip": 4, "tcp": 6, "tcp/ip": 6, "udp": 17, "ipv6": 41, "gre": 47, "esp": 50, "ah": 51,
    "icmp6": 58, "icmpv6": 58, "ipv6-icmp": 58, "icmp-v6": 58, "ospf": 89, "sctp": 132, "udplite": 136,
}  # fmt: skip
PROTOCOLS = {4: "ipip", 41: "ip6ip", 47: "gre", 50: "esp", 51: "ah", 89: "ospf", 103: "pim", 112: "vrrp"}
"""Words for IP protocols without ports, as in the flow table's ``app_protocol``."""


def text_of(value: object) -> str:
    """Return a scalar as text, empty for what stands for nothing."""
    if isinstance(value, str):
        return "" if value in ABSENT else value
    if type(value) is int:
        return str(value)
    if type(value) is float:  # of Parquet alone, where a column of whole numbers with gaps is often one of floats
        return "" if isnan(value) else str(int(value)) if value.is_integer() else repr(value)
    if value is None or isinstance(value, dict | list | bytes):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def whole(value: object) -> int | None:
    """Return a count, ``None`` for what is absent.

    Raises:
        ValueError: it is present, and no whole number from 0 to 2**63 - 1.
    """
    if isinstance(value, bool):
        raise ValueError("a truth value is no number")  # noqa: TRY004 -- one error for whatever is no count
    if isinstance(value, float | Decimal):
        value = text_of(float(value)) if isinstance(value, float) else str(value)
    if isinstance(value, str):
        if value in ABSENT:
            return None
        if not (value.isascii() and value.isdigit()):
            number = _decimal(value)
            if number is None or number != number.to_integral_value():
                raise ValueError("no whole number")
            value = int(number)
        else:
            value = int(value) if len(value) < 20 else _LARGEST_COUNT + 1  # noqa: PLR2004 -- digits of 2**63
    if value is None:
        return None
    if not isinstance(value, int) or not 0 <= value <= _LARGEST_COUNT:
        raise ValueError("no whole number in range")
    return value


def _decimal(value: str) -> Decimal | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < 30 else None  # noqa: PLR2004 -- bounds the integer


def seconds(value: object, unit: int = SECOND) -> int | None:
    """Return nanoseconds for a time or duration in seconds (or in ``unit`` ns), exactly, however many decimals it has.

    Raises:
        ValueError: it is present and no number, negative, or beyond the year 2262.
    """
    if isinstance(value, datetime):
        return iso(value.isoformat())
    text = text_of(value)
    if not text:
        return None
    head, dot, fraction = text.partition(".")
    if head.isascii() and head.isdigit() and len(head) < 20 and unit == SECOND and (not dot or fraction.isdigit()):  # noqa: PLR2004
        found = int(head) * SECOND + int(fraction[:9].ljust(9, "0"))
    else:
        number = _decimal(text)
        if number is None:
            raise ValueError("no number")
        found = int(number * unit)
    if not 0 <= found <= LARGEST:
        raise ValueError("a time out of range")
    return found


@lru_cache(maxsize=4096)
def _minute(year: str, month: str, day: str, hour: str, minute: str, zone: str) -> int:
    shift = 0
    if zone and zone[0] in "+-":
        digits = zone[1:].replace(":", "").ljust(4, "0")
        shift = (int(digits[:2]) * 60 + int(digits[2:])) * (60 if zone[0] == "+" else -60)
    whole_minute = datetime(int(year), int(month), int(day), int(hour), int(minute), tzinfo=UTC)
    return int(whole_minute.timestamp()) - shift


def iso(value: object) -> int | None:
    """Return nanoseconds for a time in ISO 8601 form, UTC where it names no zone.

    Raises:
        ValueError: it is present and no such time.
    """
    text = text_of(value)
    if not text:
        return None
    match = _ISO.match(text)
    if match is None:
        raise ValueError("no time in ISO 8601 form")
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    if int(second) > 60:  # noqa: PLR2004 -- a leap second is possible
        raise ValueError("no time of day")
    found = (_minute(year, month, day, hour, minute, zone or "") + int(second)) * SECOND + int(
        (fraction or "0")[:9].ljust(9, "0")
    )
    if not 0 <= found <= LARGEST:
        raise ValueError("a time out of range")
    return found


def moment(value: object) -> int | None:
    """Return nanoseconds for a time as text in ISO 8601 form or as a number of seconds, milli-, micro- or nanoseconds.

    The unit of a number is told by its size: each holds for times between 1973 and 2262.

    Raises:
        ValueError: it is present and neither.
    """
    text = text_of(value)
    if not text:
        return None
    if "-" in text[1:] or ":" in text:
        return iso(text)
    digits = len(text.partition(".")[0])
    unit = SECOND if digits <= 11 else 1_000_000 if digits <= 14 else 1_000 if digits <= 17 else 1  # noqa: PLR2004
    return seconds(text, unit)


@lru_cache(maxsize=65_536)
def address(text: str) -> str:
    """Return an address in canonical form (RFC 5952; IPv4 for what is mapped into IPv6), empty for what is none."""
    if _CANONICAL.match(text):
        return text
    bare = text.strip().strip("[]").partition("%")[0]
    try:
        found = ipaddress.ip_address(bare)
    except ValueError:
        return ""
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return str(mapped or found)


def host_name(text: str) -> str:
    """Return a host name in normal form, empty for an address (which names nothing) and for nothing."""
    return "" if text in ABSENT or is_address(text) else normalise_host(text)


def authority(text: str) -> tuple[str, int | None]:
    """Return host and port of ``host:port``, ``[v6]:port``, or a host alone.

    Raises:
        ValueError: the port is no number from 0 to 65535.
    """
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":")
    elif text.count(":") > 1:
        return text, None
    else:
        host, _, port = text.partition(":")
    if not port:
        return host, None
    if not port.isdigit() or int(port) > 65_535:  # noqa: PLR2004 -- highest port
        raise ValueError("no port")
    return host, int(port)


def protocol_number(value: object) -> int | None:
    """Return the number of an IP protocol given by number or by name, ``None`` for what is absent or has no name here."""
    text = text_of(value).lower()
    if text.isdigit():
        return int(text) if len(text) < 4 and int(text) < 256 else None  # noqa: PLR2004 -- a byte
    return _NAMES.get(text)


def transport(number: int | None) -> Transport | None:
    """Return the transport of an IP protocol number."""
    return None if number is None else _NUMBERS.get(number, Transport.OTHER)
