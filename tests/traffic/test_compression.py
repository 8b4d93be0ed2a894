"""Compressed captures and captures from a pipe: the same result as from the plain file."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.errors import UnreadableError
from auditor.facts.observation import CaptureSource
from auditor.traffic import observe
from auditor.traffic.compression import COMPRESSIONS, Compression, compression_of
from tests.conftest import ROOT
from tests.traffic.wire import only, pcap, save, udp

PACKETS = 2500
PLAIN = pcap([udp(os.urandom(600)) for _ in range(PACKETS)])


def _zstd(data: bytes) -> bytes:
    import zstandard

    return bytes(zstandard.ZstdCompressor().compress(data))


def _lz4(data: bytes) -> bytes:
    import lz4.frame

    return bytes(lz4.frame.compress(data))


PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "xz": lzma.compress,
    "bzip2": bz2.compress,
    "zstd": _zstd,
    "lz4": _lz4,
}


def packed(name: str, data: bytes) -> bytes:
    if name in ("zstd", "lz4"):
        pytest.importorskip({"zstd": "zstandard"}.get(name, name))
    return PACK[name](data)


@pytest.mark.parametrize("name", PACK)
def test_a_compressed_capture_shows_what_the_plain_one_shows(tmp_path: Path, name: str) -> None:
    content = packed(name, PLAIN)
    compression = compression_of(content)
    assert compression is not None
    assert compression.name == name
    observation = observe([save(tmp_path, content)])
    assert observation.edges[0].payload_out == PACKETS * 600
    assert not observation.coverage[0].truncated


@pytest.mark.parametrize("name", PACK)
def test_several_streams_in_one_file_are_one_capture(tmp_path: Path, name: str) -> None:
    content = packed(name, PLAIN[:70_000]) + packed(name, PLAIN[70_000:])
    coverage = observe([save(tmp_path, content)]).coverage[0]
    assert (coverage.packets, coverage.truncated) == (PACKETS, False)


@pytest.mark.parametrize("name", PACK)
def test_a_cut_stream_is_read_to_the_cut(tmp_path: Path, name: str) -> None:
    content = packed(name, PLAIN)
    coverage = observe([save(tmp_path, content[: len(content) * 2 // 3])]).coverage[0]
    assert coverage.truncated
    assert 0 < coverage.packets < PACKETS


@pytest.mark.parametrize("name", PACK)
def test_a_damaged_stream_is_read_to_the_damage_or_refused(tmp_path: Path, name: str) -> None:
    content = bytearray(packed(name, PLAIN))
    refused: list[str] = []
    for at in (9, 40, len(content) // 2, len(content) - 5):
        content[at] ^= 0xFF
        try:
            assert observe([save(tmp_path, bytes(content))]).coverage[0].packets <= PACKETS
        except UnreadableError as error:
            refused.append(error.diagnostics()[0].path)
    assert set(refused) <= {"a.pcap"}


@pytest.mark.parametrize("compression", [c for c in COMPRESSIONS if c.package], ids=lambda c: c.name)
def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compression: Compression) -> None:
    monkeypatch.setitem(sys.modules, compression.package, None)
    monkeypatch.setitem(sys.modules, "lz4.frame", None)
    with pytest.raises(UnreadableError) as caught:
        observe([save(tmp_path, compression.magic + bytes(20))])
    (diagnostic,) = caught.value.diagnostics()
    assert f"install {compression.package}" in diagnostic.next_step


def test_a_small_file_that_unpacks_to_much_is_stopped_by_its_first_impossible_record(tmp_path: Path) -> None:
    """Only what is asked for is unpacked."""
    content = lzma.compress(PLAIN[:24] + b"\xff" * 200_000_000, preset=0)
    coverage = observe([save(tmp_path, content)]).coverage[0]
    assert (coverage.packets, coverage.skipped) == (0, (("record_damaged", 1),))


def test_a_named_pipe_is_read_in_the_pieces_in_which_it_comes(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)

    def write() -> None:
        with path.open("wb", buffering=0) as pipe:
            for at in range(3):
                pipe.write(PLAIN[at : at + 1])
            pipe.write(PLAIN[3:5000])
            pipe.write(PLAIN[5000:])

    writer = threading.Thread(target=write)
    writer.start()
    observation = observe([CaptureSource("pipe", str(path), "", ())])
    writer.join()
    assert only(observation).payload_out == PACKETS * 600


def test_standard_input(tmp_path: Path) -> None:
    code = "from auditor.facts.observation import CaptureSource as S; from auditor.traffic import observe; "
    code += "o = observe([S('-', '-', '', ())]); print(o.edges[0].payload_out, o.coverage[0].sha256)"
    source = save(tmp_path, gzip.compress(PLAIN))
    expected = observe([source])
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=(tmp_path / "a.pcap").read_bytes(),
        capture_output=True,
        cwd=ROOT,
        check=True,
        timeout=60,
    )
    assert done.stdout.decode().split() == [str(only(expected).payload_out), expected.coverage[0].sha256]


def test_an_empty_standard_input_is_unreadable() -> None:
    code = "from auditor.facts.observation import CaptureSource as S; from auditor.traffic import observe; "
    code += "observe([S('-', '-', '', ())])"
    done = subprocess.run([sys.executable, "-c", code], input=b"", capture_output=True, cwd=ROOT, check=False, timeout=60)
    assert b"UnreadableError: -: the capture is empty" in done.stderr
