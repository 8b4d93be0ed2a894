"""What the text of a value means: truthiness, versions, URLs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from auditor.catalog.settings import SettingDefinition, Truthiness
from auditor.facts.hosts import is_address, normalise_host
from auditor.facts.truth import Truth

_GO_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_GO_FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})
_PORTS = {
    "http": 80,
    "ws": 80,
    "https": 443,
    "wss": 443,
    "grpc": 443,
    "grpcs": 443,
    "postgres": 5432,
    "postgresql": 5432,
    "redis": 6379,
}
_PORTS |= {"stun": 3478, "stuns": 5349, "smtp": 25, "otlp": 4317}
_RANGE = re.compile(r"(>=|<=|<|>|=)\s*(\d[0-9.]*)")
_LOOSE_TRUE = ("1", "true", "yes", "on")
_LOOSE_FALSE = ("0", "false", "no", "off")


def is_truthy(text: str, rule: Truthiness) -> Truth:
    """Return whether ``text`` means yes under ``rule`` (docs/catalog.md, truthiness)."""
    plain = text.strip()
    # Go's ParseBool takes these words alone: a space around one is an error, not a no.
    go = True if text in _GO_TRUE else False if text in _GO_FALSE else None
    meanings: dict[Truthiness, bool | None] = {
        Truthiness.PRESENCE: True,
        Truthiness.ANY_NONEMPTY: text != "",
        Truthiness.ENUM: text != "",
        Truthiness.BOOL_LOOSE: plain.lower() in _LOOSE_TRUE,
        Truthiness.EXACT_TRUE: plain in ("true", "1"),
        Truthiness.EXACT_ONE: text == "1",
        Truthiness.FALSE_STRING: plain not in ("false", "0"),
        Truthiness.GO_BOOL: go,
        Truthiness.JSON_BOOL: {"true": True, "false": False}.get(plain.lower()),
    }
    return Truth.of(meanings[rule])


def is_yes(text: str) -> Truth:
    """Return whether the text of an entry's field means yes; a text that is neither a yes nor a no is unknown."""
    plain = text.strip().lower()
    return Truth.YES if plain in _LOOSE_TRUE else Truth.NO if plain in _LOOSE_FALSE else Truth.UNKNOWN


def falsy_text(rule: Truthiness) -> str | None:
    """Return a text that means no under ``rule``; ``None``: only unsetting does."""
    return None if rule in (Truthiness.ANY_NONEMPTY, Truthiness.PRESENCE, Truthiness.ENUM) else "false"


def truthy_text(rule: Truthiness) -> str:
    """Return a text that means yes under ``rule``."""
    return "true" if rule in (Truthiness.JSON_BOOL, Truthiness.GO_BOOL, Truthiness.EXACT_TRUE) else "1"


def in_range(version: str, wanted: str) -> Truth:
    """Return whether ``version`` lies in ``wanted`` (``>=2.36,<3``); unknown when it is no dotted number."""
    own = _numbers(version)
    if own is None:
        return Truth.UNKNOWN
    for sign, bound in _RANGE.findall(wanted):
        other = _numbers(bound) or ()
        width = max(len(own), len(other))
        left, right = own + (0,) * (width - len(own)), other + (0,) * (width - len(other))
        holds = {">=": left >= right, "<=": left <= right, "<": left < right, ">": left > right, "=": own[: len(other)] == other}
        if not holds[sign]:
            return Truth.NO
    return Truth.YES


def _numbers(text: str) -> tuple[int, ...] | None:
    match = re.match(r"v?(\d+(?:\.\d+)*)", text.strip())
    return tuple(int(n) for n in match.group(1).split(".")) if match else None


@dataclass(frozen=True, slots=True)
class HostPort:
    """What a URL or ``host:port`` names; ``name`` or ``address`` is filled, or neither."""

    name: str = ""
    address: str = ""
    port: int = 0

    @property
    def host(self) -> str:
        """The name or the address."""
        return self.name or self.address


def host_of(text: str) -> HostPort:
    """Return host and port of a URL, a host or ``host:port``; nothing for what holds no host (``disable``, a path)."""
    scheme, separator, rest = text.strip().partition("://")
    if not separator:
        scheme, rest = "", text.strip()
    whole = re.split(r"[/?#]", rest, maxsplit=1)[0]
    # Where such characters stand, programs disagree on where the host begins (WHATWG URL against RFC 3986).
    if any(c == "\\" or c.isspace() or not c.isprintable() for c in whole):
        return HostPort()
    authority = whole.rpartition("@")[2]
    match = re.fullmatch(r"(\[[0-9A-Fa-f:.%]+\]|[^:\s]*)(?::(\d{1,5}))?", authority)
    if match is None or not match.group(1) or any(c in authority for c in "{}$<>"):
        return HostPort()
    port = int(match.group(2) or _PORTS.get(scheme.lower(), 0))
    host = match.group(1).strip("[]")
    if is_address(host):
        return HostPort(address=host, port=port)
    return HostPort(name=normalise_host(host), port=port)


def strictness(definition: SettingDefinition, text: str | None) -> float:
    """Return a value's place among the allowed ones, the strictest first.

    A value that is not known comes right behind the strictest: only that one decides whatever else is there.
    """
    order = definition.allowed
    return order.index(text) if text in order else 0.5
