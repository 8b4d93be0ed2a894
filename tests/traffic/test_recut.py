"""Every ClientHello of the captures of others, cut anew at every byte: the name stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.facts.observation import CaptureSource
from auditor.traffic import flow
from auditor.traffic.finding import Finding, Side
from auditor.traffic.flow import Half, look
from auditor.traffic.internet import TCP
from auditor.traffic.observe import flow_table
from auditor.traffic.stream import Stream
from auditor.traffic.streams import recognise_stream

Pieces = list[tuple[int, bytes]]


def _hellos(paths: list[Path], monkeypatch: pytest.MonkeyPatch) -> dict[bytes, Finding]:
    """Return the first bytes of every TCP client that names a server, up to where they do."""
    found: dict[bytes, Finding] = {}

    def noting(half: Half, stream: Stream, *, last: bool = False) -> None:
        data = stream.prefix()
        look(half, stream, last=last)
        finding = half.finding
        named = finding is not None and finding.side is Side.CLIENT and finding.protocol == "tls" and finding.name
        if named and finding is not None and recognise_stream(data) == finding:  # else bytes that overlapped these told it
            found[data] = finding

    monkeypatch.setattr(flow, "look", noting)
    for path in paths:
        flow_table([CaptureSource(path.name, str(path), "corpora", ())])
    return found


def _seen(pieces: Pieces) -> Finding | None:
    """Return what a direction tells whose segments come as given, after its SYN."""
    half, stream = Half(TCP), Stream()
    stream.anchor(7)
    for at, data in pieces:
        stream.feed(7 + at, data, len(data))
        if stream.keeping:
            look(half, stream)
    return half.finding


def _recut(data: bytes, at: int) -> tuple[Pieces, ...]:
    """Return the two halves in order, swapped, each sent twice, and overlapping by up to nine bytes."""
    one, two = (0, data[:at]), (at, data[at:])
    wide, early = (0, data[: at + 9]), (max(0, at - 9), data[max(0, at - 9) :])
    return [one, two], [two, one], [one, one, two, two], [wide, two], [early, one], [one, wide, early]


@pytest.mark.slow
def test_the_name_does_not_depend_on_the_segments(corpora: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = sorted(p for p in (corpora / "captures" / "ndpi").iterdir() if "cap" in p.suffix)
    hellos = _hellos(paths, monkeypatch)
    assert len(hellos) > 200
    for data, finding in hellos.items():
        for at in range(1, len(data)):
            for pieces in _recut(data, at):
                assert _seen(pieces) == finding, (data.hex(), at, pieces)
