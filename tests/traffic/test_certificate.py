"""Names in certificates of TLS 1.2: only one that is for exactly one name, and never against a stronger word."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from auditor.facts.vocabulary import NameRung
from auditor.traffic.certificate import certificate_names
from auditor.traffic.finding import Finding, Side
from auditor.traffic.tls import recognise_tls
from tests.traffic.test_names import address, lookup
from tests.traffic.wire import Connection, client_hello, only, records, seen, server_hello

KEY = ec.generate_private_key(ec.SECP256R1())


def certificate(common: str, *names: str) -> bytes:
    """Return a DER certificate."""
    subject = x509.Name(
        [x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Lab"), x509.NameAttribute(x509.NameOID.COMMON_NAME, common)]
    )
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    builder = x509.CertificateBuilder(subject, subject, KEY.public_key(), 7, start, start + dt.timedelta(90))
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
    return builder.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def flight(der: bytes, size: int = 2**14) -> bytes:
    """Return ServerHello, Certificate and ServerHelloDone."""
    body = (len(der) + 3).to_bytes(3, "big") + len(der).to_bytes(3, "big") + der
    return server_hello() + records(b"\x0b" + len(body).to_bytes(3, "big") + body + b"\x0e\0\0\0", size)


@pytest.mark.parametrize(
    ("common", "names", "expected"),
    [
        ("ignored.example", ["A.example"], ["a.example"]),
        ("only.example", [], ["only.example"]),
        ("x", ["a.example", "b.example", "a.example"], ["a.example", "b.example"]),
        ("x", ["*.a.example"], ["*.a.example"]),
    ],
)
def test_names_of_a_certificate(common: str, names: list[str], expected: list[str]) -> None:
    assert certificate_names(certificate(common, *names)) == expected


@pytest.mark.parametrize("size", [50, 300, 2**14])
def test_the_flight_of_a_server(size: int) -> None:
    data = flight(certificate("x", "a.example"), size)
    named = Finding("tls", Side.SERVER, "a.example", NameRung.CERTIFICATE)
    assert recognise_tls(data) == named
    for cut in range(len(server_hello()), len(data) // 2, 7):
        assert recognise_tls(data[:cut]) == Finding("tls", Side.SERVER, more=True)
    assert recognise_tls(flight(certificate("x", "a.example", "b.example"))) == Finding("tls", Side.SERVER)
    assert recognise_tls(server_hello() + b"\x14\3\3\0\1\1") == Finding("tls", Side.SERVER)


@pytest.mark.parametrize(
    ("sni", "asked", "expected"),
    [
        ("", False, ("a.example", NameRung.CERTIFICATE, True)),
        ("", True, ("dns.example", NameRung.DNS_SAME_CLIENT, False)),
        ("sni.example", True, ("sni.example", NameRung.SNI, False)),
    ],
)
def test_a_certificate_names_a_flow_that_nothing_else_names(
    tmp_path: Path, sni: str, asked: bool, expected: tuple[str, NameRung, bool]
) -> None:
    connection = Connection()
    frames = lookup("dns.example", address("dns.example")) if asked else []
    frames += [*connection.handshake(), connection.say(records(client_hello(sni)))]
    data = flight(certificate("x", "a.example"))
    frames += [connection.answer(data[:200]), connection.answer(data[200:])]
    edge = next(e for e in seen(tmp_path, frames).edges if e.destination.port == 443)
    assert (edge.destination.name, edge.destination.rung, edge.name_hidden) == expected


def test_a_server_alone_is_named_by_its_certificate(tmp_path: Path) -> None:
    edge = only(seen(tmp_path, [Connection().answer(flight(certificate("x", "a.example")))]))
    assert (edge.destination.name, edge.destination.rung, edge.destination.port) == ("a.example", NameRung.CERTIFICATE, 443)


DER = certificate("x", "a.example")


@given(st.integers(0, len(DER)), st.binary(max_size=8))
def test_damage_never_stops_the_reading(at: int, junk: bytes) -> None:
    for data in (DER[:at] + junk + DER[at + len(junk) :], DER[:at], junk):
        assert isinstance(certificate_names(data), list)
        assert recognise_tls(flight(data)) is not None
