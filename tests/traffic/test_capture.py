from __future__ import annotations

import gc
import gzip
import hashlib
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.errors import UnreadableError
from auditor.facts.evidence import FrameLocation
from auditor.facts.observation import CaptureSource
from auditor.traffic import observe, readable
from auditor.traffic.capture import open_capture
from tests.traffic.wire import Connection, block, enhanced, interface, only, option, pcap, save, section, seen, udp

FRAME = udp(b"hello")


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("nano", [False, True])
def test_classic_captures_of_both_byte_orders_and_clocks(tmp_path: Path, order: str, nano: bool) -> None:
    edge = only(observe([save(tmp_path, pcap([(0.25, FRAME)], order=order, nano=nano))]))
    assert edge.first_time == "2023-11-14T22:13:20.250000000Z"
    assert edge.payload_out == 5


def test_the_modified_variant_has_longer_record_headers(tmp_path: Path) -> None:
    plain = pcap([FRAME])
    content = b"\x34\xcd\xb2\xa1" + plain[4:40] + bytes(8) + plain[40:]
    assert only(observe([save(tmp_path, content)])).payload_out == 5


def test_gzip_is_taken_off_and_the_digest_is_that_of_the_file(tmp_path: Path) -> None:
    content = gzip.compress(pcap([FRAME]))
    observation = observe([save(tmp_path, content, "a.pcap.gz")])
    assert only(observation).payload_out == 5
    assert observation.coverage[0].sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("cut", range(1, 9))
def test_a_damaged_end_is_read_to_the_cut(tmp_path: Path, cut: int) -> None:
    coverage = observe([save(tmp_path, pcap([FRAME, FRAME])[:-cut])]).coverage[0]
    assert (coverage.packets, coverage.truncated, coverage.skipped) == (1, True, (("record_cut", 1),))


