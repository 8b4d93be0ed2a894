"""The server's certificate where TLS 1.2 and older show it in clear text (RFC 5246, section 7.4.2; RFC 5280).

It is what the server says of itself, checked by nobody here: weaker than any name that the client asked for.
"""

from __future__ import annotations

from auditor.facts.vocabulary import NameRung
from auditor.traffic.finding import Finding, Side, host_of

_SEQUENCE, _OCTETS, _EXTENSIONS = 0x30, 0x04, 0xA3
_DNS_NAME = 0x82
_ALTERNATIVE_NAMES = b"\x55\x1d\x11"
_COMMON_NAME = b"\x55\x04\x03"
_MOST_ELEMENTS = 512

_Element = tuple[int, int, int]
"""Tag, begin and end of the contents."""


def named_by_certificate(message: bytes) -> Finding:
    """Return the finding of a server whose Certificate message (without its header) is whole.

    Only a certificate for exactly one name, no wildcard, names the destination; it stays hidden all the same.
    """
    names = certificate_names(message[6 : 6 + int.from_bytes(message[3:6], "big")])
    name = names[0] if len(names) == 1 and "*" not in names[0] else ""
    return Finding("tls", Side.SERVER, name, NameRung.CERTIFICATE if name else NameRung.NONE)


def certificate_names(certificate: bytes) -> list[str]:
    """Return the host names of a DER certificate, each once: alternative names, or without any the common name."""
    try:
        (outer,) = _elements(certificate, 0, len(certificate))[:1]
        (signed,) = _elements(certificate, *outer[1:])[:1]
        parts = _elements(certificate, *signed[1:])
    except (IndexError, ValueError):
        return []
    try:
        raw = [name for tag, begin, end in parts if tag == _EXTENSIONS for name in _alternative(certificate, begin, end)]
        if not raw:
            sequences = [part for part in parts if part[0] == _SEQUENCE]
            raw = _common(certificate, *sequences[3][1:])  # after algorithm, issuer and validity
    except (IndexError, ValueError):
        return []
    return list(dict.fromkeys(name for name in map(host_of, raw) if name))


def _alternative(data: bytes, begin: int, end: int) -> list[bytes]:
    """Return the DNS names among the extensions."""
    found: list[bytes] = []
    for _, begin_list, end_list in _elements(data, begin, end):
        for _, begin_one, end_one in _elements(data, begin_list, end_list):
            (_, at, until), *values = _elements(data, begin_one, end_one)
            if data[at:until] == _ALTERNATIVE_NAMES and values and values[-1][0] == _OCTETS:
                (_, begin_names, end_names) = _elements(data, *values[-1][1:])[0]
                found.extend(data[a:b] for tag, a, b in _elements(data, begin_names, end_names) if tag == _DNS_NAME)
    return found


def _common(data: bytes, begin: int, end: int) -> list[bytes]:
    """Return the common names of a subject."""
    found: list[bytes] = []
    for _, begin_set, end_set in _elements(data, begin, end):
        for _, begin_pair, end_pair in _elements(data, begin_set, end_set):
            (_, at, until), (_, value, value_end) = _elements(data, begin_pair, end_pair)
            if data[at:until] == _COMMON_NAME:
                found.append(data[value:value_end])
    return found


def _elements(data: bytes, at: int, end: int) -> list[_Element]:
    """Return the elements that lie side by side between two places.

    Raises:
        ValueError: one reaches beyond the end, or there are too many.
        IndexError: the data ends inside a length.
    """
    found: list[_Element] = []
    while at < end:
        tag, length = data[at], data[at + 1]
        at += 2
        if length & 0x80:
            size = length & 0x7F
            length = int.from_bytes(data[at : at + size], "big")
            at += size
        if at + length > end or len(found) >= _MOST_ELEMENTS:
            raise ValueError("an element longer than what holds it")
        found.append((tag, at, at + length))
        at += length
    return found
