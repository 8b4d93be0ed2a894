"""Host names as data: normal form and label-aware pattern matching.

A pattern is an exact name (``api.cursor.com``) or a suffix pattern (``*.cursor.sh``). ``*.cursor.sh``
covers one or more labels in front of ``cursor.sh``, not ``cursor.sh`` itself and never
``evil-cursor.sh``. ``{name}`` stands for exactly one label or part of one label
(``{region}-aiplatform.googleapis.com``).
"""

from __future__ import annotations

import functools
import ipaddress
import re

_PLACEHOLDER = re.compile(r"\{[a-z_]+\}")


def normalise_host(raw: str) -> str:
    """Return the A-label form of ``raw`` in lower case without one trailing dot (RFC 5891).

    A name that cannot be encoded is returned in lower case as it is: hostile input must stay visible.
    """
    name = raw.strip().lower()
    name = name.removesuffix(".")
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name


def is_address(text: str) -> bool:
    """Return whether ``text`` is an IPv4 or IPv6 address (brackets allowed)."""
    bare = text.strip("[]")
    if ":" not in bare and not bare[-1:].isdigit():  # most names, told without an exception
        return False
    try:
        ipaddress.ip_address(bare)
    except ValueError:
        return False
    return True


@functools.lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    normal = pattern.lower().removesuffix(".")
    prefix = ""
    if normal.startswith("*."):
        prefix, normal = r"(?:[^.]+\.)+", normal[2:]
    pieces = _PLACEHOLDER.split(normal)
    return re.compile(prefix + r"[^.]+?".join(re.escape(piece) for piece in pieces) + r"\Z")


def host_matches(pattern: str, host: str) -> bool:
    """Return whether the normal form ``host`` is covered by ``pattern``, label by label."""
    return _compiled(pattern).match(host) is not None


def pattern_rank(pattern: str) -> tuple[int, int]:
    """Return a sort key, greater for the more specific pattern: exact before suffix, longer before shorter."""
    exact = 0 if pattern.startswith("*.") or "{" in pattern else 1
    return (exact, len(_PLACEHOLDER.sub("", pattern)))
