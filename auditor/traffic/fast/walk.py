"""Walking the records of a capture file, and the loop over them: the compiled half of the fast path."""

from __future__ import annotations

from auditor.traffic.fast.compiled import compiled
from auditor.traffic.fast.layout import (
    BIG, BLOCKS, CAPTURED, CLOCK, FOLLOWING, FOUND, FRAME_AT, HEADER, LINK, MORE, MOST_TICKS, NUMBER, OFFSET, ORIGINAL,
    POSITION, READER, SEEN, SHORTENED, SLOW, STOP, TICK, TIME, Data, Numbers,
)  # fmt: skip
from auditor.traffic.fast.headers import four, two
from auditor.traffic.pcapng import ENHANCED
from auditor.traffic.record import MAXIMUM_RECORD
from auditor.traffic.times import SECOND

import numpy as np

_BLOCK_HEAD, _PACKET_HEAD = 12, 28
_SMALLEST = 32
_OPTION_PACKET_DROPS = 4


@compiled
def _word(data: Data, at: int, big: int) -> int:
    """Return a word of four bytes in the byte order of the file."""
    if big:
        return four(data, at)
    return (
        (np.int64(data[at + 3]) << 24) | (np.int64(data[at + 2]) << 16) | (np.int64(data[at + 1]) << 8) | np.int64(data[at])
    )


@compiled
def _half_word(data: Data, at: int, big: int) -> int:
    return two(data, at) if big else (np.int64(data[at + 1]) << 8) | np.int64(data[at])


@compiled
def _pcap_record(data: Data, state: Numbers) -> int:
    """Find the next record of a classic file."""
    at, stop, header, big = state[POSITION], state[STOP], state[HEADER], state[BIG]
    if stop - at < header:
        return MORE
    captured = _word(data, at + 8, big)
    if captured > MAXIMUM_RECORD:
        return READER
    if stop - at - header < captured:
        return MORE
    state[TIME] = _word(data, at, big) * SECOND + _word(data, at + 4, big) * state[TICK]
    state[FRAME_AT], state[CAPTURED], state[ORIGINAL] = at + header, captured, _word(data, at + 12, big)
    state[FOLLOWING] = at + header + captured
    return FOUND


@compiled
def _tells_drops(data: Data, at: int, stop: int, big: int) -> bool:
    """Return whether the options of a packet block count lost packets."""
    while at + 4 <= stop:
        code = _half_word(data, at, big)
        if code in (0, _OPTION_PACKET_DROPS):
            return bool(code)
        length = _half_word(data, at + 2, big)
        at += 4 + length + (-length) % 4
    return False


@compiled
def _pcapng_record(data: Data, state: Numbers) -> int:
    """Find the next block, if it is an enhanced packet block of the first interface; the reader takes all others."""
    at, stop, big = state[POSITION], state[STOP], state[BIG]
    if stop - at < _BLOCK_HEAD:
        return MORE
    length = _word(data, at + 4, big)
    if _word(data, at, big) != ENHANCED or length < _SMALLEST or length % 4 or length > MAXIMUM_RECORD:
        return READER
    if stop - at < length:
        return MORE
    high, captured = _word(data, at + 12, big), _word(data, at + 20, big)
    ticks = (high << 32) | _word(data, at + 16, big)
    if _word(data, at + 8, big) or captured > length - _SMALLEST or ticks < 0 or ticks > state[MOST_TICKS]:
        return READER
    options = at + _PACKET_HEAD + captured + (-captured) % 4
    if _tells_drops(data, options, at + length - 4, big):
        return READER
    state[TIME] = ticks * state[TICK] + state[OFFSET]
    state[FRAME_AT], state[CAPTURED], state[ORIGINAL] = at + _PACKET_HEAD, captured, _word(data, at + 24, big)
    state[FOLLOWING] = at + length
    return FOUND


@compiled
def next_record(data: Data, state: Numbers) -> int:
    """Find the next packet of the file and note where it lies, how long it is and when it came."""
    code = _pcap_record(data, state) if state[HEADER] else _pcapng_record(data, state)
    if code == FOUND:
        state[NUMBER] += 1
    return code


@compiled
def take_record(state: Numbers) -> None:
    """Count the packet that was found, and go on behind it."""
    state[POSITION], state[CLOCK] = state[FOLLOWING], state[TIME]
    state[SEEN] += 1
    state[SHORTENED] += state[ORIGINAL] > state[CAPTURED]
    state[BLOCKS] += state[HEADER] == 0
