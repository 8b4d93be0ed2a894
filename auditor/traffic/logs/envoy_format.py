"""Envoy's format strings: which part of a line, or which key of a JSON object, holds the value of which command operator.

Envoy has no fixed log: ``text_format_source`` or ``json_format`` of its configuration say what a record holds, so the user
hands that over as it stands there. Source: Envoy documentation, "Access logging", command operators (read 2026-11).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from auditor.traffic.logs.access_lines import end_of
from auditor.traffic.logs.fields import text_of

_OPERATOR = re.compile(r"%([A-Z][A-Z0-9_]*)(?:\(([^)]*)\))?(?::\d+)?%")
_HEADERS = frozenset({"REQ", "REQUEST_HEADER"})
_FIELDS = {
    "START_TIME": "start_time", "DURATION": "duration", "RESPONSE_CODE": "response_code", "RESPONSE_FLAGS": "response_flags",
    "RESPONSE_CODE_DETAILS": "response_code_details", "BYTES_RECEIVED": "bytes_received", "BYTES_SENT": "bytes_sent",
    "UPSTREAM_HOST": "upstream_host", "UPSTREAM_REMOTE_ADDRESS": "upstream_host", "UPSTREAM_CLUSTER": "upstream_cluster",
    "UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT": "upstream_host", "UPSTREAM_REMOTE_PORT": "upstream_port",
    "DOWNSTREAM_REMOTE_ADDRESS": "downstream_remote_address", "DOWNSTREAM_REMOTE_PORT": "downstream_remote_port",
    "DOWNSTREAM_DIRECT_REMOTE_ADDRESS": "downstream_remote_address",
    "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT": "downstream_remote_address",
    "DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT": "downstream_remote_address",
    "DOWNSTREAM_DIRECT_REMOTE_PORT": "downstream_remote_port",
    "DOWNSTREAM_LOCAL_ADDRESS": "downstream_local_address", "DOWNSTREAM_LOCAL_PORT": "downstream_local_port",
    "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT": "downstream_local_address", "REQUESTED_SERVER_NAME": "requested_server_name",
    "HOSTNAME": "hostname",
}  # fmt: skip
"""What we read, by operator; in the order in which operators of one field go before each other."""
_OF_HEADER = {
    ":METHOD": "method", ":AUTHORITY": "authority", "HOST": "authority", ":PATH": "path", "X-ENVOY-ORIGINAL-PATH": "path",
    "X-FORWARDED-FOR": "x_forwarded_for",
}  # fmt: skip
_PORTS = (
    ("upstream_host", "upstream_port"),
    ("downstream_remote_address", "downstream_remote_port"),
    ("downstream_local_address", "downstream_local_port"),
)
_ORDER = {operator: number for number, operator in enumerate(_FIELDS)}


@dataclass(frozen=True, slots=True)
class TextFormat:
    """A format string."""

    before: str
    """What a line begins with."""
    parts: tuple[tuple[str, str], ...]
    """Each operator, and the text that stands behind it up to the next one."""

    def values(self, line: str) -> dict[str, str] | None:
        """Return the values of a line by operator, ``None`` for a line of another form.

        A value ends where the text behind it first stands: no pattern to work hard on, and no second try.
        """
        if not line.startswith(self.before):
            return None
        found: dict[str, str] = {}
        at = len(self.before)
        for operator, behind in self.parts:
            end = line.find(behind, at) if behind else len(line)
            if end < 0:
                return None
            found.setdefault(operator, line[at:end])
            at = end + len(behind)
        return found if at == len(line) else None


def text_format(text: str) -> TextFormat | None:
    """Return the format of ``text``, ``None`` where it holds no operator or two with nothing between them."""
    text = text.rstrip("\n").removesuffix("\\n")
    found = list(_OPERATOR.finditer(text))
    if not found:
        return None
    ends = [*(match.start() for match in found[1:]), len(text)]
    parts = tuple((_name(match), text[match.end() : end]) for match, end in zip(found, ends, strict=True))
    if any(not behind for _, behind in parts[:-1]):
        return None
    return TextFormat(text[: found[0].start()], parts)


def json_format(mapping: Mapping[str, object], path: str = "") -> Iterator[tuple[str, str]]:
    """Yield (key, operator) of a format dictionary, keys of objects inside it with dots; no operator for a text of several."""
    for key, value in mapping.items():
        if isinstance(value, Mapping):
            yield from json_format(value, f"{path}{key}.")
            continue
        found = _OPERATOR.fullmatch(value) if isinstance(value, str) else None
        yield f"{path}{key}", _name(found) if found else ""


def _name(match: re.Match[str]) -> str:
    """Return an operator with the header that it shows, in the spelling of our tables."""
    operator, argument = match[1], match[2] or ""
    return f"{operator}({argument.upper()})" if operator in _HEADERS else operator


def field_of(operator: str) -> str:
    """Return the field that holds the value of an operator, empty for one of which we make no use."""
    name, _, argument = operator.rstrip(")").partition("(")
    if name in _HEADERS:
        return next((field for header in argument.split("?") if (field := _OF_HEADER.get(header))), "")
    return _FIELDS.get(name, "")


def named(values: Mapping[str, object]) -> dict[str, object]:
    """Return values by operator as values by field; an address without its port gets the port that stands elsewhere."""
    found: dict[str, object] = {}
    for operator in sorted(values, key=lambda name: _ORDER.get(name, len(_ORDER))):
        field = field_of(operator)
        if field and text_of(values[operator]):
            found.setdefault(field, values[operator])
    for address, port in _PORTS:
        text, number = str(found.get(address, "")), found.pop(port, None)
        if text and number is not None and end_of(text)[1] is None:
            found[address] = f"[{text}]:{number}" if ":" in text else f"{text}:{number}"
    return found
