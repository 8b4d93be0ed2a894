"""The authority of HTTP/2 in clear text, with h2 and hpack as the writers."""

from __future__ import annotations

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from hpack import Encoder
from hypothesis import given
from hypothesis import strategies as st

from auditor.facts.vocabulary import NameRung
from auditor.traffic.finding import Finding, Side
from auditor.traffic.http2 import PREFACE, authority_of, recognise_http2
from auditor.traffic.streams import recognise_stream

NAMED = Finding("http2", Side.CLIENT, "api.example.com", NameRung.HTTP_HOST)
WAITING = Finding("http2", Side.CLIENT, hidden=True, more=True)
FIELDS = [
    (":method", "POST"),
    (":scheme", "http"),
    (":path", "/a.B/C"),
    (":authority", "API.example.com:50051"),
    ("te", "trailers"),
]


def request(fields: list[tuple[str, str]]) -> bytes:
    """Return what a client sends first."""
    connection = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8", normalize_outbound_headers=False))
    connection.initiate_connection()
    connection.send_headers(1, fields, priority_weight=16)
    return bytes(connection.data_to_send())


def frame(kind: int, flags: int, body: bytes) -> bytes:
    return len(body).to_bytes(3, "big") + bytes([kind, flags]) + b"\0\0\0\1" + body


def test_the_first_request_names_its_authority_and_no_part_of_it_names_anything_else() -> None:
    data = request(FIELDS)
    assert recognise_stream(data) == NAMED
    for cut in range(len(PREFACE), len(data)):
        assert recognise_http2(data[:cut]) == WAITING


def test_padding_and_continuation() -> None:
    block = Encoder().encode(FIELDS)
    begun = frame(1, 0x08, b"\3" + block[:9] + bytes(3))
    assert recognise_http2(PREFACE + begun + frame(9, 0, block[9:20]) + frame(9, 4, block[20:])) == NAMED
    assert recognise_http2(PREFACE + begun) == WAITING


@given(st.from_regex(r"\A[!-\[\]-~]{1,60}\Z"), st.booleans(), st.sampled_from([":authority", "host"]))
def test_every_printable_authority_is_read_as_hpack_writes_it(value: str, huffman: bool, name: str) -> None:
    fields = [(":method", "GET"), (name, value), ("x-other", "y")]
    assert authority_of(Encoder().encode(fields, huffman=huffman)) == value.encode()
    never = Encoder().encode([(name, value, True)], huffman=huffman)
    assert authority_of(never) == value.encode()


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"\x82",
        b"\x41\x7f",
        b"\x41\xff\xff\xff\xff\xff\xff",
        b"\x41",
        b"\x00\x03a",
        b"\x3f\xe1\x1f",
        Encoder().encode([(":authority", "a\\b")]),
    ],
)
def test_a_block_without_a_readable_authority_names_nothing(block: bytes) -> None:
    assert authority_of(block) == b""
    assert recognise_http2(PREFACE + frame(1, 4, block)) == Finding("http2", Side.CLIENT, hidden=True)


def test_a_frame_longer_than_allowed_ends_the_search() -> None:
    assert recognise_http2(PREFACE + b"\xff" * 9) == Finding("http2", Side.CLIENT, hidden=True)


@given(st.binary(max_size=60))
def test_damage_never_stops_the_reading(junk: bytes) -> None:
    assert recognise_http2(PREFACE + junk) is not None
    assert isinstance(authority_of(junk), bytes)
