"""Mutated captures: neither way crashes or hangs, and both tell the same."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from auditor.errors import UnreadableError
from tests.traffic.fast.both import differences
from tests.traffic.fast.made import FLOWS, KINDS, TAGS, Made, capture_of

_FORMS = ("pcap", "nano", "modified", "swapped", "pcapng", "swapped pcapng", "two", "cut")


def _made(rng: random.Random) -> list[Made]:
    return [
        Made(
            rng.choice(KINDS), rng.randrange(FLOWS), rng.random() < 0.5, rng.choice([0x10, 0x18, 0x02, 0x12, 0x11, 0x04]),
            rng.randrange(8) * 40, rng.choice([0, 40, 80]), rng.randrange(6), rng.choice([(), (), *TAGS]),
            rng.choice([0, 0, 0, 44, 60]), rng.choice([1000, 1000, 1_500_000_000, 301_000_000_000]),
        )
        for _ in range(25)
    ]  # fmt: skip


def _mutated(data: bytes, rng: random.Random) -> bytes:
    """Return ``data`` with some bytes changed, a piece taken out, doubled or put elsewhere, or its end cut."""
    out = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 5, 30])):
        at, size = rng.randrange(len(out)), rng.choice([1, 2, 4, 16, 60])
        kind = rng.randrange(6)
        if kind < 3:
            out[at] = rng.choice([0, 1, 0x7F, 0x80, 0xFF, out[at] ^ 1 << rng.randrange(8), rng.randrange(256)])
        elif kind == 3:
            out[at : at + size] = rng.randbytes(size)
        elif kind == 4:
            piece = bytes(out[at : at + size])
            out[(to := rng.randrange(len(out))) : to + rng.choice([0, size])] = piece
        else:
            del out[at : at + rng.choice([size, len(out) - at if at > len(out) // 2 else size])]
    return bytes(out)


def _run(folder: Path, seed: int, count: int) -> None:
    rng = random.Random(seed)  # noqa: S311 -- made packets
    path = folder / "a.cap"
    captures = [capture_of(_made(rng), form) for form in _FORMS for _ in range(4)]
    for number in range(count):
        data = _mutated(rng.choice(captures), rng)
        path.write_bytes(data)
        try:
            found = differences(path, piece=rng.choice([200, 3000, 3000, 3000]), most_live=rng.choice([3, 60]))
        except UnreadableError:
            continue
        assert found == {}, (seed, number)


def test_mutated_captures(tmp_path: Path) -> None:
    _run(tmp_path, 0, 60)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 41))
def test_many_mutated_captures(tmp_path: Path, seed: int) -> None:
    """Five thousand captures a seed, 200,000 in all, each read both ways: seven minutes of two processors."""
    _run(tmp_path, seed, 5000)
