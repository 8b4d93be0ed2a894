"""One observation from several captures: nothing is added up."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from pathlib import Path

from auditor.facts.evidence import FrameLocation
from auditor.facts.observation import Observation
from auditor.facts.vocabulary import NameRung
from auditor.traffic import observe
from tests.traffic.wire import Connection, client_hello, only, pcap, records, save, udp


def frames(isn: int = 1000) -> list[bytes]:
    connection = Connection(isn=isn)
    return [*connection.handshake(), connection.say(records(client_hello())), connection.answer(b"y" * 900)]


def both(folder: Path, one: bytes, two: bytes) -> Observation:
    return observe([save(folder, one, "inside.pcap"), save(folder, two, "perimeter.pcap")])


def test_a_flow_seen_by_two_captures_counts_once(tmp_path: Path) -> None:
    alone = only(observe([save(tmp_path, pcap(frames()), "inside.pcap")]))
    edge = only(both(tmp_path, pcap(frames()), pcap(frames())))
    assert edge.source_ids == ("inside.pcap", "perimeter.pcap")
    assert [isinstance(locator, FrameLocation) and locator.capture for locator in edge.locators] == [
        "inside.pcap",
        "perimeter.pcap",
    ]
    assert replace(edge, source_ids=alone.source_ids, locators=alone.locators) == alone


def test_the_capture_that_saw_most_gives_the_counts(tmp_path: Path) -> None:
    edge = only(both(tmp_path, pcap(frames()[:4]), pcap(frames())))
    assert (edge.flows, edge.payload_in) == (1, 900)
    assert [locator.payload_in for locator in edge.locators] == [0, 900]


def test_other_initial_numbers_and_other_times_are_other_flows(tmp_path: Path) -> None:
    assert only(both(tmp_path, pcap(frames()), pcap(frames(isn=77)))).flows == 2
    later = pcap([(60 + i / 1000, frame) for i, frame in enumerate(frames())])
    assert only(both(tmp_path, pcap(frames()), later)).flows == 2


def test_datagrams_are_compared_by_their_first_payload(tmp_path: Path) -> None:
    assert only(both(tmp_path, pcap([udp(b"a")]), pcap([udp(b"a")]))).payload_out == 1
    assert only(both(tmp_path, pcap([udp(b"a")]), pcap([udp(b"b")]))).payload_out == 2


def test_a_name_known_at_one_vantage_names_the_flow_of_both(tmp_path: Path) -> None:
    """The capture that saw less has no hello: it must not make an edge without name of its own."""
    edge = only(both(tmp_path, pcap(frames()[:3]), pcap(frames())))
    assert {(where.name, where.rung) for where in edge.locators} == {("api.example.com", NameRung.SNI)}


def test_the_order_of_the_captures_does_not_matter(tmp_path: Path) -> None:
    sources = [save(tmp_path, pcap(frames(isn)), f"{isn}.pcap") for isn in (1, 2)]
    sources.append(save(tmp_path, pcap(frames(1)[:4]), "3.pcap"))
    results = {repr(observe(order)) for order in permutations(sources)}
    assert len(results) == 1
