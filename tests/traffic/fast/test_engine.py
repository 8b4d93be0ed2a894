"""The fast way gives the table of the reference, whole: rows, their order, look-ups, coverage."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.traffic import window
from auditor.traffic.fast import engine, memory
from auditor.traffic.intake import Intake
from auditor.traffic.observe import flow_table
from tests.traffic.fast.both import differences, everything
from tests.traffic.fast.made import FLOWS, KINDS, TAGS, Made, capture_of
from tests.traffic.test_names import address, lookup
from tests.traffic.wire import Connection, client_hello, enhanced, interface, option, pcap, records, save, section, udp

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = sorted((ROOT / "fixtures" / "deployments").glob("*/traffic/*.pcap*"))

PACKETS = st.lists(
    st.builds(
        Made,
        kind=st.sampled_from(KINDS),
        flow=st.integers(0, FLOWS - 1),
        back=st.booleans(),
        flags=st.sampled_from([0x10, 0x10, 0x18, 0x18, 0x02, 0x12, 0x11, 0x04, 0x14, 0x00, 0x03, 0x3F]),
        sequence=st.one_of(st.integers(-3, 12).map(lambda n: n * 40), st.sampled_from([2**31, 2**30, 2**30 + 100, -(2**30), 7])),
        length=st.sampled_from([0, 0, 1, 40, 40, 40, 80, 333]),
        content=st.integers(0, 5),
        tags=st.sampled_from([(), (), (), *TAGS]),
        snap=st.sampled_from([0, 0, 0, 0, 10, 33, 40, 48, 54, 60, 90]),
        wait=st.sampled_from([1000, 1000, 1000, 0, -5_000_000, 1_500_000_000, 241_000_000_000, 301_000_000_000, -2_000_000_000]),
    ),
    min_size=10,
    max_size=80,
)


@given(PACKETS, st.sampled_from(["pcap", "nano", "modified", "swapped", "pcapng", "swapped pcapng", "two", "cut"]), st.booleans())
@settings(max_examples=250, deadline=None)
def test_every_traffic_gives_the_table_of_the_reference(packets: list[Made], form: str, local: bool) -> None:
    """Reordered, sent again, captured from the middle on, tagged, cut, tunnelled, fragmented, on several interfaces."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.cap"
        path.write_bytes(capture_of(packets, form))
        assert differences(path, piece=300, local=local) == {}


@given(PACKETS, st.integers(1, 5))
@settings(max_examples=100, deadline=None)
def test_eviction_is_the_same(packets: list[Made], most: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.cap"
        path.write_bytes(capture_of(packets, "nano"))
        assert differences(path, most_live=most) == {}


@pytest.mark.parametrize("most", range(1, 8))
def test_a_question_in_the_queue_counts_as_a_flow(tmp_path: Path, most: int) -> None:
    """A question begins a flow when Python comes to it; the kernel must not take its place before."""
    frames = []
    for n in range(12):
        asked = lookup(f"a{n}.example", address("a.example"), client=f"10.0.1.{n}")
        frames += [udp(b"x", sport=1000 + n), *asked, udp(b"y", sport=2000 + n)]
    assert differences(Path(save(tmp_path, pcap(frames)).path), most_live=most) == {}


SYN, SYN_ACK, ACK, RST, DATA = 0x02, 0x12, 0x10, 0x14, 0x18


def _tcp(flags: int, sequence: int, *, back: bool = False, length: int = 0) -> Made:
    return Made("tcp", 0, back, flags, sequence, length, 1, (), 0, 1000)


@pytest.mark.parametrize(
    ("packets", "flows"),
    [
        # Refused, and asked again with another number: a second flow, although no byte of payload was seen.
        ([_tcp(SYN, 0), _tcp(RST, 0, back=True), _tcp(SYN, 400)], 2),
        ([_tcp(SYN, 0), _tcp(RST, 0, back=True), _tcp(SYN, 0)], 1),
        # Captured from the middle on and reset: the first number is not known.
        ([_tcp(ACK, 0), _tcp(RST, 0, back=True), _tcp(SYN, 400)], 2),
        ([_tcp(ACK, 0), _tcp(SYN, 400)], 1),
        ([_tcp(DATA, 0, length=40), _tcp(SYN, 400)], 2),
        ([_tcp(SYN, 0), _tcp(SYN_ACK, 0, back=True), _tcp(ACK, 1), _tcp(SYN, 400)], 2),
    ],
)
def test_what_begins_a_flow_anew(tmp_path: Path, packets: list[Made], flows: int) -> None:
    path = tmp_path / "a.cap"
    path.write_bytes(capture_of(packets, "nano"))
    assert len(everything(path, fast=False)["start"]) == flows
    assert differences(path) == {}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: f"{p.parts[-3]}/{p.name}")
