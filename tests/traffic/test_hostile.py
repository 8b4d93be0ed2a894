"""Damaged and forged captures: no crash, no hang, the same result every time."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from auditor.errors import UnreadableError
from auditor.traffic import observe
from tests.traffic.test_names import address, lookup
from tests.traffic.test_packets import NOISE
from tests.traffic.wire import Connection, client_hello, enhanced, interface, option, pcap, records, save, section, udp


def _frames() -> list[bytes]:
    connection = Connection()
    frames = [*connection.handshake(), connection.say(records(client_hello(), 50)), connection.answer(b"HTTP/1.1 200\r\n")]
    frames += [*lookup("a.example", address("a.example")), udp(b"\xc3\0\0\0\1\x08" + bytes(60))]
    return frames + [bytes(frame) for _, frame in NOISE]


def _seeds() -> list[bytes]:
    frames = _frames()
    ng = section() + interface(options=option(9, b"\x09")) + b"".join(enhanced(f, n) for n, f in enumerate(frames))
    return [pcap(frames), pcap(frames, order=">", nano=True), ng]


@pytest.mark.parametrize("seed", range(3))
def test_mutated_captures(tmp_path: Path, seed: int) -> None:
    _mutate(tmp_path, seed, 30)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_many_mutated_captures(tmp_path: Path, seed: int) -> None:
    _mutate(tmp_path, seed, 300)


def _mutate(tmp_path: Path, seed: int, rounds: int) -> None:
    """Read ``rounds`` damaged variants of one capture twice each: an answer or a refusal, and always the same."""
    chance = random.Random(seed * 10_000 + rounds)  # noqa: S311 -- repeatable damage
    content = _seeds()[seed]
    for _ in range(rounds):
        damaged = bytearray(content)
        for _ in range(chance.randint(1, 12)):
            damaged[chance.randrange(len(damaged))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        if chance.random() < 0.2:
            del damaged[chance.randrange(len(damaged)) :]
        source = save(tmp_path, bytes(damaged))
        try:
            first = repr(observe([source]))
        except UnreadableError:
            continue
        assert first == repr(observe([source]))


def test_every_frame_cut_at_every_length(tmp_path: Path) -> None:
    cut = [frame[:end] for frame in _frames() for end in range(0, len(frame), 3)]
    coverage = observe([save(tmp_path, pcap(cut))]).coverage[0]
    assert coverage.packets == len(cut)


def test_times_beyond_any_clock_print(tmp_path: Path) -> None:
    content = section() + interface(options=option(9, b"\x00")) + enhanced(udp(b"x"), 2**63) + enhanced(udp(b"x"), 5)
    observation = observe([save(tmp_path, content, "a.pcapng")])
    assert observation.coverage[0].skipped == (("no_timestamp", 1),)
    assert observation.coverage[0].last_time == "1970-01-01T00:00:05.000000000Z"