def test_a_cut_gzip_stream_is_read_to_the_cut(tmp_path: Path) -> None:
    content = gzip.compress(pcap([udp(bytes([n, n * 7 % 251]) * 300) for n in range(250)]))
    coverage = observe([save(tmp_path, content[: len(content) // 2])]).coverage[0]
    assert coverage.truncated
    assert 0 < coverage.packets < 250
    assert ("compression_cut", 1) in coverage.skipped


def test_an_impossible_length_stops_the_reading(tmp_path: Path) -> None:
    content = pcap([FRAME]) + bytes(8) + b"\xff\xff\xff\x7f" * 2
    coverage = observe([save(tmp_path, content)]).coverage[0]
    assert (coverage.packets, coverage.truncated, coverage.skipped) == (1, True, (("record_damaged", 1),))


@pytest.mark.parametrize("content", [b"", b"\0" * 4096, b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"\x1f\x8b\x08\x00", b"{}"])
def test_what_is_no_capture_is_unreadable(tmp_path: Path, content: bytes) -> None:
    source = save(tmp_path, content)
    with pytest.raises(UnreadableError) as caught:
        observe([source])
    assert str(tmp_path) not in str(caught.value)
    with pytest.raises(UnreadableError):
        readable(source)


def test_a_directory_and_a_missing_file_are_unreadable(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.pcap"):
        with pytest.raises(UnreadableError) as caught:
            readable(CaptureSource("x.pcap", str(path), "", ()))
        assert caught.value.diagnostics()[0].path == "x.pcap"


def test_a_capture_without_packets_is_evidence(tmp_path: Path) -> None:
    times = option(2, bytes(8)) + option(3, (0).to_bytes(4, "little") + (60_000_000).to_bytes(4, "little"))
    counters = option(4, (0).to_bytes(8, "little")) + option(5, (0).to_bytes(8, "little"))
    content = section() + interface() + block(5, bytes(12) + times + counters)
    coverage = observe([save(tmp_path, content, "a.pcapng")]).coverage[0]
    assert (coverage.packets, coverage.window_seconds, coverage.drops, coverage.truncated) == (0, 60.0, 0, False)
    assert observe([save(tmp_path, pcap([]))]).coverage[0].drops is None


@pytest.mark.parametrize("unit", [1000, 1])
def test_statistics_in_microseconds_beside_packets_in_nanoseconds(tmp_path: Path, unit: int) -> None:
    """Seen in captures of dumpcap: microseconds whatever the resolution; the format asks for the resolution."""
    start = 1_700_000_000 * 10**6 * unit
    ends = b"".join(
        option(code, (ticks >> 32).to_bytes(4, "little") + (ticks & 0xFFFFFFFF).to_bytes(4, "little"))
        for code, ticks in ((2, start), (3, start + 30_000_000 * unit))
    )
    content = section() + interface(options=option(9, b"\x09")) + block(5, bytes(12) + ends)
    coverage = observe([save(tmp_path, content, "a.pcapng")]).coverage[0]
    assert (coverage.window_seconds, coverage.first_time) == (30.0, "2023-11-14T22:13:20.000000000Z")


def test_progress_is_told_in_bytes_of_the_file(tmp_path: Path) -> None:
    source = save(tmp_path, pcap([FRAME]))
    told: list[tuple[str, int, int]] = []
    observe([source], lambda name, done, size: told.append((name, done, size)))
    size = Path(source.path).stat().st_size
    assert told[-1] == ("a.pcap", size, size)


def test_the_path_of_the_machine_is_not_in_the_result(tmp_path: Path) -> None:
    source = replace(save(tmp_path, pcap([FRAME])), id="traffic/a.pcap")
    assert str(tmp_path) not in repr(observe([source]))


def test_interfaces_differ_in_resolution_offset_and_link_type(tmp_path: Path) -> None:
    later = option(9, b"\x09") + option(14, (1000).to_bytes(8, "little"))
    content = section() + interface() + interface(options=later) + interface(101)
    content += enhanced(udp(b"a"), 5_000_000) + enhanced(udp(b"b", 40001), 5_000_000_000, 1)
    content += enhanced(udp(b"c", 40002)[14:], 5_000_000, 2)
    edge = only(observe([save(tmp_path, content, "a.pcapng")]))
    assert (edge.flows, edge.first_time, edge.last_time) == (
        3,
        "1970-01-01T00:00:05.000000000Z",
        "1970-01-01T00:16:45.000000000Z",
    )


def test_powers_of_two_and_sections_of_the_other_byte_order(tmp_path: Path) -> None:
    content = section() + interface() + enhanced(udp(b"a"), 1_000_000)
    content += section(">") + interface(options=option(9, b"\x81", ">"), order=">")
    content += enhanced(udp(b"b"), 6, order=">")
    edge = only(observe([save(tmp_path, content, "a.pcapng")]))
    assert (edge.payload_out, edge.last_time) == (2, "1970-01-01T00:00:03.000000000Z")
    (locator,) = edge.locators
    assert isinstance(locator, FrameLocation)
    assert locator.frames == (1, 2)


def test_drops_need_statistics_of_every_used_interface(tmp_path: Path) -> None:
    statistics = block(5, bytes(12) + option(5, (7).to_bytes(8, "little")))
    one = section() + interface() + enhanced(udp(b"a"), 1)
    two = section() + interface() + interface() + enhanced(udp(b"a"), 1) + enhanced(udp(b"a"), 1, 1)
    assert observe([save(tmp_path, one + statistics, "1.pcapng")]).coverage[0].drops == 7
    assert observe([save(tmp_path, one, "2.pcapng")]).coverage[0].drops is None
    assert observe([save(tmp_path, two + statistics, "3.pcapng")]).coverage[0].drops is None


def test_simple_packets_have_no_time_and_respect_the_snap_length(tmp_path: Path) -> None:
    frame = udp(b"abcdefgh")
    simple = block(3, len(frame).to_bytes(4, "little") + frame[:48])
    observation = observe([save(tmp_path, section() + interface(snap=48) + simple, "a.pcapng")])
    coverage, edge = observation.coverage[0], only(observation)
    assert (edge.payload_out, coverage.truncated_packets, coverage.first_time) == (8, 1, "")
    assert coverage.skipped == (("no_timestamp", 1),)


def test_other_blocks_are_counted_and_passed_over(tmp_path: Path) -> None:
    content = section() + interface() + block(4, bytes(4)) + block(0xBAD, bytes(8)) + block(0xA, bytes(8)) + block(99, b"")
    coverage = observe([save(tmp_path, content + enhanced(udp(b"a"), 1), "a.pcapng")]).coverage[0]
    expected = (("block:custom", 1), ("block:name_resolution", 1), ("block:secrets", 1), ("block:unknown", 1))
    assert (coverage.packets, coverage.skipped) == (1, expected)


@pytest.mark.parametrize("cut", [1, 5, 13, 40])
def test_a_cut_block_is_truncation(tmp_path: Path, cut: int) -> None:
    content = section() + interface() + enhanced(udp(b"a"), 1) + enhanced(udp(b"a"), 2)
    coverage = observe([save(tmp_path, content[:-cut], "a.pcapng")]).coverage[0]
    assert (coverage.packets, coverage.truncated) == (1, True)


ARP = bytes.fromhex("ffffffffffff 020000000001 0806 0001080006040001 020000000001 0a01000a 000000000000 0a010001")


def window(folder: Path, *frames: tuple[float, bytes]) -> tuple[float, tuple[float, ...]]:
    coverage = seen(folder, frames).coverage[0]
    return coverage.window_seconds, coverage.pauses


def test_local_noise_neither_begins_nor_stretches_a_window(tmp_path: Path) -> None:
    assert window(tmp_path, (0, ARP), (90_000, FRAME), (90_030, FRAME), (200_000, ARP)) == (30, (30,))
    only_noise = seen(tmp_path, [(0, ARP), (90_000, ARP)]).coverage[0]
    assert (only_noise.packets, only_noise.first_time, only_noise.window_seconds) == (2, "", 0)


def test_pauses_are_told_longest_first_whatever_the_order_of_the_packets(tmp_path: Path) -> None:
    assert window(tmp_path, (90_000, FRAME), (90_010, FRAME), (90_010.5, FRAME), (0, FRAME)) == (90_010.5, (90_000, 10))


@pytest.mark.parametrize(("times", "steps"), [((10, 9.5, 12), 0), ((10, 9, 12, 13), 1), ((5, 6, 0, 7, 1), 2)])
def test_a_clock_that_was_set_back_is_told(tmp_path: Path, times: tuple[float, ...], steps: int) -> None:
    coverage = seen(tmp_path, [(time, FRAME) for time in times]).coverage[0]
    assert dict(coverage.skipped).get("clock_set_back", 0) == steps


def test_flows_of_which_something_is_missing_are_told(tmp_path: Path) -> None:
    def told(*frames: bytes) -> dict[str, int]:
        skipped = dict(seen(tmp_path, frames).coverage[0].skipped)
        return {name: count for name, count in skipped.items() if name.startswith("flow_")}

    connection = Connection()
    opening, hello, answer = [*connection.handshake()], connection.say(b"a" * 80), connection.answer(b"b" * 80)
    connection.say(b"lost" * 20)
    rest = connection.say(b"c" * 80)
    assert told(*opening, hello, answer) == {}
    assert told(*opening, hello, answer, rest) == {"flow_gap": 1}
    assert told(hello, answer) == {"flow_midstream": 1}
    assert told(opening[0], opening[2], hello) == {"flow_one_way": 1}
    assert told(opening[0]) == {}


def test_many_pauses_are_bounded_and_the_longest_stay(tmp_path: Path) -> None:
    _, pauses = window(tmp_path, *((n * (n + 3) / 2 + 10, FRAME) for n in range(150)))
    assert (len(pauses), pauses[0], pauses[-1]) == (100, 150.0, 51.0)


def test_a_capture_that_was_read_keeps_no_memory_until_a_search_for_cycles(tmp_path: Path) -> None:
    """One that is none is refused without keeping any either."""
    good, bad = tmp_path / "a.pcap", tmp_path / "b.pcap"
    good.write_bytes(bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000"))
    bad.write_bytes(b"no capture at all, whatever its name says")
    gc.disable()
    tracemalloc.start()
    try:
        for _ in range(20):
            with open_capture(CaptureSource("a", str(good), "", ())) as capture:
                assert list(capture.records()) == []
            with pytest.raises(UnreadableError), open_capture(CaptureSource("b", str(bad), "", ())):
                pass
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.enable()
    assert kept < 1_000_000