def test_shipped_captures(path: Path) -> None:
    assert differences(path) == {}


def test_captures_of_others(corpora: Path) -> None:
    """Ten of all; the slow test below takes every one."""
    paths = sorted((corpora / "captures").rglob("*.*cap*"))[::60]
    assert {path.name: found for path in paths if (found := differences(path, piece=1 << 16))} == {}


@pytest.mark.slow
def test_all_captures_of_others(corpora: Path) -> None:
    paths = sorted(p for p in (corpora / "captures").rglob("*") if "cap" in p.suffix)
    assert len(paths) >= 590
    assert {path.name: found for path in paths if (found := differences(path))} == {}


def test_a_capture_larger_than_a_window_goes_the_fast_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = save(tmp_path, pcap([udp(b"x" * 100) for _ in range(100)]))
    reference = flow_table([source])
    monkeypatch.setattr(window, "SIZE", 1000)
    used: list[object] = []
    fast_intake = engine.fast_intake

    def noted(*args: Any, **options: Any) -> Intake:
        used.append(args)
        return fast_intake(*args, **options)

    monkeypatch.setattr(engine, "fast_intake", noted)
    fast = flow_table([source])
    assert len(used) == 1
    assert (reference[0].columns, reference[1:]) == (fast[0].columns, fast[1:])


def test_options_that_count_drops_are_read(tmp_path: Path) -> None:
    told = option(2, b"\1\0\0\0") + option(4, (7).to_bytes(8, "little")) + option(0, b"")
    comment = option(1, b"hello") + option(0, b"")
    blocks = [enhanced(udp(b"x"), n, options=comment if n % 3 else told) for n in range(9)]
    source = save(tmp_path, section() + interface() + b"".join(blocks), "a.pcapng")
    assert differences(Path(source.path)) == {}
    assert everything(Path(source.path), fast=True)["facts"].drops == 21


def test_a_record_longer_than_the_window_and_its_margin(tmp_path: Path) -> None:
    connection = Connection()
    frames = [*connection.handshake(), connection.say(records(client_hello("long.example"))), udp(b"y" * 60_000) + bytes(100_000)]
    source = save(tmp_path, pcap([*frames, *(connection.say(b"z" * 100) for _ in range(50))]))
    assert differences(Path(source.path), piece=100) == {}


def test_many_gaps_grow_the_room_for_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "Memory", lambda most, share: memory.Memory(most, share, gaps=4))
    connection = Connection()
    frames = [*connection.handshake(), *(connection.up(b"z", shift=n * 10) for n in range(700))]
    frames += [connection.up(b"y" * 15, shift=n) for n in range(0, 6900, 140)]
    assert differences(Path(save(tmp_path, pcap(frames)).path)) == {}


def test_a_queue_of_events_that_is_always_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "Memory", lambda most, share: memory.Memory(most, share, queue=4))
    connection = Connection()
    frames = [*connection.handshake(), *(connection.say(b"SSH-2.0-x\r\n") for _ in range(5)), udp(b"\0" * 40), udp(b"\0" * 30)]
    again = Connection(isn=77)
    frames += [*again.handshake(), again.say(records(client_hello()))]
    assert differences(Path(save(tmp_path, pcap(frames)).path)) == {}
