"""Lines of access logs: values separated by blanks, quoted or in brackets where they hold blanks."""

from __future__ import annotations

import calendar
import re
from functools import lru_cache

from auditor.traffic.logs.fields import address, authority, iso

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|\[([^\]]*)\]|(\S+)')
_APACHE_TIME = re.compile(r"(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d{4})\Z")
MONTHS = {name: number for number, name in enumerate(calendar.month_abbr) if name}
"""Numbers of months by their English short names; the tool never changes the locale."""


def tokens(line: str) -> list[str]:
    """Return the values of a line without their quotes or brackets."""
    return [quoted or bracketed or plain for quoted, bracketed, plain in _TOKEN.findall(line)]


@lru_cache(maxsize=4096)
def common_time(text: str) -> int | None:
    """Return nanoseconds for a time in common log format (``21/Sep/2026:10:00:01 +0200``), ``None`` for another text."""
    match = _APACHE_TIME.match(text)
    if match is None or match[2] not in MONTHS:
        return None
    day, month, year, clock, zone = match.groups()
    try:
        return iso(f"{year}-{MONTHS[month]:02}-{day}T{clock}{zone}")
    except ValueError:
        return None


def end_of(text: str) -> tuple[str, int | None]:
    """Return address and port of ``10.0.0.5:50000``, ``[2001:db8::5]:443``, or an address alone; empty for anything else."""
    try:
        host, port = authority(text)
    except ValueError:
        return "", None
    return address(host), port


def split_url(url: str) -> tuple[str, str]:
    """Return authority and path (without query) of an absolute URL or of ``host:port``."""
    scheme, found, rest = url.partition("://")
    if not found:
        return url, ""
    host, slash, path = rest.partition("/")
    bare = host.partition("?")[0]
    if ":" not in bare.rpartition("]")[2] and scheme in ("http", "https", "ws", "wss", "ftp"):
        bare += {"http": ":80", "ws": ":80", "ftp": ":21"}.get(scheme, ":443")
    return bare, (slash + path).partition("?")[0]
